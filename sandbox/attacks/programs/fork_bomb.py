import errno
import os
import signal

made, why = 0, 0
try:
    while made < 20_000:
        if os.fork() == 0:
            signal.pause()
        made += 1
except OSError as error:
    why = error.errno
print(made, errno.errorcode.get(why))
