"""Fields several forms of the console share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from tradeshall.core.ids import parse_number

MARKS = re.compile(r"[;；,，、\n]+")


class TagsField(forms.CharField):
    """Tags typed into one line, with commas or semicolons of any script between them; cleaned to a list."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        if isinstance(value, list | tuple):
            return list(value)
        found = (tag.strip() for tag in MARKS.split(value or ""))
        return list(dict.fromkeys(tag for tag in found if tag))

    def prepare_value(self, value: Any) -> Any:
        return "; ".join(value) if isinstance(value, list | tuple) else value

    def run_validators(self, value: Any) -> None:
        super().run_validators("; ".join(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class MomentField(forms.DateTimeField):
    """A moment typed into the browser's own picker, in the federation's time zone."""

    widget = forms.DateTimeInput({"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        if moment is not None and not 1970 < moment.year < 9999:  # every zone can say it, in milliseconds too
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


class ManyField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several rows by their keys; a number that no database keeps is no key."""

    def clean(self, value: Any) -> Any:
        if value and any(parse_number(str(key)) is None for key in value):
            raise forms.ValidationError(
                self.error_messages["invalid_pk_value"], code="invalid_pk_value", params={"pk": ""}
            )
        return super().clean(value)


def choices(labels: Mapping[Any, object], *first: tuple[Any, object]) -> list[tuple[Any, object]]:
    """Return choices from a table of labels, after `first`."""
    return [*first, *labels.items()]
