"""Boards of people and of units, a member's place, and what the organiser watches."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import get_language

from tradeshall.contests import ports
from tradeshall.contests.enums import RoundState
from tradeshall.contests.models import Entrant, Round, Standing
from tradeshall.contests.queries.member import results_shown
from tradeshall.contests.rules import boards as rules
from tradeshall.contests.rules.boards import UnitCounts
from tradeshall.contests.rules.pseudonyms import pseudonym_in
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.engine.codes import EngineBusy, EngineRefused, EngineUnreachable
from tradeshall.people.queries import count_members_by_unit
from tradeshall.units.enums import UnitKind
from tradeshall.units.queries import units_visible_to

if TYPE_CHECKING:
    from tradeshall.people.models import Membership
    from tradeshall.units.models import Unit

log = logging.getLogger(__name__)

UNIT_FIGURES_SECONDS = 20
"""How long the figures of units are kept; a board of units is at most so much behind."""


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
    for now, so there are no lines.
    """

    rows: list[BoardRow]
    me: BoardRow | None
    of: int
    final: bool
    live: bool
    as_of: datetime
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    rank: int
    participant: int
    score_points: int
    time_used_ms: int


def board_page(round: Round, membership: Membership | None = None, limit: int = 50, offset: int = 0) -> BoardPage:
    """Return part of a round's board, and the reader's own line wherever it stands.

    Live ranks are the engine's; once the round is ranked they come from the standings. Names and units by a
    constant number of queries. A unit is named only where ten of it took part. Empty for practice, and while the
    rules hold results back.
    """
    if round.practice or not results_shown(round):
        return BoardPage([], None, 0, False, False, clock.now(), withheld=not round.practice)
    mine = None
    if membership is not None:
        mine = Entrant.objects.filter(contest=round.contest_id, membership=membership).first()
    if round.ranked_at is not None:
        lines, own, of = _final(round, mine, limit, offset)
        final, live, as_of = True, False, round.ranked_at
    else:
        final = False
        try:
            lines, own, of, as_of = _live(round, mine, limit, offset)
            live = True
        except (EngineBusy, EngineUnreachable, EngineRefused, RuntimeError) as error:
            if not isinstance(error, EngineRefused):
                log.warning("the board of round %s comes from the standings: %s", round.pk, error)
            lines, own, of = _read(round, mine, limit, offset)
            live, as_of = False, clock.now()
    rows = _named(round, [*lines, *([own] if own else [])], mine)
    return BoardPage(rows[: len(lines)], rows[-1] if own else None, of, final, live, as_of)


def _live(
    round: Round, mine: Entrant | None, limit: int, offset: int
) -> tuple[list[_Line], _Line | None, int, datetime]:
    engine = ports.engine()
    board = engine.board(round.pk, limit, offset)
    lines = [
        _Line(row["rank"], row["participant"], row["score_points"], row["time_used_ms"]) for row in board["rows"]
    ]
    own = None
    if mine is not None:
        try:
            place = engine.place(round.pk, mine.number)
            own = _Line(place["rank"], mine.number, place["score_points"], place["time_used_ms"])
        except EngineRefused:  # no attempt finished yet
            own = None
    return lines, own, board["of"], datetime.fromtimestamp(board["as_of_ms"] / 1000, UTC)


def _final(round: Round, mine: Entrant | None, limit: int, offset: int) -> tuple[list[_Line], _Line | None, int]:
    standings = Standing.objects.filter(round=round)
    fields = ("rank", "entrant__number", "score_points", "time_used_ms")
    found = standings.order_by("rank", "pk").values_list(*fields)
    own = standings.filter(entrant=mine).values_list(*fields).first() if mine else None
    return (
        [_Line(*row) for row in found[offset : offset + limit]],
        _Line(*own) if own else None,
        standings.count(),
    )


def _read(round: Round, mine: Entrant | None, limit: int, offset: int) -> tuple[list[_Line], _Line | None, int]:
    order = rules.order_of(round.tie_breaks, round.rank_style)
    standings = Standing.objects.filter(round=round).select_related("entrant")
    rows = list(standings.order_by(*order, "pk")[offset : offset + limit])
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
    own = standings.filter(entrant=mine).first() if mine else None
    line = (
        _Line(1 + _better_than(standings, own, order), own.entrant.number, own.score_points, own.time_used_ms)
        if own
        else None
    )
    return lines, line, standings.count()


def _better_than(standings: QuerySet[Standing], row: Standing, order: list[str]) -> int:
    conditions, equal = [], Q()
    for name in order:
        field = name.lstrip("-")
        value = getattr(row, field)
        conditions.append(equal & Q(**{f"{field}__{'gt' if name.startswith('-') else 'lt'}": value}))
        equal &= Q(**{field: value})
    return standings.filter(reduce(or_, conditions)).count()


