"""A prize draw over ten million tickets: the root of the sealed list, and who is drawn, in one process."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator

import numpy

from benchmarks.measuring import folder
from benchmarks.registry import Benchmark, Figure
from tradeshall.engine import draw

WINNERS = 10_000


def run(quick: bool) -> Iterator[Figure]:
    count = 200_000 if quick else 10_000_000
    with folder() as data:
        path = data / "tickets.txt"
        with path.open("wb") as file:
            raw = numpy.frombuffer(os.urandom(count * draw.TICKET_BYTES), dtype=">u8").reshape(count, 2)
            packed = raw[numpy.lexsort((raw[:, 1], raw[:, 0]))].tobytes()
            size = draw.TICKET_BYTES * draw.BLOCK_TICKETS
            for at in range(0, len(packed), size):
                file.write(draw.list_lines(packed[at : at + size]))
        del raw, packed
        before = _memory_now_mb()
        begun = time.perf_counter()
        with path.open("rb") as file:
            root, length = draw.seal_list(draw.read_list(file))
        sealed = time.perf_counter()
        assert length == count
        results = [("lottery", "03 08 11 19 24 30 + 07")]
        seed = draw.seed_of(root, draw.randomness_bytes(results))
        drawing = time.perf_counter()
        with path.open("rb") as file:
            drawn = [ticket.hex() for ticket in draw.draw(draw.read_list(file), seed, WINNERS)]
        done = time.perf_counter()
        yield Figure(f"root of {count:,} tickets, from the list file", sealed - begun, "s")
        yield Figure(f"{WINNERS:,} drawn of them", done - drawing, "s")
        yield Figure("both: seal and draw", done - drawing + sealed - begun, "s", 60.0, False)
        document = {
            "format": draw.FORMAT,
            "root": root.hex(),
            "count": count,
            "prizes": [{"name": "prize", "count": WINNERS}],
            "randomness": [{"name": name, "value": value} for name, value in results],
            "winners": drawn,
            "reserves": [],
        }
        begun = time.perf_counter()
        with path.open("rb") as file:
            assert draw.check_draw(document, draw.read_list(file)) == []
        yield Figure("checking it from draw file and list file", time.perf_counter() - begun, "s", 60.0, False)
        yield Figure("memory it took on top", _memory_now_mb() - before, "MB", 100.0, False)


def _memory_now_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


BENCHMARKS = [Benchmark("engine", "draw-10m", run)]
