import attempts

for host in ("1.1.1.1", "8.8.8.8", "93.184.215.14"):
    for port in (53, 80, 443):
        attempts.connect(f"tcp {host}:{port}", (host, port))
    attempts.connect(f"udp {host}:53", (host, 53), kind=2)
attempts.connect("tcp over IPv6", ("2606:4700:4700::1111", 53), family=10)
attempts.connect("broadcast", ("255.255.255.255", 9), kind=2)
attempts.report()
