"""The one clock. Tests and rehearsals set another; nothing else asks the machine for the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, tzinfo

_read_ns: Callable[[], int] = time.time_ns


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.fromtimestamp(_read_ns() / 1_000_000_000, UTC)


def now_ms() -> int:
    """Return the present moment in milliseconds since 1970-01-01T00:00Z."""
    return _read_ns() // 1_000_000


def day_of(moment: datetime, zone: tzinfo) -> date:
    """Return the calendar day on which a moment falls in a zone; days turn at that zone's midnight."""
    return moment.astimezone(zone).date()


def machine_ms() -> int:
    """Return what the machine's own clock says, which somebody may set at any moment."""
    return time.time_ns() // 1_000_000


def _steady_ns() -> int:
    """Return a count that goes on while the machine sleeps and that nobody sets."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic_ns()


def keep_steady(now_ms: int | None = None) -> None:
    """From now on let this process's clock run steadily, whatever is done to the machine's.

    It goes on from `now_ms`, such as the time of a database that several processes share; else from the machine's.
    """
    global _read_ns
    began_ns = _steady_ns()
    base_ns = time.time_ns() if now_ms is None else now_ms * 1_000_000
    _read_ns = lambda: base_ns + _steady_ns() - began_ns  # noqa: E731


def run_from(moment: datetime, rate: float) -> None:
    """Let the clock of this process run on from a moment, `rate` times as fast: a rehearsal's clock."""
    global _read_ns
    began_ns, base_ns = time.monotonic_ns(), int(moment.timestamp() * 1_000_000_000)
    _read_ns = lambda: base_ns + int((time.monotonic_ns() - began_ns) * rate)  # noqa: E731


@contextmanager
def set_to(moment: datetime) -> Iterator[Callable[[timedelta], None]]:
    """Hold the clock at a moment; yields a function that moves it on by a timedelta."""
    global _read_ns
    before, held = _read_ns, [int(moment.timestamp() * 1_000_000_000)]

    def move_on(step: timedelta) -> None:
        held[0] += int(step.total_seconds() * 1_000_000_000)

    _read_ns = lambda: held[0]  # noqa: E731
    try:
        yield move_on
    finally:
        _read_ns = before
