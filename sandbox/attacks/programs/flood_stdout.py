import os

for _ in range(1 << 14):
    os.write(1, b"x" * 65536)
