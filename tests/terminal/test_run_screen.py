"""The run screen at every width: its panels and tabs, what is drawn and when, and text that means harm."""

from __future__ import annotations

import asyncio

import pytest
from textual.message import Message

from config.paths import Paths
from core import events as ev
from core.storage.store import Store
from screens.widgets.live_text import LiveText
from screens.widgets.prompt import Prompt
from tests.support.journal import lay_down
from tests.support.run_screen import RUN, SIZES, SMALLEST, begin, watching
from tests.support.screens import SMALL, WIDE, opened, shows

HOSTILE = "\x1b[31mred\x1b[0m\x1b]52;c;ZXZpbA==\x07 \u202egnp.exe\u202c [bold]loud[/bold] [@click=app.exit]\x00"

# --- a whole run ---


async def test_a_wide_window_shows_every_panel_of_a_run(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("[1] Phases", "[2] Guardrails", "[3] Cost", "[4] Agent", "[5] Tests")
        await watched.shows("8 of 8 phases", "3 of 3 left", "RETRY", "Recorded answers cost nothing", "30 passed")
        for phase in ("analyst", "architect", "implementer", "tester", "verify", "reviewer", "integrator"):
            assert any(f"✓ {phase}" in line and "done" in line for line in watched.text.splitlines())
        await watched.shows("✓ verified", "Verified and delivered to commit", "1 retry", "report")


@pytest.mark.parametrize("size", [SMALL, SMALLEST])
async def test_a_narrow_window_shows_one_panel_and_the_names_of_all(
    store: Store, paths: Paths, size: tuple[int, int]
) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, size=size) as watched:
        await watched.shows("1 Phases  2 Guardrails  3 Cost [4 Agent] 5 Sandbox", "deliver")
        for key, tab, words in (
            ("1", "[1 Phases]", "✓ analyst"),
            ("2", "[2 Guardrails]", "of 3 left"),
            ("3", "[3 Cost]", "$0.00 spent"),
            ("5", "[5 Sandbox]", "✓ passed"),
        ):
            await watched.press(key)
            await watched.shows(tab, words)
        await watched.shows_not("✓ analyst")
        await watched.shows("verified")


@pytest.mark.parametrize("size", SIZES)
async def test_every_line_of_the_screen_fits_the_window(store: Store, paths: Paths, size: tuple[int, int]) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, size=size) as watched:
        await watched.shows("verified", "Agent", "Help")
        lines = watched.text.splitlines()
        assert len(lines) == size[1]
        assert lines[0].strip().startswith(("nexus", RUN))
        assert "Help" in lines[-1]


