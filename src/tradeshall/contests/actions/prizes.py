"""Prizes after the draw: claimed by winners, handed over, forfeited, and passed on to the reserves in their order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from tradeshall.contests import permissions, ports
from tradeshall.contests.actions.draws import lock_draw
from tradeshall.contests.enums import DrawState, Forfeit, WinnerState
from tradeshall.contests.events import PrizeClaimed
from tradeshall.contests.models import DrawClaim, DrawWinner, PrizeDraw
from tradeshall.contests.queries.draws import winner_of
from tradeshall.contests.queries.prizes import desk_rows
from tradeshall.contests.rules import draws as rules
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.core.spreadsheets import write_xlsx
from tradeshall.journal.actions import emit, record_change

if TYPE_CHECKING:
    from tradeshall.people.models import Membership

CLAIM_FIELDS = {"name": 60, "phone": 40, "note": 300}
"""What a winner gives for the prize desk, no more than it takes to hand a prize over, and the longest of each."""

KEPT_DAYS = 90
"""How long after the end of a draw the prize desk can still read who claimed."""


def claim_prize(
    *, actor: Actor, membership: Membership, draw: PrizeDraw, fields: dict[str, str], shows_name: bool = False
) -> DrawWinner:
    """Claim what a member won; name and number are encrypted and shown to the prize desk alone. Emits PrizeClaimed.

    Refuses somebody else's membership, what was not won, a claim that comes late or twice, empty fields.
    """
    mine = actor is OPERATOR or (actor.pk is not None and membership.account_id == actor.pk)
    require(None if mine else refuse("contests:entrant:not_yours"))
    fields = {name: " ".join(fields.get(name, "").split())[:most] for name, most in CLAIM_FIELDS.items()}
    require(
        *(refuse("contests:prize:field_empty", field_name=name) for name in ("name", "phone") if not fields[name])
    )
    with transaction.atomic():
        row = winner_of(membership, draw)
        if row is None:
            raise Refused(refuse("contests:prize:none"))
        now = clock.now()
        require(rules.refuse_claim(row.state, row.due_at, now))
        _move(row, "claim", due_at__gte=now)
        DrawClaim.objects.create(
            winner=row,
            shows_name=shows_name,
            public_name=membership.name if shows_name else "",
            sealed=ports.seal_claim(fields, row.pk),
        )
        record_change(actor=actor, verb="contests:prize:claim", thing=row.draw)  # not by whom: the ticket stays alone
        emit(PrizeClaimed(row.draw_id, row.place))
    return row


def decline_prize(*, actor: Actor, membership: Membership, draw: PrizeDraw) -> DrawWinner:
    """Let a winner give a prize back before anything was handed over; the next reserve gets it."""
    mine = actor is OPERATOR or (actor.pk is not None and membership.account_id == actor.pk)
    require(None if mine else refuse("contests:entrant:not_yours"))
    with transaction.atomic():
        lock_draw(draw)
        row = winner_of(membership, draw)
        if row is None:
            raise Refused(refuse("contests:prize:none"))
        _forfeit(row, Forfeit.DECLINED.value, "")
        record_change(actor=actor, verb="contests:prize:decline", thing=draw)
    return row


def hand_over_prize(*, actor: Actor, winner: DrawWinner) -> DrawWinner:
    """Note that a claimed prize has reached its winner."""
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.PRIZE_DESK, winner.draw))
        _move(winner, "hand_over", settled_at=clock.now())
        _journal(actor, winner, "hand_over")
    return winner


def forfeit_prize(
    *, actor: Actor, winner: DrawWinner, forfeit: str = Forfeit.CAUSE.value, reason: str = ""
) -> DrawWinner | None:
    """Take a prize back, because it was not claimed in time or for a cause, and give it to the next reserve.

    Returns who has it now, None if no reserve is left. Refuses what is claimed already unless a reason is given.
    """
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.PRIZE_DESK, winner.draw))
        lock_draw(winner.draw)
        promoted = _forfeit(winner, forfeit, reason.strip()[:200])
        _journal(actor, winner, "forfeit", reason=reason.strip()[:200], next_place=promoted and promoted.place)
    return promoted


def forfeit_overdue(*, actor: Actor, draw: PrizeDraw) -> int:
    """Take back every prize whose deadline has passed unclaimed, in the order of the draw; returns how many."""
    require(permissions.refuse_unless_may(actor, permissions.PRIZE_DESK, draw))
    done = 0
    rows = DrawWinner.objects.filter(draw=draw, state=WinnerState.WON.value, due_at__lt=clock.now())
    for row in rows.select_related("draw__contest__activity__unit").order_by("place"):
        try:
            forfeit_prize(actor=actor, winner=row, forfeit=Forfeit.LATE.value)
        except Refused:  # claimed or forfeited meanwhile
            continue
        done += 1
    return done


def _forfeit(winner: DrawWinner, forfeit: str, reason: str) -> DrawWinner | None:
    """Forfeit and promote, within the transaction and the draw's lock of the caller."""
    draw = PrizeDraw.objects.get(pk=winner.draw_id)
    require(None if draw.state == DrawState.PUBLISHED else refuse("contests:prize:draw_not_open"))
    winner.refresh_from_db(fields=["state", "due_at", "prize"])
    now = clock.now()
    require(rules.refuse_forfeit(state=winner.state, forfeit=forfeit, due_at=winner.due_at, now=now, reason=reason))
    _move(winner, "forfeit", settled_at=now, forfeit=forfeit, reason=reason)
    _empty(DrawClaim.objects.filter(winner=winner))
    following = DrawWinner.objects.filter(draw=draw, state=WinnerState.RESERVE.value).order_by("place").first()
    if following is None:
        return None
    _move(
        following,
        "promote",
        prize=winner.prize,
        replaces=winner,
        due_at=now + timedelta(days=draw.claim_days),
    )
    return following


