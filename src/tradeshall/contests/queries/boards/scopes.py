"""Over which rounds a contest adds up, and whether its boards stand still."""

from __future__ import annotations

from tradeshall.contests.enums import Results, RoundState
from tradeshall.contests.models import Contest, ContestBoards, Round
from tradeshall.contests.queries.rounds import phase_of
from tradeshall.core import clock


def scored_rounds(contest_id: int) -> list[Round]:
    """Return the rounds of a contest that count: published or over, no practice; by position. One query."""
    rows = Round.objects.filter(contest=contest_id, practice=False).exclude(state=RoundState.DRAFT.value)
    return list(rows.select_related("contest__activity__unit").order_by("position", "pk"))


def counting_rounds(contest_id: int) -> list[Round]:
    """Return those whose results may be seen: at once, when the final ranks stand, or when they were released."""
    return [row for row in scored_rounds(contest_id) if counts_now(row)]


def counts_now(round: Round) -> bool:
    """Answer whether a round is added to the sums of its contest.

    One that shows results after its end counts from its final ranks on, not a moment before.
    """
    if round.results == Results.AT_ONCE:
        return phase_of(round) != "coming"
    if round.results == Results.AFTER_REVIEW:
        return round.released_at is not None
    return round.ranked_at is not None


def only_round(contest: Contest) -> Round | None:
    """Return the round of a contest that has but one that counts: its figures are the contest's."""
    rounds = scored_rounds(contest.pk)
    return rounds[0] if len(rounds) == 1 else None


def boards_of(contest_id: int) -> ContestBoards:
    """Return how a contest's rounds add up and when its boards freeze; the default where nobody said."""
    return ContestBoards.objects.filter(contest=contest_id).first() or ContestBoards(contest_id=contest_id)


def is_frozen(boards: ContestBoards) -> bool:
    """Answer whether members see boards as they were at the freeze."""
    return boards.freeze_at is not None and boards.lifted_at is None and boards.freeze_at <= clock.now()
