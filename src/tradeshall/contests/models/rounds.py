"""The contest, its rounds with their blueprints, and what publication froze."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tradeshall.contests.enums import Advance, Counting, RankStyle, Results, Review, RoundState, Scoring, TieBreak
from tradeshall.contests.models._constraints import one_of


def default_tie_breaks() -> list[str]:
    return [TieBreak.SCORE.value, TieBreak.TIME_USED.value, TieBreak.EARLIER_FINISH.value]


class Contest(models.Model):
    """A knowledge contest, played in rounds. After `joining_ends_at` nobody new may enter; who entered goes on."""

    activity = models.OneToOneField(
        "campaigns.Activity", primary_key=True, on_delete=models.PROTECT, related_name="contest"
    )
    preset = models.CharField(max_length=12, blank=True)  # what it was set up from; nothing depends on it
    joining_ends_at = models.DateTimeField(null=True)

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
    """One round: its window, its limits, which attempt counts, and when results are shown.

    `opens_after`: only who passed that round may sit this one. `advances_from`: only who is on the list made from
    that round's results, and confirmed at `advanced_at`. `publish_at`: an organiser has said that the server shall
    publish it then.
    """

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
    cap_per_day = models.PositiveIntegerField(default=0)  # points; 0: no cap
    cap_total = models.PositiveIntegerField(default=0)
    rank_style = models.CharField(max_length=10, default=RankStyle.STANDARD.value)
    opens_after = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="opening")
    advances_from = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="leading_to")
    advance_by = models.CharField(max_length=12, blank=True)
    advance_top = models.PositiveIntegerField(default=0)
    advance_depth = models.PositiveSmallIntegerField(default=0)  # of the units whose best go on
    advance_points = models.PositiveIntegerField(default=0)
    advanced_at = models.DateTimeField(null=True)
    material = models.TextField(blank=True)  # to read before the round; no rule, so it may be put right at any time
    material_url = models.URLField(max_length=500, blank=True)
    publish_at = models.DateTimeField(null=True)
    variants = models.JSONField(default=list)  # of the pack: the units whose members get items of their own
    appeals_days = models.PositiveSmallIntegerField(default=3)  # after the close; 0: no appeals
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
            one_of("rank_style", RankStyle, "round_rank_style_known"),
            one_of("advance_by", Advance, "round_advance_known"),
            models.CheckConstraint(
                condition=Q(advance_by="", advances_from=None) | (~Q(advance_by="") & Q(advances_from__isnull=False)),
                name="round_advances_from_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(opens_after=None) | ~Q(opens_after=F("id")), name="round_opens_after_another"
            ),
            models.CheckConstraint(
                condition=Q(advances_from=None) | ~Q(advances_from=F("id")), name="round_advances_from_another"
            ),
            models.CheckConstraint(
                condition=Q(advanced_at=None) | Q(advances_from__isnull=False), name="round_list_has_its_rule"
            ),
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
            models.CheckConstraint(condition=Q(appeals_days__lte=60), name="round_appeals_in_bounds"),
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
    """A line of the blueprint: how many items from which pools, of what kind, for how many points each.

    `local`: members get items of their own unit where it offers enough, and those of the pools otherwise.
    """

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=80, blank=True)
    pools = models.ManyToManyField("contests.Pool", related_name="+")
    forms = models.JSONField(default=list)  # [] : any
    tags = models.JSONField(default=list)  # [] : any; otherwise at least one of these
    difficulty_from = models.PositiveSmallIntegerField(default=1)
    difficulty_to = models.PositiveSmallIntegerField(default=5)
    count = models.PositiveSmallIntegerField()
    points = models.PositiveSmallIntegerField(default=5)
    scoring = models.CharField(max_length=16, default=Scoring.ALL_OR_NOTHING.value)
    local = models.BooleanField(default=False)

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
