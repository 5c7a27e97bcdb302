"""Where things are in the box; the same in every backend."""

from __future__ import annotations

LIBRARY = "/opt/nexus/lib"
"""The harness, as the package `nexus_harness`."""
TOOLS = "/opt/nexus/tools"
"""pytest and what it needs."""
SITE = "/opt/nexus/site"
"""The packages of the project under test, when it has a virtual environment."""
TOOLCHAIN = "/opt/nexus/toolchain"
"""Compiler, runtime and test runner of a language other than Python; empty for Python."""
PACKAGES = f"{TOOLCHAIN}/node_modules"
"""npm packages that come with a toolchain."""
WORK = "/work"
TMP = "/tmp"  # noqa: S108 - the box's own tmpfs
PACKAGE = "nexus_harness"
BOOT = f"import sys; sys.path.insert(0, {LIBRARY!r}); from {PACKAGE}.supervisor import main; main()"
"""Program text of the supervisor."""
START = ("-S", "-s", "-P", "-B", "-c", BOOT)
"""The interpreter's arguments: nothing but the standard library is on its path. Its environment is the tested
process's, which is a fork of it."""
