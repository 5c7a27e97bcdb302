import socket
import struct

import attempts

hosts = {"172.17.0.1", "172.18.0.1", "10.0.2.2", "192.168.0.1", *attempts.BAIT["addresses"]}
with open("/proc/net/route") as routes:
    for line in routes.readlines()[1:]:
        hosts.add(socket.inet_ntoa(struct.pack("<L", int(line.split()[2], 16))))
for host in sorted(hosts):
    for port in (22, 80, 2375, attempts.BAIT["port"]):
        attempts.connect(f"{host}:{port}", (host, port))
attempts.tried("host.docker.internal", lambda: socket.gethostbyname("host.docker.internal"))
attempts.report()
