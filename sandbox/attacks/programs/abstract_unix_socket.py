import attempts

with open("/proc/net/unix") as sockets:
    attempts.found("listed", [line for line in sockets if attempts.BAIT["abstract"] in line])
for kind in (1, 2, 5):
    attempts.connect(f"type {kind}", "\0" + attempts.BAIT["abstract"], family=1, kind=kind)
attempts.report()
