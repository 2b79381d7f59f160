"""A board of people as it was kept at the freeze, and what one person had by then."""

from __future__ import annotations

from datetime import UTC, datetime

from tradeshall.contests.enums import BoardKind
from tradeshall.contests.models import AttemptResult, BoardState, Contest, Entrant, Round
from tradeshall.contests.queries.boards.figures import Scope, states
from tradeshall.contests.queries.boards.scopes import counting_rounds
from tradeshall.contests.rules import boards as rules
from tradeshall.contests.rules.frozen import FrozenPeople


def frozen_people(scope: Scope) -> FrozenPeople | None:
    """Return the board of people as it was kept at the freeze; None while it is not."""
    state: BoardState | None = states(scope, BoardKind.FROZEN_PEOPLE).first()
    return FrozenPeople.from_bytes(bytes(state.body)) if state else None


def own_in_round(round: Round, mine: Entrant, kept: FrozenPeople) -> tuple[int, int, int] | None:
    """Return number, score and time of what somebody had in a round when boards were frozen; None if nothing."""
    found = _counted_until(round, mine, kept.as_of)
    return (mine.number, found.score_points, found.time_used_ms) if found else None


def _counted_until(round: Round, mine: Entrant, moment: datetime) -> rules.Counted | None:
    found: rules.Counted | None = None
    rows = AttemptResult.objects.filter(round=round, entrant=mine, finished_at__lte=moment).order_by("number")
    for number, score, used, at in rows.values_list("number", "score_points", "time_used_ms", "finished_at"):
        attempt = rules.Attempt(number, score, used, int(at.timestamp() * 1000))
        found = rules.counted(found, attempt, round.counting, round.tie_breaks)
    return found


def own_over_rounds(
    contest: Contest, mine: Entrant, kept: FrozenPeople, best_rounds: int
) -> tuple[int, int, int] | None:
    """Return the same over all rounds that counted then."""
    results = []
    for round in counting_rounds(contest.pk):
        if round.ranked_at is not None and round.ranked_at > kept.as_of and not _at_once(round):
            continue  # it did not count then
        one = _counted_until(round, mine, kept.as_of)
        if one is not None:
            at = datetime.fromtimestamp(one.finished_at_ms / 1000, UTC)
            results.append(rules.Result(round.pk, one.score_points, one.time_used_ms, at, one.attempts))
    if not results:
        return None
    seen = {one.round_id for one in results}
    found = rules.added_up(results, seen, best_rounds)
    return mine.number, found["score_points"], found["time_used_ms"]


def _at_once(round: Round) -> bool:
    return round.results == "at_once"
