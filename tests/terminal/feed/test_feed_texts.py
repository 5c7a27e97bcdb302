"""Answers and outputs of a run, as the feed hands them over."""

from __future__ import annotations

from config.paths import Paths
from core import events as ev
from core.storage.store import Store
from tests.support.feed import ANSWER, LOG, Run, watching


def test_an_answer_comes_as_it_is_written(run: Run, store: Store, paths: Paths) -> None:
    data = "Añadido: ".encode() + "— done\x1b]52;c;aGk=\x07 ✓".encode()
    run.emit(ev.ModelProgress("implementer", "implementer.1/0", ANSWER, 1))
    with watching(store, paths) as screen:
        for at in range(len(data)):  # also between the bytes of one character
            run.write(ANSWER, data[at : at + 1])
            if at % 7 == 0:
                screen.saw(lambda: True)
        screen.saw(lambda: screen.text.endswith("✓"))
    starts = [text.start for _, news in screen.batches for text in news.texts]
    assert starts[0] and not any(starts[1:])
    assert screen.text.startswith("Añadido: — done") and "\x1b" not in screen.text and "\x07" not in screen.text


def test_a_huge_answer_comes_in_pieces(run: Run, store: Store, paths: Paths) -> None:
    text = "".join(f"{number:09d}\n" for number in range(100_000))
    run.write(ANSWER, text.encode())
    run.emit(ev.ModelAnswered("implementer", "implementer.1/0", "m", 1, 1, 0, 0, False, 1, 1, ANSWER))
    with watching(store, paths) as screen:
        screen.saw(lambda: len(screen.text) == len(text))
    assert screen.text == text
    assert max(len(piece.text) for _, news in screen.batches for piece in news.texts) <= 64 * 1024


def test_an_answer_without_a_file_is_no_trouble(run: Run, store: Store, paths: Paths) -> None:
    run.emit(ev.ModelAnswered("implementer", "implementer.1/0", "m", 1, 1, 0, 0, False, 1, 1, "model/gone.txt"))
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.state.seq == 1)
    assert (screen.text, screen.view.trouble) == ("", "")


def test_a_flood_of_lines_costs_a_batch_per_picture(run: Run, store: Store, paths: Paths) -> None:
    run.emit(ev.SandboxStarted("verify", 1, "bubblewrap", "pytest", LOG))
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.budgets and screen.view.log is not None)
        screen.paints.clear()
        run.write(LOG, b"first\n")
        screen.saw(lambda: screen.batches[-1][1].log_grew)
        before = len(screen.batches)
        for number in range(200):
            run.write(LOG, b"".join(b"line %d of %d\n" % (each, number) for each in range(100)))
        screen.paints.set()
        screen.saw(lambda: screen.view.log.line_count == 20_001)  # type: ignore[union-attr]
        assert len(screen.batches) == before + 1
        assert screen.view.log is not None and screen.view.log.lines(20_000, 1) == ["line 99 of 199"]


def test_the_newest_output_is_shown_until_another_is_chosen(run: Run, store: Store, paths: Paths) -> None:
    run.emit(*(ev.SandboxStarted("verify", each, "bubblewrap", "pytest", f"sandbox/{each}.log") for each in (1, 2)))
    run.write("sandbox/1.log", b"one\n")
    run.write("sandbox/2.log", b"two\n")
    run.finish()
    with watching(store, paths) as screen:
        screen.saw(lambda: screen.view.log is not None and screen.view.log.lines(0, 1) == ["two"])
        assert screen.view.logs == ("sandbox/1.log", "sandbox/2.log")
        screen.feed.choose_log("sandbox/1.log")
        screen.saw(lambda: screen.view.log is not None and screen.view.log.lines(0, 1) == ["one"])
        screen.feed.choose_log("")
        screen.saw(lambda: screen.view.log is not None and screen.view.log.lines(0, 1) == ["two"])
