"""The index of a repository: what is in it, which files matter for a request, and their text.

Built from a listing in one pass; contents are read only for the most promising files, within fixed byte and file
counts rather than a time limit: the same tree and request always give the same text, which resuming a run needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.context import ranking
from core.context.imports import imported_paths
from core.context.languages import detect_languages, is_code, language_of
from core.context.listing import ListedFile, list_files
from core.context.map_text import render_map
from core.context.reading import Refusal, ServedFile, clean, lines_of, read_text
from core.context.secret_files import is_secret
from core.context.symbols import Symbol, symbols_of
from core.context.tokens import clip, estimate_tokens
from core.files.tree import PathRefused, check_path
from sandbox.model import Language

if TYPE_CHECKING:
    from config.settings import ContextSettings

_READ_FILES: Final = 4_000
_READ_BYTES: Final = 24_000_000
"""Most files and bytes whose contents are read to rank for one request; a search reads all, up to `_SEARCH_BYTES`."""
_SEARCH_BYTES: Final = 100_000_000
_PARSED_FILES: Final = 60
_NEIGHBOURED: Final = 8
_SERVED_FILES: Final = 12
_STRONG: Final = 3.0
"""Evidence above what one common word gives; when no file has it, the first `_FEW` with any are served."""
_FEW: Final = 3
_CLOSE_SCAN: Final = 5_000


@dataclass(slots=True)
class RepoIndex:
    """One state of a folder. Files that change afterwards are read as they are; new ones need a new index."""

    root: Path
    settings: ContextSettings
    files: tuple[ListedFile, ...]
    nested: tuple[str, ...]
    """Repositories inside this one (submodules): listed, not entered."""
    _by_path: dict[str, ListedFile] = field(default_factory=dict)
    _symbols: dict[str, tuple[Symbol, ...]] = field(default_factory=dict)
    _ranked: dict[str, _Ranking] = field(default_factory=dict)

    @classmethod
    def build(cls, root: Path, settings: ContextSettings) -> RepoIndex:
        """List `root`. Raises UsageError when it cannot be read."""
        listing = list_files(root)
        by_path = {file.path: file for file in listing.files}
        return cls(root, settings, listing.files, listing.nested, by_path)

    @property
    def languages(self) -> tuple[Language, ...]:
        return detect_languages(self._by_path)

    def repo_map(self, request: str, token_budget: int) -> str:
        """Outlines of the files most relevant to `request`, then all others by folder; never over the budget."""
        ranking_ = self._rank(request)
        links = [file.path for file in self.files if file.is_link]
        notes = [f"{path}/ (another repository, read-only)" for path in self.nested]
        notes += [f"{len(links)} symbolic links: {', '.join(links[:20])}"] if links else []
        outlined = set(ranking_.order[:_PARSED_FILES])

        def symbols(path: str) -> Sequence[Symbol]:
            return self.symbols(path) if path in outlined else ()

        # An outline quotes the source, so it may hold a secret: a default argument, say.
        return clip(clean(render_map(ranking_.order, ranking_.scores, symbols, notes, token_budget)), token_budget)

    def relevant_files(self, request: str, token_budget: int) -> tuple[ServedFile, ...]:
        """Whole files that matter most, within the budget; a file the request names is cut rather than left out."""
        ranking_ = self._rank(request)
        strong = [path for path in ranking_.order if ranking_.evidence.get(path, 0) >= _STRONG]
        some = [path for path in ranking_.order if ranking_.evidence.get(path, 0) > 0][:_FEW]
        wanted = (strong or some)[:_SERVED_FILES]
        left = token_budget
        chosen: list[ServedFile] = []
        for path in wanted:
            served = self.read(path)
            if isinstance(served, Refusal):
                continue
            if estimate_tokens(served.text) > left:
                if ranking_.evidence[path] < ranking.NAMED_FILE:
                    continue
                served = cut(served, left)
            if served.text:
                chosen.append(served)
                left -= estimate_tokens(served.text)
        return tuple(chosen)

    def read(self, path: str) -> ServedFile | Refusal:
        """A file whole, without secrets and escapes; or why it is not shown."""
        text = self.text(path)
        if isinstance(text, Refusal):
            return text
        shown = clean(text)
        total = len(lines_of(shown))
        return ServedFile(path, shown, 1, total, total)

    def text(self, path: str) -> str | Refusal:
        """Raw text: not for prompts."""
        try:
            plain = "/".join(check_path(path))
        except PathRefused:
            return Refusal(path, "it is outside the repository")
        if is_secret(plain):
            return Refusal(path, "it is a file that holds secrets")
        file = self._by_path.get(plain)
        if file is None:
            return Refusal(path, self._why_absent(plain))
        return read_text(self.root, file, self.settings.max_file_kb * 1024)

    def symbols(self, path: str) -> tuple[Symbol, ...]:
        """Definitions in a file, kept for the next call."""
        if path not in self._symbols:
            text = self.text(path) if language_of(path) else ""
            self._symbols[path] = () if isinstance(text, Refusal) else symbols_of(path, text.encode())
        return self._symbols[path]

    def texts(self, request: str) -> Iterator[tuple[str, str]]:
        """Paths and raw texts of known kinds of files, the most relevant to `request` first."""
        return self._texts(self._rank(request).order, len(self.files), _SEARCH_BYTES)

    def _rank(self, request: str) -> _Ranking:
        if request not in self._ranked:
            self._ranked[request] = self._compute(request)
        return self._ranked[request]

    def _compute(self, request: str) -> _Ranking:
        query = ranking.read_query(request)
        paths = [file.path for file in self.files if not file.is_link]
        evidence = ranking.path_evidence(query, paths)
        result = _Ranking.of({path: ranking.prior(query, path) for path in paths}, evidence)
        if query.words or query.identifiers:
            texts = {path: text.encode() for path, text in self._texts(result.order, _READ_FILES, _READ_BYTES)}
            result = result.plus(ranking.content_evidence(query, texts))
        names = {path: [one.name for one in self.symbols(path)] for path in result.order[:_PARSED_FILES]}
        result = result.plus({path: ranking.symbol_evidence(query, found) for path, found in names.items()})
        return result.plus(self._neighbours(result))

    def _neighbours(self, result: _Ranking) -> dict[str, float]:
        """Points for what the best files import."""
        points: dict[str, float] = {}
        for path in result.order[:_NEIGHBOURED]:
            text = self.text(path) if result.evidence.get(path, 0) > 0 and is_code(path) else ""
            if isinstance(text, str):
                for near in imported_paths(path, text, self._by_path):
                    points[near] = ranking.NEIGHBOUR
        return points

    def _texts(self, order: Sequence[str], most_files: int, most_bytes: int) -> Iterator[tuple[str, str]]:
        left = most_bytes
        for path in [path for path in order if language_of(path)][:most_files]:
            size = self._by_path[path].size
            if size > min(left, self.settings.max_file_kb * 1024):
                continue
            left -= size
            text = self.text(path)
            if isinstance(text, str):
                yield path, text

    def _why_absent(self, path: str) -> str:
        if any(path == nested or path.startswith(f"{nested}/") for nested in self.nested):
            return "it belongs to another repository"
        if any(file.startswith(f"{path}/") for file in self._by_path):
            return "it is a folder"
        if (self.root / path).is_symlink() or (self.root / path).exists():
            return "it is ignored, or was made after the repository was listed"
        name = path.rpartition("/")[2]
        near = [known for known in self._by_path if known.rpartition("/")[2] == name][:3]
        near += get_close_matches(path, list(self._by_path)[:_CLOSE_SCAN], n=3, cutoff=0.6)
        hint = f"; the nearest are {', '.join(dict.fromkeys(near))}" if near else ""
        return f"there is no such file{hint}"


def cut(served: ServedFile, token_budget: int) -> ServedFile:
    """As many whole lines of the file, from its start, as fit."""
    text = clip(served.text, token_budget)
    return ServedFile(served.path, text, served.first, served.first + len(lines_of(text)) - 1, served.total)


@dataclass(frozen=True, slots=True)
class _Ranking:
    """`evidence` comes from the request alone; `scores` adds what is likely for any request. `order`: best first."""

    prior: dict[str, float]
    evidence: dict[str, float]
    scores: dict[str, float]
    order: tuple[str, ...]

    @classmethod
    def of(cls, prior: dict[str, float], evidence: dict[str, float]) -> _Ranking:
        scores = {path: value + evidence.get(path, 0.0) for path, value in prior.items()}
        order = tuple(sorted(scores, key=lambda path: (-round(scores[path], 6), path)))
        return cls(prior, evidence, scores, order)

    def plus(self, more: dict[str, float]) -> _Ranking:
        evidence = dict(self.evidence)
        for path, points in more.items():
            if path in self.prior:
                evidence[path] = evidence.get(path, 0.0) + points
        return _Ranking.of(self.prior, evidence)
