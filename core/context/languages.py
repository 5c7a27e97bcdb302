"""Which language a file is in, and which of the supported ones a project is written in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from core.ids import Language

_BY_SUFFIX: Final = {
    ".py": "python", ".pyi": "python", ".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "tsx",
    ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript", ".jsx": "jsx", ".cs": "csharp", ".java": "java",
    ".go": "go", ".rs": "rust", ".rb": "ruby", ".php": "php", ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp",
    ".hpp": "cpp", ".kt": "kotlin", ".swift": "swift", ".scala": "scala", ".sql": "sql", ".sh": "bash", ".html": "html",
    ".css": "css", ".scss": "scss", ".vue": "vue", ".svelte": "svelte", ".md": "markdown", ".rst": "rst",
    ".json": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".ini": "ini", ".cfg": "ini", ".xml": "xml",
    ".csproj": "xml", ".txt": "text",
}  # fmt: skip
_SUPPORTED: Final[dict[str, Language]] = {
    "python": "python",
    "typescript": "typescript",
    "tsx": "typescript",
    "csharp": "csharp",
}
_MARKERS: Final[dict[str, Language]] = {
    "pyproject.toml": "python",
    "setup.py": "python",
    "requirements.txt": "python",
    "tsconfig.json": "typescript",
}
_DATA: Final = frozenset({"json", "yaml", "toml", "ini", "xml", "text", "markdown", "rst", "html", "css", "scss", ""})


def language_of(path: str) -> str:
    """Name of the file's language, as a code fence calls it; empty when unknown."""
    return _BY_SUFFIX.get(PurePosixPath(path).suffix.lower(), "")


def is_code(path: str) -> bool:
    return language_of(path) not in _DATA


def detect_languages(paths: Iterable[str]) -> tuple[Language, ...]:
    """Supported languages of a project, most files first; a project file counts for its language too."""
    counts: Counter[Language] = Counter()
    for path in paths:
        name = PurePosixPath(path).name
        found = _SUPPORTED.get(language_of(path)) or _MARKERS.get(name)
        if name.endswith((".csproj", ".sln")):
            found = "csharp"
        if found:
            counts[found] += 1
    return tuple(sorted(counts, key=lambda language: (-counts[language], language)))
