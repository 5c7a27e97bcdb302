"""Programs that try to reach past the box: network, files, kernel, privileges (attacks 1-42). Each backend."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import UsageError
from sandbox.model import BoxFile, BoxRequest
from tests.support.boxes import LIMITS, Boxes

PRELUDE = """
import ctypes, errno, json, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def tried(work):
    try:
        return f"done {work()!r}"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error.errno))
def opened(path, flags=os.O_RDONLY):
    return tried(lambda: os.close(os.open(path, flags, 0o600)))
def call(number, *arguments):
    ctypes.set_errno(0)
    code = libc.syscall(number, *arguments)
    return "done" if code >= 0 else errno.errorcode.get(ctypes.get_errno(), "?")
"""


@pytest.fixture
def host_service() -> Iterator[int]:
    """A port on the host's loopback; the test fails if anyone connects."""
    server = socket.create_server(("127.0.0.1", 0))
    seen: list[object] = []
    thread = threading.Thread(target=lambda: _accept(server, seen), daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)
    assert seen == []


def _accept(server: socket.socket, seen: list[object]) -> None:
    try:
        seen.append(server.accept())
    except OSError:
        return


def test_no_network_is_reachable(boxes: Boxes, host_service: int) -> None:
    with socket.socket(socket.AF_UNIX) as abstract:
        name = f"nexus-{secrets.token_hex(8)}"
        abstract.bind("\0" + name)
        abstract.listen()
        found = boxes.facts(
            PRELUDE
            + f"""
def connect(address, family=socket.AF_INET):
    with socket.socket(family) as s:
        s.settimeout(1)
        s.connect(address)
print(json.dumps({{
    "internet": tried(lambda: connect(("1.1.1.1", 53))),
    "metadata": tried(lambda: connect(("169.254.169.254", 80))),
    "gateway": tried(lambda: connect(("172.17.0.1", 22))),
    "loopback": tried(lambda: connect(("127.0.0.1", {host_service}))),
    "abstract": tried(lambda: connect("\\0{name}", socket.AF_UNIX)),
    "lookup": tried(lambda: socket.gethostbyname("example.org")),
}}))
"""
        )
    assert not [name for name, what in found.items() if str(what).startswith("done")], found


def test_sockets_past_the_network_are_refused(boxes: Boxes) -> None:
    found = boxes.facts(
        PRELUDE
        + """
kinds = {"raw": (2, 3, 1), "packet": (17, 3, 768), "netlink": (16, 3, 0), "vsock": (40, 1, 0), "alg": (38, 5, 0)}
out = {}
for name, arguments in kinds.items():
    out[name] = tried(lambda: socket.socket(*arguments).close())
    out[name + " with high bits"] = call(41, ctypes.c_ulong(arguments[0] | 1 << 40), *arguments[1:])
print(json.dumps(out))
"""
    )
    assert not [name for name, what in found.items() if str(what).startswith("done")], found


