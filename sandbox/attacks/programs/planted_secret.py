import os

import attempts

PLACES = ("/tmp", "/work", "/dev/shm", "/etc", "/opt", "/var", "/run", "/home", "/root", "/srv")
seen = []
for place in PLACES:
    for folder, _, names in os.walk(place):
        for name in names:
            path = f"{folder}/{name}"
            # This program's own file speaks of the canary, but does not hold one.
            try:
                if os.path.getsize(path) < 4_000_000 and not os.path.islink(path):
                    with open(path, "rb") as file:
                        if attempts.canaries(file.read()):
                            seen.append(path)
            except OSError:
                continue
attempts.found("in files", seen)
with open("/proc/self/mountinfo", "rb") as file:
    text = file.read()
attempts.found("in the mounts", attempts.canaries(text))
attempts.report()
