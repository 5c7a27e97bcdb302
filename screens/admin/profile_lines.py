"""A model profile as lines of text: its models with their prices, and which of them each phase asks."""

from __future__ import annotations

import textwrap

from textual.content import Content

from core.text.display import one_line
from screens.cells import fit, pad
from screens.glyphs import Glyphs
from screens.ports import ModelLine, ProfileLine
from screens.standing import COLOURS

_LETTERS = {"small": "S", "medium": "M", "large": "L"}
_PRICE = 8
_SIZE = 9
"""Cells for `M medium`, or for all three letters."""


def profile_lines(glyphs: Glyphs, profile: ProfileLine, why: str, width: int) -> list[Content]:
    """`why` says why it is the chosen one; empty for the others."""
    lines = [Content(line) for line in textwrap.wrap(one_line(why), width)]
    if profile.server:
        lines.append(Content.assemble(("server ", "$text-muted"), fit(profile.server, width - 7, glyphs)))
    if lines:
        lines.append(Content())
    return [*lines, *_prices(glyphs, profile, width), Content(), *_chains(glyphs, profile, width)]


def _prices(glyphs: Glyphs, profile: ProfileLine, width: int) -> list[Content]:
    if not profile.models:
        text = "It names no model: choose one with models.model, or -m MODEL."
        return [Content.styled(line, "$text-muted") for line in textwrap.wrap(text, width)]
    merged: dict[str, list[ModelLine]] = {}
    for line in profile.models:
        merged.setdefault(line.model, []).append(line)
    room = max(width - _SIZE - 2 * _PRICE, 8)
    lines = [
        Content.styled(
            f"{'':{_SIZE}}{pad('USD per million tokens', room)}{'in':>{_PRICE}}{'out':>{_PRICE}}", "$text-muted"
        )
    ]
    for model, sizes in merged.items():
        letters = [_LETTERS.get(each.size, each.size) for each in sizes]
        named = f"{letters[0]} {sizes[0].size}" if len(sizes) == 1 else " ".join(letters)
        lines += _price(glyphs, named, fit(model, room - 1, glyphs), sizes[0], room, width)
    return lines


def _price(glyphs: Glyphs, sizes: str, name: str, line: ModelLine, room: int, width: int) -> list[Content]:
    head = Content.assemble((f"{sizes:{_SIZE}}", "bold $text-primary"), pad(name, room))
    if line.input_usd is None or line.output_usd is None:
        unknown = fit(f"{glyphs.bad} price unknown, never called; state it in the settings", width - _SIZE, glyphs)
        return [head, Content.styled(f"{'':{_SIZE}}{unknown}", COLOURS["bad"])]
    prices = f"{_usd(line.input_usd):>{_PRICE}}{_usd(line.output_usd):>{_PRICE}}"
    more = f"; more for prompts over {line.long_over:,} tokens" if line.long_over else ""
    source = fit(f"from {line.source}{more}", width - _SIZE, glyphs)
    return [Content.assemble(head, prices), Content.styled(f"{'':{_SIZE}}{source}", "$text-muted")]


def _usd(price: float) -> str:
    return f"{price:.2f}" if round(price, 2) == price else f"{price:g}"


def _chains(glyphs: Glyphs, profile: ProfileLine, width: int) -> list[Content]:
    arrow = f" {glyphs.arrow} "
    cell = 5 + 2 * len(glyphs.arrow) + 4
    kinds = list(next(iter(profile.chains.values()), {}))
    head = f"{'phase':13}" + "".join(pad(kind, cell) for kind in kinds)
    lines = [Content.styled(head, "$text-muted")]
    for phase, by_kind in profile.chains.items():
        chains = [pad(arrow.join(_LETTERS.get(size, size) for size in sizes), cell) for sizes in by_kind.values()]
        lines.append(Content.assemble(pad(fit(phase, 12, glyphs), 13), ("".join(chains), "")))
    note = f"Asked first{arrow}when there is no progress{arrow}when a model cannot answer."
    return [*lines, *(Content.styled(line, "$text-muted") for line in textwrap.wrap(note, width))]
