import socket

import attempts

KINDS = {
    "raw ICMP": (2, 3, 1),
    "raw IP": (2, 3, 255),
    "raw ICMP over IPv6": (10, 3, 58),
    "packet": (17, 3, 768),
    "packet, cooked": (17, 2, 768),
}
for name, arguments in KINDS.items():
    attempts.tried(name, lambda arguments=arguments: socket.socket(*arguments).close())
attempts.report()
