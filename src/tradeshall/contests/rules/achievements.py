"""Streaks and maps: what somebody has reached, reckoned from the days and rounds they have finished."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from tradeshall.contests.enums import Achieved
from tradeshall.core.refusal import Refusal, refuse

MOST_ASKED = 10_000_000


class AchievementFacts(Protocol):
    """What rules read of an achievement."""

    title: str
    kind: str
    least: int
    must_pass: bool
    since_joining: bool


def judge_achievement(one: AchievementFacts) -> list[Refusal]:
    """Return every reason why an achievement makes no sense, each with its field."""
    found = []
    if not one.title.strip():
        found.append(refuse("contests:achievement:title_empty", field_name="title"))
    if one.kind not in {word.value for word in Achieved}:
        found.append(refuse("contests:achievement:kind_unknown", field_name="kind"))
    if not 0 <= one.least <= MOST_ASKED or (one.least == 0 and one.kind != Achieved.ROUNDS):
        found.append(refuse("contests:achievement:least_out_of_bounds", field_name="least", most=MOST_ASKED))
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody is: `has` of `needs`."""

    has: int
    needs: int

    @property
    def reached(self) -> bool:
        return self.needs > 0 and self.has >= self.needs


def longest_run(days: Iterable[date], days_off: Collection[date] = ()) -> int:
    """Return the most days in a row; a day on which nothing was played does not break a row."""
    played = sorted(set(days))
    best = run = 0
    last: date | None = None
    for day in played:
        if last is not None:
            between = (last + timedelta(days=step) for step in range(1, (day - last).days))
            run = run + 1 if all(one in days_off for one in between) else 1
        else:
            run = 1
        best, last = max(best, run), day
    return best


@dataclass(frozen=True, slots=True)
class RoundOfMap:
    """A round as a point of the map."""

    pk: int
    closes_at: datetime


def asked_of(rounds: Iterable[RoundOfMap], since: datetime | None) -> set[int]:
    """Return the rounds that are asked of somebody: all, or those that were not over when they entered."""
    return {one.pk for one in rounds if since is None or one.closes_at > since}


def days_without_play(windows: Iterable[tuple[date, date]]) -> set[date]:
    """Return the days between the first and the last window on which no round was open."""
    played: set[date] = set()
    for first, last in windows:
        played.update(first + timedelta(days=step) for step in range((last - first).days + 1))
    if not played:
        return set()
    first, last = min(played), max(played)
    every = {first + timedelta(days=step) for step in range((last - first).days + 1)}
    return every - played
