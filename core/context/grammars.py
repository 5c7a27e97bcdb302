"""Tree-sitter parsers, one for each grammar, loaded when they are first needed."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Parser


@cache
def parser_for(language: str) -> Parser | None:
    """The parser for a language as `language_of` names it; the TSX grammar reads JavaScript too."""
    from tree_sitter import Language, Parser

    if language == "python":
        import tree_sitter_python

        return Parser(Language(tree_sitter_python.language()))
    if language in ("typescript", "tsx", "javascript", "jsx"):
        import tree_sitter_typescript as grammar

        dialect = grammar.language_typescript() if language == "typescript" else grammar.language_tsx()
        return Parser(Language(dialect))
    if language == "csharp":
        import tree_sitter_c_sharp

        return Parser(Language(tree_sitter_c_sharp.language()))
    return None
