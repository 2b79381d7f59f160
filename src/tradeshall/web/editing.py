"""Editors that notice when someone else has changed the same thing, and lose nothing that was typed."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.choices import normalize_choices
from django.utils.translation import gettext as _

from tradeshall.web.forms import Form, suit
from tradeshall.web.naming import called

SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field whose stored value is no longer what the editor was opened with."""

    label: str
    stored: str
    typed: str


class EditingForm(Form):
    """A form whose `initial` is what is stored now.

    The page carries a fingerprint of what was stored when it was opened (`{{ form.fingerprint }}` in a hidden
    field `seen`). When that no longer matches, the form is invalid once, `differences` says what each side has,
    and the page that is shown again carries the new fingerprint: sending it again keeps what was typed.
    """

    differences: list[Difference]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.differences = []

    def add_field(self, name: str, field: forms.Field) -> None:
        """Add a field that depends on who is asking."""
        suit(field, name)
        self.fields[name] = field

    @property
    def fingerprint(self) -> str:
        """Return a short digest of what is stored."""
        stored = "\x1e".join(f"{name}\x1f{self.stored_text(name)}" for name in sorted(self.fields))
        return sha256(stored.encode()).hexdigest()[:24]

    def stored_text(self, name: str) -> str:
        """Return a field's stored value as text."""
        value = self.fields[name].prepare_value(self.get_initial_for_field(self.fields[name], name))
        if isinstance(value, list | tuple | QuerySet):
            return "\x1d".join(str(one) for one in value)
        return "" if value is None else str(value)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.data.get(self.add_prefix(SEEN), "")
        if seen and seen != self.fingerprint:
            self.differences = [
                Difference(str(bound.label), self.shown(bound, bound.initial), self.shown(bound, bound.data))
                for bound in self
                if bound.field.has_changed(bound.initial, bound.data)
            ]
            self.add_error(
                None,
                _(
                    "Someone else changed this while you were editing it. Compare the two below; "
                    "saving again keeps what you typed."
                ),
            )
        return cleaned

    @staticmethod
    def shown(bound: forms.BoundField, value: Any) -> str:
        """Return a value as a person reads it: labels instead of codes."""
        value = bound.field.prepare_value(value)
        if isinstance(bound.field, forms.BooleanField):
            return _("Yes") if value else _("No")
        if isinstance(bound.field, forms.ChoiceField) and not isinstance(bound.field, forms.ModelChoiceField):
            labels = {str(code): str(label) for code, label in normalize_choices(bound.field.choices)}
            chosen = value if isinstance(value, list | tuple) else [value]
            return ", ".join(labels.get(str(one), str(one)) for one in chosen if one not in ("", None))
        return "" if value is None else str(value)


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what a form is bound to: what was sent, however little, or None when the page was only asked for."""
    return request.POST if request.method == "POST" else None


class Chooser(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic to the type checker alone
    """A choice of rows, each by its unique text and what it is called in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        name = called(obj, "title" if hasattr(obj, "title") else "name")
        return f"{getattr(obj, self.to_field_name or 'pk')} {name}"


def chooser(rows: QuerySet[Any], *, by: str, few: int = 40, **options: Any) -> forms.Field:
    """Return a field that chooses one of rows: a select while they are few, else their unique text `by`."""
    if rows[: few + 1].count() <= few:
        return Chooser(rows, to_field_name=by, **options)
    options.setdefault("error_messages", {})["invalid_choice"] = _("There is no such entry that you may use.")
    return forms.ModelChoiceField(rows, to_field_name=by, widget=forms.TextInput, **options)
