"""Which attempt counts, who stands before whom, which units may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeshall.contests.enums import Counting, TieBreak
from tradeshall.contests.rules.boards import (
    Attempt,
    Counted,
    UnitCounts,
    board_of_units,
    counted,
    may_be_shown,
    ranks,
    rolled_up,
)
from tradeshall.contests.rules.rounds import allot, needed

TIE_BREAKS = [TieBreak.SCORE.value, TieBreak.TIME_USED.value]

attempts = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), min_size=1, max_size=6).map(
    lambda values: [
        Attempt(number, score, seconds * 1000, 1_000_000 + number)
        for number, (score, seconds) in enumerate(values, start=1)
    ]
)


def count(given_attempts: list[Attempt], counting: str) -> Counted:
    found = None
    for attempt in given_attempts:
        found = counted(found, attempt, counting, TIE_BREAKS)
    assert found is not None
    return found


@given(attempts, st.sampled_from([one.value for one in Counting]), st.randoms(use_true_random=False))
def test_counted_does_not_care_in_which_order_attempts_come(
    made: list[Attempt], counting: str, random: object
) -> None:
    shuffled = list(made)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert count(shuffled, counting) == count(made, counting)


@given(attempts)
def test_counted_is_what_its_name_says(made: list[Attempt]) -> None:
    best = min(made, key=lambda one: (-one.score_points, one.time_used_ms, one.number))
    assert count(made, "best").number == best.number
    assert count(made, "first").number == 1
    assert count(made, "last").number == len(made)
    total = count(made, "sum")
    assert total.score_points == sum(one.score_points for one in made)
    assert total.time_used_ms == sum(one.time_used_ms for one in made)
    assert total.finished_at_ms == max(one.finished_at_ms for one in made)
    assert {count(made, one.value).attempts for one in Counting} == {len(made)}


@given(st.lists(st.integers(0, 4)).map(sorted))
def test_ranks_run_one_two_two_four(keys: list[int]) -> None:
    assert ranks(keys) == [1 + sum(other < key for other in keys) for key in keys]


paths = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(lambda steps: "/".join(map(str, steps)) + "/")
figures = st.builds(UnitCounts, st.integers(0, 60), st.integers(0, 60), st.integers(0, 500))


@given(st.dictionaries(paths, figures, max_size=12))
def test_rolled_up_is_the_sum_of_all_beneath(own: dict[str, UnitCounts]) -> None:
    for path, total in rolled_up(own).items():
        beneath = [one for other, one in own.items() if other.startswith(path)]
        assert total.members == sum(one.members for one in beneath)
        assert total.taking_part == sum(one.taking_part for one in beneath)


@given(st.dictionaries(paths, figures, max_size=12), st.sampled_from(["rate", "mean"]))
def test_board_of_units_shows_no_small_unit_and_pools_never_just_one(counts: dict[str, UnitCounts], by: str) -> None:
    board = board_of_units(counts, by=by)
    assert all(may_be_shown(one) for _, _, one in board.ranked)
    alive = {path: one for path, one in counts.items() if one.members or one.taking_part}
    assert len(board.ranked) + board.smaller_units == len(alive)
    if len(alive) > 1:
        assert board.smaller_units != 1
    if board.smaller is not None:
        assert board.smaller_units > 1
        assert may_be_shown(board.smaller)
        shown = sum(one.members for _, _, one in board.ranked)
        assert board.smaller.members + shown == sum(one.members for one in alive.values())


LARGE, LARGER, SMALL = UnitCounts(30, 10, 50), UnitCounts(31, 12, 60), UnitCounts(12, 11, 40)


@pytest.mark.parametrize(
    ("counts", "shown", "pooled", "together", "joined"),
    [
        ([LARGE, LARGER, SMALL], [LARGER], 2, LARGE + SMALL, True),
        ([LARGE, SMALL], [], 2, LARGE + SMALL, True),
        ([LARGE, SMALL, SMALL], [LARGE], 2, None, False),  # 24 members
        ([LARGE, UnitCounts(90, 4, 0), UnitCounts(90, 5, 0)], [LARGE], 2, None, False),
        ([LARGE, UnitCounts(90, 4, 0), UnitCounts(90, 6, 0)], [LARGE], 2, UnitCounts(180, 10, 0), False),
        ([SMALL], [], 1, None, False),
        ([UnitCounts(90, 9, 0)], [], 1, None, False),
        ([LARGE, UnitCounts(0, 0, 0)], [LARGE], 0, None, False),
    ],
)
def test_board_of_units_gives_no_figures_of_a_small_unit_away(
    counts: list[UnitCounts], shown: list[UnitCounts], pooled: int, together: UnitCounts | None, joined: bool
) -> None:
    board = board_of_units({f"1/{number}/": one for number, one in enumerate(counts)})
    assert [one for _, _, one in board.ranked] == shown
    assert (board.smaller_units, board.smaller, board.joined) == (pooled, together, joined)


@pytest.mark.parametrize(("members", "taking_part", "shown"), [(30, 10, True), (29, 29, False), (100, 9, False)])
def test_may_be_shown_asks_for_thirty_members_and_ten_taking_part(
    members: int, taking_part: int, shown: bool
) -> None:
    assert may_be_shown(UnitCounts(members, taking_part, 0)) is shown


def test_rate_is_at_most_one_though_members_left() -> None:
    assert UnitCounts(30, 40, 0).rate == 1.0
    assert UnitCounts(0, 0, 0).rate == UnitCounts(0, 0, 0).mean == 0.0


@given(st.lists(st.sets(st.integers(1, 30)), max_size=4), st.lists(st.integers(0, 8), min_size=4, max_size=4))
def test_allot_gives_each_item_to_one_section_that_fits(candidates: list[set[int]], needs: list[int]) -> None:
    shares = allot(candidates, needs[: len(candidates)])
    given_out = [number for share in shares for number in share]
    assert len(given_out) == len(set(given_out))
    assert set(given_out) == set().union(*candidates)
    assert all(set(share) <= fitting for share, fitting in zip(shares, candidates, strict=True))
    assert shares == allot([sorted(one, reverse=True) for one in candidates], needs[: len(candidates)])


@given(st.integers(1, 200), st.integers(1, 100))
def test_needed_items_keep_exposure_under_the_cap(count: int, cap: int) -> None:
    needs = needed(count, cap)
    assert count * 100 <= cap * needs
    assert count * 100 > cap * (needs - 1)
