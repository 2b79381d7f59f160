"""The bank, the contest and its rounds, who takes part, and what came back from the engine's ledger."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tradeshall.contests.enums import Counting, ItemForm, ItemState, Results, Review, RoundState, Scoring, TieBreak
from tradeshall.core import clock
from tradeshall.core.ids import random_number


def one_of(field: str, words: type, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": [word.value for word in words]}), name=name)  # type: ignore[attr-defined]


def default_tie_breaks() -> list[str]:
    return [TieBreak.SCORE.value, TieBreak.TIME_USED.value, TieBreak.EARLIER_FINISH.value]


class Pool(models.Model):
    """A pool of items owned by a unit."""

    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="pools")
    name = models.CharField(max_length=80)
    shared_downward = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["unit", "name"], name="pool_name_once_in_a_unit")]

    def __str__(self) -> str:
        return self.name

    @property
    def unit_path(self) -> str:
        return self.unit.path


class Item(models.Model):
    """One question. `key` holds the positions of the right options, from 0; `stem_hash` finds it again on import."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="items")
    form = models.CharField(max_length=12)
    stem = models.TextField()
    options = models.JSONField(default=list)
    key = models.JSONField(default=list)
    explanation = models.TextField(blank=True)
    difficulty = models.PositiveSmallIntegerField(default=3)  # 1 easy to 5 hard
    tags = models.JSONField(default=list)
    source = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, default=ItemState.REVIEWED.value)
    version = models.PositiveIntegerField(default=1)
    stem_hash = models.CharField(max_length=64)  # SHA-256 of form and normalised stem
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            one_of("form", ItemForm, "item_form_known"),
            one_of("state", ItemState, "item_state_known"),
            models.CheckConstraint(
                condition=Q(difficulty__gte=1, difficulty__lte=5), name="item_difficulty_in_bounds"
            ),
            models.UniqueConstraint(fields=["pool", "stem_hash"], name="item_once_in_a_pool"),
        ]
        indexes = [models.Index(fields=["pool", "state", "form"])]

    def __str__(self) -> str:
        return self.stem[:40]

    @property
    def unit_path(self) -> str:
        return self.pool.unit.path


class Contest(models.Model):
    """A knowledge contest, played in rounds."""

    activity = models.OneToOneField(
        "campaigns.Activity", primary_key=True, on_delete=models.PROTECT, related_name="contest"
    )

    def __str__(self) -> str:
        return str(self.activity)

    @property
    def unit_path(self) -> str:
        return self.activity.unit.path

    @property
    def campaign_number(self) -> str:
        """What authority asks of anything that belongs to a campaign."""
        return self.activity.campaign.number


