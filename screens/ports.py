"""What screens may ask of the application, and the values they get. Everything here only reads.

Methods are coroutines that do their work in a thread; all raise NexusError with a sentence for people.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from core.cost_manager import Scope
    from core.events import Event
    from core.guardrails import Remaining
    from core.run.log_file import LogFile
    from core.run.proposal import Proposal
    from core.run.run_list import RunDetail, RunFilter, RunPage
    from core.run.runs import RunRow
    from core.state import RunState


def _nothing() -> RunState:
    from core.state import INITIAL

    return INITIAL


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as it stands now: what the panels of a run show."""

    row: RunRow
    state: RunState = field(default_factory=_nothing)
    budgets: tuple[Scope, ...] = ()
    """The budgets that are on, narrowest first; empty until the ledger was read."""
    left: Remaining | None = None
    """What the last guardrail decision left under each limit."""
    log: LogFile | None = None
    """The newest sandbox output, or the one that was chosen."""
    logs: tuple[str, ...] = ()
    """Names of all sandbox outputs of the run, oldest first."""
    delivered: str = ""
    """State of its delivery (`core.delivery.model`), such as APPLIED, BRANCHED or UNDONE; empty: none."""
    trouble: str = ""
    """Why the run does not move or cannot be read, in a sentence; empty when all is well."""
    replayed: bool = False
    """It is seen as it was at an event; time stands still."""

    @property
    def live(self) -> bool:
        """A process drives it, or is about to."""
        return self.row.status in ("queued", "running", "paused", "waiting")


@dataclass(frozen=True, slots=True)
class ModelText:
    """Text of one model answer that has newly arrived. `start`: the first of a new answer."""

    step: str
    text: str
    start: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """What is new since the last look at a run."""

    events: tuple[Event, ...] = ()
    texts: tuple[ModelText, ...] = ()
    log_grew: bool = False
    first: bool = False
    """The run was opened just now: everything shown before belongs to another one."""


class Runs(Protocol):
    """The runs of this user."""

    async def page(self, search: str, status: RunFilter, project: str, offset: int, limit: int) -> RunPage:
        """Newest first; the words of `search` are looked for in id, request and project. `project` empty: all."""
        ...

    async def moved(self, live: bool) -> int:
        """Another number when anything in the database is another. `live`: see first whether a live run has died."""
        ...

    async def detail(self, run_id: str) -> RunDetail: ...

    async def events(self, run_id: str) -> Sequence[Event]: ...

    async def row(self, run_id: str) -> RunRow: ...

    async def rating(self, run_id: str) -> tuple[int, str] | None: ...

    async def report(self, run_id: str) -> str:
        """The evidence report as Markdown."""
        ...

    async def proposal(self, run_id: str) -> Proposal: ...


class Project(Protocol):
    """The folder the terminal was opened in."""

    @property
    def folder(self) -> Path: ...

    @property
    def suggestion(self) -> str:
        """A request to begin with; usually empty."""
        ...

    async def requests(self) -> Sequence[str]:
        """Earlier requests for this project, newest first, each once."""
        ...

    async def files(self) -> Sequence[str]:
        """Paths relative to `folder` that an agent may see."""
        ...


class Checked(Protocol):
    """What one check of the machine found."""

    @property
    def id(self) -> str: ...
    @property
    def status(self) -> Literal["ok", "warn", "fail"]: ...
    @property
    def summary(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def duration_ms(self) -> int: ...


class Doctor(Protocol):
    async def names(self, online: bool = False) -> Sequence[str]:
        """The checks that are made, in the order they are shown."""
        ...

    def examine(self, online: bool = False) -> AsyncIterator[Checked]:
        """Results as they arrive. `online`: the provider is asked too, which is free."""
        ...

    async def missing(self) -> Sequence[Checked]:
        """The quick checks that found something: what a first start should say."""
        ...


SettingOrigin = Literal["default", "your file", "project", "environment"]
SettingPlace = Literal["user", "project"]
"""Whose file a setting is written to."""


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting: `value` and `default` as they are written in a file."""

    key: str
    value: str
    default: str
    origin: SettingOrigin
    place: str
    """File and line, or the variable, that the value comes from; empty for the default."""
    help: str
    kind: str
    """`text`, `whole number`, `number`, `yes or no` or `choice`."""
    choices: tuple[str, ...]
    bounds: str
    """What a number must keep to; empty: anything."""
    project_may: bool
    """Whether a project's file may set it."""
    who: str
    """Who may set it, in words."""
    env: str
    """The environment variable that sets it."""
    written: tuple[SettingPlace, ...]
    """The files that set it, whether or not that takes effect."""
    hidden: bool
    """The value holds a password that `value` does not show."""


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Every setting as it stands."""

    rows: tuple[SettingRow, ...]
    warnings: tuple[str, ...]
    """What was ignored, one sentence each."""


class SettingsDesk(Protocol):
    async def page(self) -> SettingsPage: ...

    async def problem(self, key: str, text: str, where: SettingPlace) -> str:
        """Why that file cannot say `text` for `key`, or empty."""
        ...

    def file(self, where: SettingPlace) -> Path: ...


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model with its price in USD per million tokens; None: unknown, so it is never called."""

    size: str
    """`small`, `medium` or `large`."""
    model: str
    input_usd: float | None
    output_usd: float | None
    source: str
    """Who says so."""
    long_over: int = 0
    """Prompts of more tokens than this cost more; 0: all cost the same."""


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """A model profile."""

    name: str
    keys: tuple[tuple[str, bool], ...]
    """Environment variables that may hold the key, and whether they are set; empty: needs none. Never a value."""
    server: str
    """Host of the server, where it is not the provider's own."""
    models: tuple[ModelLine, ...]
    """One per size; empty when the profile names none."""
    chains: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """Per phase and complexity the sizes asked: primary, escalation, fallback."""


@dataclass(frozen=True, slots=True)
class ProfilesPage:
    """The profiles, and which one the next run would use."""

    profiles: tuple[ProfileLine, ...]
    chosen: str
    """Empty when none can be used."""
    why: str
    """Why that one, or why none."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What was spent, in micro-dollars."""

    days: tuple[tuple[str, int], ...]
    """The last days, oldest first, days without spending included: `YYYY-MM-DD` (UTC) and the sum."""
    models: tuple[tuple[str, int, int], ...]
    """Model, calls, sum, this month; the dearest first."""
    scopes: tuple[Scope, ...]
    """The budgets that are on, narrowest first. Those of day and month as they stand; of task and run only limits."""


class ModelsDesk(Protocol):
    async def profiles(self) -> ProfilesPage: ...

    async def spending(self, days: int) -> Spending: ...


class Services(Protocol):
    """Everything screens read; `screens.base.NexusScreen.services` is where they find it."""

    @property
    def runs(self) -> Runs: ...
    @property
    def project(self) -> Project: ...
    @property
    def doctor(self) -> Doctor: ...
    @property
    def settings(self) -> SettingsDesk: ...
    @property
    def models(self) -> ModelsDesk: ...
