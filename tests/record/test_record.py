"""The participation record: written once, counted up the tree."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories.people import make_member
from tests.factories.units import make_family

from tradeshall.core import clock
from tradeshall.people.models import Membership
from tradeshall.record.actions import NewStatement, record_statements
from tradeshall.record.models import Statement
from tradeshall.record.queries import record_of, tallies_by_path, tallies_by_unit
from tradeshall.record.rules import Tally, duration_of, rolled_up, verb_iri


def statement(member: Membership, key: str, verb: str = "completed", **fields: Any) -> NewStatement:
    return NewStatement(
        unit_id=member.unit_id,
        verb=verb,
        object_key="contests.round:1",
        happened_at=clock.now(),
        source="contests",
        source_key=key,
        membership_id=member.pk,
        **fields,
    )


@pytest.mark.django_db
def test_record_statements_twice_records_them_once() -> None:
    member = make_member()
    record_statements([statement(member, "1:1:1", result={"score": {"raw": 5}})])
    record_statements([statement(member, "1:1:1", result={"score": {"raw": 9}}), statement(member, "1:1:2")])
    assert Statement.objects.count() == 2
    assert Statement.objects.get(source_key="1:1:1").result == {"score": {"raw": 5}}
    assert record_of(member).count() == 2


@pytest.mark.django_db
def test_tallies_count_person_times_and_members_up_the_tree() -> None:
    family = make_family()
    first, second = make_member(unit=family["own"]), make_member(unit=family["own"])
    third, other = make_member(unit=family["child"]), make_member(unit=family["stranger"])
    record_statements([statement(first, "a"), statement(first, "b"), statement(second, "c"), statement(third, "d")])
    record_statements([statement(other, "e"), statement(first, "f", verb="attempted")])
    key = "contests.round:1"
    assert tallies_by_unit(key, "completed", family["parent"].path) == {
        family["own"].pk: Tally(3, 2),
        family["child"].pk: Tally(1, 1),
    }
    by_path = tallies_by_path(key, "completed")
    assert by_path[family["root"].path] == Tally(5, 4)
    assert by_path[family["own"].path] == Tally(4, 3)
    assert set(tallies_by_path(key, "completed", family["own"].path)) == {family["own"].path, family["child"].path}


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_tallies_take_one_query_however_many(count: int, django_assert_num_queries: Any) -> None:
    for number in range(count):
        record_statements([statement(make_member(), str(number))])
    with django_assert_num_queries(1):
        assert len(tallies_by_unit("contests.round:1", "completed")) == count


def test_words_of_xapi() -> None:
    assert verb_iri("completed") == "http://adlnet.gov/expapi/verbs/completed"
    assert duration_of(61_255) == "PT61.25S"
    assert duration_of(0) == "PT0.00S"


paths = st.lists(st.integers(1, 3), min_size=1, max_size=4).map(lambda steps: "".join(f"{step}/" for step in steps))


@given(st.lists(st.tuples(paths, st.builds(Tally, st.integers(0, 9), st.integers(0, 9))), max_size=10))
def test_rolled_up_is_the_sum_of_all_beneath(tallies: list[tuple[str, Tally]]) -> None:
    for path, total in rolled_up(tallies).items():
        beneath = [tally for other, tally in tallies if other.startswith(path)]
        assert total == Tally(sum(t.person_times for t in beneath), sum(t.members for t in beneath))
