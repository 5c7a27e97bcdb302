import attempts

parameters = attempts.ctypes.create_string_buffer(256)
attempts.call("io_uring_setup", 425, 8, parameters)
attempts.call("io_uring_enter", 426, 0, 1, 0, 0, 0)
attempts.call("io_uring_register", 427, 0, 0, 0, 0)
attempts.report()
