import os

import attempts

token = attempts.BAIT["token"]
for folder in ("/tmp", "/work", "/dev/shm", "/var/tmp", "/run", "/run/lock", "/dev/mqueue"):
    try:
        with open(f"{folder}/{token}", "w") as file:
            file.write(token)
    except OSError:
        pass
os.environ["LEFT"] = token
segment = attempts.LIBC.shmget(0x1337, 4096, 0o1666)
attempts.LIBC.shmat.restype = attempts.ctypes.c_void_p
place = attempts.LIBC.shmat(segment, None, 0)
if place and place != attempts.ctypes.c_void_p(-1).value:
    attempts.ctypes.memmove(place, token.encode(), len(token))
attempts.report()
