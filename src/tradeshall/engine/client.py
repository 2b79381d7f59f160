"""The engine as the web side sees it: one interface, over HTTP or within the same process.

Methods are synchronous and return the engine's answers as plain dicts. They raise `EngineRefused` for a 4xx,
`EngineBusy` for a 503 and `EngineUnreachable` when no answer came.
"""

from __future__ import annotations

import asyncio
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Coroutine, Sequence
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import orjson

from tradeshall.core import clock
from tradeshall.engine.codes import EngineBusy, EngineRefused, EngineUnreachable
from tradeshall.engine.load import KIND_OF, READ
from tradeshall.engine.passes import issue_service_token

if TYPE_CHECKING:
    from tradeshall.engine.core import Engine

SERVICE_TOKEN_MS = 30 * 60_000  # longer than the clocks of two machines are likely to be apart
Responses = Sequence[Sequence[Any]]
"""`[[no, revision, [positions]], …]`"""


class EngineClient(Protocol):
    def start(self, pass_token: str) -> dict[str, Any]: ...
    def save(self, token: str, responses: Responses) -> dict[str, Any]: ...
    def submit(self, token: str, responses: Responses) -> dict[str, Any]: ...
    def standing(self, pass_token: str) -> dict[str, Any]: ...
    def review(self, token: str) -> dict[str, Any]: ...
    def review_of(self, pass_token: str, number: int) -> dict[str, Any]: ...
    def result_of(self, pass_token: str, number: int) -> dict[str, Any]: ...
    def board(self, round_id: int, limit: int = 50, offset: int = 0) -> dict[str, Any]: ...
    def place(self, round_id: int, participant: int) -> dict[str, Any]: ...
    def monitor(self, round_id: int, rehearsal: bool = False) -> dict[str, Any]: ...
    def load(self) -> dict[str, Any]: ...
    def health(self) -> dict[str, Any]: ...


_client: EngineClient | None = None


def install(client: EngineClient | None) -> None:
    """Make a client the one that `current` returns."""
    global _client
    _client = client


def current() -> EngineClient:
    """Return the client of this process."""
    if _client is None:
        raise RuntimeError("no engine client is installed in this process")
    return _client


def asked(status: int, answer: bytes, retry_after: str | None = None) -> dict[str, Any]:
    """Return an answer as a dict, or raise what its status means."""
    try:
        told = orjson.loads(answer)
    except orjson.JSONDecodeError:
        raise EngineUnreachable(f"status {status}, and no JSON") from None
    if status == 200:
        return dict(told)
    code = str(told.pop("code", ""))
    if status == 503:
        raise EngineBusy(int(retry_after or told.get("retry_after_seconds", 1)), code)
    if 400 <= status < 500:
        raise EngineRefused(status, code, told)
    raise EngineUnreachable(f"status {status}")


class _Methods(ABC):
    """What members ask, in terms of one question: a path, and what is sent with it."""

    @abstractmethod
    def _post(self, name: str, sent: dict[str, Any]) -> dict[str, Any]: ...

    def start(self, pass_token: str) -> dict[str, Any]:
        return self._post("start", {"pass": pass_token})

    def save(self, token: str, responses: Responses) -> dict[str, Any]:
        return self._post("save", {"token": token, "responses": responses})

    def submit(self, token: str, responses: Responses) -> dict[str, Any]:
        return self._post("submit", {"token": token, "responses": responses})

    def standing(self, pass_token: str) -> dict[str, Any]:
        return self._post("standing", {"pass": pass_token})

    def review(self, token: str) -> dict[str, Any]:
        return self._post("review", {"token": token})

    def review_of(self, pass_token: str, number: int) -> dict[str, Any]:
        return self._post("review", {"pass": pass_token, "number": number})

    def result_of(self, pass_token: str, number: int) -> dict[str, Any]:
        return self._post("result", {"pass": pass_token, "number": number})


