from __future__ import annotations

import io
import threading
import time
from typing import Any

import pytest
from django.db import connection, connections
from tests.factories.people import make_account
from tests.factories.spreadsheets import csv_file, xlsx_file
from tests.factories.units import make_family, make_federation, make_grant, make_unit

from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.core.spreadsheets import Unreadable
from tradeshall.intake.actions import drop_run
from tradeshall.intake.models import ImportRun, StagedRow
from tradeshall.intake.queries import report_rows
from tradeshall.journal.models import Entry, OutboxEvent
from tradeshall.units.actions import imports
from tradeshall.units.actions.imports import apply_units, import_units
from tradeshall.units.actions.tree import move_unit
from tradeshall.units.formats import TEMPLATE
from tradeshall.units.models import Unit
from tradeshall.units.queries import unsound_units

pytestmark = pytest.mark.django_db

HEADING = "编码,名称,上级编码,类型"


def bring(*lines: str, actor: Any = OPERATOR, heading: str = HEADING, **options: Any) -> ImportRun:
    return import_units(actor=actor, file=csv_file(heading, *lines), name="units.csv", **options)


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.added_count, run.changed_count, run.unchanged_count, run.refused_count


def refused(run: ImportRun) -> dict[int, list[str]]:
    return {row.line: [p["code"] for p in row.problems] for row in run.rows.filter(verdict="refused")}


TREE = ["HC-E-01,机械厂工会,HC-E,基层工会", "HC-E,潮东区总工会,HC,地方工会", "HC,海川市总工会,,总工会"]


def test_import_units_adds_rows_in_any_order_once() -> None:
    make_federation()
    assert counts(bring(*TREE)) == (2, 0, 1, 0)
    before = list(Unit.objects.values())
    assert counts(bring(*TREE)) == (0, 0, 3, 0)
    assert list(Unit.objects.values()) == before
    assert unsound_units() == []
    assert Unit.objects.get(code="HC-E-01").depth == 3
    assert StagedRow.objects.count() == 0


def test_import_units_renames_and_moves_whole_subtrees_and_says_so() -> None:
    make_federation()
    bring(*TREE, "HC-W,潮西区总工会,HC,地方工会", "HC-E-01-1,一车间,HC-E-01,工会小组")
    old = Unit.objects.get(code="HC-E-01").path
    OutboxEvent.objects.all().delete()
    run = bring("HC-E-01,重型机械厂工会,HC-W,基层工会")
    assert counts(run) == (0, 1, 0, 0)
    moved = Unit.objects.get(code="HC-E-01")
    assert moved.name == "重型机械厂工会"
    assert Unit.objects.get(code="HC-E-01-1").path.startswith(Unit.objects.get(code="HC-W").path + f"{moved.pk}/")
    assert unsound_units() == []
    entry = Entry.objects.get(thing=f"units.unit:{moved.pk}", verb="units:unit:import_change")
    assert entry.changes == {"name": ["机械厂工会", "重型机械厂工会"], "parent_code": ["HC-E", "HC-W"]}
    event = OutboxEvent.objects.get(name="units.UnitMoved")
    assert event.payload == {"unit_id": moved.pk, "old_path": old, "new_path": moved.path}


def test_import_units_lets_two_units_change_places() -> None:
    make_federation()
    bring("A,甲,HC,地方工会", "B,乙,A,基层工会", "C,丙,B,工会小组")
    bring("A,甲,B,基层工会", "B,乙,HC,地方工会")
    assert unsound_units() == []
    assert Unit.objects.get(code="A").path.startswith(Unit.objects.get(code="B").path)


def test_import_units_leaves_what_is_missing_from_the_file_or_empty_in_it() -> None:
    make_federation()
    bring("A,甲,HC,地方工会,Jia,制造", "B,乙,HC,地方工会,,", heading=HEADING + ",英文名,行业")
    assert counts(bring("A,甲,HC,地方工会,,", heading=HEADING + ",英文名,行业")) == (0, 0, 1, 0)
    unit = Unit.objects.get(code="A")
    assert (unit.name_en, unit.industry) == ("Jia", "制造")
    assert Unit.objects.filter(code="B").exists()