def export_winners(*, actor: Actor, draw: PrizeDraw, file: BinaryIO) -> None:
    """Write the winners with what they claimed as XLSX, formulas defused, and journal that it was taken."""
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.PRIZE_DESK, draw))
        record_change(
            actor=actor,
            verb="contests:prize:export",
            thing=draw,
            acting_unit_code=draw.contest.activity.unit.code,
        )
    write_xlsx(desk_rows(draw), file, title=_("Prizes"))


def empty_claims(*, actor: Actor) -> int:
    """Empty the claims of draws that ended long enough ago; returns how many."""
    before = clock.now() - timedelta(days=KEPT_DAYS)
    return _empty(DrawClaim.objects.filter(winner__draw__closed_at__lt=before, emptied_at=None))


def forget_claims(*, actor: Actor, membership_ids: Sequence[int]) -> int:
    """Empty what erased people claimed; the ticket and the prize stay and name nobody."""
    return _empty(DrawClaim.objects.filter(winner__ticket__entrant__membership__in=list(membership_ids)))


def _empty(rows: object) -> int:
    emptied: int = rows.update(  # type: ignore[attr-defined]
        sealed=b"", public_name="", shows_name=False, emptied_at=clock.now()
    )
    return emptied


def _move(winner: DrawWinner, verb: str, *, due_at__gte: object = None, **values: object) -> None:
    rows = DrawWinner.objects.filter(pk=winner.pk, state__in=rules.WINNER.sources(verb))
    if due_at__gte is not None:
        rows = rows.filter(due_at__gte=due_at__gte)
    target = rules.WINNER.target(verb)
    if not rows.update(state=target, **values):
        winner.refresh_from_db(fields=["state"])
        raise Refused(refuse(f"contests:prize:cannot_{verb}", state=winner.state))
    winner.state = target
    for name, value in values.items():
        setattr(winner, name, value)


def _journal(actor: Actor, winner: DrawWinner, verb: str, reason: str = "", **changes: object) -> None:
    record_change(
        actor=actor,
        verb=f"contests:prize:{verb}",
        thing=winner.draw,
        acting_unit_code=winner.draw.contest.activity.unit.code,
        reason=reason,
        changes={"place": [winner.place, None], **{name: [None, value] for name, value in changes.items()}},
    )
