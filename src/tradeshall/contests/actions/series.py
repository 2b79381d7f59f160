"""Rounds by the calendar: made at once, published by one act, each with its own secret."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from tradeshall.contests import permissions
from tradeshall.contests.actions.rounds import SectionDraft, create_round, publish_round, set_blueprint
from tradeshall.contests.enums import RoundState
from tradeshall.contests.models import Contest, Round
from tradeshall.contests.queries.rounds import WITH_CONTEST, check_publication
from tradeshall.contests.rules.series import Day
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.journal.actions import record_change

log = logging.getLogger(__name__)

AHEAD = timedelta(days=1)
"""How long before its opening a round that is published on its own is published."""


def create_rounds(
    *,
    actor: Actor,
    contest: Contest,
    days: Sequence[Day],
    title: str,
    title_en: str,
    rules: Mapping[str, Any],
    sections: Sequence[SectionDraft],
    in_turn: bool = False,
) -> list[Round]:
    """Draft a round for each day, all with the same rules and blueprint; `{n}` in a title is the day's number.

    `in_turn`: each opens for whoever passed the one before. Refuses what drafting one round refuses; then none is
    made.
    """
    made: list[Round] = []
    with transaction.atomic():
        for day in days:
            row = create_round(
                actor=actor,
                contest=contest,
                title=title.replace("{n}", str(day.number)),
                title_en=title_en.replace("{n}", str(day.number)),
                opens_at=day.opens_at,
                closes_at=day.closes_at,
                **rules,
                **({"opens_after": made[-1]} if in_turn and made else {}),
            )
            if sections:
                set_blueprint(actor=actor, round=row, sections=sections)
            made.append(row)
    return made


def drafts_of(contest: Contest) -> list[Round]:
    """Return the rounds of a contest that are drafts, in order."""
    rows = Round.objects.filter(contest=contest, state=RoundState.DRAFT.value)
    return list(rows.select_related(*WITH_CONTEST).order_by("position", "pk"))


def publish_series(*, actor: Actor, contest: Contest, each_on_its_own: bool = False) -> list[Round]:
    """Publish every draft round of a contest by one act: all of them now, or none.

    Each is sealed with a secret of its own, so that opening one day's says nothing of another's. With
    `each_on_its_own` a round is sealed a day before it opens, by the server, with the questions the bank then has;
    what opens within a day is sealed now. Refuses, naming the round, what publishing one round refuses.
    """
    now = clock.now()
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.ROUND_PUBLISH, contest))
        rows = drafts_of(contest)
        if not rows:
            raise Refused(refuse("contests:series:nothing_to_publish"))
        for row in rows:
            found = [] if not each_on_its_own else check_publication(row)
            if found:
                raise Refused(refuse("contests:series:round_not_ready", round=row.title), *found)
            if each_on_its_own and row.opens_at - AHEAD > now:
                _plan(actor, row, row.opens_at - AHEAD)
                continue
            try:
                publish_round(actor=actor, round=row)
            except Refused as refused:
                raise Refused(
                    refuse("contests:series:round_not_ready", round=row.title), *refused.refusals
                ) from refused
    return rows


def _plan(actor: Actor, row: Round, publish_at: Any) -> None:
    Round.objects.filter(pk=row.pk, state=RoundState.DRAFT.value).update(publish_at=publish_at)
    record_change(
        actor=actor,
        verb="contests:round:plan_publication",
        thing=row,
        acting_unit_code=row.contest.activity.unit.code,
        changes={"publish_at": [None, publish_at.isoformat()]},
    )


def publish_due_rounds(*, actor: Actor) -> int:
    """Publish every round whose planned moment has come; returns how many.

    One that cannot be published is taken off the plan, which the journal says: it stands on the organiser's desk as a
    draft that opens soon.
    """
    published = 0
    due = Round.objects.filter(state=RoundState.DRAFT.value, publish_at__lte=clock.now())
    for row in due.select_related(*WITH_CONTEST).order_by("opens_at", "position", "pk"):
        try:
            publish_round(actor=actor, round=row)
        except Refused as refused:
            codes = [refusal.code for refusal in refused.refusals]
            log.warning("round %s could not be published as planned: %s", row.pk, ", ".join(codes))
            with transaction.atomic():
                if Round.objects.filter(pk=row.pk, publish_at=row.publish_at).update(publish_at=None):
                    record_change(
                        actor=actor,
                        verb="contests:round:plan_failed",
                        thing=row,
                        acting_unit_code=row.contest.activity.unit.code,
                        changes={"refused": [None, codes]},
                    )
            continue
        published += 1
    return published


def set_material(*, actor: Actor, round: Round, material: str, material_url: str) -> Round:
    """Say what to read or watch before a round. No rule, so it can be put right after publication too."""
    with transaction.atomic():
        row = Round.objects.select_for_update(of=("self",)).select_related(*WITH_CONTEST).get(pk=round.pk)
        require(permissions.refuse_unless_may(actor, permissions.ROUND_EDIT, row))
        after = {"material": material.strip(), "material_url": material_url.strip()}
        changes = {name: [getattr(row, name), value] for name, value in after.items() if getattr(row, name) != value}
        if changes:
            for name, (_before, value) in changes.items():
                setattr(row, name, value)
            row.save(update_fields=list(changes))
            record_change(
                actor=actor,
                verb="contests:round:set_material",
                thing=row,
                acting_unit_code=row.contest.activity.unit.code,
                changes=changes,
            )
    return row
