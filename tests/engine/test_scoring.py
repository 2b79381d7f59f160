from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeshall.engine.scoring import score_response
from tradeshall.engine.wire import Form, Scoring

CHOICES = st.frozensets(st.integers(0, 4))


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
    st.sampled_from(list(Form)), st.sampled_from(list(Scoring)), st.integers(1, 100), CHOICES.filter(bool), CHOICES
)
def test_score_lies_between_nothing_and_all(
    form: Form, scoring: Scoring, points: int, key: frozenset[int], given_: frozenset[int]
) -> None:
    got = score_response(form, scoring, points, 5, key, given_)
    assert 0 <= got <= points
    assert (got == points) == (given_ == key)
    assert score_response(form, scoring, points, 5, key, key) == points


@given(st.integers(1, 100), CHOICES.filter(lambda key: len(key) > 1), st.data())
def test_one_more_right_option_never_costs(points: int, key: frozenset[int], data: st.DataObject) -> None:
    chosen = frozenset(data.draw(st.sets(st.sampled_from(sorted(key)), min_size=1)))
    for more in key - chosen:
        for scoring in Scoring:
            before = score_response("multiple", scoring, points, 5, key, chosen)
            assert score_response("multiple", scoring, points, 5, key, chosen | {more}) >= before
