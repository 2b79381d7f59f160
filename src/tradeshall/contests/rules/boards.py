"""Which attempt counts, who stands before whom, and which units may be shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from tradeshall.contests.enums import Counting, RankStyle, TieBreak
from tradeshall.engine.counting import DayOf, day_after, total_of_days

LEAST_MEMBERS = 30
LEAST_TAKING_PART = 10

T = TypeVar("T")
Key = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One finished attempt; `day` is the one on which it was begun, wanted where days are added up."""

    number: int
    score_points: int
    time_used_ms: int
    finished_at_ms: int
    day: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts for one entrant so far; `number` is the attempt that counts, of a sum the last.

    `days` has what each day holds, where days are added up: points, time, moment.
    """

    number: int
    score_points: int
    time_used_ms: int
    finished_at_ms: int
    attempts: int
    days: Mapping[str, Sequence[int]] = field(default_factory=dict)


BY_DAY = frozenset({Counting.DAILY_BEST.value, Counting.CAPPED.value})


def counted(
    before: Counted | None,
    attempt: Attempt,
    counting: str,
    tie_breaks: Sequence[str],
    cap_per_day: int = 0,
    cap_total: int = 0,
) -> Counted:
    """Return what counts once an attempt is added. The order in which attempts come makes no difference."""
    if counting in BY_DAY:
        return _by_day(before, attempt, counting, tie_breaks, cap_per_day, cap_total)
    alone = Counted(attempt.number, attempt.score_points, attempt.time_used_ms, attempt.finished_at_ms, 1)
    if before is None:
        return alone
    attempts = before.attempts + 1
    if counting == Counting.SUM:
        return Counted(
            max(before.number, attempt.number),
            before.score_points + attempt.score_points,
            before.time_used_ms + attempt.time_used_ms,
            max(before.finished_at_ms, attempt.finished_at_ms),
            attempts,
        )
    if counting == Counting.LAST:
        better = attempt.number > before.number
    elif counting == Counting.FIRST:
        better = attempt.number < before.number
    else:
        by_time = TieBreak.TIME_USED in tie_breaks
        better = _merit(alone, by_time) < _merit(before, by_time)
    stands = alone if better else before
    return Counted(stands.number, stands.score_points, stands.time_used_ms, stands.finished_at_ms, attempts)


def _by_day(
    before: Counted | None,
    attempt: Attempt,
    counting: str,
    tie_breaks: Sequence[str],
    cap_per_day: int,
    cap_total: int,
) -> Counted:
    days = dict(before.days) if before else {}
    held = DayOf(*days[attempt.day]) if attempt.day in days else None
    new = DayOf(attempt.score_points, attempt.time_used_ms, attempt.finished_at_ms)
    days[attempt.day] = list(day_after(counting, held, new, TieBreak.TIME_USED in tie_breaks))
    total = total_of_days(counting, (DayOf(*day) for day in days.values()), cap_per_day, cap_total)
    number = max(before.number, attempt.number) if before else attempt.number
    return Counted(number, *total, (before.attempts if before else 0) + 1, days)


def _merit(one: Counted, by_time: bool) -> Key:
    return -one.score_points, one.time_used_ms if by_time else 0, one.number


# Over several rounds -----------------------------------------------------------------------------------------


class Result(NamedTuple):
    """What counts for an entrant in one round."""

    round_id: int
    score_points: int
    time_used_ms: int
    finished_at: datetime
    attempts_count: int


def added_up(results: list[Result], seen: Collection[int], best: int) -> dict[str, Any]:
    """Return the sums over the rounds that are seen, or over so many of the best of them; 0: over all."""
    shown = [one for one in results if one.round_id in seen]
    if best:
        shown = sorted(shown, key=lambda one: (-one.score_points, one.time_used_ms, one.finished_at))[:best]
    return {
        "rounds_count": len(shown),
        "score_points": sum(one.score_points for one in shown),
        "time_used_ms": sum(one.time_used_ms for one in shown),
        "finished_at": max(one.finished_at for one in shown or results),
        "attempts_count": sum(one.attempts_count for one in shown),
    }


# Ranks -------------------------------------------------------------------------------------------------------

FIELDS: dict[str, str] = {
    TieBreak.SCORE.value: "-score_points",
    TieBreak.TIME_USED.value: "time_used_ms",
    TieBreak.EARLIER_FINISH.value: "finished_at",
    TieBreak.FEWER_ATTEMPTS.value: "attempts_count",
}
"""The field of a standing that each tie-break sorts by, as a database is asked."""


def order_of(tie_breaks: Sequence[str], rank_style: str = RankStyle.STANDARD.value) -> list[str]:
    """Return the fields by which standings are sorted."""
    return [*(FIELDS[name] for name in tie_breaks), *(["lot"] if rank_style == RankStyle.LOT else [])]


def ranks(keys: Iterable[object], rank_style: str = RankStyle.STANDARD.value) -> list[int]:
    """Return the rank of each of some sorted keys; equal ones share a rank: 1-2-2-4, or dense 1-2-2-3."""
    found: list[int] = []
    last: object = None
    for position, key in enumerate(keys, start=1):
        after = found[-1] + 1 if found and rank_style == RankStyle.DENSE else position
        found.append(found[-1] if found and key == last else after)
        last = key
    return found


@dataclass(frozen=True, slots=True)
class UnitCounts:
    """Figures of a unit and all beneath it: its members, those who finished, what they scored, how often they sat."""

    members: int
    taking_part: int
    score_sum: int
    attempts: int = 0

    def __add__(self, other: UnitCounts) -> UnitCounts:
        return UnitCounts(
            self.members + other.members,
            self.taking_part + other.taking_part,
            self.score_sum + other.score_sum,
            self.attempts + other.attempts,
        )

    @property
    def rate(self) -> float:
        """The share of members who took part, at most 1: who left since then still counts as having taken part."""
        return min(1.0, self.taking_part / self.members) if self.members else 0.0

    @property
    def mean(self) -> float:
        """The mean of what those who took part scored."""
        return self.score_sum / self.taking_part if self.taking_part else 0.0


NOBODY = UnitCounts(0, 0, 0)


def may_be_shown(counts: UnitCounts) -> bool:
    """Answer whether a unit is large enough to be shown by name."""
    return counts.members >= LEAST_MEMBERS and counts.taking_part >= LEAST_TAKING_PART


def rolled_up(own: Mapping[str, UnitCounts]) -> dict[str, UnitCounts]:
    """Return the figures of each path and of every path above it, from figures that each stand at one path."""
    sums: dict[str, UnitCounts] = {}
    for path, counts in own.items():
        steps = path.rstrip("/").split("/")
        for end in range(1, len(steps) + 1):
            above = "/".join(steps[:end]) + "/"
            sums[above] = sums.get(above, NOBODY) + counts
    return sums


@dataclass(frozen=True, slots=True)
class UnitBoard:
    """Units in order, each with its rank, and what those that are not shown come to together.

    `smaller` is None where they may not be shown together either. `joined`: one of them is large enough by itself
    and keeps the only other one company.
    """

    ranked: list[tuple[int, str, UnitCounts]]
    smaller: UnitCounts | None
    smaller_units: int
    joined: bool


def board_of_units(counts: Mapping[str, UnitCounts], *, by: str = "rate") -> UnitBoard:
    """Rank units by participation rate, then mean score (`by` "mean": the other way round).

    Units too small to be shown are pooled. Were only one of them pooled, its figures would be plain to see, so the
    smallest shown unit is pooled with it, though none be left to show. The pool has to be as large as any unit that
    is shown, and more than one.
    """
    shown = {path: one for path, one in counts.items() if may_be_shown(one)}
    pooled = {path: one for path, one in counts.items() if path not in shown and (one.members or one.taking_part)}
    joined = len(pooled) == 1 and bool(shown)
    if joined:
        smallest = min(shown, key=lambda path: (shown[path].members, path))
        pooled[smallest] = shown.pop(smallest)

    def merit(one: UnitCounts) -> tuple[float, float]:
        return (-one.rate, -one.mean) if by == "rate" else (-one.mean, -one.rate)

    in_order = sorted(shown.items(), key=lambda entry: (merit(entry[1]), entry[0]))
    places = ranks(merit(one) for _, one in in_order)
    together = sum(pooled.values(), NOBODY)
    return UnitBoard(
        [(place, path, one) for place, (path, one) in zip(places, in_order, strict=True)],
        together if len(pooled) > 1 and may_be_shown(together) else None,
        len(pooled),
        joined,
    )


def may_be_shown_all(members: Any, people: Any) -> Any:
    """Answer the same for columns of figures."""
    return (members >= LEAST_MEMBERS) & (people >= LEAST_TAKING_PART)
