"""Item analysis against figures worked out by hand and by the textbooks' own formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tradeshall.contests.rules.analysis import (
    ItemFigures,
    Share,
    answers_of,
    correlation,
    figures_of_items,
    figures_of_papers,
    flags_of,
    suggested_difficulty,
)
from tradeshall.engine.rescoring import Answered, Sat


def sat(who: int, answers: list[tuple[int, int, int, int]], **fields: int) -> Sat:
    rows = [Answered(*one) for one in answers]
    values = {"unit": 1, "time_used_ms": 60_000, "finished_at_ms": 0, **fields}
    return Sat(
        who,
        1,
        values["unit"],
        sum(row.points for row in rows),
        values["time_used_ms"],
        values["finished_at_ms"],
        rows,
    )


def from_matrix(right: np.ndarray, points: int = 1) -> list[Sat]:
    return [
        sat(who, [(10 + item, points * int(value), points, 1 if value else 2) for item, value in enumerate(row)])
        for who, row in enumerate(right)
    ]


def cronbach(scores: np.ndarray) -> float:
    """The formula as Cronbach (1951) prints it."""
    items = scores.shape[1]
    return items / (items - 1) * (1 - scores.var(axis=0).sum() / scores.sum(axis=1).var())


def ability_matrix(people: int, items: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    ability, hardness = rng.normal(size=(people, 1)), rng.normal(size=items)
    return (rng.random((people, items)) < 1 / (1 + np.exp(hardness - 1.2 * ability))).astype(int)


def test_reliability_of_equal_papers_is_cronbachs_alpha() -> None:
    right = ability_matrix(300, 12, 1)
    found = figures_of_papers(answers_of(from_matrix(right, 5)))
    assert found.same_papers
    assert found.reliability == pytest.approx(cronbach(right * 5), abs=1e-9)
    shares = right.mean(axis=0)
    kr20 = 12 / 11 * (1 - (shares * (1 - shares)).sum() / right.sum(axis=1).var())
    assert found.reliability == pytest.approx(kr20, abs=1e-9)
    assert found.deviation == pytest.approx((right * 5).sum(axis=1).std())
    assert found.measurement_error == pytest.approx(found.deviation * math.sqrt(1 - kr20))


def test_reliability_of_drawn_papers_is_what_two_papers_have_in_common() -> None:
    """The meaning of reliability: the correlation of a paper with another one drawn for the same person."""
    rng = np.random.default_rng(4)
    people, pool, length = 6000, 60, 15
    ability, hardness = rng.normal(size=(people, 1)), rng.normal(size=pool)
    chance = 1 / (1 + np.exp(hardness - 1.2 * ability))
    first, second = rng.random((people, pool)) < chance, rng.random((people, pool)) < chance
    order = np.argsort(rng.random((people, pool)), axis=1)
    rows = [
        sat(who, [(int(item), int(first[who, item]), 1, 1) for item in sorted(order[who, :length])])
        for who in range(people)
    ]
    found = figures_of_papers(answers_of(rows))
    one = np.take_along_axis(first, order[:, :length], 1).sum(axis=1)
    other = np.take_along_axis(second, order[:, length : 2 * length], 1).sum(axis=1)
    assert not found.same_papers
    assert found.reliability == pytest.approx(float(np.corrcoef(one, other)[0, 1]), abs=0.03)


def test_reliability_is_not_told_where_all_score_the_same() -> None:
    found = figures_of_papers(answers_of(from_matrix(np.ones((10, 4), dtype=int))))
    assert (found.reliability, found.measurement_error, found.deviation) == (None, None, 0)


def test_facility_and_discrimination_by_hand() -> None:
    right = np.array([[1, 1, 1], [1, 1, 0], [1, 0, 1], [0, 0, 0], [0, 1, 0]])
    found = {one.number: one for one in figures_of_items(answers_of(from_matrix(right)), {10: 3, 11: 3, 12: 3})}
    assert found[10].facility == pytest.approx(0.6)
    rest = right[:, 1] + right[:, 2]
    assert found[10].discrimination == pytest.approx(np.corrcoef(right[:, 0], rest)[0, 1])
    assert found[10].exposure == 1
    assert [share.all for share in found[10].shares] == [pytest.approx(0.6), pytest.approx(0.4), 0]


def test_an_item_is_not_correlated_with_itself() -> None:
    """The control: with the item left in, even answers by chance seem to tell."""
    rng = np.random.default_rng(0)
    right = rng.integers(0, 2, size=(4000, 4))
    (first, *_) = figures_of_items(answers_of(from_matrix(right)), {})
    assert first.discrimination == pytest.approx(0, abs=0.05)
    assert np.corrcoef(right[:, 0], right.sum(axis=1))[0, 1] > 0.4


def test_groups_are_the_best_and_the_weakest_of_those_who_had_the_item() -> None:
    rows = [sat(who, [(1, int(who >= 50), 1, 1 if who >= 50 else 2), (2, who, 100, -1)]) for who in range(100)]
    rows += [sat(200 + who, [(2, who, 100, -1)]) for who in range(50)]
    found = {one.number: one for one in figures_of_items(answers_of(rows), {1: 2})}
    assert (found[1].n, found[1].exposure) == (100, pytest.approx(100 / 150))
    assert found[1].shares == [Share(0.5, 1.0, 0.0), Share(0.5, 0.0, 1.0)]
    assert found[2].shares == []


def test_omitted_answers_are_counted() -> None:
    rows = [sat(who, [(1, 0, 1, 0 if who < 3 else 2), (2, 1, 1, 1)]) for who in range(10)]
    (first, _) = figures_of_items(answers_of(rows), {1: 2, 2: 2})
    assert first.omitted == pytest.approx(0.3)


def test_correlation_of_what_does_not_vary_cannot_be_told() -> None:
    assert correlation(np.ones(5), np.arange(5.0)) is None
    assert correlation(np.arange(2.0), np.arange(2.0)) is None


def item(**fields: object) -> ItemFigures:
    values = {"number": 1, "n": 500, "exposure": 0.1, "facility": 0.6, "discrimination": 0.35, "omitted": 0.0}
    shares = [Share(0.6, 0.9, 0.3), Share(0.2, 0.05, 0.4), Share(0.2, 0.05, 0.3)]
    return ItemFigures(**{**values, "shares": shares, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "flags"),
    [
        ({}, []),
        ({"n": 49, "discrimination": -1.0}, ["few_answers"]),
        ({"discrimination": -0.1}, ["negative"]),
        ({"discrimination": 0.05}, ["weak"]),
        ({"facility": 0.97}, ["too_easy"]),
        ({"facility": 0.25}, ["guessed"]),
        ({"facility": 0.15}, ["too_hard", "guessed"]),
        ({"shares": [Share(0.6, 0.5, 0.6), Share(0.4, 0.5, 0.3), Share(0.1, 0.0, 0.1)]}, ["better_distractor"]),
        ({"shares": [Share(0.6, 0.9, 0.3), Share(0.4, 0.1, 0.6), Share(0.01, 0.0, 0.02)]}, ["idle_option"]),
        ({"omitted": 0.2}, ["often_omitted"]),
    ],
)
def test_flags(fields: dict[str, object], flags: list[str]) -> None:
    assert flags_of(item(**fields), (0,)) == flags


def test_difficulty_follows_b_then_facility() -> None:
    assert [suggested_difficulty(0.5, b, 100) for b in (-2, -1, 0, 1, 2)] == [1, 2, 3, 4, 5]
    assert [suggested_difficulty(f, None, 100) for f in (0.95, 0.8, 0.6, 0.4, 0.2)] == [1, 2, 3, 4, 5]
    assert suggested_difficulty(0.5, 0.0, 49) is None
    assert suggested_difficulty(None, None, 100) is None
