"""Whether somebody may sit a round at all: levels in turn, finals with a list; and how much time they have."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import OuterRef, QuerySet, Subquery

from tradeshall.contests import ports
from tradeshall.contests.models import AttemptResult, Entrant, Finalist, Round, TimeAllowance
from tradeshall.contests.queries.taking_part import signed_pass
from tradeshall.contests.rules import rounds as rules
from tradeshall.core.refusal import Refusal
from tradeshall.engine.codes import EngineBusy, EngineRefused, EngineUnreachable


def refuse_sitting(round: Round, entrant: Entrant | None) -> Refusal | None:
    """Refuse who has not passed the level before, and who is not on the list of a final."""
    if round.opens_after_id is not None:
        refusal = rules.refuse_locked(entrant is not None and has_passed(round.opens_after, entrant))
        if refusal is not None:
            return refusal
    if round.advances_from_id is not None:
        confirmed = round.advanced_at is not None
        listed = confirmed and entrant is not None and Finalist.objects.filter(round=round, entrant=entrant).exists()
        return rules.refuse_not_advanced(confirmed, listed)
    return None


def has_passed(round: Round | None, entrant: Entrant) -> bool:
    """Answer whether one attempt of an entrant reached the pass mark of a round.

    The results read from the ledger are a moment behind, so the engine is asked as well before somebody who has just
    passed is turned away.
    """
    if round is None:
        return True
    if AttemptResult.objects.filter(round=round, entrant=entrant, score_points__gte=round.pass_points).exists():
        return True
    try:
        answer = ports.engine().standing(signed_pass(entrant, round))
    except (EngineBusy, EngineUnreachable, EngineRefused, RuntimeError):
        return False
    return any((one.get("score_points") or 0) >= round.pass_points for one in answer["attempts"] if scored(one))


def scored(attempt: dict[str, object]) -> bool:
    return attempt.get("score_points") is not None


def locked_among(rounds: Iterable[Round], entrant: Entrant | None) -> dict[int, Refusal]:
    """Return, for each of some rounds that an entrant may not sit, why; two queries for all of them."""
    rounds = list(rounds)
    levels = {row.opens_after_id: row.opens_after for row in rounds if row.opens_after_id is not None}
    finals = [row.pk for row in rounds if row.advances_from_id is not None]
    passed: set[int] = set()
    listed: set[int] = set()
    if entrant is not None and levels:
        best: dict[int, int] = {}
        for number, score in AttemptResult.objects.filter(entrant=entrant, round__in=levels).values_list(
            "round_id", "score_points"
        ):
            best[number] = max(score, best.get(number, score))
        passed = {number for number, score in best.items() if score >= levels[number].pass_points}  # type: ignore[union-attr]
    if entrant is not None and finals:
        listed = set(Finalist.objects.filter(entrant=entrant, round__in=finals).values_list("round_id", flat=True))
    found: dict[int, Refusal] = {}
    for row in rounds:
        refusal = None
        if row.opens_after_id is not None:
            refusal = rules.refuse_locked(row.opens_after_id in passed)
        if refusal is None and row.advances_from_id is not None:
            refusal = rules.refuse_not_advanced(row.advanced_at is not None, row.pk in listed)
        if refusal is not None:
            found[row.pk] = refusal
    return found


def with_time(entrants: QuerySet[Entrant]) -> QuerySet[Entrant]:
    """Add to each entrant what `time_multiplier` asks for, so that it needs no query of its own."""
    granted = TimeAllowance.objects.filter(contest=OuterRef("contest"), membership=OuterRef("membership"))
    return entrants.annotate(time_percent=Subquery(granted.values("percent")[:1]))


def time_multiplier(entrant: Entrant) -> float:
    """Return how much of the time limit an entrant has: 1.0, or what an organiser granted."""
    if hasattr(entrant, "time_percent"):
        return float(entrant.time_percent or 100) / 100
    percent = (
        TimeAllowance.objects.filter(contest=entrant.contest_id, membership=entrant.membership_id)
        .values_list("percent", flat=True)
        .first()
    )
    return percent / 100 if percent else 1.0
