"""Files that hold secrets: never read into a prompt, never written by a model."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

_NAMES = (
    ".env", ".env.*", "*.env", ".envrc", "*.pem", "*.key", "*.p12", "*.pfx", "*.p8", "*.jks", "*.keystore", "*.kdbx",
    "*.kdb", "*.ppk", "*.asc", "*.gpg", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".pgpass",
    ".git-credentials", ".htpasswd", ".pypirc", "credentials", "credentials.*", "*credentials.json", "secrets",
    "secrets.*", "*.tfstate", "*.tfvars", "service-account*.json", "service_account*.json",
)  # fmt: skip
_FOLDERS = frozenset({".aws", ".ssh", ".gnupg", ".azure", ".kube", ".docker"})
_TEMPLATE = re.compile(r"\.(example|sample|template|dist|defaults?)$")
_SOURCE = (".py", ".ts", ".tsx", ".js", ".cs", ".md", ".html", ".css")
"""`secrets.py` and `credentials.ts` are code about secrets."""
_TOKEN_LINE = re.compile(r"(?im)^\s*[^#;\n]*(_authToken|_auth|_password)\s*=\s*[^\s$]")


def is_secret(path: str) -> bool:
    """Whether the name of a POSIX path alone says that it holds secrets."""
    parts = PurePosixPath(path.lower()).parts
    if not parts:
        return False
    name = parts[-1]
    if _FOLDERS.intersection(parts[:-1]):
        return True
    if _TEMPLATE.search(name) or name.endswith((".pub", *_SOURCE)):
        return False
    return any(fnmatchcase(name, pattern) for pattern in _NAMES)


def holds_token(path: str, text: str) -> bool:
    """Whether a package manager's settings file carries a registry token (one that names a variable does not)."""
    return PurePosixPath(path).name.lower() in (".npmrc", ".yarnrc", ".yarnrc.yml") and bool(_TOKEN_LINE.search(text))
