"""Agents that ask to see more: what counts as a request, what is served, what is refused and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.context import (
    CONTEXT_REQUEST_HELP,
    ContextRequest,
    RepoIndex,
    estimate_tokens,
    parse_context_requests,
    serve,
)
from core.context.requests import MAX_HITS, MAX_REQUESTS

Put = Callable[[str, str | bytes], Path]
Index = Callable[[], RepoIndex]


def ask(*lines: str) -> str:
    return "I need to see more.\n\n```context\n" + "\n".join(lines) + "\n```\n"


def test_every_kind_of_request_is_read() -> None:
    assert parse_context_requests(CONTEXT_REQUEST_HELP) == (
        ContextRequest("file", "path/of/a/file.py"),
        ContextRequest("file", "path/of/a/long_file.py", 40, 120),
        ContextRequest("symbol", "name_of_a_function_or_class"),
        ContextRequest("search", "some exact text"),
    )


def test_small_slips_are_forgiven() -> None:
    answer = ask(
        "- File: `./a.py`", "symbol: Cart.add()", "file: b.py:30-10", "file: c.py:L7", "and also", "file: a.py"
    )
    assert parse_context_requests(answer) == (
        ContextRequest("file", "a.py"),
        ContextRequest("symbol", "Cart.add"),
        ContextRequest("file", "b.py", 10, 30),
        ContextRequest("file", "c.py", 7, 7),
    )


@pytest.mark.parametrize(
    "work",
    ["### a.py\n```python\nx = 1\n```\n", '```json\n{"a": 1}\n```\n', "### a.py\n```\n<<<<<<< SEARCH\n```\n"],
)
def test_an_answer_with_work_is_no_request(work: str) -> None:
    assert parse_context_requests(ask("file: a.py") + work) == ()
    assert parse_context_requests(work + ask("file: a.py")) == ()


@pytest.mark.parametrize("answer", ["", "file: a.py", "```context\nfile: a.py", "```context\n```", "{}"])
def test_an_answer_without_a_closed_context_block_is_no_request(answer: str) -> None:
    assert parse_context_requests(answer) == ()


def test_requests_of_one_round_are_bounded() -> None:
    assert len(parse_context_requests(ask(*(f"file: f{n}.py" for n in range(100))))) == MAX_REQUESTS


@pytest.fixture
def shop(put: Put, index: Index) -> RepoIndex:
    put(".gitignore", "*.log\n")
    put("x.log", "x\n")
    put(".env", "KEY=1\n")
    put("pic.png", b"\x89PNG\0")
    put("huge.py", "x = 1\n" * 60_000)
    put("cart.py", "import os\n\n\nclass Cart:\n    @property\n    def total(self) -> int:\n        return 41 + 1\n")
    put("other.py", "class Order:\n    def total(self) -> int:\n        return 7\n")
    put("use.py", "from cart import Cart\n\nprint(Cart().total)\nsubtotal = 1\n")
    return index()


def test_a_file_is_served_whole_or_by_lines(shop: RepoIndex) -> None:
    served = serve(shop, (ContextRequest("file", "use.py"), ContextRequest("file", "cart.py", 4, 5)), 1000)
    assert "use.py\n```\nfrom cart import Cart\n" in served.text
    assert "cart.py (lines 4-5 of 7)\n```\nclass Cart:\n    @property\n```" in served.text
    assert served.served == ("file: use.py", "file: cart.py:4-5")
    assert served.refused == ()


def test_a_symbol_is_served_with_its_body_and_its_uses(shop: RepoIndex) -> None:
    served = serve(shop, (ContextRequest("symbol", "Cart.total"),), 1000)
    assert "    @property\n    def total(self) -> int:\n        return 41 + 1\n" in served.text
    assert "return 7" not in served.text
    assert "use.py:3: print(Cart().total)" in served.text
    assert "subtotal" not in served.text


def test_a_symbol_without_an_owner_is_served_wherever_it_is_defined(shop: RepoIndex) -> None:
    text = serve(shop, (ContextRequest("symbol", "total"),), 1000).text
    assert "return 41 + 1" in text
    assert "return 7" in text


def test_a_search_gives_lines_with_numbers(shop: RepoIndex) -> None:
    text = serve(shop, (ContextRequest("search", "41 + 1"),), 1000).text
    assert "cart.py:7: return 41 + 1" in text


def test_hits_are_bounded_and_said_to_be(put: Put, index: Index) -> None:
    put("a.py", "needle = 1\n" * 500)
    text = serve(index(), (ContextRequest("search", "needle"),), 5000).text
    assert text.count("needle = 1") == MAX_HITS
    assert "more were left out" in text


@pytest.mark.parametrize(
    ("request_line", "reason"),
    [
        ("file: .env", "secrets"),
        ("file: x.log", "ignored"),
        ("file: pic.png", "binary"),
        ("file: huge.py", "larger"),
        ("file: ../../etc/passwd", "outside"),
        ("file: /etc/passwd", "outside"),
        ("file: crat.py", "nearest are cart.py"),
        ("file: cart.py:90-99", "only 7 lines"),
        ("symbol: Basket", "no definition"),
        ("search: nowhere at all", "not found"),
        ("search: KEY=1", "not found"),
    ],
)
def test_a_refusal_says_why_and_reaches_the_model(shop: RepoIndex, request_line: str, reason: str) -> None:
    served = serve(shop, parse_context_requests(ask(request_line)), 1000)
    assert served.served == ()
    assert reason in served.refused[0]
    assert reason in served.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(budget=st.integers(250, 600))
def test_what_is_served_stays_within_the_budget(shop: RepoIndex, budget: int) -> None:
    wanted = parse_context_requests(ask("file: use.py", "file: cart.py", "symbol: total", "search: return"))
    served = serve(shop, wanted, budget)
    assert estimate_tokens(served.text) <= budget + 200
    assert len(served.served) + len(served.refused) == len(wanted)


def test_a_file_over_the_budget_is_cut_and_the_next_request_refused(put: Put, index: Index) -> None:
    put("a.py", "value = 1\n" * 1000)
    put("b.py", f"x = {'1' * 600}\n")
    served = serve(index(), parse_context_requests(ask("file: a.py", "file: b.py")), 300)
    assert "of 1000)" in served.text
    assert estimate_tokens(served.text) <= 500
    assert served.served == ("file: a.py",)
    assert len(served.refused) == 1


def test_backticks_in_a_file_do_not_end_its_block(put: Put, index: Index) -> None:
    put("a.md", "```\ncode\n```\n")
    assert "````\n```\ncode\n```\n````" in serve(index(), (ContextRequest("file", "a.md"),), 300).text
