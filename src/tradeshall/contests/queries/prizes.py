"""What the prize desk reads: who won, and how to reach whoever claimed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from tradeshall.contests import ports, texts
from tradeshall.contests.enums import WinnerState
from tradeshall.contests.models import DrawWinner, PrizeDraw
from tradeshall.contests.queries.draws import winners_of
from tradeshall.core import clock
from tradeshall.units.queries import federation_zone


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A winner with the claim as it was written, and whether the deadline has passed."""

    winner: DrawWinner
    name: str
    phone: str
    note: str
    overdue: bool


def desk_row(winner: DrawWinner) -> DeskRow:
    """Return a winner as the prize desk sees them; what was emptied stays empty."""
    claim = getattr(winner, "claim", None)
    fields = ports.open_claim(bytes(claim.sealed), winner.pk) if claim and claim.sealed else {}
    overdue = winner.state == WinnerState.WON and winner.due_at is not None and winner.due_at < clock.now()
    return DeskRow(winner, fields.get("name", ""), fields.get("phone", ""), fields.get("note", ""), overdue)


def desk_rows(draw: PrizeDraw) -> Iterator[list[object]]:
    """Yield the list for the prize desk, a heading first."""
    zone = federation_zone()
    yield [_("Prize"), _("Ticket"), _("State"), _("Name"), _("Telephone"), _("Where to"), _("Claim until")]
    for winner in winners_of(draw).iterator(chunk_size=1000):
        row = desk_row(winner)
        until = timezone.localtime(winner.due_at, zone) if winner.due_at else None
        yield [
            winner.prize.name if winner.prize else "",
            winner.ticket.ticket,
            str(texts.WINNER_STATES[winner.state]),
            row.name,
            row.phone,
            row.note,
            until.strftime("%Y-%m-%d %H:%M") if until else "",
        ]


def counts_of(draw: PrizeDraw) -> dict[str, int]:
    """Return how many winners stand in each state."""
    rows = DrawWinner.objects.filter(draw=draw).order_by().values_list("state").annotate(Count("pk"))
    return {state.value: 0 for state in WinnerState} | dict(rows)


def overdue_count(draw: PrizeDraw) -> int:
    """Return how many prizes were not claimed in time."""
    rows = DrawWinner.objects.filter(draw=draw, state=WinnerState.WON.value, due_at__lt=clock.now())
    return rows.count()


def winner_at(draw: PrizeDraw, place: int) -> DrawWinner | None:
    """Return who was drawn at a place."""
    rows = DrawWinner.objects.filter(draw=draw, place=place)
    return rows.select_related("draw__contest__activity__campaign", "draw__contest__activity__unit", "prize").first()
