"""kill -9 a thousand times among submissions: nothing acknowledged may be lost or doubled."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.measuring import folder
from benchmarks.registry import Benchmark, Figure


def run(quick: bool) -> Iterator[Figure]:
    from tests.engine.killing import Acknowledged, kill_again_and_again

    times = 3 if quick else 1000

    def each(number: int, told: Acknowledged) -> None:
        if number % 50 == 49:
            print(f"  … {number + 1} kills, {len(told.results)} submissions acknowledged", flush=True)

    with folder() as data:
        faults, told = kill_again_and_again(data, f"sqlite:///{data}/ledger.sqlite3", "real", times, each=each)
    for fault in faults[:20]:
        print(f"  {fault}")
    yield Figure("kills", times, "")
    yield Figure("starts acknowledged", len(told.starts), "")
    yield Figure("submissions acknowledged", len(told.results), "")
    yield Figure("lost, doubled or changed", len(faults), "", 0, False)


BENCHMARKS = (Benchmark("engine", "kill", run, by_name_only=True),)
