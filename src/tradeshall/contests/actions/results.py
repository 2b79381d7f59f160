"""Results leave the house; the journal says who took them."""

from __future__ import annotations

from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from tradeshall.contests import permissions
from tradeshall.contests.models import Round
from tradeshall.contests.queries.results import printed_results, results_rows
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import refuse, require
from tradeshall.core.spreadsheets import write_csv, write_xlsx
from tradeshall.journal.actions import record_change
from tradeshall.web.typesetting import set_pdf

FORMATS = ("csv", "xlsx", "pdf")


def export_results(*, actor: Actor, round: Round, file: BinaryIO, format: str = "xlsx") -> None:
    """Write the results of a round as XLSX or CSV, formulas defused, or as a PDF to print, and journal it.

    Refuses an actor who may not export there, and another format.
    """
    require(
        permissions.refuse_unless_may(actor, permissions.ROUND_EXPORT, round),
        None if format in FORMATS else refuse("contests:results:format_unknown", field_name="format"),
    )
    with transaction.atomic():
        record_change(
            actor=actor,
            verb="contests:round:export",
            thing=round,
            acting_unit_code=round.contest.activity.unit.code,
            changes={"format": [None, format]},
        )
    if format == "csv":
        write_csv(results_rows(round), file)
    elif format == "pdf":
        file.write(set_pdf("contests/print/results.typ", printed_results(round)))
    else:
        write_xlsx(results_rows(round), file, title=_("Results"))
