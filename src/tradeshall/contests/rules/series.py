"""Days on which a round is played, and what a ready-made contest begins with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from tradeshall.core.refusal import Refusal, refuse

MOST_DAYS = 100
MOST_LEVELS = 30


@dataclass(frozen=True, slots=True)
class Calendar:
    """When rounds are played: so many days from a first one on, at the same hours, some days left out.

    `closes` at or before `opens` means the day after; midnight is the end of the same day. `weekdays_off` counts
    Monday as 0.
    """

    first: date
    days: int
    opens: time
    closes: time
    weekdays_off: Collection[int] = ()
    dates_off: Collection[date] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One day of play."""

    number: int
    on: date
    opens_at: datetime
    closes_at: datetime


def judge_calendar(calendar: Calendar) -> list[Refusal]:
    """Return every reason why a calendar makes no sense, each with its field."""
    found = []
    if not 1 <= calendar.days <= MOST_DAYS:
        found.append(refuse("contests:series:days_out_of_bounds", field_name="days", most=MOST_DAYS))
    if set(calendar.weekdays_off) >= set(range(7)):
        found.append(refuse("contests:series:every_day_off", field_name="weekdays_off"))
    if not set(calendar.weekdays_off) <= set(range(7)):
        found.append(refuse("contests:series:weekday_unknown", field_name="weekdays_off"))
    return found


def days_of(calendar: Calendar, zone: tzinfo) -> list[Day]:
    """Return the days of play, days off passed over. An hour that a zone skips in spring opens when it resumes."""
    found: list[Day] = []
    on = calendar.first
    while len(found) < calendar.days:
        if on.weekday() not in calendar.weekdays_off and on not in calendar.dates_off:
            ends = on if calendar.closes > calendar.opens else on + timedelta(days=1)
            opens_at = datetime.combine(on, calendar.opens, zone)
            found.append(Day(len(found) + 1, on, opens_at, datetime.combine(ends, calendar.closes, zone)))
        on += timedelta(days=1)
    return found


def levels_of(count: int, opens_at: datetime, closes_at: datetime) -> list[Day]:
    """Return so many rounds over one and the same window."""
    return [Day(number, opens_at.date(), opens_at, closes_at) for number in range(1, count + 1)]
