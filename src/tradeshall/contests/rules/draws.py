"""What makes a prize draw fit to be announced, who may do its steps and when, and what becomes of a prize."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from tradeshall.contests.enums import DrawState, Forfeit, WinnerState
from tradeshall.core.refusal import Refusal, refuse
from tradeshall.core.transitions import Transitions
from tradeshall.engine.draw import BadDraw, randomness_bytes

DRAW = Transitions(
    "contests:draw",
    DrawState.DRAFT,
    ("announce", DrawState.DRAFT, DrawState.ANNOUNCED),
    ("seal", DrawState.ANNOUNCED, DrawState.SEALED),
    ("confirm", DrawState.SEALED, DrawState.DRAWN),
    ("publish", DrawState.DRAWN, DrawState.PUBLISHED),
    ("close", DrawState.PUBLISHED, DrawState.CLOSED),
    ("call_off", DrawState.DRAFT, DrawState.CALLED_OFF),
    ("call_off", DrawState.ANNOUNCED, DrawState.CALLED_OFF),
    ("call_off", DrawState.SEALED, DrawState.CALLED_OFF),
)

WINNER = Transitions(
    "contests:prize",
    WinnerState.RESERVE,
    ("promote", WinnerState.RESERVE, WinnerState.WON),
    ("claim", WinnerState.WON, WinnerState.CLAIMED),
    ("hand_over", WinnerState.CLAIMED, WinnerState.HANDED_OVER),
    ("forfeit", WinnerState.WON, WinnerState.FORFEITED),
    ("forfeit", WinnerState.CLAIMED, WinnerState.FORFEITED),
)

AHEAD = timedelta(hours=24)
"""How far ahead of the sealing, and of the announcement, the events lie whose results are the randomness."""

MOST_PRIZES = 20
MOST_EVENTS = 5
MOST_WINNERS = 100_000
MOST_RESERVES = 100_000

Prize = tuple[str, int]
Event = tuple[str, datetime]


def judge_draw(
    *,
    title: str,
    prizes: Sequence[Prize],
    events: Sequence[Event],
    seals_at: datetime,
    claim_days: int,
    reserves: int,
) -> list[Refusal]:
    """Return every reason why what somebody wrote makes no draw, each with its field. A draft may lack lines."""
    return list(_reasons(title, prizes, events, seals_at, claim_days, reserves))


def _reasons(
    title: str,
    prizes: Sequence[Prize],
    events: Sequence[Event],
    seals_at: datetime,
    claim_days: int,
    reserves: int,
) -> Iterator[Refusal]:
    if not title.strip():
        yield refuse("contests:draw:title_empty", field_name="title")
    elif len(title) > 120:
        yield refuse("contests:draw:title_too_long", field_name="title", most=120)
    if len(prizes) > MOST_PRIZES:
        yield refuse("contests:draw:too_many_prizes", most=MOST_PRIZES)
    for at, (name, count) in enumerate(prizes, 1):
        if not name.strip() or len(name) > 80:
            yield refuse("contests:draw:prize_name", field_name=f"prize_name_{at}", most=80)
        if not 1 <= count <= MOST_WINNERS:
            yield refuse("contests:draw:prize_count", field_name=f"prize_count_{at}", most=MOST_WINNERS)
    if sum(count for _, count in prizes) > MOST_WINNERS:
        yield refuse("contests:draw:too_many_winners", most=MOST_WINNERS)
    if len(events) > MOST_EVENTS:
        yield refuse("contests:draw:too_many_events", most=MOST_EVENTS)
    for at, (name, happens_at) in enumerate(events, 1):
        try:
            randomness_bytes([(name, "1")])
        except BadDraw:
            yield refuse("contests:draw:event_name", field_name=f"event_name_{at}")
        if len(name) > 80:
            yield refuse("contests:draw:event_name_too_long", field_name=f"event_name_{at}", most=80)
        if happens_at < seals_at + AHEAD:
            yield refuse("contests:draw:event_too_near", field_name=f"event_at_{at}", hours=24)
    if len({name for name, _ in events}) != len(events):
        yield refuse("contests:draw:event_twice")
    if not 1 <= claim_days <= 365:
        yield refuse("contests:draw:claim_days_out_of_bounds", field_name="claim_days", most=365)
    if not 0 <= reserves <= MOST_RESERVES:
        yield refuse("contests:draw:reserves_out_of_bounds", field_name="reserves", most=MOST_RESERVES)


def refuse_announcing(
    *, prizes: int, events: Sequence[datetime], seals_at: datetime, last_close: datetime | None, now: datetime
) -> list[Refusal]:
    """Refuse to announce what nobody could rely on: without prizes or events, or with an event that is near."""
    found = []
    if not prizes:
        found.append(refuse("contests:draw:no_prize"))
    if not events:
        found.append(refuse("contests:draw:no_event"))
    elif min(events) < now + AHEAD:
        found.append(refuse("contests:draw:event_too_soon", hours=24))
    if last_close is None:
        found.append(refuse("contests:draw:no_round"))
    elif seals_at < last_close:
        found.append(refuse("contests:draw:seals_before_the_close", field_name="seals_at"))
    return found


def refuse_sealing(
    *, seals_at: datetime, first_event: datetime, all_ranked: bool, read_to_the_end: bool, now: datetime
) -> Refusal | None:
    """Refuse to seal before the time announced, while results are missing, or when the randomness is near."""
    if now < seals_at:
        return refuse("contests:draw:not_yet_to_be_sealed")
    if first_event < now + AHEAD:
        return refuse("contests:draw:too_late_to_seal", hours=24)
    if not all_ranked:
        return refuse("contests:draw:rounds_not_over")
    if not read_to_the_end:
        return refuse("contests:draw:ledger_behind")
    return None


def refuse_results(events: Sequence[Event], values: Sequence[str], now: datetime) -> list[Refusal]:
    """Refuse results of events that have not happened, and values that have no one form."""
    if any(happens_at > now for _, happens_at in events):
        return [refuse("contests:draw:event_not_yet")]
    found = []
    for at, ((name, _), value) in enumerate(zip(events, values, strict=True), 1):
        try:
            randomness_bytes([(name, value)])
        except BadDraw:
            found.append(refuse("contests:draw:value_empty", field_name=f"value_{at}"))
        if len(value) > 200:
            found.append(refuse("contests:draw:value_too_long", field_name=f"value_{at}", most=200))
    return found


def refuse_confirming(*, person: str, sealed_by: str, entered_by: str) -> Refusal | None:
    """Refuse the second step to whoever did the first: two persons run a draw."""
    if not entered_by:
        return refuse("contests:draw:no_results_yet")
    if person in (sealed_by, entered_by):
        return refuse("contests:draw:needs_another_person")
    return None


def refuse_calling_off(*, state: str, first_event: datetime | None, now: datetime, reason: str) -> list[Refusal]:
    """Refuse to call off without a reason, or once the randomness can be known and the winners foreseen."""
    found = []
    if state == DrawState.SEALED and first_event is not None and first_event <= now:
        found.append(refuse("contests:draw:too_late_to_call_off"))
    if not reason.strip() and state != DrawState.DRAFT:
        found.append(refuse("contests:draw:reason_empty", field_name="reason"))
    return found


def refuse_claim(state: str, due_at: datetime | None, now: datetime) -> Refusal | None:
    """Refuse a claim of what was not won, was claimed already, or is claimed too late."""
    if impossible := WINNER.refuse_unless_possible("claim", state):
        return impossible
    return refuse("contests:prize:too_late") if due_at is None or now > due_at else None


def refuse_forfeit(
    *, state: str, forfeit: str, due_at: datetime | None, now: datetime, reason: str
) -> Refusal | None:
    """Refuse to take a prize away that was claimed in time, unless a reason is given and kept."""
    if impossible := WINNER.refuse_unless_possible("forfeit", state):
        return impossible
    if forfeit not in {word.value for word in Forfeit}:
        return refuse("contests:prize:forfeit_unknown")
    if forfeit == Forfeit.LATE and (state != WinnerState.WON or due_at is None or now <= due_at):
        return refuse("contests:prize:not_late")
    if forfeit == Forfeit.CAUSE and not reason.strip():
        return refuse("contests:prize:reason_empty", field_name="reason")
    return None


def longest_streak(days: Iterable[date]) -> int:
    """Return how many days at most follow one another."""
    longest = run = 0
    before: date | None = None
    for day in sorted(set(days)):
        run = run + 1 if before is not None and day - before == timedelta(days=1) else 1
        longest, before = max(longest, run), day
    return longest


def prize_of_place(place: int, counts: Sequence[int]) -> int | None:
    """Return which prize, from 0, a place from 1 wins; None for a reserve."""
    for prize, count in enumerate(counts):
        if place <= count:
            return prize
        place -= count
    return None
