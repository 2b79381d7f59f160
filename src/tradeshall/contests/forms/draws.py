"""The shape of what is typed about prize draws: by organisers, by the second person, by winners."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tradeshall.contests.forms.fields import MomentField
from tradeshall.contests.models import Contest, DrawEvent, PrizeDraw
from tradeshall.web.editing import EditingForm, chooser
from tradeshall.web.forms import Form

PRIZE_ROWS, EVENT_ROWS = 4, 2
"""How many empty lines a new draw offers; two more than are filled afterwards."""


class DrawForm(EditingForm):
    """A draw: its prizes in order, who has a ticket, when it is sealed, and which events decide it."""

    title = forms.CharField(label=_("Title"), max_length=120, help_text=_("For example: Final draw, or Day 1."))
    title_en = forms.CharField(label=_("Title in English"), max_length=160, required=False)
    least_points = forms.IntegerField(
        label=_("Points at least"), min_value=0, max_value=1_000_000, help_text=_("In all rounds together.")
    )
    least_passed = forms.IntegerField(
        label=_("Rounds passed at least"), min_value=0, max_value=1000, help_text=_("Rounds with the pass mark met.")
    )
    least_attempts = forms.IntegerField(label=_("Attempts at least"), min_value=0, max_value=100_000)
    least_days = forms.IntegerField(label=_("Days answered at least"), min_value=0, max_value=1000)
    least_streak = forms.IntegerField(label=_("Days in a row at least"), min_value=0, max_value=1000)
    every_round = forms.BooleanField(label=_("Only who finished every round"), required=False)
    leaves_out_staff = forms.BooleanField(
        label=_("Leave out organisers and everybody else with a role"), required=False
    )
    seals_at = MomentField(
        label=_("List sealed from"), help_text=_("After the last round has closed. Allow ten minutes.")
    )
    reserves = forms.IntegerField(
        label=_("Reserves"),
        min_value=0,
        max_value=100_000,
        help_text=_("Drawn with the winners; they follow in order when a prize is not claimed."),
    )
    claim_days = forms.IntegerField(
        label=_("Days to claim"), min_value=1, max_value=365, help_text=_("From the day the winners are published.")
    )

    def __init__(
        self, *args: Any, contest: Contest, units: QuerySet[Any], stored: PrizeDraw | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if stored is None:
            rounds = [(str(row.pk), str(row)) for row in contest.rounds.filter(practice=False)]
            self.add_field(
                "round",
                forms.ChoiceField(
                    label=_("Draw among those who took part in"),
                    required=False,
                    choices=[("", _("The whole contest")), *rounds],
                ),
            )
        self.add_field(
            "unit",
            chooser(
                units,
                by="code",
                label=_("Only members of"),
                required=False,
                help_text=_("This unit and every unit beneath it. Left empty: everybody who took part."),
            ),
        )
        self.prize_rows = max(PRIZE_ROWS, stored.prizes.count() + 2) if stored else PRIZE_ROWS
        self.event_rows = max(EVENT_ROWS, stored.events.count() + 1) if stored else EVENT_ROWS
        for at in range(1, self.prize_rows + 1):
            self.add_field(
                f"prize_name_{at}",
                forms.CharField(label=_("Prize %(no)s") % {"no": at}, max_length=80, required=False),
            )
            self.add_field(
                f"prize_count_{at}",
                forms.IntegerField(label=_("How many"), min_value=1, max_value=100_000, required=False),
            )
        for at in range(1, self.event_rows + 1):
            self.add_field(
                f"event_name_{at}",
                forms.CharField(label=_("Event %(no)s") % {"no": at}, max_length=80, required=False),
            )
            self.add_field(f"event_at_{at}", MomentField(label=_("Happens"), required=False))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        for kind, other, rows in (
            ("prize_name", "prize_count", self.prize_rows),
            ("event_name", "event_at", self.event_rows),
        ):
            for at in range(1, rows + 1):
                one, two = cleaned.get(f"{kind}_{at}"), cleaned.get(f"{other}_{at}")
                if bool(one) != bool(two) and not {f"{kind}_{at}", f"{other}_{at}"} & set(self.errors):
                    self.add_error(
                        f"{other}_{at}" if one else f"{kind}_{at}", _("Fill in both, or leave both empty.")
                    )
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what the action takes: the lines as lists, without the empty ones."""
        values = {
            name: value for name, value in self.cleaned_data.items() if not name.startswith(("prize_", "event_"))
        }
        values["prizes"] = self._lines("prize_name", "prize_count", self.prize_rows)
        values["events"] = self._lines("event_name", "event_at", self.event_rows)
        return values

    def place_of(self, kind: str, line: int) -> int:
        """Return in which row of the page the action's line stands, gaps counted."""
        rows = self.prize_rows if kind.startswith("prize") else self.event_rows
        head = kind.split("_")[0]
        filled = [at for at in range(1, rows + 1) if self.cleaned_data.get(f"{head}_name_{at}")]
        return filled[line - 1] if 0 < line <= len(filled) else line

    def _lines(self, kind: str, other: str, rows: int) -> list[tuple[Any, Any]]:
        pairs = ((self.cleaned_data[f"{kind}_{at}"], self.cleaned_data[f"{other}_{at}"]) for at in range(1, rows + 1))
        return [(name, value) for name, value in pairs if name]

    def prize_lines(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the fields of each prize, for the page."""
        return [(self[f"prize_name_{at}"], self[f"prize_count_{at}"]) for at in range(1, self.prize_rows + 1)]

    def event_lines(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Return the fields of each event, for the page."""
        return [(self[f"event_name_{at}"], self[f"event_at_{at}"]) for at in range(1, self.event_rows + 1)]


class DailyForm(Form):
    """How the draw of one day is repeated for every other day."""

    event_name = forms.CharField(
        label=_("Event of each day"),
        max_length=80,
        help_text=_("Write {date} where its day is to stand, for example: China Welfare Lottery 3D of {date}."),
    )
    hours_after_close = forms.IntegerField(
        label=_("Hours from the close of a round to its event"),
        min_value=25,
        max_value=1000,
        help_text=_(
            "At least 24 hours after the list is sealed. A round that closes at midnight: 45 is 21:00 a day on."
        ),
    )


class ResultsForm(Form):
    """The results of the announced events, one field each."""

    def __init__(self, *args: Any, events: list[DrawEvent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.events = events
        for at, event in enumerate(events, 1):
            field = forms.CharField(
                label=event.name,
                max_length=200,
                widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
            )
            field.error_messages["required"] = _("Enter the result on one line, exactly as it was published.")
            self.fields[f"value_{at}"] = field

    def values(self) -> list[str]:
        return [self.cleaned_data[f"value_{at}"] for at in range(1, len(self.events) + 1)]


class ReasonForm(Form):
    """Why a draw is called off."""

    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("Everybody can read it."))


class ForfeitForm(Form):
    """Why a prize is taken back."""

    place = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=1_000_000)
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Kept in the journal. Nobody else sees it.")
    )


