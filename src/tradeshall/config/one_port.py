"""One process, one port: `/engine/` goes to the engine's coroutine, all else to Django in a pool of threads.

Django runs under WSGI: through an ASGI bridge an empty page costs two and a half times as much. Bodies are
read on the event loop into a spool under a cap; a page is made, joined if short, and closed in one thread, so
that the database connection it used is looked after where it was opened. A long answer is streamed from that
same thread.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import random
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import IO, Any

from tradeshall.engine import client
from tradeshall.engine.core import Engine
from tradeshall.engine.http import PREFIX, EngineHttp

log = logging.getLogger(__name__)

BACKGROUND: tuple[str, ...] = (
    "tradeshall.journal.tasks.dispatch_until",
    "tradeshall.contests.tasks.ingest_until",
    "tradeshall.contests.tasks.keep_boards_until",
    "tradeshall.contests.tasks.rehearse_until",
    "tradeshall.people.tasks.forget_sessions_until",
    "tradeshall.config.after_rounds.follow_rounds_until",
)
"""What runs beside the pages: dotted names of callables `f(stop: threading.Event)` that return once it is set."""

BODY_LIMIT_BYTES = 64 * 1024 * 1024
SPOOL_BYTES = 1024 * 1024
JOIN_LIMIT_BYTES = 1024 * 1024
THREADS = 8
WAITING_PAGES = 400
AT_WORK_PAGES = 1600
"""So many may wait for the page of an attempt: whoever has begun comes before whoever is only looking."""
PATIENCE_SECONDS = (60.0, 3.0, 2.0)
"""How long the first of each line may have waited before no more are let into it: who is let in is served soon."""
SHORT_BODY_BYTES = 64 * 1024
"""A body that says it is no longer than this takes no place among `LONG_BODIES`; that of a GET may not be longer."""
LONG_BODIES = 32
"""How many longer ones are read at once; each may fill `BODY_LIMIT_BYTES` of the disk."""
BODY_SECONDS = 30.0
"""How long a body may take, and one second more for every `BODY_PACE_BYTES` of it that have come."""
BODY_PACE_BYTES = 16 * 1024
SEND_SECONDS = 60.0
"""How long a reader of a long answer may take for one part of it: meanwhile nobody else has the thread."""
RESTART_SECONDS = 5.0
BODILESS = frozenset(("GET", "HEAD", "OPTIONS"))
Headers = list[tuple[str, str]]


class TooLarge(Exception):
    """The body is over the cap."""


class CutOff(Exception):
    """The body ended before the length it said it had."""


class OnePort:
    """The whole installation as one RSGI application; without an engine, the pages alone."""

    def __init__(
        self,
        pages: Callable[..., Iterable[bytes]],
        engine: Engine | None = None,
        *,
        threads: int = THREADS,
        background: Iterable[str] = (),
    ) -> None:
        self._django = pages
        self._engine = engine
        self._engine_http = EngineHttp(engine) if engine is not None else None
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="page")
        self._turns = Turns(threads)
        self._waiting = 0
        self._long_bodies = 0
        self._stop = threading.Event()
        self._background = [
            threading.Thread(target=self._run_background, args=(name,), name=name, daemon=True) for name in background
        ]
        self._loop: asyncio.AbstractEventLoop | None = None

    async def begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        if self._engine is not None:
            self._engine.open(self._loop)
            client.install(client.LocalClient(self._engine, self._loop))
        for thread in self._background:
            thread.start()

    async def end(self) -> None:
        self._stop.set()
        for thread in self._background:
            await asyncio.to_thread(thread.join, 20)
        await asyncio.to_thread(self._threads.shutdown)
        if self._engine is not None:
            client.install(None)
            await self._engine.close()

    def _run_background(self, name: str) -> None:
        module, _, function = name.rpartition(".")
        while not self._stop.is_set():
            try:
                getattr(import_module(module), function)(self._stop)
                return
            except Exception:
                log.exception("%s failed and is started again", name)
                self._stop.wait(RESTART_SECONDS)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        if scope.proto != "http":
            proto.close(404)
        elif self._engine_http is not None and scope.path.startswith(PREFIX):
            await self._engine_http(scope, proto)
        else:
            await self._page(scope, proto)

    async def _page(self, scope: Any, proto: Any) -> None:
        """Take the body in, then wait for a thread. Only who waits for a thread counts as waiting: else those who
        send nothing would keep everybody out."""
        assert self._loop is not None
        is_long = not _says_it_is_short(scope)
        line = _place_in_line(scope)
        most = WAITING_PAGES if line == 2 else AT_WORK_PAGES
        if self._waiting >= most or self._turns.crowded(line) or (is_long and self._long_bodies >= LONG_BODIES):
            _refuse_busy(scope, proto)
            return
        self._long_bodies += is_long
        try:
            body: IO[bytes]
            with io.BytesIO() if scope.method in BODILESS else tempfile.SpooledTemporaryFile(SPOOL_BYTES) as body:
                try:
                    size = await _spool(scope, proto, body)
                except TooLarge:
                    proto.response_empty(413, [("connection", "close")])
                    return
                except CutOff:
                    proto.response_empty(400, [("connection", "close")])
                    return
                except TimeoutError:
                    proto.response_empty(408, [("connection", "close")])
                    return
                if self._waiting >= most:
                    _refuse_busy(scope, proto)
                    return
                self._waiting += 1
                try:
                    await self._turns.take(line)
                    try:
                        await self._loop.run_in_executor(self._threads, self._answer, scope, proto, body, size)
                    finally:
                        self._turns.give()
                finally:
                    self._waiting -= 1
        finally:
            self._long_bodies -= is_long

    def _answer(self, scope: Any, proto: Any, body: IO[bytes], size: int) -> None:
        """Run Django in a thread of the pool and send what it says."""
        started: list[Any] = []

        def start_response(status: str, headers: Headers, exc_info: Any = None, /) -> None:
            started[:] = [int(status[:3]), [(name.lower(), value.strip()) for name, value in headers]]

        try:
            response = self._django(_environ(scope, body, size), start_response)
            status, headers = started
        except Exception:
            log.exception("%s %s failed outside Django", scope.method, scope.path)
            proto.response_empty(500, [])
            return
        try:
            if scope.method == "HEAD":
                proto.response_empty(status, headers)
            elif _is_short(response, headers):
                proto.response_bytes(status, headers, b"".join(response))
            else:
                self._stream(proto, status, headers, response)
        finally:
            close = getattr(response, "close", None)
            if close is not None:
                close()

    def _stream(self, proto: Any, status: int, headers: Headers, response: Iterable[bytes]) -> None:
        assert self._loop is not None
        transport = proto.response_stream(status, headers)
        for part in response:
            if self._stop.is_set():
                return

            async def send(part: bytes = part) -> None:
                await transport.send_bytes(part)

            sending = asyncio.run_coroutine_threadsafe(send(), self._loop)
            try:
                sending.result(SEND_SECONDS)
            except Exception:
                sending.cancel()
                log.info("the reader of a long answer went away, or no longer takes it")
                return


class Turns:
    """Whose turn it is for a thread: those nearer to the front of three lines, each in the order of coming."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._lines: tuple[deque[tuple[float, asyncio.Future[None]]], ...] = (deque(), deque(), deque())

    def crowded(self, line: int) -> bool:
        """Answer whether the first of a line has waited so long that nobody else should join it."""
        waiting = self._lines[line]
        while waiting and waiting[0][1].done():
            waiting.popleft()  # has left
        return bool(waiting) and time.monotonic() - waiting[0][0] > PATIENCE_SECONDS[line]

    async def take(self, line: int) -> None:
        """Wait for a turn; whoever has had one gives it back."""
        if self._free:
            self._free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        self._lines[line].append((time.monotonic(), mine))
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self.give()
            raise

    def give(self) -> None:
        for line in self._lines:
            while line:
                _, waits = line.popleft()
                if not waits.done():
                    waits.set_result(None)
                    return
        self._free += 1


