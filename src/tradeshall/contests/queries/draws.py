"""Reading prize draws: who has a ticket, the sealed list, the files to publish, the winners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from tradeshall.campaigns.rules import paths_above
from tradeshall.contests import ports
from tradeshall.contests.enums import DrawState, RoundState, WinnerState
from tradeshall.contests.models import (
    AttemptResult,
    DrawTicket,
    DrawWinner,
    Entrant,
    LedgerWatermark,
    PrizeDraw,
    Round,
    Standing,
)
from tradeshall.contests.queries.rounds import WITH_CONTEST
from tradeshall.contests.rules import draws as rules
from tradeshall.core import authority, clock
from tradeshall.core.authority import Actor
from tradeshall.engine import draw as drawing
from tradeshall.units.queries import accounts_with_roles, federation_zone

if TYPE_CHECKING:
    from tradeshall.people.models import Membership

BATCH = 5000
SETTLED = timedelta(seconds=5)
"""How much later than the end of a round an unread entry must be to belong to something else."""

_PUBLIC = (
    DrawState.ANNOUNCED,
    DrawState.SEALED,
    DrawState.DRAWN,
    DrawState.PUBLISHED,
    DrawState.CLOSED,
    DrawState.CALLED_OFF,
)
_SHOWN = (DrawState.PUBLISHED, DrawState.CLOSED)


def _loaded(rows: QuerySet[PrizeDraw]) -> QuerySet[PrizeDraw]:
    return rows.select_related(*WITH_CONTEST, "round", "unit").prefetch_related("prizes", "events")


def draws_visible_to(actor: Actor, code: str = "contests:draw:view") -> QuerySet[PrizeDraw]:
    """Return the draws of units in which an actor may do what `code` names."""
    return authority.scope(
        actor,
        code,
        _loaded(PrizeDraw.objects.all()),
        unit="contest__activity__unit",
        campaign="contest__activity__campaign__number",
    ).order_by("seals_at", "pk")


def public_draws() -> QuerySet[PrizeDraw]:
    """Return the draws that were announced at some time; one called off stays, with its reason."""
    return _loaded(PrizeDraw.objects.filter(state__in=_PUBLIC).exclude(announced_at=None)).order_by("seals_at", "pk")


def draws_for_member(membership: Membership) -> QuerySet[PrizeDraw]:
    """Return the announced draws of the contests a member may see."""
    return public_draws().filter(contest__activity__unit__path__in=paths_above(membership.unit_path))


def winners_shown(draw: PrizeDraw) -> bool:
    """Answer whether everybody may see who was drawn."""
    return draw.state in _SHOWN


# who has a ticket


def rounds_counted(draw: PrizeDraw) -> QuerySet[Round]:
    """Return the rounds a draw looks at: its own, or all of the contest that count for anything."""
    rows = Round.objects.filter(contest=draw.contest_id, practice=False).exclude(state=RoundState.DRAFT.value)
    return rows.filter(pk=draw.round_id) if draw.round_id else rows


def eligible_batches(draw: PrizeDraw) -> Iterator[list[int]]:
    """Yield the entrants who have a ticket, some thousands at a time, in the order of their keys.

    Whoever was erased has nobody to claim for them, and no ticket. Four queries a batch at most.
    """
    rounds = list(rounds_counted(draw))
    everybody = Entrant.objects.filter(contest=draw.contest_id).order_by("pk").values_list("pk", flat=True)
    last = 0
    while keys := list(everybody.filter(pk__gt=last)[:BATCH]):
        # Bounded on both sides: grouping all that is left for every batch would take the square of the time.
        rows = _candidates(draw, rounds).filter(entrant__gt=last, entrant__lte=keys[-1])
        found = _kept(draw, rounds, sorted(rows.values_list("entrant", flat=True)))
        if found:
            yield found
        last = keys[-1]


def _candidates(draw: PrizeDraw, rounds: list[Round]) -> Any:
    rows = Standing.objects.filter(round__in=rounds, entrant__membership__isnull=False)
    if draw.unit is not None:
        rows = rows.filter(entrant__unit__path__startswith=draw.unit.path)
    grouped = (
        rows.order_by()
        .values("entrant")
        .annotate(
            points=Sum("score_points"),
            passed=Count("pk", filter=Q(score_points__gte=F("round__pass_points"))),
            rounds=Count("pk"),
            attempts=Sum("attempts_count"),
        )
        .filter(
            points__gte=draw.least_points, passed__gte=draw.least_passed, attempts__gte=max(draw.least_attempts, 1)
        )
    )
    return grouped.filter(rounds=len(rounds)) if draw.every_round else grouped


def _kept(draw: PrizeDraw, rounds: list[Round], entrants: list[int]) -> list[int]:
    """Return those of some entrants who also answered on days enough and are not staff."""
    if draw.least_days or draw.least_streak:
        entrants = [
            entrant
            for entrant, days in days_answered(rounds, entrants).items()
            if len(days) >= draw.least_days and rules.longest_streak(days) >= draw.least_streak
        ]
    if draw.leaves_out_staff and entrants:
        accounts = dict(
            Entrant.objects.filter(pk__in=entrants, membership__account__isnull=False).values_list(
                "pk", "membership__account"
            )
        )
        staff = accounts_with_roles(set(accounts.values()))
        entrants = [entrant for entrant in entrants if accounts.get(entrant) not in staff]
    return entrants


def days_answered(rounds: list[Round], entrants: list[int]) -> dict[int, list[Any]]:
    """Return the days of the federation on which each of some entrants handed in an attempt, in order."""
    found: dict[int, list[Any]] = {entrant: [] for entrant in entrants}
    rows = (
        AttemptResult.objects.filter(round__in=rounds, entrant__in=entrants)
        .order_by()
        .annotate(day=TruncDate("finished_at", tzinfo=federation_zone()))
        .values_list("entrant", "day")
        .distinct()
    )
    for entrant, day in rows.order_by("entrant", "day"):
        found[entrant].append(day)
    return found


def all_ranked(rounds: list[Round]) -> bool:
    """Answer whether rounds are over with their final ranks made: their grace is past and their attempts are in."""
    return bool(rounds) and all(row.state == RoundState.CLOSED and row.ranked_at is not None for row in rounds)


def read_to_the_end(rounds: list[Round]) -> bool:
    """Answer whether the ledger has been read beyond the end of rounds, whatever else is still being played.

    A writer's entries are in the order in which they arrived: if the first that is unread came well after the
    last round's grace, so did all behind it.
    """
    settled = max(row.closed_at + timedelta(seconds=row.grace_seconds) for row in rounds if row.closed_at) + SETTLED
    ledger = ports.ledger()
    marks = dict(LedgerWatermark.objects.values_list("writer", "sequence"))
    for writer, last in ledger.positions().items():
        mark = marks.get(writer, 0)
        if mark < last:
            first = ledger.row_at(writer, mark + 1)
            if first is None or first.at_ms <= settled.timestamp() * 1000:
                return False
    return True


def standings_seal(rounds: list[Round]) -> list[tuple[int, datetime | None]]:
    """Return what changes as soon as a standing of these rounds does."""
    return sorted(Round.objects.filter(pk__in=[row.pk for row in rounds]).values_list("pk", "ranked_at"))


# the list and the files


def ticket_blocks(draw: PrizeDraw, run: str = "") -> Iterator[bytes]:
    """Yield the packed tickets of a draw's list in ascending order, some thousands at a time."""
    last, size = "", 4 * BATCH
    while True:
        rows = DrawTicket.objects.filter(draw=draw, run=run or draw.run, ticket__gt=last).order_by("ticket")
        tickets = list(rows.values_list("ticket", flat=True)[:size])
        if not tickets:
            return
        yield bytes.fromhex("".join(tickets))
        last = tickets[-1]


