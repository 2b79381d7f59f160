"""Who takes part, and what came back from the engine's ledger."""

from __future__ import annotations

from datetime import date

from django.db import models

from tradeshall.core import clock
from tradeshall.core.ids import random_number


def today() -> date:
    return clock.now().date()


class Entrant(models.Model):
    """A member in a contest. The ledger knows only `number`; without this row it names nobody."""

    contest = models.ForeignKey("contests.Contest", on_delete=models.PROTECT, related_name="entrants")
    membership = models.ForeignKey("people.Membership", null=True, on_delete=models.SET_NULL, related_name="+")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")  # when they entered
    number = models.BigIntegerField(default=random_number)
    pseudonym = models.CharField(max_length=40)
    shows_name = models.BooleanField(default=False)
    entered_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contest", "membership"], name="entrant_once"),
            models.UniqueConstraint(fields=["contest", "number"], name="entrant_number_once"),
            models.UniqueConstraint(fields=["contest", "pseudonym"], name="entrant_pseudonym_once"),
        ]
        indexes = [models.Index(fields=["contest", "unit"])]

    def __str__(self) -> str:
        return self.pseudonym


class AttemptResult(models.Model):
    """One finished attempt as the ledger has it."""

    round = models.ForeignKey("contests.Round", on_delete=models.PROTECT, related_name="attempt_results")
    entrant = models.ForeignKey(Entrant, on_delete=models.PROTECT, related_name="attempt_results")
    number = models.PositiveIntegerField()
    score_points = models.IntegerField()
    max_points = models.PositiveIntegerField()
    time_used_ms = models.PositiveIntegerField()
    finished_at = models.DateTimeField()
    begun_on = models.DateField(default=today)  # the federation's day
    by_deadline = models.BooleanField(default=False)
    leaf = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "entrant", "number"], name="attempt_result_once")]
        indexes = [
            models.Index(fields=["round", "-score_points", "time_used_ms", "finished_at"]),
            models.Index(fields=["entrant", "begun_on"]),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.score_points}"


class Standing(models.Model):
    """What counts for one entrant in one round. Kept up with every attempt read; ranked when the round is over."""

    round = models.ForeignKey("contests.Round", on_delete=models.PROTECT, related_name="standings")
    entrant = models.ForeignKey(Entrant, on_delete=models.PROTECT, related_name="standings")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")  # the entrant's
    attempt_number = models.PositiveIntegerField()  # the attempt that counts; of a sum, the last
    attempts_count = models.PositiveIntegerField()
    score_points = models.IntegerField()
    time_used_ms = models.BigIntegerField()
    finished_at = models.DateTimeField()
    days = models.JSONField(default=dict)  # day → what it holds, where days are added up
    lot = models.CharField(max_length=64, blank=True)  # what orders equal ones, where no ranks are shared
    rank = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "entrant"], name="standing_once")]
        indexes = [models.Index(fields=["round", "rank"]), models.Index(fields=["round", "unit"])]

    def __str__(self) -> str:
        return f"{self.rank or '-'}: {self.score_points}"


class LedgerWatermark(models.Model):
    """How far a writer's sequence has been read; moved on in the transaction that stores what was read."""

    writer = models.CharField(max_length=64, primary_key=True)
    sequence = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.writer} {self.sequence}"
