import os
import stat

import attempts

strange = []
for number in range(1024):
    try:
        seen = os.fstat(number)
        place = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        continue
    # Input is nothing, output and rows are pipes to the supervisor; all else came with us by mistake.
    if not (stat.S_ISFIFO(seen.st_mode) or place == "/dev/null"):
        strange.append((number, place))
attempts.found("descriptors beyond pipes and /dev/null", strange)
child = os.popen("ls -l /proc/self/fd 2>/dev/null | wc -l").read()
attempts.found("descriptors that a program we start inherits", int(child or 0) > 6 and child)
attempts.report()
