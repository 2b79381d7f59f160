"""The shape of a blueprint as it is typed: a form for each section, in order, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tradeshall.contests import texts
from tradeshall.contests.enums import ItemForm, Scoring
from tradeshall.contests.forms import labels
from tradeshall.contests.forms.fields import ManyField, TagsField, choices
from tradeshall.contests.models import Pool, Section
from tradeshall.contests.rules.items import letter_of
from tradeshall.core.ids import parse_number
from tradeshall.web.forms import Form

MOST_SECTIONS = 20


class SectionForm(Form):
    """One section: how many questions from which pools, of what kind, for how many points each."""

    title = forms.CharField(
        label=_("Title"), max_length=80, required=False, help_text=_("Shown above its questions. May stay empty.")
    )
    pools = ManyField(Pool.objects.none(), label=_("Pools"), widget=forms.CheckboxSelectMultiple)
    forms_ = forms.MultipleChoiceField(
        label=_("Forms"),
        choices=choices(texts.FORMS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: any form."),
    )
    tags = TagsField(
        label=_("Tags"), max_length=300, required=False, help_text=_("At least one of these. Empty: any tag.")
    )
    difficulty_from = forms.TypedChoiceField(label=_("Easiest"), coerce=int, choices=choices(labels.DIFFICULTIES))
    difficulty_to = forms.TypedChoiceField(label=_("Hardest"), coerce=int, choices=choices(labels.DIFFICULTIES))
    count = forms.IntegerField(label=_("Questions"), min_value=1, max_value=200)
    points = forms.IntegerField(label=_("Points each"), min_value=1, max_value=100)
    scoring = forms.ChoiceField(
        label=_("Scoring of multiple choice"),
        choices=choices(texts.SCORINGS),
        help_text=_(
            "Single choice, true or false and numbers are always all or nothing. In gaps, pairs and orders, part "
            "marks give points for what is right; per option also takes off for what is wrong."
        ),
    )

    def __init__(self, *args: Any, pools: Sequence[Pool], rows: QuerySet[Pool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["pools"]
        field.queryset = rows  # type: ignore[attr-defined]
        field.choices = [(pool.pk, pool.label) for pool in pools]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        low, high = cleaned.get("difficulty_from"), cleaned.get("difficulty_to")
        if low and high and low > high:
            self.add_error("difficulty_to", _("This must not be below the difficulty from which it starts."))
        return cleaned


class Blueprint:
    """All sections of a round as they are being edited."""

    def __init__(self, data: QueryDict | None, stored: Sequence[dict[str, Any]], rows: QuerySet[Pool]) -> None:
        self.rows = rows
        self.fingerprint = sha256(repr(stored).encode()).hexdigest()[:24]
        self.pools = list(rows)
        for pool in self.pools:
            pool.label = f"{pool.name} ({pool.reviewed})"  # type: ignore[attr-defined]
        self.data = data
        if data is None:
            self.forms = [self._form(at, initial=values) for at, values in enumerate(stored)]
        else:
            typed = (parse_number(text) for text in data.getlist("section"))
            order = [key for key in typed if key is not None][:MOST_SECTIONS]
            self.forms = [self._form(key, data=data) for key in dict.fromkeys(order)]

    def _form(self, key: int, **kwargs: Any) -> SectionForm:
        form = SectionForm(prefix=f"s{key}", pools=self.pools, rows=self.rows, **kwargs)
        form.key = key  # type: ignore[attr-defined]
        return form

    def add(self) -> None:
        """Add a section with what is usual in it."""
        key = max((form.key for form in self.forms), default=-1) + 1  # type: ignore[attr-defined]
        form = self._form(key, initial=new_section(self.pools[:1] if len(self.pools) == 1 else []))
        form.is_new = True  # type: ignore[attr-defined]
        self.forms.append(form)

    def remove(self, key: int) -> None:
        """Take a section out."""
        self.forms = [form for form in self.forms if form.key != key]  # type: ignore[attr-defined]

    def move_up(self, key: int) -> None:
        """Let a section come one place earlier."""
        keys = [form.key for form in self.forms]  # type: ignore[attr-defined]
        at = keys.index(key) if key in keys else 0
        if at:
            self.forms[at - 1], self.forms[at] = self.forms[at], self.forms[at - 1]

    def lettered(self) -> list[SectionForm]:
        """Return the forms in order, each with the letter under which its section is spoken of."""
        for at, form in enumerate(self.forms):
            form.letter = letter_of(at)  # type: ignore[attr-defined]
        return self.forms

    def is_valid(self) -> bool:
        return not [form for form in self.forms if form.is_bound and not form.is_valid()]

    @property
    def changed_elsewhere(self) -> bool:
        """Whether what is stored is no longer what the page was opened with."""
        seen = self.data.get("seen", "") if self.data is not None else ""
        return bool(seen) and seen != self.fingerprint

    def forgive(self) -> None:
        """Show no errors: sections were only added, removed or moved, and nobody is done typing."""
        for form in self.forms:
            form._errors = ErrorDict()  # type: ignore[attr-defined]

    def sections(self) -> list[dict[str, Any]]:
        """Return what the action takes, for the sections that are typed soundly."""
        found = []
        for form in self.forms:
            if form.is_bound and form.is_valid():
                values = dict(form.cleaned_data)
                values["forms"] = values.pop("forms_")
                values["pools"] = list(values["pools"])
                found.append(values)
        return found


def new_section(pools: Sequence[Pool]) -> dict[str, Any]:
    """Return what a new section proposes."""
    return {
        "pools": [pool.pk for pool in pools],
        "forms_": [ItemForm.SINGLE.value],
        "difficulty_from": 1,
        "difficulty_to": 5,
        "count": 10,
        "points": 5,
        "scoring": Scoring.ALL_OR_NOTHING.value,
    }


def stored_section(section: Section) -> dict[str, Any]:
    """Return what is stored of a section, as the initial values of its form."""
    names = ("title", "tags", "difficulty_from", "difficulty_to", "count", "points", "scoring")
    return {
        **{name: getattr(section, name) for name in names},
        "forms_": section.forms,
        "pools": [pool.pk for pool in section.pools.all()],
    }
