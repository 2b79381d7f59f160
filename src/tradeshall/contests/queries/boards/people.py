"""Boards of people: of a round and over all rounds, live, frozen and final; around oneself, and of one's own unit."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet
from django.utils.translation import get_language

from tradeshall.contests import ports
from tradeshall.contests.models import Contest, ContestStanding, Entrant, Round, Standing
from tradeshall.contests.queries.boards.figures import (
    Scope,
    names_of,
    path_of,
    scope_of_contest,
    scope_of_round,
)
from tradeshall.contests.queries.boards.frozen import frozen_people, own_in_round, own_over_rounds
from tradeshall.contests.queries.member import results_shown
from tradeshall.contests.rules import boards as rules
from tradeshall.contests.rules.figures import Figures
from tradeshall.contests.rules.frozen import FrozenPeople
from tradeshall.contests.rules.pseudonyms import pseudonym_in
from tradeshall.core import clock
from tradeshall.engine.codes import EngineBusy, EngineRefused, EngineUnreachable

if TYPE_CHECKING:
    from tradeshall.people.models import Membership

log = logging.getLogger(__name__)

OVER_ROUNDS = ["-score_points", "time_used_ms", "finished_at"]
"""What decides over all rounds: more points, less time, the earlier last finish."""
AROUND = 5
"""So many lines before one's own, and after."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One line of a board of people."""

    rank: int
    name: str
    unit_name: str
    score_points: int
    time_used_ms: int
    is_me: bool
    participant: int


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Part of a board: its lines, the reader's own line, how many stand on it, and how it came about.

    `final`: sorted exactly, with every tie-break, at the close. Otherwise live; `live` is false where the engine
    could not be asked and the lines are as far as the ledger has been read. `withheld`: the rules hold results back
    for now, so there are no lines. `frozen`: as it stood at `as_of`, whatever happened since; `preparing` if that is
    not kept yet. `offset` is how many stand before the first line.
    """

    rows: list[BoardRow]
    me: BoardRow | None
    of: int
    final: bool
    live: bool
    as_of: datetime
    withheld: bool = False
    frozen: bool = False
    preparing: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class _Line:
    rank: int
    participant: int
    score_points: int
    time_used_ms: int


@dataclass(slots=True)
class _Part:
    """Part of a board before names are put to it."""

    lines: list[_Line]
    own: _Line | None
    of: int
    as_of: datetime
    final: bool = False
    live: bool = False
    frozen: bool = False
    offset: int = 0


def board_page(
    round: Round,
    membership: Membership | None = None,
    limit: int = 50,
    offset: int = 0,
    *,
    around: bool = False,
    frozen: bool | None = None,
    scope: Scope | None = None,
) -> BoardPage:
    """Return part of a round's board, and the reader's own line wherever it stands.

    Live ranks are the engine's; once the round is ranked they come from the standings; while boards are frozen, from
    what was kept then (`frozen` False: as it is, for those who run the contest). `around`: the lines around the
    reader's own instead of those from `offset`. Names and units by a constant number of queries. A unit is named only
    where it is published on boards. Empty for practice, and while the rules hold results back.
    """
    if round.practice or not results_shown(round):
        return BoardPage([], None, 0, False, False, clock.now(), withheld=not round.practice)
    mine = _entrant(round.contest_id, membership)
    scope = scope or scope_of_round(round)
    if scope.is_frozen if frozen is None else frozen:
        kept = frozen_people(scope)
        if kept is None:
            return BoardPage([], None, 0, False, False, clock.now(), frozen=True, preparing=True)
        part = _frozen(kept, own_in_round(round, mine, kept) if mine else None, limit, offset, around)
    elif round.ranked_at is not None:
        part = _final(round, mine, limit, offset, around)
    else:
        try:
            part = _live(round, mine, limit, offset, around)
        except (EngineBusy, EngineUnreachable, EngineRefused, RuntimeError) as error:
            if not isinstance(error, EngineRefused):
                log.warning("the board of round %s comes from the standings: %s", round.pk, error)
            standings = Standing.objects.filter(round=round)
            part = _read(standings, mine, rules.order_of(round.tie_breaks, round.rank_style), limit, offset, around)
    return _page(scope, part, mine)


def contest_page(
    contest: Contest,
    membership: Membership | None = None,
    limit: int = 50,
    offset: int = 0,
    *,
    around: bool = False,
    frozen: bool | None = None,
    scope: Scope | None = None,
) -> BoardPage:
    """Return part of the board over all rounds of a contest, as `board_page` does of one.

    Only rounds whose results may be seen count; it is final when nothing is to come. A contest with one round that
    counts has that round's board.
    """
    scope = scope or scope_of_contest(contest)
    if scope.round is not None:
        return board_page(scope.round, membership, limit, offset, around=around, frozen=frozen, scope=scope)
    mine = _entrant(contest.pk, membership)
    if scope.is_frozen if frozen is None else frozen:
        kept = frozen_people(scope)
        if kept is None:
            return BoardPage([], None, 0, False, False, clock.now(), frozen=True, preparing=True)
        own = own_over_rounds(contest, mine, kept, scope.boards.best_rounds) if mine else None
        part = _frozen(kept, own, limit, offset, around)
    else:
        standings = ContestStanding.objects.filter(contest=contest, rounds_count__gt=0)
        part = _read(standings, mine, OVER_ROUNDS, limit, offset, around)
        part.live = True
    return _page(scope, part, mine)


def unit_people(scope: Scope, membership: Membership, limit: int = 50) -> tuple[str, list[BoardRow]] | None:
    """Return the people of the reader's own unit in order, with their ranks among themselves, and the unit's name.

    The unit is the nearest above the reader that is published on boards; None without one, since in a small unit a
    pseudonym hides nobody. Nothing is returned while boards are frozen or results held back.
    """
    one, contest = scope.round, scope.contest
    if scope.is_frozen or (one is not None and (one.practice or not results_shown(one))):
        return None
    figures = scope.live
    unit = shown_unit(figures, membership.unit_id)
    if unit is None:
        return None
    row = figures.row_of(unit)
    assert row is not None
    units = [int(key) for key in figures.keys[row : int(figures.ends[row])]]
    rows: QuerySet[Any]
    if one is not None:
        rows, order = Standing.objects.filter(round=one), rules.order_of(one.tie_breaks)
    else:
        rows, order = ContestStanding.objects.filter(contest=contest, rounds_count__gt=0), OVER_ROUNDS
    within = rows.filter(unit__in=units) if len(units) <= 500 else rows.filter(unit__path__startswith=path_of(unit))
    mine = _entrant(contest.pk, membership)
    page = _page(scope, _read(within, mine, order, limit, 0, False), mine)
    return names_of([unit])[unit], page.rows


def _entrant(contest_id: int, membership: Membership | None) -> Entrant | None:
    if membership is None:
        return None
    return Entrant.objects.filter(contest=contest_id, membership=membership).first()


# Where lines come from ---------------------------------------------------------------------------------------


def _live(round: Round, mine: Entrant | None, limit: int, offset: int, around: bool) -> _Part:
    engine = ports.engine()
    own = None
    if mine is not None:
        try:
            place = engine.place(round.pk, mine.number)
            own = _Line(place["rank"], mine.number, place["score_points"], place["time_used_ms"])
        except EngineRefused:  # no attempt finished yet
            own = None
    if around and own is not None:
        offset, limit = _around(own.rank)
    board = engine.board(round.pk, limit, offset)
    lines = [
        _Line(row["rank"], row["participant"], row["score_points"], row["time_used_ms"]) for row in board["rows"]
    ]
    as_of = datetime.fromtimestamp(board["as_of_ms"] / 1000, UTC)
    return _Part(lines, own, board["of"], as_of, live=True, offset=offset)


def _around(rank: int) -> tuple[int, int]:
    return max(0, rank - 1 - AROUND), 2 * AROUND + 1


def _final(round: Round, mine: Entrant | None, limit: int, offset: int, around: bool) -> _Part:
    standings = Standing.objects.filter(round=round)
    fields = ("rank", "entrant__number", "score_points", "time_used_ms")
    own = standings.filter(entrant=mine).values_list(*fields).first() if mine else None
    if around and own is not None:
        offset, limit = _around(own[0])
    in_order = standings.order_by("rank", "pk").values_list(*fields)
    if getattr(round, "rank_style", "standard") == "dense":  # a rank says nothing of how many stand before it
        found, of = list(in_order[offset : offset + limit]), standings.count()
    else:
        # Whoever stands at a position has a rank of at most that: from there on, a page deep down costs no more.
        start = standings.filter(rank__lte=offset + 1).order_by("-rank").values_list("rank", flat=True).first() or 1
        skipped = offset + 1 - start
        found = list(in_order.filter(rank__gte=start)[skipped : skipped + limit])
        last = standings.order_by("-rank").values_list("rank", flat=True).first() or 0
        of = last - 1 + standings.filter(rank=last).count() if last else 0
    assert round.ranked_at is not None
    own_line = _Line(*own) if own else None
    return _Part([_Line(*row) for row in found], own_line, of, round.ranked_at, final=True, offset=offset)


def _read(
    standings: QuerySet[Any], mine: Entrant | None, order: list[str], limit: int, offset: int, around: bool
) -> _Part:
    own = standings.filter(entrant=mine).first() if mine else None
    line = None
    if own is not None and mine is not None:
        line = _Line(1 + _better_than(standings, own, order), mine.number, own.score_points, own.time_used_ms)
        if around:
            offset, limit = _around(line.rank)
    rows = list(standings.select_related("entrant").order_by(*order, "pk")[offset : offset + limit])
    fields = [name.lstrip("-") for name in order]
    places = rules.ranks(tuple(getattr(row, name) for name in fields) for row in rows)
    first = 1 + (_better_than(standings, rows[0], order) if offset and rows else 0)
    lines = [
        _Line(
            place + (first - 1 if place == 1 else offset),
            row.entrant.number,
            row.score_points,
            row.time_used_ms,
        )
        for place, row in zip(places, rows, strict=True)
    ]
    return _Part(lines, line, standings.count(), clock.now(), offset=offset)


def _better_than(standings: QuerySet[Any], row: Any, order: list[str]) -> int:
    conditions, equal = [], Q()
    for name in order:
        field = name.lstrip("-")
        value = getattr(row, field)
        conditions.append(equal & Q(**{f"{field}__{'gt' if name.startswith('-') else 'lt'}": value}))
        equal &= Q(**{field: value})
    return standings.filter(reduce(or_, conditions)).count()


def _frozen(kept: FrozenPeople, own: tuple[int, int, int] | None, limit: int, offset: int, around: bool) -> _Part:
    line = None
    if own is not None:
        participant, score, used = own
        line = _Line(kept.rank_of(score, used), participant, score, used)
        if around:
            offset, limit = _around(line.rank)
    lines = [
        _Line(one.rank, one.participant, one.score_points, one.time_used_ms)
        for one in kept.lines[offset : offset + limit]
    ]
    return _Part(lines, line, kept.of, kept.as_of, frozen=True, offset=offset)


# Names -------------------------------------------------------------------------------------------------------


def _page(scope: Scope, part: _Part, mine: Entrant | None) -> BoardPage:
    named = _named(scope, [*part.lines, *([part.own] if part.own else [])], mine)
    return BoardPage(
        named[: len(part.lines)],
        named[-1] if part.own else None,
        part.of,
        part.final,
        part.live,
        part.as_of,
        frozen=part.frozen,
        offset=part.offset,
    )


def _named(scope: Scope, lines: list[_Line], mine: Entrant | None) -> list[BoardRow]:
    entrants = {
        row.number: row
        for row in Entrant.objects.filter(
            contest=scope.contest.pk, number__in={line.participant for line in lines}
        ).select_related("membership")
    }
    units = shown_units(scope, {row.unit_id for row in entrants.values()})
    names = names_of(set(units.values()))
    language = get_language() or ""
    found = []
    for line in lines:
        entrant = entrants.get(line.participant)
        found.append(
            BoardRow(
                line.rank,
                display_name(entrant, language) if entrant else "",
                names.get(units.get(entrant.unit_id, 0), "") if entrant else "",
                line.score_points,
                line.time_used_ms,
                mine is not None and line.participant == mine.number,
                line.participant,
            )
        )
    return found


def shown_units(scope: Scope, unit_ids: Iterable[int]) -> dict[int, int]:
    """Return for some units the nearest above each that is published on boards; those without one are left out.

    A board of people is a list one can count. Were the others named, counting would give their figures away.
    """
    wanted = set(unit_ids)
    figures = scope.shown if wanted else None
    if figures is None:
        return {}
    found = {unit: shown_unit(figures, unit) for unit in wanted}
    return {unit: shown for unit, shown in found.items() if shown is not None}


def shown_unit(figures: Figures, unit_id: int) -> int | None:
    """Return the nearest unit at or above one that is published on boards."""
    start = figures.row_of(unit_id)
    if start is None:
        return None
    return next((int(figures.keys[row]) for row in figures.above(start) if figures.shown[row]), None)


def display_name(entrant: Entrant, language: str) -> str:
    """Return the name an entrant stands under: the own one if they chose so, else the pseudonym."""
    if entrant.shows_name and entrant.membership is not None:
        return entrant.membership.name
    return pseudonym_in(language, entrant.pseudonym)
