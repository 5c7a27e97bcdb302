import attempts

zeros = attempts.ctypes.create_string_buffer(128)
attempts.call("bpf, load a program", 321, 5, zeros, 128)
attempts.call("bpf, make a map", 321, 0, zeros, 72)
attempts.call("perf_event_open", 298, zeros, 0, -1 & (1 << 64) - 1, -1 & (1 << 64) - 1, 0)
attempts.call("userfaultfd", 323, 0)
attempts.call("userfaultfd, user mode only", 323, 1)
attempts.call("lookup_dcookie", 212, 0, zeros, 128)
attempts.call("kcmp", 312, 1, 1, 0, 0, 0)
attempts.call("syslog", 103, 3, zeros, 128)
attempts.call("memfd_secret", 447, 0)
attempts.report()