class HttpClient(_Methods):
    """The engine in another process: one connection a thread, kept open."""

    def __init__(self, base_url: str, service_key: bytes, *, timeout_seconds: float = 10.0) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the engine's address is http://host:port")
        self._connect = partial(
            HTTPSConnection if parts.scheme == "https" else HTTPConnection,
            parts.hostname,
            parts.port,
            timeout=timeout_seconds,
        )
        self._service_key = service_key
        self._local = threading.local()

    def close(self) -> None:
        """Drop the connection of this thread."""
        kept: HTTPConnection | None = getattr(self._local, "connection", None)
        if kept is not None:
            kept.close()
            self._local.connection = None

    def board(self, round_id: int, limit: int = 50, offset: int = 0) -> dict[str, Any]:
        return self._get(f"board/{round_id}?limit={limit}&offset={offset}")

    def place(self, round_id: int, participant: int) -> dict[str, Any]:
        return self._get(f"place/{round_id}/{participant}")

    def monitor(self, round_id: int, rehearsal: bool = False) -> dict[str, Any]:
        return self._get(f"monitor/{round_id}" + ("?rehearsal=1" if rehearsal else ""))

    def load(self) -> dict[str, Any]:
        return self._get("load")

    def health(self) -> dict[str, Any]:
        return self._get("health")

    def _post(self, name: str, sent: dict[str, Any]) -> dict[str, Any]:
        return self._ask("POST", "/engine/" + name, orjson.dumps(sent), {"content-type": "application/json"})

    def _get(self, path: str) -> dict[str, Any]:
        token = issue_service_token(self._service_key, clock.now_ms() + SERVICE_TOKEN_MS)
        return self._ask("GET", "/engine/" + path, None, {"authorization": f"Bearer {token}"})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
        # every request may be sent twice, so one on a connection the other side has dropped is sent anew
        for attempt in (1, 2):
            kept: HTTPConnection | None = getattr(self._local, "connection", None)
            connection = kept if kept is not None else self._connect()
            self._local.connection = None
            try:
                connection.request(method, path, body, headers)
                response = connection.getresponse()
                answer = response.read()
            except (OSError, HTTPException) as error:
                connection.close()
                if kept is None or attempt == 2 or isinstance(error, TimeoutError):
                    raise EngineUnreachable(str(error)) from error
                continue
            self._local.connection = connection
            return asked(response.status, answer, response.getheader("retry-after"))
        raise AssertionError("not reached")


class LocalClient(_Methods):
    """The engine in this process, on its event loop in another thread."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop, *, timeout_seconds: float = 30.0) -> None:
        self._engine = engine
        self._loop = loop
        self._timeout_seconds = timeout_seconds

    async def _counted(self, answer: Coroutine[Any, Any, bytes], kind: int) -> bytes:
        """Await an answer and count it as one over HTTP is counted."""
        began_ns, status = time.monotonic_ns(), 500
        try:
            told = await answer
            status = 200
            return told
        except EngineRefused as refused:
            status = refused.status
            raise
        except EngineBusy:
            status = 503
            raise
        finally:
            self._engine.committer.load.answered(kind, status, began_ns)

    def _wait(self, answer: Coroutine[Any, Any, bytes], kind: int | None = None) -> dict[str, Any]:
        if kind is not None:
            answer = self._counted(answer, kind)
        try:
            future = asyncio.run_coroutine_threadsafe(answer, self._loop)
        except RuntimeError as error:
            answer.close()
            raise EngineUnreachable("the engine has stopped") from error
        try:
            return dict(orjson.loads(future.result(self._timeout_seconds)))
        except TimeoutError as error:
            raise EngineUnreachable("no answer in time") from error

    def _post(self, name: str, sent: dict[str, Any]) -> dict[str, Any]:
        engine, at_ms = self._engine, clock.now_ms()
        kind = KIND_OF.get(name, READ)
        # as over HTTP, what is sent is JSON: tuples become lists, and nothing is shared between threads
        sent = orjson.loads(orjson.dumps(sent))
        if name == "start":
            return self._wait(engine.start(sent["pass"], at_ms), kind)
        if name == "save":
            return self._wait(engine.save(sent["token"], sent["responses"], at_ms), kind)
        if name == "submit":
            return self._wait(engine.submit(sent["token"], sent["responses"], at_ms), kind)
        if name == "standing":
            return self._wait(engine.standing(sent["pass"], at_ms), kind)
        if name == "result":
            return self._wait(engine.result(sent["pass"], sent["number"], at_ms), kind)
        return self._wait(engine.review(sent.get("token"), sent.get("pass"), sent.get("number"), at_ms), kind)

    def board(self, round_id: int, limit: int = 50, offset: int = 0) -> dict[str, Any]:
        return self._wait(self._engine.board(round_id, limit, offset))

    def place(self, round_id: int, participant: int) -> dict[str, Any]:
        return self._wait(self._engine.place(round_id, participant))

    def monitor(self, round_id: int, rehearsal: bool = False) -> dict[str, Any]:
        return self._wait(self._engine.monitor(round_id, rehearsal))

    def load(self) -> dict[str, Any]:
        return self._wait(self._engine.load_answer())

    def health(self) -> dict[str, Any]:
        return dict(orjson.loads(self._engine.health()))
