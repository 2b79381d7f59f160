"""The tables of states, and what the documentation draws of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeshall.campaigns.rules import ACTIVITY, CAMPAIGN, number_of, paths_above
from tradeshall.contests.rules.draws import DRAW, WINNER
from tradeshall.contests.rules.items import ITEM
from tradeshall.contests.rules.rounds import ROUND
from tradeshall.core.transitions import Transitions
from tradeshall.web.texts import registered

PACKAGE = Path(__file__).parents[2] / "src" / "tradeshall"
TABLES = [
    ("campaigns", CAMPAIGN),
    ("campaigns", ACTIVITY),
    ("contests", ITEM),
    ("contests", ROUND),
    ("contests", DRAW),
    ("contests", WINNER),
]


@pytest.mark.parametrize(("app", "table"), TABLES, ids=[table.thing for _, table in TABLES])
def test_state_diagram_of_the_readme_is_drawn_from_the_table(app: str, table: Transitions) -> None:
    drawn = re.findall(r"```mermaid\n(.*?)\n```", (PACKAGE / app / "README.md").read_text(), re.DOTALL)
    assert table.diagram() in drawn, f"put this into src/tradeshall/{app}/README.md:\n{table.diagram()}"


@pytest.mark.parametrize("table", [table for _, table in TABLES], ids=lambda table: table.thing)
def test_every_refusal_of_a_table_has_its_sentence(table: Transitions) -> None:
    assert set(table.codes()) <= set(registered())


@pytest.mark.parametrize("table", [table for _, table in TABLES], ids=lambda table: table.thing)
def test_every_state_is_reached_and_every_verb_leads_to_one(table: Transitions) -> None:
    reached = {table.initial}
    for _ in table.arrows:
        reached |= {arrow.target for arrow in table.arrows if arrow.source in reached}
    assert reached == set(table.states())
    for arrow in table.arrows:
        assert table.target(arrow.verb) == arrow.target
        assert arrow.source in table.sources(arrow.verb)
        for state in table.states():
            allowed = any((one.verb, one.source) == (arrow.verb, state) for one in table.arrows)
            assert (table.refuse_unless_possible(arrow.verb, state) is None) is allowed


def test_number_of_has_four_digits_or_more() -> None:
    assert number_of("ZT", 2026, 7) == "ZT-2026-0007"
    assert number_of("JS", 2026, 12345) == "JS-2026-12345"


@given(st.lists(st.integers(1, 99), min_size=1, max_size=20))
def test_paths_above_are_those_that_begin_a_path(steps: list[int]) -> None:
    path = "".join(f"{step}/" for step in steps)
    above = paths_above(path)
    assert above[-1] == path
    assert len(above) == len(steps)
    assert all(path.startswith(one) and one.endswith("/") for one in above)
