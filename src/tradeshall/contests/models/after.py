"""What comes after a round: appeals, rulings, versions of results, statistics, and what a person should look at."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tradeshall.contests.enums import OutlierKind, OutlierState, RulingVerdict, VersionState
from tradeshall.contests.models._constraints import one_of
from tradeshall.core import clock


class ItemRuling(models.Model):
    """What was decided about an item of a round, in words for everyone. The newest of an item stands."""

    round = models.ForeignKey("contests.Round", on_delete=models.PROTECT, related_name="rulings")
    item_number = models.BigIntegerField()  # as in the pack: the number of the bank's item
    verdict = models.CharField(max_length=12)
    key = models.JSONField(default=list)  # of a corrected key: the options that are right, as written
    words = models.TextField()
    ruled_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-ruled_at", "-pk"]
        constraints = [one_of("verdict", RulingVerdict, "ruling_verdict_known")]
        indexes = [models.Index(fields=["round", "item_number"])]

    def __str__(self) -> str:
        return f"{self.item_number}: {self.verdict}"


class Appeal(models.Model):
    """A member says that an item of their paper is wrong. Open until a ruling answers it."""

    round = models.ForeignKey("contests.Round", on_delete=models.PROTECT, related_name="appeals")
    entrant = models.ForeignKey("contests.Entrant", on_delete=models.PROTECT, related_name="appeals")
    attempt_number = models.PositiveIntegerField()
    item_number = models.BigIntegerField()
    reason = models.TextField()
    source = models.CharField(max_length=300, blank=True)
    filed_at = models.DateTimeField(default=clock.now)
    ruling = models.ForeignKey(ItemRuling, null=True, on_delete=models.PROTECT, related_name="appeals")

    class Meta:
        ordering = ["filed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "entrant", "item_number"], condition=Q(ruling=None), name="appeal_open_once"
            )
        ]
        indexes = [models.Index(fields=["round", "item_number"])]

    def __str__(self) -> str:
        return f"{self.item_number}: {self.reason[:40]}"

    @property
    def verdict(self) -> str:
        """What was decided; "" while nothing was."""
        return self.ruling.verdict if self.ruling else ""


class ResultsVersion(models.Model):
    """The results of a round as they stood from a day on. Number 1 is what the first ranking gave.

    `corrections` are all that hold in this version, by item; `changes` those that are new in it. Progress is counted
    in ranges of participants, then of those who stay as they are, so that whoever goes on after a crash knows where.
    A number is given when it is put in force.
    """

    round = models.ForeignKey("contests.Round", on_delete=models.PROTECT, related_name="versions")
    state = models.CharField(max_length=10, default=VersionState.BUILDING.value)
    number = models.PositiveIntegerField(null=True)
    note = models.TextField(blank=True)  # for everyone
    corrections = models.JSONField(default=dict)
    changes = models.JSONField(default=list)
    prepared_at = models.DateTimeField(default=clock.now)
    made_at = models.DateTimeField(null=True)
    base_ranked_at = models.DateTimeField(null=True)  # the ranking it was built upon
    ranges_done = models.PositiveIntegerField(default=0)
    ranges = models.PositiveIntegerField(default=1)
    consequences = models.JSONField(default=dict)

    class Meta:
        ordering = ["round", "pk"]
        constraints = [
            one_of("state", VersionState, "version_state_known"),
            models.UniqueConstraint(fields=["round", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(state__in=["building", "ready", "confirmed"]),
                name="version_one_in_the_making",
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.APPLIED.value, number__isnull=False, made_at__isnull=False)
                | (~Q(state=VersionState.APPLIED.value) & Q(number=None, made_at=None)),
                name="version_in_force_has_its_number",
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number or '-'} of round {self.round_id}"

    @property
    def parts(self) -> int:
        """In how many parts it is built: the ranges that are scored anew, and as many that are taken over."""
        return 2 * self.ranges


class VersionStanding(models.Model):
    """A standing as it is in one version; that of the newest version in force is also the `Standing`."""

    # A million rows a version: what the unique index finds needs no index of its own.
    version = models.ForeignKey(ResultsVersion, on_delete=models.CASCADE, related_name="standings", db_index=False)
    entrant = models.ForeignKey("contests.Entrant", on_delete=models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+", db_index=False)
    attempt_number = models.PositiveIntegerField()
    attempts_count = models.PositiveIntegerField()
    score_points = models.IntegerField()
    time_used_ms = models.BigIntegerField()
    finished_at = models.DateTimeField()
    days = models.JSONField(default=dict)  # day → what it holds, where days are added up
    lot = models.CharField(max_length=64, blank=True)  # decides between equal ones where the rules say so
    rank = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "entrant"], name="version_standing_once")]

    def __str__(self) -> str:
        return f"{self.rank or '-'}: {self.score_points}"


class RescoredAttempt(models.Model):
    """An attempt whose score or maximum a version changes: what it was in the version before, and what it is."""

    version = models.ForeignKey(ResultsVersion, on_delete=models.CASCADE, related_name="rescored", db_index=False)
    result = models.ForeignKey("contests.AttemptResult", on_delete=models.PROTECT, related_name="rescored")
    was_points = models.IntegerField()
    was_max_points = models.PositiveIntegerField()
    score_points = models.IntegerField()
    max_points = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "result"], name="rescored_once")]

    def __str__(self) -> str:
        return f"{self.was_points} → {self.score_points}"


class RoundStatistics(models.Model):
    """What the answers of a round say about its papers as a measure; see `rules.analysis` for the methods."""

    round = models.OneToOneField(
        "contests.Round", primary_key=True, on_delete=models.PROTECT, related_name="statistics"
    )
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveIntegerField()  # all that were handed in
    analysed = models.PositiveIntegerField()  # first attempts that went into the figures
    mean = models.FloatField()
    deviation = models.FloatField()
    reliability = models.FloatField(null=True)  # null: cannot be told, as where everybody scores the same
    measurement_error = models.FloatField(null=True)  # standard error of measurement, in points
    same_papers = models.BooleanField()
    model_fitted = models.BooleanField(default=False)  # whether the 2PL stands beside the items

    def __str__(self) -> str:
        return f"statistics of round {self.round_id}"


class ItemStatistics(models.Model):
    """How one item did in one round. `shares` has, for each option as written, how often it was chosen."""

    round = models.ForeignKey("contests.Round", on_delete=models.PROTECT, related_name="item_statistics")
    item = models.ForeignKey("contests.Item", on_delete=models.PROTECT, related_name="statistics")
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(default=clock.now)
    n = models.PositiveIntegerField()
    exposure = models.FloatField()  # on what share of the papers
    facility = models.FloatField(null=True)  # mean share of its points
    discrimination = models.FloatField(null=True)  # correlation with the rest of the paper
    omitted = models.FloatField(null=True)
    shares = models.JSONField(default=list)  # [{"all": …, "top": …, "bottom": …}] by option
    irt_a = models.FloatField(null=True)
    irt_b = models.FloatField(null=True)
    se_a = models.FloatField(null=True)
    se_b = models.FloatField(null=True)
    flags = models.JSONField(default=list)

    class Meta:
        ordering = ["round", "item"]
        constraints = [models.UniqueConstraint(fields=["round", "item"], name="item_statistics_once")]

    def __str__(self) -> str:
        return f"item {self.item_id} in round {self.round_id}"


class Outlier(models.Model):
    """Something in the answers of a round that a person should look at. A machine does nothing about it."""

    round = models.ForeignKey("contests.Round", on_delete=models.PROTECT, related_name="outliers")
    kind = models.CharField(max_length=20)
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")
    entrants = models.ManyToManyField("contests.Entrant", related_name="+")
    fingerprint = models.CharField(max_length=80)  # finds it again when it is looked for anew
    facts = models.JSONField(default=dict)  # the figures of its sentence
    weight = models.FloatField(default=0)  # how far beyond chance: for the order of the list alone
    found_at = models.DateTimeField(default=clock.now)
    state = models.CharField(max_length=10, default=OutlierState.OPEN.value)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-weight", "pk"]
        constraints = [
            one_of("kind", OutlierKind, "outlier_kind_known"),
            one_of("state", OutlierState, "outlier_state_known"),
            models.UniqueConstraint(fields=["round", "fingerprint"], name="outlier_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in round {self.round_id}"

    @property
    def unit_path(self) -> str:
        return self.unit.path

    @property
    def campaign_number(self) -> str:
        return self.round.campaign_number
