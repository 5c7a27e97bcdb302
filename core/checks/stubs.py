"""What candidates are compared with: their own code, doing what was done before it, or nothing."""

from __future__ import annotations

from core.checks.candidate import Candidate
from core.checks.languages import checks_of
from core.checks.test_files import is_test_path, steers_tests
from core.context.languages import source_language
from core.workspace import Workspace


def stubs_of(candidate: Candidate, workspace: Workspace) -> dict[str, bytes]:
    """By path, the changed sources as they would be without the change; all sources for a change of tests only."""
    if not candidate.sources:
        return _emptied(workspace)
    known: dict[str, bytes] = {}
    changed = False
    for path, text in candidate.sources.items():
        checks = checks_of(path)
        stub = checks.stub(candidate.before.get(path), text, path) if checks else None
        if checks and stub is not None:
            known[path] = stub
            changed = changed or not checks.same_code(stub, text)
    if not changed:
        # Declarations only: there is no body to empty, so the comparison is with the old files.
        return {path: candidate.before.get(path) or b"" for path in known}
    return known


def throwing_stubs_of(candidate: Candidate, workspace: Workspace) -> dict[str, bytes]:
    """The same sources with bodies that only throw; none for languages that do not compile."""
    sources = candidate.sources or _base_sources(workspace)
    stubs = {path: checks.throwing_stub(text, path) for path, text in sources.items() if (checks := checks_of(path))}
    return {path: stub for path, stub in stubs.items() if stub is not None}


def _emptied(workspace: Workspace) -> dict[str, bytes]:
    sources = _base_sources(workspace)
    stubs = {path: checks.stub(None, text, path) for path, text in sources.items() if (checks := checks_of(path))}
    return {path: stub for path, stub in stubs.items() if stub is not None}


def _base_sources(workspace: Workspace) -> dict[str, bytes]:
    files = workspace.base_files()
    chosen = [path for path in files if source_language(path) and not is_test_path(path) and not steers_tests(path)]
    return workspace.base_contents(chosen)
