"""Items come in from spreadsheets and GIFT files, once however often, and a corrected file corrects them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from tests.factories.contests import make_item, make_pool
from tests.factories.people import make_account
from tests.factories.units import make_family

from tradeshall.contests.actions.bank import edit_pool, retire_item
from tradeshall.contests.actions.items import apply_items, import_items
from tradeshall.contests.formats import sheet
from tradeshall.contests.models import Item, Pool
from tradeshall.contests.rules.items import ItemDraft
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.core.spreadsheets import Unreadable, write_csv, write_xlsx
from tradeshall.intake.queries import report_rows
from tradeshall.journal.models import Entry

pytestmark = pytest.mark.django_db

HEADING = ["题型", "题干", "选项A", "选项B", "选项C", "选项D", "答案", "解析", "难度", "标签", "出处"]
SINGLE = [
    "单选",
    "每日工作时间不超过几小时？",
    "六",
    "八",
    "十",
    "十二",
    "B",
    "八小时。",
    "2",
    "劳动法;工时",
    "《劳动法》第三十六条",
]
MULTIPLE = ["多选", "哪些属于必备条款？", "工作内容", "午餐", "劳动报酬", "奖金", "A、C", "", "", "", ""]
TRUTH = ["判断", "国际劳工组织成立于1919年。", "", "", "", "", "√", "", "易", "", ""]


def csv(*rows: list[str], heading: list[str] = HEADING) -> io.BytesIO:
    file = io.BytesIO()
    write_csv([heading, *rows], file)
    file.seek(0)
    return file


def bring(pool: Pool, file: io.BytesIO, name: str = "items.csv", actor: Any = OPERATOR, **options: Any) -> Any:
    return import_items(actor=actor, pool=pool, file=file, name=name, **options)


def counts(run: Any) -> tuple[int, int, int, int]:
    return run.added_count, run.changed_count, run.unchanged_count, run.refused_count


def test_import_of_chinese_headings_reads_every_form() -> None:
    pool = make_pool()
    assert counts(bring(pool, csv(SINGLE, MULTIPLE, TRUTH))) == (3, 0, 0, 0)
    single, multiple, truth = pool.items.order_by("pk")
    assert (single.form, single.key, single.difficulty, single.tags) == ("single", [1], 2, ["劳动法", "工时"])
    assert (single.explanation, single.source) == ("八小时。", "《劳动法》第三十六条")
    assert (multiple.form, multiple.key, multiple.difficulty) == ("multiple", [0, 2], 3)
    assert (truth.form, truth.key, truth.options, truth.difficulty) == ("true_false", [0], ["正确", "错误"], 1)
    assert {item.state for item in (single, multiple, truth)} == {"reviewed"}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_import_takes_the_templates_as_they_are(language: str, write: Any) -> None:
    file = io.BytesIO()
    write(sheet.template_rows(language), file)
    file.seek(0)
    assert counts(bring(make_pool(), file, "template")) == (7, 0, 0, 0)


def test_import_of_the_same_file_twice_changes_nothing() -> None:
    pool = make_pool()
    bring(pool, csv(SINGLE, MULTIPLE, TRUTH))
    before = list(pool.items.order_by("pk").values())
    lines = Entry.objects.filter(verb__startswith="contests:item").count()
    assert counts(bring(pool, csv(TRUTH, SINGLE, MULTIPLE))) == (0, 0, 3, 0)
    assert list(pool.items.order_by("pk").values()) == before
    assert Entry.objects.filter(verb__startswith="contests:item").count() == lines == 3


def test_import_of_a_corrected_file_updates() -> None:
    pool = make_pool()
    bring(pool, csv(SINGLE, MULTIPLE))
    corrected = [*SINGLE]
    corrected[1] = "每日工作时间 不超过几小时?"  # spaces and width make no other item
    corrected[4], corrected[6] = "九", "ｂ"
    assert counts(bring(pool, csv(corrected, MULTIPLE))) == (0, 1, 1, 0)
    item = pool.items.get(form="single")
    assert (item.version, item.options, item.stem) == (2, ["六", "八", "九", "十二"], corrected[1])
    line = Entry.objects.get(verb="contests:item:edit")
    assert line.changes["options"] == [["六", "八", "十", "十二"], ["六", "八", "九", "十二"]]


def test_import_leaves_alone_what_the_file_has_no_column_for() -> None:
    pool = make_pool()
    bring(pool, csv(SINGLE))
    short = [[*SINGLE[:6], "B"]]
    assert counts(bring(pool, csv(*short, heading=HEADING[:7]))) == (0, 0, 1, 0)
    short[0][6] = "A"
    assert counts(bring(pool, csv(*short, heading=HEADING[:7]))) == (0, 1, 0, 0)
    item = pool.items.get()
    assert (item.key, item.difficulty, item.source) == ([0], 2, "《劳动法》第三十六条")


def test_import_refuses_bad_rows_by_column_and_applies_nothing() -> None:
    pool = make_pool()
    bad = [
        ["简答", *SINGLE[1:]],
        ["单选", "", "一", "二", "", "", "A", "", "", "", ""],
        ["单选", "第三行？", "一", "二", "", "", "AB", "", "", "", ""],
        ["单选", "第四行？", "一", "二", "", "", "E", "", "", "", ""],
        ["多选", "第五行？", "一", "二", "", "", "A", "", "", "", ""],
        ["判断", "第六行。", "", "", "", "", "也许", "", "", "", ""],
        ["单选", "第七行？", "一", "", "三", "", "A", "", "", "", ""],
        ["单选", "第八行？", "一", "一", "", "", "A", "", "很高", "", ""],
        ["单选", "第九行？", "一", "二", "", "", "", "", "", "", ""],
        ["单选", "第九行？", "一", "二", "", "", "第一个", "", "", "", ""],
        ["填空", "第十行于____年？", "一", "", "", "", "1919", "", "", "", ""],
    ]
    run = bring(pool, csv(SINGLE, *bad, SINGLE))
    assert counts(run) == (1, 0, 0, 12)
    assert run.state == "staged"
    assert not pool.items.exists()
    problems = [(row.line, p["column"], p["code"]) for row in run.rows.exclude(problems=[]) for p in row.problems]
    assert problems == [
        (3, "form", "contests:item:form_unknown"),
        (4, "stem", "contests:item:stem_empty"),
        (5, "answer", "contests:item:single_needs_one"),
        (6, "answer", "contests:item:key_outside"),
        (7, "answer", "contests:item:multiple_needs_two"),
        (8, "answer", "contests:import:truth_unreadable"),
        (9, "option_b", "contests:item:option_empty"),
        (10, "difficulty", "contests:import:difficulty_unreadable"),
        (10, "option_b", "contests:item:option_twice"),
        (11, "answer", "intake:cell:missing"),
        (12, "answer", "contests:import:key_unreadable"),
        (13, "option_a", "contests:import:options_unused"),
        (14, "stem", "contests:import:twice_in_file"),
    ]
    report = list(report_rows(run))
    assert len(report) == 1 + len(problems)
    assert all(line[3] for line in report)

    with pytest.raises(Refused):
        apply_items(actor=OPERATOR, run=run)
    apply_items(actor=OPERATOR, run=run, skip_refused=True)
    assert pool.items.get().stem == SINGLE[1]


def test_import_dry_run_stages_and_applying_later_writes() -> None:
    pool = make_pool()
    run = bring(pool, csv(SINGLE, MULTIPLE), dry_run=True)
    assert counts(run) == (2, 0, 0, 0)
    assert not pool.items.exists()
    apply_items(actor=OPERATOR, run=run)
    assert pool.items.count() == 2
    with pytest.raises(Refused):
        apply_items(actor=OPERATOR, run=run)


def test_apply_after_the_pool_has_changed_is_refused_as_a_whole() -> None:
    pool = make_pool()
    bring(pool, csv(SINGLE))
    corrected = [*SINGLE]
    corrected[6] = "A"
    changed = bring(pool, csv(MULTIPLE, corrected), dry_run=True)
    added = bring(pool, csv(TRUTH), dry_run=True)
    item = pool.items.get()
    Item.objects.filter(pk=item.pk).update(version=7)
    bring(pool, csv(TRUTH), "another.csv")
    for run in (changed, added):
        with pytest.raises(Refused) as refused:
            apply_items(actor=OPERATOR, run=run)
        assert refused.value.refusals[0].code == "intake:run:outdated"
    assert pool.items.count() == 2  # the multiple choice before the conflict is not there either


def test_import_by_who_may_not_review_makes_drafts_and_reopens() -> None:
    pool = make_pool()
    editor = make_account(role=Role.ITEM_EDITOR, unit=pool.unit)
    bring(pool, csv(SINGLE))
    corrected = [*SINGLE]
    corrected[6] = "A"
    bring(pool, csv(corrected, MULTIPLE), actor=editor)
    assert set(pool.items.values_list("form", "state")) == {("single", "draft"), ("multiple", "draft")}


def test_import_keeps_a_retired_item_retired() -> None:
    pool = make_pool()
    bring(pool, csv(SINGLE))
    retire_item(actor=OPERATOR, item=pool.items.get())
    assert counts(bring(pool, csv(SINGLE))) == (0, 0, 1, 0)
    assert pool.items.get().state == "retired"


def test_import_into_a_pool_that_is_not_ones_own_is_refused() -> None:
    family = make_family()
    pool = make_pool(unit=family["own"])
    for stranger in (
        make_account(role=Role.ITEM_EDITOR, unit=family["sibling"]),
        make_account(role=Role.AUDITOR, unit=family["own"]),
    ):
        with pytest.raises(Refused) as refused:
            bring(pool, csv(SINGLE), actor=stranger)
        assert refused.value.refusals[0].code == "core:authority:denied"
        run = bring(pool, csv(SINGLE), dry_run=True)
        with pytest.raises(Refused):
            apply_items(actor=stranger, run=run)


def test_import_of_gift_by_its_name_or_by_request() -> None:
    text = b"// source: Treaty of Versailles\nFounded? {=1919 ~1945}\n\nMatch {}\n\nTrue? {T}\n"
    pool = make_pool()
    run = bring(pool, io.BytesIO(text), "bank.gift", skip_refused=True)
    assert counts(run) == (2, 0, 0, 1)
    (refused,) = run.rows.all()
    assert (refused.line, refused.problems[0]["code"]) == (4, "contests:gift:essay")
    assert pool.items.get(form="single").source == "Treaty of Versailles"
    assert counts(bring(pool, io.BytesIO(text), "bank", format="gift", dry_run=True)) == (0, 0, 2, 1)
    assert counts(bring(pool, io.BytesIO(text), "bank.txt", dry_run=True)) == (0, 0, 2, 1)
    without_source = text.split(b"\n", 1)[1]
    assert counts(bring(pool, io.BytesIO(without_source), "bank.gift", dry_run=True)) == (0, 0, 2, 1)
    chinese = "第一届大会在哪里？{=华盛顿 ~日内瓦}".encode("gb18030")
    assert counts(bring(pool, io.BytesIO(chinese), "bank.gift")) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.gift", "intake:file:empty"),
        (b" \n", "a.gift", "intake:file:empty"),
        (b"Q {=a ~b\0}", "a.gift", "intake:file:nul"),
        (b"Q\n\xff\xff\xff {=a ~b}", "a.gift", "intake:file:encoding"),
        (b"", "a.csv", "intake:file:empty"),
        ("编码,名称\nHC,总工会".encode(), "a.csv", "intake:file:no_heading"),
        ("题型,题干\n单选,几点".encode(), "a.csv", "intake:file:missing_columns"),
    ],
)
def test_import_of_an_unreadable_file_says_why(content: bytes, name: str, code: str) -> None:
    pool = make_pool()
    options = {"format": "gift"} if name.endswith("gift") else {}
    with pytest.raises(Unreadable) as unreadable:
        bring(pool, io.BytesIO(content), name, **options)
    assert unreadable.value.code == code
    assert not pool.items.exists()


def test_import_of_a_huge_gift_file_is_refused(monkeypatch: Any) -> None:
    from tradeshall.contests.formats import files

    monkeypatch.setattr(files, "MOST_TEXT_BYTES", 100)
    with pytest.raises(Unreadable) as unreadable:
        bring(make_pool(), io.BytesIO(b"Q {=a ~b}\n\n" * 100), "a.gift", format="gift")
    assert unreadable.value.code == "intake:file:too_large"


@pytest.mark.parametrize(
    ("form", "answer", "key"),
    [
        ("single", "b", (1,)),
        ("single", " Ｃ ", (2,)),
        ("multiple", "ABD", (0, 1, 3)),
        ("multiple", "A,C", (0, 2)),
        ("multiple", "a，c；d", (0, 2, 3)),
        ("multiple", "A C", (0, 2)),
        ("multiple", "A和C", (0, 2)),
        ("multiple", "1,3", None),
        ("single", "甲", None),
        ("true_false", "对", (0,)),
        ("true_false", "正确", (0,)),
        ("true_false", "√", (0,)),
        ("true_false", "T", (0,)),
        ("true_false", "TRUE", (0,)),
        ("true_false", "错", (1,)),
        ("true_false", "×", (1,)),
        ("true_false", "F", (1,)),
        ("true_false", "false", (1,)),
        ("true_false", "maybe", None),
    ],
)
def test_key_in_reads_what_people_type(form: str, answer: str, key: tuple[int, ...] | None) -> None:
    assert sheet.key_in(form, answer) == key


def test_item_in_reads_words_for_forms_and_difficulty() -> None:
    draft, problems = sheet.item_in(
        {
            "form": "单项选择题",
            "stem": "几点？",
            "option_a": "一",
            "option_b": "二",
            "answer": "A",
            "difficulty": "较难",
        }
    )
    assert problems == []
    assert draft == ItemDraft("single", "几点？", ("一", "二"), (0,), difficulty=4)


@pytest.mark.parametrize(("rows", "queries"), [(1, 22), (3, 22)])
def test_import_takes_the_same_queries_however_many_rows(
    rows: int, queries: int, django_assert_num_queries: Any
) -> None:
    pool = make_pool()
    lines = [["单选", f"第{n}题？", "一", "二", "", "", "A", "", "", "", ""] for n in range(rows)]
    file = csv(*lines)
    with django_assert_num_queries(queries):
        bring(pool, file)


def test_pool_name_once_in_a_unit() -> None:
    pool = make_pool(name="安全")
    other = make_pool(name="法律")
    with pytest.raises(Refused) as refused:
        edit_pool(actor=OPERATOR, pool=other, name="安全", shared_downward=False)
    assert refused.value.refusals[0].code == "contests:pool:name_taken"
    assert make_item(pool=pool).pool == pool
