"""What the operating system refuses, as one sentence with a remedy: disk full, no permission, out of handles."""

from __future__ import annotations

import errno
import os

from config.errors import ConfigError

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NO_PERMISSION = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_HANDLES = frozenset({errno.EMFILE, errno.ENFILE})


def disk_is_full(error: BaseException) -> bool:
    """No space, no quota, or a file larger than this process may write."""
    return isinstance(error, OSError) and error.errno in _DISK_FULL


def explain_os_error(error: OSError) -> ConfigError | None:
    """The error in words; None for one that says nothing about this machine and so is not foreseen."""
    path = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else ""
    if disk_is_full(error):
        where = f" to write {path}" if path else ""
        return ConfigError(
            f"There is no space left{where} ({error.strerror}).", "Free some space; `--resume` continues the run."
        )
    if error.errno in _NO_PERMISSION and path:
        return ConfigError(f"{path} cannot be used ({error.strerror}).", "Mend its permissions.")
    if error.errno in _NO_HANDLES:
        return ConfigError(f"Too many files are open ({error.strerror}).", "Raise the limit: `ulimit -n 4096`.")
    return None