class Round(models.Model):
    """One round: its window, its limits, which attempt counts, and when results are shown."""

    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, related_name="rounds")
    position = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    practice = models.BooleanField(default=False)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    time_limit_seconds = models.PositiveIntegerField(default=900)
    grace_seconds = models.PositiveIntegerField(default=60)
    attempts_per_day = models.PositiveSmallIntegerField(default=0)  # 0: no limit
    attempts_total = models.PositiveSmallIntegerField(default=1)  # 0: no limit
    counting = models.CharField(max_length=10, default=Counting.BEST.value)
    tie_breaks = models.JSONField(default=default_tie_breaks)
    pass_points = models.PositiveIntegerField(default=0)
    results = models.CharField(max_length=12, default=Results.AT_ONCE.value)
    review = models.CharField(max_length=12, default=Review.AFTER_ROUND.value)
    shuffle_options = models.BooleanField(default=True)
    exposure_cap_percent = models.PositiveSmallIntegerField(default=50)  # items drawn of items in the pool
    state = models.CharField(max_length=10, default=RoundState.DRAFT.value)
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    ranked_at = models.DateTimeField(null=True)  # when the final ranks were last made; null while they are not
    released_at = models.DateTimeField(null=True)  # when results held back for review were released

    class Meta:
        ordering = ["contest", "position", "id"]
        constraints = [
            one_of("state", RoundState, "round_state_known"),
            one_of("counting", Counting, "round_counting_known"),
            one_of("results", Results, "round_results_known"),
            one_of("review", Review, "round_review_known"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="round_closes_after_it_opens"),
            models.CheckConstraint(
                condition=Q(time_limit_seconds__gte=10, time_limit_seconds__lte=86400),
                name="round_time_limit_in_bounds",
            ),
            models.CheckConstraint(condition=Q(grace_seconds__lte=3600), name="round_grace_in_bounds"),
            models.CheckConstraint(
                condition=Q(exposure_cap_percent__gte=1, exposure_cap_percent__lte=100),
                name="round_exposure_in_bounds",
            ),
            models.CheckConstraint(
                condition=Q(state=RoundState.DRAFT.value, published_at=None)
                | (~Q(state=RoundState.DRAFT.value) & Q(published_at__isnull=False)),
                name="round_published_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(state=RoundState.CLOSED.value, closed_at__isnull=False)
                | (~Q(state=RoundState.CLOSED.value) & Q(closed_at=None)),
                name="round_closed_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(ranked_at=None) | Q(state=RoundState.CLOSED.value), name="round_ranked_is_closed"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def unit_path(self) -> str:
        return self.contest.activity.unit.path

    @property
    def campaign_number(self) -> str:
        return self.contest.activity.campaign.number


class Section(models.Model):
    """A line of the blueprint: how many items from which pools, of what kind, for how many points each."""

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=80, blank=True)
    pools = models.ManyToManyField(Pool, related_name="+")
    forms = models.JSONField(default=list)  # [] : any
    tags = models.JSONField(default=list)  # [] : any; otherwise at least one of these
    difficulty_from = models.PositiveSmallIntegerField(default=1)
    difficulty_to = models.PositiveSmallIntegerField(default=5)
    count = models.PositiveSmallIntegerField()
    points = models.PositiveSmallIntegerField(default=5)
    scoring = models.CharField(max_length=16, default=Scoring.ALL_OR_NOTHING.value)

    class Meta:
        ordering = ["round", "position"]
        constraints = [
            one_of("scoring", Scoring, "section_scoring_known"),
            models.CheckConstraint(condition=Q(count__gte=1, count__lte=200), name="section_count_in_bounds"),
            models.CheckConstraint(condition=Q(points__gte=1, points__lte=100), name="section_points_in_bounds"),
            models.CheckConstraint(
                condition=Q(difficulty_from__gte=1, difficulty_to__lte=5, difficulty_from__lte=F("difficulty_to")),
                name="section_difficulty_in_bounds",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"section {self.position}"


class RoundPack(models.Model):
    """What publication froze: the sealed pack the engine plays, and the commitments shown to everyone."""

    round = models.OneToOneField(Round, primary_key=True, on_delete=models.PROTECT, related_name="pack")
    content_hash = models.CharField(max_length=64)
    sealed = models.BinaryField()
    commitments = models.JSONField()
    deposited_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.content_hash[:12]


class Entrant(models.Model):
    """A member in a contest. The ledger knows only `number`; without this row it names nobody."""

    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, related_name="entrants")
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

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="attempt_results")
    entrant = models.ForeignKey(Entrant, on_delete=models.PROTECT, related_name="attempt_results")
    number = models.PositiveIntegerField()
    score_points = models.IntegerField()
    max_points = models.PositiveIntegerField()
    time_used_ms = models.PositiveIntegerField()
    finished_at = models.DateTimeField()
    by_deadline = models.BooleanField(default=False)
    leaf = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "entrant", "number"], name="attempt_result_once")]
        indexes = [models.Index(fields=["round", "-score_points", "time_used_ms", "finished_at"])]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.score_points}"


class Standing(models.Model):
    """What counts for one entrant in one round. Kept up with every attempt read; ranked when the round is over."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="standings")
    entrant = models.ForeignKey(Entrant, on_delete=models.PROTECT, related_name="standings")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")  # the entrant's
    attempt_number = models.PositiveIntegerField()  # the attempt that counts; of a sum, the last
    attempts_count = models.PositiveIntegerField()
    score_points = models.IntegerField()
    time_used_ms = models.BigIntegerField()
    finished_at = models.DateTimeField()
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
