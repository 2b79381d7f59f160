from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from tradeshall.core import clock
from tradeshall.journal import events
from tradeshall.journal.actions import emit
from tradeshall.journal.models import OutboxEvent
from tradeshall.journal.queries import count_stuck_events
from tradeshall.journal.tasks import dispatch_waiting, drop_dispatched

START = datetime(2026, 11, 2, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class DoorOpened:
    door: int


@dataclass(frozen=True, slots=True)
class BellRang:
    pass


class Listener:
    def __init__(self) -> None:
        self.heard: list[object] = []
        self.failing = False

    def __call__(self, event: object) -> None:
        if self.failing:
            raise OSError("the line is down")
        self.heard.append(event)


@pytest.fixture
def listeners() -> Iterator[tuple[Listener, Listener]]:
    first, second = Listener(), Listener()
    for cls in (DoorOpened, BellRang):
        events.event(cls)
    events.receives(DoorOpened)(first)
    events.receives(DoorOpened)(second)
    yield first, second
    for cls in (DoorOpened, BellRang):
        events._classes.pop(events.name_of(cls))
        events._receivers.pop(cls, None)


pytestmark = pytest.mark.django_db


def say(*given: object) -> None:
    with transaction.atomic():
        emit(*given)


def test_dispatch_reaches_every_receiver_once(listeners: tuple[Listener, Listener]) -> None:
    say(DoorOpened(1), DoorOpened(2))
    assert dispatch_waiting() == 2
    assert dispatch_waiting() == 0
    assert listeners[0].heard == listeners[1].heard == [DoorOpened(1), DoorOpened(2)]


def test_dispatch_of_an_event_nobody_receives_is_done() -> None:
    events.event(BellRang)
    say(BellRang())
    assert dispatch_waiting() == 1
    events._classes.pop(events.name_of(BellRang))


def test_emit_in_a_transaction_that_fails_leaves_nothing(listeners: tuple[Listener, Listener]) -> None:
    with transaction.atomic():
        emit(DoorOpened(1))
        transaction.set_rollback(True)
    assert dispatch_waiting() == 0
    assert listeners[0].heard == []


def test_dispatch_with_a_failing_receiver_holds_up_nobody_else(listeners: tuple[Listener, Listener]) -> None:
    first, second = listeners
    first.failing = True
    with clock.set_to(START):
        say(DoorOpened(1))
        assert dispatch_waiting() == 0
    assert second.heard == [DoorOpened(1)]
    assert "the line is down" in OutboxEvent.objects.get().last_error


def test_dispatch_tries_again_after_a_growing_pause_and_never_gives_up(listeners: tuple[Listener, Listener]) -> None:
    first, _ = listeners
    first.failing = True
    with clock.set_to(START) as move_on:
        say(DoorOpened(1))
        pauses = []
        for _turn in range(40):
            assert dispatch_waiting() == 0
            due_at = OutboxEvent.objects.get().due_at
            assert due_at is not None
            pauses.append((due_at - clock.now()).total_seconds())
            assert dispatch_waiting() == 0  # not due yet: the receiver is left in peace
            assert OutboxEvent.objects.get().attempts == len(pauses)
            move_on(due_at - clock.now())
        assert pauses[:4] == [1, 2, 4, 8]
        assert pauses[-1] == 600
        assert count_stuck_events() == 1
        first.failing = False
        assert dispatch_waiting() == 1
        assert first.heard == [DoorOpened(1)]
        assert count_stuck_events() == 0


def test_dispatch_of_events_that_fail_lets_later_ones_pass(listeners: tuple[Listener, Listener]) -> None:
    first, _ = listeners
    first.failing = True
    say(*(DoorOpened(n) for n in range(5)))
    dispatch_waiting(limit=5)
    first.failing = False
    say(DoorOpened(9))
    assert dispatch_waiting(limit=5) == 1
    assert first.heard == [DoorOpened(9)]


def test_drop_dispatched_keeps_what_is_recent_or_waits(listeners: tuple[Listener, Listener]) -> None:
    with clock.set_to(START) as move_on:
        say(DoorOpened(1))
        dispatch_waiting()
        say(DoorOpened(2))
        move_on(timedelta(days=31))
        say(DoorOpened(3))
        OutboxEvent.objects.filter(payload__door=3).update(dispatched_at=clock.now())
        assert drop_dispatched() == 1
        assert OutboxEvent.objects.count() == 2
