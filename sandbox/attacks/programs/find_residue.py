import os

import attempts

seen = []
for folder, _, names in os.walk("/"):
    if not folder.startswith(("/proc", "/sys", "/usr")):
        seen += [f"{folder}/{name}" for name in names if attempts.BAIT["token"] in name]
attempts.found("a file that the run before left", seen)
attempts.found("its shared memory", attempts.LIBC.shmget(0x1337, 4096, 0) >= 0)
attempts.found("its environment", os.environ.get("LEFT"))
attempts.report()
