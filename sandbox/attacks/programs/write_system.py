import os
import sys

import attempts

FLAGS = os.O_WRONLY | os.O_CREAT
token = attempts.BAIT["token"]
FOLDERS = ("", "/usr", "/usr/bin", "/usr/lib", "/etc", "/etc/cron.d", "/var", "/var/lib", "/root", "/home", "/boot")
FOLDERS += ("/opt", "/opt/nexus", "/opt/nexus/lib", "/opt/nexus/tools", "/dev", "/proc", "/sys", "/lib", "/run", "/mnt")
for folder in FOLDERS:
    attempts.opened(f"{folder}/{token}", FLAGS)
    attempts.tried(f"make a folder in {folder}/", lambda folder=folder: os.mkdir(f"{folder}/{token}-folder"))
for path in (
    "/etc/passwd",
    "/etc/ld.so.preload",
    "/bin/sh",
    sys.executable,
    os.__file__,
    "/opt/nexus/lib/nexus_harness/frames.py",
):
    path = os.path.realpath(path)
    attempts.opened(path, os.O_WRONLY)
    attempts.tried(f"change the mode of {path}", lambda path=path: os.chmod(path, 0o777))
    attempts.tried(f"remove {path}", lambda path=path: os.unlink(path))
    attempts.tried(f"move {path}", lambda path=path: os.rename(path, f"{path}.{token}"))
attempts.report()
