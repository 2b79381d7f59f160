from __future__ import annotations

import threading
import time
from datetime import date
from typing import Any

import pytest
from django.db import connection as database
from django.db import connections
from django.test.utils import CaptureQueriesContext
from tests.factories.people import make_account, make_member
from tests.factories.spreadsheets import csv_file, xlsx_file
from tests.factories.units import make_family, make_federation, make_grant, make_unit

from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.intake.models import ImportRun, StagedRow
from tradeshall.journal.models import Entry
from tradeshall.people.actions import roster
from tradeshall.people.actions.roster import apply_roster, import_roster
from tradeshall.people.formats import TEMPLATE
from tradeshall.people.models import Membership
from tradeshall.units.models import Unit

pytestmark = pytest.mark.django_db

HEADING = "会员号,姓名,手机,邮箱,单位编码,入会日期"


def bring(*lines: str, actor: Any = OPERATOR, heading: str = HEADING, **options: Any) -> ImportRun:
    return import_roster(actor=actor, file=csv_file(heading, *lines), name="roster.csv", **options)


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.added_count, run.changed_count, run.unchanged_count, run.refused_count


def refused(run: ImportRun) -> dict[int, list[tuple[str, str]]]:
    rows = run.rows.filter(verdict="refused")
    return {row.line: [(p["column"], p["code"]) for p in row.problems] for row in rows}


def test_import_roster_adds_once_and_then_changes_nothing() -> None:
    make_unit(code="U1")
    lines = ["M1,徐清蓉,194 0000 0001,,U1,2022-09-18", "M2,文蕊,,a@example.invalid,U1,2016年12月14日"]
    assert counts(bring(*lines)) == (2, 0, 0, 0)
    before = list(Membership.objects.values())
    assert before[0]["phone"] == "19400000001"
    assert before[1]["joined_on"] == date(2016, 12, 14)
    assert counts(bring(*lines)) == (0, 0, 2, 0)
    assert list(Membership.objects.values()) == before
    assert StagedRow.objects.count() == 0


def test_import_roster_corrects_and_moves_and_veils_it_in_the_journal() -> None:
    make_unit(code="U1")
    other = make_unit(code="U2")
    member = make_member(unit=Unit.objects.get(code="U1"), member_no="M1", name="徐清蓉", phone="19400000001")
    assert counts(bring("M1,徐清容,19400000002,,U2,")) == (0, 1, 0, 0)
    member.refresh_from_db()
    assert (member.name, member.phone, member.unit) == ("徐清容", "19400000002", other)
    entry = Entry.objects.get(thing=f"people.membership:{member.pk}")
    assert entry.changes["unit_id"] == ["U1", "U2"]
    assert "19400000001" not in str(entry.changes)
    assert "清" not in str(entry.changes)


def test_import_roster_leaves_what_is_missing_or_empty() -> None:
    unit = make_unit(code="U1")
    kept = make_member(unit=unit, member_no="M1", name="徐", phone="19400000001", email="a@example.invalid")
    absent = make_member(unit=unit)
    assert counts(bring("M1,徐,,,U1,")) == (0, 0, 1, 0)
    assert counts(bring("M1,徐,U1", heading="会员号,姓名,单位编码")) == (0, 0, 1, 0)
    kept.refresh_from_db()
    assert (kept.phone, kept.email) == ("19400000001", "a@example.invalid")
    assert Membership.objects.filter(pk=absent.pk, ended_on=None).exists()


