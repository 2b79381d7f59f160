"""What engines write into the ledger reaches the pages exactly once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests.factories.contests import make_entrant, make_round
from tests.factories.ledgers import Writer, finish_row, start_row
from tests.factories.people import make_member

from tradeshall.contests import ports
from tradeshall.contests.actions.ledger import ingest_ledger, move_watermark, store_entries
from tradeshall.contests.models import AttemptResult, Entrant, LedgerWatermark, Round, Standing
from tradeshall.record.models import Statement


def entrants_of(round: Round, count: int) -> list[Entrant]:
    unit = round.contest.activity.unit
    return [make_entrant(contest=round.contest, membership=make_member(unit=unit)) for _ in range(count)]


@pytest.mark.django_db
def test_ingest_writes_results_standings_and_statements(writer: Writer) -> None:
    round = make_round(pass_points=20, attempts_total=2)
    (entrant,) = entrants_of(round, 1)
    writer.write(start_row(round, entrant), finish_row(round, entrant, 15, time_used_ms=61_250))
    writer.write(start_row(round, entrant, 2), finish_row(round, entrant, 20, number=2, by="deadline"))

    assert ingest_ledger() == 4
    assert ingest_ledger() == 0

    results = list(AttemptResult.objects.order_by("number"))
    assert [(r.score_points, r.max_points, r.by_deadline) for r in results] == [(15, 25, False), (20, 25, True)]
    standing = Standing.objects.get()
    assert (standing.attempt_number, standing.attempts_count, standing.score_points) == (2, 2, 20)
    assert standing.unit_id == entrant.unit_id
    verbs = list(Statement.objects.order_by("pk").values_list("verb", flat=True))
    assert sorted(verbs) == ["attempted", "attempted", "completed", "completed", "passed"]
    first = Statement.objects.get(source_key=f"{round.pk}:{entrant.pk}:1:completed")
    assert first.membership_id == entrant.membership_id
    assert first.result == {
        "completion": True,
        "success": False,
        "duration": "PT61.25S",
        "score": {"raw": 15, "min": 0, "max": 25, "scaled": 0.6},
    }


@pytest.mark.django_db
def test_ingest_takes_one_batch_at_a_time_and_all_in_the_end(writer: Writer) -> None:
    round = make_round()
    for entrant in entrants_of(round, 7):
        writer.finish(round, entrant, 5)
    assert [ingest_ledger(limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert AttemptResult.objects.count() == 7


@pytest.mark.django_db
def test_ingest_passes_over_rehearsals_and_strangers(writer: Writer) -> None:
    round = make_round()
    (entrant,) = entrants_of(round, 1)
    stranger = Entrant(number=12345, unit=entrant.unit)
    elsewhere = Round(pk=round.pk + 1000)
    writer.write(
        finish_row(round, entrant, 5, rehearsal=True),
        finish_row(round, stranger, 5),
        finish_row(elsewhere, entrant, 5),
        finish_row(round, entrant, 10),
    )
    assert ingest_ledger() == 4
    assert AttemptResult.objects.get().score_points == 10


@pytest.mark.django_db
def test_ingest_follows_each_writer_by_its_own_sequence(writer: Writer) -> None:
    round = make_round()
    first, second = entrants_of(round, 2)
    writer.finish(round, first, 5)
    assert ingest_ledger() == 1
    path = writer.ledger.path
    writer.ledger.close()
    other = Writer(path, "w2")
    other.finish(round, second, 10)
    assert ingest_ledger() == 1
    other.ledger.close()
    marks = dict(LedgerWatermark.objects.exclude(writer="").values_list("writer", "sequence"))
    assert marks == {"w1": 1, "w2": 1}
    assert Standing.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_ingest_cut_off_before_its_commit_reads_again(writer: Writer) -> None:
    round = make_round()
    (entrant,) = entrants_of(round, 1)
    writer.finish(round, entrant, 5)

    class PowerCut(Exception):
        pass

    def read_until_the_cut() -> None:
        with transaction.atomic():
            assert ingest_ledger() == 1
            raise PowerCut

    with pytest.raises(PowerCut):
        read_until_the_cut()
    assert not AttemptResult.objects.exists()
    assert ingest_ledger() == 1
    assert AttemptResult.objects.count() == Standing.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ingest_that_moves_its_mark_first_loses_entries_when_cut_off(writer: Writer) -> None:
    """The control of the test above: the mark committed on its own, before what was read."""
    round = make_round()
    (entrant,) = entrants_of(round, 1)
    writer.finish(round, entrant, 5)
    (entry,) = ports.ledger().read_since({}, 10)
    assert move_watermark(entry.writer, 0, entry.seq)
    # the power is cut here
    assert ingest_ledger() == 0
    assert not AttemptResult.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_ingest_by_many_at_once_stores_each_entry_once(writer: Writer) -> None:
    round = make_round(attempts_total=0)
    (entrant,) = entrants_of(round, 1)
    for number in range(1, 61):
        writer.finish(round, entrant, 1, number=number)
    run_at_once(4, lambda: [ingest_ledger(limit=5) for _ in range(40)])
    while ingest_ledger(limit=100):
        pass
    assert AttemptResult.objects.count() == 60
    assert Standing.objects.get().attempts_count == 60


@pytest.mark.django_db(transaction=True)
def test_ingest_without_the_watermark_condition_doubles_entries(writer: Writer) -> None:
    """The control of the test above: reading and storing without asking whether somebody else has moved the mark."""
    round = make_round(attempts_total=0)
    (entrant,) = entrants_of(round, 1)
    for number in range(1, 6):
        writer.finish(round, entrant, 1, number=number)
    both_have_read = threading.Barrier(2)
    failures: list[IntegrityError] = []

    def careless() -> None:
        entries = ports.ledger().read_since({}, 100)
        both_have_read.wait(timeout=60)
        try:
            with transaction.atomic():
                store_entries(entries)
        except IntegrityError as error:
            failures.append(error)

    run_at_once(2, careless)
    assert len(failures) == 1  # only the unique constraint stood between us and double attempts


def run_at_once(count: int, work: Any) -> None:
    """Run work in threads that start together, and raise what any of them raised."""
    go = threading.Barrier(count)
    raised: list[BaseException] = []

    def run() -> None:
        try:
            go.wait(timeout=60)
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            for opened in ports._local.__dict__.pop("ledgers", {}).values():
                opened.close()
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    if raised:
        raise raised[0]
