"""Remembers what pytest, unittest and the builtins were before tested code was loaded, and names what changed.

Patching them is how a program makes its own failing tests pass; a test that patches and restores is not affected.
"""

from __future__ import annotations

import builtins
import sys
import types

from . import layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WATCHED = ("_pytest", "pluggy", "unittest.case", "unittest.suite", "unittest.loader", __package__)
_FREE_BUILTINS = {"print", "input", "open", "help", "exit", "quit", "breakpoint", "copyright", "credits", "license"}
_HOOKS: tuple[str, ...] = (
    "pytest_runtest",
    "pytest_pyfunc",
    "pytest_collect",
    "pytest_pycollect",
    "pytest_make",
    "pytest_report",
)
_HOOKS += ("pytest_itemcollected", "pytest_deselected", "pytest_exception", "pytest_assert", "pytest_session")

_Entry = tuple[types.ModuleType | type, str, object, object]


class Guard:
    """A snapshot, and the comparison with it."""

    def __init__(self, trusted_files: Iterable[str]) -> None:
        self._trusted = frozenset(trusted_files)
        self._entries: list[_Entry] = []
        self.violations: list[str] = []

    def snapshot(self) -> None:
        self._entries = [*_of_builtins(), *(entry for module in _watched_modules() for entry in _of_module(module))]

    def check(self) -> None:
        """Add to `violations` what is no longer as it was."""
        if self.violations:
            return
        for owner, name, value, code in self._entries:
            now = vars(owner).get(name)
            if (now is value and _code(now) is code) or self._by_trusted_code(now):
                continue
            self.violations.append(f"{getattr(owner, '__qualname__', owner.__name__)}.{name} was replaced")
            return
        if sys.gettrace() is not None or sys.getprofile() is not None:
            self.violations.append("a trace function was left installed")

    def check_plugin(self, plugin: object) -> None:
        """A plugin that decides outcomes must come from the project's own protected files or from a package."""
        where = _origin(plugin)
        if where in self._trusted or where.startswith("/opt/nexus/") or not where.startswith(layout.WORK):
            return
        if any(name.startswith(_HOOKS) for name in dir(plugin)):
            self.violations.append("the code under test registered a pytest plugin that decides outcomes")

    def _by_trusted_code(self, value: object) -> bool:
        """A pytest plugin of the project's packages may wrap pytest, as its protected conftest may."""
        code = _code(value)
        if not isinstance(code, types.CodeType):
            return False
        return code.co_filename in self._trusted or code.co_filename.startswith((layout.SITE, layout.TOOLS))


def _of_builtins() -> Iterator[_Entry]:
    for name, value in vars(builtins).items():
        if callable(value) and name not in _FREE_BUILTINS and not name.startswith("_"):
            yield builtins, name, value, None


def _watched_modules() -> Iterator[types.ModuleType]:
    for name, module in list(sys.modules.items()):
        if any(name == root or name.startswith(f"{root}.") for root in _WATCHED):
            yield module


def _of_module(module: types.ModuleType) -> Iterator[_Entry]:
    for name, value in list(vars(module).items()):
        if isinstance(value, types.FunctionType):
            yield module, name, value, _code(value)
        elif isinstance(value, type) and value.__module__ == module.__name__:
            yield module, name, value, None
            yield from _of_class(value)


def _of_class(owner: type) -> Iterator[_Entry]:
    for name, value in list(vars(owner).items()):
        if isinstance(value, types.FunctionType | property | staticmethod | classmethod):
            yield owner, name, value, _code(value)


def _code(value: object) -> object:
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    if isinstance(value, property):
        value = value.fget
    return getattr(value, "__code__", None) if isinstance(value, types.FunctionType) else None


def _origin(plugin: object) -> str:
    """File that defines a plugin (a module, or an instance of some class), or empty for a built-in one."""
    module = plugin if isinstance(plugin, types.ModuleType) else sys.modules.get(type(plugin).__module__)
    return str(getattr(module, "__file__", "") or "")
