"""A board of units at the end of a day, in few bytes: unit, rank, points; large ones in parts by the unit's key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from tradeshall.contests.rules.figures import Column, Figures
from tradeshall.contests.rules.unit_boards import Ranked

WHOLE = 0
PARTS = 64
SMALL = 2048
"""Up to so many units a day is one part; its number is 0, those of a large board run from 1."""

LINE = np.dtype([("key", "<i8"), ("rank", "<i4"), ("hundredths", "<i4")])


@dataclass(frozen=True, slots=True)
class DayLine:
    """Where a unit stood: its rank, its hundredths of a point."""

    key: int
    rank: int
    hundredths: int


def part_of(key: int) -> int:
    """Return in which part of a large board a unit stands."""
    return 1 + key % PARTS


def pack_day(figures: Figures, ranked: Ranked) -> Iterator[tuple[int, bytes]]:
    """Yield the parts of a day, each with its bytes; an empty board is one empty part."""
    lines = np.zeros(len(ranked.rows), LINE)
    lines["key"] = figures.keys[ranked.rows]
    lines["rank"] = ranked.ranks
    lines["hundredths"] = ranked.hundredths
    if len(lines) <= SMALL:
        yield WHOLE, lines.tobytes()
        return
    part = lines["key"] % PARTS
    for number in range(PARTS):
        yield number + 1, lines[part == number].tobytes()


def unpack_day(parts: Iterable[bytes]) -> Column:
    """Return the lines of a day in the order of their ranks."""
    lines = np.frombuffer(b"".join(parts), LINE)
    return lines[np.argsort(lines["rank"], kind="stable")]  # parts are in order each: a merge


def line_of(part: bytes, key: int) -> DayLine | None:
    """Return where one unit stood, from the part it is in."""
    lines = np.frombuffer(part, LINE)
    found = lines[lines["key"] == key]
    return DayLine(key, int(found["rank"][0]), int(found["hundredths"][0])) if len(found) else None
