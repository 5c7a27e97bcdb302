import os

import attempts

PLACES = ("docker.sock", "containerd/containerd.sock", "podman/podman.sock", "crio/crio.sock")
PLACES += ("dbus/system_bus_socket", "systemd/private", "snapd.socket")
for place in PLACES:
    for folder in ("/var/run", "/run"):
        path = f"{folder}/{place}"
        attempts.tried(f"look at {path}", lambda path=path: os.stat(path).st_mode)
        attempts.connect(f"connect to {path}", path, family=1)
attempts.report()
