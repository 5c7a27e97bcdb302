import os
import stat

import attempts

NAMES = (
    "mem kmem kmsg port vda vda1 sda sda1 nvme0n1 xvda dm-0 loop0 loop-control kvm fuse net/tun vhost-net vhost-vsock"
)
NAMES += " mapper/control userfaultfd snapshot rtc0 watchdog input/event0 dri/card0 cpu/0/msr autofs ppp vsock bpf"
for name in NAMES.split():
    attempts.opened(f"/dev/{name}", os.O_RDWR)
blocks = []
for folder, _, names in os.walk("/dev"):
    blocks += [f"{folder}/{name}" for name in names if stat.S_ISBLK(os.lstat(f"{folder}/{name}").st_mode)]
attempts.found("a disk under any name", blocks)
attempts.report()
