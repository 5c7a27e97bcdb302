import os

import attempts

attempts.tried("setuid", lambda: os.setuid(0))
attempts.tried("setresuid", lambda: os.setresuid(0, 0, 0))
attempts.tried("seteuid", lambda: os.seteuid(0))
attempts.tried("setgid", lambda: os.setgid(0))
attempts.tried("setresgid", lambda: os.setresgid(0, 0, 0))
attempts.tried("setgroups", lambda: os.setgroups([0]))
header = (attempts.ctypes.c_uint32 * 2)(0x20080522, 0)
wanted = (attempts.ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)
attempts.call("capset", 126, header, wanted)
attempts.call("raise an ambient capability", 157, 47, 2, 21, 0, 0)
attempts.found("identity 0", [kind for kind, value in zip("ug", (os.geteuid(), os.getegid())) if value == 0])
attempts.report()
