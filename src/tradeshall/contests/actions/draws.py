"""Prize draws up to the sealing: drafted, changed, announced, called off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from unicodedata import normalize

from django.db import transaction
from django.db.models import Max

from tradeshall.contests import permissions
from tradeshall.contests.enums import DrawState
from tradeshall.contests.models import Contest, DrawEvent, DrawPrize, PrizeDraw, Round
from tradeshall.contests.queries.draws import rounds_counted
from tradeshall.contests.rules import draws as rules
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.journal.actions import record_change
from tradeshall.units.queries import federation_zone

DRAW_FIELDS = (
    "title",
    "title_en",
    "least_points",
    "least_passed",
    "least_attempts",
    "least_days",
    "least_streak",
    "every_round",
    "unit",
    "leaves_out_staff",
    "reserves",
    "claim_days",
    "seals_at",
)


def create_draw(
    *,
    actor: Actor,
    contest: Contest,
    title: str,
    seals_at: datetime,
    round: Round | None = None,
    prizes: Sequence[rules.Prize] = (),
    events: Sequence[rules.Event] = (),
    **values: Any,
) -> PrizeDraw:
    """Draft a draw among those who took part in a round, or in the whole contest.

    Refuses an actor who may not edit draws there, a round or a unit from elsewhere, and what makes no sense.
    """
    _check_names(values)
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.DRAW_EDIT, contest))
        row = PrizeDraw(contest=contest, round=round, title=title, seals_at=seals_at, **values)
        _judge(row, prizes, events)
        row.save()
        _write_lines(row, prizes, events)
        _journal(actor, row, "create", {"prizes": [None, _plain_prizes(prizes)], "events": [None, _plain(events)]})
    return row


def edit_draw(
    *,
    actor: Actor,
    draw: PrizeDraw,
    prizes: Sequence[rules.Prize] | None = None,
    events: Sequence[rules.Event] | None = None,
    **values: Any,
) -> PrizeDraw:
    """Change a draw that is still a draft; what is left out stays as it is."""
    _check_names(values)
    with transaction.atomic():
        row = lock_draw(draw)
        require(
            permissions.refuse_unless_may(actor, permissions.DRAW_EDIT, row),
            None if row.state == DrawState.DRAFT else refuse("contests:draw:frozen"),
        )
        before = {name: getattr(row, name) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
        prizes = [(prize.name, prize.count) for prize in row.prizes.all()] if prizes is None else prizes
        events = [(event.name, event.happens_at) for event in row.events.all()] if events is None else events
        _judge(row, prizes, events)
        row.save()
        row.prizes.all().delete()
        row.events.all().delete()
        _write_lines(row, prizes, events)
        changes = {name: [str(old), str(getattr(row, name))] for name, old in before.items()}
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        _journal(
            actor,
            row,
            "edit",
            {**changes, "prizes": [None, _plain_prizes(prizes)], "events": [None, _plain(events)]},
        )
    return row


def create_daily_draws(
    *, actor: Actor, contest: Contest, like: PrizeDraw, event_name: str, hours_after_close: int = 44
) -> list[PrizeDraw]:
    """Draft for every other round of a contest a draw like the one of its first day; returns the new ones.

    Prizes and conditions are copied. A list is sealed as long after its round's close as in the model; the event
    is named by the pattern `event_name`, in which {date} stands for its day, and happens so many hours after the
    close. Rounds that have a draw already are passed over, so that it may be asked for again.
    """
    require(
        permissions.refuse_unless_may(actor, permissions.DRAW_EDIT, contest),
        None if like.round is not None else refuse("contests:draw:model_has_no_round"),
    )
    assert like.round is not None
    prizes = [(prize.name, prize.count) for prize in like.prizes.all()]
    values = {name: getattr(like, name) for name in DRAW_FIELDS if name not in ("title", "title_en", "seals_at")}
    delay = like.seals_at - like.round.closes_at
    made = []
    with transaction.atomic():
        taken = set(PrizeDraw.objects.filter(contest=contest).values_list("round", flat=True))
        rounds = Round.objects.filter(contest=contest, practice=False).order_by("closes_at", "pk")
        for row in rounds.exclude(pk__in=[pk for pk in taken if pk]):
            happens_at = row.closes_at + timedelta(hours=hours_after_close)
            made.append(
                create_draw(
                    actor=actor,
                    contest=contest,
                    round=row,
                    title=f"{like.title} · {row.title}"[:120],
                    title_en=f"{like.title_en} · {row.title_en or row.title}"[:160] if like.title_en else "",
                    seals_at=row.closes_at + delay,
                    prizes=prizes,
                    events=[
                        (
                            event_name.replace("{date}", clock.day_of(happens_at, federation_zone()).isoformat()),
                            happens_at,
                        )
                    ],
                    **values,
                )
            )
    return made


def announce_draws(*, actor: Actor, draws: Sequence[PrizeDraw]) -> list[PrizeDraw]:
    """Announce one draw or a whole series: prizes, conditions and events stand from now on, for everybody to read.

    Refuses, for all of them, one that is no draft, has no prize or event, an event less than a day ahead, or a
    sealing before the last of its rounds closes.
    """
    with transaction.atomic():
        return [_announce(actor, draw) for draw in draws]


def _announce(actor: Actor, draw: PrizeDraw) -> PrizeDraw:
    now = clock.now()
    require(permissions.refuse_unless_may(actor, permissions.DRAW_RUN, draw))
    move_draw(draw, "announce", announced_at=now)  # first, since it locks the row
    row = lock_draw(draw)
    prizes = [(prize.name, prize.count) for prize in row.prizes.all()]
    events = [(event.name, event.happens_at) for event in row.events.all()]
    _judge(row, prizes, events)
    require(
        *rules.refuse_announcing(
            prizes=len(prizes),
            events=[happens_at for _, happens_at in events],
            seals_at=row.seals_at,
            last_close=rounds_counted(row).aggregate(last=Max("closes_at"))["last"],
            now=now,
        )
    )
    _journal(actor, row, "announce", {"state": [DrawState.DRAFT.value, DrawState.ANNOUNCED.value]})
    return row


def call_off_draw(*, actor: Actor, draw: PrizeDraw, reason: str = "") -> PrizeDraw:
    """Call a draw off, for a reason everybody can read; refused once the first event has happened."""
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.DRAW_RUN, draw))
        row = lock_draw(draw)
        first = min((event.happens_at for event in row.events.all()), default=None)
        now = clock.now()
        require(*rules.refuse_calling_off(state=row.state, first_event=first, now=now, reason=reason))
        before = row.state
        move_draw(row, "call_off", closed_at=now, why_called_off=reason.strip()[:200])
        _journal(actor, row, "call_off", {"state": [before, row.state]}, reason=reason.strip()[:400])
    return row


def lock_draw(draw: PrizeDraw) -> PrizeDraw:
    """Return a draw with its row locked, as it stands now."""
    rows = PrizeDraw.objects.select_for_update(of=("self",))
    return rows.select_related("contest__activity__campaign__unit", "contest__activity__unit", "round", "unit").get(
        pk=draw.pk
    )


def move_draw(draw: PrizeDraw, verb: str, **values: Any) -> None:
    """Take a draw one step further if it stands where that step begins; refuses otherwise."""
    target = rules.DRAW.target(verb)
    rows = PrizeDraw.objects.filter(pk=draw.pk, state__in=rules.DRAW.sources(verb))
    if not rows.update(state=target, **values):
        draw.refresh_from_db(fields=["state"])
        raise Refused(refuse(f"contests:draw:cannot_{verb}", state=draw.state))
    draw.state = target
    for name, value in values.items():
        setattr(draw, name, value)


def _judge(row: PrizeDraw, prizes: Sequence[rules.Prize], events: Sequence[rules.Event]) -> None:
    row.title, row.title_en = row.title.strip(), row.title_en.strip()
    require(
        *rules.judge_draw(
            title=row.title,
            prizes=prizes,
            events=events,
            seals_at=row.seals_at,
            claim_days=row.claim_days,
            reserves=row.reserves,
        ),
        None
        if row.round is None or row.round.contest_id == row.contest_id
        else refuse("contests:draw:round_elsewhere", field_name="round"),
        None
        if row.unit is None or row.unit.path.startswith(row.unit_path)
        else refuse("contests:draw:unit_elsewhere", field_name="unit"),
    )


def _write_lines(row: PrizeDraw, prizes: Sequence[rules.Prize], events: Sequence[rules.Event]) -> None:
    DrawPrize.objects.bulk_create(
        [
            DrawPrize(draw=row, position=at, name=normalize("NFC", name.strip()), count=count)
            for at, (name, count) in enumerate(prizes, 1)
        ]
    )
    DrawEvent.objects.bulk_create(
        [
            DrawEvent(draw=row, position=at, name=normalize("NFC", name.strip()), happens_at=happens_at)
            for at, (name, happens_at) in enumerate(events, 1)
        ]
    )


def _journal(actor: Actor, row: PrizeDraw, verb: str, changes: dict[str, object], reason: str = "") -> None:
    record_change(
        actor=actor,
        verb=f"contests:draw:{verb}",
        thing=row,
        acting_unit_code=row.contest.activity.unit.code,
        reason=reason,
        changes=changes,
    )


def _plain(events: Sequence[rules.Event]) -> list[list[str]]:
    return [[name, happens_at.isoformat()] for name, happens_at in events]


def _plain_prizes(prizes: Sequence[rules.Prize]) -> list[list[object]]:
    return [[name, count] for name, count in prizes]


def _check_names(values: dict[str, Any]) -> None:
    if unknown := set(values) - set(DRAW_FIELDS):
        raise TypeError(f"a draw has no {sorted(unknown)}")
