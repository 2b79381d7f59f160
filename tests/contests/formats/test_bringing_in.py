"""Files of every format through the whole of the import: pictures stored, once however often, notes in the report."""

from __future__ import annotations

import ast
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from PIL import Image
from tests.factories.contests import item_draft, make_item, make_pool
from tests.factories.items import OTHER_FORMS

from tradeshall.contests.actions.bank import create_item, draft_of
from tradeshall.contests.actions.exporting import export_items
from tradeshall.contests.actions.items import apply_items, import_items
from tradeshall.contests.formats import sheet
from tradeshall.contests.formats.files import Format
from tradeshall.contests.models import Pool
from tradeshall.contests.rules.items import Media
from tradeshall.core.authority import OPERATOR
from tradeshall.core.refusal import Refused
from tradeshall.core.spreadsheets import write_csv
from tradeshall.intake.queries import noted_rows, report_rows
from tradeshall.media.actions import store_media
from tradeshall.media.models import Upload
from tradeshall.web.texts import registered

FORMATS = Path(__file__).parents[3] / "src" / "tradeshall" / "contests" / "formats"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


EVERY_FORM = (
    item_draft(tags=("工时", "劳动法")),
    item_draft(form="multiple", key=(0, 2)),
    item_draft(form="true_false", options=(), key=(1,)),
    *OTHER_FORMS,
)


