import os
import socket

os.unlink("data.json")
os.mkfifo("data.json")
os.unlink("other.json")
endpoint = socket.socket(socket.AF_UNIX)
endpoint.bind("other.json")
for source in ("/etc/passwd", "/usr/bin/env"):
    try:
        os.link(source, "linked")
    except OSError:
        pass
try:
    os.mknod("device", 0o60666, os.makedev(254, 0))
except OSError:
    pass
