"""A ledger with a million attempts: how long a start takes, how much memory, how quick ranks and boards are."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import orjson

from benchmarks.engine_durable import ROUND, demonstration_pack, keys_of
from benchmarks.measuring import folder, free_port, serve_engine
from benchmarks.registry import Benchmark, Figure
from tradeshall.core import clock
from tradeshall.engine.client import HttpClient
from tradeshall.engine.core import Engine
from tradeshall.engine.ledger.interface import FINISH, START, Batch, Row
from tradeshall.engine.ledger.sqlite import SqliteLedger


def fill(path: Path, attempts: int) -> list[int]:
    """Write finished attempts as the engine would have, and return the participants."""
    rng = Random(7)
    ledger = SqliteLedger(path)
    ledger.deposit_pack(demonstration_pack())
    ledger.claim("main")
    now_ms = clock.now_ms() - 4_000_000
    people = [secrets.randbits(62) for _ in range(attempts)]
    payload = {
        "max_points": 100,
        "by": "member",
        "responses": [[n % 4] for n in range(20)],
        "per_item": [5] * 20,
        "rank": 1,
        "of": 1,
        "best": [100, 1000],
        "salt": "00" * 16,
        "leaf": "00" * 32,
    }
    finish = orjson.dumps(payload)
    seq = 0
    for number, at in enumerate(range(0, attempts, 250), 1):
        rows = []
        for position, person in enumerate(people[at : at + 250], at):
            begun, score, took = now_ms + position, 5 * rng.randrange(21), rng.randrange(30_000, 600_000)
            unit = position % 5000
            rows.append(Row(begun, START, ROUND, person, 1, unit, 0, 0, 0, begun + 3_600_000, b"{}"))
            ended, origin = begun + took, ("main", seq + len(rows))
            rows.append(Row(ended, FINISH, ROUND, person, 1, unit, 0, score, took, ended, finish, origin))
        ledger.commit(rows, Batch(number, seq + 1, seq + len(rows), now_ms, len(rows) // 2, bytes(32), bytes(64)))
        seq += len(rows)
    ledger.close()
    return people


def run(quick: bool) -> Iterator[Figure]:
    attempts = 20_000 if quick else 1_000_000
    with folder() as data:
        people = fill(data / "ledger.sqlite3", attempts)
        for how in ("from the ledger alone", "from its snapshot"):
            with serve_engine(data, free_port()) as server:
                seconds = server.wait("/engine/health", 300)
                memory = server.memory_mb()
                yield Figure(f"start-up with {attempts:,} attempts, {how}", seconds, "s", 10.0, False)
                yield Figure(f"memory after it, {how}", memory, "MB", 500.0, False)
                client = HttpClient(server.url, keys_of(data).service)
                assert client.board(ROUND)["of"] == attempts
                client.close()
        yield from _in_the_engine(data, people)


def _in_the_engine(data: Path, people: list[int]) -> Iterator[Figure]:
    engine = Engine(SqliteLedger(data / "ledger.sqlite3"), keys_of(data), snapshot=data / "engine-main.snapshot")
    engine.load()
    rng = Random(3)
    count = len(people)

    def slowest(ask: object, times: int) -> float:
        worst: list[float] = []
        for _ in range(times):
            began = time.thread_time()
            with suppress(StopIteration):  # it waits for nothing, so one step is all of it
                ask().send(None)  # type: ignore[operator]
            worst.append(time.thread_time() - began)
        return sorted(worst)[int(times * 0.99)] * 1000

    yield Figure(
        "rank of one participant, slowest of a hundred",
        slowest(lambda: engine.place(ROUND, rng.choice(people)), 2000),
        "ms",
        2.0,
        False,
    )
    yield Figure(
        "board, top page of 50, slowest of a hundred",
        slowest(lambda: engine.board(ROUND, 50, 0), 500),
        "ms",
        2.0,
        False,
    )
    yield Figure(
        "board, any page of 50, slowest of a hundred",
        slowest(lambda: engine.board(ROUND, 50, rng.randrange(count)), 500),
        "ms",
    )
    engine.ledger.close()


BENCHMARKS = (Benchmark("engine", "million", run),)
