"""Items of every form from the bank into the pack, and the rows that hold them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.factories.contests import make_pool, make_round
from tests.factories.items import GAPS, NUMBER, OTHER_FORMS

from tradeshall.contests.actions.bank import create_item, draft_of, edit_item
from tradeshall.contests.actions.rounds import publish_round
from tradeshall.contests.enums import RoundState
from tradeshall.contests.models import Item, RoundPack
from tradeshall.contests.rules.items import ItemDraft, Media
from tradeshall.core.authority import OPERATOR
from tradeshall.core.refusal import Refused
from tradeshall.engine.pack import MAX_TYPED_ON_PAPER, SealedPack
from tradeshall.journal.models import Entry

pytestmark = pytest.mark.django_db
PICTURES = (Media("ab" * 32 + ".png", "picture", "标志甲"), Media("cd" * 32 + ".mp3", "sound", "一声长音"))


@pytest.mark.parametrize("draft", OTHER_FORMS, ids=lambda draft: draft.form)
def test_an_item_comes_back_as_it_was_written(draft: ItemDraft) -> None:
    pictured = replace(draft, media=PICTURES)
    item = create_item(actor=OPERATOR, pool=make_pool(), item=pictured)
    assert draft_of(Item.objects.get(pk=item.pk)) == pictured
    assert edit_item(actor=OPERATOR, item=item, draft=pictured).version == 1  # nothing has changed


def test_an_edit_says_in_the_journal_what_became_right() -> None:
    item = create_item(actor=OPERATOR, pool=make_pool(), item=NUMBER)
    edit_item(actor=OPERATOR, item=item, draft=replace(NUMBER, accepted=(("2.998", "0.01"),)))
    changes = Entry.objects.filter(verb="contests:item:edit").get().changes
    assert changes == {"accepted": [[["2.998", "1%"]], [["2.998", "0.01"]]]}


def test_the_same_question_with_another_picture_is_another_item() -> None:
    pool = make_pool()
    create_item(actor=OPERATOR, pool=pool, item=replace(NUMBER, media=PICTURES[:1]))
    create_item(actor=OPERATOR, pool=pool, item=replace(NUMBER, media=PICTURES[1:]))
    with pytest.raises(Refused) as refused:
        create_item(actor=OPERATOR, pool=pool, item=replace(NUMBER, media=PICTURES[:1], explanation="别的"))
    assert [refusal.code for refusal in refused.value.refusals] == ["contests:item:stem_taken"]


def test_a_pack_holds_items_of_every_form() -> None:
    pool = make_pool()
    for draft in OTHER_FORMS:
        create_item(actor=OPERATOR, pool=pool, item=replace(draft, media=PICTURES))
    row = make_round(pools=[pool], unit=pool.unit, count=4, exposure_cap_percent=100)
    packed = {
        item.form: item for item in SealedPack.from_bytes(bytes(RoundPack.objects.get(round=row).sealed)).items()
    }
    for draft in OTHER_FORMS:
        item = packed[draft.form]
        assert (item.options, item.key, item.accepted, item.matches) == (
            draft.options,
            draft.key,
            draft.accepted,
            draft.matches,
        )
        assert item.media == tuple((one.name, one.kind, one.alt) for one in PICTURES)


def test_a_paper_with_too_much_to_type_is_not_published() -> None:
    pool = make_pool()
    gaps = 10
    for number in range(MAX_TYPED_ON_PAPER // gaps + 1):
        stem = f"第{number}题：" + "，".join(["____"] * gaps)
        create_item(actor=OPERATOR, pool=pool, item=replace(GAPS, stem=stem, accepted=(("一",),) * gaps))

    def draft(count: int) -> Any:
        return make_round(pools=[pool], unit=pool.unit, count=count, exposure_cap_percent=100, published=False)

    fits, too_much = draft(15), draft(16)
    with pytest.raises(Refused) as refused:
        publish_round(actor=OPERATOR, round=too_much)
    assert [refusal.code for refusal in refused.value.refusals] == ["contests:blueprint:too_much_to_type"]
    too_much.refresh_from_db()
    assert too_much.state == RoundState.DRAFT
    assert publish_round(actor=OPERATOR, round=fits).state == RoundState.PUBLISHED
