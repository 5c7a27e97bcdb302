"""The text of a repository map: outlines of the most relevant files, then everything else by folder."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.context.symbols import Symbol
from core.context.tokens import estimate_tokens

_OUTLINE_SHARE: Final = 0.7
_MAX_SYMBOLS: Final = 40
_NAMES_PER_FOLDER: Final = 40


@dataclass
class _Budget:
    """Tokens left. Lines are counted with their newline, so that the sum is never below the whole."""

    left: int

    def take(self, lines: Sequence[str]) -> bool:
        cost = sum(estimate_tokens(line + "\n") for line in lines)
        if cost > self.left:
            return False
        self.left -= cost
        return True


@dataclass
class _Folder:
    files: list[str] = field(default_factory=list)
    folders: dict[str, _Folder] = field(default_factory=dict)
    total: int = 0
    best: float = 0.0


def render_map(
    ranked: Sequence[str],
    scores: Mapping[str, float],
    symbols: Callable[[str], Sequence[Symbol]],
    notes: Sequence[str],
    token_budget: int,
) -> str:
    """A map of at most `token_budget` tokens. `ranked`: all paths, best first. `notes`: lines on links, submodules."""
    budget = _Budget(token_budget)
    if not ranked and not notes:
        line = "The folder is empty."
        return line if budget.take([line]) else ""
    reserve = token_budget - int(token_budget * _OUTLINE_SHARE)
    budget.left -= reserve
    outlined, outlines = _outlines(ranked, symbols, budget)
    budget.left += reserve
    rest = [path for path in ranked if path not in outlined]
    title = "Other files:" if outlined else "Files:"
    listing: list[str] = []
    if rest and budget.take([title]):
        listing = _listing(rest, scores, budget)
        listing = [title, *listing] if listing else []
    kept_notes = [note for note in notes if budget.take([note])]
    return "\n".join([*outlines, *listing, *kept_notes])


def _outlines(
    ranked: Sequence[str], symbols: Callable[[str], Sequence[Symbol]], budget: _Budget
) -> tuple[set[str], list[str]]:
    """Files with their signatures, as many as fit; a file whose signatures do not fit stays out."""
    outlined: set[str] = set()
    lines: list[str] = []
    misses = 0
    for path in ranked:
        if misses == 3:
            break
        found = symbols(path)
        if not found:
            continue
        block = [path, *("    " * (1 + one.depth) + one.signature for one in found[:_MAX_SYMBOLS])]
        if len(found) > _MAX_SYMBOLS:
            block.append(f"    … {len(found) - _MAX_SYMBOLS} more")
        if budget.take(block):
            outlined.add(path)
            lines += block
        else:
            misses += 1
    return outlined, lines


def _listing(paths: Iterable[str], scores: Mapping[str, float], budget: _Budget) -> list[str]:
    """One line per folder. Folders open best first; those that do not fit stay closed, with a count of their files."""
    root = _Folder()
    for path in paths:
        _add(root, path, scores.get(path, 0.0))
    lines: dict[str, list[str]] = {}
    closed = {"": [f"./ ({root.total} files)"]}
    if not budget.take(closed[""]):
        return []
    waiting: list[tuple[float, str, _Folder]] = [(-root.best, "", root)]
    while waiting:
        _, name, folder = heapq.heappop(waiting)
        children = {f"{name}{part}/": child for part, child in folder.folders.items()}
        summaries = {child_name: [f"{child_name} ({child.total} files)"] for child_name, child in children.items()}
        opened = _names(name, folder.files)
        budget.left += sum(estimate_tokens(line + "\n") for line in closed[name])
        if budget.take([*opened, *(line for summary in summaries.values() for line in summary)]):
            del closed[name]
            lines[name] = opened
            closed.update(summaries)
            for child_name, child in children.items():
                heapq.heappush(waiting, (-child.best, child_name, child))
        else:
            budget.take(closed[name])
    return [line for name in sorted({**lines, **closed}) for line in (lines.get(name) or closed.get(name, []))]


def _names(folder: str, files: Sequence[str]) -> list[str]:
    if not files:
        return []
    shown = files[:_NAMES_PER_FOLDER]
    more = f" … {len(files) - len(shown)} more" if len(files) > len(shown) else ""
    return [f"{folder or './'}: {', '.join(sorted(shown))}{more}"]


def _add(root: _Folder, path: str, score: float) -> None:
    folder = root
    *parents, name = path.split("/")
    for part in ("", *parents):
        folder = folder.folders.setdefault(part, _Folder()) if part else folder
        folder.total += 1
        folder.best = max(folder.best, score)
    folder.files.append(name)
