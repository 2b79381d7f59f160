"""Rehearsing a round: an organiser asks, a thread beside the pages plays, the report stays with the round."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from django.db import IntegrityError, transaction

from tradeshall.contests import permissions, ports
from tradeshall.contests.actions.passes import invented_people
from tradeshall.contests.enums import RehearsalState
from tradeshall.contests.models import Rehearsal, Round
from tradeshall.contests.rules import rounds as rules
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.engine.rehearsal.local import ClientLines
from tradeshall.engine.rehearsal.playing import Plan, Played, play
from tradeshall.engine.rehearsal.report import compare, figures_of
from tradeshall.journal.actions import record_change

log = logging.getLogger(__name__)

LEAST_MEMBERS, MOST_MEMBERS = 1, 2000
LEAST_MINUTES, MOST_MINUTES = 1, 10
AT_ONCE = 24
"""How many requests a rehearsal has under way; the contest itself comes first."""
FORGOTTEN = timedelta(minutes=30)
"""A rehearsal that still runs after that was cut off by a restart."""


def ask_rehearsal(*, actor: Actor, round: Round, members: int, minutes: int) -> Rehearsal:
    """Ask for a rehearsal of a published round. Refuses one while another is under way."""
    require(
        permissions.refuse_unless_may(actor, permissions.ROUND_PUBLISH, round),
        rules.refuse_pass(round.state),
        None
        if LEAST_MEMBERS <= members <= MOST_MEMBERS and LEAST_MINUTES <= minutes <= MOST_MINUTES
        else refuse("contests:rehearsal:out_of_bounds", members=MOST_MEMBERS, minutes=MOST_MINUTES),
    )
    try:
        with transaction.atomic():
            asked = Rehearsal.objects.create(round=round, members=members, minutes=minutes, asked_at=clock.now())
            record_change(
                actor=actor,
                verb="contests:round:rehearse",
                thing=round,
                acting_unit_code=round.contest.activity.unit.code,
                changes={"members": [None, members], "minutes": [None, minutes]},
            )
    except IntegrityError:
        raise Refused(refuse("contests:rehearsal:under_way")) from None
    return asked


def play_next_rehearsal(*, actor: Actor) -> bool:
    """Play the rehearsal that was asked for first, if there is one; answers whether there was."""
    now = clock.now()
    Rehearsal.objects.filter(state=RehearsalState.RUNNING.value, began_at__lt=now - FORGOTTEN).update(
        state=RehearsalState.FAILED.value, ended_at=now
    )
    row = Rehearsal.objects.filter(state=RehearsalState.ASKED.value).order_by("pk").first()
    if row is None or not Rehearsal.objects.filter(pk=row.pk, state=RehearsalState.ASKED.value).update(
        state=RehearsalState.RUNNING.value, began_at=now
    ):
        return False
    state, report = RehearsalState.FAILED, {}
    try:
        report, state = _play(row), RehearsalState.DONE
    except Exception:
        log.exception("the rehearsal of round %s could not be played", row.round_id)
    Rehearsal.objects.filter(pk=row.pk, state=RehearsalState.RUNNING.value).update(
        state=state.value, ended_at=clock.now(), report=report
    )
    return True


def _play(row: Rehearsal) -> dict[str, object]:
    one = Round.objects.select_related("contest__activity__unit").get(pk=row.round_id)
    people = invented_people(one, row.members)
    ledger = ports.ledger()
    before = ledger.positions()
    plan = Plan(seconds=60.0 * row.minutes, connections=AT_ONCE, dropped=0.0)

    async def played() -> Played:
        lines = ClientLines(ports.engine(), AT_ONCE)
        try:
            return await play(lines, people, plan, ports.keys().service)
        finally:
            lines.close()

    seen = asyncio.run(played())
    return figures_of(seen, compare(ledger, before, one.pk, seen))
