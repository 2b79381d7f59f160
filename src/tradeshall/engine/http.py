"""The engine over HTTP, as an RSGI application: JSON in, JSON out.

A body is bounded while it is read: one that says it is too long is not read at all, one that does not say is
cut off at the limit. A request is stamped before its body is read, so a slow line costs nobody time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import orjson

from tradeshall.core import clock
from tradeshall.engine.codes import Code, EngineBusy, EngineRefused, refused
from tradeshall.engine.core import Engine
from tradeshall.engine.load import READ, SAVE, START, SUBMIT
from tradeshall.engine.passes import METRICS, check_service_token

log = logging.getLogger(__name__)

BODY_LIMIT_BYTES = 64 * 1024
PREFIX = "/engine/"
Headers = list[tuple[str, str]]
JSON: Headers = [("content-type", "application/json"), ("cache-control", "no-store")]
CLOSE = ("connection", "close")
Write = Callable[[dict[str, Any], int], Awaitable[bytes]]


class EngineHttp:
    """Translates requests to the engine and its answers back."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._counted = {  # the service's own looks are not counted
            "/engine/start": START,
            "/engine/save": SAVE,
            "/engine/submit": SUBMIT,
            "/engine/standing": READ,
            "/engine/result": READ,
            "/engine/review": READ,
        }
        self._posts: dict[str, Write] = {
            "/engine/start": lambda sent, at: engine.start(sent.get("pass"), at),
            "/engine/save": lambda sent, at: engine.save(sent.get("token"), sent.get("responses"), at),
            "/engine/submit": lambda sent, at: engine.submit(sent.get("token"), sent.get("responses"), at),
            "/engine/standing": lambda sent, at: engine.standing(sent.get("pass"), at),
            "/engine/result": lambda sent, at: engine.result(sent.get("pass"), sent.get("number"), at),
            "/engine/review": lambda sent, at: engine.review(
                sent.get("token"), sent.get("pass"), sent.get("number"), at
            ),
        }

    async def __call__(self, scope: Any, proto: Any) -> None:
        headers = JSON
        began_ns = time.monotonic_ns()
        try:
            status, answer = 200, await self._answer(scope, proto)
        except EngineRefused as error:
            status, answer = error.status, orjson.dumps({"code": error.code, **error.details})
            if status in (408, 413):
                headers = [*JSON, CLOSE]
        except EngineBusy as error:
            status = 503
            answer = orjson.dumps({"code": error.code, "retry_after_seconds": error.retry_after_seconds})
            headers = [*JSON, ("retry-after", str(error.retry_after_seconds))]
        except Exception:
            log.exception("%s %s failed", scope.method, scope.path)
            status, answer = 500, b'{"code":"engine:process:failed"}'
        if (kind := self._counted.get(scope.path)) is not None:
            self.engine.committer.load.answered(kind, status, began_ns)
        proto.response_bytes(status, headers, answer)

    async def _answer(self, scope: Any, proto: Any) -> bytes:
        path: str = scope.path
        write = self._posts.get(path)
        if write is None:
            return await self._get(scope, path)
        if scope.method != "POST":
            raise refused(Code.REQUEST_WRONG_METHOD, allowed="POST")
        arrived_ms = clock.now_ms()
        ticket = self.engine.body_begins(arrived_ms)
        try:
            body = await read_body(scope, proto)
        except asyncio.CancelledError:
            if self.engine.body_ends(ticket):
                raise
            raise refused(Code.REQUEST_TOO_SLOW, limit_seconds=self.engine.limits.body_seconds) from None
        finally:
            self.engine.body_ends(ticket)
        try:
            sent = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise refused(Code.REQUEST_MALFORMED, expected="JSON") from None
        if type(sent) is not dict:
            raise refused(Code.REQUEST_MALFORMED, expected="an object")
        return await write(sent, arrived_ms)

    async def _get(self, scope: Any, path: str) -> bytes:
        if not path.startswith(PREFIX):
            raise refused(Code.REQUEST_UNKNOWN_PATH)
        name, *rest = path[len(PREFIX) :].split("/")
        if name not in ("health", "board", "place", "monitor", "load", "metrics"):
            raise refused(Code.REQUEST_UNKNOWN_PATH)
        if scope.method != "GET":
            raise refused(Code.REQUEST_WRONG_METHOD, allowed="GET")
        if name == "health" and not rest:
            return self.engine.health()
        self._check_service(scope, METRICS if name == "metrics" else "")
        if name == "load" and not rest:
            return await self.engine.load_answer()
        if name == "metrics" and not rest:
            return self.engine.metrics()
        numbers = [_number(text) for text in rest]
        if name == "board" and len(numbers) == 1:
            asked = parse_qs(scope.query_string)
            limit, offset = (_number(asked.get(key, [usual])[0]) for key, usual in (("limit", "50"), ("offset", "0")))
            return await self.engine.board(numbers[0], limit, offset)
        if name == "place" and len(numbers) == 2:
            return await self.engine.place(numbers[0], numbers[1])
        if name == "monitor" and len(numbers) == 1:
            return await self.engine.monitor(numbers[0], "rehearsal=1" in scope.query_string)
        raise refused(Code.REQUEST_UNKNOWN_PATH)

    def _check_service(self, scope: Any, purpose: str) -> None:
        scheme, _, token = (scope.headers.get("authorization") or "").partition(" ")
        if scheme.lower() != "bearer":
            raise refused(Code.SERVICE_UNAUTHORISED)
        check_service_token(self.engine.keys.service, token, clock.now_ms(), purpose)


async def read_body(scope: Any, proto: Any, limit: int = BODY_LIMIT_BYTES) -> bytes:
    """Return the body of a request; refuses one over the limit without reading past it."""
    length = scope.headers.get("content-length")
    if length is not None:
        # the server frames the body by this length, so it cannot turn out longer
        if not length.isdigit() or len(length) > 9 or int(length) > limit:
            raise refused(Code.REQUEST_TOO_LARGE, limit_bytes=limit)
        body: bytes = await proto()
        return body
    parts: list[bytes] = []
    size = 0
    async for part in proto:
        size += len(part)
        if size > limit:
            raise refused(Code.REQUEST_TOO_LARGE, limit_bytes=limit)
        parts.append(part)
    return b"".join(parts)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise refused(Code.REQUEST_UNKNOWN_PATH)
    return int(text)
