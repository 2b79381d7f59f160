"""The two-parameter logistic model, fitted by marginal maximum likelihood.

    P(right | θ) = 1 / (1 + exp(-a (θ - b))),   θ ~ N(0, 1)

a is how sharply an item tells strong from weak, b how hard it is. Papers differ, so most answers are missing, by
design and by chance: they are left out of the likelihood, which such missing answers allow (Rubin, 1976, Inference
and missing data, Biometrika 63).

Fitted by the EM algorithm of Bock & Aitkin (1981, Marginal maximum likelihood estimation of item parameters,
Psychometrika 46) over 41 equally spaced nodes from -5 to 5, in slope and intercept (d = -a b). Weak priors keep
items with few answers in bounds: log a ~ N(0, 0.5²) as in BILOG-MG, d ~ N(0, 3²); with hundreds of answers they do
not tell. a stays within 0.05 and 5, so that an item that tells nothing, or the wrong way round, ends near 0: its
classical discrimination says which.

Standard errors come from the information of the observed data by its cross products: the sum over people of the
outer product of their scores (Louis, 1982, JRSS B 44; for this model Bock & Lieberman, 1970), prior included; that
of b by the delta method. Up to 300 items the whole matrix is inverted, beyond that the two rows of each item, which
leaves out what items share and makes errors slightly too small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
NODES = 41
WIDEST = 5.0
LEAST_A, MOST_A = 0.05, 5.0
A_SPREAD, D_SPREAD = 0.5, 3.0
FARTHEST_B = 6.0
"""Beyond it an item is so easy or so hard that b says nothing."""

BLOCK_CELLS = 400_000
KEPT_CELLS = 40_000_000
WHOLE_MATRIX_ITEMS = 300
SMALL_CHANGE = 1e-4
MOST_ROUNDS = 300


@dataclass(frozen=True, slots=True)
class Responses:
    """Answers as three equally long columns, ordered by person: who (from 0), which item (from 0), 1 where right."""

    people: int
    items: int
    person: Floats
    item: Floats
    right: Floats


def chosen(people: int, person: Floats, item: Floats, right: Floats, items: Sequence[int]) -> Responses:
    """Return the answers to some items alone, which are counted from 0 in the order given."""
    place = np.full(int(item.max()) + 1, -1)
    place[list(items)] = np.arange(len(items))
    kept = place[item] >= 0
    return Responses(people, len(items), person[kept], place[item[kept]], right[kept])


@dataclass(frozen=True, slots=True)
class Fit:
    """What was estimated, an entry an item. `converged` is false if it still moved after the last round."""

    a: Floats
    b: Floats
    se_a: Floats
    se_b: Floats
    log_likelihood: float
    rounds: int
    converged: bool


def fit_2pl(responses: Responses, *, priors: bool = True, most_rounds: int = MOST_ROUNDS) -> Fit:
    """Return the model fitted to answers. Needs two items or more, each answered rightly and wrongly by somebody."""
    nodes = np.linspace(-WIDEST, WIDEST, NODES)
    weights = np.exp(-nodes * nodes / 2)
    log_weights = np.log(weights / weights.sum())
    data = _Data(responses)
    slope, intercept = np.ones(responses.items), data.first_intercepts()
    converged, rounds = False, 0
    while not converged and rounds < most_rounds:
        rounds += 1
        right, asked, _ = _expect(data, slope, intercept, nodes, log_weights)
        new_slope, new_intercept = _maximise(right, asked, slope, intercept, nodes, priors)
        moved = max(np.abs(new_slope - slope).max(), np.abs(new_intercept - intercept).max())
        slope, intercept = new_slope, new_intercept
        converged = bool(moved < SMALL_CHANGE)
    _, _, likelihood = _expect(data, slope, intercept, nodes, log_weights)
    covariance = _covariance(data, slope, intercept, nodes, log_weights, priors)
    b = -intercept / slope
    var_a, var_d, both = covariance
    var_b = (var_d + b * b * var_a + 2 * b * both) / (slope * slope)
    with np.errstate(invalid="ignore"):
        return Fit(slope, b, np.sqrt(var_a), np.sqrt(var_b), likelihood, rounds, converged)


class _Data:
    """Answers as blocks of people: which items they got right and which they were asked, as ones and zeros.

    The second is None where everybody was asked everything.
    """

    def __init__(self, responses: Responses) -> None:
        self.responses = responses
        self.rows = max(1, BLOCK_CELLS // max(responses.items, 1))
        self._starts = np.searchsorted(responses.person, np.arange(0, responses.people + self.rows, self.rows))
        self.complete = len(responses.person) == responses.people * responses.items
        keeps = responses.people * responses.items <= KEPT_CELLS
        self._kept = list(self._make()) if keeps else None

    def blocks(self) -> Iterator[tuple[Floats, Floats | None]]:
        return iter(self._kept) if self._kept is not None else self._make()

    def _make(self) -> Iterator[tuple[Floats, Floats | None]]:
        one = self.responses
        for at in range(0, one.people, self.rows):
            size = min(self.rows, one.people - at)
            low, high = self._starts[at // self.rows], self._starts[at // self.rows + 1]
            person, item = one.person[low:high] - at, one.item[low:high]
            right = np.zeros((size, one.items), dtype=np.float32)
            right[person, item] = one.right[low:high]
            if self.complete:
                yield right, None
                continue
            asked = np.zeros((size, one.items), dtype=np.float32)
            asked[person, item] = 1
            yield right, asked

    def first_intercepts(self) -> Floats:
        """Return logits of how many got each item right, spread as by a slope of 1."""
        one = self.responses
        asked = np.bincount(one.item, minlength=one.items)
        right = np.bincount(one.item, weights=one.right, minlength=one.items)
        share = (right + 0.5) / (asked + 1)
        return 1.2 * np.log(share / (1 - share))


def _curves(slope: Floats, intercept: Floats, nodes: Floats) -> tuple[Floats, Floats]:
    """Return the logit at each node, and the logarithm of the chance to be wrong there."""
    logit = nodes[:, None] * slope + intercept
    return logit, -np.logaddexp(0, logit)


def _posterior(
    right: Floats, asked: Floats | None, logit: Floats, log_wrong: Floats, log_weights: Floats
) -> tuple[Floats, float]:
    """Return each person's weight on each node, and the block's log-likelihood."""
    weights = right @ logit.T.astype(np.float32)
    if asked is None:
        weights += (log_weights + log_wrong.sum(axis=1)).astype(np.float32)
    else:
        weights += asked @ log_wrong.T.astype(np.float32)
        weights += log_weights.astype(np.float32)
    highest = weights.max(axis=1, keepdims=True)
    np.exp(weights - highest, out=weights)
    total = weights.sum(axis=1, keepdims=True)
    weights /= total
    return weights, float((highest + np.log(total)).sum(dtype=np.float64))


def _expect(
    data: _Data, slope: Floats, intercept: Floats, nodes: Floats, log_weights: Floats
) -> tuple[Floats, Floats, float]:
    """Return how many right and how many asked are expected at each node, by item, and the log-likelihood."""
    logit, log_wrong = _curves(slope, intercept, nodes)
    right_at = np.zeros((len(nodes), data.responses.items))
    asked_at = np.zeros_like(right_at)
    likelihood = 0.0
    for right, asked in data.blocks():
        weights, part = _posterior(right, asked, logit, log_wrong, log_weights)
        right_at += weights.T @ right
        asked_at += weights.sum(axis=0)[:, None] if asked is None else weights.T @ asked
        likelihood += part
    return right_at, asked_at, likelihood


def _maximise(
    right: Floats, asked: Floats, slope: Floats, intercept: Floats, nodes: Floats, priors: bool
) -> tuple[Floats, Floats]:
    """Return the best slope and intercept of each item for what is expected: Newton's steps on log a and d."""
    log_a, d = np.log(slope), intercept.copy()
    for _ in range(6):
        a = np.exp(log_a)
        chance = 1 / (1 + np.exp(-(nodes[:, None] * a + d)))
        left = right - asked * chance
        spread = asked * chance * (1 - chance)
        along = nodes[:, None] * a
        g_a, g_d = (left * along).sum(axis=0), left.sum(axis=0)
        h_aa, h_ad, h_dd = (spread * along**2).sum(axis=0), (spread * along).sum(axis=0), spread.sum(axis=0)
        if priors:
            g_a, h_aa = g_a - log_a / A_SPREAD**2, h_aa + 1 / A_SPREAD**2
            g_d, h_dd = g_d - d / D_SPREAD**2, h_dd + 1 / D_SPREAD**2
        h_aa, h_dd = h_aa + 1e-9, h_dd + 1e-9
        determinant = h_aa * h_dd - h_ad**2
        step_a = np.clip((h_dd * g_a - h_ad * g_d) / determinant, -0.5, 0.5)
        step_d = np.clip((h_aa * g_d - h_ad * g_a) / determinant, -1.0, 1.0)
        log_a = np.clip(log_a + step_a, np.log(LEAST_A), np.log(MOST_A))
        d = d + step_d
        if max(np.abs(step_a).max(), np.abs(step_d).max()) < 1e-6:
            break
    return np.exp(log_a), d


