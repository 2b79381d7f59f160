"""Files brought in: every row staged and judged before anything is applied."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tradeshall.core import clock
from tradeshall.intake.enums import ImportState, Verdict


class ImportRun(models.Model):
    """One file on its way in."""

    kind = models.CharField(max_length=20)  # "units", "roster", "items"
    unit_path = models.CharField(max_length=255)  # of the unit it is for; a path, since units stand above this app
    target = models.CharField(max_length=120, blank=True)  # the pool, for items
    file_name = models.CharField(max_length=200)
    actor = models.CharField(max_length=40)
    state = models.CharField(max_length=10, default=ImportState.STAGED.value)
    started_at = models.DateTimeField(default=clock.now)
    applied_at = models.DateTimeField(null=True)
    added_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)
    noted_count = models.PositiveIntegerField(default=0)  # rows taken, of which something is to be said
    ignored_columns = models.JSONField(default=list)  # headings in the file that nobody asked for

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ImportState]), name="import_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"


class StagedRow(models.Model):
    """One row of a file, parsed, with its verdict.

    Dropped once its run is applied, unless it was refused or something is to be said of it.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()  # as a person counts in the spreadsheet, the heading is 1
    verdict = models.CharField(max_length=10)
    values = models.JSONField(default=dict)
    problems = models.JSONField(default=list)  # [{"column", "code", "details"}]
    notes = models.JSONField(default=list)  # the same: what was lost or looks odd in a row that is taken

    class Meta:
        ordering = ["line"]
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=[v.value for v in Verdict]), name="staged_verdict_known"),
        ]
        indexes = [models.Index(fields=["run", "verdict", "line"])]

    def __str__(self) -> str:
        return f"line {self.line}: {self.verdict}"
