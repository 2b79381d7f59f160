"""Whole attempts: a start, three saves and a submission each, a million of them; and saves by themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from benchmarks.engine_durable import demonstration_pack, keys_of, start_bodies
from benchmarks.measuring import Load, Server, folder, free_port, percentile_ms, serve_engine, write_bodies, wrk
from benchmarks.registry import Benchmark, Figure
from tradeshall.engine.ledger.interface import START, Ledger
from tradeshall.engine.ledger.sqlite import SqliteLedger
from tradeshall.engine.passes import AttemptToken, Keys, issue_attempt_token

KINDS = ("start", "save", "submit")
ATTEMPTS_AT_ONCE = 50_000


def open_since(ledger: Ledger, marks: dict[str, int]) -> Iterator[AttemptToken]:
    """Yield the attempts begun after the marks."""
    for _, _, row in ledger.replay(marks, saves=False):
        if row.kind == START:
            yield AttemptToken(
                row.round_id, row.participant, row.attempt_number, row.unit, "", row.at_ms, row.ends_at_ms, False
            )


def save_bodies(keys: Keys, attempts: list[AttemptToken], step: int) -> Iterator[bytes]:
    """Yield one save of seven answers for each attempt."""
    numbers = range(1 + 7 * step, min(20, 7 + 7 * step) + 1)
    for token in attempts:
        choices = token.participant
        responses = [[no, step + 1, [(choices >> (2 * no)) & 3]] for no in numbers]
        yield orjson.dumps({"token": issue_attempt_token(keys.attempts, token), "responses": responses})


def last_bodies(keys: Keys, attempts: list[AttemptToken]) -> Iterator[bytes]:
    """Yield a submission with nothing left to deliver for each attempt."""
    for token in attempts:
        yield orjson.dumps({"token": issue_attempt_token(keys.attempts, token), "responses": []})


class Whole:
    """A run over so many attempts, kind by kind in portions, and its figures."""

    def __init__(self, data: Path, server: Server, ledger: Ledger) -> None:
        self.data, self.server, self.ledger = data, server, ledger
        self.keys = keys_of(data)
        self.runs: dict[str, list[Load]] = {kind: [] for kind in KINDS}
        self.cpu: dict[str, float] = dict.fromkeys(KINDS, 0.0)
        self.done: dict[str, int] = dict.fromkeys(KINDS, 0)

    def portion(self, attempts: int) -> None:
        marks = self.ledger.positions()
        self._send("start", start_bodies(self.keys, attempts))
        begun = list(open_since(self.ledger, marks))
        for step in range(3):
            self._send("save", save_bodies(self.keys, begun, step))
        self._send("submit", last_bodies(self.keys, begun))

    def _send(self, kind: str, bodies: Iterator[bytes]) -> None:
        path = self.data / "bodies"
        count = write_bodies(path, bodies)
        before = sum(self.ledger.positions().values())
        cpu = self.server.cpu_seconds()
        run = wrk(f"{self.server.url}/engine/{kind}", 3600, bodies=path)
        self.cpu[kind] += self.server.cpu_seconds() - cpu
        written = sum(self.ledger.positions().values()) - before
        if run.not_ok or written < 0.995 * count:  # those whom wrk hung up on at the end
            raise RuntimeError(f"{kind}: {run.not_ok} refused; of {count} sent {written} are in the ledger")
        self.done[kind] += written
        self.runs[kind].append(run)

    def figures(self, bars: dict[str, float]) -> Iterator[Figure]:
        for kind in KINDS:
            runs = self.runs[kind]
            if not runs:
                continue
            seconds = sum(run.seconds for run in runs)
            yield Figure(f"{kind}", self.done[kind] / seconds, "a second")
            cpu_us = self.cpu[kind] / self.done[kind] * 1e6
            yield Figure(f"{kind}: processor time", cpu_us, "µs", bars.get(kind), at_least=False)
            for name, part in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)):
                yield Figure(f"{kind}: {name}", percentile_ms(runs, part), "ms")


def run_million(quick: bool) -> Iterator[Figure]:
    attempts, at_once = (2_000, 1_000) if quick else (1_000_000, ATTEMPTS_AT_ONCE)
    with folder() as data:
        path = data / "ledger.sqlite3"
        ledger = SqliteLedger(path)
        ledger.deposit_pack(demonstration_pack())
        with serve_engine(data, free_port(), f"sqlite:///{path}") as server:
            server.wait("/engine/health")
            whole = Whole(data, server, ledger)
            began = time.monotonic()
            for portion in range(attempts // at_once):
                whole.portion(at_once)
                minutes = (time.monotonic() - began) / 60
                print(f"  … {(portion + 1) * at_once:,} attempts after {minutes:.1f} minutes", flush=True)
            yield Figure("whole attempts", whole.done["submit"], "", 0.995 * attempts)
            busy = sum(run.seconds for runs in whole.runs.values() for run in runs)
            yield Figure("requests, of all kinds", sum(whole.done.values()) / busy, "a second")
            yield from whole.figures({})
            yield Figure("memory of the engine", server.memory_mb(), "MB")
        ledger.close()
        size = sum(file.stat().st_size for file in data.glob("ledger.sqlite3*"))
        yield Figure("disk a whole attempt", size / whole.done["submit"], "bytes")
        yield Figure("disk in all", size / 1024**2, "MB")


def run_saves(quick: bool) -> Iterator[Figure]:
    attempts = 2_000 if quick else 30_000
    with folder() as data:
        path = data / "ledger.sqlite3"
        ledger = SqliteLedger(path)
        ledger.deposit_pack(demonstration_pack())
        with serve_engine(data, free_port(), f"sqlite:///{path}") as server:
            server.wait("/engine/health")
            whole = Whole(data, server, ledger)
            whole.portion(attempts)
            for figure in whole.figures({"save": 80.0}):
                if figure.name.startswith("save"):
                    yield figure
        ledger.close()


BENCHMARKS = (
    Benchmark("engine", "durable-saves", run_saves),
    Benchmark("engine", "whole-million", run_million, by_name_only=True),
)
