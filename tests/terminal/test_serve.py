"""`nexus serve`: the terminal in a real browser, and who may open it."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.serve.site import MAX_VIEWERS
from tests.support.browser import Browser, needs_chromium
from tests.support.live import FEW_MUTANTS, HeldServer, end_engine, eventually, is_alive, row_of
from tests.support.nexus import environment, nexus
from tests.support.project import COMPETENT, TRIVIAL, make_project
from tests.support.serving import WEBSOCKET, Reply, Serving

LISTENING = "0A"
"""A state in /proc/net/tcp."""
ASKS = "The run waits for you"
PAGE_AND_PARTS = ("/", "/static/textual/js/textual.js", "/static/nexus/page.js", "/ws", "/download/some-key", "/other")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("serve") / "shop")


@pytest.fixture
def env(nexus_home: Path) -> dict[str, str]:
    return environment(nexus_home)


@pytest.fixture
def provider(nexus_home: Path) -> Iterator[HeldServer]:
    with HeldServer(COMPETENT, "tester") as server:
        yield server
        end_engine(nexus_home)


@pytest.fixture
def serving(folder: Path, env: dict[str, str]) -> Iterator[Serving]:
    with Serving(folder, env) as server:
        yield server


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path / "chromium") as started:
        yield started


def refused(reply: Reply, part: str) -> None:
    """One sentence or two, and nothing else."""
    assert reply.status == 403
    assert part in reply.text and reply.text.count("\n") == 1
    assert "Set-Cookie" not in reply.headers


# --- who may enter ---


def test_the_address_opens_for_one_browser_and_the_cookie_for_it_alone(serving: Serving) -> None:
    first = serving.ask(f"/?{serving.token}")
    assert first.status == 200
    assert {"HttpOnly", "SameSite=Strict"} <= set(first.headers["Set-Cookie"].split("; "))
    assert serving.token.removeprefix("token=") not in first.headers["Set-Cookie"]
    refused(serving.ask(f"/?{serving.token}"), "already opened")
    assert serving.ask("/", Cookie=first.cookie).status == 200
    assert serving.ask(f"/?{serving.token}", Cookie=first.cookie).status == 200, "a reload of the first address"


@pytest.mark.parametrize("path", PAGE_AND_PARTS)
def test_without_the_cookie_nothing_is_served(serving: Serving, path: str) -> None:
    headers = {"Origin": serving.home, **WEBSOCKET} if path == "/ws" else {}
    refused(serving.ask(path, **headers), "the address that `nexus serve` printed")
    wrong = serving.enter()[:-1] + "~"
    refused(serving.ask(path, Cookie=wrong, **headers), "the address that `nexus serve` printed")
    refused(serving.ask(path, Cookie="nexus=\xff", **headers), "the address that `nexus serve` printed")


def test_neither_a_wrong_guess_nor_a_look_at_the_address_spends_the_token(serving: Serving) -> None:
    refused(serving.ask("/?token=guess"), "not the one")
    refused(serving.ask("/?token=%FF%00%C3%A9"), "not the one")
    assert serving.ask(f"/?{serving.token}", "HEAD").status == 403
    refused(serving.ask(f"/ws?{serving.token}", Origin=serving.home, **WEBSOCKET), "printed")
    assert serving.enter()


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:80", "evil.example:8790", "", "localhost:8790@x"]
)
def test_a_name_that_only_resolves_to_this_machine_is_refused(serving: Serving, host: str) -> None:
    cookie = serving.enter()
    for path in PAGE_AND_PARTS:
        refused(serving.ask(path, Host=host, Cookie=cookie, Origin=f"http://{host}"), "only answers to 127.0.0.1")


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "http://localhost", "null", ""])
def test_a_page_of_another_origin_gets_no_websocket_even_with_the_cookie(serving: Serving, origin: str) -> None:
    cookie = serving.enter()
    named = {"Origin": origin} if origin else {}
    refused(serving.ask("/ws", Cookie=cookie, **named, **WEBSOCKET), "its own page")
    if origin:
        refused(serving.ask("/", Cookie=cookie, **named), "its own page")
    assert serving.viewers() == {}


def test_a_forwarded_port_may_have_another_number(serving: Serving) -> None:
    cookie = serving.enter()
    here = {"Host": "localhost:9000", "Origin": "http://localhost:9000"}
    assert serving.ask("/", Cookie=cookie, **here).status == 200


def test_no_answer_may_be_kept_framed_or_fed_by_another_server(serving: Serving) -> None:
    cookie = serving.enter()
    for path in ("/", "/static/nexus/page.js", "/download/none"):
        headers = serving.ask(path, Cookie=cookie).headers
        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    page = serving.ask("/", Cookie=cookie).text
    assert "http" not in page.replace("http-equiv", "")


def test_it_listens_on_the_loopback_interface_only_and_tells_no_secret(serving: Serving) -> None:
    cookie = serving.enter()
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    here = [one[1] for one in sockets if one[1].endswith(f":{serving.port:04X}") and one[3] == LISTENING]
    assert here == [f"0100007F:{serving.port:04X}"]
    with socket.create_connection(("127.0.0.1", serving.port)) as line:
        line.sendall(b"not http at all\r\n\r\n")
        assert b"400" in line.recv(4096)
    code, said = serving.end()
    assert code == 0
    assert cookie.partition("=")[2] not in said and serving.token.removeprefix("token=") not in said
    assert said.splitlines() == [
        "Open this address in a browser. It opens in one only; ^C here ends it.",
        "Stopped. Runs under way go on; `nexus runs` lists them.",
    ]


# --- starting and ending ---


def test_a_taken_port_is_named_and_without_a_wish_another_is_used(folder: Path, env: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = nexus(["serve", "--port", port], folder, env)
    assert (done.code, done.out) == (1, "")
    assert f"Port {port} is taken" in done.err
    with ExitStack() as both:
        ports = [both.enter_context(Serving(folder, env, ())).port for _ in range(2)]
        assert len({*ports, 0, None}) == 4


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (["--host", "0.0.0.0"], 2, "ssh -L 8790:127.0.0.1:8790"),
        (["--port", "70000"], 2, "not a port number"),
        (["--port", "http"], 2, "not a port number"),
        (["no/such/folder"], 2, "no/such/folder is not a folder"),
        (["pyproject.toml"], 2, "pyproject.toml is not a folder"),
    ],
)
def test_what_cannot_be_served_is_refused_in_a_sentence(
    folder: Path, env: dict[str, str], args: list[str], code: int, sentence: str
) -> None:
    done = nexus(["serve", *args], folder, env)
    assert (done.code, done.out) == (code, "")
    assert sentence in done.err and "Traceback" not in done.err


def test_a_home_that_cannot_be_written_is_named_before_an_address_is_given(
    folder: Path, env: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    done = nexus(["serve"], folder, {**env, "NEXUS_HOME": str(tmp_path / "file" / "home")})
    assert (done.code, done.out) == (3, "")
    assert f"{tmp_path / 'file' / 'home'} cannot be written" in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_viewer_outlives_the_server(serving: Serving, number: int) -> None:
    cookie = serving.enter()
    with serving.page(cookie), serving.page(cookie):
        eventually(lambda: len(serving.viewers()) == 2)
        viewers = serving.viewers()
        code, _ = serving.end(number)
        assert code == (0 if number != signal.SIGKILL else -signal.SIGKILL)
        eventually(lambda: not any(is_alive(pid) for pid in viewers))


def test_a_viewer_ends_with_its_page_and_only_so_many_pages_are_open(serving: Serving) -> None:
    cookie = serving.enter()
    with ExitStack() as pages:
        for _ in range(MAX_VIEWERS):
            pages.enter_context(serving.page(cookie))
        eventually(lambda: len(serving.viewers()) == MAX_VIEWERS)
        with serving.page(cookie):
            pass
        assert len(serving.viewers()) == MAX_VIEWERS
    eventually(lambda: not serving.viewers())
    with serving.page(cookie):
        eventually(lambda: len(serving.viewers()) == 1)


# --- in a browser ---


@needs_chromium
def test_the_terminal_is_in_the_page_takes_keys_and_needs_no_other_server(serving: Serving, browser: Browser) -> None:
    browser.go(serving.address)
    browser.shows("Say what should change")
    browser.type("a café")
    browser.shows("│ a café ")
    browser.press("F1")
    browser.shows("Type to search")
    assert browser.evaluate("location.href") == f"{serving.home}/", "the token is gone from the address bar"
    assert browser.evaluate("document.cookie") == "", "scripts cannot read the cookie"
    assert {urlsplit(one).netloc for one in browser.asked_for} == {f"127.0.0.1:{serving.port}"}
    assert browser.evaluate("document.fonts.check('16px Roboto Mono')")
    assert serving.viewers()
    browser.go("about:blank")
    eventually(lambda: not serving.viewers())


@needs_chromium
def test_a_run_begun_in_the_page_goes_on_across_a_reload_and_is_approved_in_the_new_page(
    tmp_path: Path, nexus_home: Path, provider: HeldServer, browser: Browser
) -> None:
    project = make_project(tmp_path / "shop")
    with Serving(project, environment(nexus_home, provider.base_url, **FEW_MUTANTS)) as serving:
        browser.go(serving.address)
        browser.shows("Say what should change")
        browser.type(TRIVIAL)
        browser.shows(TRIVIAL)
        browser.press("Enter")
        provider.wait_until_asked()
        run = row_of(nexus_home)
        assert run.pid is not None
        browser.shows(run.id)
        before = serving.viewers().keys() - {run.pid}
        browser.reload()
        eventually(lambda: not any(is_alive(pid) for pid in before))
        browser.shows(run.id)
        assert row_of(nexus_home).pid == run.pid and is_alive(run.pid)
        provider.go.set()
        browser.shows(ASKS)
        eventually(lambda: _answered(browser))
        eventually(lambda: row_of(nexus_home).status == "finished")
        browser.shows("verified")
        serving.end()
        browser.says("no longer connected")
    assert row_of(nexus_home).verdict == "verified"
    assert "discount" in (project / "shop" / "prices.py").read_text()


def _answered(browser: Browser) -> bool:
    """Approve; a question that popped up by itself does not hear the first keys."""
    if ASKS in browser.screen():
        browser.type("a")
        return False
    return True


@needs_chromium
def test_why_the_terminal_cannot_open_is_said_on_the_page(serving: Serving, browser: Browser, nexus_home: Path) -> None:
    (nexus_home / "nexus.db").write_bytes(b"not a database" * 100)
    browser.go(serving.address)
    browser.shows("nexus.db")
    browser.says("Connect again")
    assert "Traceback" not in browser.screen()


@needs_chromium
def test_one_page_too_many_says_so(serving: Serving, browser: Browser) -> None:
    cookie = serving.enter()
    name, _, value = cookie.partition("=")
    browser.call("Network.setCookie", name=name, value=value, url=serving.home)
    with ExitStack() as pages:
        for _ in range(MAX_VIEWERS):
            pages.enter_context(serving.page(cookie))
        browser.go(serving.home)
        browser.shows(f"{MAX_VIEWERS} pages are open")
        assert len(serving.viewers()) == MAX_VIEWERS
    eventually(lambda: not serving.viewers())
    browser.reload()
    browser.shows("Say what should change")
