"""One thing a checker saw in the code: shared by all checkers, stored in `findings.reported` events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["info", "warning", "error"]

_SEVERITIES: dict[object, Severity] = {"info": "info", "warning": "warning", "error": "error"}


@dataclass(frozen=True, slots=True)
class Finding:
    """`line` counts from 1; 0 is the whole file. One `blocking` finding keeps an attempt from being verified."""

    rule: str
    """Stable name, such as `anti_cheat.test_removed`."""
    severity: Severity
    path: str
    line: int
    message: str
    fix: str = ""
    """What to do instead, or empty."""
    blocking: bool = False

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """Read a stored finding; a severity this version does not know is shown as a warning."""
        return cls(
            rule=str(data.get("rule", "")),
            severity=_SEVERITIES.get(data.get("severity"), "warning"),
            path=str(data.get("path", "")),
            line=int(data.get("line") or 0),
            message=str(data.get("message", "")),
            fix=str(data.get("fix", "")),
            blocking=bool(data.get("blocking", False)),
        )

    @property
    def place(self) -> str:
        """`path:line`, or the path alone."""
        return f"{self.path}:{self.line}" if self.line else self.path
