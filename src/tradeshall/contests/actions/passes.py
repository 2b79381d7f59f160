"""Passes by the file, for load tests and demonstrations; only at the machine itself."""

from __future__ import annotations

from django.db import transaction

from tradeshall.contests import ports
from tradeshall.contests.actions.taking_part import pass_for
from tradeshall.contests.models import Round
from tradeshall.contests.queries.taking_part import PASS_LASTS_MS
from tradeshall.contests.rules import rounds as rules
from tradeshall.core import clock, ids
from tradeshall.core.authority import OPERATOR, Actor
from tradeshall.core.refusal import Refusal, refuse, require
from tradeshall.engine.passes import Pass, issue_pass
from tradeshall.journal.actions import record_change
from tradeshall.people.queries import members_visible_to


def issue_member_passes(*, actor: Actor, round: Round, count: int) -> list[str]:
    """Enter up to `count` members who may take part, and return their passes. Refuses everyone but the operator."""
    require(_refuse_unless_operator(actor), rules.refuse_pass(round.state))
    eligible = (
        members_visible_to(actor)
        .current()
        .filter(unit__path__startswith=round.unit_path)
        .select_related("unit")
        .order_by("pk")[:count]
    )
    passes = [pass_for(actor=actor, membership=membership, round=round) for membership in eligible]
    _journal(actor, round, "members", len(passes))
    return passes


def invent_passes(*, actor: Actor, round: Round, count: int) -> list[str]:
    """Return rehearsal passes of people who do not exist. Refuses everyone but the operator.

    What is done with them is kept apart in the ledger: it reaches no board, no result and no record.
    """
    require(_refuse_unless_operator(actor), rules.refuse_pass(round.state))
    expires_at_ms = clock.now_ms() + PASS_LASTS_MS
    unit = round.contest.activity.unit_id
    passes = [
        issue_pass(
            ports.keys().passes,
            Pass(round.pk, ids.random_number(), unit, expires_at_ms=expires_at_ms, rehearsal=True),
        )
        for _ in range(count)
    ]
    _journal(actor, round, "invented", count)
    return passes


def _refuse_unless_operator(actor: Actor) -> Refusal | None:
    return None if actor is OPERATOR else refuse("core:authority:denied")


def _journal(actor: Actor, round: Round, kind: str, count: int) -> None:
    with transaction.atomic():
        record_change(
            actor=actor,
            verb="contests:round:issue_passes",
            thing=round,
            acting_unit_code=round.contest.activity.unit.code,
            changes={kind: [None, count]},
        )
