"""The final ranks of a round that is over."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction

from tradeshall.contests.actions.versions import keep_current
from tradeshall.contests.enums import RankStyle, RoundState
from tradeshall.contests.events import RoundRanked
from tradeshall.contests.models import Round, Standing
from tradeshall.contests.rules import boards
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.journal.actions import emit

SETTLING = timedelta(seconds=5)
"""How long after the grace the engine is given to hand in what was still open."""


def rank_settled_rounds(*, actor: Actor) -> int:
    """Rank every closed round whose grace is over and whose ranks are not made yet; returns how many.

    To be called once all of the ledger has been read. An attempt that is read later undoes the ranks of its
    round, and they are made again.
    """
    now = clock.now()
    ranked = 0
    for row in Round.objects.filter(state=RoundState.CLOSED.value, ranked_at=None):
        assert row.closed_at is not None
        if row.closed_at + timedelta(seconds=row.grace_seconds) + SETTLING <= now:
            rank_round(actor=actor, round=row)
            ranked += 1
    return ranked


def rank_round(*, actor: Actor, round: Round) -> None:
    """Sort the standings of a closed round by every tie-break and write their ranks; emits RoundRanked.

    One statement, whatever the number of entrants: both databases rank in a window. Equal ones share a rank,
    unless the rules have a lot decide between them.
    """
    with transaction.atomic():
        # Ingesting touches the round's row as well, so that no attempt slips in between sorting and writing.
        if not Round.objects.filter(pk=round.pk, state=RoundState.CLOSED.value).update(ranked_at=clock.now()):
            return
        write_ranks(Standing._meta.db_table, "round_id", round.pk, round)
        keep_current(round)
        emit(RoundRanked(round.pk))


def write_ranks(table: str, column: str, value: int, round: Round) -> None:
    """Rank those rows of a table of standings that have a value in a column, by a round's tie-breaks."""
    order = ", ".join(
        f"{name.lstrip('-')} {'DESC' if name.startswith('-') else 'ASC'}"
        for name in boards.order_of(round.tie_breaks, round.rank_style)
    )
    function = "DENSE_RANK" if round.rank_style == RankStyle.DENSE else "RANK"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET rank = sorted.place"  # noqa: S608
            f" FROM (SELECT id, {function}() OVER (ORDER BY {order}) AS place FROM {table} WHERE {column} = %s)"
            f" AS sorted WHERE {table}.id = sorted.id",
            [value],
        )
