"""What every isolation backend offers."""

from __future__ import annotations

from typing import Protocol

from sandbox.model import BoxRequest, ExecutionResult, Language, OnOutput, OnRow, PythonEnvironment

GRACE_S = 5.0
"""How much longer than its own limit the supervisor may take before the host ends the box."""


class Backend(Protocol):
    """One way to isolate. Each run gets a box of its own, which is gone afterwards."""

    @property
    def name(self) -> str: ...

    @property
    def profile(self) -> str:
        """Hash of everything that shapes the isolation, limits aside."""
        ...

    async def start(self) -> None:
        """Check that it can isolate here. Raises SandboxUnavailable with the command that mends it."""
        ...

    async def require(self, language: Language) -> None:
        """Make sure that boxes of a language can be made. Raises SandboxUnavailable with the command that helps."""
        ...

    async def run(
        self, request: BoxRequest, on_row: OnRow | None = None, on_output: OnOutput | None = None
    ) -> tuple[ExecutionResult, PythonEnvironment | None]:
        """Run one request; the environment is there for `probe` requests. Never raises for the code's own faults."""
        ...

    async def close(self) -> None: ...