def _covariance(
    data: _Data, slope: Floats, intercept: Floats, nodes: Floats, log_weights: Floats, priors: bool
) -> tuple[Floats, Floats, Floats]:
    """Return the variances of a and d and their covariance, by item."""
    count = data.responses.items
    logit, log_wrong = _curves(slope, intercept, nodes)
    chance = np.exp(logit + log_wrong).astype(np.float32)
    chance_nodes = (chance * nodes[:, None]).astype(np.float32)
    whole = count <= WHOLE_MATRIX_ITEMS
    information = np.zeros((2 * count, 2 * count)) if whole else np.zeros((3, count))
    for right, asked in data.blocks():
        weights, _ = _posterior(right, asked, logit, log_wrong, log_weights)
        place = (weights @ nodes.astype(np.float32))[:, None]
        by_a, by_d = weights @ chance_nodes, weights @ chance
        if asked is not None:
            by_a, by_d = by_a * asked, by_d * asked
        by_a, by_d = right * place - by_a, right - by_d
        if whole:
            scores = np.concatenate([by_a, by_d], axis=1)
            information += scores.T @ scores
        else:
            information += np.stack([(by_a**2).sum(axis=0), (by_d**2).sum(axis=0), (by_a * by_d).sum(axis=0)])
    prior_a = 1 / (A_SPREAD**2 * slope**2) if priors else np.zeros(count)
    prior_d = np.full(count, 1 / D_SPREAD**2 if priors else 0.0)
    if whole:
        information[np.diag_indices(2 * count)] += np.concatenate([prior_a, prior_d])
        inverse = np.linalg.pinv(information, hermitian=True)
        own = np.arange(count)
        return inverse[own, own], inverse[own + count, own + count], inverse[own, own + count]
    aa, dd, ad = information[0] + prior_a, information[1] + prior_d, information[2]
    determinant = aa * dd - ad**2
    return dd / determinant, aa / determinant, -ad / determinant
