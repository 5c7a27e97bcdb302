"""Code that can see nothing but its arguments is told from code that might see its tests."""

from __future__ import annotations

import importlib
import types

import pytest

from sandbox.attacks.arena import PROGRAMS
from sandbox.confined import ATTRIBUTES, MODULES, is_confined
from sandbox.model import BoxFile

FORGERIES = ("equal_to_all", "flip_at_the_end", "forged_text", "leave_early", "own_reporter", "patched", "planted")


def _confined(code: str, path: str = "solution.py") -> bool:
    return is_confined([BoxFile(path, code.encode())])


@pytest.mark.parametrize(
    "code",
    [
        "def add(a, b):\n    return a + b\n",
        "from __future__ import annotations\nimport math as m\nfrom typing import List\n\n"
        "def area(sides: List[int]) -> float:\n    return m.sqrt(sum(side ** 2 for side in sides))\n",
        "import re\nfrom collections import Counter\n\ndef words(text):\n"
        "    return Counter(re.findall('[a-z]+', text.lower())).most_common(1)\n",
        "def broken(value):\n    try:\n        return int(value)\n    except ValueError:\n        raise TypeError\n",
        "if __name__ == '__main__':\n    print('hello')\n",
    ],
)
def test_plain_functions_are_confined(code: str) -> None:
    assert _confined(code)


@pytest.mark.parametrize(
    "code",
    [
        "import sys\n",
        "import os.path\n",
        "from typing import get_type_hints\n",
        "from math import *\n",
        "from . import helper\n",
        "import math as __builtins__\n",
        "def f(): return (lambda: 0).__globals__\n",
        "def f(): return '{0.__class__}'.format(f)\n",
        "def f(): return '{x}'.format_map({'x': f})\n",
        "def f():\n    g = (1 for _ in ())\n    return g.gi_frame\n",
        "def f():\n    try: 1 / 0\n    except ZeroDivisionError as e: return e.with_traceback\n",
        "def f(x):\n    match x:\n        case object(__class__=kind): return kind\n",
        "import re\ndef f(): return re.enum.sys.modules\n",
        "import re\nre.sub = None\n",
        "import math\ndel math.floor\n",
        "f = getattr\n",
        "def f(): return eval('1')\n",
        "def f(): return __import__('gc')\n",
        "def f(): return __builtins__\n",
        "def f(): return type('A', (), {'__eq__': lambda s, o: True})()\n",
        "class Any:\n    def __eq__(self, other): return True\n",
        "def f(): raise SystemExit(0)\n",
        "def f(: broken\n",
        "def __getattr__(name): return 1\n",
    ],
)
def test_what_could_lead_elsewhere_is_not_confined(code: str) -> None:
    assert not _confined(code)


def test_no_forgery_of_the_attack_suite_is_confined() -> None:
    programs = [path for folder in FORGERIES for path in (PROGRAMS / folder).rglob("*.py") if path.read_text().strip()]
    assert len(programs) > 40
    assert [path for path in programs if _confined(path.read_text())] == []


def test_files_that_take_the_place_of_a_module_or_hold_other_code_are_not_confined() -> None:
    assert not _confined("def isclose(*a): return True\n", "math.py")
    assert not _confined("", "__init__.py") and not _confined("", "native.so")
    assert _confined("# Title", "README.md")


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_allowed_attribute_of_an_allowed_module_is_a_module(name: str) -> None:
    module = importlib.import_module(name)
    found = [getattr(module, attribute, None) for attribute in ATTRIBUTES]
    assert not any(isinstance(value, types.ModuleType) for value in found)
