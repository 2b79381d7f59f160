"""A line to the engine for whoever plays many people: HTTP/1.1 kept open, one request at a time, nothing more."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import NamedTuple, cast
from urllib.parse import urlsplit


class Answer(NamedTuple):
    status: int
    retry_after: float
    body: bytes
    head: bytes = b""


class LineLost(Exception):
    """No answer came; whether the request was carried out is unknown."""


class Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._waiter: asyncio.Future[Answer] | None = None
        self.open = False
        self.timed_out = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self.open = cast(asyncio.Transport, transport), True

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(LineLost(str(exc or "closed")))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        length, retry_after, closes = 0, 0.0, False
        status_line, *fields = head.split(b"\r\n")
        for field in fields:
            name, _, value = field.partition(b":")
            name = name.lower()
            if name == b"content-length":
                length = int(value)
            elif name == b"retry-after":
                retry_after = float(value)
            elif name == b"connection":
                closes = value.strip().lower() == b"close"
        if len(body) < length:
            return
        self._received = b""
        if closes:
            self.close()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(Answer(int(status_line[9:12]), retry_after, body, head))

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send a request and return the future of its answer."""
        assert self._transport is not None
        self._waiter = asyncio.get_running_loop().create_future()
        if self.open:
            self._transport.write(request)
        else:
            self._waiter.set_exception(LineLost("closed"))
        return self._waiter

    def close(self) -> None:
        self.open = False
        if self._transport is not None:
            self._transport.close()


class Lines:
    """So many lines at most, opened as they are needed; who finds none free waits for one."""

    def __init__(self, url: str, most: int, timeout_seconds: float = 30.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("an address is http://host:port")
        self._host, self._tls = parts.hostname, parts.scheme == "https"
        self._port = parts.port or (443 if self._tls else 80)
        self._named = parts.netloc
        self._free: list[Line] = []
        self._room = asyncio.Semaphore(most)
        self._timeout_seconds = timeout_seconds

    async def _open(self) -> Line:
        context = ssl.create_default_context() if self._tls else None
        try:
            _, line = await asyncio.wait_for(
                asyncio.get_running_loop().create_connection(Line, self._host, self._port, ssl=context),
                self._timeout_seconds,
            )
        except (OSError, TimeoutError) as error:
            raise LineLost(str(error)) from error
        return line

    def request(self, method: str, path: str, body: bytes = b"", token: str = "") -> bytes:
        bearer = f"authorization: Bearer {token}\r\n" if token else ""
        return (
            f"{method} {path} HTTP/1.1\r\nhost: {self._named}\r\ncontent-type: application/json\r\n{bearer}"
            f"content-length: {len(body)}\r\n\r\n"
        ).encode() + body

    async def ask(self, request: bytes) -> Answer:
        """Send a request, on a line of the pool, and return its answer; raises `LineLost`."""
        async with self._room:
            kept = self._kept()
            if kept is not None:
                try:
                    return await self._ask(kept, request)
                except LineLost:
                    if kept.timed_out:
                        raise
                    # the other side has dropped a line that was kept: every request may be sent again
            return await self._ask(await self._open(), request)

    async def _ask(self, line: Line, request: bytes) -> Answer:
        try:
            answer = await asyncio.wait_for(line.ask(request), self._timeout_seconds)
        except TimeoutError as error:
            line.timed_out = True
            line.close()
            raise LineLost("no answer in time") from error
        except LineLost:
            line.close()
            raise
        if line.open:
            self._free.append(line)
        return answer

    def _kept(self) -> Line | None:
        while self._free:
            line = self._free.pop()
            if line.open:
                return line
        return None

    async def send_and_hang_up(self, request: bytes, after: Callable[[], float]) -> None:
        """Send a request on a line of its own and hang up without hearing the answer, as a phone in a tunnel does."""
        async with self._room:
            try:
                line = await self._open()
            except LineLost:
                return
            waiter = line.ask(request)
            await asyncio.sleep(after())
            line.close()
            waiter.cancel()

    def close(self) -> None:
        for line in self._free:
            line.close()
        self._free.clear()
