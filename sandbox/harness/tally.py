"""Counts what the child reports against what it had announced. Values in, a summary out."""

from __future__ import annotations

from .canaries import Canaries
from .frames import Frame

_MAX_ROWS = 20_000


class Tally:
    """Keeps canaries apart from real tests and remembers every contradiction."""

    def __init__(self, canaries: Canaries) -> None:
        self.tampered = ""
        self._canaries = canaries
        self._canary_outcomes: dict[str, str] = {}
        self._reported: set[str] = set()
        self._collected: int | None = None
        self._finish: dict[str, object] | None = None

    def take(self, frame: Frame) -> bool:
        """Account for one frame of the child; true if the host is to see it."""
        if self._finish is not None:
            self.tampered = "the report went on after its end"
            return False
        if frame.kind == "collected":
            self._collected = int(str(frame.fields["count"]))
            return False
        if frame.kind == "finish":
            self._finish = frame.fields
            return False
        if frame.kind == "row":
            return self._take_row(frame)
        return frame.kind in ("problem", "environment")

    def _take_row(self, frame: Frame) -> bool:
        test, outcome = str(frame.fields["test"]), str(frame.fields["outcome"])
        if test in self._canaries.must_pass:
            if test in self._canary_outcomes:
                self.tampered = "a control test was reported twice"
            self._canary_outcomes[test] = outcome
            return False
        if frame.fields.get("collector"):
            return True
        if test in self._reported:
            self.tampered = f"{test} was reported twice"
            return False
        self._reported.add(test)
        if len(self._reported) > _MAX_ROWS:
            self.tampered = "too many tests were reported"
            return False
        return True

    def summary(self) -> dict[str, object]:
        return {
            "finished": self._finish is not None,
            "finish": self._finish or {},
            "collected": self._collected,
            "reported": len(self._reported) + len(self._canary_outcomes),
            "tampered": self.tampered or self._broken_canary(),
        }

    def _broken_canary(self) -> str:
        """Why the control tests contradict the report; only a finished, collected session can be judged."""
        if self._finish is None or self._collected is None or self._collected == 0:
            return ""
        for name, passes in self._canaries.must_pass.items():
            outcome = self._canary_outcomes.get(name)
            if outcome is None:
                return "a control test was not run"
            if (outcome == "passed") is not passes:
                return "a control test that must fail passed" if not passes else "a control test that must pass failed"
        return ""
