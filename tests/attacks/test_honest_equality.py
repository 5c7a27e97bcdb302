"""Values that claim to be equal to whatever a test expects , and honest ones that must not be suspected."""

from __future__ import annotations

import pytest

from sandbox.attacks.arena import variants
from tests.support.boxes import ADD_TESTS, Boxes

EQUAL_TO_ALL = dict(variants("equal_to_all"))


@pytest.mark.parametrize("name", [*EQUAL_TO_ALL, "numbers only"])
def test_a_value_equal_to_everything_fails_the_test(box: Boxes, name: str) -> None:
    numbers_only = b"class Any:\n    def __eq__(self, o): return isinstance(o, int)\ndef add(a, b): return Any()"
    outcome = box.tests(EQUAL_TO_ALL.get(name, numbers_only).decode(), ADD_TESTS)
    assert outcome.verdict == "failed"
    assert {row.outcome for row in outcome.tests} == {"failed"}


def test_a_value_equal_to_everything_is_found_inside_structures(box: Boxes) -> None:
    solution = """
class Any:
    def __eq__(self, o): return True
    def __hash__(self): return hash(3)
class Bag:
    def __contains__(self, o): return True
def items(): return [1, Any()]
def table(): return {"a": {"b": Any()}}
def one(): return Any()
def bag(): return Bag()
"""
    tests = """
import unittest
from solution import items, table, one, bag
def test_list(): assert items() == [1, 2]
def test_dict(): assert table() == {"a": {"b": 2}}
def test_member(): assert one() in [1, 2, 3]
def test_set(): assert {one()} == {3}
def test_bag(): assert "x" in bag()
def test_reversed(): assert 3 == one()
def test_outside_an_assert():
    if one() == 3:
        return
    raise AssertionError
class TestUnit(unittest.TestCase):
    def test_lists(self): self.assertEqual(items(), [1, 2])
    def test_in(self): self.assertIn(one(), [1, 2])
    def test_count(self): self.assertCountEqual(items(), [1, 2])
"""
    outcome = box.tests(solution, tests)
    assert [row.test for row in outcome.tests if row.outcome != "failed"] == []
    assert "compares equal to everything" in outcome.tests[0].message


def test_honest_equality_of_own_types_still_passes(box: Boxes) -> None:
    solution = """
import enum
from dataclasses import dataclass, field
from decimal import Decimal
@dataclass
class Point:
    x: int
    y: int = 0
    tags: list = field(default_factory=list)
@dataclass(frozen=True, slots=True)
class Fixed:
    name: str
class Money:
    def __init__(self, amount): self.amount = amount
    def __eq__(self, other): return self.amount == getattr(other, "amount", other)
class Kind(enum.Enum):
    A = 1
    B = 2
class Token:
    def __init__(self, kind, text): self.kind, self.text = kind, text
    def __eq__(self, other): return isinstance(other, Token) and self.kind == other.kind
class Mod:
    def __init__(self, n): self.n = n % 7
    def __eq__(self, other): return self.n == (other.n if isinstance(other, Mod) else other % 7)
class Name(str):
    def __eq__(self, other): return self.lower() == other.lower()
    __hash__ = str.__hash__
class Array:
    def __init__(self, values): self.values = values
    def __eq__(self, other): return Array([a == b for a, b in zip(self.values, other.values)])
    def all(self): return all(self.values)
class Column:
    def __eq__(self, other): return Clause()
class Clause: pass
"""
    tests = """
import unittest
from unittest import mock
from datetime import date
from fractions import Fraction
from pathlib import Path
import pytest
from solution import *
class Near:
    def __eq__(self, other): return True
def test_dataclass(): assert Point(1, 2, ["a"]) == Point(1, 2, ["a"])
def test_frozen(): assert Fixed("a") == Fixed("a") and Fixed("a") != Fixed("b")
def test_money(): assert Money(5) == 5 and 5 == Money(5) and Money(5) == Money(5)
def test_enum(): assert Kind.A == Kind.A and Kind.A in [Kind.A] and Kind.A in Kind
def test_token(): assert Token(Kind.A, "x") == Token(Kind.A, "y")
def test_mod(): assert Mod(3) == 10
def test_name(): assert Name("ANNA") == "anna"
def test_array(): assert (Array([1, 2]) == Array([1, 2])).all()
def test_query(): assert isinstance([c == 5 for c in [Column()]][0], Clause)
def test_approx(): assert 0.1 + 0.2 == pytest.approx(0.3) and [0.1 + 0.2] == pytest.approx([0.3])
def test_any(): assert {"id": 3, "x": 1} == {"id": mock.ANY, "x": 1}
def test_own_matcher(): assert 3 == Near()
def test_library(): assert Fraction(1, 2) == Fraction(2, 4) and Path("a") == Path("a")
def test_date(): assert date(2020, 1, 1) == date(2020, 1, 1)
def test_chain(): assert 1 == 1 == 1 and 1 < 2 == 2
def test_nan(): assert float("nan") != float("nan")
def test_mock():
    m = mock.Mock()
    m(Point(1))
    m.assert_called_once_with(Point(1))
@pytest.mark.parametrize("n", [1, 2])
def test_parameters(n): assert n in (1, 2)
def test_raises():
    with pytest.raises(ZeroDivisionError, match="division"):
        1 / 0
class TestUnit(unittest.TestCase):
    def test_equal(self): self.assertEqual(Point(1), Point(1))
    def test_lists(self): self.assertListEqual([Point(1)], [Point(1)])
    def test_sub(self):
        for n in (1, 2):
            with self.subTest(n=n):
                self.assertIn(n, {1, 2})
"""
    outcome = box.tests(solution, tests)
    assert [(row.test, row.message) for row in outcome.tests if row.outcome != "passed"] == []
    assert outcome.verdict == "passed"
