"""Writing items of the forms beside choices: stored as typed, kept when refused, shown as members see them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from tests.factories.contests import make_pool
from tests.factories.items import GAPS, NUMBER, ORDER, OTHER_FORMS, PAIRS
from tests.factories.people import make_account
from tests.factories.units import make_unit

from tradeshall.contests.actions.bank import create_item, draft_of
from tradeshall.contests.models import Item
from tradeshall.contests.rules.items import ItemDraft, Media
from tradeshall.core.authority import OPERATOR, Role

pytestmark = pytest.mark.django_db

TYPED: dict[str, dict[str, Any]] = {
    "fill_in": {"stem": GAPS.stem, "accepted": ["1919", "日内瓦\r\n瑞士日内瓦\r\n"], "explanation": GAPS.explanation},
    "numeric": {"stem": NUMBER.stem, "value": "2.998", "tolerance": "1%"},
    "matching": {
        "stem": PAIRS.stem,
        "option": ["火警", "急救", "", "报警"],
        "match": ["119", "120", "12333", "110"],
    },
    "ordering": {"stem": ORDER.stem, "option": ["切断电源", "判断意识", "", "呼叫急救", "心肺复苏"]},
}
PICTURE = Media("ab" * 32 + ".png", "picture", "禁止烟火的标志")


@pytest.fixture
def unit() -> Any:
    return make_unit()


@pytest.fixture
def organiser(client: Any, unit: Any) -> Any:
    client.force_login(make_account(role=Role.ORGANISER, unit=unit), backend=settings.AUTHENTICATION_BACKENDS[0])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def typed(form: str, **changes: Any) -> dict[str, Any]:
    return {"item_form": form, "difficulty": "3", "action": "save", **TYPED[form], **changes}


def meant(item: ItemDraft) -> Any:
    """Return what an item says whatever order its texts are kept in."""
    if item.form == "matching":
        pairs = {(text, item.matches[place]) for text, place in zip(item.options, item.key, strict=True)}
        return item.stem, pairs, set(item.matches)
    if item.form == "ordering":
        return item.stem, [item.options[at] for at in item.key]
    return item


@pytest.mark.parametrize("draft", OTHER_FORMS, ids=lambda draft: draft.form)
def test_an_item_is_stored_as_it_is_typed(organiser, unit, draft):
    pool = make_pool(unit=unit)

    answer = organiser.post(f"/console/pools/{pool.pk}/items/new/", typed(draft.form))

    assert answer.status_code == 302, answer.content.decode()
    assert meant(draft_of(Item.objects.get())) == meant(draft)


@pytest.mark.parametrize("draft", OTHER_FORMS, ids=lambda draft: draft.form)
def test_saving_what_the_editor_shows_changes_nothing(organiser, unit, draft):
    item = create_item(actor=OPERATOR, pool=make_pool(unit=unit), item=replace(draft, media=(PICTURE,)))
    url = f"/console/items/{item.pk}/edit/"

    answer = organiser.post(url, {**controls_in(organiser.get(url).content.decode()), "action": "save"})

    assert answer.status_code == 302, answer.content.decode()
    item.refresh_from_db()
    assert item.version == 1
    assert draft_of(item) == replace(draft, media=(PICTURE,))


@pytest.mark.parametrize("form", TYPED)
def test_an_edit_keeps_the_pictures(organiser, unit, form):
    draft = next(draft for draft in OTHER_FORMS if draft.form == form)
    item = create_item(actor=OPERATOR, pool=make_pool(unit=unit), item=replace(draft, media=(PICTURE,)))
    organiser.post(f"/console/items/{item.pk}/edit/", typed(form, source="出处"))
    item.refresh_from_db()
    assert (item.version, item.source, item.media[0]["name"]) == (2, "出处", PICTURE.name)


@pytest.mark.parametrize(
    ("form", "changes", "sentence", "kept"),
    [
        ("fill_in", {"stem": "没有空的题干"}, "Mark each gap in the question", "瑞士日内瓦"),
        ("fill_in", {"accepted": ["1919", " "]}, "Enter what is right in gap 2.", "1919"),
        ("fill_in", {"accepted": ["1919", "日内瓦", "多余"]}, "has 2 gaps, but there are answers for 3", "多余"),
        ("numeric", {"value": ""}, "Enter the right number.", "1%"),
        ("numeric", {"value": "很多"}, "“很多” is not a number.", "1%"),
        ("numeric", {"tolerance": "一点"}, "is not a tolerance", "一点"),
        ("matching", {"match": ["119", "", "12333", "110"]}, "Say for every line what belongs to it.", "12333"),
        ("matching", {"match": ["119", "119", "119", "119"]}, "Enter 2 to 10 things to match with.", "火警"),
        ("ordering", {"option": ["切断电源"]}, "Enter 2 to 8 options.", "切断电源"),
    ],
)
def test_a_refused_item_keeps_what_was_typed(organiser, unit, form, changes, sentence, kept):
    pool = make_pool(unit=unit)

    answer = organiser.post(f"/console/pools/{pool.pk}/items/new/", typed(form, **changes))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert kept in answer.content.decode()
    assert not Item.objects.exists()


@pytest.mark.parametrize("form", TYPED)
def test_every_form_turns_into_every_other_and_keeps_the_question(organiser, unit, form):
    pool = make_pool(unit=unit)
    for other in ("single", "multiple", "true_false", *TYPED):
        answer = organiser.post(f"/console/pools/{pool.pk}/items/new/", typed(form, action=f"switch {other}"))
        assert answer.status_code == 200
        assert TYPED[form]["stem"] in answer.content.decode()
        assert f'name="item_form" value="{other}"' in answer.content.decode()
    more = organiser.post(f"/console/pools/{pool.pk}/items/new/", typed("matching", action="more"))
    assert more.content.decode().count('name="match"') == 5
    assert not Item.objects.exists()


@pytest.mark.parametrize("form", TYPED)
def test_the_preview_is_what_the_item_page_shows(organiser, unit, form):
    last = {"option": ["火警", "急救", "报警", ""], "match": ["119", "120", "110", "12333"]}  # as the editor sorts
    changes = last if form == "matching" else {}
    organiser.post(f"/console/pools/{make_pool(unit=unit).pk}/items/new/", typed(form, **changes))
    item = Item.objects.get()
    card = re.compile(r'<div class="item-card">.*?</fieldset>', re.DOTALL)
    shown = controls_in(organiser.get(f"/console/items/{item.pk}/edit/").content.decode())

    preview = organiser.post("/console/items/preview/", shown).content.decode()

    stored = organiser.get(f"/console/items/{item.pk}/").content.decode()
    assert card.search(preview)[0] == card.search(stored)[0]  # type: ignore[index]
    answer = {"fill_in": 'value="日内瓦"', "numeric": 'value="2.998"', "matching": "selected", "ordering": "selected"}
    assert answer[form] in preview


def test_a_box_comes_with_every_gap_that_is_typed(organiser):
    stem = "____和____和＿＿＿＿"
    boxes = {"item_form": "fill_in", "stem": stem, "accepted": ["一", "二"]}
    beside = organiser.post("/console/items/preview/", boxes).content.decode()
    assert 'hx-swap-oob="true"' in beside
    assert beside.count('name="accepted"') == 3
    same = organiser.post("/console/items/preview/", {**boxes, "accepted": ["一", "二", ""]}).content.decode()
    assert "hx-swap-oob" not in same


def test_a_picture_stands_under_the_question_with_its_words(organiser, unit):
    item = create_item(actor=OPERATOR, pool=make_pool(unit=unit), item=replace(NUMBER, media=(PICTURE,)))
    page = organiser.get(f"/console/items/{item.pk}/").content.decode()
    assert re.search(rf'<img src="[^"]*{PICTURE.name}"\s+alt="禁止烟火的标志"', page)


def test_items_are_found_by_their_form(organiser, unit):
    pool = make_pool(unit=unit)
    for draft in OTHER_FORMS:
        create_item(actor=OPERATOR, pool=pool, item=draft)
    for draft in OTHER_FORMS:
        page = organiser.get(f"/console/pools/{pool.pk}/", {"form": draft.form}).content.decode()
        assert [other.stem[:8] in page for other in OTHER_FORMS].count(True) == 1
        assert draft.stem[:8] in page


def controls_in(page: str) -> dict[str, Any]:
    """Return what a browser would send of the editor, the preview being switched off."""
    page = page.split('<form method="post"\n        class="item-editor"')[1].split('<aside class="beside">')[0]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        named = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if named.get("type") in ("radio", "checkbox") and not re.search(r"\bchecked\b", tag):
            continue
        found.setdefault(named["name"], []).append(named.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', page):
        found.setdefault(name, []).append(text.removeprefix("\n"))
    for name, rest in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        found[name] = re.findall(r'value="([^"]*)"[^>]*selected', rest)
    found.pop("csrfmiddlewaretoken", None)
    return found
