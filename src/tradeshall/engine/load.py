"""What an engine process is doing, second by second: kept in counters, asked for by the page of the contest day.

On the way of a request lie one reading of the clock and a few additions. Percentiles come from counts in buckets,
four to each doubling, so that they are right to within a fifth.
"""

from __future__ import annotations

import os
import resource
import shutil
import time
from array import array
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

START, SAVE, SUBMIT, READ = range(4)
KINDS = ("start", "save", "submit", "read")
KIND_OF = {"start": START, "save": SAVE, "submit": SUBMIT}
OUTCOMES = ("answered", "busy", "refused", "failed")
ANSWERED, BUSY, REFUSED, FAILED = range(4)

SECONDS = 128
"""How many seconds are kept; the one under way is not shown."""
SHOWN = 60
LATELY = 10
BUCKETS = 100
_SECOND_NS = 1_000_000_000


def bucket_of(us: int) -> int:
    """Return in which bucket a duration is counted: 0 up to 4 µs, then four a doubling, the last from 100 s."""
    if us < 4:
        return 0
    size = us.bit_length() - 3
    return min(BUCKETS - 1, 4 * size + (us >> size) - 4)


def bucket_ends_us(bucket: int) -> int:
    """Return the duration at which a bucket ends."""
    size, quarter = divmod(bucket, 4)
    return (quarter + 5) << size


class Second:
    """What happened within one second."""

    __slots__ = ("batches", "commit_us", "durations", "late_ms", "number", "outcomes", "queue", "rows", "uncommitted")

    def __init__(self, number: int) -> None:
        self.number = number
        self.outcomes = [[0] * len(OUTCOMES) for _ in KINDS]
        self.durations: list[array[int] | None] = [None] * len(KINDS)
        self.batches = self.rows = self.commit_us = self.uncommitted = 0
        self.queue = self.late_ms = 0


