"""Figures of all units at once: rolled up, the best of each, and what may be published without giving others away."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeshall.contests.rules.boards import LEAST_MEMBERS, LEAST_TAKING_PART
from tradeshall.contests.rules.figures import (
    Figures,
    UnitLine,
    pack_scores,
    publish,
    rolled_up,
    unpack_scores,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LEVELS = [("branch", None), ("regional", None)]


def line(
    path: str, kind: str = "branch", members: int = 0, scores: dict[int, int] | None = None, **more: Any
) -> UnitLine:
    scores = scores or {}
    people = more.pop("people", sum(scores.values()))
    key = int(path.rstrip("/").split("/")[-1])
    total = sum(score * count for score, count in scores.items())
    industry = more.pop("industry", "")
    return UnitLine(key, path, kind, industry, members, people, people, total, pack_scores(scores))


def figures_of(*lines: UnitLine, tops: tuple[int, ...] = ()) -> Figures:
    return rolled_up(lines, tops, NOW)


@st.composite
def trees(draw: st.DrawFn) -> list[UnitLine]:
    """A federation with regions, branches in them and beside them, and groups, each with its own people."""
    lines = [line("1/", "federation", draw(st.integers(0, 40)), people=0)]
    keys = itertools.count(2)
    for _ in range(draw(st.integers(0, 3))):
        region = f"1/{next(keys)}/"
        lines.append(_drawn(draw, region, "regional", 5))
        for _ in range(draw(st.integers(0, 4))):
            branch = f"{region}{next(keys)}/"
            lines.append(_drawn(draw, branch, "branch", 90))
            for _ in range(draw(st.integers(0, 2))):
                lines.append(_drawn(draw, f"{branch}{next(keys)}/", "group", 40))
    for _ in range(draw(st.integers(0, 2))):
        lines.append(_drawn(draw, f"1/{next(keys)}/", "branch", 90))
    return lines


def _drawn(draw: st.DrawFn, path: str, kind: str, most: int) -> UnitLine:
    members = draw(st.integers(0, most))
    scores = draw(st.dictionaries(st.integers(0, 5), st.integers(1, 12), max_size=4))
    return line(path, kind, members, scores, industry=draw(st.sampled_from(["", "metal", "mining"])))


@given(trees(), st.integers(1, 25))
def test_rolled_up_is_the_sum_and_the_best_of_all_beneath(lines: list[UnitLine], n: int) -> None:
    figures = figures_of(*lines, tops=(n,))
    for one in lines:
        row = figures.row_of(one.key)
        assert row is not None
        beneath = [other for other in lines if other.path.startswith(one.path)]
        assert figures.members[row] == sum(other.members for other in beneath)
        assert figures.people[row] == sum(other.people for other in beneath)
        assert figures.score_sums[row] == sum(other.score_sum for other in beneath)
        scores = sorted(
            (
                score
                for other in beneath
                for score, count in unpack_scores(other.scores).items()
                for _ in range(count)
            ),
            reverse=True,
        )
        assert figures.tops[n][row] == sum(scores[:n])
        above = [figures.keys[up] for up in figures.above(row)]
        assert above == [int(key) for key in reversed(one.path.rstrip("/").split("/"))]


@given(trees())
def test_figures_are_the_same_after_a_round_trip(lines: list[UnitLine]) -> None:
    figures = publish(figures_of(*lines, tops=(10,)), LEVELS)
    again = Figures.from_bytes(figures.to_bytes())
    for name in (
        "keys",
        "parents",
        "ends",
        "members",
        "people",
        "score_sums",
        "shown",
        "last_shown",
        "parts_reached",
    ):
        assert (getattr(again, name) == getattr(figures, name)).all(), name
    assert (again.tops[10] == figures.tops[10]).all()
    assert (again.kind_names, again.industry_names, again.as_of) == (figures.kind_names, figures.industry_names, NOW)


@given(st.dictionaries(st.integers(-3, 2000), st.integers(0, 9), max_size=20))
def test_scores_are_kept_without_those_nobody_has(scores: dict[int, int]) -> None:
    assert unpack_scores(pack_scores(scores)) == {score: count for score, count in scores.items() if count}


def test_scores_held_back_are_no_figures() -> None:
    figures = rolled_up([line("1/", "federation", 40, {9: 20})], (10,), NOW, scored=False)
    assert figures.people[0] == 20
    assert figures.score_sums[0] == figures.tops[10][0] == 0


def test_branches_reached_say_no_more_than_which_branches_stand_on_boards() -> None:
    figures = figures_of(
        line("1/", "federation"),
        line("1/2/", "regional"),
        line("1/2/3/", members=30, scores={1: 10}),
        line("1/2/4/", members=30, scores={1: 9}),
        line("1/2/5/", members=29, scores={1: 29}),
    )
    region, branch = figures.row_of(2), figures.row_of(3)
    assert (figures.parts_count[region], figures.parts_reached[region]) == (2, 1)
    assert (figures.parts_count[branch], figures.parts_reached[branch]) == (0, 0)


# What an attacker knows --------------------------------------------------------------------------------------


class Attacker:
    """Somebody who reads every board of every level and industry on every day, and subtracts.

    What they look for are the own figures of each unit on each day (the unknowns); each line of a board is a sum of
    unknowns. A unit's figure is recovered if it follows from the lines, that is if its row lies in their span.
    """

    def __init__(self, days: list[Figures]) -> None:
        self.days = days
        self.width = len(days[0])
        self.rows: list[np.ndarray[Any, Any]] = []
        for day, figures in enumerate(days):
            self.learn(day, 0)  # the whole is on the page: how many people stand on the board
            self.learn_who_has_nobody(day, figures)
        self.before = len(self.rows)
        for day, figures in enumerate(days):
            for kind, industry in itertools.product(figures.kind_names, ["", *figures.industry_names]):
                for row in self.listed(figures, kind, industry):
                    self.learn(day, row)
        self.learn_what_cannot_have_changed()

    def listed(self, figures: Figures, kind: str, industry: str) -> Iterator[int]:
        """The lines of one board."""
        for row in np.flatnonzero(figures.shown):
            same = not industry or figures.industry_names[figures.industries[row]] == industry
            if figures.kind_of(int(row)) == kind and same:
                yield int(row)

    def beneath(self, day: int, row: int) -> np.ndarray[Any, Any]:
        found = np.zeros(self.width * len(self.days))
        start = day * self.width
        found[start + row : start + int(self.days[day].ends[row])] = 1
        return found

    def learn(self, day: int, row: int) -> None:
        self.rows.append(self.beneath(day, row))

    def learn_who_has_nobody(self, day: int, figures: Figures) -> None:
        """Everybody knows that a regional federation has no members of its own, only its branches have."""
        for row in range(self.width):
            children = np.flatnonzero(figures.parents == row)
            own = figures.members[row] - figures.members[children].sum()
            if own == 0 and figures.people[row] == figures.people[children].sum():
                nobody = np.zeros(self.width * len(self.days))
                nobody[day * self.width + row] = 1
                self.rows.append(nobody)

    def learn_what_cannot_have_changed(self) -> None:
        """Who took part does not go back: the same figure before and after was the same in between."""
        for row in range(1, self.width):
            shown = [day for day, figures in enumerate(self.days) if figures.shown[row]]
            for before, after in itertools.pairwise(shown):
                if self.days[before].people[row] == self.days[after].people[row]:
                    for between in range(before + 1, after):
                        self.learn(between, row)

    def recovered(self) -> set[tuple[int, int]]:
        """Return the small units, by day, whose figures follow from what was read."""
        known, before = np.array(self.rows), np.array(self.rows[: self.before])
        found = set()
        for day, figures in enumerate(self.days):
            for row in range(1, self.width):
                small = figures.members[row] < LEAST_MEMBERS or figures.people[row] < LEAST_TAKING_PART
                somebody = figures.members[row] > 0 or figures.people[row] > 0
                asked = figures.kind_of(row) in ("branch", "regional")
                if small and somebody and asked:
                    unit = self.beneath(day, row)
                    # The only unit of a contest is the whole of it; no board tells that.
                    if follows(unit, known) and not follows(unit, before):
                        found.add((day, int(figures.keys[row])))
        return found


def follows(row: np.ndarray[Any, Any], known: np.ndarray[Any, Any]) -> bool:
    """Answer whether a sum follows from others."""
    return bool(np.linalg.matrix_rank(np.vstack([known, row])) == np.linalg.matrix_rank(known))


def unprotected(figures: Figures) -> Figures:
    """The control: every unit that is large enough is published, whatever follows from it."""
    large = (figures.members >= LEAST_MEMBERS) & (figures.people >= LEAST_TAKING_PART)
    asked = np.array([figures.kind_of(row) in ("branch", "regional") for row in range(len(figures))])
    asked[0] = False
    return replace(figures, shown=(large & asked).astype("<i1"))


def across_levels() -> list[UnitLine]:
    """A region of four branches, one of them small; another region, so that the small one is not alone in all."""
    return [
        line("1/", "federation"),
        line("1/2/", "regional"),
        line("1/2/3/", members=60, scores={1: 20}, industry="metal"),
        line("1/2/4/", members=50, scores={1: 15}, industry="mining"),
        line("1/2/5/", members=12, scores={1: 3}, industry="metal"),
        line("1/6/", "regional"),
        line("1/6/7/", members=40, scores={1: 9}, industry="metal"),
        line("1/6/8/", members=70, scores={1: 9}, industry="mining"),
        line("1/6/9/", members=70, scores={1: 30}, industry="mining"),
    ]


def test_control_a_hidden_unit_is_recovered_across_levels_where_nothing_joins_it() -> None:
    assert (0, 5) in Attacker([unprotected(figures_of(*across_levels()))]).recovered()


def test_no_hidden_unit_is_recovered_across_levels_and_industries() -> None:
    figures = publish(figures_of(*across_levels()), LEVELS)
    assert Attacker([figures]).recovered() == set()
    shown = {int(key) for key in figures.keys[figures.shown > 0]}
    assert shown == {2, 3, 6, 9}  # 4 keeps 5 company; 7 and 8 are enough together


@settings(max_examples=60, deadline=None)
@given(trees())
def test_no_small_unit_is_recovered_whatever_the_tree(lines: list[UnitLine]) -> None:
    figures = publish(figures_of(*lines), LEVELS)
    assert Attacker([figures]).recovered() == set()
    assert smallest_rest(figures) >= (LEAST_MEMBERS, LEAST_TAKING_PART)


def smallest_rest(figures: Figures) -> tuple[int, int]:
    """Return the fewest members and the fewest people that any subtraction between published units gives."""
    rests = []
    for top in [0, *np.flatnonzero(figures.shown)] if figures.shown.any() else []:
        inside = [
            int(row)
            for row in np.flatnonzero(figures.shown)
            if top < row < figures.ends[top]
            and not any(figures.shown[up] and up > top for up in list(figures.above(int(row)))[1:])
        ]
        members = int(figures.members[top] - figures.members[inside].sum())
        people = int(figures.people[top] - figures.people[inside].sum())
        if members or people:
            rests.append((members, people))
    return (
        min((members for members, _ in rests), default=LEAST_MEMBERS),
        min((people for _, people in rests), default=LEAST_TAKING_PART),
    )


def day(large: int, small: int, third: int = 40) -> list[UnitLine]:
    """A day of a federation of three branches, and the people who took part in each by then."""
    return [
        line("1/", "federation"),
        line("1/2/", members=60, scores={1: large}),
        line("1/3/", members=35, scores={1: small}),
        line("1/4/", members=90, scores={1: third}),
    ]


def by_days(*days: list[UnitLine], kept: bool) -> list[Figures]:
    """Publish some days one after the other; without `kept` each as if there had been none before."""
    found: list[Figures] = []
    for lines in days:
        found.append(publish(figures_of(*lines), LEVELS, found[-1] if kept and found else None))
    return found


NEWCOMER = line("1/5/", members=12, scores={1: 4})


def newcomer_days() -> list[list[UnitLine]]:
    """A small branch is there on the second day alone; the smallest of the others, unchanged, keeps it company."""
    absent = line("1/5/", members=0, scores={})
    return [[*day(20, 15), absent], [*day(20, 15), NEWCOMER], [*day(20, 15), absent]]


def test_control_a_hidden_unit_is_recovered_by_what_its_companion_had_before_and_after() -> None:
    days = by_days(*newcomer_days(), kept=False)
    assert [int(figures.shown[figures.row_of(3)]) for figures in days] == [1, 0, 1]
    assert (1, 5) in Attacker(days).recovered()


def test_no_hidden_unit_is_recovered_over_days() -> None:
    days = by_days(*newcomer_days(), kept=True)
    assert Attacker(days).recovered() == set()
    assert [int(figures.shown[figures.row_of(3)]) for figures in days] == [1, 0, 0]


def test_units_come_back_once_ten_more_took_part_in_each() -> None:
    absent = line("1/5/", members=0, scores={})
    days = by_days(*newcomer_days(), [*day(30, 24), absent], [*day(30, 25), absent], kept=True)
    assert [int(figures.shown[figures.row_of(3)]) for figures in days] == [1, 0, 0, 0, 1]
    # with the newcomer gone it would stand alone in the rest: another one waits with it
    assert [int(figures.shown[figures.row_of(2)]) for figures in days] == [1, 1, 0, 0, 1]
    assert Attacker(days).recovered() == set()


@settings(max_examples=40, deadline=None)
@given(trees(), st.data())
def test_no_small_unit_is_recovered_over_days_whatever_the_tree(lines: list[UnitLine], data: st.DataObject) -> None:
    days = []
    for _ in range(3):
        days.append(list(lines))
        lines = [_later(one, data) for one in lines]
    assert Attacker(by_days(*days, kept=True)).recovered() == set()


def _later(one: UnitLine, data: st.DataObject) -> UnitLine:
    """A unit a day later: more people, and members who came or left."""
    more = data.draw(st.sampled_from([0, 0, 0, 1, 4, 12]))
    members = max(0, one.members + data.draw(st.sampled_from([0, 0, 0, 20, -20])))
    return replace(one, people=one.people + more, members=members)


@pytest.mark.parametrize("levels", [[("branch", None)], [("branch", 2)]])
def test_only_levels_that_have_a_board_are_published(levels: list[tuple[str, int | None]]) -> None:
    figures = publish(
        figures_of(*day(20, 15), line("1/6/", "regional"), line("1/6/7/", members=50, scores={1: 30})), levels
    )
    shown = {int(key) for key in figures.keys[figures.shown > 0]}
    assert 6 not in shown
    assert (7 in shown) is (levels[0][1] is None)