def list_lines(draw: PrizeDraw) -> Iterator[bytes]:
    """Yield the list file piece by piece."""
    for block in ticket_blocks(draw):
        yield drawing.list_lines(block)


def results_of(draw: PrizeDraw) -> list[tuple[str, str]]:
    """Return names and values of the announced events, in their order."""
    return [(event.name, event.value) for event in draw.events.all()]


def seed_of(draw: PrizeDraw) -> bytes:
    """Return the seed of a draw whose results were entered."""
    return drawing.seed_of(bytes.fromhex(draw.root), drawing.randomness_bytes(results_of(draw)))


def draw_file(draw: PrizeDraw) -> bytes:
    """Return the file of a drawn draw: the same bytes whenever it is asked for, whatever became of the prizes."""
    moments = (draw.announced_at, draw.sealed_at, draw.drawn_at)
    announced_at_ms, sealed_at_ms, drawn_at_ms = (_ms(moment) for moment in moments if moment is not None)
    prizes = [(prize.name, prize.count) for prize in draw.prizes.all()]
    drawn = list(DrawWinner.objects.filter(draw=draw).order_by("place").values_list("ticket__ticket", flat=True))
    most = sum(count for _, count in prizes)
    return drawing.draw_file(
        contest=draw.contest.activity.number,
        title=draw.title,
        root=bytes.fromhex(draw.root),
        count=draw.count or 0,
        prizes=prizes,
        randomness=results_of(draw),
        announced_at_ms=announced_at_ms,
        sealed_at_ms=sealed_at_ms,
        drawn_at_ms=drawn_at_ms,
        winners=drawn[:most],
        reserves=drawn[most:],
    )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


# winners and tickets


