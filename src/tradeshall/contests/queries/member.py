"""What a member's own pages read: their entry, and where they stand in a round as the engine has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Q

from tradeshall.contests import ports
from tradeshall.contests.enums import Results
from tradeshall.contests.models import AttemptResult, Entrant, ResultsVersion, Round, Standing
from tradeshall.contests.queries.rounds import phase_of
from tradeshall.contests.queries.taking_part import signed_pass
from tradeshall.core import clock
from tradeshall.core.refusal import Refusal, refuse
from tradeshall.engine.codes import EngineBusy, EngineRefused, EngineUnreachable

if TYPE_CHECKING:
    from tradeshall.people.models import Membership


def moment(ms: int) -> datetime:
    """Return a moment the engine gave in milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC)


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt that runs now."""

    number: int
    started_at: datetime
    deadline: datetime


@dataclass(frozen=True, slots=True)
class Finished:
    """One finished attempt; `score_points` is None while the rules hold it back."""

    number: int
    finished_at: datetime
    score_points: int | None
    max_points: int
    time_used_seconds: int


@dataclass(frozen=True, slots=True)
class MemberStanding:
    """Where a member stands in a round. `known` is False when the engine did not answer."""

    attempts_today: int = 0
    attempts_total: int = 0
    may_start: bool = True
    refusal: Refusal | None = None
    next_at: datetime | None = None
    open: OpenAttempt | None = None
    best: Mapping[str, Any] | None = None
    attempts: list[Finished] = field(default_factory=list)
    known: bool = True


def entrants_of(membership: Membership, rounds: Iterable[Round]) -> dict[int, Entrant]:
    """Return a member's entries in the contests of rounds, by contest; one query."""
    contests = {round.contest_id for round in rounds}
    rows = Entrant.objects.filter(membership=membership, contest__in=contests)
    return {entrant.contest_id: entrant for entrant in rows}


def standing_in(round: Round, entrant: Entrant | None) -> MemberStanding:
    """Ask the engine where an entrant stands; who has not entered has no attempts, and needs no asking."""
    if entrant is None:
        why = {"coming": "engine:round:not_open", "over": "engine:round:closed"}.get(phase_of(round), "")
        return MemberStanding(may_start=not why, refusal=refuse(why) if why else None)
    try:
        answer = ports.engine().standing(signed_pass(entrant, round))
    except (EngineBusy, EngineUnreachable, EngineRefused):
        return MemberStanding(known=False)
    attempts, best = [_finished(row) for row in answer["attempts"]], answer.get("best")
    if round.ranked_at is not None and is_corrected(round) and results_shown(round):
        attempts, best = _as_corrected(round, entrant, attempts)
    return MemberStanding(
        attempts_today=answer["attempts_today"],
        attempts_total=answer["attempts_total"],
        may_start=answer["may_start"],
        refusal=refuse(answer["why"]) if answer.get("why") else None,
        next_at=moment(answer["next_at_ms"]) if answer.get("next_at_ms") else None,
        open=_open(answer["open"]) if answer.get("open") else None,
        best=best,
        attempts=attempts,
    )


def is_corrected(round: Round) -> bool:
    """Answer whether the results in force are other than those the engine gave."""
    return ResultsVersion.objects.filter(round=round, number__gt=1).exists()


def _as_corrected(
    round: Round, entrant: Entrant, attempts: list[Finished]
) -> tuple[list[Finished], dict[str, Any] | None]:
    """Return attempts and what counts as the newest version has them, instead of the engine's."""
    kept = {row.number: row for row in AttemptResult.objects.filter(round=round, entrant=entrant)}
    attempts = [
        replace(one, score_points=kept[one.number].score_points, max_points=kept[one.number].max_points)
        if one.number in kept
        else one
        for one in attempts
    ]
    standing = Standing.objects.filter(round=round, entrant=entrant).first()
    if standing is None:
        return attempts, None
    return attempts, {
        "score_points": standing.score_points,
        "time_used_ms": standing.time_used_ms,
        "rank": standing.rank,
        "of": Standing.objects.filter(round=round).count(),
    }


def result_kept(round: Round, entrant: Entrant, number: int) -> Finished | None:
    """Return a finished attempt as the ledger was read into the pages; None if it has not been read yet.

    The score only where the rules let it be seen.
    """
    row = AttemptResult.objects.filter(round=round, entrant=entrant, number=number).first()
    if row is None:
        return None
    score = row.score_points if results_shown(round) else None
    return Finished(row.number, row.finished_at, score, row.max_points, row.time_used_ms // 1000)


def _open(row: Mapping[str, Any]) -> OpenAttempt:
    return OpenAttempt(row["number"], moment(row["started_at_ms"]), moment(row["deadline_ms"]))


def _finished(row: Mapping[str, Any]) -> Finished:
    return Finished(
        row["number"],
        moment(row["finished_at_ms"]),
        row.get("score_points"),
        row["max_points"],
        row["time_used_ms"] // 1000,
    )


def results_shown(round: Round) -> bool:
    """Answer whether a round's rules let its results be seen now."""
    if round.results == Results.AT_ONCE:
        return phase_of(round) != "coming"
    if round.results == Results.AFTER_REVIEW:
        return round.released_at is not None
    return phase_of(round) == "over"


@dataclass(frozen=True, slots=True)
class Counted:
    """What an entrant has done in a round so far, as read from the ledger."""

    attempts: int
    best_points: int
    max_points: int


def counted_results(entrant: Entrant) -> dict[int, Counted]:
    """Return what an entrant has done in each round whose results they may see; one query."""
    at_once = Q(round__results=Results.AT_ONCE.value)
    after = Q(round__results=Results.AFTER_ROUND.value, round__closes_at__lt=clock.now())
    rows = (
        AttemptResult.objects.filter(at_once | after, entrant=entrant)
        .values("round_id")
        .annotate(attempts=Count("pk"), best=Max("score_points"), most=Max("max_points"))
        .order_by()
    )
    return {row["round_id"]: Counted(row["attempts"], row["best"], row["most"]) for row in rows}
