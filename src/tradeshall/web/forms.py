"""How every form of Tradeshall behaves: its errors, its controls, and refusals that come back from actions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.utils import pretty_name
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import keep_lazy_text
from django.utils.translation import gettext_lazy as _

from tradeshall.core.refusal import Refused
from tradeshall.web.texts import sentence

CHOOSING = (forms.ChoiceField, forms.ModelChoiceField, forms.BooleanField)


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of an error summary, with the control it leads to."""

    text: str
    anchor: str


class Form(forms.Form):
    """A form whose controls suit phones and whose errors say what to do; use it instead of Django's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            suit(field, name)


class ModelForm(forms.ModelForm):  # type: ignore[type-arg]
    """The same for a form over a model. It checks shape; actions write, so `save()` is not for views."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            suit(field, name)


def suit(field: forms.Field, name: str) -> None:
    """Give a field the control browsers do best, and words for an absent value that name the field."""
    widget = field.widget
    if type(widget) is forms.DateInput:
        field.widget = forms.DateInput(attrs={**widget.attrs, "type": "date"}, format="%Y-%m-%d")
    elif type(widget) is forms.DateTimeInput:
        field.widget = forms.DateTimeInput(attrs={**widget.attrs, "type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    elif type(widget) is forms.TimeInput:
        field.widget = forms.TimeInput(attrs={**widget.attrs, "type": "time"}, format="%H:%M")
    elif type(widget) is forms.Textarea and widget.attrs.get("rows") == "10":
        widget.attrs["rows"] = "4"
    elif type(widget) is forms.NumberInput and type(field) is forms.IntegerField:
        widget.input_type = "text"  # a number control turns with the wheel and rejects what it cannot say
        widget.attrs = {"inputmode": "numeric", "autocomplete": "off", **without(widget.attrs, "min", "max", "step")}
    if type(field.widget) is not type(widget):
        field.widget.is_required = widget.is_required
        field.widget.is_localized = widget.is_localized
    required = field.error_messages.get("required")
    if required == forms.Field.default_error_messages["required"]:
        text = _("Choose “%(label)s”.") if isinstance(field, CHOOSING) else _("Enter “%(label)s”.")
        field.error_messages["required"] = format_with_label(text, field.label or pretty_name(name))


@keep_lazy_text
def format_with_label(text: Any, label: Any) -> str:
    """Return a sentence with the label of its field, in the language in which it is read."""
    return str(text) % {"label": label}


def without(attributes: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name not in names}


def problems_of(form: forms.BaseForm) -> list[Problem]:
    """Return the errors of a form in the order in which its page shows the fields; those of no field first."""
    first = next((bound for bound in form if not bound.is_hidden), None)
    found = [Problem(str(text), anchor_of(first) if first else "") for text in form.non_field_errors()]
    for bound in form:
        found += [Problem(str(text), "" if bound.is_hidden else anchor_of(bound)) for text in bound.errors]
    return found


def anchor_of(bound: forms.BoundField) -> str:
    """Return the id of the control that takes the focus when a person follows an error."""
    if isinstance(bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


def add_refusals(form: forms.BaseForm, refused: Refused) -> None:
    """Add what an action refused to a form: beside the field it names where the form has one, else above them all."""
    for refusal in refused.refusals:
        name = refusal.field_name if refusal.field_name in form.fields else None
        form.add_error(name, sentence(refusal))


def render_form(
    request: HttpRequest, template: str, context: dict[str, Any], *, form: forms.BaseForm | None = None
) -> HttpResponse:
    """Return the page of a form: 422 when the form has errors, so that htmx and people's own clients can tell."""
    shown = form if form is not None else context.get("form")
    context = {"form": shown, **context}
    answer = 422 if shown is not None and shown.errors else 200
    return render(request, template, context, status=answer)


class GalleryForm(Form):
    """One field of each kind, for the gallery."""

    name = forms.CharField(label=_("Full name"), max_length=60, help_text=_("As it stands on the roster."))
    story = forms.CharField(label=_("Explanation"), widget=forms.Textarea, required=False)
    unit_kind = forms.ChoiceField(label=_("Kind"), choices=[("branch", _("Branch")), ("group", _("Group"))])
    counts = forms.ChoiceField(
        label=_("Which attempt counts"),
        choices=[("best", _("The best")), ("last", _("The last"))],
        widget=forms.RadioSelect,
    )
    days = forms.MultipleChoiceField(
        label=_("Open on"),
        choices=[("1", _("Monday")), ("2", _("Tuesday"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agree = forms.BooleanField(label=_("Show my name on the board"), required=False)
    joined_on = forms.DateField(label=_("Joined on"), required=False)
    opens_at = forms.DateTimeField(label=_("Opens"), required=False)
    places = forms.IntegerField(label=_("Places"), min_value=1, required=False)
    file = forms.FileField(label=_("Spreadsheet"), help_text=_("CSV or XLSX."), required=False)
    code = forms.CharField(label=_("One-time code"), required=False)
    word = forms.CharField(label=_("Password"), widget=forms.PasswordInput, required=False)


class FilterForm(Form):
    """A list's filter, for the gallery."""

    q = forms.CharField(label=_("Name or number"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("All")), ("branch", _("Branch"))], required=False)
