"""Figures of all units: computed from tallies, kept as the last state, decoded once a process."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Sum
from django.utils.translation import get_language

from tradeshall.contests.enums import BoardKind
from tradeshall.contests.models import (
    BoardState,
    Contest,
    ContestBoards,
    ContestStanding,
    Round,
    UnitBoard,
    UnitTally,
)
from tradeshall.contests.queries.boards.scopes import boards_of, is_frozen, only_round
from tradeshall.contests.queries.member import results_shown
from tradeshall.contests.rules.figures import Figures, UnitLine, pack_scores, publish, rolled_up
from tradeshall.contests.rules.unit_boards import BoardRules, Ranked, levels_of, rank_units, tops_of
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.people.queries import count_members_by_unit
from tradeshall.units.queries import units_visible_to

FIGURES_SECONDS = 20
"""How far behind figures may be: as often the background makes them anew, and so long those made for a page live."""
MEMBERS_SHARE = 200
"""Counting all members is not repeated for so many times as long as it took."""


@dataclass(eq=False)
class Scope:
    """What figures are about: one round, or the whole contest; a contest with one round that counts is that round.

    It lives as long as one page: what was read of it is read once.
    """

    contest: Contest
    round: Round | None

    @property
    def unit_path(self) -> str:
        return self.contest.unit_path

    @property
    def key(self) -> str:
        return f"round:{self.round.pk}" if self.round else f"contest:{self.contest.pk}"

    @cached_property
    def boards(self) -> ContestBoards:
        """How rounds add up, and whether boards are frozen."""
        return boards_of(self.contest.pk)

    @cached_property
    def is_frozen(self) -> bool:
        return is_frozen(self.boards)

    @cached_property
    def live(self) -> Figures:
        """The figures as the background kept them last; where it has not, they are computed and kept a while."""
        return _live_figures(self)

    @cached_property
    def shown(self) -> Figures | None:
        """The figures as members see them: those of the freeze while it lasts; None while they are being kept."""
        if not self.is_frozen:
            return self.live
        state = state_of(self, BoardKind.FROZEN_UNITS)
        return decoded.figures(state) if state else None


def scope_of_round(round: Round) -> Scope:
    return Scope(round.contest, round)


def scope_of_contest(contest: Contest) -> Scope:
    return Scope(contest, only_round(contest))


def unit_boards_of(contest_id: int) -> list[UnitBoard]:
    """Return the boards of units of a contest. One query."""
    return list(UnitBoard.objects.filter(contest=contest_id).order_by("position", "pk"))


def compute_figures(
    scope: Scope, before: Figures | None = None, boards: Iterable[BoardRules] | None = None
) -> Figures:
    """Count members, those who took part and what they scored, of every unit with all beneath it.

    What may be published depends a little on what was published before. Four queries.
    """
    as_of = clock.now()
    chosen = unit_boards_of(scope.contest.pk) if boards is None else list(boards)
    members = _members(scope.unit_path)
    tallies = _tallies(scope)
    none = (0, 0, 0, b"")
    units = units_visible_to(OPERATOR).filter(path__startswith=scope.unit_path).order_by()
    lines = [
        UnitLine(pk, path, kind, industry, members.get(pk, 0), *tallies.get(pk, none))
        for pk, path, kind, industry in units.values_list("pk", "path", "kind", "industry")
    ]
    scored = scope.round is None or results_shown(scope.round)
    return publish(rolled_up(lines, tops_of(chosen), as_of, scored=scored), levels_of(chosen), before)


def _members(path: str) -> dict[int, int]:
    key = f"contests:members-by-unit:{path}"
    known: dict[int, int] | None = cache.get(key)
    if known is not None:
        return known
    began = time.perf_counter()
    members = count_members_by_unit(path)
    if (keep := int(MEMBERS_SHARE * (time.perf_counter() - began))) > FIGURES_SECONDS:
        cache.set(key, members, min(keep, 3600))
    return members


def _tallies(scope: Scope) -> dict[int, tuple[int, int, int, bytes]]:
    if scope.round is not None:
        rows = UnitTally.objects.filter(round=scope.round).order_by()
        return {
            unit: (people, attempts, score_sum, bytes(scores))
            for unit, people, attempts, score_sum, scores in rows.values_list(
                "unit", "people", "attempts", "score_sum", "scores"
            )
        }
    found: dict[int, list[Any]] = {}
    standings = ContestStanding.objects.filter(contest=scope.contest).order_by().values_list("unit", "score_points")
    for unit, score, people, attempts in standings.annotate(n=Count("pk"), attempts=Sum("attempts_count")):
        one = found.setdefault(unit, [0, 0, 0, {}])
        one[0] += people
        one[1] += attempts
        one[2] += score * people
        one[3][score] = one[3].get(score, 0) + people
    return {
        unit: (people, attempts, score_sum, pack_scores(scores))
        for unit, (people, attempts, score_sum, scores) in found.items()
    }


# As they were kept -------------------------------------------------------------------------------------------


def state_of(scope: Scope, kind: BoardKind) -> BoardState | None:
    """Return what is known of a kept state, without its body. One query."""
    return states(scope, kind).defer("body").first()  # type: ignore[no-any-return]


def states(scope: Scope, kind: BoardKind) -> Any:
    return BoardState.objects.filter(scope_key=scope.key, kind=kind.value)


class Decoded:
    """The figures this process read last, a few of them, and the boards ranked from them."""

    MOST = 24

    def __init__(self) -> None:
        self._lock = Lock()
        self._figures: dict[tuple[int, datetime], Figures] = {}
        self._ranked: dict[tuple[Any, ...], tuple[Figures, Ranked]] = {}

    def figures(self, state: BoardState) -> Figures:
        """Return the figures of a state, decoded once."""
        key = (state.pk, state.made_at)
        found = self._figures.get(key)
        if found is None:
            body = BoardState.objects.filter(pk=state.pk).values_list("body", flat=True).get()
            found = Figures.from_bytes(bytes(body))
            self._keep(self._figures, key, found)
        return found

    def ranked(self, figures: Figures, board: BoardRules) -> Ranked:
        """Return the order of a board in some figures, sorted once."""
        weights = tuple(sorted(board.weights.items()))
        key = (
            id(figures), board.kind, board.depth, board.industry, weights, board.top_count,
            board.least_members, board.least_taking_part, board.ranks,
        )  # fmt: skip
        kept = self._ranked.get(key)
        if kept is not None and kept[0] is figures:
            return kept[1]
        found = rank_units(figures, board)
        self._keep(self._ranked, key, (figures, found))
        return found

    def _keep(self, known: dict[Any, Any], key: Any, value: Any) -> None:
        with self._lock:
            known[key] = value
            while len(known) > self.MOST:
                del known[next(iter(known))]


decoded = Decoded()


def _live_figures(scope: Scope) -> Figures:
    state = state_of(scope, BoardKind.UNITS)
    if state is not None:
        return decoded.figures(state)
    withheld = scope.round is not None and not results_shown(scope.round)
    ranked = scope.round and scope.round.ranked_at and scope.round.ranked_at.timestamp()
    key = f"contests:figures-of-units:{scope.key}:{ranked}:{withheld}"
    known: Figures | None = cache.get(key)
    if known is None:
        known = compute_figures(scope)
        cache.set(key, known, FIGURES_SECONDS)
    return known


def names_of(keys: Iterable[int]) -> dict[int, str]:
    """Return what some units are called in the reader's language. One query."""
    language = get_language() or ""
    rows = units_visible_to(OPERATOR).filter(pk__in=[int(key) for key in keys]).order_by()
    return {
        pk: name_en if name_en and not language.startswith("zh") else name
        for pk, name, name_en in rows.values_list("pk", "name", "name_en")
    }


def path_of(key: int) -> str:
    """Return the path of a unit. One query."""
    return str(units_visible_to(OPERATOR).values_list("path", flat=True).get(pk=key))
