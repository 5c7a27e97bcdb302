"""The web server: the page, its websocket, downloads; every request passes the gate first."""

from __future__ import annotations

import asyncio
import html
import signal
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.download_manager import DownloadManager

from app.exit import as_nexus_error
from app.output import say
from app.serve.access import Gate, Refused, Visit
from app.serve.viewer import Viewer, screen
from core.text.display import one_line

MAX_VIEWERS = 8
"""Pages open at a time. Each is a process: a browser that reconnects in a loop must not fill the machine."""

_HEARTBEAT_S = 15.0
_CLOSE_S = 2.0
_DEFAULT_SIZE = (80, 24)

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """One folder's terminal for one browser. `closing` is set to end it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.gate = Gate()
        self._folder = folder
        # Two servers share the cookies of 127.0.0.1.
        self._cookie_name = f"nexus_{port}"
        self._downloads = DownloadManager()
        self._viewers: set[Viewer] = set()
        self._sockets: set[web.WebSocketResponse] = set()

    async def serve(self, listener: socket.socket, ready: Callable[[], None]) -> None:
        """Answer requests until SIGINT, SIGTERM or SIGHUP; then end every viewer. `ready` is called once it listens."""
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
        # No access log: addresses carry the token.
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=_CLOSE_S)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            ready()
            await stop.wait()
        finally:
            await runner.cleanup()

    def _application(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/", self._page)
        app.router.add_get("/ws", self._websocket)
        app.router.add_get("/download/{key}", self._download)
        app.router.add_static("/static/textual", str(files("textual_serve") / "static"))
        app.router.add_static("/static/nexus", Path(__file__).parent / "web")
        app.on_response_prepare.append(_add_headers)
        app.on_shutdown.append(self._end_viewers)
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        is_page = request.path == "/" and request.method == "GET"
        visit = Visit(
            host=request.headers.get("Host", ""),
            origin=request.headers.get("Origin", ""),
            cookie=request.cookies.get(self._cookie_name, ""),
            token=request.query.get("token", "") if is_page else "",
            needs_origin=request.path == "/ws",
        )
        try:
            traded = self.gate.enter(visit)
        except Refused as refusal:
            return web.Response(status=HTTPStatus.FORBIDDEN, text=f"{refusal}\n")
        if traded:
            return self._hand_over_cookie()
        try:
            return await handler(request)
        except web.HTTPException as answer:
            return web.Response(status=answer.status, text=f"{answer.reason}.\n")
        except ConnectionError:
            raise  # the browser left; there is nobody to answer
        except Exception as error:
            known = as_nexus_error(error)
            say(f"nexus: {one_line(known.message)} {known.remedy}")
            return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR, text=f"{known}\n")

    def _hand_over_cookie(self) -> web.Response:
        """A page that goes on to the real one.

        Not a redirect: a browser that came here by a link on another site's page, such as a terminal in a browser,
        would not send the cookie along.
        """
        text = '<!doctype html><meta http-equiv="refresh" content="0;url=/"><a href="/">Go on</a>'
        response = web.Response(text=text, content_type="text/html")
        response.set_cookie(self._cookie_name, self.gate.cookie, httponly=True, samesite="Strict", path="/")
        return response

    async def _page(self, _: web.Request) -> web.Response:
        page = Template((Path(__file__).parent / "web" / "page.html").read_text(encoding="utf-8"))
        name = html.escape(one_line(self._folder.name or str(self._folder), 60))
        return web.Response(text=page.substitute(folder=name), content_type="text/html")

    async def _websocket(self, request: web.Request) -> web.WebSocketResponse:
        page = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, timeout=_CLOSE_S)
        await page.prepare(request)
        if len(self._viewers) >= MAX_VIEWERS:
            await page.send_bytes(screen(f"{MAX_VIEWERS} pages are open, which is the limit. Close one of them."))
            await page.close(code=WSCloseCode.TRY_AGAIN_LATER)
            return page
        viewer = Viewer(
            self._folder,
            write_bytes=page.send_bytes,
            write_str=page.send_str,
            close=page.close,
            download_manager=self._downloads,
        )
        self._viewers.add(viewer)
        self._sockets.add(page)
        try:
            await viewer.start(*_size(request))
            await _listen(page, viewer)
        except ConnectionError:
            pass  # the page is gone
        finally:
            self._sockets.discard(page)
            # Ended even when this request is cancelled, and until then it counts.
            await asyncio.shield(self._end(viewer))
        return page

    async def _end(self, viewer: Viewer) -> None:
        await viewer.stop()
        self._viewers.discard(viewer)

    async def _end_viewers(self, _: web.Application) -> None:
        await asyncio.gather(*(page.close(code=WSCloseCode.GOING_AWAY) for page in self._sockets))
        await asyncio.gather(*(viewer.stop() for viewer in self._viewers))

    async def _download(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        try:
            download = await self._downloads.get_download_metadata(key)
        except KeyError:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="There is no such download, or no longer.\n")
        response = web.StreamResponse()
        # Never shown in the page's place: what is exported may hold anything, and would run with its rights.
        response.content_type = "application/octet-stream"
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(download.file_name, safe='')}"
        await response.prepare(request)
        async for chunk in self._downloads.download(key):
            await response.write(chunk)
        await response.write_eof()
        return response


async def _listen(page: web.WebSocketResponse, viewer: Viewer) -> None:
    """Hand what the page sends to the process, until one of them is gone. What is not understood is left out."""
    async for message in page:
        if message.type != WSMsgType.TEXT:
            continue
        try:
            envelope: Any = message.json()
        except ValueError:
            continue
        match envelope:
            case ["stdin", str(typed)]:
                await viewer.send_bytes(typed.encode(errors="replace"))
            case ["resize", {"width": int(width), "height": int(height)}]:
                await viewer.set_terminal_size(width, height)
            case ["ping", when]:
                await page.send_json(["pong", when])
            case ["focus"]:
                await viewer.focus()
            case ["blur"]:
                await viewer.blur()


def _size(request: web.Request) -> tuple[int, int]:
    """Columns and rows of the page's terminal."""
    try:
        return int(request.query["width"]), int(request.query["height"])
    except (KeyError, ValueError):
        return _DEFAULT_SIZE


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
