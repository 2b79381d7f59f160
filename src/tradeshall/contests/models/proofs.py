"""The public log and the files that are published beside it. Nothing here is ever changed or taken back."""

from __future__ import annotations

from django.db import models

from tradeshall.contests.enums import CheckpointKind, FileKind
from tradeshall.contests.models._constraints import one_of
from tradeshall.core import clock


class LogMark(models.Model):
    """How far a writer's batches stand in the log; the row without a name counts the entries and is the gate."""

    writer = models.CharField(max_length=64, primary_key=True)
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.writer or 'log'} {self.number}"


class LogEntry(models.Model):
    """One entry of the log: a batch (writer and number), or a published file (its subject and version)."""

    position = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=64)
    number = models.BigIntegerField()
    content = models.TextField()  # canonical JSON: the bytes the tree is made over

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["position"], name="log_position_once"),
            models.UniqueConstraint(fields=["kind", "name", "number"], name="log_entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.kind} {self.name} {self.number}"


class LogTile(models.Model):
    """Up to 256 neighbouring hashes of one level of the log's tree (see `engine/proofs/tree.py`)."""

    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "number"], name="log_tile_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.number}"


class Checkpoint(models.Model):
    """A signed size and root of the log."""

    size = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    at = models.DateTimeField(default=clock.now)
    note = models.TextField()

    class Meta:
        ordering = ["pk"]
        constraints = [one_of("kind", CheckpointKind, "checkpoint_kind_known")]
        indexes = [models.Index(fields=["size"]), models.Index(fields=["kind", "at"])]

    def __str__(self) -> str:
        return f"{self.size} {self.at:%Y-%m-%d %H:%M}"


class PublishedFile(models.Model):
    """A file anybody may have: commitments, openings, results, sealed lists, draws. A correction is a new version."""

    subject = models.CharField(max_length=40)  # round/12, draw/3
    kind = models.CharField(max_length=12)
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=80)
    size = models.BigIntegerField()
    count = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64)
    facts = models.CharField(max_length=64, blank=True)  # what a new version has to differ in; empty: in anything
    made_at = models.DateTimeField(default=clock.now)
    position = models.BigIntegerField(null=True)  # of its entry in the log, once it is there

    class Meta:
        ordering = ["pk"]
        constraints = [
            one_of("kind", FileKind, "published_file_kind_known"),
            models.UniqueConstraint(fields=["name"], name="published_file_name_once"),
            models.UniqueConstraint(fields=["subject", "kind", "version"], name="published_file_once"),
        ]
        indexes = [models.Index(fields=["made_at"], condition=models.Q(position=None), name="published_file_waiting")]

    def __str__(self) -> str:
        return self.name


class PublishedPart(models.Model):
    """A piece of a published file, compressed: files of many megabytes are written and sent piece by piece."""

    file = models.ForeignKey(PublishedFile, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["file", "number"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="published_part_once")]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"
