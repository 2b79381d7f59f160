"""Pools, items and files of items in the console."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories.contests import make_item, make_pool
from tests.factories.people import make_account
from tests.factories.units import make_unit

from tradeshall.contests.enums import ItemState
from tradeshall.contests.models import Item, Pool
from tradeshall.core.authority import Role
from tradeshall.intake.models import ImportRun

pytestmark = pytest.mark.django_db

SINGLE = {
    "item_form": "single",
    "stem": "灭火器指针指向哪里表示正常？",
    "option": ["红区", "绿区", "", "黄区"],
    "right": "1",
    "explanation": "绿区。",
    "difficulty": "2",
    "tags": "消防；现场",
    "source": "《消防法》第十六条",
}
FILE = (
    "题型,题干,选项A,选项B,选项C,选项D,答案,难度\n"
    "单选,新题一？,甲,乙,丙,丁,A,2\n"
    "单选,坏题？,甲,甲,丙,丁,A,2\n"
    "判断,好题。,,,,,对,1\n"
)


@pytest.fixture
def unit() -> Any:
    return make_unit()


def enter(client: Any, role: Role, unit: Any) -> Any:
    client.force_login(make_account(role=role, unit=unit), backend=settings.AUTHENTICATION_BACKENDS[0])
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def organiser(client, unit) -> Any:
    return enter(client, Role.ORGANISER, unit)


def test_a_pool_is_opened_and_shared(organiser, unit):
    organiser.post("/console/pools/new/", {"unit": unit.code, "name": "安全生产", "shared_downward": "on"})

    pool = Pool.objects.get()
    assert (pool.name, pool.unit, pool.shared_downward) == ("安全生产", unit, True)


def test_a_name_that_is_taken_is_refused_beside_its_field(organiser, unit):
    make_pool(unit=unit, name="安全生产")

    answer = organiser.post("/console/pools/new/", {"unit": unit.code, "name": "安全生产"})

    assert answer.status_code == 422
    assert "already has a pool called" in answer.content.decode()


def test_a_pool_cannot_be_opened_in_a_sibling(organiser):
    answer = organiser.post("/console/pools/new/", {"unit": make_unit().code, "name": "安全生产"})

    assert answer.status_code == 422
    assert not Pool.objects.exists()


def test_empty_options_are_left_out_and_the_key_moves_with_them(organiser, unit):
    pool = make_pool(unit=unit)

    organiser.post(f"/console/pools/{pool.pk}/items/new/", {**SINGLE, "right": "3", "action": "save"})

    item = Item.objects.get()
    assert (item.options, item.key, item.tags) == (["红区", "绿区", "黄区"], [2], ["消防", "现场"])


def test_a_right_mark_on_an_empty_option_is_refused(organiser, unit):
    pool = make_pool(unit=unit)

    answer = organiser.post(f"/console/pools/{pool.pk}/items/new/", {**SINGLE, "right": "2", "action": "save"})

    assert answer.status_code == 422
    assert not Item.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"right": []}, "Say which option is right."),
        ({"stem": ""}, "Enter “Question”."),
        ({"option": ["红区", "红区"], "right": "0"}, "says the same as option"),
        ({"item_form": "multiple"}, "A multiple choice needs two right options or more."),
    ],
)
def test_a_refused_item_keeps_what_was_typed(changes, sentence, organiser, unit):
    pool = make_pool(unit=unit)

    answer = organiser.post(f"/console/pools/{pool.pk}/items/new/", {**SINGLE, "action": "save", **changes})

    body = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in body
    assert "《消防法》第十六条" in body
    assert "红区" in body


def test_switching_the_form_keeps_what_was_typed_and_stores_nothing(organiser, unit):
    pool = make_pool(unit=unit)
    url = f"/console/pools/{pool.pk}/items/new/"

    multiple = organiser.post(url, {**SINGLE, "action": "switch multiple"})
    true_false = organiser.post(url, {**SINGLE, "action": "switch true_false"})
    more = organiser.post(url, {**SINGLE, "action": "more"})

    assert {answer.status_code for answer in (multiple, true_false, more)} == {200}
    assert len(re.findall(r'type="checkbox"\s+name="right"', multiple.content.decode())) == 4
    assert "绿区" in multiple.content.decode()
    assert true_false.content.decode().count('name="right"') == 2
    assert more.content.decode().count('name="option"') == 5
    assert not Item.objects.exists()


def test_a_true_or_false_item_has_its_two_options(organiser, unit):
    pool = make_pool(unit=unit)

    organiser.post(
        f"/console/pools/{pool.pk}/items/new/",
        {
            "item_form": "true_false",
            "stem": "高处作业要系安全带。",
            "right": "0",
            "difficulty": "1",
            "action": "save",
        },
    )

    item = Item.objects.get()
    assert (item.options, item.key) == (["正确", "错误"], [0])


def test_an_edit_by_somebody_else_is_noticed(organiser, unit):
    item = make_item(pool=make_pool(unit=unit))
    url = f"/console/items/{item.pk}/edit/"
    seen = re.search(r'name="seen" value="(\w+)"', organiser.get(url).content.decode())[1]  # type: ignore[index]
    organiser.post(url, {**SINGLE, "seen": seen, "action": "save"})

    answer = organiser.post(url, {**SINGLE, "stem": "另一个人打的字？", "seen": seen, "action": "save"})

    assert answer.status_code == 422
    assert "Someone else changed this" in answer.content.decode()
    item.refresh_from_db()
    assert item.stem == SINGLE["stem"]


def test_the_preview_is_the_page_it_will_be(organiser, unit):
    item = make_item(pool=make_pool(unit=unit))
    card = re.compile(r'<div class="item-card">.*?</fieldset>', re.DOTALL)
    typed = {
        "item_form": item.form,
        "stem": item.stem,
        "option": item.options,
        "right": [str(position) for position in item.key],
    }

    preview = organiser.post("/console/items/preview/", typed)

    stored = organiser.get(f"/console/items/{item.pk}/")
    assert card.search(preview.content.decode())[0] == card.search(stored.content.decode())[0]  # type: ignore[index]


def test_an_item_editor_drafts_and_an_organiser_reviews(client, unit):
    pool = make_pool(unit=unit)
    enter(client, Role.ITEM_EDITOR, unit)
    client.post(f"/console/pools/{pool.pk}/items/new/", {**SINGLE, "action": "save"})
    item = Item.objects.get()
    assert item.state == ItemState.DRAFT.value
    assert client.post(f"/console/items/{item.pk}/review/").status_code == 404

    enter(client, Role.ORGANISER, unit)
    client.post("/console/items/review/", {"item": [item.pk], "next": "https://example.org/"})

    item.refresh_from_db()
    assert item.state == ItemState.REVIEWED.value


def test_items_of_a_sibling_are_not_reviewed_in_bulk(organiser):
    item = make_item(pool=make_pool(unit=make_unit()))
    Item.objects.update(state=ItemState.DRAFT.value)

    organiser.post("/console/items/review/", {"item": [item.pk]})

    item.refresh_from_db()
    assert item.state == ItemState.DRAFT.value


def test_review_goes_back_to_our_own_pages_alone(organiser):
    answer = organiser.post("/console/items/review/", {"item": [], "next": "https://example.org/"})

    assert answer.headers["location"] == "/console/items/"


def test_an_item_is_retired_and_taken_back(organiser, unit):
    item = make_item(pool=make_pool(unit=unit))

    organiser.post(f"/console/items/{item.pk}/retire/")
    item.refresh_from_db()
    retired = item.state
    organiser.post(f"/console/items/{item.pk}/reopen/")
    item.refresh_from_db()

    assert (retired, item.state) == (ItemState.RETIRED.value, ItemState.DRAFT.value)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"甲题？", "乙题。", "Third?"}),
        ("form=true_false", {"乙题。"}),
        ("state=draft", {"Third?"}),
        ("difficulty=5", {"甲题？"}),
        ("tag=消防", {"甲题？"}),
        ("tag=消", set()),
        ("tag=fire", {"Third?"}),
        ("q=乙", {"乙题。"}),
        ("form=nonsense", {"甲题？", "乙题。", "Third?"}),
    ],
)
def test_items_are_narrowed(query, found, organiser, unit):
    pool = make_pool(unit=unit)
    make_item(pool=pool, stem="甲题？", difficulty=5, tags=("消防", "现场"))
    make_item(pool=pool, stem="乙题。", form="true_false", options=(), key=(0,))
    third = make_item(pool=pool, stem="Third?", tags=("fire",))
    Item.objects.filter(pk=third.pk).update(state=ItemState.DRAFT.value)

    for url in ("/console/items/", f"/console/pools/{pool.pk}/"):
        page = organiser.get(f"{url}?{query}").context["page"]
        assert {item.stem for item in page} == found


def test_a_file_is_read_looked_at_and_applied(organiser, unit):
    pool = make_pool(unit=unit)
    upload = SimpleUploadedFile("题.csv", FILE.encode())

    answer = organiser.post(f"/console/pools/{pool.pk}/import/", {"file": upload})

    run = ImportRun.objects.get()
    report = organiser.get(answer.headers["location"]).content.decode()
    assert not Item.objects.exists()
    assert (run.added_count, run.refused_count) == (2, 1)
    assert "says the same as option" in report
    assert f"/console/pools/{pool.pk}/import/" in report
    organiser.post(f"/console/imports/{run.pk}/apply/", {"skip_refused": "yes"})
    assert set(Item.objects.values_list("stem", flat=True)) == {"新题一？", "好题。"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "empty"), ("说明\n第一行\n".encode(), "None of the headings was found"), (b"\xff\xfe\x00\x01", "UTF-16")],
)
def test_an_unreadable_file_is_refused_in_words(content, sentence, organiser, unit):
    pool = make_pool(unit=unit)

    answer = organiser.post(f"/console/pools/{pool.pk}/import/", {"file": SimpleUploadedFile("x.csv", content)})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_templates_can_be_imported_as_they_are(language, ending, organiser, unit):
    pool = make_pool(unit=unit)
    template = organiser.get(f"/console/imports/items/template.{ending}?language={language}")

    organiser.post(
        f"/console/pools/{pool.pk}/import/", {"file": SimpleUploadedFile(f"items.{ending}", template.content)}
    )

    run = ImportRun.objects.get()
    assert run.refused_count == 0
    assert run.added_count >= 3


@pytest.mark.parametrize("number", ["²", "9" * 30, "9" * 5000])
def test_questions_that_cannot_be_are_not_reviewed(organiser, unit, number):
    pool = make_pool(unit=unit)
    assert organiser.post("/console/items/review/", {"item": [number]}).status_code == 302
    answer = organiser.post(f"/console/pools/{pool.pk}/items/new/", SINGLE | {"right": number})
    assert answer.status_code == 422
