"""Saying what can be achieved over a contest; fixed once its first round is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tradeshall.contests import permissions
from tradeshall.contests.enums import RoundState
from tradeshall.contests.models import Achievement, Contest, Round
from tradeshall.contests.rules import achievements as rules
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refusal, refuse, require
from tradeshall.journal.actions import record_change


@dataclass(slots=True)
class AchievementDraft:
    """An achievement as somebody wrote it."""

    title: str
    kind: str
    least: int = 0
    title_en: str = ""
    must_pass: bool = False
    since_joining: bool = False


def set_achievements(*, actor: Actor, contest: Contest, achievements: Sequence[AchievementDraft]) -> Contest:
    """Replace what can be achieved over a contest. Refuses once a round of it is published."""
    with transaction.atomic():
        locked = _locked(actor, contest)
        for one in achievements:
            require(*rules.judge_achievement(one))
        locked.achievements.all().delete()
        Achievement.objects.bulk_create(
            [
                Achievement(
                    contest=locked,
                    position=position,
                    title=one.title.strip(),
                    title_en=one.title_en.strip(),
                    kind=one.kind,
                    least=one.least,
                    must_pass=one.must_pass,
                    since_joining=one.since_joining,
                )
                for position, one in enumerate(achievements, start=1)
            ]
        )
        record_change(
            actor=actor,
            verb="contests:contest:set_achievements",
            thing=locked,
            acting_unit_code=locked.activity.unit.code,
            changes={"achievements": [None, [f"{one.kind} {one.least} {one.title}" for one in achievements]]},
        )
    return locked


def set_joining(*, actor: Actor, contest: Contest, joining_ends_at: datetime | None) -> Contest:
    """Say until when members may still enter; None: as long as a round is open. Refuses once a round is published."""
    with transaction.atomic():
        locked = _locked(actor, contest)
        if locked.joining_ends_at != joining_ends_at:
            before, locked.joining_ends_at = locked.joining_ends_at, joining_ends_at
            locked.save(update_fields=["joining_ends_at"])
            record_change(
                actor=actor,
                verb="contests:contest:set_joining",
                thing=locked,
                acting_unit_code=locked.activity.unit.code,
                changes={
                    "joining_ends_at": [
                        before.isoformat() if before else None,
                        joining_ends_at.isoformat() if joining_ends_at else None,
                    ]
                },
            )
    return locked


def _locked(actor: Actor, contest: Contest) -> Contest:
    row = (
        Contest.objects.select_for_update(of=("self",))
        .select_related("activity__unit", "activity__campaign")
        .get(pk=contest.pk)
    )
    require(permissions.refuse_unless_may(actor, permissions.ROUND_EDIT, row), refuse_if_played(row))
    return row


def refuse_if_played(contest: Contest) -> Refusal | None:
    """Refuse to change the rules of a contest of which a round is published."""
    published = Round.objects.filter(contest=contest).exclude(state=RoundState.DRAFT.value).exists()
    return refuse("contests:contest:frozen") if published else None
