import attempts

handle = attempts.ctypes.create_string_buffer(b"\x08\0\0\0\x01\0\0\0" + b"\x02\0\0\0\0\0\0\0", 136)
root = attempts.os.open("/", attempts.os.O_RDONLY)
mount = attempts.ctypes.c_int()
attempts.call("name_to_handle_at", 303, root, b".", handle, attempts.ctypes.byref(mount), 0)
attempts.call("open_by_handle_at", 304, root, handle, 0)
attempts.report()
