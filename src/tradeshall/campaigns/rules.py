"""What holds for campaigns and activities, without a database."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from tradeshall.campaigns.enums import ActivityState, CampaignState
from tradeshall.core.refusal import Refusal, refuse
from tradeshall.core.transitions import Transitions

CAMPAIGN = Transitions(
    "campaigns:campaign",
    CampaignState.DRAFT,
    ("publish", CampaignState.DRAFT, CampaignState.PUBLISHED),
    ("end", CampaignState.PUBLISHED, CampaignState.ENDED),
)
ACTIVITY = Transitions(
    "campaigns:activity",
    ActivityState.DRAFT,
    ("publish", ActivityState.DRAFT, ActivityState.PUBLISHED),
    ("close", ActivityState.PUBLISHED, ActivityState.CLOSED),
)

CAMPAIGN_PREFIX = "ZT"
MOST_DAYS = 3660


class InUnit(Protocol):
    @property
    def path(self) -> str: ...


class HasState(Protocol):
    @property
    def state(self) -> str: ...


def number_of(prefix: str, year: int, count: int) -> str:
    """Return a number as it is printed: `ZT-2026-0007`."""
    return f"{prefix}-{year}-{count:04d}"


def refuse_change_of(campaign: HasState) -> Refusal | None:
    """Refuse to change a campaign that is over."""
    return refuse("campaigns:campaign:over") if campaign.state == CampaignState.ENDED else None


def refuse_title(title: str) -> Refusal | None:
    """Refuse a title that is empty or longer than 120 characters."""
    if not title.strip():
        return refuse("campaigns:title:empty", field_name="title")
    if len(title) > 120:
        return refuse("campaigns:title:too_long", field_name="title", most=120)
    return None


def refuse_dates(starts_on: date, ends_on: date) -> Refusal | None:
    """Refuse a campaign that ends before it starts, or that lasts longer than ten years."""
    if ends_on < starts_on:
        return refuse("campaigns:dates:reversed", field_name="ends_on")
    if (ends_on - starts_on).days > MOST_DAYS:
        return refuse("campaigns:dates:too_long", field_name="ends_on")
    return None


def refuse_unit_outside(campaign_unit: InUnit, unit: InUnit) -> Refusal | None:
    """Refuse an activity of a unit that does not lie at or beneath the campaign's own."""
    if unit.path.startswith(campaign_unit.path):
        return None
    return refuse("campaigns:activity:unit_outside", field_name="unit")


def paths_above(path: str) -> list[str]:
    """Return the paths of a unit and of all units above it: `1/7/42/` gives `1/`, `1/7/`, `1/7/42/`."""
    steps = path.rstrip("/").split("/")
    return ["/".join(steps[: end + 1]) + "/" for end in range(len(steps))]
