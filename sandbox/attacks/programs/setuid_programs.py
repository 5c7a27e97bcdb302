import os
import subprocess

import attempts

COMMANDS = {
    "su": ["su", "-c", "id -u"],
    "sudo": ["sudo", "-n", "id", "-u"],
    "pkexec": ["pkexec", "id", "-u"],
    "mount": ["mount", "-t", "tmpfs", "none", "/tmp"],
    "newuidmap": ["newuidmap", str(os.getpid()), "0", "0", "1"],
    "ping": ["ping", "-c", "1", "-W", "1", "127.0.0.1"],
    "bwrap": ["bwrap", "--ro-bind", "/", "/", "id", "-u"],
    "unshare": ["unshare", "-Ur", "id", "-u"],
}


def run(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=8)
    if done.returncode or (done.stdout.strip() != b"0" and command[0] not in ("mount", "newuidmap")):
        raise OSError(f"status {done.returncode}")
    return done.stdout[:20]


for name, command in COMMANDS.items():
    attempts.tried(name, lambda command=command: run(command))
# Each program of the box that has the bit: what it runs as is seen from inside it.
gained = []
for folder in ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/libexec"):
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        path = f"{folder}/{name}"
        if os.path.isfile(path) and os.stat(path).st_mode & 0o6000:
            child = subprocess.Popen(
                [path, "--help"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                with open(f"/proc/{child.pid}/status") as status:
                    fields = dict(line.split(":", 1) for line in status if ":" in line)
                if "0" in fields["Uid"].split() or int(fields["CapEff"], 16):
                    gained.append(path)
            except (OSError, KeyError):
                pass
            child.kill()
            child.wait()
attempts.found("programs that ran with more than we have", gained)
attempts.report()
