"""The AGENTS.md chain: what the owners of a repository want every agent to know."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.context.reading import clean, decode

if TYPE_CHECKING:
    from config.settings import ContextSettings

NAME: Final = "AGENTS.md"
_MAX_PARENTS: Final = 40


@dataclass(frozen=True, slots=True)
class AgentsMd:
    """`text` runs from the most general file to the nearest; `cut` when the size limit left something out."""

    text: str
    sources: tuple[str, ...]
    cut: bool = False


def read_agents_md(project: Path, config_dir: Path, settings: ContextSettings) -> AgentsMd:
    """The user's own file, then those from the repository's root down to `project`.

    Over `agents_md_kb` the most general text goes first: the nearest file is the one that knows best.
    """
    left = settings.agents_md_kb * 1024
    parts: list[str] = []
    sources: list[str] = []
    was_cut = False
    for title, file, boundary in reversed(_chain(project, config_dir)):
        text = _read(file, boundary, left + 1)
        if not text.strip():
            continue
        whole = text.encode()
        if len(whole) > left:
            was_cut = True
            text = whole[:left].decode(errors="ignore").rpartition("\n")[0]
        left -= len(text.encode())
        if text.strip():
            parts.insert(0, f"From {title}:\n{text.strip()}")
            sources.insert(0, title)
    if was_cut:
        parts.append(f"(Guidance beyond {settings.agents_md_kb} kB was left out.)")
    return AgentsMd("\n\n".join(parts), tuple(sources), was_cut)


def _chain(project: Path, config_dir: Path) -> list[tuple[str, Path, Path]]:
    """(title, file, folder it must stay in), the most general first."""
    project = project.absolute()
    folders = [project]
    for folder in (project, *list(project.parents)[:_MAX_PARENTS]):
        if (folder / ".git").exists():
            folders = [project, *(parent for parent in project.parents if parent.is_relative_to(folder))]
            break
    top = folders[-1]
    chain = [(f"{NAME} of the user", config_dir / NAME, config_dir)]
    chain += [(str((folder / NAME).relative_to(top)), folder / NAME, top) for folder in reversed(folders)]
    return chain


def _read(file: Path, boundary: Path, most: int) -> str:
    """Text of the file, at most `most` bytes; empty when it is absent, not text, or a link out of `boundary`."""
    try:
        if not file.is_file() or not file.resolve().is_relative_to(boundary.resolve()):
            return ""
        with file.open("rb") as opened:
            data = opened.read(most)
    except OSError:
        return ""
    text = decode(data)
    if text is None:
        # The limit may have cut a character in two.
        text = decode(data[: data.rfind(b"\n") + 1])
    return clean(text or "")
