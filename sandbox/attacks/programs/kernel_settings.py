import os
import stat

import attempts

FLAGS = os.O_WRONLY | os.O_NONBLOCK
writable = []
for root in ("/proc/sys", "/sys"):
    for folder, _, names in os.walk(root):
        for name in names:
            path = f"{folder}/{name}"
            try:
                os.close(os.open(path, FLAGS))
            except OSError:
                continue
            writable.append(path)
attempts.found("settings that can be written", writable)
for path in ("/proc/sysrq-trigger", "/proc/irq/0/smp_affinity", "/proc/mtrr", "/proc/fs", "/proc/bus/pci/00/00.0"):
    attempts.opened(path, os.O_WRONLY)
for path in ("/proc/kcore", "/proc/kallsyms", "/proc/keys", "/proc/sched_debug", "/proc/kpageflags"):
    # Docker shows an empty device where kcore would be, and kallsyms without addresses is of no use.
    try:
        with open(path, "rb") as file:
            content = b"" if stat.S_ISCHR(os.fstat(file.fileno()).st_mode) else file.read(4096)
    except OSError:
        content = b""
    if path == "/proc/kallsyms":
        content = b"".join(line for line in content.splitlines() if not line.startswith(b"0000000000000000"))
    attempts.found(f"what {path} tells", content.strip()[:60])
attempts.report()