def test_files_of_the_host_are_neither_read_nor_written(boxes: Boxes, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    secret.chmod(0o644)
    reading = [str(secret), str(Path.cwd() / "pyproject.toml"), "/etc/shadow", str(Path.home() / ".bashrc")]
    reading += ["/root", "/home", "/var/run/docker.sock", "/run/docker.sock", "/dev/mem", "/dev/kmsg", "/dev/vda"]
    found = boxes.facts(
        PRELUDE
        + f"""
flags = os.O_WRONLY | os.O_CREAT
print(json.dumps({{
    "read": {{path: opened(path) for path in {reading!r} if os.path.isfile(path) or not os.path.isdir(path)}},
    "lists": {{path: len(os.listdir(path)) for path in ("/root", "/home") if os.access(path, os.R_OK | os.X_OK)}},
    "write": {{d: opened(d + "/x", flags)
               for d in ("", "/usr", "/etc", "/usr/lib", "/opt/nexus/lib", "/opt/nexus/tools", "/dev")}},
}}))
"""
    )
    assert set(found["read"].values()) <= {"ENOENT", "EACCES", "EPERM", "ENXIO"}, found  # type: ignore[attr-defined]
    assert set(found["lists"].values()) <= {0}, found  # type: ignore[attr-defined]
    assert set(found["write"].values()) <= {"EROFS", "EACCES", "ENOENT", "EPERM"}, found  # type: ignore[attr-defined]


def test_kernel_settings_stay_out_of_reach(boxes: Boxes) -> None:
    before = Path("/proc/sys/kernel/core_pattern").read_text()
    found = boxes.facts(
        PRELUDE
        + """
paths = ["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches",
         "/proc/sys/kernel/hostname",
         "/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/memory/release_agent", "/proc/self/uid_map"]
out = {path: opened(path, os.O_WRONLY) for path in paths}
# Docker shows an empty device in the place of kcore.
out["/proc/kcore"] = "ok" if opened("/proc/kcore") != "done None" or os.stat("/proc/kcore").st_rdev else "done"
print(json.dumps(out))
"""
    )
    assert not [
        path for path, what in found.items() if str(what).startswith("done") and path != "/proc/self/uid_map"
    ], found
    assert Path("/proc/sys/kernel/core_pattern").read_text() == before


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers below are those of x86_64")
def test_dangerous_system_calls_are_refused(boxes: Boxes) -> None:
    found = boxes.facts(
        PRELUDE
        + """
numbers = dict(
    ptrace=101, process_vm_readv=310, process_vm_writev=311, bpf=321, perf_event_open=298, userfaultfd=323,
    io_uring_setup=425, io_uring_enter=426, keyctl=250, add_key=248, request_key=249, init_module=175,
    finit_module=313, delete_module=176, kexec_load=246, reboot=169, swapon=167, swapoff=168, settimeofday=164,
    clock_settime=227, sethostname=170, setdomainname=171, open_by_handle_at=304, personality=135, mount=165,
    umount2=166, pivot_root=155, chroot=161, setns=308, unshare=272, clone3=435, open_tree=428, move_mount=429,
    fsopen=430, mount_setattr=442, acct=163, quotactl=179, iopl=172, ioperm=173, kcmp=312, pidfd_getfd=438,
)
del numbers["unshare"], numbers["personality"]  # with a zero they are harmless, and allowed
out = {name: call(number, 0, 0, 0, 0, 0, 0) for name, number in numbers.items()}
out["unshare"] = call(272, 0x10000000)
out["unshare mounts"] = call(272, 0x10020000)
out["personality"] = call(135, 0x0040000)
out["clone a user namespace"] = call(56, ctypes.c_ulong(0x10000000 | 17), 0, 0, 0, 0)
print(json.dumps(out))
"""
    )
    assert {name: what for name, what in found.items() if what not in ("EPERM", "ENOSYS")} == {}


def test_a_terminal_cannot_be_typed_into(boxes: Boxes) -> None:
    found = boxes.facts(
        PRELUDE
        + """
import fcntl
print(json.dumps({
    "tty": opened("/dev/tty", os.O_RDWR),
    "stdin": tried(lambda: fcntl.ioctl(0, 0x5412, b"x")),
    "stdout": tried(lambda: fcntl.ioctl(1, 0x5412, b"x")),
}))
"""
    )
    assert not [name for name, what in found.items() if str(what).startswith("done")], found


def test_the_program_has_no_privileges_and_cannot_gain_any(boxes: Boxes) -> None:
    found = boxes.facts(
        PRELUDE
        + """
import subprocess
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
setuid = [p for d in ("/usr/bin", "/usr/sbin") for p in (os.path.join(d, n) for n in os.listdir(d))
          if os.path.isfile(p) and os.stat(p).st_mode & 0o6000]
print(json.dumps({
    "caps": [status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
    "nnp": status["NoNewPrivs"].strip(), "seccomp": status["Seccomp"].strip(), "uid": os.getuid(),
    "setuid": tried(lambda: os.setuid(0)), "setgid": tried(lambda: os.setgid(0)),
    "mknod": tried(lambda: os.mknod("/tmp/vda", 0o60600, os.makedev(254, 0))),
    "su": subprocess.run(["su", "-c", "id -u"], capture_output=True, stdin=subprocess.DEVNULL).stdout.decode().strip(),
}))
"""
    )
    assert set(found["caps"]) == {"0" * 16}  # type: ignore[call-overload]
    assert (found["nnp"], found["seccomp"], found["uid"]) == ("1", "2", 65534)
    assert {found["setuid"], found["setgid"]} <= {"EPERM", "EINVAL"} and found["mknod"] in ("EPERM", "EACCES")
    assert found["su"] != "0"


def test_secrets_of_the_host_are_not_in_the_box(boxes: Boxes, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = f"canary-{secrets.token_hex(16)}"
    monkeypatch.setenv("NEXUS_SECRET", canary)
    found = boxes.facts(
        PRELUDE
        + f"""
import glob
wanted = {canary[7:]!r}.encode()
seen = [" ".join(f"{{k}}={{v}}" for k, v in os.environ.items()).encode()]
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    try: seen.append(open(path, "rb").read())
    except OSError: pass
print(json.dumps({{
    "leaks": sum(wanted in text for text in seen), "names": sorted(os.environ),
    "pids": sorted(int(n) for n in os.listdir("/proc") if n.isdigit()), "own": os.getpid(),
    "fds": {{n: os.readlink(f"/proc/self/fd/{{n}}")
             for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{{n}}")}},
}}))
"""
    )
    assert found["leaks"] == 0
    names = {"HOME", "LANG", "LC_ALL", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONPATH"}
    assert set(found["names"]) <= names | {"PYTHONUTF8", "SOURCE_DATE_EPOCH", "TMPDIR", "TZ", "PYTEST_VERSION"}  # type: ignore[call-overload]
    assert found["pids"] == [1, found["own"]]
    places = dict(found["fds"])  # type: ignore[call-overload]
    assert not [place for place in places.values() if not place.startswith(("pipe:", "/dev/null", "/proc/"))], places


def test_nothing_is_left_for_the_next_run(boxes: Boxes) -> None:
    left = "import os\nfor d in ('/tmp', '/work', '/dev/shm'):\n    open(d + '/left.txt', 'w').close()\n"
    look = "import glob, json\nprint(json.dumps({'left': glob.glob('/*/left.txt') + glob.glob('/dev/shm/left.txt')}))\n"
    assert boxes.script(left).verdict == "passed"
    assert boxes.facts(look) == {"left": []}


@pytest.mark.parametrize(
    "path", ["../x.py", "/etc/x.py", "a/../../x.py", "a\0b", "", ".", "./x.py", "a//b.py", "a\\b.py", "x\n.py"]
)
def test_paths_out_of_the_work_folder_are_refused_before_the_run(box: Boxes, path: str) -> None:
    for request in (
        BoxRequest("script", (BoxFile(path, b""),), limits=LIMITS),
        BoxRequest("script", pristine=(BoxFile(path, b""),), limits=LIMITS),
        BoxRequest("pytest", select=(path,), limits=LIMITS),
    ):
        with pytest.raises(UsageError):
            box.run(request)


@pytest.mark.parametrize("name", ["-p evil", "--collect-only", "-x"])
def test_a_selection_cannot_be_an_option(box: Boxes, name: str) -> None:
    with pytest.raises(UsageError):
        box.run(BoxRequest("pytest", select=(name,), limits=LIMITS))
