"""What binds the rounds of a contest together: achievements, lists of those who go on, time for those who need it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tradeshall.contests.enums import Achieved
from tradeshall.contests.models._constraints import one_of
from tradeshall.core import clock


class Achievement(models.Model):
    """What members can reach over a whole contest, and by what rule. Who has is computed, never stored.

    `since_joining`: rounds that were over before somebody entered are not asked of them.
    """

    contest = models.ForeignKey("contests.Contest", on_delete=models.PROTECT, related_name="achievements")
    position = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=80)
    title_en = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=12)
    least = models.PositiveIntegerField(default=0)
    must_pass = models.BooleanField(default=False)
    since_joining = models.BooleanField(default=False)

    class Meta:
        ordering = ["contest", "position", "id"]
        constraints = [
            one_of("kind", Achieved, "achievement_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=Achieved.ROUNDS.value) | Q(least__gte=1), name="achievement_asks_for_something"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Finalist(models.Model):
    """Who goes on to a round, by the list an organiser confirmed."""

    round = models.ForeignKey("contests.Round", on_delete=models.PROTECT, related_name="finalists")
    entrant = models.ForeignKey("contests.Entrant", on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveIntegerField()  # in the round before, or in the unit whose best go on

    class Meta:
        ordering = ["round", "rank", "id"]
        constraints = [models.UniqueConstraint(fields=["round", "entrant"], name="finalist_once")]

    def __str__(self) -> str:
        return f"{self.rank}"


class TimeAllowance(models.Model):
    """More time for a member in a contest. It says something about a person: shown to few, and gone with them."""

    contest = models.ForeignKey("contests.Contest", on_delete=models.PROTECT, related_name="time_allowances")
    membership = models.ForeignKey("people.Membership", on_delete=models.CASCADE, related_name="+")
    percent = models.PositiveSmallIntegerField()  # of the time limit: 150 is half as much again
    granted_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-granted_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["contest", "membership"], name="time_allowance_once"),
            models.CheckConstraint(condition=Q(percent__gt=100, percent__lte=400), name="time_allowance_in_bounds"),
        ]

    def __str__(self) -> str:
        return f"{self.percent} %"  # never whose

    @property
    def unit_path(self) -> str:
        return self.contest.unit_path

    @property
    def campaign_number(self) -> str:
        return self.contest.campaign_number
