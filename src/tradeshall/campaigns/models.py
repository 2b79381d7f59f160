"""The campaign is the spine; an activity is what every kind of activity is composed with."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tradeshall.campaigns.enums import ActivityState, CampaignState
from tradeshall.core import clock


class NumberSeries(models.Model):
    """The last number given under a prefix in a year."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "number series"
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.last}"


class Campaign(models.Model):
    """A campaign owned by a unit and meant for that unit and everything beneath it."""

    number = models.CharField(max_length=20, unique=True)  # "ZT-2026-0007", printed on its tickets
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="campaigns")
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    summary = models.TextField(blank=True)
    summary_en = models.TextField(blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField()  # the last day
    state = models.CharField(max_length=10, default=CampaignState.DRAFT.value)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in CampaignState]), name="campaign_state_known"
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="campaign_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def unit_path(self) -> str:
        return self.unit.path

    @property
    def campaign_number(self) -> str:
        """What authority asks of anything that belongs to a campaign."""
        return self.number


class Activity(models.Model):
    """One activity of a campaign. Its kind is an app that registered itself and keeps the rest in its own row."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="activities")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=20)
    number = models.CharField(max_length=20, unique=True)  # "JS-2026-0012"
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, default=ActivityState.DRAFT.value)

    class Meta:
        ordering = ["campaign", "position", "id"]
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ActivityState]), name="activity_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def unit_path(self) -> str:
        return self.unit.path

    @property
    def campaign_number(self) -> str:
        return self.campaign.number
