"""Results leave the house; the journal says who took them."""

from __future__ import annotations

from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from tradeshall.contests import permissions
from tradeshall.contests.models import Round
from tradeshall.contests.queries.analysis import analysis_rows
from tradeshall.contests.queries.results import printed_results, results_rows
from tradeshall.contests.queries.versions import version_rows, versions_of
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import refuse, require
from tradeshall.core.spreadsheets import write_csv, write_xlsx
from tradeshall.journal.actions import record_change
from tradeshall.web.typesetting import set_pdf

FORMATS = ("csv", "xlsx", "pdf")


def export_results(
    *, actor: Actor, round: Round, file: BinaryIO, format: str = "xlsx", version: int | None = None
) -> None:
    """Write the results of a round as XLSX or CSV, formulas defused, or as a PDF to print, and journal it.

    Those in force, or those of a `version` as they stood then. Refuses an actor who may not export there, another
    format, and a version there never was.
    """
    kept = versions_of(round).filter(number=version).first() if version is not None else None
    require(
        permissions.refuse_unless_may(actor, permissions.ROUND_EXPORT, round),
        None if format in FORMATS else refuse("contests:results:format_unknown", field_name="format"),
        None if version is None or kept is not None else refuse("contests:results:version_unknown"),
    )
    rows = results_rows(round) if kept is None else version_rows(kept)
    with transaction.atomic():
        record_change(
            actor=actor,
            verb="contests:round:export",
            thing=round,
            acting_unit_code=round.contest.activity.unit.code,
            changes={"format": [None, format], "version": [None, version]},
        )
    if format == "csv":
        write_csv(rows, file)
    elif format == "pdf":
        file.write(set_pdf("contests/print/results.typ", printed_results(round)))
    else:
        write_xlsx(rows, file, title=_("Results"))


def export_analysis(*, actor: Actor, round: Round, file: BinaryIO) -> None:
    """Write the statistics of a round's questions as XLSX, and journal it: keys can be read off them."""
    require(permissions.refuse_unless_may(actor, permissions.ANALYSIS_VIEW, round))
    with transaction.atomic():
        record_change(
            actor=actor,
            verb="contests:analysis:export",
            thing=round,
            acting_unit_code=round.contest.activity.unit.code,
        )
    write_xlsx(analysis_rows(round), file, title=_("Item analysis"))
