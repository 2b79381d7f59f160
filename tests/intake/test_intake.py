"""Runs and their reports, whatever the kind of file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation
from tests.factories.people import make_account
from tests.factories.units import make_family

import tradeshall.core.spreadsheets
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.core.spreadsheets import Problem
from tradeshall.intake.actions import BATCH, JudgedRow, apply_run, drop_run, stage_rows
from tradeshall.intake.enums import Verdict
from tradeshall.intake.models import ImportRun, StagedRow
from tradeshall.intake.queries import run_visible_to, runs_visible_to, write_report
from tradeshall.intake.texts import ADVICE, TEXTS
from tradeshall.journal.models import Entry
from tradeshall.units.models import Unit

pytestmark = pytest.mark.django_db


def stage(
    *judged: JudgedRow,
    unit_path: str = "1/",
    actor: object = OPERATOR,
    kind: str = "things",
    target: str = "",
    name: str = "x.csv",
) -> ImportRun:
    return stage_rows(
        actor=actor,  # type: ignore[arg-type]
        kind=kind,
        unit_path=unit_path,
        target=target,
        file_name=name,
        judged=judged,
    )


def a_row(line: int, verdict: Verdict = Verdict.ADDED, *problems: Problem) -> JudgedRow:
    return JudgedRow(line, verdict, {"name": f"第{line}行"}, problems)


def test_stage_rows_counts_verdicts_and_keeps_what_matters() -> None:
    run = stage(a_row(2), a_row(3, Verdict.CHANGED), a_row(4, Verdict.UNCHANGED), a_row(5, Verdict.REFUSED))
    assert (run.added_count, run.changed_count, run.unchanged_count, run.refused_count) == (1, 1, 1, 1)
    assert list(StagedRow.objects.values_list("line", flat=True)) == [2, 3, 5]


def test_stage_rows_that_break_off_leave_no_rows() -> None:
    def judged() -> Iterator[JudgedRow]:
        for line in range(2, BATCH + 10):
            yield a_row(line)
        raise OSError("the file was on a stick that was pulled out")

    with pytest.raises(OSError, match="stick"):
        stage_rows(actor=OPERATOR, kind="things", unit_path="1/", file_name="x", judged=judged())
    assert StagedRow.objects.count() == 0
    assert ImportRun.objects.get().state == "refused"


def test_apply_run_gives_the_accepted_rows_in_order_and_journals_once() -> None:
    run = stage(a_row(3), a_row(2), a_row(4, Verdict.CHANGED), a_row(5, Verdict.REFUSED))
    given: list[int] = []
    apply_run(actor=OPERATOR, run=run, apply=lambda rows: given.extend(row.line for row in rows), skip_refused=True)
    assert given == [2, 3, 4]
    assert list(StagedRow.objects.values_list("line", flat=True)) == [5]
    entry = Entry.objects.get()
    assert (entry.verb, entry.changes["added"]) == ("intake:things:apply", [None, 2])


def test_apply_run_happens_once() -> None:
    run = stage(a_row(2))
    again = ImportRun.objects.get(pk=run.pk)
    apply_run(actor=OPERATOR, run=run, apply=lambda rows: None)
    with pytest.raises(Refused, match="intake:run:not_staged"):
        apply_run(actor=OPERATOR, run=again, apply=lambda rows: pytest.fail("applied twice"))
    with pytest.raises(Refused, match="intake:run:not_staged"):
        drop_run(actor=OPERATOR, run=again)


def test_apply_run_drops_the_earlier_files_it_corrects() -> None:
    refused = a_row(3, Verdict.REFUSED)
    first = stage(a_row(2), refused, name="a first try.csv")
    same_name = stage(a_row(2))
    others = [
        stage(a_row(2), name="another part.csv"),
        stage(a_row(2), refused, actor=make_account()),
        stage(a_row(2), refused, kind="people"),
        stage(a_row(2), refused, target="7"),
        stage(a_row(2), refused, unit_path="1/2/"),
    ]
    run = stage(a_row(2))
    others.append(stage(a_row(2), refused))  # read later
    apply_run(actor=OPERATOR, run=run, apply=lambda rows: None)
    states = dict(ImportRun.objects.values_list("pk", "state"))
    assert (states.pop(first.pk), states.pop(same_name.pk), states.pop(run.pk)) == ("dropped", "dropped", "applied")
    assert states == {one.pk: "staged" for one in others}
    assert list(first.rows.values_list("line", flat=True)) == [3]
    dropped = Entry.objects.filter(verb="intake:things:drop")
    assert [entry.changes for entry in dropped] == [{"corrected_by": [None, run.pk]}] * 2


def test_drop_run_forgets_all_but_the_refused_rows() -> None:
    run = drop_run(actor=OPERATOR, run=stage(a_row(2), a_row(3, Verdict.REFUSED)))
    assert run.state == "dropped"
    assert list(run.rows.values_list("line", flat=True)) == [3]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_report_is_a_spreadsheet_in_the_readers_language(language: str) -> None:
    problem = Problem("name", "intake:cell:bad_date", {"value": "昨天", "day": date(2026, 1, 1)})
    values = {"name": "=" + "长" * 60 + "\n第二行"}
    run = stage(JudgedRow(7, Verdict.REFUSED, values, (problem, Problem("", "intake:cell:missing", {}))))
    file = io.BytesIO()
    with translation.override(language):
        write_report(run, file)
        rows = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"))))
        assert rows[1][3] == str(TEXTS["intake:cell:bad_date"]) % {"value": "昨天"}
        assert rows[1][4] == str(ADVICE["intake:cell:bad_date"])
    assert len(rows) == 3
    assert rows[1][0] == "7"
    assert rows[1][2].startswith("'=长")  # no formula in the report either
    assert len(rows[1][2]) <= 41


def test_runs_are_seen_by_their_maker_and_from_above() -> None:
    family = make_family()
    own: Unit = family["own"]
    maker = make_account()
    run = stage(a_row(2), unit_path=own.path, actor=maker, kind="roster")
    seen = {
        name: run_visible_to(make_account(role=Role.ADMINISTRATOR, unit=unit), run.pk) is not None
        for name, unit in family.items()
    }
    assert seen == {"root": True, "parent": True, "own": True, "child": False, "sibling": False, "stranger": False}
    assert run_visible_to(maker, run.pk) == run
    assert run_visible_to(make_account(), run.pk) is None
    assert runs_visible_to(OPERATOR).count() == 1


def test_every_advice_belongs_to_a_refusal() -> None:
    from tradeshall.web.texts import registered

    assert [code for code in ADVICE if code not in registered()] == []


def test_every_way_a_file_or_a_cell_is_refused_is_worded() -> None:
    """The reader of spreadsheets has no texts of its own: its reasons are found here in its source."""
    folder = Path(tradeshall.core.spreadsheets.__file__).parent
    source = "".join((folder / name).read_text() for name in ("spreadsheets.py", "delimited.py", "xlsx.py"))
    reasons = {f"intake:file:{reason}" for reason in re.findall(r"Bad(?:Text|Workbook)\(\s*\"(\w+)\"", source)}
    codes = reasons | set(re.findall(r"\"(intake:\w+:\w+)\"", source))
    assert len(codes) > 15
    assert sorted(codes - set(TEXTS)) == []
    assert "intake:cell:formula" in TEXTS
    assert "intake:cell:error_value" in TEXTS
