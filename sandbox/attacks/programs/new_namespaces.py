import attempts

KINDS = {"user": 0x10000000, "mount": 0x20000, "network": 0x40000000, "process": 0x20000000, "ipc": 0x8000000}
KINDS |= {"uts": 0x4000000, "control group": 0x2000000, "user and mount": 0x10020000, "user and network": 0x50000000}
for name, flag in KINDS.items():
    attempts.call(f"unshare {name}", 272, flag)
    attempts.call(f"clone {name}", 56, flag | 17, 0, 0, 0, 0)
    arguments = (attempts.ctypes.c_ulong * 11)(flag, 0, 0, 0, 17)
    attempts.call(f"clone3 {name}", 435, arguments, 88)
attempts.opened("/proc/self/uid_map", attempts.os.O_RDONLY)
attempts.ANSWERS = {name: answer for name, answer in attempts.ANSWERS.items() if "uid_map" not in name}
attempts.report()