def _named(round: Round, lines: list[_Line], mine: Entrant | None) -> list[BoardRow]:
    entrants = {
        row.number: row
        for row in Entrant.objects.filter(
            contest=round.contest_id, number__in={line.participant for line in lines}
        ).select_related("membership", "unit")
    }
    large = units_large_enough(round, {row.unit_id for row in entrants.values()})
    language = get_language() or ""
    found = []
    for line in lines:
        entrant = entrants.get(line.participant)
        found.append(
            BoardRow(
                line.rank,
                display_name(entrant, language) if entrant else "",
                in_language(entrant.unit, language) if entrant and entrant.unit_id in large else "",
                line.score_points,
                line.time_used_ms,
                mine is not None and line.participant == mine.number,
                line.participant,
            )
        )
    return found


def display_name(entrant: Entrant, language: str) -> str:
    """Return the name an entrant stands under: the own one if they chose so, else the pseudonym."""
    if entrant.shows_name and entrant.membership is not None:
        return entrant.membership.name
    return pseudonym_in(language, entrant.pseudonym)


def in_language(unit: Unit, language: str) -> str:
    """Return a unit's name in a language."""
    return unit.name_en if unit.name_en and not language.startswith("zh") else unit.name


def units_large_enough(round: Round, unit_ids: Iterable[int]) -> set[int]:
    """Return those units in which at least ten took part in a round."""
    rows = Standing.objects.filter(round=round, unit__in=list(unit_ids)).values("unit").annotate(n=Count("pk"))
    return {row["unit"] for row in rows if row["n"] >= rules.LEAST_TAKING_PART}


# Units -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One line of a board of units; `hidden`: too few for figures, which are 0."""

    rank: int
    unit: Any
    name: str
    members: int
    taking_part: int
    rate: float
    mean_points: float
    attempts: int = 0
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class UnitBoardPage:
    """The units of one level in order; those too small to be shown by name are one line without a rank.

    `smaller` is None where that line may have no figures. `joined`: a unit large enough is in it, so that nobody can
    work out the figures of the only small one. `withheld`: the rules hold scores back for now, so that only
    participation counts and means are 0.
    """

    rows: list[UnitRow]
    of: int
    smaller: UnitCounts | None
    smaller_units: int
    joined: bool
    as_of: datetime
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """Where one unit stands; `rank` is None if it is too small to be shown, or nobody there took part."""

    unit: Any
    name: str
    rank: int | None
    of: int
    too_small: bool
    members: int
    taking_part: int
    rate: float
    mean_points: float


def _figures(round: Round) -> tuple[dict[str, UnitCounts], dict[str, tuple[int, str, str, str]], datetime]:
    """Return every unit's figures by path, each with all beneath it, and what the units are; kept for a while."""
    withheld = not results_shown(round)
    key = f"contests:figures-of-units:{round.pk}:{round.ranked_at and round.ranked_at.timestamp()}:{withheld}"
    known = cache.get(key)
    if known is not None:
        return known  # type: ignore[no-any-return]
    base = round.unit_path
    units = {
        pk: (path, kind, name, name_en)
        for pk, path, kind, name, name_en in units_visible_to(OPERATOR)
        .filter(path__startswith=base)
        .values_list("pk", "path", "kind", "name", "name_en")
    }
    members = count_members_by_unit(base)
    took = {
        row["unit"]: (row["n"], 0 if withheld else row["points"] or 0, row["attempts"] or 0)
        for row in Standing.objects.filter(round=round)
        .values("unit")
        .order_by()
        .annotate(n=Count("pk"), points=Sum("score_points"), attempts=Sum("attempts_count"))
    }
    own = {path: UnitCounts(members.get(pk, 0), *took.get(pk, (0, 0, 0))) for pk, (path, _, _, _) in units.items()}
    sums = {path: counts for path, counts in rules.rolled_up(own).items() if path.startswith(base)}
    names = {path: (pk, kind, name, name_en) for pk, (path, kind, name, name_en) in units.items()}
    found = (sums, names, clock.now())
    cache.set(key, found, UNIT_FIGURES_SECONDS)
    return found


def unit_board(
    round: Round, *, limit: int = 20, kind: str = UnitKind.BRANCH.value, by: str = "rate"
) -> UnitBoardPage:
    """Return the units of one kind in order of participation rate, then mean score (`by` "mean": the reverse).

    Figures of a unit include all beneath it. Units of fewer than 30 members or with fewer than ten taking part
    are pooled, never one alone. Three queries, or none while the figures are fresh.
    """
    sums, names, as_of = _figures(round)
    board = rules.board_of_units({p: c for p, c in sums.items() if names[p][1] == kind}, by=by)
    language = get_language() or ""
    rows = [_unit_row(rank, path, counts, names, language) for rank, path, counts in board.ranked[:limit]]
    withheld = not results_shown(round)
    return UnitBoardPage(rows, len(board.ranked), board.smaller, board.smaller_units, board.joined, as_of, withheld)


