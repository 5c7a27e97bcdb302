import os

import attempts

for number in ("1", "self"):
    for kind in ("mnt", "net", "pid", "user", "ipc", "uts", "cgroup", "time"):
        try:
            fd = os.open(f"/proc/{number}/ns/{kind}", os.O_RDONLY)
        except OSError as error:
            attempts.ANSWERS[f"{kind} of {number}"] = attempts.errno.errorcode[error.errno]
            continue
        attempts.call(f"setns {kind} of {number}", 308, fd, 0)
        os.close(fd)
attempts.call("setns by pidfd", 308, os.pidfd_open(os.getpid()), 0x20000)
attempts.report()
