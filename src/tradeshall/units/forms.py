"""The shapes of what people type about units."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tradeshall.units.enums import UnitKind
from tradeshall.units.texts import KINDS
from tradeshall.web.forms import Form

PLAIN = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})


class SearchForm(Form):
    q = forms.CharField(label=_("Code or name"), required=False, max_length=60)


class UnitForm(Form):
    """A unit beneath another."""

    code = forms.CharField(
        label=_("Code"), max_length=80, widget=PLAIN, help_text=_("Files find the unit by it. It stays for good.")
    )
    name = forms.CharField(label=_("Unit name"), max_length=240, widget=PLAIN)
    name_en = forms.CharField(label=_("English name"), required=False, max_length=320, widget=PLAIN)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[(k, label) for k, label in KINDS.items() if k != UnitKind.FEDERATION.value]
    )
    industry = forms.CharField(label=_("Industry"), required=False, max_length=120, widget=PLAIN)


class UnitEditForm(UnitForm):
    def __init__(self, *args: Any, is_root: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["code"]
        if is_root:
            del self.fields["kind"]


class UnitEndForm(Form):
    ends_on = forms.DateField(label=_("First day on which it is no more"), widget=forms.DateInput)
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200, help_text=_("The journal keeps it."))
