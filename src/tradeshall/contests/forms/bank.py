"""The shape of what an item editor types: pools, items, files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tradeshall.contests import texts
from tradeshall.contests.forms import labels
from tradeshall.contests.forms.answers import AnswerRows
from tradeshall.contests.forms.fields import TagsField, choices
from tradeshall.contests.forms.media import MediaRows
from tradeshall.contests.models import Item, Pool
from tradeshall.web.editing import EditingForm, chooser
from tradeshall.web.forms import Form


class PoolForm(EditingForm):
    """A pool's name, and whether units beneath may draw on it."""

    name = forms.CharField(
        label=_("Name of the pool"), max_length=80, help_text=_("For example: Safety at work, 2026.")
    )
    shared_downward = forms.BooleanField(
        label=_("Share with the units beneath"),
        required=False,
        help_text=_("Their organisers may draw questions from it for their own rounds, but not change them."),
    )
    needs_source = forms.BooleanField(
        label=_("Ask for a source"),
        required=False,
        help_text=_("A question is reviewed, and so drawn, only once it says what proves it."),
    )
    offered_upward = forms.BooleanField(
        label=_("Offer to contests of the units above"),
        required=False,
        help_text=_("Where their rounds ask for local questions, members of this unit get them from here."),
    )


class NewPoolForm(PoolForm):
    """The same, and the unit that owns it."""

    def __init__(self, *args: Any, units: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_field(
            "unit",
            chooser(
                units,
                by="code",
                label=_("Unit"),
                help_text=_("The unit that owns the pool."),
                initial=units.first(),  # the topmost, most likely the one meant
            ),
        )
        self.order_fields(["unit", "name", "shared_downward", "offered_upward", "needs_source"])


class ItemFilter(Form):
    """What narrows a list of items."""

    q = forms.CharField(label=_("Words in the question"), required=False, max_length=80)
    pool = forms.ModelChoiceField(Pool.objects.none(), label=_("Pool"), required=False, empty_label=_("All"))
    form = forms.ChoiceField(label=_("Form"), required=False, choices=choices(texts.FORMS, ("", _("All"))))
    state = forms.ChoiceField(label=_("State"), required=False, choices=choices(texts.ITEM_STATES, ("", _("All"))))
    difficulty = forms.ChoiceField(
        label=_("Difficulty"), required=False, choices=choices(labels.DIFFICULTIES, ("", _("All")))
    )
    tag = forms.CharField(label=_("Tag"), required=False, max_length=60)

    def __init__(self, *args: Any, pools: QuerySet[Pool] | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if pools is None:
            del self.fields["pool"]
        else:
            self.fields["pool"].queryset = pools  # type: ignore[attr-defined]


class ItemEditForm(EditingForm):
    """One question. Options and right marks come as lists, since how many there are depends on the form."""

    # Not called `form`: a control of that name would hide the `form` property that scripts ask the element for.
    item_form = forms.ChoiceField(label=_("Form"), choices=choices(texts.FORMS), widget=forms.HiddenInput)
    stem = forms.CharField(
        label=_("Question"),
        widget=forms.Textarea({"rows": 3}),
        max_length=2000,
        help_text=_("One thing asked, clear to a tired reader."),
    )
    explanation = forms.CharField(
        label=_("Explanation"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
        max_length=2000,
        help_text=_("Shown with the right answer: one or two plain sentences."),
    )
    difficulty = forms.TypedChoiceField(label=_("Difficulty"), coerce=int, choices=choices(labels.DIFFICULTIES))
    tags = TagsField(
        label=_("Tags"), required=False, max_length=300, help_text=_("Separate several with a semicolon.")
    )
    source = forms.CharField(
        label=_("Source"),
        required=False,
        max_length=300,
        help_text=_("The law and article, convention or standard work that proves it."),
    )

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.answers = AnswerRows(data, self.initial)
        self.media_rows = MediaRows(data, self.initial)

    def stored_text(self, name: str) -> str:
        text = super().stored_text(name)
        if name == "item_form":
            rest = ("accepted", "matches", "media")
            text += f"{self.initial.get('options')}{self.initial.get('key')}"
            text += "".join(str(value) for one in rest if (value := self.initial.get(one)))
        return text

    @property
    def form_code(self) -> str:
        return self.answers.form_code

    asked_for_rows = False
    media_error = ""

    def add_row(self) -> None:
        """Make room for one more option."""
        self.answers.add_row()
        self.asked_for_rows = True

    def switch(self, form_code: str) -> None:
        """Turn what is being written into another form of item."""
        self.answers.switch(form_code)
        self.asked_for_rows = True

    def forgive(self) -> None:
        """Show no errors: nobody is done typing."""
        self._errors = ErrorDict()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.answers.right_is_empty:
            self.add_error(None, ValidationError(_("An option marked as right has no text.")))
        return cleaned


class ImportFileForm(Form):
    """A file of items."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("XLSX or CSV, alone or in a ZIP with its pictures; Moodle XML, QTI, GIFT or Aiken."),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.csv,.txt,.gift,.xml,.zip"}),
    )


def stored_pool(pool: Pool) -> dict[str, Any]:
    """Return what is stored of a pool, as the initial values of its form."""
    return {name: getattr(pool, name) for name in ("name", "shared_downward", "offered_upward", "needs_source")}


def stored_item(item: Item) -> dict[str, Any]:
    """Return what is stored of an item, as the initial values of its form."""
    names = ("stem", "options", "key", "accepted", "matches", "media", "explanation", "difficulty", "tags", "source")
    return {"item_form": item.form, **{name: getattr(item, name) for name in names}}
