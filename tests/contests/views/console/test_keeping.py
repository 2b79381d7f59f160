"""Taking a pool away as a file, and looking at questions that are alike."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from tests.factories.contests import make_item, make_pool
from tests.factories.people import make_account
from tests.factories.units import make_family, make_grant

from tradeshall.contests.actions.items import import_items
from tradeshall.contests.models import KeptApart, Pool
from tradeshall.contests.views.console.history import statistics_told
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.journal.models import Entry

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def pool() -> Pool:
    return make_pool(unit=make_family()["own"])


@pytest.fixture
def organiser(pool: Pool) -> Client:
    account = make_account()
    make_grant(account, Role.ORGANISER, pool.unit)
    client = Client(headers=ENGLISH)
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(file, "PNG")
    return file.getvalue()


def url(name: str, pk: int) -> str:
    return reverse(f"contests:console_{name}", args=[pk])


@pytest.mark.parametrize("format", ["xlsx", "csv", "moodle", "qti", "gift", "aiken"])
def test_a_file_is_given_and_changes_nothing_when_it_comes_again(organiser: Client, pool: Pool, format: str) -> None:
    make_item(pool=pool)
    make_item(pool=pool)
    answer = organiser.post(url("pool_export", pool.pk), {"format": format})
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    content = b"".join(answer)
    run = import_items(actor=OPERATOR, pool=pool, file=io.BytesIO(content), name=answer.filename)
    assert (run.added_count, run.changed_count, run.unchanged_count, run.refused_count) == (0, 0, 2, 0)
    entry = Entry.objects.get(verb="contests:pool:export")
    assert entry.changes == {"format": [None, format], "count": [None, 2]}


def test_what_a_format_has_no_words_for_is_said_first(organiser: Client, pool: Pool) -> None:
    make_item(pool=pool)
    left = make_item(pool=pool, form="multiple", key=(0, 1))
    refused = organiser.post(url("pool_export", pool.pk), {"format": "aiken"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert left.stem in page
    assert "nothing but single choice" in page
    assert not Entry.objects.filter(verb="contests:pool:export").exists()
    taken = organiser.post(url("pool_export", pool.pk), {"format": "aiken", "anyway": "yes"})
    assert b"".join(taken).count(b"ANSWER:") == 1


def test_retired_items_stay_behind(organiser: Client, pool: Pool) -> None:
    make_item(pool=pool)
    organiser.post(url("item_retire", make_item(pool=pool).pk))
    content = b"".join(organiser.post(url("pool_export", pool.pk), {"format": "gift"}))
    assert content.count(b"[plain]") == 1


def twins(pool: Pool, count: int = 2) -> list[Any]:
    stems = [
        "国家实行劳动者每日工作时间不超过几小时的工时制度？",
        "国家实行劳动者每日工作时间不超过几小时的工作制度？",
        "国家实行劳动者每日工作时间不得超过几小时的工时制度？",
    ]
    return [make_item(pool=pool, stem=stem) for stem in stems[:count]]


def test_alike_questions_are_shown_until_somebody_keeps_them(organiser: Client, pool: Pool) -> None:
    one, other = twins(pool)
    make_item(pool=pool, stem="工会经费由哪些部分组成？", options=("会费", "拨缴", "补助", "其他"))
    page = organiser.get(url("pool_duplicates", pool.pk)).content.decode()
    assert one.stem in page
    assert other.stem in page
    assert "工会经费" not in page
    organiser.post(url("pool_duplicates", pool.pk), {"action": "keep", "item": [one.pk, other.pk]})
    assert KeptApart.objects.get().first_id == one.pk
    assert one.stem not in organiser.get(url("pool_duplicates", pool.pk)).content.decode()


def test_an_alike_question_is_retired(organiser: Client, pool: Pool) -> None:
    one, other = twins(pool)
    organiser.post(url("pool_duplicates", pool.pk), {"action": "retire", "item": [other.pk]})
    other.refresh_from_db()
    assert other.state == "retired"
    assert one.stem not in organiser.get(url("pool_duplicates", pool.pk)).content.decode()


def test_nothing_of_another_pool_is_decided(organiser: Client, pool: Pool) -> None:
    stranger = twins(make_pool(unit=make_family()["own"]))
    organiser.post(url("pool_duplicates", pool.pk), {"action": "retire", "item": [stranger[0].pk]})
    stranger[0].refresh_from_db()
    assert stranger[0].state == "reviewed"


def test_duplicates_take_the_same_queries_for_two_and_three(
    organiser: Client, django_assert_num_queries: Any
) -> None:
    pools = [make_pool(unit=make_family()["own"]) for _ in range(2)]
    account = make_account()
    for pool in pools:
        make_grant(account, Role.ORGANISER, pool.unit)
    organiser.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    for pool, count in zip(pools, (2, 3), strict=True):
        twins(pool, count)
    organiser.get(url("pool_duplicates", pools[0].pk))
    for pool in pools:
        with django_assert_num_queries(8):
            organiser.get(url("pool_duplicates", pool.pk))


# Pictures in the editor


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def typed(**more: Any) -> dict[str, Any]:
    return {
        "item_form": "single", "stem": "这是什么标志？", "option": ["禁止吸烟", "注意触电"], "right": ["0"],
        "difficulty": "2", "explanation": "", "tags": "", "source": "", "media_shown": "yes",
        "action": "save", **more,
    }  # fmt: skip


def test_a_picture_is_put_under_a_question_without_a_script(organiser: Client, pool: Pool) -> None:
    page = url("item_create", pool.pk)
    file = io.BytesIO(picture())
    file.name = "sign.png"
    shown = organiser.post(page, typed(action="attach", media_file=file, new_words="一个标志"))
    assert shown.status_code == 200
    assert not pool.items.exists()
    media = shown.context["form"].media_rows.answer()
    assert [(one.kind, one.alt) for one in media] == [("picture", "一个标志")]
    assert "禁止吸烟" in shown.content.decode()
    organiser.post(page, typed(medium=media[0].name, medium_words="一个标志"))
    item = pool.items.get()
    assert item.media == [{"name": media[0].name, "kind": "picture", "alt": "一个标志"}]
    edit = url("item_edit", item.pk)
    assert media[0].name in organiser.get(edit).content.decode()
    organiser.post(edit, typed(medium=media[0].name, medium_words="一个标志", medium_gone=media[0].name))
    item.refresh_from_db()
    assert (item.media, item.version) == ([], 2)
    assert item.former_versions.get().content["media"][0]["name"] == media[0].name


def test_a_file_saved_at_once_comes_along(organiser: Client, pool: Pool) -> None:
    file = io.BytesIO(picture())
    file.name = "sign.png"
    organiser.post(url("item_create", pool.pk), typed(media_file=file, new_words="一个标志"))
    assert len(pool.items.get().media) == 1


def test_what_is_no_picture_is_refused_and_nothing_typed_is_lost(organiser: Client, pool: Pool) -> None:
    file = io.BytesIO(b"<svg onload=alert(1)>")
    file.name = "sign.png"
    page = organiser.post(url("item_create", pool.pk), typed(media_file=file)).content.decode()
    assert "Pictures are taken as PNG" in page
    assert "禁止吸烟" in page
    assert not pool.items.exists()


# Sources and history


def test_a_pool_may_ask_for_a_source(organiser: Client, pool: Pool) -> None:
    organiser.post(url("pool_edit", pool.pk), {"name": pool.name, "needs_source": "on"})
    organiser.post(url("item_create", pool.pk), typed())
    item = pool.items.get()
    assert item.state == "draft"
    page = organiser.post(url("item_review", item.pk), follow=True).content.decode()
    assert "asks for a source" in page
    item.refresh_from_db()
    assert item.state == "draft"
    organiser.post(url("item_edit", item.pk), typed(source="GB 2894"))
    organiser.post(url("item_review", item.pk))
    item.refresh_from_db()
    assert item.state == "reviewed"
    organiser.post(url("item_edit", item.pk), typed())
    item.refresh_from_db()
    assert item.state == "draft"


def test_the_page_of_an_item_tells_how_it_read_before(organiser: Client, pool: Pool) -> None:
    item = make_item(pool=pool, stem="旧题干？")
    organiser.post(url("item_edit", item.pk), typed(stem="新题干？", option=["甲", "乙"]))
    page = organiser.get(url("item_show", item.pk)).content.decode()
    assert "旧题干？" in page
    assert "新题干？" in page
    assert "Version 2" in page


def test_an_import_keeps_the_former_version_too(pool: Pool) -> None:
    item = make_item(pool=pool, stem="几小时？", explanation="旧")
    text = "::1::几小时？ {=甲 ~乙 ~丙 ~丁 ####新}"
    run = import_items(actor=OPERATOR, pool=pool, file=io.BytesIO(text.encode()), name="a.gift")
    assert run.changed_count == 1
    former = item.former_versions.get()
    assert (former.version, former.content["explanation"], former.actor) == (1, "旧", "operator")


def test_an_items_page_takes_the_same_queries_for_one_and_three_versions(
    organiser: Client, pool: Pool, django_assert_num_queries: Any
) -> None:
    items = [make_item(pool=pool) for _ in range(2)]
    for item, edits in zip(items, (1, 3), strict=True):
        for number in range(edits):
            organiser.post(url("item_edit", item.pk), typed(stem=f"{item.pk} {number}？"))
    organiser.get(url("item_show", items[0].pk))
    for item in items:
        with django_assert_num_queries(8):
            organiser.get(url("item_show", item.pk))


def test_statistics_are_told_in_figures_people_read() -> None:
    row = SimpleNamespace(round="R", n=1200, exposure=0.25, facility=0.614, discrimination=0.3128)
    none = SimpleNamespace(round="R", n=0, exposure=0.0, facility=None, discrimination=None)
    assert statistics_told([row, none]) == [
        {"round": "R", "n": 1200, "exposure": "25%", "facility": "61%", "discrimination": "0.31"},
        {"round": "R", "n": 0, "exposure": "0%", "facility": "", "discrimination": ""},
    ]


def test_an_item_without_statistics_says_when_they_come(organiser: Client, pool: Pool) -> None:
    page = organiser.get(url("item_show", make_item(pool=pool).pk)).content.decode()
    assert "They come after the first round" in page
