"""The 2PL: known truth is found again, published figures are met, and the likelihood is at its top."""

from __future__ import annotations

import numpy as np
import pytest

from tradeshall.contests.rules.irt import Responses, chosen, fit_2pl

LSAT6 = (
    "3 6 2 11 1 1 3 4 1 8 0 16 0 3 2 15 10 29 14 81 3 28 15 80 16 56 21 173 11 61 28 298"  # patterns 00000 to 11111
)
"""1,000 people on section 6 of the Law School Admission Test (Bock & Lieberman, 1970, Psychometrika 35)."""


def responses_of(right: np.ndarray, asked: np.ndarray | None = None) -> Responses:
    asked = np.ones(right.shape, dtype=bool) if asked is None else asked
    person, item = np.nonzero(asked)
    return Responses(*right.shape, person, item, right[person, item].astype(np.float32))


def lsat6() -> np.ndarray:
    return np.array(
        [[int(one) for one in f"{at:05b}"] for at, count in enumerate(map(int, LSAT6.split())) for _ in range(count)]
    )


def simulated(people: int, a: np.ndarray, b: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=(people, 1))
    return (rng.random((people, len(a))) < 1 / (1 + np.exp(-a * (ability - b)))).astype(int)


def test_fit_meets_the_published_figures() -> None:
    """Estimates, errors and likelihood of these data as the R package ltm prints them (Rizopoulos, 2006, Journal of
    Statistical Software 17(5); log-likelihood -2466.65). Its errors come from another matrix: 5 %."""
    assert len(lsat6()) == 1000
    fit = fit_2pl(responses_of(lsat6()), priors=False)
    assert fit.converged
    assert fit.log_likelihood == pytest.approx(-2466.65, abs=0.01)
    assert fit.a == pytest.approx([0.825, 0.723, 0.890, 0.689, 0.657], abs=0.002)
    assert fit.b == pytest.approx([-3.360, -1.370, -0.280, -1.866, -3.124], abs=0.003)
    assert fit.se_a == pytest.approx([0.258, 0.187, 0.233, 0.185, 0.210], rel=0.05)
    assert fit.se_b == pytest.approx([0.867, 0.307, 0.100, 0.434, 0.870], rel=0.05)


def brute_force(right: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """The marginal log-likelihood, person by person, by the trapezium rule on a grid of its own."""
    grid = np.linspace(-8, 8, 1601)
    density = np.exp(-grid * grid / 2) / np.sqrt(2 * np.pi)
    total = 0.0
    for row in right:
        product = np.ones_like(grid)
        for item, value in enumerate(row):
            chance = 1 / (1 + np.exp(-a[item] * (grid - b[item])))
            product *= chance if value else 1 - chance
        total += float(np.log(np.trapezoid(product * density, grid)))
    return total


def test_fit_is_at_the_top_of_the_likelihood() -> None:
    a, b = np.array([0.8, 1.2, 1.6]), np.array([-0.5, 0.0, 0.7])
    right = simulated(400, a, b, 3)
    fit = fit_2pl(responses_of(right), priors=False)
    top = brute_force(right, fit.a, fit.b)
    assert top == pytest.approx(fit.log_likelihood, abs=0.01)
    for item in range(3):
        for values in ("a", "b"):
            for step in (-0.1, 0.1):
                moved = {"a": fit.a.copy(), "b": fit.b.copy()}
                moved[values][item] += step
                assert brute_force(right, moved["a"], moved["b"]) < top


def test_truth_is_found_again_though_papers_differ() -> None:
    """Everybody gets 12 of 40 items by chance. Bias over items is small, and 95 % intervals hold about so often."""
    rng = np.random.default_rng(11)
    a, b = rng.lognormal(0, 0.25, 40), rng.normal(0, 0.8, 40)
    inside_a, inside_b, off_a, off_b = [], [], [], []
    for seed in range(4):
        right = simulated(6000, a, b, seed)
        asked = np.argsort(np.random.default_rng(seed + 100).random(right.shape), axis=1) < 12
        fit = fit_2pl(responses_of(right, asked))
        assert fit.converged
        inside_a.append(np.abs(fit.a - a) < 1.96 * fit.se_a)
        inside_b.append(np.abs(fit.b - b) < 1.96 * fit.se_b)
        off_a.append(fit.a - a)
        off_b.append(fit.b - b)
    assert abs(np.mean(off_a)) < 0.03
    assert abs(np.mean(off_b)) < 0.03
    assert 0.90 <= np.mean(inside_a) <= 0.99
    assert 0.90 <= np.mean(inside_b) <= 0.99


def test_intervals_that_are_half_as_wide_do_not_hold() -> None:
    """The control of the test above: the same check with errors halved."""
    rng = np.random.default_rng(11)
    a, b = rng.lognormal(0, 0.25, 40), rng.normal(0, 0.8, 40)
    fit = fit_2pl(responses_of(simulated(4000, a, b, 1)))
    assert np.mean(np.abs(fit.b - b) < 0.98 * fit.se_b) < 0.85


def test_an_item_the_wrong_way_round_ends_near_zero() -> None:
    right = simulated(3000, np.full(6, 1.2), np.linspace(-1, 1, 6), 5)
    right[:, 2] = 1 - right[:, 2]
    fit = fit_2pl(responses_of(right))
    assert fit.a[2] < 0.1
    assert min(np.delete(fit.a, 2)) > 0.8


def test_items_of_few_answers_stay_in_bounds() -> None:
    right = simulated(60, np.full(5, 1.0), np.linspace(-1, 1, 5), 6)
    right[:, 0] = 1
    right[0, 0] = 0
    fit = fit_2pl(responses_of(right))
    assert np.isfinite(fit.b).all()
    assert np.isfinite(fit.se_b).all()


def test_chosen_counts_items_anew() -> None:
    found = chosen(2, np.array([0, 0, 1]), np.array([0, 2, 1]), np.array([1.0, 0.0, 1.0]), [2, 1])
    assert (found.items, list(found.person), list(found.item), list(found.right)) == (2, [0, 1], [0, 1], [0.0, 1.0])


def test_many_items_go_by_their_own_rows() -> None:
    """Beyond 300 items the matrix is not inverted whole: errors are close to those that are."""
    rng = np.random.default_rng(2)
    a, b = rng.lognormal(0, 0.2, 320), rng.normal(0, 0.7, 320)
    right = simulated(2000, a, b, 9)
    asked = np.argsort(np.random.default_rng(1).random(right.shape), axis=1) < 100
    fit = fit_2pl(responses_of(right, asked), most_rounds=40)
    assert 0.88 <= np.mean(np.abs(fit.b - b) < 1.96 * fit.se_b) <= 0.99
