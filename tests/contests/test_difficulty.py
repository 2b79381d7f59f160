"""Mean and spread of papers: the formula against every paper there is."""

from __future__ import annotations

from itertools import combinations, product
from random import Random
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.contests import make_item, make_pool, make_round

from tradeshall.contests.queries import difficulty as queries
from tradeshall.contests.queries.rounds import blueprint_of, sample_papers
from tradeshall.contests.rules.difficulty import Drawn, expected, histogram, simulated

shares = st.lists(st.floats(0.1, 1.0), min_size=1, max_size=5)
sections = st.lists(
    shares.flatmap(lambda own: st.builds(Drawn, st.just(own), st.integers(1, len(own)), st.integers(1, 20))),
    min_size=1,
    max_size=2,
)


@given(sections)
def test_the_formula_is_what_all_papers_come_to(drawn: list[Drawn]) -> None:
    papers = [
        sum(one.points * sum(items) for one, items in zip(drawn, chosen, strict=True))
        for chosen in product(*(combinations(one.facilities, one.count) for one in drawn))
    ]
    found = expected(drawn)
    assert found.mean == pytest.approx(fmean(papers))
    assert found.deviation == pytest.approx(pstdev(papers), abs=1e-6)


def test_drawing_with_replacement_would_spread_further() -> None:
    """The control: the factor (N-n)/(N-1) is what keeps the formula true."""
    drawn = [Drawn([0.2, 0.4, 0.6, 0.8], 3, 10)]
    without = expected(drawn).deviation
    assert without < (10**2 * 3 * 0.05) ** 0.5 - 0.5


def test_simulated_papers_lie_around_the_formula() -> None:
    drawn = [Drawn([0.3 + number / 100 for number in range(50)], 10, 5)]
    papers = simulated(drawn, 2000, Random(1))
    found = expected(drawn)
    assert fmean(papers) == pytest.approx(found.mean, abs=0.1)
    assert pstdev(papers) == pytest.approx(found.deviation, rel=0.1)
    bars = histogram(papers)
    assert sum(bar.papers for bar in bars) == 2000
    assert histogram([3.0, 3.0])[0].papers == 2


@pytest.mark.django_db
def test_a_measured_facility_counts_before_the_written_difficulty(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = make_pool()
    items = [make_item(pool=pool, difficulty=3) for _ in range(10)]
    row = make_round(pools=[pool], count=5, published=False)
    blueprint = blueprint_of(row)
    before = queries.outlook_of(blueprint.sections, blueprint.items, row.pk)
    assert before is not None
    assert (before.measured, before.items, before.expected.deviation) == (0, 10, 0)
    assert before.expected.mean == pytest.approx(5 * 5 * 0.65)
    monkeypatch.setattr(queries, "_measured", [])
    queries.add_facility_source(lambda numbers: {items[0].pk: 0.0, items[1].pk: 1.0})
    after = queries.outlook_of(blueprint.sections, blueprint.items, row.pk)
    assert after is not None
    assert after.measured == 2
    assert after.expected.deviation > 0
    assert after == queries.outlook_of(blueprint.sections, blueprint.items, row.pk)  # the same papers each time


@pytest.mark.django_db
def test_a_blueprint_short_of_items_has_no_outlook() -> None:
    row = make_round(pools=[make_pool(items=3)], count=5, published=False)
    blueprint = blueprint_of(row)
    assert queries.outlook_of(blueprint.sections, blueprint.items, row.pk) is None


@pytest.mark.django_db
def test_three_sample_papers_take_as_many_queries_as_one(django_assert_num_queries) -> None:
    row = make_round(published=False)
    for papers in (1, 3):
        with django_assert_num_queries(5):
            found = sample_papers(row, papers)
        assert [len(paper) for paper in found] == [5] * papers
