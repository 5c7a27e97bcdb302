"""Tells a value that is equal to another from one that claims to be equal to anything."""

from __future__ import annotations

import operator
import sys
import types

from . import dice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_IMMUTABLE_TYPE = 1 << 8
_flags = type.__dict__["__flags__"].__get__
_OPERATIONS: dict[str, Callable[[object, object], object]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "in": lambda a, b: operator.contains(b, a),  # type: ignore[arg-type]
    "not in": lambda a, b: not operator.contains(b, a),  # type: ignore[arg-type]
}
_MAX_PAIRS = 2000
_MAX_DEPTH = 6
_PROBES = 5
_REPEATS = 3

_trusted_code: set[types.CodeType] = set()
_trusted_names: set[str] = set()


class _Stranger:
    """Equal to nothing but itself."""


def trust(code: types.CodeType) -> None:
    """Matchers that a test module defines or names (`mock.ANY`) are the test's own choice."""
    _trusted_code.add(code)
    _trusted_names.update(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            trust(constant)


def compare(sort: str, first: object, second: object, is_truth: bool) -> object:
    """The value of the comparison. Raises AssertionError when an operand claims what cannot be.

    `is_truth`: an assert takes the value as true or false. Elsewhere only `True` itself is questioned, because
    `column == 5` may build a query there, and `array == array` an array.
    """
    __tracebackhide__ = True
    result = _OPERATIONS[sort](first, second)
    if cannot_lie(first) and cannot_lie(second) and _is_flat(first) and _is_flat(second):
        return result
    if result is True or (is_truth and not cannot_lie(result) and _truth(result)):
        confirm(sort, first, second)
    return result


def confirm(sort: str, first: object, second: object) -> None:
    """Question a comparison that held. Raises AssertionError when it would have held for anything."""
    __tracebackhide__ = True
    if sort == "==":
        for left, right in _pairs(first, second):
            _question(left, right)
    elif sort == "in":
        _question_container(second)
        _question_alone(first)
    elif sort == "count":
        for value in (*_elements(first), *_elements(second)):
            _question_alone(value)
    elif sort == "!=" and not (cannot_lie(first) and cannot_lie(second)) and _says_equal(first, second):
        raise AssertionError(f"{_name(first)} is both equal and unequal to {_name(second)}")


def cannot_lie(value: object) -> bool:
    """True for values of types whose methods no program can replace: built-in types and those of C extensions."""
    return bool(_flags(type(value)) & _IMMUTABLE_TYPE)


def _is_flat(value: object) -> bool:
    return type(value) not in (list, tuple, dict, set, frozenset)


def _pairs(first: object, second: object) -> Iterator[tuple[object, object]]:
    """The values that were compared with each other inside two equal structures, at most _MAX_PAIRS."""
    stack = [(first, second, 0)]
    seen = 0
    while stack and seen < _MAX_PAIRS:
        left, right, depth = stack.pop()
        seen += 1
        if left is right:
            continue
        if depth < _MAX_DEPTH and not _is_flat(left) and type(left) is type(right):
            stack.extend((a, b, depth + 1) for a, b in _matched(left, right))
        elif not (cannot_lie(left) and cannot_lie(right)):
            yield left, right


def _matched(left: object, right: object) -> Iterator[tuple[object, object]]:
    if isinstance(left, dict) and isinstance(right, dict):
        yield from ((value, right[key]) for key, value in left.items() if key in right)
        yield from ((key, _Stranger()) for key in left if not cannot_lie(key))
    elif isinstance(left, list | tuple) and isinstance(right, list | tuple):
        yield from zip(left, right, strict=False)
    elif isinstance(left, set | frozenset) and isinstance(right, set | frozenset):
        yield from ((value, _Stranger()) for value in (*left, *right) if not cannot_lie(value))


def _elements(value: object) -> list[object]:
    return list(value)[:_MAX_PAIRS] if isinstance(value, list | tuple | set | frozenset | dict) else []


def _question(left: object, right: object) -> None:
    """Repeat `left == right` among comparisons with altered operands, in an order nobody can foresee."""
    __tracebackhide__ = True
    if isinstance(right, _Stranger):
        _question_alone(left)
        return
    asked: list[tuple[object, object, bool]] = []
    if _may_lie(left):
        asked += [(left, other, False) for other in _altered(right)]
    if _may_lie(right):
        asked += [(other, right, False) for other in _altered(left)]
    if not asked and not (_may_lie(left) or _may_lie(right)):
        return
    for liar in (value for value in (left, right) if _may_lie(value)):
        if _says_equal(liar, _Stranger()):
            raise AssertionError(f"{_name(liar)} compares equal to everything")
    asked += [(left, right, True)] * _REPEATS
    answers = [(_says_equal(a, b), real) for a, b, real in dice.shuffled(asked)]
    if not all(said for said, real in answers if real):
        raise AssertionError(f"equality of {_name(left)} and {_name(right)} changes from one call to the next")
    altered = [said for said, real in answers if not real]
    if altered and all(altered):
        liar = left if _may_lie(left) else right
        raise AssertionError(f"{_name(liar)} compares equal to everything")


def _question_alone(value: object) -> None:
    __tracebackhide__ = True
    if _may_lie(value) and all(_says_equal(value, other) for other in (_Stranger(), *_altered(0), *_altered(""))):
        raise AssertionError(f"{_name(value)} compares equal to everything")


def _question_container(container: object) -> None:
    __tracebackhide__ = True
    for value in _elements(container):
        _question_alone(value)
    if not _may_lie(container, "__contains__"):
        return
    try:
        if all(other in container for other in (_Stranger(), *_altered(0), *_altered(""))):  # type: ignore[operator]
            raise AssertionError(f"{_name(container)} contains everything")
    except TypeError:
        return


def _may_lie(value: object, method_name: str = "__eq__") -> bool:
    """Not for C types, not where the method is one of C's, not for matchers that the test itself wrote or named."""
    if cannot_lie(value):
        return False
    owner = type(value)
    method = next((vars(base)[method_name] for base in owner.__mro__ if method_name in vars(base)), None)
    if method is None or isinstance(method, types.WrapperDescriptorType | types.MethodDescriptorType):
        return False
    if isinstance(method, types.FunctionType) and method.__code__ in _trusted_code:
        return False
    return owner.__name__.lstrip("_") not in _trusted_names or not _is_matcher_of_a_library(owner)


def _is_matcher_of_a_library(owner: type) -> bool:
    """`mock.ANY` and the like: defined outside the work folder, and named in the test."""
    module = sys.modules.get(owner.__module__)
    origin = str(getattr(module, "__file__", "") or "")
    return vars(module).get(owner.__name__) is owner and not origin.startswith("/work/") if module else False


def _says_equal(left: object, right: object) -> bool:
    try:
        return _truth(left == right)
    except Exception:
        return False


def _name(value: object) -> str:
    return f"a value of type {type(value).__name__}"


def _truth(value: object) -> bool:
    try:
        return bool(value)
    except Exception:
        return False


def _altered(value: object) -> list[object]:
    """Values that differ from `value` in every part a comparison could look at; empty when there is no such part."""
    made = [_alter(value, 0) for _ in range(_PROBES)]
    return [other for other in made if other is not value]


def _alter(value: object, depth: int) -> object:
    noise = dice.between(10**9, 10**12)
    if value is None:
        return noise
    kind = type(value)
    if kind is bool:
        return not value
    if isinstance(value, int | float | complex) and kind in (int, float, complex):
        return value + noise
    if kind is str:
        return f"{value}~{noise:x}"
    if kind is bytes:
        return bytes(value) + b"~%x" % noise  # type: ignore[call-overload]
    if kind in (list, tuple):
        return kind([*value, noise])  # type: ignore[misc]
    if kind is dict:
        return {**value, f"~{noise:x}": noise}  # type: ignore[dict-item]
    if kind in (set, frozenset):
        return kind({*value, noise})  # type: ignore[misc]
    if cannot_lie(value):
        return _Stranger()
    return _altered_copy(value, depth)


def _altered_copy(value: object, depth: int) -> object:
    """A new instance of the same class with every attribute changed; the class's own code is not asked."""
    try:
        clone = object.__new__(type(value))
    except TypeError:
        return _Stranger()
    changed = False
    for name, part in _attributes(value):
        new = _alter(part, depth + 1) if depth < 2 and (cannot_lie(part) or depth < 1) else _Stranger()
        try:
            object.__setattr__(clone, name, new if new is not part else _Stranger())
        except (AttributeError, TypeError):
            continue
        changed = True
    return clone if changed else value


def _attributes(value: object) -> Iterator[tuple[str, object]]:
    yield from getattr(value, "__dict__", {}).items()
    for base in type(value).__mro__:
        slots = vars(base).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(value, name):
                yield name, getattr(value, name)
