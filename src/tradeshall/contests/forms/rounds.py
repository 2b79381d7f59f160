"""The shape of what an organiser types about contests and rounds."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tradeshall.contests import texts
from tradeshall.contests.enums import Counting, RankStyle, Results, Review, TieBreak
from tradeshall.contests.forms.fields import MomentField, choices
from tradeshall.contests.models import Contest, Round
from tradeshall.web.editing import EditingForm, chooser
from tradeshall.web.forms import Form
from tradeshall.web.naming import called

TIE_BREAK_FIELDS = ("tie_break_1", "tie_break_2", "tie_break_3")
TIE_BREAKS_AFTER_SCORE = {code: label for code, label in texts.TIE_BREAKS.items() if code != TieBreak.SCORE.value}


FIGURES = ("cap_per_day", "cap_total", "advance_top", "advance_depth", "advance_points")
"""Whole numbers that may be left empty, which is 0."""


def points_field(label: Any, help_text: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=10_000_000, help_text=help_text)


class ContestForm(EditingForm):
    """A contest's titles."""

    title = forms.CharField(label=_("Title"), max_length=120, help_text=_("As members see it on their ticket."))
    title_en = forms.CharField(
        label=_("Title in English"),
        max_length=160,
        required=False,
        help_text=_("Shown to those who read in English. Left empty, they see the first title."),
    )