def photograph(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize((60, 40)).save(file, "JPEG", quality=70, comment=colour)
    return file.getvalue()


def counts(run: Any) -> tuple[int, int, int, int]:
    return run.added_count, run.changed_count, run.unchanged_count, run.refused_count


def filled(pool: Pool) -> None:
    """Put an item of every form into a pool, one with a picture."""
    upload = store_media(actor=OPERATOR, unit_path=pool.unit.path, content=photograph())
    for number, draft in enumerate(EVERY_FORM):
        media = (Media(upload.name, upload.kind, "一张照片"),) if number == 6 else ()
        create_item(actor=OPERATOR, pool=pool, item=replace(draft, media=media, difficulty=number % 5 + 1))


@pytest.mark.django_db
@pytest.mark.parametrize("format", list(Format))
def test_an_export_changes_nothing_at_home_and_is_the_same_elsewhere(format: Format) -> None:
    home, elsewhere = make_pool(), make_pool()
    filled(home)
    file = io.BytesIO()
    done = export_items(actor=OPERATOR, pool=home, file=file, format=format, language="zh-hans")
    assert done.count + len(done.left_out) == 7
    run = import_items(actor=OPERATOR, pool=home, file=io.BytesIO(file.getvalue()), name=f"a.{done.ending}")
    assert counts(run) == (0, 0, done.count, 0)
    Upload.objects.all().delete()  # as on another machine: what comes must come out of the file
    if done.count:
        away = import_items(actor=OPERATOR, pool=elsewhere, file=io.BytesIO(file.getvalue()), name=f"a.{done.ending}")
        assert counts(away) == (done.count, 0, 0, 0)
        assert not noted_rows(away).exists()
        left = {one.number for one in done.left_out}
        before = [draft_of(item) for item in home.items.order_by("pk") if item.pk not in left]
        after = [draft_of(item) for item in elsewhere.items.order_by("pk")]
        if format is Format.AIKEN:  # has a place for nothing else
            before = [replace(one, explanation="", difficulty=3, tags=(), source="") for one in before]
        assert after == before
        again = import_items(actor=OPERATOR, pool=elsewhere, file=io.BytesIO(file.getvalue()), name="again")
        assert counts(again) == (0, 0, done.count, 0)


def zipped(table: list[list[str]], **files: bytes) -> io.BytesIO:
    rows = io.BytesIO()
    write_csv(table, rows)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("bank/items.csv", rows.getvalue())
        for name, content in files.items():
            archive.writestr(f"bank/pictures/{name.replace('_', '.')}", content)
    file.seek(0)
    return file


TABLE = [
    ["题型", "题干", "选项A", "选项B", "答案", "素材"],
    ["单选", "这是什么标志？", "禁止吸烟", "注意安全", "A", "sign.jpg|红色圆圈"],
    ["单选", "这又是什么标志？", "禁止吸烟", "注意安全", "B", "gone.jpg|没有"],
    ["单选", "还有这个？", "禁止吸烟", "注意安全", "B", "text.jpg|不是图片"],
    ["单选", "没有说明的？", "禁止吸烟", "注意安全", "B", "sign.jpg"],
]


@pytest.mark.django_db
def test_a_table_brings_its_pictures_in_an_archive() -> None:
    pool = make_pool()
    file = zipped(TABLE, sign_jpg=photograph(), text_jpg=b"<svg/>")
    run = import_items(actor=OPERATOR, pool=pool, file=file, name="bank.zip", skip_refused=True)
    assert counts(run) == (2, 0, 0, 2)
    problems = [(row.line, p["column"], p["code"]) for row in run.rows.exclude(problems=[]) for p in row.problems]
    assert problems == [(3, "media", "contests:file:picture_missing"), (4, "media", "media:file:kind_unknown")]
    with_words, without = pool.items.order_by("pk")
    assert (with_words.media[0]["kind"], with_words.media[0]["alt"]) == ("picture", "红色圆圈")
    assert without.media == [{**with_words.media[0], "alt": "图片"}]
    codes = {note["code"] for row in noted_rows(run) for note in row.notes}
    assert "contests:note:words_missing" in codes
    file.seek(0)
    again = import_items(actor=OPERATOR, pool=pool, file=file, name="bank.zip", skip_refused=True)
    assert counts(again) == (0, 0, 2, 2)


@pytest.mark.django_db
def test_a_table_alone_may_name_what_is_in_the_store() -> None:
    pool = make_pool()
    upload = store_media(actor=OPERATOR, unit_path=pool.unit.path, content=photograph())
    rows = [TABLE[0], [*TABLE[1][:5], f"{upload.name}|红色圆圈"], [*TABLE[2][:5], f"{'0' * 64}.png|没有"]]
    file = io.BytesIO()
    write_csv(rows, file)
    file.seek(0)
    run = import_items(actor=OPERATOR, pool=pool, file=file, name="a.csv", skip_refused=True)
    assert counts(run) == (1, 0, 0, 1)


GIFT = """// the first is like one of the pool, the third like the second
::1::国家实行劳动者每日工作时间不超过几小时的工时制？ {=甲 ~%-50%乙#不对 ~丙 ~丁}

::2::工会经费的来源有哪些？ {=会费 ~税收 ~罚款}

::3::工会经费的来源都有哪些？ {=会费 ~税收 ~罚款}

Essay {}
"""


@pytest.mark.django_db
def test_notes_stand_in_the_report_and_stay_when_the_file_is_applied() -> None:
    pool = make_pool()
    twin = make_item(
        pool=pool, stem="国家实行劳动者每日工作时间不超过几小时的工时制度？", options=("甲", "乙", "丙", "丁")
    )
    run = import_items(actor=OPERATOR, pool=pool, file=io.BytesIO(GIFT.encode()), name="a.gift", dry_run=True)
    assert (run.noted_count, counts(run)) == (2, (3, 0, 0, 1))
    notes = {row.line: [note["code"].rpartition(":")[2] for note in row.notes] for row in noted_rows(run)}
    assert notes == {2: ["negative_marks", "feedback_lost", "like_item"], 6: ["like_line"]}
    with translation.override("en"):
        report = [line[3] for line in report_rows(run)]
    assert len(report) == 1 + 1 + 4
    assert any(f"like question {twin.pk} of this pool" in str(line) for line in report)
    apply_items(actor=OPERATOR, run=run, skip_refused=True)
    assert [row.line for row in noted_rows(run)] == [2, 6]
    assert pool.items.count() == 4


@pytest.mark.django_db
def test_a_format_nobody_knows_is_refused() -> None:
    with pytest.raises(Refused):
        export_items(actor=OPERATOR, pool=make_pool(), file=io.BytesIO(), format="docx")


def codes_in_source() -> set[str]:
    """Return every code a reader may give to a problem or a note, from the calls in the source."""
    found = set()
    for path in FORMATS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            values = [
                a.value for a in ast.walk(node.args[0]) if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ]
            if name == "NotCarried":
                found |= {f"contests:file:{value}" for value in values}
            elif name == "_NotCarried":
                found |= {f"contests:gift:{value}" for value in values}
            elif name == "add" and isinstance(node.func, ast.Attribute) and "notes" in ast.unparse(node.func.value):
                found |= {f"contests:note:{value}" for value in values}
            elif name == "Unreadable":
                found |= set(values)
    return found


def held_in_source() -> set[str]:
    """Return every reason why a format has no words for an item."""
    found = set()
    for path in FORMATS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name == "cannot_hold":
                for one in ast.walk(node):
                    if isinstance(one, ast.Return) and one.value is not None:
                        parts = (
                            [one.value.body, one.value.orelse] if isinstance(one.value, ast.IfExp) else [one.value]
                        )
                        found |= {p.value for p in parts if isinstance(p, ast.Constant) and p.value}
    return found


def test_everything_that_is_refused_noted_or_left_out_has_its_sentence() -> None:
    codes = codes_in_source() | {f"contests:hold:{why}" for why in held_in_source()}
    codes |= {f"contests:note:{lost}" for lost in ("formatting_lost", "table_lost", "link_lost")}
    assert len(codes) > 60
    assert {"contests:file:wildcard", "contests:note:unit_lost", "contests:hold:media"} <= codes
    assert sorted(code for code in codes if code not in registered()) == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_template_shows_every_form(language: str) -> None:
    rows = sheet.template_rows(language)
    forms = {sheet.FORM_WORDS[row[0].casefold()] for row in rows[1:]}
    assert forms == {"single", "multiple", "true_false", "fill_in", "numeric", "matching", "ordering"}
