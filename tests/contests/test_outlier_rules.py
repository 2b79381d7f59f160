"""Outliers are found where they were planted, and hardly ever where nobody planted any."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from tradeshall.contests.enums import OutlierKind
from tradeshall.contests.rules.outliers import (
    at_least,
    bursts,
    fast_and_high,
    outliers,
    poisson_at_least,
    same_wrong,
)
from tradeshall.engine.rescoring import Answered, Sat

KEYS = dict.fromkeys(range(40), 1)


def a_round(seed: int, units: int = 30, people: int = 20) -> list[Sat]:
    """Everybody by themselves: 20 of 40 items, wrong options of unequal pull, times spread as times are."""
    rng = np.random.default_rng(seed)
    found = []
    for who, unit in enumerate(np.repeat(np.arange(units), people)):
        able = rng.normal(0.75, 0.12)
        answers = []
        for item in sorted(rng.permutation(40)[:20]):
            right = rng.random() < able
            chosen = 1 if right else int(rng.choice([2, 4, 8], p=[0.6, 0.3, 0.1]))
            answers.append(Answered(int(item), 5 * int(right), 5, chosen))
        found.append(
            Sat(
                who + 1,
                1,
                int(unit),
                sum(one.points for one in answers),
                int(1000 * rng.lognormal(5.5, 0.35)),
                int(rng.integers(0, 8 * 3_600_000)),
                answers,
            )
        )
    return found


def test_nothing_is_made_of_chance() -> None:
    """Ten rounds of 600 people each by themselves: hardly anything is found, and never a pair or a burst."""
    found = [one for seed in range(10) for one in outliers(a_round(seed), KEYS)]
    assert [one for one in found if one.kind != OutlierKind.FAST_AND_HIGH] == []
    assert len(found) <= 6


def test_a_copied_paper_is_found() -> None:
    sittings = a_round(1)
    author, other = [one for one in sittings if one.unit == 3][:2]
    wrong = [one._replace(points=0, chosen=(2, 4, 8)[one.item % 3]) for one in author.answers]
    copied = {one.participant: one._replace(answers=wrong, score_points=0) for one in (author, other)}
    found = same_wrong([copied.get(one.participant, one) for one in sittings], KEYS)
    assert [one.participants for one in found] == [tuple(sorted((author.participant, other.participant)))]
    assert found[0].facts["same"] == found[0].facts["shared"]
    assert found[0].unit == 3


def test_the_same_right_answers_say_nothing() -> None:
    """The control: two who get everything right agree in everything, and are not found."""
    sittings = a_round(1)
    best = [
        one._replace(answers=[a._replace(points=5, chosen=1) for a in one.answers], score_points=100)
        for one in sittings[:20]
    ]
    assert same_wrong([*best, *sittings[20:]], KEYS) == []


def test_people_of_different_units_are_not_paired() -> None:
    sittings = a_round(1)
    author = min(sittings, key=lambda one: one.score_points)
    other = next(one for one in sittings if one.unit != author.unit)
    copied = other._replace(answers=list(author.answers), score_points=author.score_points)
    assert same_wrong([copied if one is other else one for one in sittings], KEYS) == []


def test_fast_and_high_is_found_and_fast_and_low_is_not() -> None:
    sittings = a_round(2)
    best = max(sittings, key=lambda one: one.score_points)
    worst = min(sittings, key=lambda one: one.score_points)
    quick = [one._replace(time_used_ms=9_000) if one in (best, worst) else one for one in sittings]
    found = [one for one in fast_and_high(quick) if one.facts["seconds"] == 9.0]
    assert [one.participants for one in found] == [(best.participant,)]
    assert fast_and_high(quick[:20]) == []  # too few to know what is usual


def test_a_burst_is_found() -> None:
    sittings = a_round(3, people=40)
    able = [one for one in sittings if one.unit == 5 and one.score_points >= 75][:12]
    assert len(able) == 12
    together = [one._replace(finished_at_ms=3_600_123) if one in able else one for one in sittings]
    (found,) = bursts(together)
    assert (found.unit, found.facts["count"], len(found.participants)) == (5, 12, 12)
    assert bursts(sittings) == []


def test_chance_of_unequal_coins_is_exact() -> None:
    chances = [0.2, 0.5, 0.7, 0.1]
    for many in range(6):
        by_hand = sum(
            math.prod(c if fell else 1 - c for c, fell in zip(chances, falls, strict=True))
            for falls in itertools.product((0, 1), repeat=4)
            if sum(falls) >= many
        )
        assert at_least(many, chances) == pytest.approx(by_hand)


def test_chance_of_many_events() -> None:
    by_hand = 1 - sum(math.exp(-2.5) * 2.5**k / math.factorial(k) for k in range(6))
    assert poisson_at_least(6, 2.5) == pytest.approx(by_hand)
    assert 0 < poisson_at_least(60, 2.5) < 1e-12
    assert poisson_at_least(0, 2.5) == 1
