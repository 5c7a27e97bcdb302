import attempts

for host in ("169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200"):
    attempts.connect(f"metadata {host}", (host, 80))
attempts.connect("metadata over IPv6", ("fd00:ec2::254", 80), family=10)
attempts.report()
