"""Puts together what agents are shown of a run: repository first and unchanged, so that prompt caches hit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from config.settings import ContextSettings
from core.checks.test_files import is_test_path
from core.context import RepoIndex, ServedFile, read_agents_md
from core.context.conventions import conventions
from core.context.languages import languages_asked
from core.context.symbols import outline
from core.run.ports import Brief
from core.text.redaction import redact, strip_escapes
from core.workspace import Workspace
from sandbox.model import Language


@dataclass(slots=True)
class Briefing:
    """The brief of one run; `index` is the repository as it was when the run began."""

    workspace: Workspace
    settings: ContextSettings
    config_dir: Path
    request: str
    index: RepoIndex = field(init=False)

    def __post_init__(self) -> None:
        self.index = RepoIndex.build(self.workspace.root, self.settings)

    @property
    def languages(self) -> tuple[Language, ...]:
        """Those of the project, or else those that the request names: an empty folder may become anything."""
        return self.index.languages or languages_asked(self.request) or ("python",)

    def initial(self) -> Brief:
        """Request, map, guidance and the most relevant files."""
        files = self.index.relevant_files(self.request, self.settings.file_tokens)
        guidance = read_agents_md(self.workspace.root, self.config_dir, self.settings)
        return Brief(
            request=redact(strip_escapes(self.request)),
            repository=self.index.repo_map(self.request, self.settings.repo_map_tokens),
            conventions=conventions(self.index, self.languages),
            guidance=guidance.text,
            files="\n\n".join(_fenced(served.path, served.text) for served in files),
        )

    def now(self) -> RepoIndex:
        """An index of the workspace as it is at this moment, for agents that ask to see more."""
        return RepoIndex.build(self.workspace.root, self.settings)

    def with_changes(self, brief: Brief, feedback: str, attempt: int) -> Brief:
        """For a repair: the sources changed so far, as they are, and what the harness found."""
        index = self.now()
        texts = []
        for change in self.workspace.changes():
            if change.kind == "deleted" or is_test_path(change.path):
                continue
            served = index.read(change.path)
            shown = _fenced(change.path, served.text) if isinstance(served, ServedFile) else f"{change.path}: not shown"
            texts.append(shown)
        return replace(brief, changed="\n\n".join(texts), feedback=feedback, attempt=attempt)

    def interfaces(self) -> str:
        """Public signatures of the changed sources, without bodies."""
        parts = []
        for change in self.workspace.changes():
            if change.kind == "deleted" or is_test_path(change.path):
                continue
            symbols = outline(change.path, (self.workspace.root / change.path).read_bytes())
            lines = [line for line in symbols if not _private(line)]
            if lines:
                parts.append(f"{change.path}\n" + "\n".join(f"    {line}" for line in lines))
        return "\n".join(parts)


def _private(signature: str) -> bool:
    name = signature.strip().removeprefix("async ").removeprefix("def ").removeprefix("class ")
    return name.startswith(("_", "#", "private ")) and not name.startswith("__init__")


def _fenced(path: str, text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{path}\n{fence}\n{text.rstrip()}\n{fence}"