def test_import_roster_refuses_by_row_with_the_reason() -> None:
    unit = make_unit(code="U1")
    make_unit(code="0099")
    make_unit(code="OLD", effective_until=date(2021, 1, 1))
    make_member(unit=unit, member_no="0012")
    make_member(unit=unit, member_no="GONE", ended_on=date(2021, 1, 1))
    run = bring(
        "M1,甲,12,,U1,",
        "M2,乙,,not-mail,U1,",
        "M3,丙,,,NONE,",
        "M4,丁,,,99,",
        "M5,戊,,,OLD,",
        "12,己,,,U1,",
        "GONE,庚,,,U1,",
        "M6,辛,1.94E+10,,U1,",
        "M7,壬,,,U1,9/5/2016",
        "M8,癸,,,U1,2099-01-01",
        ",子,,,U1,",
        "M9,丑,,,U1,2016-01-01",
        "M9,丑,,,U1,2016-01-01",
        "M 10,,,,U1,",
    )
    assert refused(run) == {
        2: [("phone", "people:member:phone_malformed")],
        3: [("email", "people:import:email_malformed")],
        4: [("unit_code", "people:import:no_unit")],
        5: [("unit_code", "units:import:zeros_lost")],
        6: [("unit_code", "units:unit:ended")],
        7: [("member_no", "people:import:zeros_lost")],
        8: [("member_no", "people:import:ended")],
        9: [("phone", "intake:cell:digits_lost")],
        10: [("joined_on", "intake:cell:bad_date")],
        11: [("joined_on", "people:member:joins_in_future")],
        12: [("member_no", "intake:cell:missing")],
        14: [("member_no", "people:import:number_twice")],
        15: [("name", "intake:cell:missing")],
    }
    assert (run.state, run.added_count) == ("staged", 1)
    assert not Membership.objects.filter(member_no="M9").exists()


