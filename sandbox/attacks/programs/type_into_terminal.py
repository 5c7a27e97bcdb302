import fcntl
import os

import attempts

attempts.opened("/dev/tty", os.O_RDWR)
for number in range(3):
    attempts.tried(f"TIOCSTI on {number}", lambda number=number: fcntl.ioctl(number, 0x5412, b"x"))
    attempts.tried(f"TIOCLINUX on {number}", lambda number=number: fcntl.ioctl(number, 0x541C, b"\x03"))
for path in ("/dev/console", "/dev/pts/0", "/dev/pts/1", "/dev/tty0", "/dev/vcs"):
    attempts.tried(
        f"TIOCSTI on {path}", lambda path=path: fcntl.ioctl(os.open(path, os.O_RDWR | os.O_NONBLOCK), 0x5412, b"x")
    )
attempts.report()
