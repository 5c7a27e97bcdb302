import glob
import os

import attempts

own = b"\0".join(f"{name}={value}".encode() for name, value in os.environ.items())
attempts.found("in the environment", attempts.canaries(own))
for kind in ("environ", "cmdline"):
    seen = []
    for path in glob.glob(f"/proc/[0-9]*/{kind}"):
        try:
            with open(path, "rb") as file:
                seen += attempts.canaries(file.read())
        except OSError:
            continue
    attempts.found(f"in the {kind} of a process", seen)
NAMES = {"HOME", "LANG", "LC_ALL", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONPATH", "PYTHONUTF8"}
NAMES |= {"SOURCE_DATE_EPOCH", "TMPDIR", "TZ", "PYTEST_VERSION", "PYTHONSAFEPATH", "PYTHONNOUSERSITE"}
attempts.found("variables of the host", sorted(set(os.environ) - NAMES))
attempts.report()