class NewContestForm(ContestForm):
    """The same, the campaign it hangs on, and the unit whose members it is for."""

    def __init__(self, *args: Any, campaigns: QuerySet[Any], units: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_field("campaign", chooser(campaigns, by="number", label=_("Campaign")))
        self.add_field(
            "unit",
            chooser(
                units,
                by="code",
                label=_("Unit"),
                required=False,
                help_text=_(
                    "Members of this unit and every unit beneath it may take part. "
                    "Left empty: the unit of the campaign."
                ),
            ),
        )
        self.order_fields(["campaign", "title", "title_en", "unit"])


class ContestFilter(Form):
    """What narrows the list of contests."""

    q = forms.CharField(label=_("Title or number"), required=False, max_length=80)


class RoundForm(EditingForm):
    """A round: its window, its limits, which attempt counts, and when results are shown."""

    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("For example: Preliminary round, or Day 1.")
    )
    title_en = forms.CharField(label=_("Title in English"), max_length=160, required=False)
    opens_at = MomentField(label=_("Opens"), help_text=_("From this moment attempts can start."))
    closes_at = MomentField(
        label=_("Closes"),
        help_text=_("No attempt starts after this moment, and whatever is open is handed in by the server."),
    )
    time_limit_minutes = forms.DecimalField(
        label=_("Time limit in minutes"),
        min_value=Decimal("0.2"),
        max_value=1440,
        decimal_places=2,
        widget=forms.TextInput({"inputmode": "decimal", "class": "short", "autocomplete": "off"}),
        help_text=_("For one attempt. The clock runs on while the page is closed. Half minutes are allowed: 7.5."),
    )
    grace_seconds = forms.IntegerField(
        label=_("Grace in seconds"),
        min_value=0,
        max_value=3600,
        help_text=_("How late an answer may still arrive after the time is up, for slow networks. 60 is usual."),
    )
    attempts_per_day = forms.IntegerField(
        label=_("Attempts a day"),
        min_value=0,
        max_value=1000,
        help_text=_("0 sets no daily limit. Days turn at the federation’s midnight."),
    )
    attempts_total = forms.IntegerField(
        label=_("Attempts in all"), min_value=0, max_value=10000, help_text=_("0 sets no limit in all.")
    )
    counting = forms.ChoiceField(
        label=_("Which attempt counts"),
        choices=choices(texts.COUNTINGS),
        help_text=_("The boards show this one. With one attempt in all it makes no difference."),
    )
    tie_break_1 = forms.ChoiceField(
        label=_("First tie-break"), required=False, choices=choices(TIE_BREAKS_AFTER_SCORE, ("", "—"))
    )
    tie_break_2 = forms.ChoiceField(
        label=_("Second tie-break"), required=False, choices=choices(TIE_BREAKS_AFTER_SCORE, ("", "—"))
    )
    tie_break_3 = forms.ChoiceField(
        label=_("Third tie-break"), required=False, choices=choices(TIE_BREAKS_AFTER_SCORE, ("", "—"))
    )
    pass_points = forms.IntegerField(
        label=_("Points to pass"),
        min_value=0,
        max_value=100000,
        help_text=_("From this score on an attempt is marked as passed. 0: nobody fails."),
    )
    results = forms.ChoiceField(
        label=_("Score and rank are shown"),
        widget=forms.RadioSelect,
        choices=choices(texts.RESULTS),
        help_text=_("Held back, members see that their paper is safe, and the score once it is released."),
    )
    review = forms.ChoiceField(
        label=_("Right answers and explanations are shown"),
        widget=forms.RadioSelect,
        choices=choices(texts.REVIEWS),
        help_text=_("At once helps learning; after the round keeps the questions fresh for those still to come."),
    )
    practice = forms.BooleanField(
        label=_("This is practice"),
        required=False,
        help_text=_("Practice is scored for the member alone and appears on no board."),
    )
    shuffle_options = forms.BooleanField(
        label=_("Shuffle the options"),
        required=False,
        help_text=_("Each paper shows the options of a question in an order of its own."),
    )
    exposure_cap_percent = forms.IntegerField(
        label=_("Exposure cap in percent"),
        min_value=1,
        max_value=100,
        help_text=_(
            "How large a part of the matching questions one paper may show at most. Lower means papers differ more."
        ),
    )

    cap_per_day = points_field(_("Most points a day"), _("Only for counting with a cap. 0: no cap on a day."))
    cap_total = points_field(_("Most points in all"), _("Only for counting with a cap. 0: no cap in all."))
    rank_style = forms.ChoiceField(
        label=_("Equal ranks"),
        required=False,
        widget=forms.RadioSelect,
        choices=choices(texts.RANK_STYLES),
        help_text=_("After all tie-breaks."),
    )
    opens_after = forms.ChoiceField(
        label=_("Opens after passing"),
        required=False,
        help_text=_("Makes this round a level: it opens for whoever passed the round chosen here."),
    )
    advance_by = forms.ChoiceField(
        label=_("Who goes on to this round"),
        required=False,
        choices=choices(texts.ADVANCES),
        help_text=_("For a final: the list is made from the final ranks of the earlier round; you confirm it."),
    )
    advances_from = forms.ChoiceField(label=_("From which earlier round"), required=False)
    advance_top = points_field(
        _("How many go on"), _("Of all, or of each unit. Who shares the last place goes on too.")
    )
    advance_depth = points_field(
        _("Level of the units"),
        _("For the best of each unit: 1 is the federation itself, 2 the units right beneath it."),
    )
    advance_points = points_field(_("From how many points on"), _("For everybody from so many points on."))
    appeals_days = forms.IntegerField(
        label=_("Days for appeals"),
        min_value=0,
        max_value=60,
        required=False,
        help_text=_(
            "How long after the close members may appeal against a question of their paper. 0: no appeals. "
            "Members need to see the right answers for it."
        ),
    )

    def __init__(self, *args: Any, rounds: Iterable[Round] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rounds = {str(one.pk): one for one in rounds}
        named: list[tuple[Any, object]] = [(key, called(one)) for key, one in self.rounds.items()]
        for name in ("opens_after", "advances_from"):
            self.fields[name].choices = [("", "—"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        chosen = [cleaned.get(name, "") for name in TIE_BREAK_FIELDS]
        while chosen and not chosen[-1]:
            chosen.pop()
        for name, value in zip(TIE_BREAK_FIELDS, chosen, strict=False):
            if not value and name not in self.errors:
                self.add_error(name, _("Choose one here, or leave the ones below empty as well."))
            elif value and chosen.count(value) > 1 and chosen.index(value) != TIE_BREAK_FIELDS.index(name):
                self.add_error(name, _("This is already used above."))
        opens_at, closes_at = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens_at and closes_at and closes_at <= opens_at:
            self.add_error("closes_at", ValidationError(_("A round must close after it opens.")))
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what the action takes: seconds instead of minutes, tie-breaks as one list."""
        values = dict(self.cleaned_data)
        if values["appeals_days"] is None:
            values["appeals_days"] = self.initial.get("appeals_days", 3)
        after_score = [one for one in (values.pop(name) for name in TIE_BREAK_FIELDS) if one]
        values["tie_breaks"] = [TieBreak.SCORE.value, *after_score]
        for name in ("opens_after", "advances_from"):
            values[name] = self.rounds.get(values[name])
        for name in FIGURES:
            values[name] = values[name] or 0
        values["rank_style"] = values["rank_style"] or RankStyle.STANDARD.value
        minutes = values.pop("time_limit_minutes")
        kept = self.initial.get("time_limit_seconds")
        if kept is not None and "time_limit_minutes" not in self.changed_data:
            values["time_limit_seconds"] = kept
        else:
            values["time_limit_seconds"] = int((minutes * 60).quantize(Decimal(1), ROUND_HALF_UP))
        return values


class CloseRoundForm(Form):
    """Why a round is closed before its hour; kept in the journal."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=200, help_text=_("Kept in the journal. Members do not see it.")
    )


def stored_contest(contest: Contest) -> dict[str, Any]:
    """Return what is stored of a contest, as the initial values of its form."""
    return {"title": contest.activity.title, "title_en": contest.activity.title_en}


def stored_round(one: Round) -> dict[str, Any]:
    """Return what is stored of a round, as the initial values of its form."""
    values = {name: getattr(one, name) for name in RoundForm.base_fields if hasattr(one, name)}
    return values | {
        "time_limit_seconds": one.time_limit_seconds,
        "time_limit_minutes": minutes_of(one.time_limit_seconds),
        "opens_after": str(one.opens_after_id or ""),
        "advances_from": str(one.advances_from_id or ""),
        **tie_break_values(one.tie_breaks),
    }


def new_round() -> dict[str, Any]:
    """Return what the form of a new round proposes."""
    return {
        "time_limit_minutes": Decimal(15),
        "grace_seconds": 60,
        "attempts_per_day": 0,
        "attempts_total": 1,
        "counting": Counting.BEST.value,
        "pass_points": 0,
        "results": Results.AT_ONCE.value,
        "review": Review.AFTER_ROUND.value,
        "shuffle_options": True,
        "exposure_cap_percent": 50,
        "rank_style": RankStyle.STANDARD.value,
        **dict.fromkeys(FIGURES, 0),
        "appeals_days": 3,
        **tie_break_values([TieBreak.SCORE.value, TieBreak.TIME_USED.value, TieBreak.EARLIER_FINISH.value]),
    }


def tie_break_values(tie_breaks: list[str]) -> dict[str, str]:
    """Return the ordered tie-breaks, one for each field."""
    after_score = dict(enumerate(one for one in tie_breaks if one != TieBreak.SCORE.value))
    return {name: after_score.get(at, "") for at, name in enumerate(TIE_BREAK_FIELDS)}


def minutes_of(seconds: int) -> Decimal:
    """Return seconds as minutes, without needless digits: 450 gives 7.5."""
    minutes = (Decimal(seconds) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return minutes.to_integral() if minutes == minutes.to_integral() else minutes.normalize()