async def test_zoom_gives_a_panel_the_whole_window_and_gives_it_back(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("[1] Phases")
        await watched.press("3", "z")
        await watched.shows_not("[1] Phases")
        await watched.shows("[3] Cost", "replay/worklog", "month")
        await watched.shows_not("Say what should change")
        await watched.press("z")
        await watched.shows("[1] Phases", "Say what should change")
        await watched.press("z")
        await watched.shows_not("[1] Phases")
        await watched.press("escape")
        await watched.shows("[1] Phases")


async def test_tab_walks_through_all_panels_to_the_request_and_round(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, size=SMALL) as watched:
        await watched.shows("[4 Agent]")
        await watched.press("tab")
        await watched.shows("[5 Sandbox]")
        await watched.press("tab")
        assert watched.pilot.app.screen.query_one(Prompt).field.has_focus
        await watched.press("tab")
        await watched.shows("[1 Phases]")
        await watched.press("shift+tab", "shift+tab")
        await watched.shows("[5 Sandbox]")


async def test_a_click_on_a_tab_shows_its_panel(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, size=SMALL) as watched:
        await watched.shows("[4 Agent]")
        await watched.pilot.click("#tabs", offset=(4, 0))
        await watched.shows("[1 Phases]", "✓ analyst")


async def test_the_panel_with_the_keys_is_marked_with_more_than_a_colour(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("● [4] Agent")
        await watched.press("1")
        await watched.shows("● [1] Phases")
        await watched.shows_not("● [4]")


# --- while it works ---


async def test_panels_that_are_not_seen_are_not_drawn(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)

    async with watching(store, paths, size=SMALL) as watched:
        await watched.shows("[4 Agent]", "verified")
        cost = watched.pilot.app.screen.query_one("#cost LiveText", LiveText)
        assert not str(cost.content)
        await watched.press("3")
        await watched.shows("$0.00 spent")
        assert str(cost.content)


async def test_a_finished_run_costs_nothing_to_look_at(store: Store, paths: Paths) -> None:
    lay_down(store, paths, RUN)
    messages: list[Message] = []

    async with opened(store, paths, WIDE, RUN, heard=messages.append) as pilot:
        await shows(pilot, "verified", "30 passed", "integrator")
        await pilot.pause()
        await asyncio.sleep(1.0)
        messages.clear()
        await asyncio.sleep(1.5)
        assert not messages


# --- where it runs, and hostile text ---


async def test_over_ssh_the_header_names_the_host(store: Store, paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 5000 10.0.0.2 22")
    monkeypatch.setattr("socket.gethostname", lambda: "dev01")
    lay_down(store, paths, RUN)

    async with watching(store, paths) as watched:
        await watched.shows("on dev01")


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_in_every_field_is_only_text(store: Store, paths: Paths, size: tuple[int, int]) -> None:
    driven = begin(store, paths, HOSTILE)
    place = paths.run_dir(RUN) / "model" / "x.md"
    place.parent.mkdir(parents=True)
    place.write_text(f"# {HOSTILE}\n\n[link](javascript:alert)\n\n```{HOSTILE}\n{HOSTILE}\n```\n")
    log = paths.run_dir(RUN) / "sandbox" / "verify-0.log"
    log.parent.mkdir(parents=True)
    log.write_text(HOSTILE)
    driven.emit(
        ev.PhaseStarted("implementer"),
        ev.ModelCalled("implementer", "implementer.0/0", HOSTILE, 10),
        ev.ModelAnswered("implementer", "implementer.0/0", HOSTILE, 1, 1, 0, 1, True, 1, 1, "x.md"),
        ev.ModelRetried("implementer", "implementer.0/0", HOSTILE, HOSTILE, 10, HOSTILE),
        ev.AnswerRejected("implementer", "implementer.0/0", [HOSTILE]),
        ev.ContextServed("implementer", 1, [HOSTILE], [HOSTILE]),
        ev.EditsApplied("implementer", 0, [HOSTILE], [HOSTILE]),
        ev.PhaseFinished("implementer", 0, "failed", HOSTILE),
        ev.SandboxStarted("verify", 0, HOSTILE, HOSTILE, "sandbox/verify-0.log"),
        ev.TestFinished(HOSTILE, "failed", 1, f"E {HOSTILE}"),
        ev.TestFinished("odd", HOSTILE, 1, HOSTILE),
        ev.SandboxFinished("verify", 0, HOSTILE, HOSTILE, 0, 1, 10),
        ev.FindingsReported(HOSTILE, 0, [{"severity": HOSTILE, "path": HOSTILE, "message": HOSTILE}]),
        ev.GuardrailDecided("RETRY", HOSTILE, HOSTILE),
        ev.Notice(HOSTILE, "warning"),
        ev.BudgetAlert(HOSTILE, 50, 1, 2),
        ev.DeliveryChanged(HOSTILE, [HOSTILE], HOSTILE, HOSTILE, HOSTILE),
    )
    driven.finish(ev.RunFinished("not_verified", HOSTILE, 1, report=HOSTILE, remedy=HOSTILE, files=[HOSTILE]))

    with driven:
        async with watching(store, paths, size=size) as watched:
            await watched.shows("not verified")
            for key in "12345":
                await watched.press(key)
                await asyncio.sleep(0.1)
                await watched.shows("not verified", *(["[bold]loud[/bold]"] if size == WIDE else []))
                for bad in ("\x1b", "\x07", "\x00", "\u202e"):
                    assert bad not in watched.text
            await watched.press("t", "enter", "escape")
            await watched.shows("not verified")
