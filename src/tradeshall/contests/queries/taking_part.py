"""What a member's own pages show of taking part. Nothing here writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from tradeshall.contests import ports
from tradeshall.contests.models import (
    Appeal,
    AttemptResult,
    Certificate,
    Contest,
    Entrant,
    Round,
    SharedResult,
    Standing,
    TimeAllowance,
)
from tradeshall.contests.queries.draws import draw_tickets_of
from tradeshall.contests.queries.rounds import WITH_CONTEST
from tradeshall.contests.rules import rounds as rules
from tradeshall.core import clock
from tradeshall.core.refusal import Refusal
from tradeshall.engine.passes import Pass, issue_pass
from tradeshall.units.queries import federation_zone

if TYPE_CHECKING:
    from tradeshall.people.models import Account, Membership

PASS_LASTS_MS = 24 * 60 * 60 * 1000


def entrant_of(membership: Membership, contest: Contest) -> Entrant | None:
    """Return a member's entry into a contest, if they entered."""
    return Entrant.objects.filter(contest=contest, membership=membership).first()


def refuse_taking_part(membership: Membership, contest: Contest) -> Refusal | None:
    """Return why a member cannot take part in a contest, or None; the same rule that guards entering."""
    activity = contest.activity
    return rules.refuse_taking_part(
        membership,
        activity_path=activity.unit.path,
        campaign_state=activity.campaign.state,
        activity_state=activity.state,
        today=clock.day_of(clock.now(), federation_zone()),
    ) or rules.refuse_entering(activity.campaign.state, activity.state)


def refuse_joining(contest: Contest) -> Refusal | None:
    """Return why nobody new may enter a contest, or None; who entered before may go on."""
    return rules.refuse_joining(contest.joining_ends_at, clock.now())


def signed_pass(entrant: Entrant, round: Round, *, variant: str = "", time_multiplier: float = 1.0) -> str:
    """Return the signed pass of an entrant for a round; it lasts a day, and the engine knows the window.

    Variant and time only matter to a start; what merely looks does without.
    """
    return issue_pass(
        ports.keys().passes,
        Pass(
            round_id=round.pk,
            participant=entrant.number,
            unit=entrant.unit_id,
            variant=variant,
            time_multiplier=time_multiplier,
            expires_at_ms=clock.now_ms() + PASS_LASTS_MS,
        ),
    )


def pass_if_entered(membership: Membership, round: Round) -> str | None:
    """Return the pass of a member who entered, for pages that only look; None for who has not. One query."""
    if rules.refuse_pass(round.state) is not None:
        return None
    entrant = entrant_of(membership, round.contest)
    return None if entrant is None else signed_pass(entrant, round)


def own_results(membership: Membership, round: Round) -> QuerySet[AttemptResult]:
    """Return a member's finished attempts in a round as far as the ledger has been read, the first first."""
    return AttemptResult.objects.filter(round=round, entrant__membership=membership).order_by("number")


def own_standings(membership: Membership) -> QuerySet[Standing]:
    """Return what counts for a member in every round they sat, the latest first."""
    return (
        Standing.objects.filter(entrant__membership=membership)
        .select_related(*(f"round__{name}" for name in WITH_CONTEST))
        .order_by("-finished_at")
    )


def export_of(account: Account, memberships: list[Membership]) -> object:
    """Return what contests keep about a person, for the export of everything about themselves."""
    entrants = Entrant.objects.filter(membership__in=memberships).select_related("contest__activity")
    allowances = TimeAllowance.objects.filter(membership__in=memberships)
    allowed: dict[tuple[int, int | None], int] = {
        (row.contest_id, row.membership_id): row.percent for row in allowances
    }
    found = {
        entrant.pk: {
            "contest": entrant.contest.activity.number,
            "title": entrant.contest.activity.title,
            "ticket": str(entrant.number),
            "pseudonym": entrant.pseudonym,
            "shows_name": entrant.shows_name,
            "entered_at": entrant.entered_at.isoformat(),
            "time_percent": allowed.get((entrant.contest_id, entrant.membership_id), 100),
            "attempts": [],
            "draw_tickets": [],
            "appeals": [],
            "certificates": [],
            "shared": [],
        }
        for entrant in entrants
    }
    for row in AttemptResult.objects.filter(entrant__in=found).order_by("finished_at"):
        attempts = found[row.entrant_id]["attempts"]
        assert isinstance(attempts, list)
        attempts.append(
            {
                "round": row.round_id,
                "number": row.number,
                "score_points": row.score_points,
                "max_points": row.max_points,
                "time_used_ms": row.time_used_ms,
                "finished_at": row.finished_at.isoformat(),
                "receipt_leaf": row.leaf,
            }
        )
    for key, ticket in draw_tickets_of(memberships):
        tickets = found[key]["draw_tickets"]
        assert isinstance(tickets, list)
        tickets.append(ticket)
    for certificate in Certificate.objects.filter(entrant__in=found):
        certificates = found[certificate.entrant_id]["certificates"]
        assert isinstance(certificates, list)
        certificates.append(
            {
                "round": certificate.round_id,
                "code": certificate.code,
                "kind": certificate.kind,
                "figure": certificate.figure,
                "of": certificate.of,
                "issued_at": certificate.issued_at.isoformat(),
            }
        )
    for one in SharedResult.objects.filter(entrant__in=found):
        shared = found[one.entrant_id]["shared"]
        assert isinstance(shared, list)
        parts = [name for name in ("score", "rank", "unit", "name") if getattr(one, f"shows_{name}")]
        shared.append({"round": one.round_id, "code": one.code, "shows": parts})
    for appeal in Appeal.objects.filter(entrant__in=found).select_related("ruling"):
        appeals = found[appeal.entrant_id]["appeals"]
        assert isinstance(appeals, list)
        appeals.append(
            {
                "round": appeal.round_id,
                "item": appeal.item_number,
                "reason": appeal.reason,
                "source": appeal.source,
                "filed_at": appeal.filed_at.isoformat(),
                "decision": appeal.verdict,
            }
        )
    return list(found.values())
