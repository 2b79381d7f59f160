"""The shape of what an organiser types about a campaign."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tradeshall.campaigns.enums import CampaignState
from tradeshall.campaigns.models import Campaign
from tradeshall.campaigns.texts import CAMPAIGN_STATES
from tradeshall.web.editing import EditingForm, chooser
from tradeshall.web.forms import Form


def day_input() -> forms.DateInput:
    return forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class CampaignForm(EditingForm):
    """A campaign's titles, summaries and days."""

    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("As members see it at the top of the page.")
    )
    title_en = forms.CharField(
        label=_("Title in English"),
        max_length=160,
        required=False,
        help_text=_("Shown to those who read in English. Left empty, they see the first title."),
    )
    summary = forms.CharField(
        label=_("Why join"),
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Two or three plain sentences: what it is about, and what a member gets out of it."),
    )
    summary_en = forms.CharField(label=_("Why join, in English"), required=False, widget=forms.Textarea({"rows": 4}))
    starts_on = forms.DateField(label=_("First day"), widget=day_input())
    ends_on = forms.DateField(
        label=_("Last day"), widget=day_input(), help_text=_("The campaign still runs on this day.")
    )

    def clean_ends_on(self) -> Any:
        ends_on, starts_on = self.cleaned_data["ends_on"], self.cleaned_data.get("starts_on")
        if starts_on and ends_on < starts_on:
            raise ValidationError(_("The last day must not be before the first day."))
        return ends_on


class NewCampaignForm(CampaignForm):
    """The same, and the unit that owns it."""

    field_order = ("unit", "title", "title_en", "summary", "summary_en", "starts_on", "ends_on")

    def __init__(self, *args: Any, units: QuerySet[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_field(
            "unit",
            chooser(
                units,
                by="code",
                label=_("Unit"),
                help_text=_("The campaign is meant for this unit and every unit beneath it."),
                initial=units.first(),  # the topmost, most likely the one meant
            ),
        )
        self.order_fields(self.field_order)


class CampaignFilter(Form):
    """What narrows the list of campaigns."""

    q = forms.CharField(label=_("Title or number"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), *((state.value, CAMPAIGN_STATES[state.value]) for state in CampaignState)],
    )


class EndCampaignForm(Form):
    """Why a campaign is ended; kept in the journal."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=200, help_text=_("Kept in the journal. Members do not see it.")
    )


def stored(campaign: Campaign) -> dict[str, Any]:
    """Return what is stored of a campaign, as the initial values of its form."""
    return {name: getattr(campaign, name) for name in CampaignForm.base_fields}
