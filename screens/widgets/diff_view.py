"""A file's change to read and walk through: unified or side by side, only the rows in sight are ever drawn."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.binding import Binding
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from core.run.proposal import FileProposal, Version
from core.text.redaction import strip_escapes
from screens.actions import bindings
from screens.intents import CopyText
from screens.widgets.diff_line import LinePainter, Palette
from screens.widgets.diff_rows import Row, Rows, rows_of, unified_text
from screens.widgets.diff_text import Study, study, visible

SPLIT_FROM = 100
"""Columns of its own that two sides need."""
_TWO_NUMBERS_FROM = 60
_STUDIES = 8
_STRIPS = 1024


class DiffView(ScrollView, can_focus=True):
    """Shows one file at a time; `show` says which."""

    ALLOW_MAXIMIZE = False
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = bindings("diff")
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"diff-view--{name}" for name in Palette.__annotations__}
