"""The sentences of campaigns."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tradeshall.campaigns.enums import ActivityState, CampaignState

Texts = dict[str, str | Promise]

TEXTS: Texts = {
    "campaigns:title:empty": _("Enter a title."),
    "campaigns:title:too_long": _("The title must have at most %(most)s characters."),
    "campaigns:dates:reversed": _("The last day must not be before the first day."),
    "campaigns:dates:too_long": _("A campaign can last at most ten years."),
    "campaigns:campaign:over": _("This campaign has ended and can no longer be changed."),
    "campaigns:campaign:cannot_publish": _("Only a draft can be published."),
    "campaigns:campaign:cannot_end": _("Only a published campaign can be ended."),
    "campaigns:activity:unit_outside": _("Choose the campaign’s own unit or one beneath it."),
    "campaigns:activity:cannot_publish": _("Only a draft can be published."),
    "campaigns:activity:cannot_close": _("Only a published activity can be closed."),
}

CAMPAIGN_STATES: Texts = {
    CampaignState.DRAFT.value: _("Draft"),
    CampaignState.PUBLISHED.value: _("Published"),
    CampaignState.ENDED.value: _("Ended"),
}
ACTIVITY_STATES: Texts = {
    ActivityState.DRAFT.value: _("Draft"),
    ActivityState.PUBLISHED.value: _("Published"),
    ActivityState.CLOSED.value: _("Closed"),
}
