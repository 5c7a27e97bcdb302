"""Made-up modules and names are found; whatever might exist is given the benefit of the doubt."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hallucination_detector import HallucinationDetector, Issue, ReferenceContext
from sandbox.model import PythonEnvironment

ENVIRONMENT = PythonEnvironment(
    (3, 11), frozenset(sys.stdlib_module_names), frozenset({"numpy", "requests", "acme", "pytest"})
)
SHOP = {
    "shop/__init__.py": "from .price import total\n",
    "shop/price.py": (
        "import os\nRATE: float = 0.2\ndef total(): ...\nclass Basket: ...\nif os.name == 'x':\n    extra = 1\n"
    ),
    "shop/lazy.py": "def __getattr__(name): ...\n",
    "shop/loose.py": "globals().update(a=1)\n",
    "shop/stars.py": "from .price import *\nfrom os.path import *\n",
    "shop/relay.py": "from .price import *\n",
    "shop/sub/__init__.py": "",
    "shop/sub/deep.py": "value = 1\ndef _setup():\n    global late\n    late = 2\n",
    "src/laid/__init__.py": "",
    "src/laid/out.py": "x = 1\n",
    "space/part/thing.py": "y = 1\n",
    "tests/helpers.py": "def helper(): ...\n",
    "scripts/json.py": "mine = 1\n",
    "scripts/numpy.py": "mine = 1\n",
    "plugins/broken.py": "def (\n",
    "native/fast.cpython-311-x86_64-linux-gnu.so": "",
    "pyproject.toml": (
        "[project]\ndependencies = ['PyYAML>=6', 'left-pad']\n[dependency-groups]\ndev = ['pytest-timeout']\n"
    ),
    "requirements-dev.txt": "# tools\nbeautifulsoup4==4.1\n-r other.txt\n",
    "setup.cfg": "[options]\ninstall_requires =\n    python-dateutil\n",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("workspace")
    for path, text in SHOP.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def check(root: Path, text: str, path: str = "shop/new.py", before: str | None = None) -> list[Issue]:
    base = {} if before is None else {path: textwrap.dedent(before).encode()}
    context = ReferenceContext.of_workspace(ENVIRONMENT, root, base)
    return HallucinationDetector().check_references({path: textwrap.dedent(text).encode()}, context)


REAL = [
    "import os, os.path, json",
    "import numpy.linalg as la",
    "import requests",
    "import shop.price",
    "from shop import total, price, sub",
    "from shop.price import RATE, Basket, extra",
    "from shop.sub.deep import late",
    "from shop.relay import Basket",
    "from . import price",
    "from .price import total",
    "from .sub.deep import value",
    "from .sub import deep",
    "import laid.out",
    "from laid.out import x",
    "from space.part.thing import y",
    "from helpers import helper",
    "from tests.helpers import helper",
    "from native.fast import anything",
    "import fast",
    "from __future__ import annotations",
    "from shop.price import *",
    "from shop.new import anything_here",
    "from json import loads",
    "from numpy import array",
]


@pytest.mark.parametrize("line", REAL)
def test_what_exists_is_never_reported(workspace: Path, line: str) -> None:
    assert check(workspace, f"{line}\nanything_here = 1\n") == []


UNREADABLE = [
    "from shop.lazy import x",
    "from shop.loose import x",
    "from shop.stars import x",
    "from plugins.broken import x",
]


@pytest.mark.parametrize("line", UNREADABLE)
def test_what_only_running_would_tell_is_not_reported(workspace: Path, line: str) -> None:
    assert check(workspace, line) == []


MADE_UP = {
    "import nunpy": ("module", "numpy"),
    "import numpyx.linalg": ("module", "numpy"),
    "from reqests import get": ("module", "requests"),
    "import shop.prices": ("module", "shop.price"),
    "from shop.pricing.tax import vat": ("module", "shop.price"),
    "from shop import totals": ("name", "total"),
    "from shop.price import Baskets": ("name", "Basket"),
    "from shop.sub.deep import valu": ("name", "value"),
    "from .prise import total": ("module", "price"),
    "from .price import totl": ("name", "total"),
    "from . import pric": ("name", "price"),
    "from ... import up": ("module", None),
    "from laid.ouch import x": ("module", None),
    "from shop.price.total import x": ("module", None),
    "def f():\n    import nunpy": ("module", "numpy"),
    "import importlib\nimportlib.import_module('nunpy')": ("module", "numpy"),
}


@pytest.mark.parametrize("text", MADE_UP)
def test_what_does_not_exist_is_confirmed_with_the_nearest_real_name(workspace: Path, text: str) -> None:
    kind, near = MADE_UP[text]
    issues = check(workspace, text)
    assert [(issue.level, issue.kind) for issue in issues] == [("CONFIRMED", kind)]
    if near is not None:
        assert near in issues[0].suggestions
        assert near in issues[0].to_finding().fix


GUARDED = [
    "try:\n    import nunpy\nexcept ImportError:\n    nunpy = None",
    "try:\n    import simplejzon\nexcept ModuleNotFoundError:\n    import reqests",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from nunpy import array",
    "import importlib.util\nif importlib.util.find_spec('nunpy'):\n    import nunpy",
    "import sys\nif sys.version_info >= (3, 14):\n    import newlib\nelse:\n    import oldlib",
    "import sys\nif sys.platform == 'win32':\n    import winlib",
    "import pytest\nnunpy = pytest.importorskip('nunpy')\nfrom nunpy import array",
    "import contextlib\nwith contextlib.suppress(ImportError):\n    import nunpy",
]


@pytest.mark.parametrize("text", GUARDED)
def test_an_import_that_may_fail_safely_is_not_reported(workspace: Path, text: str) -> None:
    assert check(workspace, text) == []


def test_a_guard_for_another_error_is_no_guard(workspace: Path) -> None:
    assert len(check(workspace, "try:\n    import nunpy\nexcept ValueError:\n    pass")) == 1


@pytest.mark.parametrize("module", ["yaml", "left_pad", "bs4", "dateutil", "pytest_timeout"])
def test_a_declared_dependency_is_only_not_installed(workspace: Path, module: str) -> None:
    (issue,) = check(workspace, f"import {module}")
    assert issue.level == "UNKNOWN"
    assert "not installed in the sandbox" in issue.message
    assert not issue.to_finding().blocking


def test_an_installed_copy_of_the_project_does_not_hide_a_missing_name(tmp_path: Path) -> None:
    (tmp_path / "src" / "acme").mkdir(parents=True)
    (tmp_path / "src" / "acme" / "__init__.py").write_text("def run(): ...\n")
    assert [issue.kind for issue in check(tmp_path, "from acme import rum", "a.py")] == ["name"]
    assert [issue.kind for issue in check(tmp_path, "import acme.missing", "a.py")] == ["module"]


def test_a_namespace_shared_with_installed_packages_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "acme" / "mine").mkdir(parents=True)
    (tmp_path / "acme" / "mine" / "__init__.py").touch()
    assert check(tmp_path, "import acme.theirs", "a.py") == []


def test_a_sibling_imported_without_its_package_is_likely_wrong(workspace: Path) -> None:
    (issue,) = check(workspace, "from price import total")
    assert (issue.level, issue.suggestions) == ("LIKELY", (".price",))


def test_two_modules_of_one_name_leave_a_doubt(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "util.py").write_text("a = 1\n")
    assert [issue.level for issue in check(tmp_path, "from util import b", "x.py")] == ["LIKELY"]


def test_only_lines_the_attempt_wrote_are_judged(workspace: Path) -> None:
    before = "import nunpy\nfrom shop.price import gone\n"
    after = "import os\nfrom shop.price import (\n    gone,\n)\nimport nunpy\nimport reqests\n"
    assert [issue.reference for issue in check(workspace, after, before=before)] == ["reqests"]


def test_the_message_says_where_was_looked_and_where_the_name_lives(workspace: Path) -> None:
    (issue,) = check(workspace, "from shop.sub.deep import Basket")
    assert issue.message == "`Basket` is not defined in shop/sub/deep.py; shop/price.py defines it."
    (issue,) = check(workspace, "import qqqzzz")
    assert "Python 3.11" in issue.message and "workspace" in issue.message and "declares" in issue.message


def test_files_of_the_attempt_see_each_other(workspace: Path) -> None:
    context = ReferenceContext.of_workspace(ENVIRONMENT, workspace, {})
    code = {"fresh/__init__.py": b"", "fresh/a.py": b"x = 1\n", "fresh/b.py": b"from fresh.a import x, y\n"}
    assert [issue.reference for issue in HallucinationDetector().check_references(code, context)] == ["fresh.a.y"]


def test_the_score_is_the_confirmed_share_of_all_checked_references(workspace: Path) -> None:
    context = ReferenceContext.of_workspace(ENVIRONMENT, workspace, {})
    code = {"a.py": b"import os\nimport nunpy\nimport yaml\nfrom shop import total\n"}
    detector = HallucinationDetector()
    issues = detector.check_references(code, context)
    assert {issue.level for issue in issues} == {"CONFIRMED", "UNKNOWN"}
    assert detector.count_references(code, context) == 4
    assert detector.score(issues, 4) == 0.25
    assert detector.score([], 0) == 0.0


def test_unreadable_code_has_no_references(workspace: Path) -> None:
    assert check(workspace, "import nunpy\ndef (") == []
    assert check(workspace, "\x00") == []


def test_the_standard_library_read_as_a_workspace_names_nothing_made_up() -> None:
    """Real code is the best collection of odd imports: none of it may be called made up."""
    root = Path(sys.modules["json"].__file__ or "").parents[1]
    for package in ("asyncio", "concurrent", "email", "json", "logging", "unittest", "xml"):
        files = [path for path in sorted((root / package).rglob("*.py")) if "test" not in path.parts]
        code = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
        paths = frozenset(code)
        environment = PythonEnvironment((3, 11), ENVIRONMENT.stdlib - {package}, frozenset())
        context = ReferenceContext(environment, paths, code.get, {})
        issues = HallucinationDetector().check_references(code, context)
        assert [issue for issue in issues if issue.level == "CONFIRMED"] == []
        assert HallucinationDetector().count_references(code, context) > 5


@given(name=st.from_regex(r"\A[a-z_]{1,12}(\.[a-z_]{1,12}){0,3}\Z"), level=st.integers(0, 4))
def test_any_import_is_judged_without_an_error(name: str, level: int) -> None:
    files = {"a/__init__.py": b"", "a/b.py": b"c = 1\n", "d.py": b""}
    context = ReferenceContext(ENVIRONMENT, frozenset(files), files.get, {})
    code = {"a/new.py": f"from {'.' * level}{name} import x\n".encode()}
    assert len(HallucinationDetector().check_references(code, context)) <= 1
