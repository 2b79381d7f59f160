"""A small contest for the engine's tests: rules, items, passes, an engine on a ledger."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson

from tradeshall.core import clock
from tradeshall.engine.core import Engine, Limits
from tradeshall.engine.ledger.interface import Ledger
from tradeshall.engine.ledger.sqlite import SqliteLedger
from tradeshall.engine.pack import SealedPack, seal_pack
from tradeshall.engine.passes import Keys, Pass, issue_pass
from tradeshall.engine.wire import ItemSpec, RoundRules, SectionSpec

KEYS = Keys.derive(bytes(range(32)))
HOUR_MS = 3_600_000


def items(count: int = 40, first: int = 1) -> tuple[ItemSpec, ...]:
    made = []
    for number in range(first, first + count):
        form = ("single", "multiple", "true_false")[number % 3]
        options = ("True", "False") if form == "true_false" else ("Alpha", "Beta", "Gamma", "Delta")
        key = {"single": (number % 4,), "multiple": (0, 2), "true_false": (number % 2,)}[form]
        made.append(
            ItemSpec(number, form, f"Question {number}?", options, key, f"Because {number}.", "Source", 2, ("t",))
        )
    return tuple(made)


def rules(round_id: int = 1, **changes: Any) -> RoundRules:
    now_ms = clock.now_ms()
    usual = {
        "round_id": round_id,
        "title": "第一轮",
        "opens_at_ms": now_ms - HOUR_MS,
        "closes_at_ms": now_ms + HOUR_MS,
        "time_limit_seconds": 600,
        "grace_seconds": 10,
        "zone": "Asia/Shanghai",
    }
    return RoundRules(**{**usual, **changes})


def pack(round_id: int = 1, count: int = 20, pool: int = 40, **changes: Any) -> SealedPack:
    made = items(pool)
    sections = (SectionSpec("基础", tuple(item.number for item in made), count, 5, "part_marks"),)
    return seal_pack(rules(round_id, **changes), sections, made)


def pass_for(participant: int, round_id: int = 1, unit: int = 7, **changes: Any) -> str:
    changes.setdefault("expires_at_ms", clock.now_ms() + HOUR_MS)
    return issue_pass(KEYS.passes, Pass(round_id, participant, unit, **changes))


def someone() -> int:
    return secrets.randbits(62) + 1


def right_answers(started: dict[str, Any], sealed: SealedPack, revision: int = 1) -> list[list[Any]]:
    """Return the responses that earn every point, found by the words of stems and options."""
    by_stem = {item["stem"]: item for item in sealed.pack["items"]}
    responses = []
    for shown in started["paper"]["items"]:
        item = by_stem[shown["stem"]]
        words = {item["options"][k] for k in item["key"]}
        responses.append([shown["no"], revision, [i for i, word in enumerate(shown["options"]) if word in words]])
    return responses


class Asked:
    """The engine as a test asks it: now, and with dicts back."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    async def start(self, token: str, at_ms: int | None = None) -> dict[str, Any]:
        return orjson.loads(await self.engine.start(token, at_ms or clock.now_ms()))

    async def save(self, token: str, responses: Any, at_ms: int | None = None) -> dict[str, Any]:
        return orjson.loads(await self.engine.save(token, responses, at_ms or clock.now_ms()))

    async def submit(self, token: str, responses: Any, at_ms: int | None = None) -> dict[str, Any]:
        return orjson.loads(await self.engine.submit(token, responses, at_ms or clock.now_ms()))

    async def standing(self, token: str) -> dict[str, Any]:
        return orjson.loads(await self.engine.standing(token, clock.now_ms()))

    async def review(self, token: str) -> dict[str, Any]:
        return orjson.loads(await self.engine.review(token, None, None, clock.now_ms()))

    async def board(self, round_id: int = 1, limit: int = 50, offset: int = 0) -> dict[str, Any]:
        return orjson.loads(await self.engine.board(round_id, limit, offset))


@asynccontextmanager
async def running(
    ledger: Ledger, *, snapshot: Path | None = None, limits: Limits | None = None, writer: str = "main"
) -> AsyncIterator[Asked]:
    """Run an engine on a ledger, and close it as a stop does."""
    engine = Engine(ledger, KEYS, writer=writer, snapshot=snapshot, limits=limits)
    engine.load()
    engine.open(asyncio.get_running_loop())
    try:
        yield Asked(engine)
    finally:
        await engine.close()


def sqlite(path: Path, *packs: SealedPack) -> SqliteLedger:
    ledger = SqliteLedger(path / "ledger.sqlite3")
    for sealed in packs:
        ledger.deposit_pack(sealed)
    return ledger
