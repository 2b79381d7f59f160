"""The background thread reads the ledger, closes rounds at their hour and ranks them."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from tests.factories.contests import make_entrant, make_round
from tests.factories.ledgers import Writer
from tests.factories.people import make_member

from tradeshall.config import one_port
from tradeshall.contests import ports
from tradeshall.contests.models import AttemptResult, BoardState, Round, Standing
from tradeshall.contests.tasks import ingest_until, keep_boards_until, keep_rounds
from tradeshall.core import clock


@pytest.mark.django_db(transaction=True)
def test_ingest_until_reads_what_comes_and_stops_when_told(writer: Writer) -> None:
    round = make_round()
    unit = round.contest.activity.unit
    people = [make_entrant(contest=round.contest, membership=make_member(unit=unit)) for _ in range(3)]
    stop = threading.Event()

    def work() -> None:
        try:
            ingest_until(stop)
        finally:
            for opened in ports._local.__dict__.pop("ledgers", {}).values():
                opened.close()
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for count, entrant in enumerate(people, start=1):
            writer.finish(round, entrant, 5 * count)
            until = time.monotonic() + 60
            while AttemptResult.objects.count() < count and time.monotonic() < until:
                time.sleep(0.02)
            assert AttemptResult.objects.count() == count
    finally:
        stop.set()
        thread.join(60)
    assert not thread.is_alive()


@pytest.mark.django_db
def test_keep_rounds_closes_at_the_hour_and_ranks_after_the_grace(writer: Writer) -> None:
    round = make_round(grace_seconds=60)
    with clock.set_to(round.closes_at) as move_on:
        keep_rounds()
        round.refresh_from_db()
        assert (round.state, round.ranked_at) == ("closed", None)
        move_on(timedelta(seconds=66))
        keep_rounds()
        round.refresh_from_db()
        assert round.ranked_at == clock.now()
    assert not Standing.objects.exists()
    assert Round.objects.get().closed_at == round.closes_at


@pytest.mark.django_db(transaction=True)
def test_boards_are_kept_beside_the_pages(writer: Writer) -> None:
    assert "tradeshall.contests.tasks.keep_boards_until" in one_port.BACKGROUND
    round = make_round()
    stop = threading.Event()

    def keep() -> None:
        try:
            keep_boards_until(stop)
        finally:
            connection.close()

    thread = threading.Thread(target=keep)
    thread.start()
    until = time.monotonic() + 60
    while not BoardState.objects.filter(round=round).exists() and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    assert BoardState.objects.filter(round=round).exists()
