"""Events in words for people."""

from __future__ import annotations

import pytest

from core.run.event_words import heart


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("tests/test_a.py:3: in test_a\nE   assert 1 == 2", "assert 1 == 2"),
        ("AssertionError: expected 5 to be 6\n    at src/a.test.ts:3:1", "AssertionError: expected 5 to be 6"),
        (
            "   at Shop.Cart.Total() in src/Cart.cs:line 3\nXunit.Sdk.EqualException: 6, was 5",
            "Xunit.Sdk.EqualException",
        ),
        ("   at Shop.Cart.Total() in src/Cart.cs:line 3", "at Shop.Cart.Total()"),
        ("", ""),
    ],
)
def test_of_a_failure_the_line_that_says_what_is_wrong_comes_first(message: str, said: str) -> None:
    assert heart(message).strip().startswith(said)