def unit_place(round: Round, unit: Unit, *, kind: str = UnitKind.BRANCH.value, by: str = "rate") -> UnitPlace | None:
    """Return where a unit stands, or for a group the unit of `kind` it belongs to; None if there is none."""
    sums, names, _ = _figures(round)
    steps = unit.path.rstrip("/").split("/")
    above = ["/".join(steps[:end]) + "/" for end in range(len(steps), 0, -1)]
    path = next((one for one in above if one in names and names[one][1] == kind), None)
    if path is None:
        return None
    board = rules.board_of_units({p: c for p, c in sums.items() if names[p][1] == kind}, by=by)
    counts = sums[path]
    rank = next((rank for rank, one, _ in board.ranked if one == path), None)
    row = _unit_row(rank or 0, path, counts, names, get_language() or "")
    return UnitPlace(
        row.unit,
        row.name,
        rank,
        len(board.ranked),
        not rules.may_be_shown(counts),
        counts.members,
        counts.taking_part,
        counts.rate,
        counts.mean,
    )


def _unit_row(
    rank: int, path: str, counts: UnitCounts, names: dict[str, tuple[int, str, str, str]], language: str
) -> UnitRow:
    pk, _, name, name_en = names[path]
    shown = name_en if name_en and not language.startswith("zh") else name
    return UnitRow(rank, pk, shown, counts.members, counts.taking_part, counts.rate, counts.mean, counts.attempts)


def figures_of(round: Round, unit: Unit) -> tuple[UnitRow, datetime]:
    """Return a unit's exact figures, whatever its size, for those who run it, and the moment they are of; rank 0."""
    sums, names, as_of = _figures(round)
    known = {unit.path: (unit.pk, unit.kind, unit.name, unit.name_en), **names}
    counts = sums.get(unit.path, rules.NOBODY)
    return _unit_row(0, unit.path, counts, known, get_language() or ""), as_of


def participation_by_unit(round: Round, under: Unit) -> list[UnitRow]:
    """Return the units directly beneath one with their live figures, for those who run them; rank 0 throughout.

    Those of fewer than 30 members or with fewer than ten taking part come last, pooled under the name "". Whoever
    reads this knows the total as well, so none is ever alone there while another is shown; too few have no figures.
    """
    sums, names, _ = _figures(round)
    depth = under.path.count("/") + 1
    children = {p: c for p, c in sums.items() if p.startswith(under.path) and p.count("/") == depth}
    board = rules.board_of_units(children)
    language = get_language() or ""
    rows = sorted(
        (_unit_row(0, path, counts, names, language) for _, path, counts in board.ranked), key=lambda row: row.name
    )
    if board.smaller_units:
        one = board.smaller or rules.NOBODY
        hidden = board.smaller is None
        rows.append(UnitRow(0, None, "", one.members, one.taking_part, one.rate, one.mean, one.attempts, hidden))
    return rows


# What the organiser watches --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Monitor:
    """What happens in a round now; `live` is false if the engine could not be asked, and then only sums are known."""

    live: bool
    open_now: int
    started: int
    finished: int
    started_last_minute: int
    finished_last_minute: int
    participants: int
    eligible: int
    lag_entries: int | None

    @property
    def rate(self) -> float:
        """The share of those who may take part that have begun."""
        return min(1.0, self.participants / self.eligible) if self.eligible else 0.0


def monitor(round: Round) -> Monitor:
    """Return what happens in a round now: from the engine, or, if it cannot be asked, what has been read so far."""
    eligible = sum(count_members_by_unit(round.unit_path).values())
    try:
        seen = ports.engine().monitor(round.pk)
    except (EngineBusy, EngineUnreachable, EngineRefused, RuntimeError):
        totals = Standing.objects.filter(round=round).aggregate(people=Count("pk"), attempts=Sum("attempts_count"))
        attempts = totals["attempts"] or 0
        return Monitor(False, 0, attempts, attempts, 0, 0, totals["people"], eligible, None)
    read = Standing.objects.filter(round=round).aggregate(attempts=Sum("attempts_count"))["attempts"] or 0
    return Monitor(
        True,
        seen["open_now"],
        seen["started"],
        seen["finished"],
        seen["started_last_minute"],
        seen["finished_last_minute"],
        seen["participants"],
        eligible,
        max(0, seen["finished"] - read),
    )


def is_over(round: Round) -> bool:
    """Answer whether a round takes no more attempts."""
    return round.state == RoundState.CLOSED or round.closes_at <= clock.now()
