import os

import attempts

# Opening is enough to know; nothing is written, for the setting would be the host's.
for name in ("core_pattern", "core_uses_pid", "modprobe", "hotplug", "poweroff_cmd", "usermodehelper/inheritable"):
    attempts.opened(f"/proc/sys/kernel/{name}", os.O_WRONLY)
    attempts.opened(f"/proc/self/root/proc/sys/kernel/{name}", os.O_WRONLY)
attempts.report()
