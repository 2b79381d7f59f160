"""The steps of an announced draw: sealed and supplied with results by one person, drawn by another, published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from secrets import token_hex
from unicodedata import normalize

from django.db import transaction

from tradeshall.contests import permissions
from tradeshall.contests.actions.draws import lock_draw, move_draw
from tradeshall.contests.enums import DrawState, WinnerState
from tradeshall.contests.events import DrawDrawn, DrawPublished, DrawSealed
from tradeshall.contests.models import DrawEvent, DrawTicket, DrawWinner, PrizeDraw, Round
from tradeshall.contests.queries import draws as queries
from tradeshall.contests.rules import draws as rules
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.engine import draw as drawing
from tradeshall.journal.actions import emit, record_change


def seal_draw(*, actor: Actor, draw: PrizeDraw) -> PrizeDraw:
    """Issue a ticket to everybody who is eligible and freeze the list with its root; emits DrawSealed.

    Tickets are written a few thousand at a time under a mark of this run, so that nobody waits for a million of
    them. Only the last, short transaction makes that run the list. Cut off before it, nothing has happened; of
    two who seal, one does.
    """
    require(
        permissions.refuse_unless_may(actor, permissions.DRAW_RUN, draw),
        rules.DRAW.refuse_unless_possible("seal", draw.state),
    )
    rounds = list(queries.rounds_counted(draw))
    _refuse_sealing(draw, rounds)
    before = queries.standings_seal(rounds)
    run = token_hex(16)
    try:
        issued = issue_tickets(draw, run, queries.eligible_batches(draw))
        root, count = drawing.seal_list(queries.ticket_blocks(draw, run))
        if count != issued:  # whoever sealed meanwhile has swept these away
            raise Refused(refuse("contests:draw:changed_meanwhile"))
        if not count:
            raise Refused(refuse("contests:draw:nobody_eligible"))
        with transaction.atomic():
            now = clock.now()
            move_draw(draw, "seal", run=run, root=root.hex(), count=count, sealed_at=now, sealed_by=person_of(actor))
            # Reading the ledger touches the rounds as well: whatever came in meanwhile is seen here.
            list(Round.objects.select_for_update().filter(pk__in=[row.pk for row in rounds]).values_list("pk"))
            if queries.standings_seal(list(queries.rounds_counted(draw))) != before:
                raise Refused(refuse("contests:draw:results_changed"))
            _refuse_sealing(draw, rounds)
            record_change(
                actor=actor,
                verb="contests:draw:seal",
                thing=draw,
                acting_unit_code=draw.contest.activity.unit.code,
                changes={"root": [None, draw.root], "tickets": [None, count]},
            )
            emit(DrawSealed(draw.pk, draw.root, count))
    except BaseException:
        draw.refresh_from_db()
        drop_tickets(draw, [run])
        raise
    drop_tickets(draw)
    return draw


def _refuse_sealing(draw: PrizeDraw, rounds: list[Round]) -> None:
    ranked = queries.all_ranked(list(queries.rounds_counted(draw)))
    require(
        rules.refuse_sealing(
            seals_at=draw.seals_at,
            first_event=min(event.happens_at for event in draw.events.all()),
            all_ranked=ranked,
            read_to_the_end=ranked and queries.read_to_the_end(rounds),
            now=clock.now(),
        )
    )


def issue_tickets(draw: PrizeDraw, run: str, batches: Iterable[Sequence[int]]) -> int:
    """Write a random ticket for each entrant, batch by batch; returns how many."""
    issued = 0
    for entrants in batches:
        DrawTicket.objects.bulk_create(
            [DrawTicket(draw=draw, run=run, ticket=drawing.new_ticket(), entrant_id=entrant) for entrant in entrants],
            batch_size=queries.BATCH,
        )
        issued += len(entrants)
    return issued


def drop_tickets(draw: PrizeDraw, runs: Iterable[str] = ()) -> int:
    """Delete what sealings of a draw left behind that were cut off or came second; never the list itself."""
    rows = DrawTicket.objects.filter(draw=draw).exclude(run=draw.run)
    chosen = rows.filter(run__in=list(runs)) if runs else rows
    dropped = 0
    for keys in _keys(chosen):
        dropped += DrawTicket.objects.filter(pk__in=keys).delete()[0]
    return dropped


def _keys(rows: object) -> Iterator[list[int]]:
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:500]):  # type: ignore[attr-defined]
        yield keys


def enter_results(*, actor: Actor, draw: PrizeDraw, values: Sequence[str]) -> PrizeDraw:
    """Write down the results of the announced events, in their order; may be corrected until they are confirmed.

    Refuses an actor who may not run draws there, a list that is not sealed, events still to come, empty values.
    """
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.DRAW_RUN, draw))
        person = person_of(actor)
        if not PrizeDraw.objects.filter(pk=draw.pk, state=DrawState.SEALED.value).update(entered_by=person):
            raise Refused(refuse("contests:draw:not_sealed"))
        row = lock_draw(draw)
        events = list(row.events.all())
        values = [plain(value) for value in values]
        require(
            *rules.refuse_results([(event.name, event.happens_at) for event in events], values, clock.now()),
        )
        before = [event.value for event in events]
        for event, value in zip(events, values, strict=True):
            DrawEvent.objects.filter(pk=event.pk).update(value=value)
        record_change(
            actor=actor,
            verb="contests:draw:enter_results",
            thing=row,
            acting_unit_code=row.contest.activity.unit.code,
            changes={"results": [before, list(values)]},
        )
    return row


def confirm_results(*, actor: Actor, draw: PrizeDraw, values: Sequence[str]) -> PrizeDraw:
    """Draw: a second person types the same results once more, without copying them. Emits DrawDrawn.

    Refuses whoever sealed the list or entered the results, other results than theirs, and a list in the database
    that no longer has the root it was published with.
    """
    row = PrizeDraw.objects.get(pk=draw.pk)
    person = person_of(actor)
    require(
        permissions.refuse_unless_may(actor, permissions.DRAW_CONFIRM, draw),
        rules.DRAW.refuse_unless_possible("confirm", row.state),
    )
    require(rules.refuse_confirming(person=person, sealed_by=row.sealed_by, entered_by=row.entered_by))
    results = queries.results_of(row)
    if [plain(value) for value in values] != [value for _, value in results]:
        raise Refused(refuse("contests:draw:results_differ"))
    prizes = list(row.prizes.all())
    drawn = _drawn(row, results, sum(prize.count for prize in prizes) + row.reserves)
    with transaction.atomic():
        moved = PrizeDraw.objects.filter(
            pk=row.pk, state=DrawState.SEALED.value, sealed_by=row.sealed_by, entered_by=row.entered_by
        ).update(state=DrawState.DRAWN.value, confirmed_by=person, drawn_at=clock.now())
        fresh = PrizeDraw.objects.get(pk=row.pk)
        if not moved or queries.results_of(fresh) != results:
            raise Refused(refuse("contests:draw:changed_meanwhile"))
        tickets: dict[str, int] = {}
        for at in range(0, len(drawn), 500):
            found = DrawTicket.objects.filter(draw=row, run=row.run, ticket__in=drawn[at : at + 500])
            tickets.update(found.values_list("ticket", "pk"))
        counts = [prize.count for prize in prizes]
        winners = []
        for place, ticket in enumerate(drawn, 1):
            prize = rules.prize_of_place(place, counts)
            winners.append(
                DrawWinner(
                    draw=row,
                    place=place,
                    ticket_id=tickets[ticket],
                    prize=None if prize is None else prizes[prize],
                    state=WinnerState.RESERVE.value if prize is None else WinnerState.WON.value,
                )
            )
        DrawWinner.objects.bulk_create(winners, batch_size=1000)
        record_change(
            actor=actor,
            verb="contests:draw:confirm",
            thing=row,
            acting_unit_code=draw.contest.activity.unit.code,
            changes={"state": [DrawState.SEALED.value, DrawState.DRAWN.value], "drawn": [None, len(drawn)]},
        )
        emit(DrawDrawn(row.pk))
    draw.refresh_from_db()
    return draw


def _drawn(draw: PrizeDraw, results: Sequence[tuple[str, str]], count: int) -> list[str]:
    """Draw from the sealed list, and refuse unless it still is the one whose root was published."""
    tree = drawing.ListRoot()

    def read() -> Iterator[bytes]:
        for block in queries.ticket_blocks(draw):
            tree.add(block)
            yield block

    seed = drawing.seed_of(bytes.fromhex(draw.root), drawing.randomness_bytes(results))
    drawn = [ticket.hex() for ticket in drawing.draw(read(), seed, count)]
    if tree.root().hex() != draw.root or tree.count != draw.count:
        raise Refused(refuse("contests:draw:list_changed"))
    return drawn


def publish_draw(*, actor: Actor, draw: PrizeDraw) -> PrizeDraw:
    """Show everybody the winners by ticket; from now on prizes can be claimed. Emits DrawPublished."""
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.DRAW_RUN, draw))
        now = clock.now()
        move_draw(draw, "publish", published_at=now)
        DrawWinner.objects.filter(draw=draw, state=WinnerState.WON.value).update(
            due_at=now + timedelta(days=draw.claim_days)
        )
        record_change(
            actor=actor,
            verb="contests:draw:publish",
            thing=draw,
            acting_unit_code=draw.contest.activity.unit.code,
            changes={"state": [DrawState.DRAWN.value, DrawState.PUBLISHED.value]},
        )
        emit(DrawPublished(draw.pk))
    return draw


def close_draw(*, actor: Actor, draw: PrizeDraw) -> PrizeDraw:
    """End a draw in which every prize was handed over or forfeited."""
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.DRAW_RUN, draw))
        move_draw(draw, "close", closed_at=clock.now())
        waiting = (WinnerState.WON.value, WinnerState.CLAIMED.value)
        if left := DrawWinner.objects.filter(draw=draw, state__in=waiting).count():
            raise Refused(refuse("contests:draw:prizes_outstanding", count=left))
        record_change(
            actor=actor,
            verb="contests:draw:close",
            thing=draw,
            acting_unit_code=draw.contest.activity.unit.code,
            changes={"state": [DrawState.PUBLISHED.value, DrawState.CLOSED.value]},
        )
    return draw


def person_of(actor: Actor) -> str:
    """Return who acts, as the journal names them."""
    return str(actor)


def plain(value: str) -> str:
    """Return a result as it is hashed: in NFC, with single spaces, none at its ends."""
    return normalize("NFC", " ".join(value.split()))
