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
from tradeshall.units.queries import unit_ids_beneath

INVENTED_UNITS = 2000


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
    return [token for _, token in invent_people(actor=actor, round=round, count=count)]


def invent_people(*, actor: Actor, round: Round, count: int) -> list[tuple[int, str]]:
    """Return (participant, rehearsal pass) of people who do not exist, spread over the units that take part.

    What they do is kept apart in the ledger: it reaches no board, no result and no record. Refuses everyone but
    the operator.
    """
    require(_refuse_unless_operator(actor), rules.refuse_pass(round.state))
    people = invented_people(round, count)
    _journal(actor, round, "invented", count)
    return people


def invented_people(round: Round, count: int) -> list[tuple[int, str]]:
    """Return invented people of a round; whoever calls this has seen to the permission and the journal."""
    expires_at_ms = clock.now_ms() + PASS_LASTS_MS
    units = unit_ids_beneath(round.unit_path, INVENTED_UNITS) or [round.contest.activity.unit_id]
    key = ports.keys().passes
    numbers = [ids.random_number() for _ in range(count)]
    return [
        (
            number,
            issue_pass(
                key,
                Pass(round.pk, number, units[place % len(units)], expires_at_ms=expires_at_ms, rehearsal=True),
            ),
        )
        for place, number in enumerate(numbers)
    ]


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
