"""The shape of a file that is brought in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tradeshall.web.forms import Form


class FileForm(Form):
    file = forms.FileField(
        label=_("Spreadsheet"),
        help_text=_("CSV or XLSX. Nothing is changed before you have seen the report."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
    )
