import attempts

for name, flags in {
    "no address randomization": 0x0040000,
    "read implies execute": 0x0400000,
    "32 bits": 8,
    "map page zero": 0x100000,
}.items():
    attempts.call(name, 135, flags)
attempts.report()
