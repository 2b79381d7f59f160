"""Boards beyond a single round: what the organiser set, what is counted as attempts come in, what was kept of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tradeshall.contests.enums import BoardKind, BoardRanks
from tradeshall.contests.models._constraints import one_of
from tradeshall.units.enums import UnitKind


class ContestBoards(models.Model):
    """How the rounds of a contest add up, and from when its boards stand still. Without a row: all, and never."""

    contest = models.OneToOneField(
        "contests.Contest", primary_key=True, on_delete=models.PROTECT, related_name="boards"
    )
    best_rounds = models.PositiveSmallIntegerField(default=0)  # so many of somebody's best rounds count; 0: all
    freeze_at = models.DateTimeField(null=True)
    frozen_at = models.DateTimeField(null=True)  # when the state members see was kept
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "contest boards"
        constraints = [
            models.CheckConstraint(
                condition=Q(frozen_at=None) | Q(freeze_at__isnull=False), name="boards_frozen_at_their_hour"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None) | Q(freeze_at__isnull=False), name="boards_lifted_were_frozen"
            ),
        ]

    def __str__(self) -> str:
        return f"boards of {self.contest_id}"


class UnitBoard(models.Model):
    """A board of the units of one level: what it is made of, in which weights, and who is large enough for it."""

    contest = models.ForeignKey("contests.Contest", on_delete=models.PROTECT, related_name="unit_boards")
    position = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=20, default=UnitKind.BRANCH.value)
    depth = models.PositiveSmallIntegerField(null=True)  # the root is at 1; null: wherever the kind stands
    industry = models.CharField(max_length=60, blank=True)  # "": all
    weights = models.JSONField(default=dict)  # a weight from 1 to 100 for each part; see BoardPart
    top_count = models.PositiveSmallIntegerField(default=10)  # of how many the mean of the best is taken
    least_members = models.PositiveIntegerField(default=30)
    least_taking_part = models.PositiveIntegerField(default=10)
    ranks = models.CharField(max_length=10, default=BoardRanks.STANDARD.value)

    class Meta:
        ordering = ["contest", "position", "id"]
        constraints = [
            one_of("kind", UnitKind, "unit_board_kind_known"),
            one_of("ranks", BoardRanks, "unit_board_ranks_known"),
            models.CheckConstraint(condition=Q(least_members__gte=30), name="unit_board_members_at_least_thirty"),
            models.CheckConstraint(condition=Q(least_taking_part__gte=10), name="unit_board_people_at_least_ten"),
            models.CheckConstraint(
                condition=Q(top_count__gte=10, top_count__lte=1000), name="unit_board_top_in_bounds"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def unit_path(self) -> str:
        return self.contest.activity.unit.path

    @property
    def campaign_number(self) -> str:
        return self.contest.activity.campaign.number


class UnitTally(models.Model):
    """What the members of one unit itself have done in a round: kept up with every batch read from the ledger."""

    round = models.ForeignKey("contests.Round", on_delete=models.PROTECT, related_name="unit_tallies")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")
    people = models.PositiveIntegerField()
    attempts = models.PositiveIntegerField()
    score_sum = models.BigIntegerField()
    scores = models.BinaryField()  # how many have which score; see rules.figures.pack_scores

    class Meta:
        verbose_name_plural = "unit tallies"
        constraints = [models.UniqueConstraint(fields=["round", "unit"], name="unit_tally_once")]

    def __str__(self) -> str:
        return f"{self.people} of unit {self.unit_id}"


class ContestStanding(models.Model):
    """What counts for one entrant over all rounds whose results may be seen; made of standings, again and again.

    Only where a contest has several rounds that count.
    """

    contest = models.ForeignKey("contests.Contest", on_delete=models.PROTECT, related_name="standings")
    entrant = models.OneToOneField("contests.Entrant", on_delete=models.PROTECT, related_name="contest_standing")
    unit = models.ForeignKey("units.Unit", on_delete=models.PROTECT, related_name="+")  # the entrant's
    rounds_count = models.PositiveIntegerField()  # in how many rounds they have a result that may be seen
    score_points = models.BigIntegerField()
    time_used_ms = models.BigIntegerField()
    finished_at = models.DateTimeField()
    attempts_count = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["contest", "-score_points", "time_used_ms", "finished_at"]),
            models.Index(fields=["contest", "unit"]),
        ]

    def __str__(self) -> str:
        return f"{self.score_points} in {self.rounds_count} rounds"


class BoardState(models.Model):
    """Figures of all units as they were computed last, or a board as it was frozen, in one compact body."""

    contest = models.ForeignKey("contests.Contest", on_delete=models.PROTECT, related_name="board_states")
    round = models.ForeignKey("contests.Round", null=True, on_delete=models.PROTECT, related_name="board_states")
    scope_key = models.CharField(max_length=40)  # "round:12", "contest:7"
    kind = models.CharField(max_length=16)
    made_at = models.DateTimeField()
    body = models.BinaryField()

    class Meta:
        constraints = [
            one_of("kind", BoardKind, "board_state_kind_known"),
            models.UniqueConstraint(fields=["scope_key", "kind"], name="board_state_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.made_at:%Y-%m-%d %H:%M}"


class BoardDay(models.Model):
    """Where units stood on a board at the end of a day. A large board is kept in parts, by the unit's key."""

    board = models.ForeignKey(UnitBoard, on_delete=models.PROTECT, related_name="days")
    stood_on = models.DateField()
    part = models.PositiveSmallIntegerField()  # see rules.days.part_of
    made_at = models.DateTimeField()
    lines = models.BinaryField()

    class Meta:
        ordering = ["board", "stood_on", "part"]
        constraints = [models.UniqueConstraint(fields=["board", "stood_on", "part"], name="board_day_once")]

    def __str__(self) -> str:
        return f"{self.stood_on}"
