"""Certificates are given, and results are shared and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from tradeshall.contests import permissions
from tradeshall.contests.actions.taking_part import refuse_other
from tradeshall.contests.enums import CertificateKind
from tradeshall.contests.models import Achievement, Certificate, Entrant, Round, SharedResult, Standing
from tradeshall.contests.queries.achievements import own_achievements
from tradeshall.contests.queries.member import results_shown
from tradeshall.contests.queries.papers import ROUND_KINDS, WITH_ENTRANT, certifiable_standings, certified
from tradeshall.contests.rules import papers as rules
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refusal, Refused, refuse, require
from tradeshall.journal.actions import record_change

if TYPE_CHECKING:
    from tradeshall.people.models import Membership

MOST_AT_ONCE = 1000


def issue_certificate(*, actor: Actor, membership: Membership, round: Round, kind: str) -> Certificate:
    """Give a member the certificate of a round; the same one while the results say the same.

    Refuses somebody else's membership, practice, results held back, and what was not reached.
    """
    require(refuse_other(actor, membership))
    standing = Standing.objects.filter(round=round, entrant__membership=membership).select_related("entrant").first()
    require(rules.refuse_certificate(kind, round, standing, results_shown=results_shown(round)))
    assert standing is not None
    says = certified(round, [standing], kind)[0]
    certificate, _ = Certificate.objects.get_or_create(
        entrant=standing.entrant, round=round, kind=kind, figure=says.figure, of=says.of
    )
    return certificate


def issue_achievement(*, actor: Actor, membership: Membership, achievement: Achievement) -> Certificate:
    """Give a member the certificate of an achievement; once. Refuses who has not reached it, and somebody else."""
    require(refuse_other(actor, membership))
    entrant = Entrant.objects.filter(contest=achievement.contest_id, membership=membership).first()
    own = own_achievements(achievement.contest, entrant) if entrant is not None else []
    progress = next((one.progress for one in own if one.achievement == achievement), None)
    if entrant is None or progress is None or not progress.reached:
        raise Refused(refuse("contests:certificate:not_reached"))
    certificate, _ = Certificate.objects.get_or_create(
        entrant=entrant,
        achievement=achievement,
        kind=CertificateKind.ACHIEVEMENT.value,
        defaults={"figure": progress.needs, "of": progress.needs},
    )
    return certificate


def issue_certificates(*, actor: Actor, round: Round, kind: str, after: int = 0) -> list[Certificate]:
    """Give the certificates of a round to up to a thousand entrants, best first, from a place in their order on.

    Journalled. Refuses an actor who may not export the round, practice, and results held back.
    """
    require(
        permissions.refuse_unless_may(actor, permissions.ROUND_EXPORT, round),
        None
        if kind in ROUND_KINDS
        else refuse("contests:certificate:kind_unknown", field_name="kind", given=kind[:40]),
    )
    with transaction.atomic():
        standings = list(certifiable_standings(round, kind)[after : after + MOST_AT_ONCE])
        says = dict(zip([row.entrant_id for row in standings], certified(round, standings, kind), strict=True))
        Certificate.objects.bulk_create(
            [
                Certificate(entrant_id=entrant, round=round, kind=kind, figure=one.figure, of=one.of)
                for entrant, one in says.items()
            ],
            ignore_conflicts=True,
        )
        record_change(
            actor=actor,
            verb="contests:certificate:issue",
            thing=round,
            acting_unit_code=round.contest.activity.unit.code,
            changes={"kind": [None, kind], "count": [None, len(says)]},
        )
    rows = Certificate.objects.filter(round=round, kind=kind, entrant__in=says)
    rows = rows.select_related("round", *WITH_ENTRANT)
    current = {
        row.entrant_id: row
        for row in rows
        if (says[row.entrant_id].figure, says[row.entrant_id].of) == (row.figure, row.of)
    }
    return [current[entrant] for entrant in says]


def share_result(
    *,
    actor: Actor,
    entrant: Entrant,
    round: Round,
    shows_score: bool,
    shows_rank: bool,
    shows_unit: bool,
    shows_name: bool,
) -> SharedResult:
    """Show a result to whoever has its code: what is chosen here and nothing else; choosing again changes it."""
    require(_refuse_entrant(actor, entrant), None if results_shown(round) else refuse("contests:share:no_result"))
    shared, _ = SharedResult.objects.update_or_create(
        entrant=entrant,
        round=round,
        defaults={
            "shows_score": shows_score,
            "shows_rank": shows_rank,
            "shows_unit": shows_unit,
            "shows_name": shows_name,
        },
    )
    return shared


def take_back_result(*, actor: Actor, entrant: Entrant, round: Round) -> None:
    """Stop showing a result; its address leads nowhere from now on."""
    require(_refuse_entrant(actor, entrant))
    SharedResult.objects.filter(entrant=entrant, round=round).delete()


def _refuse_entrant(actor: Actor, entrant: Entrant) -> Refusal | None:
    if entrant.membership is None:
        return refuse("contests:entrant:not_yours")
    return refuse_other(actor, entrant.membership)
