"""Prize draws: what is announced, the sealed list of tickets, who was drawn, and who claims."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tradeshall.contests.enums import DrawState, Forfeit, WinnerState
from tradeshall.contests.models._constraints import one_of
from tradeshall.core import clock


class PrizeDraw(models.Model):
    """A draw among those who took part in a round, or in all rounds of a contest.

    The persons who run it stand here as the journal names them, without a foreign key, so that erasing an
    account never loses who sealed and who confirmed.
    """

    contest = models.ForeignKey("contests.Contest", on_delete=models.PROTECT, related_name="draws")
    round = models.ForeignKey("contests.Round", null=True, on_delete=models.PROTECT, related_name="draws")
    title = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160, blank=True)
    # who has a ticket: everybody who finished, and all that is asked here; 0 asks nothing
    least_points = models.PositiveIntegerField(default=0)
    least_passed = models.PositiveSmallIntegerField(default=0)  # rounds in which the pass mark was reached
    least_attempts = models.PositiveIntegerField(default=0)
    least_days = models.PositiveSmallIntegerField(default=0)  # days on which an attempt was finished
    least_streak = models.PositiveSmallIntegerField(default=0)  # such days one after another
    every_round = models.BooleanField(default=False)
    unit = models.ForeignKey("units.Unit", null=True, on_delete=models.PROTECT, related_name="+")
    leaves_out_staff = models.BooleanField(default=True)  # whoever holds a role in any unit
    reserves = models.PositiveIntegerField(default=10)
    claim_days = models.PositiveSmallIntegerField(default=14)
    seals_at = models.DateTimeField()  # not before
    state = models.CharField(max_length=10, default=DrawState.DRAFT.value)
    created_at = models.DateTimeField(default=clock.now)
    announced_at = models.DateTimeField(null=True)
    sealed_at = models.DateTimeField(null=True)
    drawn_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # or called off
    sealed_by = models.CharField(max_length=40, blank=True)
    entered_by = models.CharField(max_length=40, blank=True)
    confirmed_by = models.CharField(max_length=40, blank=True)
    why_called_off = models.CharField(max_length=200, blank=True)
    run = models.CharField(max_length=32, blank=True)  # which sealing the list is from
    root = models.CharField(max_length=64, blank=True)
    count = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["contest", "seals_at", "pk"]
        constraints = [
            one_of("state", DrawState, "draw_state_known"),
            models.CheckConstraint(
                condition=Q(confirmed_by="") | (~Q(confirmed_by=F("sealed_by")) & ~Q(confirmed_by=F("entered_by"))),
                name="draw_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(run="", root="", count=None, sealed_at=None, sealed_by="")
                | (
                    ~Q(run="")
                    & ~Q(root="")
                    & ~Q(sealed_by="")
                    & Q(count__isnull=False, sealed_at__isnull=False, announced_at__isnull=False)
                ),
                name="draw_sealed_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[DrawState.SEALED, DrawState.DRAWN, DrawState.PUBLISHED, DrawState.CLOSED])
                | ~Q(run=""),
                name="draw_has_its_list",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[DrawState.DRAWN, DrawState.PUBLISHED, DrawState.CLOSED])
                & Q(drawn_at__isnull=False)
                & ~Q(confirmed_by="")
                & ~Q(entered_by="")
                | ~Q(state__in=[DrawState.DRAWN, DrawState.PUBLISHED, DrawState.CLOSED])
                & Q(drawn_at=None, confirmed_by=""),
                name="draw_drawn_by_two",
            ),
            models.CheckConstraint(
                condition=Q(claim_days__gte=1, claim_days__lte=365), name="draw_claim_days_in_bounds"
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


class DrawPrize(models.Model):
    """A prize, and how many there are of it; the first goes to the lowest scores."""

    draw = models.ForeignKey(PrizeDraw, on_delete=models.CASCADE, related_name="prizes")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    count = models.PositiveIntegerField()

    class Meta:
        ordering = ["draw", "position"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "position"], name="draw_prize_once"),
            models.CheckConstraint(condition=Q(count__gte=1, count__lte=100_000), name="draw_prize_in_bounds"),
        ]

    def __str__(self) -> str:
        return self.name


class DrawEvent(models.Model):
    """A public event whose result nobody can know in advance; `value` as one person entered it."""

    draw = models.ForeignKey(PrizeDraw, on_delete=models.CASCADE, related_name="events")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    happens_at = models.DateTimeField()
    value = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["draw", "position"]
        constraints = [models.UniqueConstraint(fields=["draw", "position"], name="draw_event_once")]

    def __str__(self) -> str:
        return self.name


class DrawTicket(models.Model):
    """One participant's ticket. Those of a sealing that was cut off belong to no draw's `run`, and are nobody's."""

    draw = models.ForeignKey(PrizeDraw, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    run = models.CharField(max_length=32)
    ticket = models.CharField(max_length=32)
    entrant = models.ForeignKey("contests.Entrant", on_delete=models.PROTECT, related_name="draw_tickets")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "run", "ticket"], name="draw_ticket_once"),
            models.UniqueConstraint(fields=["draw", "run", "entrant"], name="draw_ticket_one_an_entrant"),
        ]

    def __str__(self) -> str:
        return self.ticket


class DrawWinner(models.Model):
    """A drawn ticket: its place in the draw, its prize, and what became of it. Reserves have no prize yet."""

    draw = models.ForeignKey(PrizeDraw, on_delete=models.PROTECT, related_name="winners", db_index=False)
    place = models.PositiveIntegerField()  # from 1, by score
    ticket = models.OneToOneField(DrawTicket, on_delete=models.PROTECT, related_name="winner")
    prize = models.ForeignKey(DrawPrize, null=True, on_delete=models.PROTECT, related_name="winners")
    state = models.CharField(max_length=12, default=WinnerState.WON.value)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    due_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)  # handed over or forfeited
    forfeit = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=200, blank=True)  # for the organisers; never public

    class Meta:
        ordering = ["draw", "place"]
        constraints = [
            one_of("state", WinnerState, "draw_winner_state_known"),
            models.UniqueConstraint(fields=["draw", "place"], name="draw_winner_place_once"),
            models.CheckConstraint(
                condition=Q(state=WinnerState.RESERVE.value, prize=None)
                | (~Q(state=WinnerState.RESERVE.value) & Q(prize__isnull=False)),
                name="draw_winner_has_a_prize",
            ),
            models.CheckConstraint(
                condition=(Q(state=WinnerState.FORFEITED.value) & Q(forfeit__in=[word.value for word in Forfeit]))
                | (~Q(state=WinnerState.FORFEITED.value) & Q(forfeit="")),
                name="draw_winner_forfeit_has_its_cause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}"


class DrawClaim(models.Model):
    """Where a prize is to go, encrypted; emptied some time after the draw is closed."""

    winner = models.OneToOneField(DrawWinner, primary_key=True, on_delete=models.PROTECT, related_name="claim")
    shows_name = models.BooleanField(default=False)
    public_name = models.CharField(max_length=60, blank=True)  # only where the member agreed to it
    sealed = models.BinaryField()
    claimed_at = models.DateTimeField(default=clock.now)
    emptied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(shows_name=True) | Q(public_name=""), name="draw_claim_names_by_consent"
            ),
        ]

    def __str__(self) -> str:
        return f"claim of {self.winner_id}"
