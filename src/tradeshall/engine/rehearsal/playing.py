"""Invented people who sit a round against a running installation: start, save, hand in, lose the line, ask again."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

import orjson

from tradeshall.core import clock
from tradeshall.core.signing import canonical
from tradeshall.engine.passes import issue_service_token
from tradeshall.engine.receipts import leaf_hash, verify_receipt
from tradeshall.engine.rehearsal.line import Answer, LineLost

CHOSEN_BY_POSITION = ("single", "multiple", "true_false")
"""Forms of items that invented people answer; they leave the others empty."""
KINDS = ("start", "save", "submit")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played: for so many seconds, with how much bad luck."""

    seconds: float
    connections: int = 512
    saves: int = 3
    arrive_within: float = 0.6
    """The part of the time within which all begin."""
    dropped: float = 0.03
    """The part of requests whose answer is lost on the way; they are sent again."""
    unfinished: float = 0.05
    """The part of people who never hand in."""
    repeated: float = 0.1
    """The part of people who hand in twice, and must be told the same."""
    verified: int = 1000
    """How many receipts have their signature verified."""
    seed: int = 1


@dataclass
class Played:
    """What happened, as the people saw it."""

    members: int
    began_at_ms: int = 0
    seconds: float = 0.0
    times_ms: dict[str, array[float]] = field(default_factory=lambda: {kind: array("d") for kind in KINDS})
    by_second: Counter[int] = field(default_factory=Counter)
    shed: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    begun: int = 0
    finished: int = 0
    given_up: int = 0
    """Those who, as planned, never handed in."""
    waited_ms: array[float] = field(default_factory=lambda: array("d"))
    """How long each person waited to begin, on the waiting page and before."""
    lost_ms: array[float] = field(default_factory=lambda: array("d"))
    """How much of each person's playing time was over when their paper was sent."""
    told_otherwise: int = 0
    bad_receipts: int = 0
    leaves: dict[int, bytes] = field(default_factory=dict)
    saved: dict[int, int] = field(default_factory=dict)
    """The highest revision acknowledged, by participant."""
    looks: list[dict[str, Any]] = field(default_factory=list)
    health: dict[str, Any] = field(default_factory=dict)


Watch = Callable[[Played, float], None]


class Asking(Protocol):
    """What carries requests to an engine."""

    def request(self, method: str, path: str, body: bytes = b"", token: str = "") -> bytes: ...
    async def ask(self, request: bytes) -> Answer: ...
    async def send_and_hang_up(self, request: bytes, after: Callable[[], float]) -> None: ...


async def play(
    lines: Asking,
    people: Sequence[tuple[int, str]],
    plan: Plan,
    service_key: bytes,
    watch: Watch = lambda played, seconds: None,
) -> Played:
    """Let people, given as (participant, pass), sit a round; returns what they saw."""
    played = Played(len(people), began_at_ms=clock.now_ms())
    played.health = orjson.loads((await lines.ask(lines.request("GET", "/engine/health"))).body)
    rng = Random(plan.seed)  # noqa: S311 nobody's secret
    began = time.monotonic()
    watching = asyncio.create_task(_watch(lines, played, service_key, began, watch))
    under_way: set[asyncio.Task[None]] = set()
    arrivals = sorted(rng.random() * plan.seconds * plan.arrive_within for _ in people)
    for at, (participant, token) in zip(arrivals, people, strict=True):
        delay = began + at - time.monotonic()
        if delay > 0.002:
            await asyncio.sleep(delay)
        chance = Random(rng.random())  # noqa: S311
        person = asyncio.create_task(_Person(lines, played, plan, participant, chance, began).sit(token))
        under_way.add(person)
        person.add_done_callback(under_way.discard)
    while under_way:
        await asyncio.wait(list(under_way))
    played.seconds = time.monotonic() - began
    watching.cancel()
    watch(played, played.seconds)
    return played


