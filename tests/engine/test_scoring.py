from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeshall.engine.forms import Answered, FillIn, Matching, Numeric, Ordering, PlayedForm
from tradeshall.engine.pack import CHOICES
from tradeshall.engine.scoring import score_parts, score_response
from tradeshall.engine.wire import Form, ItemSpec, Scoring

POSITIONS = st.frozensets(st.integers(0, 4))


@pytest.mark.parametrize(
    ("scoring", "given_", "expected"),
    [
        ("all_or_nothing", {0, 1, 2}, 6),
        ("all_or_nothing", {0, 1}, 0),
        ("all_or_nothing", {0, 1, 2, 3}, 0),
        ("part_marks", {0, 1, 2}, 6),
        ("part_marks", {0, 1}, 4),
        ("part_marks", {2}, 2),
        ("part_marks", {0, 3}, 0),
        ("part_marks", set(), 0),
        ("per_option", {0, 1, 2}, 6),
        ("per_option", {0, 1}, 3),
        ("per_option", {0, 1, 2, 3}, 3),
        ("per_option", {3}, 0),
        ("per_option", set(), 0),
    ],
)
def test_score_of_a_multiple_choice(scoring: str, given_: set[int], expected: int) -> None:
    assert score_response("multiple", scoring, 6, 4, frozenset({0, 1, 2}), given_) == expected


@given(
    st.sampled_from(CHOICES), st.sampled_from(list(Scoring)), st.integers(1, 100), POSITIONS.filter(bool), POSITIONS
)
def test_score_lies_between_nothing_and_all(
    form: Form, scoring: Scoring, points: int, key: frozenset[int], given_: frozenset[int]
) -> None:
    got = score_response(form, scoring, points, 5, key, given_)
    assert 0 <= got <= points
    assert (got == points) == (given_ == key)
    assert score_response(form, scoring, points, 5, key, key) == points


@given(st.integers(1, 100), POSITIONS.filter(lambda key: len(key) > 1), st.data())
def test_one_more_right_option_never_costs(points: int, key: frozenset[int], data: st.DataObject) -> None:
    chosen = frozenset(data.draw(st.sets(st.sampled_from(sorted(key)), min_size=1)))
    for more in key - chosen:
        for scoring in Scoring:
            before = score_response("multiple", scoring, points, 5, key, chosen)
            assert score_response("multiple", scoring, points, 5, key, chosen | {more}) >= before


FILL_IN = FillIn(ItemSpec(1, "fill_in", "____ ____ ____", (), (), accepted=(("甲",), ("12", "一打"), ("5%",))))
NUMERIC = Numeric(ItemSpec(1, "numeric", "?", (), (), accepted=(("3.14", "1%"),)))
MATCHING = Matching(ItemSpec(1, "matching", "?", ("a", "b", "c"), (2, 0, 2), matches=("x", "y", "z", "w")))
ORDERING = Ordering(ItemSpec(1, "ordering", "?", ("a", "b", "c", "d", "e"), (4, 0, 1, 2, 3)))
WRITTEN = (0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("item", "given_", "expected"),
    [
        # (all or nothing, part marks, per option) of 10 points
        (FILL_IN, ("甲", "十二", "百分之五"), (10, 10, 10)),
        (FILL_IN, ("甲", "一打", ""), (0, 6, 6)),
        (FILL_IN, ("甲", "一打", "5"), (0, 6, 3)),
        (FILL_IN, ("乙", "", ""), (0, 0, 0)),
        (NUMERIC, ("3.14",), (10, 10, 10)),
        (NUMERIC, ("3.1714",), (10, 10, 10)),
        (NUMERIC, ("3.1715",), (0, 0, 0)),
        (NUMERIC, ("三点一四",), (10, 10, 10)),
        (MATCHING, (2, 0, 2), (10, 10, 10)),
        (MATCHING, (2, 0, -1), (0, 6, 6)),
        (MATCHING, (2, 0, 1), (0, 6, 3)),
        (MATCHING, (-1, -1, 1), (0, 0, 0)),
        (ORDERING, (4, 0, 1, 2, 3), (10, 10, 10)),
        (ORDERING, (0, 1, 2, 3, 4), (0, 8, 0)),
        (ORDERING, (4, 0, 1, 3, 2), (0, 6, 2)),
        (ORDERING, (3, 2, 1, 0, 4), (0, 0, 0)),
    ],
)
def test_score_of_the_other_forms(item: PlayedForm, given_: Answered, expected: tuple[int, int, int]) -> None:
    assert tuple(score_parts(item, scoring, 10, WRITTEN, given_) for scoring in Scoring) == expected


def test_score_reads_positions_as_they_are_shown() -> None:
    order = (3, 0, 2, 1)  # of the matches: w x z y
    assert score_parts(MATCHING, "all_or_nothing", 10, order, (2, 1, 2)) == 10
    assert MATCHING.right(order) == {"key": [2, 1, 2]}
    order = (2, 4, 0, 3, 1)  # of the options: c e a d b
    assert score_parts(ORDERING, "all_or_nothing", 10, order, (1, 2, 4, 0, 3)) == 10
    assert ORDERING.right(order) == {"key": [1, 2, 4, 0, 3]}


@given(
    st.sampled_from(list(Scoring)),
    st.integers(1, 100),
    st.permutations(range(5)),
    st.permutations(range(5)),
)
def test_an_order_earns_all_only_if_it_is_right(
    scoring: Scoring, points: int, order: list[int], given_: list[int]
) -> None:
    got = score_parts(ORDERING, scoring, points, tuple(order), given_)
    assert 0 <= got <= points
    assert (got == points) == (given_ == ORDERING.right(tuple(order))["key"])


@given(st.sampled_from(list(Scoring)), st.integers(1, 100), st.lists(st.integers(-1, 3), min_size=3, max_size=3))
def test_one_more_right_pair_never_costs(scoring: Scoring, points: int, given_: list[int]) -> None:
    got = score_parts(MATCHING, scoring, points, WRITTEN, given_)
    assert 0 <= got <= points
    for part, right in enumerate((2, 0, 2)):
        better = [*given_[:part], right, *given_[part + 1 :]]
        assert score_parts(MATCHING, scoring, points, WRITTEN, better) >= got
