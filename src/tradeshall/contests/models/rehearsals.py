"""Rehearsals of a round by invented people: asked for, played, reported; never part of any result."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tradeshall.contests.enums import RehearsalState
from tradeshall.contests.models._constraints import one_of
from tradeshall.contests.models.rounds import Round


class Rehearsal(models.Model):
    """One rehearsal, and what it has shown."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="rehearsals")
    members = models.PositiveIntegerField()
    minutes = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, default=RehearsalState.ASKED.value)
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict)

    class Meta:
        constraints = (
            one_of("state", RehearsalState, "rehearsal_state_known"),
            models.CheckConstraint(
                condition=Q(members__gte=1, members__lte=2000, minutes__gte=1, minutes__lte=10),
                name="rehearsal_size_in_bounds",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(state__in=[RehearsalState.DONE.value, RehearsalState.FAILED.value]),
                name="rehearsal_ended_is_over",
            ),
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(state__in=[RehearsalState.ASKED.value, RehearsalState.RUNNING.value]),
                name="rehearsal_one_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.round_id} {self.asked_at:%Y-%m-%d %H:%M}"
