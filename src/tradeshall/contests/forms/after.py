"""The shape of what is typed after a round: appeals, rulings, notes on new results, and what a look has shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tradeshall.contests import texts
from tradeshall.contests.forms.fields import choices
from tradeshall.contests.rules import appeals, versions
from tradeshall.contests.rules.items import letter_of
from tradeshall.web.forms import Form


class AppealForm(Form):
    """What is wrong with a question, and where that can be read."""

    reason = forms.CharField(
        label=_("What is wrong with the question?"),
        max_length=appeals.LONGEST_REASON,
        widget=forms.Textarea,
        help_text=_("For example: two answers are right, or the law has changed. Do not write your name here."),
    )
    source = forms.CharField(
        label=_("Where can that be read?"),
        max_length=appeals.LONGEST_SOURCE,
        required=False,
        help_text=_("A law with its article, a book with its page, or an address. May stay empty."),
    )


class RulingForm(Form):
    """What is decided about a question, the options that are right if others are, and the words for everyone."""

    verdict = forms.ChoiceField(label=_("Decision"), widget=forms.RadioSelect, choices=choices(texts.VERDICTS))
    key = forms.MultipleChoiceField(
        label=_("Right options"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only where another answer is right: mark every right option."),
    )
    words = forms.CharField(
        label=_("Why"),
        max_length=appeals.LONGEST_WORDS,
        widget=forms.Textarea,
        help_text=_("Everybody can read this beside the question. Name the source."),
    )

    def __init__(self, *args: Any, options: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["key"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(at), f"{letter_of(at)}. {text}") for at, text in enumerate(options)]
        if not options:
            del self.fields["key"]

    def key_positions(self) -> list[int]:
        """Return the options marked as right, counted from 0."""
        return [int(place) for place in self.cleaned_data.get("key", [])]


class VersionForm(Form):
    """Why results change, for everyone."""

    note = forms.CharField(
        label=_("Public note"),
        max_length=versions.LONGEST_NOTE,
        widget=forms.Textarea,
        help_text=_("Members read it above the new results: which question, what was wrong, what changes."),
    )


class OutlierForm(Form):
    """What a look at something that stood out has shown."""

    outlier = forms.IntegerField(widget=forms.HiddenInput)
    state = forms.ChoiceField(label=_("After looking at it"), choices=choices(texts.OUTLIER_STATES))
    note = forms.CharField(label=_("Remark"), max_length=500, required=False)
