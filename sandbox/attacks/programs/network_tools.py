import subprocess

import attempts

COMMANDS = {
    "bash /dev/tcp": ["bash", "-c", "exec 3<>/dev/tcp/1.1.1.1/53"],
    "sh": ["sh", "-c", "exec 3<>/dev/tcp/1.1.1.1/53"],
    "curl": ["curl", "-m", "2", "-sf", "https://1.1.1.1"],
    "wget": ["wget", "-T", "2", "-t", "1", "-q", "-O", "-", "http://1.1.1.1"],
    "ssh": ["ssh", "-o", "ConnectTimeout=2", "-o", "StrictHostKeyChecking=no", "1.1.1.1", "true"],
    "nc": ["nc", "-z", "-w", "2", "1.1.1.1", "53"],
    "ping": ["ping", "-c", "1", "-W", "1", "1.1.1.1"],
    "git": ["git", "ls-remote", "git://1.1.1.1/x"],
    "perl": ["perl", "-MIO::Socket::INET", "-e", "exit !IO::Socket::INET->new(PeerAddr=>'1.1.1.1:53',Timeout=>2)"],
    "apt-get": ["apt-get", "download", "-q", "hello"],
    "ip": ["ip", "link", "add", "x", "type", "dummy"],
}


def run(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=8)
    if done.returncode:
        raise OSError(f"status {done.returncode}")
    return done.stdout[:80]


for name, command in COMMANDS.items():
    try:
        attempts.tried(name, lambda command=command: run(command))
    except subprocess.TimeoutExpired:
        attempts.ANSWERS[name] = "no answer"
attempts.report()
