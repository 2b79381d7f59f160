"""A board of people as it stood at one moment, in few bytes: its first lines, and how many stood in which cell."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate

import orjson

from tradeshall.contests.rules.boards import ranks

MOST_LINES = 1000
"""So many first lines are kept; whoever stands further down still sees their own place."""


@dataclass(frozen=True, slots=True)
class FrozenLine:
    rank: int
    participant: int
    score_points: int
    time_used_ms: int


@dataclass(frozen=True, slots=True)
class FrozenPeople:
    """The first lines; and all by score and whole seconds (`by_time`) or by score alone, best first."""

    as_of: datetime
    by_time: bool
    lines: list[FrozenLine]
    cells: list[tuple[int, int]]  # of each cell its key, (-score, seconds)
    before: list[int]  # how many stand before each cell, and at the end how many in all

    @property
    def of(self) -> int:
        return self.before[-1]

    def rank_of(self, score_points: int, time_used_ms: int) -> int:
        """Return the rank of a result: one more than stood in better cells."""
        key = cell_of(score_points, time_used_ms, self.by_time)
        return self.before[bisect_left(self.cells, key)] + 1

    def to_bytes(self) -> bytes:
        counts = [after - before for before, after in zip(self.before, self.before[1:], strict=False)]
        return orjson.dumps(
            {
                "as_of": self.as_of.timestamp(),
                "by_time": self.by_time,
                "lines": [[one.rank, one.participant, one.score_points, one.time_used_ms] for one in self.lines],
                "cells": [[*cell, count] for cell, count in zip(self.cells, counts, strict=True)],
            }
        )

    @classmethod
    def from_bytes(cls, body: bytes) -> FrozenPeople:
        found = orjson.loads(body)
        return cls(
            datetime.fromtimestamp(found["as_of"], UTC),
            found["by_time"],
            [FrozenLine(*line) for line in found["lines"]],
            [(score, second) for score, second, _ in found["cells"]],
            list(accumulate((count for _, _, count in found["cells"]), initial=0)),
        )


def cell_of(score_points: int, time_used_ms: int, by_time: bool) -> tuple[int, int]:
    return -score_points, time_used_ms // 1000 if by_time else 0


def freeze(
    as_of: datetime,
    best: Sequence[tuple[int, int, int]],
    counts: Iterable[tuple[int, int, int]],
    *,
    by_time: bool,
) -> FrozenPeople:
    """Keep a board: its first lines (participant, score, time) in order, and how many have which (score, second)."""
    cells: dict[tuple[int, int], int] = {}
    for score, second, count in counts:
        key = -score, second if by_time else 0
        cells[key] = cells.get(key, 0) + count
    in_order = sorted(cells)
    places = ranks(cell_of(score, used, by_time) for _, score, used in best)
    lines = [
        FrozenLine(rank, participant, score, used)
        for rank, (participant, score, used) in zip(places, best, strict=True)
    ]
    return FrozenPeople(
        as_of, by_time, lines, in_order, list(accumulate((cells[key] for key in in_order), initial=0))
    )
