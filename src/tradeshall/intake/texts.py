"""What people read about files they bring in: why something was refused, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tradeshall.core.refusal import Refusal
from tradeshall.intake.enums import ImportState
from tradeshall.web.texts import sentence

Text = str | Promise

TEXTS: dict[str, Text] = {
    "intake:file:empty": _("The file is empty."),
    "intake:file:too_large": _("The file is larger than %(most)s MB."),
    "intake:file:too_many_rows": _("The file has more than %(most)s rows."),
    "intake:file:too_many_columns": _("The file has more than %(most)s columns."),
    "intake:file:line_too_long": _("Line %(line)s is longer than any line of a spreadsheet."),
    "intake:file:old_or_protected": _("The file is an old XLS workbook or is protected by a password."),
    "intake:file:protected": _("The workbook is protected by a password."),
    "intake:file:not_a_spreadsheet": _("The file is neither CSV nor XLSX."),
    "intake:file:not_a_workbook": _("The file is an archive, but not an XLSX workbook."),
    "intake:file:damaged": _("The workbook is damaged and cannot be read."),
    "intake:file:too_large_inside": _("The workbook unpacks to far more than its size allows."),
    "intake:file:doctype": _("The workbook contains a document type declaration, which no spreadsheet needs."),
    "intake:file:external_links": _("The workbook takes values from other files."),
    "intake:file:utf16": _("The file is saved as Unicode text (UTF-16)."),
    "intake:file:nul": _("Line %(line)s contains NUL bytes; the file is damaged or is no text."),
    "intake:file:encoding": _("Line %(line)s is neither UTF-8 nor GB18030."),
    "intake:file:mixed_encodings": _("The file mixes two encodings, first at line %(line)s."),
    "intake:file:open_quote": _("A quotation mark near line %(line)s is not closed."),
    "intake:file:no_heading": _("None of the headings was found: %(headings)s."),
    "intake:file:missing_columns": _("These columns are missing: %(headings)s."),
    "intake:file:heading_twice": _("The column “%(heading)s” stands in the file twice."),
    "intake:cell:formula": _("The cell holds a formula."),
    "intake:cell:error_value": _("The cell shows an error of the spreadsheet program."),
    "intake:cell:too_long": _("The cell holds more than %(most)s characters."),
    "intake:cell:missing": _("The cell is empty."),
    "intake:cell:digits_lost": _(
        "The spreadsheet program has shortened this number to “%(value)s”, and digits are lost."
    ),
    "intake:cell:bad_date": _("“%(value)s” is not a day that can be read."),
    "intake:run:not_staged": _("This import has been applied or dropped already."),
    "intake:run:has_refused_rows": _("%(refused)s rows are refused, so nothing was applied."),
    "intake:run:outdated": _("Something has changed since the file was read. Read it again."),
}

ADVICE: dict[str, Text] = {
    "intake:file:empty": _("Start from the template."),
    "intake:file:too_large": _("Split the file."),
    "intake:file:too_many_rows": _("Split the file."),
    "intake:file:too_many_columns": _("Delete the columns that are not needed; start from the template."),
    "intake:file:old_or_protected": _("Open it in the spreadsheet program and save it as XLSX without a password."),
    "intake:file:protected": _("Save it without a password."),
    "intake:file:external_links": _("Copy the sheet and paste it as values into a new workbook."),
    "intake:file:utf16": _("Save it as “CSV UTF-8” or as XLSX."),
    "intake:file:nul": _("Open it in the spreadsheet program and save it again as XLSX."),
    "intake:file:damaged": _("Open it in the spreadsheet program and save it again as XLSX."),
    "intake:file:encoding": _("Save it as “CSV UTF-8” or as XLSX."),
    "intake:file:mixed_encodings": _("Save it as “CSV UTF-8” or as XLSX."),
    "intake:file:open_quote": _("Close the quotation mark, or save the file as XLSX."),
    "intake:file:no_heading": _("Start from the template."),
    "intake:file:missing_columns": _("Start from the template."),
    "intake:file:heading_twice": _("Delete one of the two columns."),
    "intake:cell:formula": _("Copy the column and paste it as values."),
    "intake:cell:error_value": _("Correct the cell."),
    "intake:cell:too_long": _("Shorten the text."),
    "intake:cell:missing": _("Fill it in."),
    "intake:cell:digits_lost": _("Set the column to “Text” and type the number again."),
    "intake:cell:bad_date": _("Write it like 2016-09-05."),
    "intake:run:has_refused_rows": _("Correct them and read the file again, or apply the other rows only."),
}
"""What to do, for those refusals for which it is not said by the reason itself."""

_columns: dict[str, Text] = {}


def register_columns(columns: Mapping[str, Text]) -> None:
    """Add the words for the columns of an app's files."""
    _columns.update(columns)


def register_advice(advice: Mapping[str, Text]) -> None:
    """Add an app's advice, by the code of the refusal it goes with."""
    ADVICE.update(advice)


def column_label(column: str) -> str:
    """Return the heading of a column in the reader's language."""
    return str(_columns.get(column, column))


def sentence_for(code: str, details: Mapping[str, object]) -> str:
    """Return why a row or a file was refused."""
    return sentence(Refusal(code, details))


def advice_for(code: str, details: Mapping[str, object]) -> str:
    """Return what to do about it; "" where the reason says it all."""
    return str(ADVICE.get(code, "")) % dict(details)


STATES: dict[str, Text] = {
    ImportState.STAGED.value: _("Read, not applied"),
    ImportState.APPLIED.value: _("Applied"),
    ImportState.REFUSED.value: _("Unreadable"),
    ImportState.DROPPED.value: _("Dropped"),
}
"""Where a file stands on its way in."""