def _place_in_line(scope: Any) -> int:
    """Return which line a page waits in: first a paper that is to be shown, since its time has begun.

    Whoever still waits to begin has a cookie that says so.
    """
    if not scope.path.endswith("/attempt/"):
        return 2
    begun = scope.method in BODILESS and "waiting=" not in "; ".join(scope.headers.get_all("cookie"))
    return 0 if begun else 1


def _is_short(response: Any, headers: Headers) -> bool:
    if not getattr(response, "streaming", True):
        return True
    length = dict(headers).get("content-length", "")
    return length.isdigit() and int(length) <= JOIN_LIMIT_BYTES


def _says_it_is_short(scope: Any) -> bool:
    if scope.method in BODILESS:
        return True
    length = scope.headers.get("content-length")
    return length is not None and length.isdecimal() and len(length) < 10 and int(length) <= SHORT_BODY_BYTES


ONE_MOMENT = """<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>请稍候 · One moment</title></head><body>
<h1>请稍候</h1><p>此刻来的人很多。本页会自动重试，您不会因等待而损失答题时间。</p>
<h1 lang="en">One moment</h1><p lang="en">Many people are here just now. This page tries again by itself;
waiting costs you no time of an attempt that has not begun.</p></body></html>
"""


def _refuse_busy(scope: Any, proto: Any) -> None:
    """Show a page that comes again by itself, each at another moment; a form is to be sent again from its page."""
    again = _again_seconds()
    headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("retry-after", str(again)),
        ("refresh", f"{again}"),
        ("connection", "close"),
    ]
    proto.response_str(503, headers, ONE_MOMENT)


