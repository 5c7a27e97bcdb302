"""Mutants: wrong versions of exactly the code that was written, and of nothing else."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checks.mutants import Mutant
from core.checks.python_mutation import make_mutants

CODE = textwrap.dedent('''
    """Prices, 20 percent off."""
    import logging

    LIMIT: int = 10

    def total(items: list[int], rate: float = 2) -> int:
        """Add 1 and 2."""
        if not items:
            raise ValueError("expected 1 item")
        result = 0
        for item in items:
            if item > LIMIT and item != 7:
                logging.info("skipping %d", 1)
                continue
            result += item * rate
        print("done", 3)
        items.clear()
        return result

    class Basket:
        def __repr__(self) -> str:
            return "Basket" + str(4)

    if __name__ == "__main__":
        total([5])
''').encode()


def descriptions(mutants: tuple[Mutant, ...]) -> set[str]:
    return {mutant.description for mutant in mutants}


def mutants_of(text: str, limit: int = 50) -> set[str]:
    return descriptions(make_mutants(None, text.encode(), "a.py", limit, 0))


@pytest.mark.parametrize(
    ("text", "description"),
    [
        ("x = a < b\n", "`<` became `<=`"),
        ("x = a == b\n", "`==` became `!=`"),
        ("x = a in b\n", "`in` became `not in`"),
        ("x = a is None\n", "`is` became `is not`"),
        ("x = a + b\n", "`+` became `-`"),
        ("x += a\n", "`+=` became `-=`"),
        ("x = 5\n", "`5` became `6`"),
        ("x = 5\n", "`5` became `4`"),
        ("x = True\n", "`True` became `False`"),
        ("x = a and b\n", "`and` became `or`"),
        ("if a:\n    b()\n", "`a` was negated"),
        ("if not a:\n    b()\n", "`not` was dropped from `not a`"),
        ("def f():\n    return a\n", "`return a` became `return None`"),
        ("save(a)\n", "`save(a)` was removed"),
        ("self.a = b\n", "`self.a = b` was removed"),
    ],
)
def test_each_kind_of_mistake_is_made(text: str, description: str) -> None:
    assert description in mutants_of(text)


@pytest.mark.parametrize(
    "text",
    [
        '"""Docstring with 1 and 2."""\n',
        "def f(x: Literal[1]) -> Literal[2]: ...\n",
        "class A:\n    def __repr__(self):\n        return 1 + 2\n",
        "logging.info('a', 1 + 2)\n",
        "raise ValueError('expected', 3)\n",
        "import os\n",
        "x = 'a' + b\n",
        "x = f'{a + 1}'\n",
        "def f():\n    return None\n",
        "if __name__ == '__main__':\n    main(1)\n",
        "@cache(maxsize=1)\ndef f(): ...\n",
    ],
)
def test_what_no_test_is_expected_to_notice_is_left_alone(text: str) -> None:
    assert mutants_of(text) == set()


def test_only_lines_the_attempt_wrote_are_changed() -> None:
    before = b"a = 1\nb = 2\nc = 3\n"
    after = b"a = 1\nb = 20\nc = 3\n"
    assert {mutant.line for mutant in make_mutants(before, after, "a.py", 50, 0)} == {2}
    assert make_mutants(after, after, "a.py", 50, 0) == ()


def test_every_other_byte_of_the_file_stays() -> None:
    after = "\ufeff# é\r\nx = 'é' if a < 1 else 2  # comment\r\ny = 'same'".encode()
    mutants = make_mutants(None, after, "a.py", 50, 0)
    assert mutants
    for mutant in mutants:
        assert mutant.content.startswith("\ufeff# é\r\nx = ".encode())
        assert mutant.content.endswith(b"  # comment\r\ny = 'same'")


def test_mutants_are_spread_over_the_lines_before_a_line_gets_a_second() -> None:
    text = "".join(f"x{number} = a{number} < {number}\n" for number in range(6)).encode()
    assert [mutant.line for mutant in make_mutants(None, text, "a.py", 6, 3)] == [1, 2, 3, 4, 5, 6]


@given(seed=st.integers(0, 2**32), limit=st.integers(0, 12))
def test_mutants_are_valid_different_limited_and_the_same_for_a_seed(seed: int, limit: int) -> None:
    mutants = make_mutants(None, CODE, "shop.py", limit, seed)
    assert mutants == make_mutants(None, CODE, "shop.py", limit, seed)
    assert len(mutants) == limit
    trees = [ast.dump(ast.parse(mutant.content)) for mutant in mutants]
    assert len({*trees, ast.dump(ast.parse(CODE))}) == limit + 1


def test_other_seeds_choose_other_mutants() -> None:
    assert len({make_mutants(None, CODE, "shop.py", 3, seed) for seed in range(10)}) > 1


@pytest.mark.parametrize("source", [b"def (", b"\xff\xfe", b"", b"\x00"])
def test_unreadable_or_empty_code_has_no_mutants(source: bytes) -> None:
    assert make_mutants(None, source, "a.py", 5, 0) == ()


@pytest.mark.parametrize("name", ["guardrails.py", "checks/strictness.py", "state.py", "checks/python_modules.py"])
def test_real_modules_give_mutants_that_compile(name: str) -> None:
    path = Path(__file__).parents[2] / "core" / name
    mutants = make_mutants(None, path.read_bytes(), name, 60, 1)
    assert len(mutants) == 60
    for mutant in mutants:
        compile(mutant.content, name, "exec")


def test_a_good_test_kills_mutants_that_a_weak_one_does_not_notice() -> None:
    source = b"def is_adult(age):\n    return age >= 18\n"

    def killed(examples: dict[int, bool]) -> int:
        count = 0
        for mutant in make_mutants(None, source, "a.py", 50, 0):
            space: dict[str, object] = {}
            exec(compile(mutant.content, "a.py", "exec"), space)
            is_adult = space["is_adult"]
            assert callable(is_adult)
            count += any(is_adult(age) is not wanted for age, wanted in examples.items())
        return count

    everything = len(make_mutants(None, source, "a.py", 50, 0))
    assert killed({17: False, 18: True, 19: True}) == everything
    assert killed({40: True}) < everything
