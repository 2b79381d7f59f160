"""What a prize draw publishes goes into the public log as well, where nobody can date it back."""

from __future__ import annotations

from tradeshall.contests.actions.publishing import publish_file
from tradeshall.contests.enums import FileKind
from tradeshall.contests.models import PrizeDraw
from tradeshall.contests.queries import draws as queries
from tradeshall.core.authority import Actor


def publish_list(*, actor: Actor, draw_id: int) -> None:
    """Publish the sealed list of a draw, a ticket a line; once, however often asked."""
    draw = PrizeDraw.objects.get(pk=draw_id)
    publish_file(
        actor=actor,
        subject=subject_of(draw_id),
        kind=FileKind.LIST,
        name=f"draw-{draw_id}-tickets",
        content=queries.list_lines(draw),
        count=draw.count,
    )


def publish_drawn(*, actor: Actor, draw_id: int) -> None:
    """Publish which tickets were drawn and from what; once, however often asked."""
    draw = PrizeDraw.objects.select_related("contest__activity").get(pk=draw_id)
    publish_file(
        actor=actor,
        subject=subject_of(draw_id),
        kind=FileKind.DRAW,
        name=f"draw-{draw_id}",
        content=[queries.draw_file(draw)],
    )


def subject_of(draw_id: int) -> str:
    return f"draw/{draw_id}"