class Load:
    """The last two minutes of a process, and its counts since it began."""

    def __init__(self) -> None:
        self.began_ns = time.monotonic_ns()
        self.totals = [[0] * len(OUTCOMES) for _ in KINDS]
        self.rows = self.batches = self.uncommitted = 0
        self.commit_us = 0
        self._seconds = [Second(-1) for _ in range(SECONDS)]

    def _now(self, at_ns: int) -> Second:
        number = at_ns // _SECOND_NS
        second = self._seconds[number % SECONDS]
        if second.number != number:
            second = self._seconds[number % SECONDS] = Second(number)
        return second

    def answered(self, kind: int, status: int, began_ns: int) -> None:
        """Count a request that began at a moment of the steady clock and has just been answered."""
        at_ns = time.monotonic_ns()
        second = self._now(at_ns)
        if status == 200:
            outcome = ANSWERED
            durations = second.durations[kind]
            if durations is None:
                durations = second.durations[kind] = array("I", bytes(4 * BUCKETS))
            durations[bucket_of((at_ns - began_ns) // 1000)] += 1
        else:
            outcome = BUSY if status == 503 else REFUSED if status < 500 else FAILED
        second.outcomes[kind][outcome] += 1
        self.totals[kind][outcome] += 1

    def committed(self, rows: int, took_ns: int, ok: bool, queue: int) -> None:
        """Count a group commit, and how many wait behind it."""
        second = self._now(time.monotonic_ns())
        took_us = took_ns // 1000
        if ok:
            second.batches += 1
            second.rows += rows
            second.commit_us += took_us
            self.batches += 1
            self.rows += rows
            self.commit_us += took_us
        else:
            second.uncommitted += 1
            self.uncommitted += 1
        second.queue = max(second.queue, queue)

    def ticked(self, late_ms: float, queue: int) -> None:
        """Note how late the clockwork ran, and how many wait."""
        second = self._now(time.monotonic_ns())
        second.late_ms = max(second.late_ms, round(late_ms))
        second.queue = max(second.queue, queue)

    # what is told --------------------------------------------------------------------------------------------

    def last(self, seconds: int) -> list[Second]:
        """Return the last whole seconds, oldest first; one in which nothing happened is empty."""
        now = time.monotonic_ns() // _SECOND_NS
        kept = (self._seconds[number % SECONDS] for number in range(now - seconds, now))
        return [
            one if one.number == number else Second(number)
            for number, one in zip(range(now - seconds, now), kept, strict=True)
        ]

    def told(self) -> dict[str, Any]:
        """Return the figures of the last ten seconds, and lines of the last sixty."""
        minute = self.last(SHOWN)
        lately = minute[-LATELY:]
        batches = sum(one.batches for one in lately)
        return {
            "kinds": {
                name: {
                    **{
                        outcome: sum(one.outcomes[kind][place] for one in lately) / LATELY
                        for place, outcome in enumerate(OUTCOMES)
                    },
                    "p50_ms": percentile(lately, (kind,), 0.50),
                    "p95_ms": percentile(lately, (kind,), 0.95),
                    "p99_ms": percentile(lately, (kind,), 0.99),
                }
                for kind, name in enumerate(KINDS)
            },
            "commits_a_second": batches / LATELY,
            "rows_a_commit": sum(one.rows for one in lately) / batches if batches else 0.0,
            "commit_ms": sum(one.commit_us for one in lately) / batches / 1000 if batches else 0.0,
            "uncommitted": sum(one.uncommitted for one in minute),
            "failed": sum(row[FAILED] for one in minute for row in one.outcomes),
            "queue_most": max(one.queue for one in lately),
            "late_ms": max(one.late_ms for one in lately),
            "minute": {
                "answered": [sum(row[ANSWERED] for row in one.outcomes) for one in minute],
                "busy": [sum(row[BUSY] for row in one.outcomes) for one in minute],
                "p95_ms": [percentile([one], range(len(KINDS)), 0.95) for one in minute],
                "queue": [one.queue for one in minute],
            },
        }

    def prometheus(self, writer: str, gauges: dict[str, float]) -> str:
        """Return the counts since the process began, in the text format that Prometheus reads."""
        lines = ["# TYPE tradeshall_engine_requests_total counter"]
        lines += [
            f'tradeshall_engine_requests_total{{writer="{writer}",kind="{name}",outcome="{outcome}"}}'
            f" {self.totals[kind][place]}"
            for kind, name in enumerate(KINDS)
            for place, outcome in enumerate(OUTCOMES)
        ]
        counters = {
            "commits_total": self.batches,
            "commits_failed_total": self.uncommitted,
            "rows_total": self.rows,
            "commit_seconds_total": self.commit_us / 1e6,
            "processor_seconds_total": time.process_time(),
        }
        for kind, figures in (("counter", counters), ("gauge", gauges)):
            for name, value in figures.items():
                lines.append(f"# TYPE tradeshall_engine_{name} {kind}")
                lines.append(f'tradeshall_engine_{name}{{writer="{writer}"}} {value:g}')
        return "\n".join(lines) + "\n"


def percentile(seconds: Iterable[Second], kinds: Iterable[int], part: float) -> float | None:
    """Return within how many milliseconds a part of the requests was answered; None if there were none."""
    kinds = tuple(kinds)
    summed = [0] * BUCKETS
    for second in seconds:
        for kind in kinds:
            durations = second.durations[kind]
            if durations is not None:
                for bucket, count in enumerate(durations):
                    if count:
                        summed[bucket] += count
    wanted = part * sum(summed)
    if not wanted:
        return None
    reached = 0
    for bucket, count in enumerate(summed):
        reached += count
        if reached >= wanted:
            return bucket_ends_us(bucket) / 1000
    raise AssertionError("not reached")


def memory_mb() -> float:
    """Return how much memory this process holds."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1024**2
    except (OSError, ValueError, IndexError):  # not Linux: the most it ever held
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def disk_free_mb(folder: Path) -> float | None:
    """Return how much is free where a folder lies."""
    try:
        return shutil.disk_usage(folder).free / 1024**2
    except OSError:
        return None


@cache
def machine_memory_mb() -> float | None:
    """Return how much memory the machine has."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**2
    except (ValueError, OSError):
        return None
