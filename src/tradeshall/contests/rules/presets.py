"""Ready-made contests: what an organiser picks to begin with. Everything in them can be changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tradeshall.contests.enums import Achieved, Counting, Results, Review, TieBreak

TIES = [TieBreak.SCORE.value, TieBreak.TIME_USED.value, TieBreak.EARLIER_FINISH.value]


class Preset(StrEnum):
    DAILY = "daily"
    LEVELS = "levels"
    EXAM = "exam"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules of the rounds of a preset, how many there are, and what can be achieved.

    `pass_percent` of a paper's points is the pass mark. `exposure_percent` is the cap of the blueprint.
    """

    rounds: int
    count: int
    points: int
    minutes: int
    rules: Mapping[str, Any]
    pass_percent: int = 0
    in_turn: bool = False
    achievements: tuple[Mapping[str, Any], ...] = field(default=())


PLANS: dict[Preset, Plan] = {
    Preset.DAILY: Plan(
        rounds=28,
        count=5,
        points=20,
        minutes=10,
        rules={
            "attempts_per_day": 1,
            "attempts_total": 1,
            "counting": Counting.BEST.value,
            "tie_breaks": TIES,
            "results": Results.AT_ONCE.value,
            "review": Review.AFTER_ROUND.value,
        },
        achievements=(
            {"kind": Achieved.DAYS.value, "least": 28, "title": "全勤答题", "title_en": "Every day answered"},
            {"kind": Achieved.DAYS.value, "least": 20, "title": "坚持答题", "title_en": "Twenty days answered"},
        ),
    ),
    Preset.LEVELS: Plan(
        rounds=5,
        count=5,
        points=20,
        minutes=10,
        pass_percent=60,
        in_turn=True,
        rules={
            "attempts_per_day": 5,
            "attempts_total": 0,
            "counting": Counting.BEST.value,
            "tie_breaks": [TieBreak.SCORE.value, TieBreak.FEWER_ATTEMPTS.value, TieBreak.TIME_USED.value],
            "results": Results.AT_ONCE.value,
            "review": Review.AT_ONCE.value,
        },
        achievements=(
            {
                "kind": Achieved.ROUNDS.value,
                "least": 0,
                "must_pass": True,
                "title": "全部通关",
                "title_en": "All levels passed",
            },
        ),
    ),
    Preset.EXAM: Plan(
        rounds=1,
        count=30,
        points=2,
        minutes=45,
        pass_percent=60,
        rules={
            "attempts_per_day": 0,
            "attempts_total": 1,
            "counting": Counting.FIRST.value,
            "tie_breaks": TIES,
            "results": Results.AFTER_ROUND.value,
            "review": Review.AFTER_ROUND.value,
        },
    ),
    Preset.PRACTICE: Plan(
        rounds=1,
        count=10,
        points=10,
        minutes=15,
        rules={
            "practice": True,
            "attempts_per_day": 0,
            "attempts_total": 0,
            "counting": Counting.BEST.value,
            "tie_breaks": TIES,
            "results": Results.AT_ONCE.value,
            "review": Review.AT_ONCE.value,
            "exposure_cap_percent": 100,
        },
    ),
}


def pass_mark(percent: int, count: int, points: int) -> int:
    """Return the points from which a paper is passed, rounded up to what a paper can earn."""
    items = -(-percent * count // 100)
    return items * points
