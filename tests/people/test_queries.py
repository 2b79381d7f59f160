"""Counting members."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories.people import make_member
from tests.factories.units import make_family

from tradeshall.core import clock
from tradeshall.people.queries import count_members_beneath

pytestmark = pytest.mark.django_db


def test_count_members_beneath_counts_each_path_with_all_beneath_it(django_assert_num_queries: Any) -> None:
    family = make_family()
    for side, members in (("own", 2), ("child", 3), ("sibling", 1), ("stranger", 4)):
        for _ in range(members):
            make_member(unit=family[side])
    make_member(unit=family["own"], ended_on=clock.now().date())
    paths = [family[side].path for side in ("own", "child", "sibling", "parent")]

    with django_assert_num_queries(1):
        found = count_members_beneath(paths)

    assert [found[path] for path in paths] == [5, 3, 1, 6]
    assert count_members_beneath([]) == {}
