"""Setting up a whole contest from a ready-made plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from tradeshall.contests.actions.achievements import AchievementDraft, set_achievements
from tradeshall.contests.actions.rounds import SectionDraft, create_contest
from tradeshall.contests.actions.series import create_rounds
from tradeshall.contests.enums import Achieved
from tradeshall.contests.models import Contest, Pool
from tradeshall.contests.rules.presets import PLANS, Preset, pass_mark
from tradeshall.contests.rules.series import Day
from tradeshall.core.authority import Actor

if TYPE_CHECKING:
    from tradeshall.campaigns.models import Campaign
    from tradeshall.units.models import Unit

TITLES = {
    Preset.DAILY: ("第{n}天", "Day {n}"),
    Preset.LEVELS: ("第{n}关", "Level {n}"),
    Preset.EXAM: ("闭卷考试", "Exam"),
    Preset.PRACTICE: ("练习", "Practice"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an organiser says of a contest beyond the plan: who, when, from which pools, how much."""

    campaign: Campaign
    unit: Unit
    title: str
    title_en: str
    pools: Sequence[Pool]
    days: Sequence[Day]
    count: int
    points: int
    minutes: int


def set_up_contest(*, actor: Actor, preset: Preset, wanted: Wanted) -> Contest:
    """Draft a contest with all its rounds, blueprints and achievements; all of it or nothing.

    Refuses what drafting a contest, a round and a blueprint refuse.
    """
    plan = PLANS[preset]
    with transaction.atomic():
        contest = create_contest(
            actor=actor, campaign=wanted.campaign, unit=wanted.unit, title=wanted.title, title_en=wanted.title_en
        )
        contest.preset = preset.value
        contest.save(update_fields=["preset"])
        achievements = [AchievementDraft(**_fitting(dict(one), len(wanted.days))) for one in plan.achievements]
        kept = [one for at, one in enumerate(achievements) if one.least not in {o.least for o in achievements[:at]}]
        if kept:
            set_achievements(actor=actor, contest=contest, achievements=kept)
        rules: dict[str, Any] = {
            **plan.rules,
            "time_limit_seconds": 60 * wanted.minutes,
            "pass_points": pass_mark(plan.pass_percent, wanted.count, wanted.points),
        }
        title, title_en = TITLES[preset]
        create_rounds(
            actor=actor,
            contest=contest,
            days=wanted.days,
            title=title,
            title_en=title_en,
            rules=rules,
            sections=[SectionDraft(pools=wanted.pools, count=wanted.count, points=wanted.points)],
            in_turn=plan.in_turn,
        )
    return contest


def _fitting(achievement: dict[str, Any], days: int) -> dict[str, Any]:
    """Ask for no more days than there are."""
    if achievement["kind"] == Achieved.DAYS and achievement["least"] > days:
        achievement["least"] = max(1, days)
    return achievement
