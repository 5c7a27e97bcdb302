"""The map and the choice of files: relevant first, within the budget, the same every time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.settings import ContextSettings
from core.context import RepoIndex, detect_languages, estimate_tokens
from core.context.tokens import clip

Put = Callable[[str, str | bytes], Path]
Index = Callable[[], RepoIndex]

SHOP = {
    "README.md": "# Shop\n",
    "shop/__init__.py": "",
    "shop/cart.py": (
        "from shop.money import round_cents\n\n\nclass Cart:\n    def add(self, item: str) -> None:\n        pass\n\n"
        "    def total_price(self) -> int:\n        return round_cents(0)\n"
    ),
    "shop/money.py": "def round_cents(value: float) -> int:\n    return int(value)\n",
    "shop/mail.py": "def send_receipt(to: str) -> None:\n    pass\n",
    "web/src/button.tsx": "export const Button = (p: Props) => <b>{p.t}</b>;\nexport class Panel { open(): void {} }\n",
    "tests/test_cart.py": "from shop.cart import Cart\n\n\ndef test_cart() -> None:\n    Cart()\n",
    "docs/guide.md": "# Guide\n",
}


@pytest.fixture
def shop(put: Put, index: Index) -> RepoIndex:
    for path, content in SHOP.items():
        put(path, content)
    return index()


def served(index: RepoIndex, request: str, budget: int = 4000) -> list[str]:
    return [file.path for file in index.relevant_files(request, budget)]


def test_relevant_files_come_with_their_signatures(shop: RepoIndex) -> None:
    text = shop.repo_map("the total price of a Cart is wrong", 600)
    lines = text.splitlines()
    assert lines[0] == "shop/cart.py"
    assert "        def total_price(self) -> int" in lines
    assert lines.index("shop/cart.py") < lines.index("shop/money.py")


def test_every_file_is_in_the_map_when_there_is_room(shop: RepoIndex) -> None:
    text = shop.repo_map("anything", 2000)
    assert all(path.rpartition("/")[2] in text for path in SHOP)


@pytest.mark.parametrize(
    ("request_text", "first"),
    [
        ("Change shop/mail.py so that it retries", "shop/mail.py"),
        ("see `mail.py`", "shop/mail.py"),
        ("total_price rounds wrongly", "shop/cart.py"),
        ("roundCents is off by one: round_cents", "shop/money.py"),
        ("the Button must be blue", "web/src/button.tsx"),
        ("fix the tests of the cart in tests/test_cart.py", "tests/test_cart.py"),
    ],
)
def test_the_file_a_request_means_is_served_first(shop: RepoIndex, request_text: str, first: str) -> None:
    assert served(shop, request_text)[0] == first


def test_what_a_relevant_file_imports_comes_with_it(shop: RepoIndex) -> None:
    chosen = served(shop, "Cart.add is broken")
    assert chosen.index("shop/cart.py") < chosen.index("shop/money.py")


def test_unrelated_files_are_not_served(shop: RepoIndex) -> None:
    assert "shop/mail.py" not in served(shop, "total_price rounds wrongly")


def test_a_named_file_too_big_for_the_budget_is_cut_at_a_line(put: Put, index: Index) -> None:
    put("big.py", "value = 1\n" * 2000)
    [file] = index().relevant_files("see big.py", 100)
    assert estimate_tokens(file.text) <= 100
    assert file.text.endswith("\n")
    assert (file.first, file.last, file.total) == (1, file.text.count("\n"), 2000)
    assert not file.complete


def test_an_empty_folder_has_a_map_that_says_so(index: Index) -> None:
    now = index()
    assert now.repo_map("write a game", 200) == "The folder is empty."
    assert now.relevant_files("write a game", 200) == ()
    assert now.languages == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(budget=st.integers(0, 400), request=st.sampled_from(["", "Cart", "shop/cart.py", "x" * 500]))
def test_neither_map_nor_files_exceed_the_budget(shop: RepoIndex, budget: int, request: str) -> None:
    assert estimate_tokens(shop.repo_map(request, budget)) <= budget
    assert sum(estimate_tokens(file.text) for file in shop.relevant_files(request, budget)) <= budget


def test_the_same_tree_gives_the_same_text_wherever_it_lies(tmp_path: Path) -> None:
    maps = set()
    for name, order in (("one", list(SHOP)), ("two", sorted(SHOP, reverse=True))):
        for path in order:
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(SHOP[path])
        index = RepoIndex.build(tmp_path / name, ContextSettings())
        maps.add((index.repo_map("Cart total", 300), str(index.relevant_files("Cart total", 300))))
    assert len(maps) == 1


def test_a_map_shows_no_secret_that_stands_in_a_signature(put: Put, index: Index) -> None:
    key = "sk-" + "a1B2" * 8
    put("a.py", f"def call(key='{key}'):\n    pass\n")
    text = index().repo_map("call", 300)
    assert "def call" in text
    assert key not in text


def test_a_folder_of_twenty_thousand_files_is_mapped_within_the_budget(root: Path, index: Index) -> None:
    for number in range(200):
        folder = root / f"pkg{number % 10}" / f"mod{number}"
        folder.mkdir(parents=True)
        for part in range(100):
            (folder / f"part{part}.txt").touch()
    (root / "pkg7" / "mod7" / "needle.py").write_text("def find_needle():\n    pass\n")
    now = index()
    text = now.repo_map("find_needle is slow", 500)
    assert len(now.files) == 20_001
    assert "def find_needle()" in text
    assert "files)" in text
    assert estimate_tokens(text) <= 500


def test_languages_are_ordered_by_how_much_there_is(shop: RepoIndex) -> None:
    assert shop.languages == ("python", "typescript")
    assert detect_languages(["a.cs", "b.csproj", "x.py", "readme.md"]) == ("dotnet", "python")


@given(st.text(), st.text())
def test_the_estimate_of_parts_is_never_below_that_of_the_whole(one: str, two: str) -> None:
    assert estimate_tokens(one + two) <= estimate_tokens(one) + estimate_tokens(two)


@given(st.text(), st.integers(0, 50))
def test_clipped_text_is_a_beginning_that_fits(text: str, budget: int) -> None:
    clipped = clip(text, budget)
    assert text.startswith(clipped)
    assert estimate_tokens(clipped) <= budget