def test_import_units_applies_nothing_when_a_row_is_refused_unless_told_to() -> None:
    make_federation()
    lines = ["A,甲,HC,地方工会", "B,乙,NONE,基层工会", "C,,HC,车间", "D,=1+1,HC,基层工会"]
    run = bring(*lines)
    assert (run.state, counts(run)) == ("staged", (1, 0, 0, 3))
    assert Unit.objects.count() == 1
    assert refused(run) == {
        3: ["units:import:no_parent"],
        4: ["intake:cell:missing", "units:unit:kind_unknown"],
        5: ["intake:cell:formula"],
    }
    with pytest.raises(Refused, match="intake:run:has_refused_rows"):
        apply_units(actor=OPERATOR, run=run)
    assert bring(*lines, skip_refused=True).state == "applied"
    assert set(Unit.objects.values_list("code", flat=True)) == {"HC", "A"}


def test_report_says_where_why_and_what_to_do() -> None:
    make_federation()
    run = bring("B,乙,NONE,基层工会")
    heading, row = list(report_rows(run))
    assert row[:3] == [2, heading[1] and row[1], "NONE"]
    assert row[3]
    assert row[4]


def test_import_units_tells_columns_it_ignored() -> None:
    make_federation()
    assert bring("A,甲,HC,地方工会,x", heading=HEADING + ",备注").ignored_columns == ["备注"]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_templates_are_files_that_can_be_imported(language: str) -> None:
    make_federation()
    run = import_units(actor=OPERATOR, file=xlsx_file(TEMPLATE[language]), name="template.xlsx")
    assert run.refused_count == 0
    assert run.state == "applied"


def test_import_units_with_dry_run_stays_staged_and_is_applied_once() -> None:
    make_federation()
    run = bring("A,甲,HC,地方工会", dry_run=True)
    assert Unit.objects.count() == 1
    apply_units(actor=OPERATOR, run=run)
    assert Unit.objects.count() == 2
    with pytest.raises(Refused, match="intake:run:not_staged"):
        apply_units(actor=OPERATOR, run=run)
    with pytest.raises(Refused, match="intake:run:not_staged"):
        drop_run(actor=OPERATOR, run=run)


def test_apply_units_refuses_rows_that_no_longer_fit() -> None:
    make_federation()
    unit = make_unit(code="A")
    make_unit(code="B")
    run = bring("C,丙,A,工会小组", dry_run=True)
    Unit.objects.filter(pk=unit.pk).update(effective_until="2021-01-01")
    with pytest.raises(Refused, match="intake:run:outdated"):
        apply_units(actor=OPERATOR, run=run)
    run.refresh_from_db()
    assert run.state == "staged"
    assert not Unit.objects.filter(code="C").exists()