async def _watch(lines: Asking, played: Played, service_key: bytes, began: float, watch: Watch) -> None:
    """Say every second how it goes, and keep every five what the engine says of itself."""
    for second in range(1 << 30):
        await asyncio.sleep(1)
        watch(played, time.monotonic() - began)
        if second % 5 == 0:
            token = issue_service_token(service_key, clock.now_ms() + 1_800_000)
            try:
                answer = await lines.ask(lines.request("GET", "/engine/load", token=token))
            except LineLost:
                continue
            if answer.status == 200:
                played.looks.append(orjson.loads(answer.body))


class _Refused(Exception):
    """The engine's last word on this person."""


class _Person:
    def __init__(
        self, lines: Asking, played: Played, plan: Plan, participant: int, rng: Random, began: float
    ) -> None:
        self.lines, self.played, self.plan = lines, played, plan
        self.participant, self.rng, self.began = participant, rng, began

    async def sit(self, token: str) -> None:
        played, plan, rng = self.played, self.plan, self.rng
        try:
            asked = time.monotonic()
            started = await self._ask("start", {"pass": token})
            played.waited_ms.append(1000 * (time.monotonic() - asked))
            played.begun += 1
            attempt = started["attempt"]
            played.lost_ms.append(max(0, attempt["now_ms"] - attempt["started_at_ms"]))
            answerable = [item["no"] for item in started["paper"]["items"] if item["form"] in CHOSEN_BY_POSITION]
            gives_up = rng.random() < plan.unfinished
            for step in range(plan.saves):
                await self._think()
                part = answerable[step :: plan.saves]
                responses = [[no, step + 1, [rng.randrange(2)]] for no in part]
                told = await self._ask("save", {"token": started["token"], "responses": responses})
                if any(told["saved"].get(str(no)) != step + 1 for no in part):
                    played.told_otherwise += 1
                if part:
                    played.saved[self.participant] = step + 1
                if gives_up:
                    played.given_up += 1
                    return
            await self._think()
            sent = {"token": started["token"], "responses": []}
            result = await self._ask("submit", sent)
            self._keep(result)
            if rng.random() < plan.repeated:
                again = await self._ask("submit", sent)
                played.told_otherwise += again["receipt"] != result["receipt"]
        except _Refused:
            return

    def _keep(self, result: dict[str, Any]) -> None:
        played, receipt = self.played, result["receipt"]
        played.finished += 1
        if played.finished <= self.plan.verified:
            played.bad_receipts += not verify_receipt(receipt, bytes.fromhex(played.health["receipt_key"]))
        played.leaves[self.participant] = leaf_hash(canonical(receipt["body"]))

    async def _think(self) -> None:
        span = self.plan.seconds * (1 - self.plan.arrive_within) / (self.plan.saves + 1)
        await asyncio.sleep(span * (0.4 + 0.6 * self.rng.random()))

    async def _ask(self, kind: str, sent: dict[str, Any]) -> dict[str, Any]:
        """Ask until the engine answers, as the page in the browser does."""
        played, rng = self.played, self.rng
        request = self.lines.request("POST", "/engine/" + kind, orjson.dumps(sent))
        if rng.random() < self.plan.dropped:
            played.dropped[kind] += 1
            await self.lines.send_and_hang_up(request, lambda: 0.02 * rng.random())
        for again in range(1 << 30):
            asked = time.monotonic()
            try:
                answer = await self.lines.ask(request)
            except LineLost:
                played.unanswered[kind] += 1
                await asyncio.sleep(min(30.0, 2.0 ** min(again, 5)) * (0.75 + rng.random() / 2))
                continue
            now = time.monotonic()
            if answer.status == 200:
                played.times_ms[kind].append(1000 * (now - asked))
                played.by_second[int(now - self.began)] += 1
                told: dict[str, Any] = orjson.loads(answer.body)
                return told
            code = _code(answer.body) or str(answer.status)
            if answer.status == 503:
                played.shed[f"{kind} {code}"] += 1
                await asyncio.sleep(max(1.0, answer.retry_after) * (0.75 + rng.random() / 2))
                continue
            played.errors[f"{kind} {answer.status} {code}"] += 1
            raise _Refused
        raise AssertionError("not reached")


def _code(body: bytes) -> str:
    try:
        return str(orjson.loads(body)["code"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
