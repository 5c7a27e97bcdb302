import os

import attempts

NAMES = (
    "release_agent",
    "notify_on_release",
    "cgroup.procs",
    "tasks",
    "memory.limit_in_bytes",
    "memory.max",
    "devices.allow",
)
NAMES += ("pids.max", "cgroup.subtree_control", "cgroup.kill", "cgroup.freeze")
writable = []
for folder, _, names in os.walk("/sys/fs/cgroup"):
    for name in set(names) & set(NAMES):
        try:
            os.close(os.open(f"{folder}/{name}", os.O_WRONLY))
        except OSError:
            continue
        writable.append(f"{folder}/{name}")
attempts.found("control files that can be written", writable)
attempts.tried("make a control group", lambda: os.mkdir(f"/sys/fs/cgroup/{attempts.BAIT['token']}"))
for sort in (b"cgroup", b"cgroup2"):
    attempts.call(f"mount {sort.decode()}", 165, b"none", b"/tmp", sort, 0, b"memory")
attempts.report()
