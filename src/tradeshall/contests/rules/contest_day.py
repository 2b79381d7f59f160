"""What on a contest day somebody has to know at once, and what is as it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

DISK_BAD_MB, DISK_LOW_MB = 512, 4096
SLOW_MS = 1000
LATE_MS = 500
LAG_ENTRIES = 20_000
CLOCK_OFF_MS = 2000
MEMORY_PART = 0.75
SILENT_SECONDS = 10
FORGOTTEN_SECONDS = 3600


class Grade(StrEnum):
    BAD = "bad"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know: a code, whose sentences are in `texts`, and its figures."""

    code: str
    grade: Grade
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Process:
    """An engine process by its last report, and how long ago that was."""

    writer: str
    silent_seconds: int
    told: dict[str, Any]

    @property
    def answers(self) -> bool:
        return self.silent_seconds < SILENT_SECONDS

    def a_second(self, outcome: str, *kinds: str) -> float:
        found: dict[str, dict[str, float]] = self.told["kinds"]
        return sum(found[kind][outcome] for kind in kinds or found)


def findings(
    processes: Sequence[Process], *, lag_entries: int | None, disk_free_mb: float | None, stuck_events: int
) -> list[Finding]:
    """Return what somebody has to know, the worst first."""
    found = list(_of_house(processes, lag_entries, disk_free_mb, stuck_events))
    for process in processes:
        found += _of_process(process)
    return sorted(found, key=lambda one: one.grade is not Grade.BAD)


def _of_house(
    processes: Sequence[Process], lag_entries: int | None, disk_free_mb: float | None, stuck_events: int
) -> Iterator[Finding]:
    if not any(process.answers for process in processes):
        yield Finding("no_engine", Grade.BAD)
    free = [one for one in (disk_free_mb, *(process.told.get("disk_free_mb") for process in processes)) if one]
    if disk_free_mb == 0 or (free and min(free) < DISK_BAD_MB):
        yield Finding("disk_full", Grade.BAD, {"free": int(min(free, default=0))})
    elif free and min(free) < DISK_LOW_MB:
        yield Finding("disk_low", Grade.WARN, {"free": int(min(free))})
    if lag_entries is not None and lag_entries > LAG_ENTRIES:
        yield Finding("lag", Grade.WARN, {"entries": lag_entries})
    if stuck_events:
        yield Finding("events_stuck", Grade.WARN, {"events": stuck_events})


def _of_process(process: Process) -> Iterator[Finding]:
    told, name = process.told, {"process": process.writer}
    if not process.answers:
        yield Finding("silent", Grade.BAD, {**name, "seconds": process.silent_seconds})
        return
    if told["uncommitted"]:
        yield Finding("uncommitted", Grade.BAD, {**name, "times": told["uncommitted"]})
    if told["failed"]:
        yield Finding("failed", Grade.WARN, {**name, "times": told["failed"]})
    if saves := process.a_second("busy", "save", "submit"):
        yield Finding("saves_wait", Grade.WARN, {**name, "rate": round(saves, 1)})
    elif starts := process.a_second("busy", "start"):
        yield Finding("starts_wait", Grade.WARN, {**name, "rate": round(starts, 1)})
    slowest = max((row["p95_ms"] or 0 for row in told["kinds"].values()), default=0)
    if slowest > SLOW_MS:
        yield Finding("slow", Grade.WARN, {**name, "ms": round(slowest)})
    if told["late_ms"] > LATE_MS:
        yield Finding("late", Grade.WARN, {**name, "ms": told["late_ms"]})
    if abs(told["clock_off_ms"] or 0) > CLOCK_OFF_MS:
        yield Finding("clock_off", Grade.WARN, {**name, "seconds": round(abs(told["clock_off_ms"]) / 1000)})
    most_mb = told.get("machine_memory_mb")
    if most_mb and told["memory_mb"] > MEMORY_PART * most_mb:
        yield Finding("memory", Grade.WARN, {**name, "mb": round(told["memory_mb"])})
