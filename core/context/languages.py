"""Which language a file is in, and which of the supported ones a project is written in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

from sandbox.model import Language

TITLES: Final[dict[Language, str]] = {"python": "Python", "typescript": "TypeScript", "dotnet": "C#"}
RUNNERS: Final[dict[Language, str]] = {"python": "pytest", "typescript": "vitest", "dotnet": "dotnet test"}
"""What runs the tests, in events and logs."""
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
    **dict.fromkeys(("typescript", "tsx", "javascript", "jsx"), "typescript"),
    "csharp": "dotnet",
}
_MARKERS: Final[dict[str, Language]] = {
    **dict.fromkeys(("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile"), "python"),
    **dict.fromkeys(("package.json", "tsconfig.json"), "typescript"),
}
_NET_PROJECT: Final = (".csproj", ".sln", ".slnx")
_UNSUPPORTED: Final = frozenset({"java", "go", "rust", "ruby", "php", "c", "cpp", "kotlin", "swift", "scala"})
_DATA: Final = frozenset({"json", "yaml", "toml", "ini", "xml", "text", "markdown", "rst", "html", "css", "scss", ""})
_ASKED: Final[tuple[tuple[Language, re.Pattern[str]], ...]] = (
    ("python", re.compile(r"\bpython\b|\bpytest\b|\.pyi?\b", re.IGNORECASE)),
    (
        "typescript",
        # Not `node` and `react`: trees have nodes, and programs react.
        re.compile(r"\b(?i:typescript|javascript|vitest|jest|npm|node\.?js)\b|\bReact\b|\.[cm]?[jt]sx?\b"),
    ),
    (
        "dotnet",
        re.compile(r"(?<!\w)c#|\b(?:csharp|dotnet|xunit|nunit|mstest)\b|\.net\b|\.cs(?:proj)?\b", re.IGNORECASE),
    ),
)


def language_of(path: str) -> str:
    """Name of the file's language, as a code fence calls it; empty when unknown."""
    return _BY_SUFFIX.get(PurePosixPath(path).suffix.lower(), "")


def source_language(path: str) -> Language | None:
    """The supported language that a file is source code of; JavaScript counts as TypeScript."""
    return _SUPPORTED.get(language_of(path))


def is_code(path: str) -> bool:
    return language_of(path) not in _DATA


def detect_languages(paths: Iterable[str]) -> tuple[Language, ...]:
    """Supported languages of a project, most files first.

    Where there is any project file, TypeScript and C# count only with one of their own: a script beside a Python
    package is no Node project. Python needs none.
    """
    counts: Counter[Language] = Counter()
    marked: set[Language] = set()
    for path in paths:
        marker = _marker(path)
        if marker:
            marked.add(marker)
        if found := source_language(path) or marker:
            counts[found] += 1
    known = [language for language in counts if not marked or language in marked or language == "python"]
    return tuple(sorted(known, key=lambda language: (-counts[language], language)))


def languages_asked(request: str) -> tuple[Language, ...]:
    """Supported languages that a request names, or names files of."""
    return tuple(language for language, pattern in _ASKED if pattern.search(request))


def unsupported_languages(paths: Iterable[str]) -> tuple[str, ...]:
    """Programming languages of a project that no box can run, most files first."""
    counts = Counter(name for path in paths if (name := language_of(path)) in _UNSUPPORTED)
    return tuple(name for name, _ in counts.most_common())


def languages_with(files: Iterable[str], project: Sequence[Language]) -> tuple[Language, ...]:
    """Languages of a project that some of these files are source code of; its first one when none is."""
    found = {source_language(path) for path in files}
    return tuple(language for language in project if language in found) or tuple(project[:1])


def _marker(path: str) -> Language | None:
    name = PurePosixPath(path).name
    return "dotnet" if name.endswith(_NET_PROJECT) else _MARKERS.get(name)
