"""Starts and submissions that are on disk when they are answered: the engine as a process of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import psycopg

from benchmarks.measuring import SOURCE, Server, folder, free_port, serve_engine, write_bodies, wrk
from benchmarks.registry import Benchmark, Figure, Unavailable
from tradeshall.core import clock
from tradeshall.core.keys import read_or_make_key
from tradeshall.engine.ledger.interface import FINISH, START, Ledger
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.pack import SealedPack, seal_pack
from tradeshall.engine.passes import AttemptToken, Keys, Pass, issue_attempt_token, issue_pass
from tradeshall.engine.wire import ItemSpec, RoundRules, SectionSpec

ROUND = 1


def demonstration_pack(round_id: int = ROUND) -> SealedPack:
    """Return a round of twenty questions drawn from three hundred."""
    now_ms = clock.now_ms()
    items = tuple(
        ItemSpec(
            number,
            "single",
            f"第{number}题:下列哪一项是正确的?Which of these holds in case {number}?",
            ("甲:第一种说法", "乙:第二种说法", "丙:第三种说法", "丁:第四种说法"),
            (number % 4,),
            "解析",
            "出处",
        )
        for number in range(1, 301)
    )
    rules = RoundRules(
        round_id, "测速", now_ms - 60_000, now_ms + 86_400_000, 3600, grace_seconds=30, zone="Asia/Shanghai"
    )
    return seal_pack(rules, (SectionSpec("全部", tuple(range(1, 301)), 20, 5),), items)


def keys_of(data: Path) -> Keys:
    return Keys.derive(read_or_make_key(data, "master"))


def start_bodies(keys: Keys, count: int, round_id: int = ROUND) -> Iterator[bytes]:
    """Yield `count` starts by as many participants."""
    expires_at_ms = clock.now_ms() + 86_400_000
    for position in range(count):
        granted = Pass(round_id, secrets.randbits(62), position % 500, expires_at_ms=expires_at_ms)
        yield orjson.dumps({"pass": issue_pass(keys.passes, granted)})


def submit_bodies(keys: Keys, ledger: Ledger) -> Iterator[bytes]:
    """Yield a submission of twenty answers for every attempt that is open."""
    started: dict[int, AttemptToken] = {}
    for _, _, row in ledger.replay({}, saves=False):
        if row.kind == START:
            started[row.participant] = AttemptToken(
                row.round_id, row.participant, row.attempt_number, row.unit, "", row.at_ms, row.ends_at_ms, False
            )
        else:
            started.pop(row.participant, None)
    for token in started.values():
        choices = token.participant
        responses = [[no, 1, [(choices >> (2 * no)) & 3]] for no in range(1, 21)]
        yield orjson.dumps({"token": issue_attempt_token(keys.attempts, token), "responses": responses})


def written(ledger: Ledger, kind: int) -> int:
    return sum(row.kind == kind for _, _, row in ledger.replay({}, saves=False))


def load(
    data: Path, server: Server, ledger: Ledger, seconds: float, *, expect_a_second: int = 16_000
) -> Iterator[tuple[str, float, float, float, float]]:
    """Start and then submit attempts; yield (what, a second, µs of processor, p50 ms, p99 ms) of each."""
    keys = keys_of(data)
    bodies = data / "bodies"
    count = write_bodies(bodies, start_bodies(keys, int(expect_a_second * seconds)))
    for what, kind in (("start", START), ("submit", FINISH)):
        if what == "submit":
            count = write_bodies(bodies, submit_bodies(keys, ledger))
        before_cpu, before, began = server.cpu_seconds(), written(ledger, kind), time.monotonic()
        run = wrk(f"{server.url}/engine/{what}", seconds, bodies=bodies)
        took, cpu = min(run.seconds, time.monotonic() - began), server.cpu_seconds() - before_cpu
        done = written(ledger, kind) - before
        if run.not_ok or done < 0.98 * min(run.requests, count):
            raise RuntimeError(f"{what}: {run.not_ok} refused, {run.requests} answered, {done} in the ledger")
        yield what, done / took, cpu / done * 1e6, run.p50_ms, run.p99_ms


def durable(data: Path, ledger_url: str, seconds: float) -> Iterator[tuple[str, float, float, float, float]]:
    ledger = open_ledger(ledger_url)
    ledger.deposit_pack(demonstration_pack())
    try:
        with serve_engine(data, free_port(), ledger_url) as server:
            server.wait("/engine/health")
            yield from load(data, server, ledger, seconds)
    finally:
        ledger.close()


def figures(
    measured: Iterator[tuple[str, float, float, float, float]], bars: dict[str, tuple[float | None, float | None]]
) -> Iterator[Figure]:
    for what, rate, cpu_us, p50_ms, p99_ms in measured:
        rate_bar, cpu_bar = bars.get(what, (None, None))
        note = f"p50 {p50_ms:.1f} ms, p99 {p99_ms:.1f} ms"
        yield Figure(f"{what}, durable", rate, "a second", note=note)  # as much as the neighbours left over
        a_core = 1e6 / cpu_us
        yield Figure(f"{what}, durable: by processor time", a_core, "a core·s", rate_bar)
        yield Figure(f"{what}, durable: processor time", cpu_us, "µs", cpu_bar, at_least=False)


def run_sqlite(quick: bool) -> Iterator[Figure]:
    with folder() as data:
        bars = {"start": (None, 200.0), "submit": (8_000.0, 125.0)}
        yield from figures(durable(data, f"sqlite:///{data}/ledger.sqlite3", 2 if quick else 10), bars)


def run_postgresql(quick: bool) -> Iterator[Figure]:
    with folder() as data, postgresql() as url:
        for figure in figures(durable(data, url, 2 if quick else 10), {}):
            if figure.name == "submit, durable: by processor time":  # the bar is on the engine's processor time
                figure = replace(figure, bar=5_000.0)
            yield replace(figure, name=figure.name.replace("durable", "durable, PostgreSQL"))


@contextmanager
def postgresql() -> Iterator[str]:
    """Give the address of an empty schema, and drop it afterwards."""
    server = os.environ.get("TRADESHALL_TEST_LEDGER", "postgresql://postgres@127.0.0.1/postgres")
    schema = f"tradeshall_bench_{secrets.token_hex(4)}"
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        raise Unavailable(f"no PostgreSQL server: {error}") from error
    with connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        try:
            yield f"{server}?options=-csearch_path%3D{schema}"
        finally:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")


def run_one_port(quick: bool) -> Iterator[Figure]:
    """Submit to the engine inside the process that also makes the pages."""
    with folder() as data:
        environment = {"DATA": str(data)}
        command = [sys.executable, "-m", "tradeshall.config.cli.main"]
        subprocess.run(
            [*command, "migrate"],
            env={**os.environ, **environment, "PYTHONPATH": str(SOURCE)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        ledger = open_ledger(f"sqlite:///{data}/ledger.sqlite3")
        ledger.deposit_pack(demonstration_pack())
        port = free_port()
        with Server(
            [*command, "serve", "--no-background", "--port", str(port)], f"http://127.0.0.1:{port}", environment
        ) as server:
            server.wait("/engine/health")
            bars = {"submit": (6_000.0, None)}
            for figure in figures(load(data, server, ledger, 2 if quick else 10), bars):
                yield replace(figure, name=figure.name.replace("durable", "durable, one process for all"))
        ledger.close()


BENCHMARKS = (
    Benchmark("engine", "durable-sqlite", run_sqlite),
    Benchmark("engine", "durable-one-process", run_one_port),
    Benchmark("engine", "durable-postgresql", run_postgresql),
)