class ClaimForm(Form):
    """What a winner gives so that the prize can reach them."""

    name = forms.CharField(label=_("Your name"), max_length=60, widget=forms.TextInput({"autocomplete": "name"}))
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}),
    )
    note = forms.CharField(
        label=_("Where the prize should go"),
        max_length=300,
        required=False,
        help_text=_("An address or your workplace, if you cannot collect it."),
        widget=forms.Textarea({"rows": "2"}),
    )
    shows_name = forms.BooleanField(label=_("Show my name beside my ticket on the list of winners"), required=False)


def stored_draw(draw: PrizeDraw) -> dict[str, Any]:
    """Return what is stored of a draw, as the initial values of its form."""
    values: dict[str, Any] = {name: getattr(draw, name) for name in DrawForm.base_fields if hasattr(draw, name)}
    values["unit"] = draw.unit.code if draw.unit else None
    for at, prize in enumerate(draw.prizes.all(), 1):
        values |= {f"prize_name_{at}": prize.name, f"prize_count_{at}": prize.count}
    for at, event in enumerate(draw.events.all(), 1):
        values |= {f"event_name_{at}": event.name, f"event_at_{at}": event.happens_at}
    return values


def new_draw(contest: Contest) -> dict[str, Any]:
    """Return what the form of a new draw proposes."""
    zeros = ("least_points", "least_passed", "least_attempts", "least_days", "least_streak")
    return {**dict.fromkeys(zeros, 0), "leaves_out_staff": True, "reserves": 10, "claim_days": 14}
