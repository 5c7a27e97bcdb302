import os
import stat

import attempts

DEVICES = {
    "disk": (stat.S_IFBLK, 254, 0),
    "sda": (stat.S_IFBLK, 8, 0),
    "mem": (stat.S_IFCHR, 1, 1),
    "kmsg": (stat.S_IFCHR, 1, 11),
}
for folder in ("/tmp", "/work", "/dev/shm"):
    for name, (kind, major, minor) in DEVICES.items():
        path = f"{folder}/{name}"
        attempts.tried(
            f"make {path}", lambda path=path, kind=kind, n=(major, minor): os.mknod(path, kind | 0o666, os.makedev(*n))
        )
attempts.report()
