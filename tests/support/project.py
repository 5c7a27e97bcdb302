"""A small real repository, a request for it, and what models of different talent answer."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

FILES = {
    "shop/__init__.py": "",
    "shop/prices.py": (
        'def total(prices: list[int]) -> int:\n    """Sum of prices in cents."""\n    return sum(prices)\n'
    ),
    "tests/test_prices.py": (
        "from shop.prices import total\n\n\ndef test_total():\n    assert total([100, 250]) == 350\n"
    ),
    "pyproject.toml": '[project]\nname = "shop"\nversion = "0"\n\n[tool.pytest.ini_options]\npythonpath = ["."]\n',
}

TRIVIAL = "Add a function `discount(price, percent)` to shop/prices.py that rounds half up."
"""Short and single-purpose: two model calls."""

REQUEST = (
    "Customers get discounts. Offer `discount(price, percent)` in the prices service, rounded half up, 0 to 100 only."
)
"""Goes through the analyst."""

GOOD = '''Added discount().

### shop/prices.py
```python
<<<<<<< SEARCH
    return sum(prices)
=======
    return sum(prices)


def discount(price: int, percent: int) -> int:
    """`price` less `percent`, rounded half up. Raises ValueError outside 0 to 100."""
    if not 0 <= percent <= 100:
        raise ValueError(f"percent must be 0 to 100, not {percent}")
    return (price * (100 - percent) + 50) // 100
>>>>>>> REPLACE
```
'''

WRONG = GOOD.replace(" + 50) // 100", ") // 100")
"""Rounds down."""

MEND = """Rounded half up.

### shop/prices.py
```python
<<<<<<< SEARCH
    return (price * (100 - percent)) // 100
=======
    return (price * (100 - percent) + 50) // 100
>>>>>>> REPLACE
```
"""

TESTS = """Tests for discount().

### tests/test_discount.py
```python
import pytest

from shop.prices import discount


@pytest.mark.parametrize(("price", "percent", "left"), [(1000, 10, 900), (5, 10, 5), (999, 0, 999), (10, 100, 0)])
def test_discount(price, percent, left):
    assert discount(price, percent) == left


@pytest.mark.parametrize("percent", [-1, 101])
def test_percent_out_of_range(percent):
    with pytest.raises(ValueError):
        discount(100, percent)
```
"""

ANALYSIS = json.dumps(
    {
        "summary": "Offer discount(price, percent).",
        "requirements": ["discount(price, percent) rounds half up", "percent outside 0 to 100 raises ValueError"],
        "acceptance": [
            {"given": "discount(1000, 10)", "expect": "900"},
            {"given": "discount(5, 10)", "expect": "5"},
            {"given": "discount(100, 101)", "expect": "ValueError"},
        ],
        "complexity": "simple",
        "languages": ["python"],
        "questions": [],
    }
)
REVIEW = json.dumps({"summary": "Does what was asked.", "findings": []})
MESSAGE = json.dumps({"subject": "Add discounts", "body": "Rounded half up.", "summary": "Discounts work."})

COMPETENT = {
    "answers": {
        "analyst": [f"```json\n{ANALYSIS}\n```"],
        "implementer": [GOOD],
        "tester": [TESTS],
        "reviewer": [f"```json\n{REVIEW}\n```"],
        "integrator": [f"```json\n{MESSAGE}\n```"],
    }
}
"""Right at the first try."""

LEARNER = {"answers": {**COMPETENT["answers"], "implementer": [WRONG, MEND]}}
"""Wrong once, then mends it from the evidence."""


def git(folder: Path, *args: str) -> str:
    return subprocess.run(
        ["git", "-c", "user.name=Test", "-c", "user.email=test@example.invalid", *args],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def make_project(folder: Path, with_git: bool = True) -> Path:
    """The repository, committed on `main` unless `with_git` is false."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if with_git:
        git(folder, "init", "-q", "-b", "main")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", "A small shop")
    return folder


def tree_of(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` but git's own and caches."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {".git", "__pycache__", ".pytest_cache"} & set(path.parts)
    }
