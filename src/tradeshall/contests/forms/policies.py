"""The shape of what an organiser types about a whole contest: a ready-made plan, achievements, material, time."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tradeshall.contests import texts
from tradeshall.contests.forms.fields import ManyField, MomentField, choices
from tradeshall.contests.forms.rounds import NewContestForm
from tradeshall.contests.models import Achievement, Contest, Pool
from tradeshall.contests.rules.presets import PLANS, Preset
from tradeshall.contests.rules.series import MOST_DAYS, MOST_LEVELS, Calendar, Day, days_of, levels_of
from tradeshall.core import clock
from tradeshall.units.queries import federation_zone
from tradeshall.web.editing import EditingForm
from tradeshall.web.forms import Form

SPARE_ROWS = 2
MOST_ACHIEVEMENTS = 8


class PlanForm(NewContestForm):
    """A contest from a ready-made plan: who it is for, from which pools, when, how much."""

    def __init__(self, *args: Any, preset: Preset, pools: QuerySet[Pool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.preset, self.plan = preset, PLANS[preset]
        field = ManyField(pools, label=_("Pools"), widget=forms.CheckboxSelectMultiple)
        field.choices = [(pool.pk, f"{pool.name} ({pool.reviewed})") for pool in pools]  # type: ignore[attr-defined]
        self.add_field("pools", field)
        for name, one in self._when().items():
            self.add_field(name, one)
        whole = {"min_value": 1}
        self.add_field("count", forms.IntegerField(label=_("Questions a paper"), max_value=200, **whole))  # type: ignore[arg-type]
        self.add_field("points", forms.IntegerField(label=_("Points each"), max_value=100, **whole))  # type: ignore[arg-type]
        self.add_field("minutes", forms.IntegerField(label=_("Minutes"), max_value=1440, **whole))  # type: ignore[arg-type]

    def _when(self) -> dict[str, forms.Field]:
        if self.preset is Preset.DAILY:
            return {
                "first_on": forms.DateField(
                    label=_("First day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
                ),
                "days": forms.IntegerField(label=_("How many days"), min_value=1, max_value=MOST_DAYS),
                "opens": forms.TimeField(label=_("Opens each day at")),
                "closes": forms.TimeField(label=_("Closes each day at"), help_text=_("00:00 is midnight.")),
                "weekdays_off": forms.TypedMultipleChoiceField(
                    label=_("Days off"),
                    coerce=int,
                    required=False,
                    choices=choices(texts.WEEKDAYS),
                    widget=forms.CheckboxSelectMultiple,
                    help_text=_("None ticked: every day of the week is played."),
                ),
            }
        found: dict[str, forms.Field] = {
            "opens_at": MomentField(label=_("Opens")),
            "closes_at": MomentField(label=_("Closes")),
        }
        if self.preset is Preset.LEVELS:
            found["levels"] = forms.IntegerField(label=_("How many levels"), min_value=1, max_value=MOST_LEVELS)
        return found

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        opens_at, closes_at = cleaned.get("opens_at"), cleaned.get("closes_at")
        if opens_at and closes_at and closes_at <= opens_at:
            self.add_error("closes_at", _("A round must close after it opens."))
        return cleaned

    def calendar(self) -> Calendar:
        """Return the calendar of a daily plan."""
        values = self.cleaned_data
        return Calendar(
            values["first_on"], values["days"], values["opens"], values["closes"], set(values["weekdays_off"])
        )

    def days(self) -> list[Day]:
        """Return when each round is played, of a calendar that makes sense."""
        if self.preset is Preset.DAILY:
            return days_of(self.calendar(), federation_zone())
        values = self.cleaned_data
        return levels_of(values.get("levels", 1), values["opens_at"], values["closes_at"])


def new_plan(preset: Preset, campaign: str, pools: QuerySet[Pool]) -> dict[str, Any]:
    """Return what the form of a ready-made plan proposes: tomorrow, and the only pool there is."""
    plan = PLANS[preset]
    zone = federation_zone()
    tomorrow = clock.day_of(clock.now(), zone) + timedelta(days=1)
    opens_at = datetime.combine(tomorrow, time(8), zone)
    lasts = {Preset.LEVELS: 14, Preset.PRACTICE: 30}.get(preset, 0)
    only = list(pools[:2])
    return {
        "campaign": campaign,
        "pools": [only[0].pk] if len(only) == 1 else [],
        "first_on": tomorrow,
        "days": plan.rounds,
        "levels": plan.rounds,
        "opens": time(8),
        "closes": time(22),
        "opens_at": opens_at,
        "closes_at": opens_at + timedelta(days=lasts, hours=10),
        "count": plan.count,
        "points": plan.points,
        "minutes": plan.minutes,
    }


class PublishSeriesForm(Form):
    """When the rounds of a contest are sealed."""

    when = forms.ChoiceField(
        label=_("When the rounds are sealed"),
        widget=forms.RadioSelect,
        choices=[
            ("now", _("All of them now")),
            ("each", _("Each a day before it opens, by the server")),
        ],
        initial="now",
        help_text=_(
            "Sealed now, nothing can go wrong later. Sealed one by one, questions you put right in the bank "
            "meanwhile are put right for the days to come."
        ),
    )


class AchievementForm(Form):
    """One achievement; a row whose title is empty is none."""

    title = forms.CharField(label=_("Title"), max_length=80, required=False)
    title_en = forms.CharField(label=_("Title in English"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("What it asks for"), choices=choices(texts.ACHIEVED))
    least = forms.IntegerField(label=_("How many"), min_value=0, max_value=10_000_000)
    must_pass = forms.BooleanField(label=_("Only attempts that passed count"), required=False)
    since_joining = forms.BooleanField(label=_("Rounds over before one joined are not asked for"), required=False)


class JoiningForm(EditingForm):
    """Until when members may still enter."""

    joining_ends_at = MomentField(
        label=_("Nobody new may join after"),
        required=False,
        help_text=_("Empty: one may join as long as a round is open. Who joined before goes on in any case."),
    )


def achievement_forms(data: Any, stored: list[Achievement]) -> list[AchievementForm]:
    """Return a form for each achievement, and some empty ones."""
    count = min(MOST_ACHIEVEMENTS, len(stored) + SPARE_ROWS)
    if data is not None:
        return [AchievementForm(data, prefix=f"a{at}") for at in range(MOST_ACHIEVEMENTS) if f"a{at}-kind" in data]
    names = ("title", "title_en", "kind", "least", "must_pass", "since_joining")
    initial: list[dict[str, Any]] = [{name: getattr(one, name) for name in names} for one in stored]
    initial += [{"kind": "days", "least": 20}] * (count - len(initial))
    return [AchievementForm(initial=values, prefix=f"a{at}") for at, values in enumerate(initial)]


def stored_joining(contest: Contest) -> dict[str, Any]:
    """Return what is stored of joining, as the initial values of its form."""
    return {"joining_ends_at": contest.joining_ends_at}


class MaterialForm(EditingForm):
    """What to read or watch before a round."""

    material = forms.CharField(
        label=_("To read before the round"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("Plain text; an empty line begins a paragraph. Shown above the rules."),
    )
    material_url = forms.URLField(
        label=_("To watch or read elsewhere"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("The address of a film, a picture or a page. It opens beside this site."),
    )


class TimeForm(Form):
    """More time for a member."""

    member_no = forms.CharField(label=_("Membership number"), max_length=32)
    percent = forms.IntegerField(
        label=_("Time in per cent of the limit"),
        min_value=101,
        max_value=400,
        initial=150,
        help_text=_("150 is half as much again. It holds for attempts begun from now on."),
    )
