"""Ten million tickets, drawn again by the verifier."""

from __future__ import annotations

import hashlib
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measuring import folder
from benchmarks.registry import Benchmark, Figure

WINNERS, RESERVES = 1_000, 10


def make_list(path: Path, count: int) -> None:
    """Write a list of random tickets in ascending order."""
    import numpy

    halves = numpy.frombuffer(os.urandom(16 * count), dtype=">u8").reshape(count, 2)
    ordered = halves[numpy.lexsort((halves[:, 1], halves[:, 0]))]
    with path.open("wb") as file:
        for at in range(0, count, 1 << 16):
            digits = ordered[at : at + (1 << 16)].tobytes().hex()
            file.write("".join([digits[i : i + 32] + "\n" for i in range(0, len(digits), 32)]).encode())


def run(quick: bool) -> Iterator[Figure]:
    from tradeshall.core.signing import canonical
    from tradeshall.engine.proofs.lists import randomness_of, read_list, seed_of
    from tradeshall.engine.proofs.reading import DRAW, Source
    from tradeshall.engine.proofs.verify import verify

    count = 20_000 if quick else 10_000_000
    with folder() as data:
        tickets = data / "list.txt"
        make_list(tickets, count)
        randomness = [{"name": "beacon", "value": hashlib.sha256(b"bench").hexdigest()}]
        root = read_list(Source("list", tickets)).root
        seed = seed_of(root, randomness_of(randomness))
        drawn = [one.hex() for one in read_list(Source("list", tickets), [(seed, WINNERS + RESERVES)]).lowest[0]]
        document = {
            "format": DRAW,
            "contest": "C",
            "title": "T",
            "root": root.hex(),
            "count": count,
            "prizes": [{"name": "p", "count": WINNERS}],
            "randomness": randomness,
            "announced_at_ms": 1,
            "sealed_at_ms": 2,
            "drawn_at_ms": 3,
            "winners": drawn[:WINNERS],
            "reserves": drawn[WINNERS:],
        }
        (data / "draw.json").write_bytes(canonical(document))
        began, cpu = time.perf_counter(), _cpu()
        report = verify([Source("list.txt", tickets), Source("draw.json", data / "draw.json")])
        took, used = time.perf_counter() - began, _cpu() - cpu
        if report.verdict != "good":
            raise RuntimeError("the verifier refused a good draw")
        yield Figure(f"verify a draw over {count:,} tickets", took, "s", 60, at_least=False)
        yield Figure("processor time of that, all processes", used, "s")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        yield Figure("largest process of that", peak, "MiB")


def _cpu() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


BENCHMARKS = [Benchmark("proofs", "verify-draw", run)]
