import os

import attempts

others = sorted({int(name) for name in os.listdir("/proc") if name.isdigit()} - {1, os.getpid()})
attempts.found("processes in /proc", others)
reached = []
for number in range(2, 40_000):
    if number != os.getpid():
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            continue
        except PermissionError:
            pass
        reached.append(number)
attempts.found("processes that can be signalled", reached)
attempts.report()