def test_apply_units_that_fails_in_the_middle_leaves_everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    make_federation()
    bring("A,甲,HC,地方工会", "B,乙,A,基层工会")
    run = bring("A,改名,HC,地方工会", "C,丙,HC,地方工会", "B,乙,C,基层工会", dry_run=True)
    before, entries = list(Unit.objects.values()), Entry.objects.count()

    def fail(places: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(imports, "store_places", fail)
        with pytest.raises(OSError, match="disk"):
            apply_units(actor=OPERATOR, run=run)
    assert list(Unit.objects.values()) == before
    assert Entry.objects.count() == entries
    assert apply_units(actor=OPERATOR, run=run).state == "applied"
    assert unsound_units() == []


def test_import_units_by_an_administrator_stays_within_the_subtree() -> None:
    family = make_family()
    account = make_account(role=Role.ADMINISTRATOR, unit=family["own"])
    own, sibling = family["own"].code, family["sibling"]
    run = bring(
        f"N1,新组,{own},工会小组",
        f"N2,新组,{sibling.code},工会小组",
        f"{sibling.code},改名,{family['parent'].code},基层工会",
        f"{own},自家改名,{family['parent'].code},基层工会",
        actor=account,
        skip_refused=True,
    )
    assert refused(run) == {3: ["units:import:no_parent"], 4: ["units:import:outside"]}
    assert counts(run) == (1, 1, 0, 2)
    sibling.refresh_from_db()
    assert sibling.name != "改名"
    assert run.unit_path == family["own"].path


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.AUDITOR, Role.ITEM_EDITOR])
def test_import_units_refuses_other_roles(role: Role) -> None:
    family = make_family()
    with pytest.raises(Refused, match="units:import:not_yours"):
        bring("A,甲,HC,地方工会", actor=make_account(role=role, unit=family["root"]))


def test_apply_units_refuses_who_may_not_where_the_run_belongs() -> None:
    family = make_family()
    run = bring(f"N1,新组,{family['own'].code},工会小组", dry_run=True)
    with pytest.raises(Refused, match="units:import:not_yours"):
        apply_units(actor=make_account(role=Role.ADMINISTRATOR, unit=family["own"]), run=run)


def test_import_units_of_a_file_that_breaks_off_stages_nothing() -> None:
    make_federation()
    with pytest.raises(Unreadable):
        import_units(actor=OPERATOR, file=io.BytesIO(f'{HEADING}\nA,甲,HC,地方工会\nB,"乙'.encode()), name="x")
    assert StagedRow.objects.count() == 0
    assert Unit.objects.count() == 1


def test_import_units_before_there_is_a_federation_refuses() -> None:
    with pytest.raises(Refused, match="units:federation:missing"):
        bring("A,甲,HC,地方工会")


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_cannot_make_a_circle() -> None:
    """A goes beneath B while B goes beneath A: one of them is refused, whichever comes second."""
    make_federation()
    first, second = make_unit(code="A"), make_unit(code="B")
    barrier, results = threading.Barrier(2), []

    def go(unit: Unit, parent: Unit) -> None:
        try:
            barrier.wait()
            move_unit(actor=OPERATOR, unit=Unit.objects.get(pk=unit.pk), parent=Unit.objects.get(pk=parent.pk))
            results.append("moved")
        except Refused as refused:
            results.append(refused.refusals[0].code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["moved", "units:unit:beneath_itself"]
    assert unsound_units() == []


@pytest.mark.django_db(transaction=True)
def test_others_read_and_write_while_a_file_is_staged() -> None:
    """Between two batches the one writer's lock of SQLite is free; a writer never waits for the whole staging."""
    make_federation()
    account = make_account()
    stop, waits = threading.Event(), []

    def sign_in() -> None:
        try:
            while not stop.is_set():
                began = time.monotonic()
                make_grant(account, Role.AUDITOR, campaign_number=f"ZT-{len(waits)}")
                assert Unit.objects.count() == 1
                waits.append(time.monotonic() - began)
        finally:
            connections.close_all()

    other = threading.Thread(target=sign_in)
    batches = 0

    def after_batch(rows: int) -> None:
        nonlocal batches
        batches += 1
        if batches == 1:
            other.start()
        else:
            deadline = time.monotonic() + 60
            seen = len(waits)
            while len(waits) == seen and time.monotonic() < deadline:
                time.sleep(0.001)
            assert len(waits) > seen, "nobody could write between two batches"

    try:
        run = bring(*(f"N{n},第{n}组,HC,工会小组" for n in range(4_000)), dry_run=True, progress=after_batch)
    finally:
        stop.set()
        other.join()
    assert run.added_count == 4_000
    assert batches == 4
    assert connection.vendor in ("sqlite", "postgresql")
