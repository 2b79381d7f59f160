"""The same lines without a wire: through the client by which the pages ask their engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from tradeshall.engine.client import EngineClient
from tradeshall.engine.codes import EngineBusy, EngineRefused, EngineUnreachable
from tradeshall.engine.rehearsal.line import Answer, LineLost


class ClientLines:
    """So many requests at once, each in a thread of its own."""

    def __init__(self, client: EngineClient, most: int) -> None:
        self._client = client
        self._threads = ThreadPoolExecutor(max_workers=most, thread_name_prefix="rehearsal")

    def request(self, method: str, path: str, body: bytes = b"", token: str = "") -> bytes:
        return path.removeprefix("/engine/").encode() + b"\n" + body

    async def ask(self, request: bytes) -> Answer:
        name, _, body = request.partition(b"\n")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, name.decode(), body)

    def _ask(self, name: str, body: bytes) -> Answer:
        sent: dict[str, Any] = orjson.loads(body) if body else {}
        client = self._client
        try:
            if name == "start":
                told = client.start(sent["pass"])
            elif name == "save":
                told = client.save(sent["token"], sent["responses"])
            elif name == "submit":
                told = client.submit(sent["token"], sent["responses"])
            else:
                told = client.health() if name == "health" else client.load()
        except EngineBusy as busy:
            return Answer(503, busy.retry_after_seconds, orjson.dumps({"code": busy.code}))
        except EngineRefused as refused:
            return Answer(refused.status, 0, orjson.dumps({"code": refused.code}))
        except EngineUnreachable as error:
            raise LineLost(str(error)) from error
        return Answer(200, 0, orjson.dumps(told))

    async def send_and_hang_up(self, request: bytes, after: Callable[[], float]) -> None:
        """Ask, and do not listen."""
        await self.ask(request)

    def close(self) -> None:
        self._threads.shutdown(wait=False)
