import errno
import os

made, why = 0, 0
try:
    while made < 200_000:
        os.close(os.open(f"/tmp/{made}", os.O_WRONLY | os.O_CREAT))
        made += 1
except OSError as error:
    why = error.errno
print(made, errno.errorcode.get(why))
