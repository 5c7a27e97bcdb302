"""A run driven by the test, and a screen that takes what the feed hands over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.terminal.feed import RunFeed
from app.terminal.pace import Pace
from config.paths import Paths, make_private_dir
from config.settings import Settings
from core import events as ev
from core.events import Body
from core.ids import RunId
from core.run.runs import begin_run, claim, create_run, finish_run
from core.storage.event_log import EventLog
from core.storage.store import Store
from screens.ports import News, RunView
from tests.support.live import eventually

RUN = RunId("261123-0101-aaaaaa")
LOG = "sandbox/verify-1.log"
ANSWER = "model/implementer.1.txt"


class Run:
    """A run that is driven by this process."""

    def __init__(self, store: Store, paths: Paths, run_id: RunId, project: Path) -> None:
        self.id = run_id
        self.store = store
        self.folder = paths.run_dir(run_id)
        create_run(store, run_id, project, f"request of {run_id}", Settings(), {})
        self.lock = claim(paths, run_id)
        begin_run(store, run_id)
        self.log = EventLog(store, run_id)

    def emit(self, *bodies: Body) -> None:
        for body in bodies:
            self.log.emit(body)
        self.store.write(lambda _: None)  # everything before it is durable now

    def notices(self, first: int, last: int) -> None:
        self.emit(*(ev.Notice(str(number)) for number in range(first, last + 1)))

    def write(self, name: str, data: bytes) -> None:
        place = self.folder / name
        make_private_dir(place.parent)
        with place.open("ab") as file:
            file.write(data)

    def finish(self) -> None:
        end = ev.RunFinished("verified", "It passed.", 0)
        self.emit(end)
        finish_run(self.store, self.id, end)
        self.lock.release()


class Screen:
    """Takes batches as the application does; paints nothing while `paints` is cleared."""

    def __init__(self, store: Store, paths: Paths, run_id: str = RUN) -> None:
        self.batches: list[tuple[RunView, News]] = []
        self.warnings: list[str] = []
        self.paints = threading.Event()
        self.paints.set()
        self.feed = RunFeed(store, paths, run_id, Pace(200, lambda: 0), self._deliver, self.warnings.append)

    def _deliver(self, feed: RunFeed, view: RunView, news: News) -> None:
        self.batches.append((view, news))
        threading.Thread(target=self._paint, args=(feed,), daemon=True).start()

    def _paint(self, feed: RunFeed) -> None:
        self.paints.wait()
        feed.taken()
        feed.shown()

    @property
    def view(self) -> RunView:
        return self.batches[-1][0]

    @property
    def seqs(self) -> list[int]:
        return [event.seq for _, news in self.batches for event in news.events]

    @property
    def text(self) -> str:
        return "".join(text.text for _, news in self.batches for text in news.texts)

    def saw(self, holds: Callable[[], object]) -> None:
        eventually(lambda: self.batches and holds())


@contextmanager
def watching(store: Store, paths: Paths, run_id: str = RUN) -> Iterator[Screen]:
    screen = Screen(store, paths, run_id)
    screen.feed.start()
    try:
        yield screen
    finally:
        screen.feed.stop()
        screen.feed.join()
