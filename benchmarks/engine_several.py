"""Several engine processes on PostgreSQL, a unit that sends seven times its share, and a database that is killed."""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import orjson

from benchmarks.engine_durable import ROUND, demonstration_pack, keys_of, postgresql, start_bodies
from benchmarks.engine_whole import open_since
from benchmarks.measuring import Load, Server, folder, free_port, percentile_ms, serve_engine, write_bodies, wrk
from benchmarks.registry import Benchmark, Figure
from tradeshall.core import clock
from tradeshall.engine.ledger.opening import open_ledger
from tradeshall.engine.passes import Keys, Pass, issue_attempt_token, issue_pass
from tradeshall.engine.rehearsal.line import Lines
from tradeshall.engine.rehearsal.report import at


def send(servers: list[Server], name: str, data: Path, bodies: list[bytes]) -> list[Load]:
    """Send a part of the bodies to each server at the same time."""
    parts = []
    for number in range(len(servers)):
        path = data / f"bodies-{number}"
        write_bodies(path, bodies[number :: len(servers)])
        parts.append(path)
    with ThreadPoolExecutor(len(servers)) as threads:
        return list(
            threads.map(
                lambda pair: wrk(f"{pair[0].url}/engine/{name}", 600, bodies=pair[1], connections=64),
                zip(servers, parts, strict=True),
            )
        )


def run_two(quick: bool) -> Iterator[Figure]:
    """Submit through two processes, half of it to another than the one that began the attempt."""
    attempts = 3_000 if quick else 80_000
    with folder() as data, postgresql() as url:
        ledger = open_ledger(url)
        ledger.deposit_pack(demonstration_pack())
        with (
            serve_engine(data, free_port(), url, "--writer", "a") as first,
            serve_engine(data, free_port(), url, "--writer", "b") as second,
        ):
            servers = [first, second]
            for server in servers:
                server.wait("/engine/health")
            keys = keys_of(data)
            marks = ledger.positions()
            starts = send(servers, "start", data, list(start_bodies(keys, attempts)))
            time.sleep(2)
            bodies = []
            for token in open_since(ledger, marks):
                responses = [[no, 1, [(token.participant >> (2 * no)) & 3]] for no in range(1, 21)]
                bodies.append(
                    orjson.dumps({"token": issue_attempt_token(keys.attempts, token), "responses": responses})
                )
            Random(1).shuffle(bodies)
            before = [server.cpu_seconds() for server in servers]
            written = sum(ledger.positions().values())
            runs = send(servers, "submit", data, bodies)
            time.sleep(2)  # what the other wrote is taken in as well, and counts
            cpu = sum(server.cpu_seconds() for server in servers) - sum(before)
            done = sum(ledger.positions().values()) - written
        ledger.close()
    refused = sum(run.not_ok for run in (*starts, *runs))
    if refused or done < 0.99 * len(bodies):
        raise RuntimeError(f"{refused} refused; of {len(bodies)} sent {done} are in the ledger")
    yield Figure("submit, two processes on PostgreSQL", done / max(run.seconds for run in runs), "a second")
    yield Figure("submit, two processes: by processor time of the engines", done / cpu, "a core·s", 8_000.0)
    yield Figure("submit, two processes: processor time", cpu / done * 1e6, "µs")
    yield Figure("submit, two processes: p50", percentile_ms(runs, 0.5), "ms")
    yield Figure("submit, two processes: p99", percentile_ms(runs, 0.99), "ms")


# One unit sends seven times its share

UNITS, SHARE = 10, 20


async def starts_a_second(url: str, keys: Keys, rates: dict[int, float], seconds: float) -> dict[int, list[float]]:
    """Send so many starts a second from each unit, whether answers come or not; return how long each unit's took."""
    lines = Lines(url, 4000)
    took: dict[int, list[float]] = defaultdict(list)
    expires_at_ms = clock.now_ms() + 3_600_000

    async def start(unit: int) -> None:
        granted = Pass(ROUND, secrets.randbits(62), unit, expires_at_ms=expires_at_ms)
        body = orjson.dumps({"pass": issue_pass(keys.passes, granted)})
        began = time.monotonic()
        while True:
            answer = await lines.ask(lines.request("POST", "/engine/start", body))
            if answer.status == 200:
                took[unit].append(1000 * (time.monotonic() - began))
                return
            if answer.status != 503:
                raise RuntimeError(str(answer.body))
            await asyncio.sleep(answer.retry_after)

    async def send(unit: int, rate: float) -> None:
        begun = time.monotonic()
        under_way = []
        for number in range(int(rate * seconds)):
            delay = begun + number / rate - time.monotonic()
            if delay > 0:
                await asyncio.sleep(delay)
            under_way.append(asyncio.create_task(start(unit)))
        await asyncio.gather(*under_way)

    await asyncio.gather(*(send(unit, rate) for unit, rate in rates.items()))
    lines.close()
    return took


def run_fairness(quick: bool) -> Iterator[Figure]:
    """The engine here commits 8 at a time, 30 ms each, in memory: the line is the same on any machine."""
    seconds = 2.0 if quick else 8.0
    found: dict[tuple[bool, int], float] = {}
    for fair in (True, False):
        for times in (1, 7):
            with folder(Path("/dev/shm")) as data:
                url = f"sqlite:///{data}/ledger.sqlite3"
                ledger = open_ledger(url)
                ledger.deposit_pack(demonstration_pack())
                ledger.close()
                port = free_port()
                command = ["-m", "benchmarks.slow_engine", str(port), url, "fair" if fair else "unfair"]
                with Server([sys.executable, *command], f"http://127.0.0.1:{port}", {"DATA": str(data)}) as s:
                    s.wait("/engine/health")
                    rates = {unit: float(SHARE) for unit in range(2, UNITS + 1)} | {1: float(SHARE * times)}
                    took = asyncio.run(starts_a_second(s.url, keys_of(data), rates, seconds))
                others = sorted(one for unit, durations in took.items() if unit != 1 for one in durations)
                found[fair, times] = at(0.95, others)
    yield Figure("others' p95, everybody sends their share", found[True, 1], "ms")
    yield Figure("others' p95, one unit sends seven times its share", found[True, 7], "ms")
    yield Figure("so many times as long", found[True, 7] / found[True, 1], "", 2.0, at_least=False)
    yield Figure("the same without turns (control)", found[False, 7] / found[False, 1], "")


def run_killed(quick: bool) -> Iterator[Figure]:
    """PostgreSQL is killed twenty times among people who sit at two engine processes."""
    from tests.engine.test_bad_days import kill_the_database

    times = 2 if quick else 20
    with folder() as data:
        faults, told = kill_the_database(data, times)
    for fault in faults[:20]:
        print(f"  {fault}")
    yield Figure("PostgreSQL killed", times, "times")
    yield Figure("submissions acknowledged", len(told.results), "")
    yield Figure("lost, doubled or changed", len(faults), "", 0, False)


BENCHMARKS = (
    Benchmark("engine", "two-engines-postgresql", run_two),
    Benchmark("engine", "fairness", run_fairness),
    Benchmark("engine", "postgresql-killed", run_killed, by_name_only=True),
)
