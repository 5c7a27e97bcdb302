import os

with open("/tmp/ran-at-build-time", "w") as file:
    file.write("x")
os._exit(0)
