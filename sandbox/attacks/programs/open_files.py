import os

import attempts

keep = []


def many():
    while len(keep) < 100_000:
        keep.append(os.open("/dev/null", os.O_RDONLY))


attempts.tried("100,000 open files", many)
for fd in keep:
    os.close(fd)
attempts.report()
