import attempts

for host in ("127.0.0.1", "127.0.0.2", "0.0.0.0"):
    attempts.connect(f"the host's service at {host}", (host, attempts.BAIT["port"]))
attempts.connect("the host's service over IPv6", ("::1", attempts.BAIT["port"]), family=10)
attempts.report()
