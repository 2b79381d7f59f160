"""Pools and items: written by those who may, reviewed, edited without overwriting each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.factories.contests import item_draft, make_item, make_pool
from tests.factories.people import make_account
from tests.factories.units import make_family

from tradeshall.contests.actions.bank import (
    create_item,
    create_pool,
    draft_of,
    edit_item,
    edit_pool,
    reopen_item,
    retire_item,
    review_item,
    review_items,
)
from tradeshall.contests.models import Item, Pool
from tradeshall.contests.queries.bank import (
    items_visible_to,
    pools_usable_in,
    pools_visible_to,
    search_items,
    tags_of,
    with_counts,
)
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.journal.models import Entry

pytestmark = pytest.mark.django_db


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


def test_item_by_who_may_not_review_is_a_draft_until_reviewed() -> None:
    pool = make_pool()
    editor = make_account(role=Role.ITEM_EDITOR, unit=pool.unit)
    organiser = make_account(role=Role.ORGANISER, unit=pool.unit)
    item = create_item(actor=editor, pool=pool, item=item_draft())
    assert item.state == "draft"
    with pytest.raises(Refused) as refused:
        review_item(actor=editor, item=item)
    assert codes(refused) == ["core:authority:denied"]
    assert review_item(actor=organiser, item=item).state == "reviewed"
    assert create_item(actor=organiser, pool=pool, item=item_draft()).state == "reviewed"


def test_edit_gains_a_version_and_reopens_for_who_may_not_review() -> None:
    item = make_item()
    editor = make_account(role=Role.ITEM_EDITOR, unit=item.pool.unit)
    same = edit_item(actor=editor, item=item, draft=draft_of(item))
    assert (same.version, same.state) == (1, "reviewed")
    edited = edit_item(actor=OPERATOR, item=item, draft=replace(draft_of(item), explanation="新的解析"))
    assert (edited.version, edited.state) == (2, "reviewed")
    edited = edit_item(actor=editor, item=edited, draft=replace(draft_of(edited), explanation="又一个"))
    assert (edited.version, edited.state) == (3, "draft")
    line = Entry.objects.filter(verb="contests:item:edit").latest("pk")
    assert line.changes["state"] == ["reviewed", "draft"]


def test_edit_from_a_version_somebody_else_has_changed_is_refused() -> None:
    item = make_item()
    edit_item(actor=OPERATOR, item=item, draft=replace(draft_of(item), explanation="一"))
    stale = Item.objects.select_related("pool__unit").get(pk=item.pk)
    with pytest.raises(Refused) as refused:
        edit_item(actor=OPERATOR, item=stale, draft=replace(draft_of(stale), explanation="二"), version=1)
    assert codes(refused) == ["contests:item:changed_meanwhile"]
    stale.refresh_from_db()
    assert stale.explanation == "一"


def test_same_question_twice_in_a_pool_is_refused() -> None:
    pool = make_pool()
    make_item(pool=pool, stem="几 点？")
    other = make_item(pool=pool, stem="几天？")
    with pytest.raises(Refused) as refused:
        make_item(pool=pool, stem="几点?")
    assert codes(refused) == ["contests:item:stem_taken"]
    with pytest.raises(Refused) as refused:
        edit_item(actor=OPERATOR, item=other, draft=replace(draft_of(other), stem="几点"))
    assert codes(refused) == ["contests:item:stem_taken"]
    assert make_item(stem="几点？").pool != pool


def test_states_go_the_ways_of_the_table() -> None:
    item = make_item()
    with pytest.raises(Refused) as refused:
        review_item(actor=OPERATOR, item=item)
    assert codes(refused) == ["contests:item:cannot_review"]
    assert reopen_item(actor=OPERATOR, item=item).state == "draft"
    assert retire_item(actor=OPERATOR, item=item, reason="law changed").state == "retired"
    assert Entry.objects.get(verb="contests:item:retire").reason == "law changed"
    with pytest.raises(Refused):
        retire_item(actor=OPERATOR, item=item)
    assert reopen_item(actor=OPERATOR, item=item).state == "draft"


def test_review_items_reviews_the_drafts_among_many() -> None:
    pool = make_pool()
    editor = make_account(role=Role.ITEM_EDITOR, unit=pool.unit)
    rows = [create_item(actor=editor, pool=pool, item=item_draft()) for _ in range(3)] + [make_item(pool=pool)]
    assert review_items(actor=OPERATOR, items=rows) == 3
    assert set(pool.items.values_list("state", flat=True)) == {"reviewed"}
    assert review_items(actor=OPERATOR, items=[]) == 0


def test_pools_by_those_who_may_and_shared_downward() -> None:
    family = make_family()
    for stranger in (
        make_account(role=Role.ORGANISER, unit=family["child"]),
        make_account(role=Role.ORGANISER, unit=family["sibling"]),
        make_account(role=Role.AUDITOR, unit=family["own"]),
    ):
        with pytest.raises(Refused):
            create_pool(actor=stranger, unit=family["own"], name="题库")
    organiser = make_account(role=Role.ORGANISER, unit=family["own"])
    own = create_pool(actor=organiser, unit=family["own"], name=" 题库 ")
    assert own.name == "题库"
    for name, code in (("", "name_empty"), ("长" * 81, "name_too_long"), ("题库", "name_taken")):
        with pytest.raises(Refused) as refused:
            create_pool(actor=organiser, unit=family["own"], name=name)
        assert codes(refused) == [f"contests:pool:{code}"]
    shared = make_pool(unit=family["root"])
    kept = make_pool(unit=family["parent"], shared_downward=False)
    assert set(pools_usable_in(family["own"].path)) == {own, shared}
    assert set(pools_usable_in(family["parent"].path)) == {shared, kept}
    assert set(pools_visible_to(organiser)) == {own}
    edit_pool(actor=OPERATOR, pool=kept, name=kept.name, shared_downward=True)
    assert kept in pools_usable_in(family["own"].path)


def test_items_are_found_by_text_form_state_and_tag() -> None:
    pool = make_pool()
    wanted = make_item(pool=pool, stem="安全帽怎么戴？", tags=("安全", "防护"))
    make_item(pool=pool, tags=("历史",))
    rows = items_visible_to(OPERATOR)
    assert list(search_items(rows, text="安全帽")) == [wanted]
    assert not search_items(rows, form="multiple").exists()
    assert search_items(rows, state="reviewed").count() == 2
    assert tags_of(Pool.objects.all()) == ["历史", "安全", "防护"]
    assert not items_visible_to(make_account()).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_pools_with_counts_take_one_query_however_many(count: int, django_assert_num_queries: Any) -> None:
    for _ in range(count):
        make_pool(items=2)
    with django_assert_num_queries(1):
        rows = list(with_counts(pools_visible_to(OPERATOR)))
        assert [(row.unit.name, row.reviewed, row.drafts) for row in rows]
    assert {row.reviewed for row in rows} == {2}
