import attempts

attempts.call("add_key", 248, b"user", attempts.BAIT["token"].encode(), b"x", 1, -3 & (1 << 64) - 1)
attempts.call("request_key", 249, b"user", b"any", 0, 0)
attempts.call("keyctl, join a session", 250, 1, 0)
attempts.call("keyctl, describe the session", 250, 6, -3 & (1 << 64) - 1, 0, 0)
attempts.report()
