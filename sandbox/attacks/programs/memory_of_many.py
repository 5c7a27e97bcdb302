import os
import time

for _ in range(8):
    if os.fork() == 0:
        keep = bytearray(os.urandom(1 << 20)) * 100
        time.sleep(30)
for _ in range(8):
    os.wait()
