"""What the background keeps of boards: figures every few seconds, the state at a freeze, the places at midnight."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Min, Q

from tradeshall.contests.enums import BoardKind, RoundState
from tradeshall.contests.models import (
    BoardDay,
    BoardState,
    Contest,
    ContestBoards,
    ContestStanding,
    Round,
    Standing,
)
from tradeshall.contests.queries.boards.figures import (
    Scope,
    compute_figures,
    scope_of_contest,
    scope_of_round,
    states,
    unit_boards_of,
)
from tradeshall.contests.queries.boards.people import OVER_ROUNDS
from tradeshall.contests.queries.boards.scopes import scored_rounds
from tradeshall.contests.rules import boards as rules
from tradeshall.contests.rules import frozen
from tradeshall.contests.rules.days import pack_day
from tradeshall.contests.rules.figures import Figures
from tradeshall.contests.rules.unit_boards import rank_units
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.engine.wire import TieBreak
from tradeshall.units.queries import federation_zone

SETTLED = timedelta(minutes=5)
"""So long after its end, its ranks or its release the figures of a round are still made anew."""


def keep_figures(*, actor: Actor) -> int:
    """Make the figures anew of every round and contest that runs or ended just now; returns how many."""
    kept = 0
    for scope in _moving():
        keep_scope(scope)
        kept += 1
    return kept


def _moving() -> list[Scope]:
    now = clock.now()
    rows = Round.objects.exclude(state=RoundState.DRAFT.value).filter(opens_at__lte=now)  # of practice, the monitor
    lately = Q(closed_at__gte=now - SETTLED) | Q(ranked_at__gte=now - SETTLED) | Q(released_at__gte=now - SETTLED)
    moving = rows.filter(Q(state=RoundState.PUBLISHED.value) | Q(ranked_at=None) | lately)
    never = rows.exclude(
        pk__in=BoardState.objects.filter(kind=BoardKind.UNITS.value, round__isnull=False).values("round")
    )
    chosen = (moving | never).select_related("contest__activity__unit").order_by("pk")
    found = {scope.key: scope for scope in map(scope_of_round, chosen)}
    for row in chosen:
        scope = scope_of_contest(row.contest)
        found.setdefault(scope.key, scope)
    return list(found.values())


def keep_scope(scope: Scope) -> Figures:
    """Make figures anew and keep them, unless another process has meanwhile; returns what is kept."""
    before = states(scope, BoardKind.UNITS).first()
    figures = compute_figures(scope, Figures.from_bytes(bytes(before.body)) if before else None)
    body = figures.to_bytes()
    if before is None:
        BoardState.objects.bulk_create([_state(scope, BoardKind.UNITS, figures.as_of, body)], ignore_conflicts=True)
    else:
        BoardState.objects.filter(pk=before.pk, made_at=before.made_at).update(made_at=figures.as_of, body=body)
    return figures


def _state(scope: Scope, kind: BoardKind, as_of: datetime, body: bytes) -> BoardState:
    return BoardState(
        contest=scope.contest, round=scope.round, scope_key=scope.key, kind=kind.value, made_at=as_of, body=body
    )


# The freeze --------------------------------------------------------------------------------------------------


def keep_freezes(*, actor: Actor) -> int:
    """Keep the boards of every contest whose freeze has come, as members will see them; returns how many contests.

    To be called when all of the ledger has been read.
    """
    due = ContestBoards.objects.filter(freeze_at__lte=clock.now(), frozen_at=None, lifted_at=None)
    kept = 0
    for row in due.select_related("contest__activity__unit"):
        kept += freeze_contest(row)
    return kept


def freeze_contest(boards: ContestBoards) -> bool:
    """Keep every board of a contest as it is now; answers whether it was not kept before."""
    contest = boards.contest
    scopes = {scope.key: scope for scope in map(scope_of_round, scored_rounds(contest.pk))}
    whole = scope_of_contest(contest)
    scopes.setdefault(whole.key, whole)
    made: list[BoardState] = []
    for scope in scopes.values():
        figures = keep_scope(scope)
        made.append(_state(scope, BoardKind.FROZEN_UNITS, figures.as_of, figures.to_bytes()))
        people = people_now(scope)
        made.append(_state(scope, BoardKind.FROZEN_PEOPLE, people.as_of, people.to_bytes()))
    with transaction.atomic():
        if not ContestBoards.objects.filter(pk=boards.pk, frozen_at=None).update(frozen_at=clock.now()):
            return False
        BoardState.objects.bulk_create(made)
    return True


def people_now(scope: Scope) -> frozen.FrozenPeople:
    """Return a board of people as far as it has been read: its first lines, and how many have which result."""
    as_of = clock.now()
    rows: Any
    if scope.round is not None:
        rows = Standing.objects.filter(round=scope.round)
        order, by_time = rules.order_of(scope.round.tie_breaks), _by_time(scope.round)
    else:
        rows = ContestStanding.objects.filter(contest=scope.contest, rounds_count__gt=0)
        order, by_time = OVER_ROUNDS, True
    best = rows.order_by(*order, "pk").values_list("entrant__number", "score_points", "time_used_ms")
    second = F("time_used_ms") / 1000
    counts = rows.order_by().annotate(second=second).values_list("score_points", "second").annotate(n=Count("pk"))
    return frozen.freeze(as_of, list(best[: frozen.MOST_LINES]), counts, by_time=by_time)


def _by_time(round: Round) -> bool:
    return list(round.tie_breaks[1:2]) == [TieBreak.TIME_USED.value]


# Days --------------------------------------------------------------------------------------------------------


def keep_days(*, actor: Actor) -> int:
    """Keep where all stood at the end of yesterday, for every board of a contest that ran then; returns how many.

    Yesterday ends at the federation's midnight. What nobody kept then is kept as soon as a process runs, with its
    true moment; of several days that were missed, only the last.
    """
    now = clock.now()
    zone = federation_zone()
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    begins = datetime.combine(yesterday, datetime.min.time(), zone)
    ran = (
        Contest.objects.filter(unit_boards__isnull=False, rounds__practice=False)
        .exclude(rounds__state=RoundState.DRAFT.value)
        .annotate(first=Min("rounds__opens_at"), last=Max("rounds__closes_at"))
        .filter(first__lt=begins + timedelta(days=1), last__gt=begins)
        .select_related("activity__unit")
    )
    missing = ran.exclude(pk__in=BoardDay.objects.filter(stood_on__gte=yesterday).values("board__contest"))
    kept = 0
    for contest in missing.distinct():
        kept += keep_day(contest, yesterday)
    return kept


def keep_day(contest: Contest, day: date) -> int:
    """Keep where the units of a contest stand now as their places at the end of a day; returns how many boards."""
    boards = unit_boards_of(contest.pk)
    figures = keep_scope(scope_of_contest(contest))
    rows = [
        BoardDay(board=board, stood_on=day, part=part, made_at=figures.as_of, lines=lines)
        for board in boards
        for part, lines in pack_day(figures, rank_units(figures, board))
    ]
    BoardDay.objects.bulk_create(rows, ignore_conflicts=True)
    return len(boards)
