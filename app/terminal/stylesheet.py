"""Style sheets that are parsed once.

Textual parses all of them anew for every theme, mode and screen that it sets up: five times before the first picture,
although neither their text nor the colours have changed.
"""

from __future__ import annotations

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

_SOURCES = 512
"""More than all screens and widgets have: a cache that is read from end to end is of no use when one does not fit."""


class ParsedOnce(Stylesheet):
    """What is parsed is forgotten only when a variable has another value."""

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        self.parse()
