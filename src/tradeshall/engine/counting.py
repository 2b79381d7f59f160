"""What of a participant's attempts stands on the board, kept so that the order of reading makes no difference.

An attempt belongs to the day on which it was begun, reckoned from what a finish records: its moment less the time
used. (Whoever begins within the grace before midnight and hands in within the grace after the deadline is counted
to the day after.)
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from struct import Struct
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from tradeshall.engine.wire import Counting, RankStyle, RoundRules

Stands = tuple[int, ...]
"""(score, time used, moment of finishing) and, where days are added up, what its day then holds: see `DayOf`."""

_NUMBER = Struct(">Q")
_HEAD = Struct(">IIQ")
_UNIX = date(1970, 1, 1).toordinal()


def tie_lot(content_hash: str, participant: int) -> bytes:
    """Return SHA-256(content hash ‖ participant's number, u64 big-endian): of two equal ones, the lower stands first.

    Nobody can steer it: numbers are drawn at random when somebody enters, the hash is fixed at publication.
    """
    return sha256(bytes.fromhex(content_hash) + _NUMBER.pack(participant)).digest()


class Calendar(Protocol):
    """What turns moments into days; `rounds.Days` is one."""

    def day(self, at_ms: int) -> int: ...


class DayOf(NamedTuple):
    """What a day holds for one participant: points, time used, the moment of finishing."""

    score: int
    time_ms: int
    finished_at_ms: int


def better_of_day(old: DayOf | None, new: DayOf, by_time: bool) -> DayOf:
    """Return the better of two attempts of a day; of equal ones the earlier."""
    if old is None:
        return new
    return min(old, new, key=lambda one: (-one.score, one.time_ms if by_time else 0, one.finished_at_ms))


def added_to_day(old: DayOf | None, new: DayOf) -> DayOf:
    """Return two attempts of a day added up; the moment is the later one."""
    if old is None:
        return new
    return DayOf(old.score + new.score, old.time_ms + new.time_ms, max(old.finished_at_ms, new.finished_at_ms))


def day_after(counting: str, old: DayOf | None, new: DayOf, by_time: bool) -> DayOf:
    """Return what a day holds once an attempt of that day is counted."""
    return better_of_day(old, new, by_time) if counting == Counting.DAILY_BEST else added_to_day(old, new)


def total_of_days(counting: str, days: Iterable[DayOf], cap_per_day: int, cap_total: int) -> DayOf:
    """Return what all days come to. Caps hold points back, never time."""
    score = time_ms = moment = 0
    for day in days:
        capped = counting == Counting.CAPPED and cap_per_day
        score += min(day.score, cap_per_day) if capped else day.score
        time_ms += day.time_ms
        moment = max(moment, day.finished_at_ms)
    if counting == Counting.CAPPED and cap_total:
        score = min(score, cap_total)
    return DayOf(score, time_ms, moment)


class DayColumns:
    """What each day holds for each participant: three columns a day, made when somebody plays on it.

    Twelve bytes a participant and day: a day that nobody beyond row n has played is n long. The moment is kept from
    the day's midnight on, plus one, so that 0 is a day not played.
    """

    def __init__(self, rules: RoundRules, calendar: Calendar) -> None:
        self.counting = rules.counting
        self._caps = rules.cap_per_day, rules.cap_total
        self._by_time = "time_used" in rules.tie_breaks
        self._calendar = calendar
        self._zone = ZoneInfo(rules.zone)
        self._midnights: dict[int, int] = {}
        self._days: dict[int, tuple[array[int], array[int], array[int]]] = {}

    def counted(self, row: int, before: DayOf | None, score: int, time_ms: int, finished_at_ms: int) -> Stands:
        """Return what stands once an attempt is counted, and what its day then holds; nothing is changed yet.

        `before` is what stands so far. The total moves by what the day moves, so that more days cost no more; only
        a moment that falls back, as when days are read out of order, needs a look at the others.
        """
        day = self._calendar.day(finished_at_ms - time_ms)
        old = self._held(row, day)
        new = day_after(self.counting, old, DayOf(score, time_ms, finished_at_ms), self._by_time)
        if before is None:
            return *total_of_days(self.counting, (new,), *self._caps), day, *new
        if old is not None and new.finished_at_ms < before.finished_at_ms == old.finished_at_ms:
            others = (found for other in self._days if other != day and (found := self._held(row, other)))
            return *total_of_days(self.counting, (new, *others), *self._caps), day, *new
        cap_per_day, cap_total = self._caps if self.counting == Counting.CAPPED else (0, 0)
        total = before.score + self._capped(new, cap_per_day) - (self._capped(old, cap_per_day) if old else 0)
        return (
            min(total, cap_total) if cap_total else total,  # days only grow, so who is at the cap stays there
            before.time_ms + new.time_ms - (old.time_ms if old else 0),
            max(before.finished_at_ms, new.finished_at_ms),
            day,
            *new,
        )

    @staticmethod
    def _capped(day: DayOf, cap: int) -> int:
        return min(day.score, cap) if cap else day.score

    def record(self, row: int, stands: Stands) -> None:
        """Make a day hold what `counted` said it would."""
        day, score, time_ms, finished_at_ms = stands[3:]
        columns = self._days.get(day)
        if columns is None:
            columns = self._days[day] = array("I"), array("I"), array("I")
        if row >= len(columns[0]):
            empty = bytes(4 * (row + 1 - len(columns[0])))
            for column in columns:
                column.frombytes(empty)
        columns[0][row], columns[1][row] = score, time_ms
        columns[2][row] = finished_at_ms - self._midnight(day) + 1

    def parts(self) -> Iterator[bytes]:
        """Yield the columns as bytes, for a snapshot."""
        for day, columns in self._days.items():
            yield _HEAD.pack(day, len(columns[0]), 0)
            yield from (column.tobytes() for column in columns)

    def load(self, kept: bytes) -> None:
        """Take what `parts` gave."""
        at = 0
        while at < len(kept):
            day, rows, _ = _HEAD.unpack_from(kept, at)
            at += _HEAD.size
            columns = array("I"), array("I"), array("I")
            for column in columns:
                column.frombytes(kept[at : at + 4 * rows])
                at += 4 * rows
            self._days[day] = columns

    def _held(self, row: int, day: int) -> DayOf | None:
        columns = self._days.get(day)
        if columns is None or row >= len(columns[0]) or not columns[2][row]:
            return None
        return DayOf(columns[0][row], columns[1][row], self._midnight(day) + columns[2][row] - 1)

    def _midnight(self, day: int) -> int:
        found = self._midnights.get(day)
        if found is None:
            moment = datetime.combine(date.fromordinal(day), time(), self._zone)
            found = self._midnights[day] = int(moment.timestamp() * 1000)
        return found


def day_of(ordinal: int) -> date:
    """Return the date behind a calendar's number."""
    return date(1970, 1, 1) + timedelta(days=ordinal - _UNIX)


def is_lot(rules: RoundRules) -> bool:
    return rules.rank_style == RankStyle.LOT
