"""Reading what was brought in, and writing the report of what was refused."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any, BinaryIO

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tradeshall.core.authority import Actor
from tradeshall.core.spreadsheets import write_csv
from tradeshall.intake import ports
from tradeshall.intake.enums import Verdict
from tradeshall.intake.models import ImportRun, StagedRow
from tradeshall.intake.texts import advice_for, column_label, sentence_for


def runs_visible_to(actor: Actor, code: str = "intake:run:view") -> QuerySet[ImportRun]:
    """Return the runs an actor may see: their own, and those for units in which `code` is granted to them.

    And in which they could bring such a file in themselves: a run shows what stood in the file.
    """
    runs = ImportRun.objects.all()
    if ports.paths_of(actor, code) is None:
        return runs
    of_kinds = (Q(kind=kind.name) & _under(actor, kind.permission) for kind in ports.file_kinds.values())
    return runs.filter(Q(actor=str(actor)) | (_under(actor, code) & reduce(or_, of_kinds, Q(pk=None))))


def _under(actor: Actor, code: str) -> Q:
    return reduce(or_, [Q(unit_path__startswith=path) for path in ports.paths_of(actor, code) or ()], Q(pk=None))


def run_visible_to(actor: Actor, pk: int, code: str = "intake:run:view") -> ImportRun | None:
    """Return one run, or None if it is absent or not for this actor."""
    return runs_visible_to(actor, code).filter(pk=pk).first()


def refused_rows(run: ImportRun) -> QuerySet[StagedRow]:
    """Return the refused rows of a run in the order of the file."""
    return run.rows.filter(verdict=Verdict.REFUSED.value).order_by("line")


def noted_rows(run: ImportRun) -> QuerySet[StagedRow]:
    """Return the rows of a run that are taken and of which something is to be said, in the order of the file."""
    return run.rows.exclude(notes=[]).exclude(verdict=Verdict.REFUSED.value).order_by("line")


def rows_to_apply(run: ImportRun, *verdicts: Verdict) -> Iterator[StagedRow]:
    """Yield the rows of a staged run that add or change something (or have these verdicts), in the file's order."""
    kept = verdicts or (Verdict.ADDED, Verdict.CHANGED)
    return run.rows.filter(verdict__in=[verdict.value for verdict in kept]).order_by("line").iterator()


def values_of_added(run: ImportRun, name: str) -> set[Any]:
    """Return the different values that the added rows of a run have under a name."""
    rows = run.rows.filter(verdict=Verdict.ADDED.value).order_by()
    return set(rows.values_list(f"values__{name}", flat=True).distinct())


def report_rows(run: ImportRun) -> Iterator[list[object]]:
    """Yield the report in the reader's language: a heading, then line, column, value, why, what to do.

    Notes about rows that are taken come last, with nothing to do.
    """
    yield [_("Line"), _("Column"), _("Value"), _("Why it was refused"), _("What to do")]
    for row in refused_rows(run).iterator():
        for problem in row.problems:
            column = problem["column"]
            yield [
                row.line,
                column_label(column) if column else "",
                row.values.get(column, ""),
                sentence_for(problem["code"], problem["details"]),
                advice_for(problem["code"], problem["details"]),
            ]
    for row in noted_rows(run).iterator():
        for note in row.notes:
            told = _("Note: %(note)s") % {"note": sentence_for(note["code"], note["details"])}
            yield [row.line, column_label(note["column"]) if note["column"] else "", "", told, ""]


def write_report(run: ImportRun, file: BinaryIO) -> None:
    """Write the report of a run as CSV."""
    write_csv(report_rows(run), file)
