"""One object for each language the checks know: what its stubs, mutants and cheats look like."""

from __future__ import annotations

from collections.abc import Mapping

from core.checks.languages.dotnet import DotnetChecks
from core.checks.languages.model import LanguageChecks
from core.checks.languages.python import PythonChecks
from core.checks.languages.typescript import TypeScriptChecks
from core.context.languages import source_language
from sandbox.model import Language

CHECKS: Mapping[Language, LanguageChecks] = {
    "python": PythonChecks(),
    "typescript": TypeScriptChecks(),
    "dotnet": DotnetChecks(),
}


def checks_of(path: str) -> LanguageChecks | None:
    """The checks for a source file; None for files of other kinds."""
    language = source_language(path)
    return CHECKS[language] if language else None