def winners_of(draw: PrizeDraw) -> QuerySet[DrawWinner]:
    """Return the winners of a draw with what became of them, reserves that were never needed aside."""
    return (
        DrawWinner.objects.filter(draw=draw)
        .exclude(state=WinnerState.RESERVE.value)
        .select_related("prize", "ticket", "claim", "replaces")
        .order_by("prize__position", "place")
    )


@dataclass(frozen=True, slots=True)
class OwnTicket:
    """A member's ticket in a draw, its score once there is a seed, and what it won."""

    draw: PrizeDraw
    ticket: str
    score: str
    winner: DrawWinner | None


def own_ticket(membership: Membership, draw: PrizeDraw) -> OwnTicket | None:
    """Return a member's ticket in a sealed draw; None for who has none."""
    if not draw.run:
        return None
    row = (
        DrawTicket.objects.filter(draw=draw, run=draw.run, entrant__membership=membership)
        .prefetch_related(Prefetch("winner", DrawWinner.objects.select_related("prize", "claim")))
        .first()
    )
    if row is None:
        return None
    shown = winners_shown(draw)
    score = drawing.score_of(seed_of(draw), bytes.fromhex(row.ticket)).hex() if shown else ""
    winner = getattr(row, "winner", None) if shown else None
    return OwnTicket(draw, row.ticket, score, winner if winner and winner.prize_id else None)  # reserves wait unseen


def prizes_to_claim(membership: Membership) -> QuerySet[DrawWinner]:
    """Return what a member won and has still to claim, the nearest deadline first."""
    return (
        DrawWinner.objects.filter(
            ticket__entrant__membership=membership,
            state=WinnerState.WON.value,
            draw__state=DrawState.PUBLISHED.value,
            due_at__gte=clock.now(),
        )
        .select_related("prize", "draw__contest__activity")
        .order_by("due_at", "pk")
    )


def winner_of(membership: Membership, draw: PrizeDraw) -> DrawWinner | None:
    """Return a member's own place among the winners of a published draw."""
    if not winners_shown(draw):
        return None
    rows = DrawWinner.objects.filter(draw=draw, ticket__entrant__membership=membership, prize__isnull=False)
    return rows.select_related("prize", "ticket").first()


def draws_needing_somebody(actor: Actor) -> QuerySet[PrizeDraw]:
    """Return the draws in which the next step is due and this actor may see it."""
    now = clock.now()
    due = (
        Q(state=DrawState.ANNOUNCED.value, seals_at__lte=now)
        | Q(state=DrawState.SEALED.value, events__happens_at__lte=now)
        | Q(state=DrawState.DRAWN.value)
    )
    chosen = PrizeDraw.objects.filter(due).values("pk")
    return draws_visible_to(actor).filter(pk__in=chosen)


def draw_tickets_of(memberships: list[Membership]) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield a person's tickets with their prizes by entrant, for the export of everything about themselves."""
    rows = DrawTicket.objects.filter(entrant__membership__in=memberships, run=F("draw__run"))
    for row in rows.select_related("draw", "winner__prize", "winner__claim").order_by("pk"):
        winner = getattr(row, "winner", None) if winners_shown(row.draw) else None
        claim = getattr(winner, "claim", None)
        yield (
            row.entrant_id,
            {
                "draw": row.draw.title,
                "ticket": row.ticket,
                "prize": winner.prize.name if winner and winner.prize else "",
                "state": winner.state if winner else "",
                "claim": ports.open_claim(bytes(claim.sealed), claim.pk) if claim and claim.sealed else None,
            },
        )


@dataclass(frozen=True, slots=True)
class CheckedTicket:
    """What anybody may learn of a ticket they hold the number of."""

    ticket: str
    listed: bool
    score: str
    winner: DrawWinner | None


def checked_ticket(draw: PrizeDraw, ticket: str) -> CheckedTicket:
    """Look a ticket up in a sealed list; its score and prize once the winners are public."""
    row = DrawTicket.objects.filter(draw=draw, run=draw.run, ticket=ticket).first() if len(ticket) == 32 else None
    if row is None or not winners_shown(draw):
        return CheckedTicket(ticket, row is not None, "", None)
    score = drawing.score_of(seed_of(draw), bytes.fromhex(row.ticket)).hex()
    winner = DrawWinner.objects.filter(draw=draw, ticket=row, prize__isnull=False).select_related("prize").first()
    return CheckedTicket(ticket, True, score, winner)


def is_overdue(winner: DrawWinner) -> bool:
    """Answer whether the time for claiming is over."""
    return winner.due_at is None or clock.now() > winner.due_at


def draws_of_contest(contest_id: int) -> QuerySet[PrizeDraw]:
    """Return the announced draws of a contest, for its page; one query, without prizes."""
    rows = PrizeDraw.objects.filter(contest=contest_id, state__in=_PUBLIC).exclude(announced_at=None)
    return rows.order_by("seals_at", "pk")
