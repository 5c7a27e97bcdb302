import os

import attempts

for path in attempts.BAIT["files"]:
    attempts.opened(path)
for number in ("1", "self"):
    attempts.found(
        f"the host through /proc/{number}/root",
        [path for path in attempts.BAIT["files"] if os.path.exists(f"/proc/{number}/root{path}")],
    )
for folder in ("/root", "/home", "/srv", "/mnt", "/media", "/host", "/var/lib/nexus-sandbox"):
    try:
        attempts.found(f"list {folder}", os.listdir(folder))
    except OSError:
        attempts.found(f"list {folder}", [])
seen = []
for folder, _, names in os.walk("/"):
    if folder.startswith(("/proc", "/sys")):
        continue
    seen += [f"{folder}/{name}" for name in names if attempts.BAIT["token"] in name]
attempts.found("a file with the token in its name", seen)
attempts.report()