def test_import_roster_takes_what_excel_did_to_phones_and_days() -> None:
    make_unit(code="U1")
    rows = [
        ["某某工会会员名册"],
        ["姓名", "会员号", "手机号码", "单位编码", "入会时间", "备注"],
        ["甲", "ＨＣ００１", 19400000001, "U1", "2016年9月5日", "x"],
        ["乙", 20240001, ("", "<v>1.9400000002E10</v>"), "u1 ".upper(), 42618, None],
        ["丙", "HC003", "+86 194-0000-0003", "U1", "2016/9/5", None],
        [None, None, None, None, None, None],
    ]
    run = import_roster(actor=OPERATOR, file=xlsx_file(rows), name="x.xlsx")
    assert counts(run) == (3, 0, 0, 0)
    assert run.ignored_columns == ["备注"]
    found = list(Membership.objects.order_by("phone").values_list("member_no", "phone", "joined_on"))
    day = date(2016, 9, 5)
    assert found == [("HC001", "19400000001", day), ("20240001", "19400000002", day), ("HC003", "19400000003", day)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_templates_are_files_that_can_be_imported(language: str) -> None:
    make_unit(code="HC-E-01")
    run = import_roster(actor=OPERATOR, file=xlsx_file(TEMPLATE[language]), name="template.xlsx")
    assert counts(run) == (2, 0, 0, 0)


def test_import_roster_by_an_organiser_stays_within_the_subtree() -> None:
    family = make_family()
    account = make_account(role=Role.ORGANISER, unit=family["own"])
    theirs = make_member(unit=family["sibling"], member_no="S1", name="别家")
    run = bring(
        f"N1,甲,,,{family['child'].code},",
        f"N2,乙,,,{family['sibling'].code},",
        f"S1,改名,,,{family['own'].code},",
        actor=account,
        skip_refused=True,
    )
    assert refused(run) == {3: [("unit_code", "people:import:no_unit")], 4: [("member_no", "people:import:outside")]}
    theirs.refresh_from_db()
    assert (theirs.name, theirs.unit) == ("别家", family["sibling"])
    assert Membership.objects.filter(member_no="N1").exists()


def test_import_roster_refuses_who_may_not() -> None:
    family = make_family()
    with pytest.raises(Refused, match="people:import:not_yours"):
        bring("N1,甲,,,X,", actor=make_account(role=Role.AUDITOR, unit=family["root"]))
    run = bring(f"N1,甲,,,{family['own'].code},", dry_run=True)
    with pytest.raises(Refused, match="people:import:not_yours"):
        apply_roster(actor=make_account(role=Role.ORGANISER, unit=family["own"]), run=run)


def test_import_roster_cannot_take_over_the_phone_of_a_role_holder() -> None:
    """Whoever can edit the roster could else become an administrator: the phone opens the role."""
    family = make_family()
    boss = make_account(role=Role.ADMINISTRATOR, unit=family["root"])
    make_member(unit=family["own"], member_no="B1", name="管", phone="19400000001", account=boss)
    organiser = make_account(role=Role.ORGANISER, unit=family["own"])
    run = bring(f"B1,管,19400000009,,{family['own'].code},", actor=organiser)
    assert refused(run) == {2: [("phone", "people:member:phone_of_role_holder")]}
    assert counts(bring(f"B1,管,19400000009,,{family['own'].code},", actor=OPERATOR)) == (0, 1, 0, 0)


@pytest.mark.parametrize("change", ["number taken", "line edited", "unit ended"])
def test_apply_roster_refuses_rows_that_no_longer_fit(change: str) -> None:
    unit = make_unit(code="U1")
    member = make_member(unit=unit, member_no="M1", name="旧名")
    run = bring("M1,新名,,,U1,", "M2,乙,,,U1,", dry_run=True)
    if change == "number taken":
        make_member(unit=unit, member_no="M2")
    elif change == "line edited":
        Membership.objects.filter(pk=member.pk).update(name="别名")
    else:
        Unit.objects.filter(pk=unit.pk).update(effective_until=date(2021, 1, 1))
    before = list(Membership.objects.values())
    with pytest.raises(Refused, match="intake:run:outdated"):
        apply_roster(actor=OPERATOR, run=run)
    assert list(Membership.objects.values()) == before
    run.refresh_from_db()
    assert run.state == "staged"


def test_apply_roster_that_fails_in_the_middle_leaves_everything_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = make_unit(code="U1")
    make_member(unit=unit, member_no="M1", name="旧名")
    run = bring("M1,新名,,,U1,", "M2,乙,,,U1,", dry_run=True)
    before = list(Membership.objects.values())

    def fail(**given: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(roster, "record_changes", fail)
        with pytest.raises(OSError, match="disk"):
            apply_roster(actor=OPERATOR, run=run)
    assert list(Membership.objects.values()) == before
    assert apply_roster(actor=OPERATOR, run=run).state == "applied"
    assert Membership.objects.count() == 2


def test_staging_takes_a_constant_number_of_queries_for_a_batch() -> None:
    make_unit(code="U1")
    bring("M0,甲,,,U1,", dry_run=True)

    def queries(count: int) -> int:
        with CaptureQueriesContext(database) as taken:
            bring(*(f"M{n},甲,,,U1," for n in range(count)), dry_run=True)
        return len(taken)

    assert queries(1) == queries(3) == 8
    assert queries(900) < 8 + 10  # staged rows are inserted in as many statements as SQLite's variables ask for


@pytest.mark.django_db(transaction=True)
def test_others_write_while_a_roster_is_staged() -> None:
    make_federation()
    make_unit(code="U1")
    account = make_account()
    stop, done = threading.Event(), []

    def sign_in() -> None:
        try:
            while not stop.is_set():
                make_grant(account, Role.AUDITOR, campaign_number=f"ZT-{len(done)}")
                done.append(Membership.objects.count())
        finally:
            connections.close_all()

    other = threading.Thread(target=sign_in)
    batches = []

    def after_batch(rows: int) -> None:
        batches.append(rows)
        if len(batches) == 1:
            other.start()
            return
        seen, deadline = len(done), time.monotonic() + 60
        while len(done) == seen and time.monotonic() < deadline:
            time.sleep(0.001)
        assert len(done) > seen, "nobody could write between two batches"

    try:
        run = bring(*(f"M{n},甲,,,U1," for n in range(3_500)), dry_run=True, progress=after_batch)
    finally:
        stop.set()
        other.join()
    assert batches == [1000, 1000, 1000, 500]
    assert set(done) == {0}
    apply_roster(actor=OPERATOR, run=run)
    assert Membership.objects.count() == 3_500
