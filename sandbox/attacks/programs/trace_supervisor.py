import os
import signal

import attempts

PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206
attempts.call("attach to process 1", 101, PTRACE_ATTACH, 1, 0, 0)
attempts.call("seize process 1", 101, PTRACE_SEIZE, 1, 0, 0)
buffer = attempts.ctypes.create_string_buffer(64)
vector = (attempts.ctypes.c_ulong * 2)(attempts.ctypes.addressof(buffer), 64)
attempts.call("process_vm_readv", 310, 1, vector, 1, vector, 1, 0)
attempts.call("process_vm_writev", 311, 1, vector, 1, vector, 1, 0)
attempts.call("pidfd_getfd", 438, os.pidfd_open(1), 0, 0)
attempts.call("process_madvise", 440, os.pidfd_open(1), vector, 1, 4, 0)
for name in ("mem", "environ", "maps", "fd/0", "fd/1", "auxv", "stack", "syscall", "root", "cwd", "exe"):
    attempts.tried(f"read /proc/1/{name}", lambda name=name: open(f"/proc/1/{name}", "rb").read(1))
try:
    attempts.found("its descriptors", os.listdir("/proc/1/fd"))
except OSError:
    attempts.found("its descriptors", [])
attempts.opened("/proc/1/mem", os.O_RDWR)
attempts.tried("lower its limits", lambda: __import__("resource").prlimit(1, 7, (0, 0)))
for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV, signal.SIGBUS):
    os.kill(1, number)
attempts.report()
