"""What campaigns tell other apps."""

from __future__ import annotations

from dataclasses import dataclass

from tradeshall.journal.events import event


@event
@dataclass(frozen=True, slots=True)
class CampaignPublished:
    """A campaign can be seen by the members it is meant for."""

    campaign_id: int
    number: str


@event
@dataclass(frozen=True, slots=True)
class CampaignEnded:
    """A campaign is over and its activities are closed."""

    campaign_id: int
    number: str


@event
@dataclass(frozen=True, slots=True)
class ActivityPublished:
    """An activity can be seen by the members it is meant for."""

    activity_id: int
    kind: str
    number: str


@event
@dataclass(frozen=True, slots=True)
class ActivityClosed:
    """An activity takes nothing more."""

    activity_id: int
    kind: str
    number: str
