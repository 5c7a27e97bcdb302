import socket

import attempts

FAMILIES = {
    "netlink": (16, 3, 0),
    "netlink audit": (16, 3, 9),
    "vsock": (40, 1, 0),
    "alg": (38, 5, 0),
    "xdp": (44, 3, 0),
}
for name, arguments in FAMILIES.items():
    attempts.tried(name, lambda arguments=arguments: socket.socket(*arguments).close())
    # The kernel looks at 32 bits only; a filter that compares 64 would let this through.
    attempts.call(f"{name}, with high bits", 41, arguments[0] | 1 << 40, *arguments[1:])
attempts.report()
