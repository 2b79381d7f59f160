"""What the same machine does without an engine, to hold the engine's figures against."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks.measuring import Server, folder, free_port, write_bodies, wrk
from benchmarks.registry import Benchmark, Figure

BODY = b'{"token":"%s","responses":[%s]}' % (
    b"t" * 120,
    b",".join(b"[%d,1,[%d]]" % (no, no % 4) for no in range(1, 21)),
)


def measure(kind: str, path: str, seconds: float, rate: int) -> Iterator[Figure]:
    with folder() as data:
        port = free_port()
        bodies = data / "bodies"
        write_bodies(bodies, (BODY for _ in range(int(rate * seconds))))
        command = [sys.executable, "-m", "benchmarks.servers", kind, str(port)]
        with Server(command, f"http://127.0.0.1:{port}", {"DATA": str(data)}) as server:
            server.wait("/")
            before = server.cpu_seconds()
            run = wrk(f"{server.url}{path}", seconds, bodies=bodies)
            cpu = server.cpu_seconds() - before
    if run.not_ok:
        raise RuntimeError(f"{run.not_ok} answers were not 200")
    name = {"hello": "Granian RSGI, hello", "django": "plain Django view, one row"}[kind]
    yield Figure(name, run.rate, "a second", note=f"p50 {run.p50_ms:.1f} ms, p99 {run.p99_ms:.1f} ms")
    yield Figure(f"{name}: processor time", cpu / run.requests * 1e6, "µs")


def run(quick: bool) -> Iterator[Figure]:
    seconds = 2 if quick else 6
    yield from measure("hello", "/", seconds, 60_000)
    yield from measure("django", "/row", seconds, 6_000)


BENCHMARKS = (Benchmark("engine", "baselines", run),)