_turned_away = [0, 0]  # in which second, how many


def _again_seconds() -> int:
    """Return after how long to come again: the later the more are turned away, and each at another moment."""
    second = int(time.monotonic())
    if _turned_away[0] != second:
        _turned_away[:] = second, 0
    _turned_away[1] += 1
    return min(30, 3 + _turned_away[1] // 20) + random.randint(0, 3)  # noqa: S311


async def _spool(scope: Any, proto: Any, body: IO[bytes]) -> int:
    """Read a body into the spool and return its size.

    Raises `TooLarge` without reading past the cap, TimeoutError for one that comes too slowly, and `CutOff` for one
    whose sender went away: half a form is another form.
    """
    most = SHORT_BODY_BYTES if scope.method in BODILESS else BODY_LIMIT_BYTES
    length = scope.headers.get("content-length") or "0"
    if not length.isdecimal() or len(length) > 9 or int(length) > most:
        raise TooLarge
    size = 0
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout_at(began + BODY_SECONDS) as limit:
        async for part in proto:
            size += len(part)
            if size > most:
                raise TooLarge
            body.write(part)
            limit.reschedule(began + BODY_SECONDS + size / BODY_PACE_BYTES)
    if size < int(length):
        raise CutOff
    body.seek(0)
    return size


def _environ(scope: Any, body: IO[bytes], size: int) -> dict[str, Any]:
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # the server has unquoted it already
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/" + scope.http_version,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    headers = scope.headers
    for name in headers.keys():  # noqa: SIM118 not a dict
        if "_" in name:
            continue  # x_forwarded_for would pass for x-forwarded-for
        key = name.upper().replace("-", "_")
        value = ("; " if name == "cookie" else ",").join(headers.get_all(name))
        environ[key if key == "CONTENT_TYPE" else "HTTP_" + key] = value
    environ.pop("HTTP_CONTENT_LENGTH", None)
    if scope.authority:
        environ.setdefault("HTTP_HOST", scope.authority)
    if scope.method not in BODILESS:
        environ["CONTENT_LENGTH"] = str(size)  # what came, for a chunked body says nothing of itself
    return environ


def django_pages() -> Callable[..., Iterable[bytes]]:
    """Return Django's WSGI handler, set up, with this version's style sheets and scripts laid out to be served."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradeshall.config.settings.embedded")
    import django
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)  # what has not changed is left as it is
    return get_wsgi_application()
