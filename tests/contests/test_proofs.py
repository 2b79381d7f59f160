"""The public log, published files and openings, with an engine, from the pack to the verifier."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from tests.factories.contests import make_contest, make_entrant, make_pool, make_round
from tests.factories.ledgers import Writer
from tests.factories.people import make_account, make_member
from tests.factories.units import make_federation, make_grant

from tradeshall.contests import ports
from tradeshall.contests.actions import integrating, publishing
from tradeshall.contests.actions.integrating import integrate_log, keep_log, sign_log
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.publishing import (
    open_secrets,
    publish_commitments,
    publish_due,
    publish_file,
    publish_results,
)
from tradeshall.contests.actions.ranking import rank_round
from tradeshall.contests.actions.rounds import close_round
from tradeshall.contests.enums import CheckpointKind, FileKind
from tradeshall.contests.models import Checkpoint, Entrant, LogEntry, LogMark, PublishedFile, Round, RoundPack
from tradeshall.contests.queries import proofs as queries
from tradeshall.contests.queries.taking_part import signed_pass
from tradeshall.contests.rules.proofs import free_to_open, units_named
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.core.signing import canonical
from tradeshall.engine.client import LocalClient
from tradeshall.engine.ledger.interface import Gap
from tradeshall.engine.proofs.reading import Source
from tradeshall.engine.proofs.report import Report
from tradeshall.engine.proofs.tree import leaf_hash, root_of
from tradeshall.engine.proofs.verify import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def played(engine: LocalClient) -> Round:
    """A round that three members sat."""
    row = make_round(deposited=True, count=4, grace_seconds=0)
    for _ in range(3):
        entrant = make_entrant(contest=row.contest, membership=make_member(unit=row.contest.activity.unit))
        sit(engine, row, entrant)
    return row


def sit(engine: LocalClient, row: Round, entrant: Entrant) -> None:
    for _ in range(100):
        try:
            paper = engine.start(signed_pass(entrant, row))
            break
        except Refused:  # the engine notices a new round within a moment
            threading.Event().wait(0.02)
    engine.submit(paper["token"], [[item["no"], 1, [0]] for item in paper["paper"]["items"]])


def finish(row: Round) -> Round:
    """Close, read, rank and publish a round, as the background does."""
    row = close_round(actor=OPERATOR, round=row)
    while ingest_ledger():
        pass
    rank_round(actor=OPERATOR, round=row)
    row.refresh_from_db()
    publish_commitments(actor=OPERATOR, round_id=row.pk)
    publish_results(actor=OPERATOR, round_id=row.pk)
    keep_log()
    return row


def fetch(url: str, client: Client | None = None) -> bytes:
    answer = (client or Client()).get(url)
    assert answer.status_code == 200, url
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


def public_sources(row: Round) -> list[Source]:
    """Everything a stranger can download about a round."""
    names = ["public_keys", "public_checkpoints"]
    found = [Source(name, fetch(reverse(f"contests:{name}"))) for name in names]
    for number in range(-(-queries.log_size() // queries.PAGE_ENTRIES)):
        found.append(Source(f"log-{number}", fetch(reverse("contests:public_log_page", args=[number]))))
    for file in queries.files_of(queries.subject_of_round(row.pk)):
        found.append(Source(file.name, fetch(reverse("contests:public_file", args=[file.name]))))
    return found


def not_held(report: Report) -> list[tuple[str, str]]:
    return [(check.file, check.code) for check in report.checks if not check.holds]


# from the pack to the verifier ---------------------------------------------------------------------------------


def test_what_a_stranger_downloads_holds_together(played: Round) -> None:
    row = finish(played)
    open_secrets(actor=OPERATOR, round=row)
    keep_log()
    report = verify(public_sources(row))
    assert not_held(report) == []
    assert {check.code for check in report.checks} >= {
        "log:checkpoint",
        "log:signatures",
        "opening:commitments",
        "opening:pack",
        "results:whole",
        "results:order",
        "file:in_log",
    }


def test_a_members_receipt_is_checked_down_to_the_score(played: Round) -> None:
    row = finish(played)
    open_secrets(actor=OPERATOR, round=row)
    keep_log()
    entrant = row.contest.entrants.first()
    assert entrant is not None
    assert entrant.membership is not None
    client = Client()
    client.force_login(
        entrant.membership.account or join(entrant), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    receipt = fetch(reverse("contests:receipt_file", args=[row.pk, 1]), client)
    report = verify([Source("receipt.json", receipt), *public_sources(row)])
    assert not_held(report) == []
    found = {check.code for check in report.checks if check.file == "receipt.json"}
    assert found == {
        "receipt:path",
        "receipt:signature",
        "receipt:in_log",
        "checkpoint:signature",
        "receipt:answers",
        "receipt:score",
        "receipt:paper",
    }
    changed = json.loads(receipt)
    changed["responses"][0] = [1]
    report = verify([Source("receipt.json", json.dumps(changed).encode()), *public_sources(row)])
    assert ("receipt.json", "receipt:answers") in not_held(report)
    other = Client()
    stranger = make_member(unit=make_federation(), account=make_account())
    assert stranger.account is not None
    other.force_login(stranger.account, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert other.get(reverse("contests:receipt_file", args=[row.pk, 1])).status_code == 404


def join(entrant: Entrant) -> Any:
    assert entrant.membership is not None
    entrant.membership.account = make_account()
    entrant.membership.save()
    return entrant.membership.account


def test_a_receipt_keeps_its_score_to_itself_while_results_are_held_back(engine: LocalClient) -> None:
    row = make_round(deposited=True, count=4, results="after_round", review="never")
    entrant = make_entrant(contest=row.contest, membership=make_member(unit=row.contest.activity.unit))
    sit(engine, row, entrant)
    client = Client()
    client.force_login(join(entrant), backend="allauth.account.auth_backends.AuthenticationBackend")
    receipt = json.loads(fetch(reverse("contests:receipt_file", args=[row.pk, 1]), client))
    assert "score" not in receipt
    assert "score_salt" not in receipt["receipt"]
    assert "log" not in receipt


# the log -------------------------------------------------------------------------------------------------------


def test_batches_go_into_the_log_once_and_in_order(writer: Writer, ledger_path: Path) -> None:
    other = Writer(ledger_path.with_name("second.sqlite3"), "a-first")
    other.ledger.close()
    row = make_round(deposited=True)
    for score in (5, 10, 15):
        entrant = make_entrant(contest=row.contest, membership=make_member(unit=row.contest.activity.unit))
        writer.start(row, entrant)
        writer.finish(row, entrant, score)
    assert integrate_log() == 3
    assert integrate_log() == 0
    entries = list(LogEntry.objects.values_list("position", "kind", "name", "content"))
    assert [(position, kind, name) for position, kind, name, _ in entries] == [(at, "batch", "w1") for at in range(3)]
    assert queries.log_tree().root(3) == root_of(leaf_hash(content.encode()) for *_, content in entries)


@pytest.fixture
def three_batches(writer: Writer) -> Round:
    row = make_round(deposited=True)
    for score in (5, 10, 15):
        entrant = make_entrant(contest=row.contest, membership=make_member(unit=row.contest.activity.unit))
        writer.finish(row, entrant, score)
    return row


def test_a_crash_while_appending_leaves_all_to_be_appended_again(
    three_batches: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = integrating.append_entries

    def crash(*arguments: Any) -> None:
        whole(*arguments)
        raise RuntimeError("the power went")

    monkeypatch.setattr(integrating, "append_entries", crash)
    with pytest.raises(RuntimeError):
        integrate_log()
    assert not LogEntry.objects.exists()
    monkeypatch.undo()
    assert integrate_log() == 3


def test_of_two_who_append_at_once_one_goes_on(three_batches: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    assert appended_twice(monkeypatch) == 3


def test_without_its_condition_the_log_would_hold_batches_twice(
    three_batches: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: marks moved without regard to where they were, and only the unique constraints are left."""
    monkeypatch.setattr(integrating, "move_mark", lambda writer, before, after: True)
    with pytest.raises(IntegrityError), transaction.atomic():
        appended_twice(monkeypatch)


def appended_twice(monkeypatch: pytest.MonkeyPatch) -> int:
    """Append while another has read the same and appends in between; returns how many entries there are."""
    reading, other = integrating._batches, []

    def read(marks: dict[str, int], limit: int) -> Any:
        found = reading(marks, limit)
        if not other:
            other.append(True)
            integrate_log()
        return found

    monkeypatch.setattr(integrating, "_batches", read)
    assert integrate_log() == 0
    return LogEntry.objects.count()


def test_a_missing_batch_stops_the_log(three_batches: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = ports.ledger()
    without_second = [one for one in ledger.batches_since({}, 100) if one[1].number != 2]
    monkeypatch.setattr(type(ledger), "batches_since", lambda *arguments: without_second)
    with pytest.raises(Gap):
        integrate_log()
    assert not LogEntry.objects.exists()


def test_a_thousand_entries_make_pages_that_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_ENTRIES", 100)
    for number in range(3):
        size = queries.log_size()
        new = [integrating._New("batch", "w1", at + 1, entry(at)) for at in range(size, size + 90 + number)]
        assert integrating.move_mark("", size, size + len(new))
        integrating.append_entries(size, new)
    sign_log()
    files = [Source("checkpoints", queries.checkpoints_text().encode())]
    pages = [queries.log_page(number) for number in range(3)]
    files += [Source(str(number), page) for number, page in enumerate(pages) if page is not None]
    assert queries.log_page(3) is None
    report = verify([*files, Source("keys", json.dumps(queries.keys_document()).encode())])
    held = {(check.file, check.code) for check in report.checks if check.holds}
    assert {("1", "log:follows"), ("2", "log:follows"), ("2", "log:checkpoint")} <= held


def entry(number: int) -> bytes:
    root, signature = "0" * 64, "0" * 128
    batch = {"at_ms": 1, "leaves": 1, "number": number + 1, "root": root, "signature": signature, "writer": "w1"}
    return canonical(batch)


def test_the_log_is_signed_by_the_minute_the_hour_and_the_close(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    assert sign_log() is None
    grow()
    first = sign_log()
    assert first is not None
    assert first.kind == CheckpointKind.HOUR
    grow()
    assert sign_log() is None
    now += timedelta(minutes=1)
    second = sign_log()
    assert second is not None
    assert second.kind == CheckpointKind.MINUTE
    now += timedelta(minutes=60)
    assert sign_log() is None, "nothing has been added"
    grow()
    third, close = sign_log(), sign_log(closing=True)
    assert third is not None
    assert close is not None
    assert (third.kind, close.kind) == (CheckpointKind.HOUR, CheckpointKind.CLOSE)
    proof = Client().get(reverse("contests:public_log_consistency", args=[first.size, close.size]))
    keys = Source("keys", json.dumps(queries.keys_document()).encode())
    assert not_held(verify([keys, Source("proof", proof.content)])) == []
    assert Client().get(reverse("contests:public_log_consistency", args=[close.size, first.size])).status_code == 404


def grow() -> None:
    size = queries.log_size()
    integrating.move_mark("", size, size + 1)
    integrating.append_entries(size, [integrating._New("batch", "w1", size + 1, entry(size))])


@pytest.mark.parametrize("table", ["logentry", "checkpoint", "publishedfile", "publishedpart"])
@pytest.mark.parametrize("change", ["UPDATE {table} SET {column} = ''", "DELETE FROM {table}"])
def test_the_database_takes_nothing_back(table: str, change: str) -> None:
    grow()
    sign_log()
    publish_file(actor=OPERATOR, subject="x", kind=FileKind.LIST, name="x", content=[b"x"])
    column = {"checkpoint": "note", "publishedfile": "sha256"}.get(table, "content")
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table=f"contests_{table}", column=column))


# published files -----------------------------------------------------------------------------------------------


def test_a_file_of_many_parts_is_given_as_it_was_published() -> None:
    content = [bytes([number % 251]) * 70_000 for number in range(30)]
    file = publish_file(actor=OPERATOR, subject="draw/1", kind=FileKind.LIST, name="list", content=content)
    again = publish_file(actor=OPERATOR, subject="draw/1", kind=FileKind.LIST, name="list", content=content)
    assert again == file
    assert file.parts.count() > 1
    assert fetch(reverse("contests:public_file", args=[file.name])) == b"".join(content)
    second = publish_file(actor=OPERATOR, subject="draw/1", kind=FileKind.LIST, name="list", content=[b"other"])
    assert (second.version, second.name) == (2, "list-v2.txt")
    assert integrate_log() == 2
    file.refresh_from_db()
    assert file.position == 0


def test_results_are_published_once_and_again_only_when_they_change(played: Round) -> None:
    row = finish(played)
    publish_results(actor=OPERATOR, round_id=row.pk)
    assert PublishedFile.objects.filter(kind=FileKind.RESULTS.value).count() == 1
    row.standings.update(score_points=3)
    rank_round(actor=OPERATOR, round=row)
    publish_results(actor=OPERATOR, round_id=row.pk)
    versions = list(PublishedFile.objects.filter(kind=FileKind.RESULTS.value).values_list("version", flat=True))
    assert versions == [1, 2]
    keep_log()
    assert not_held(verify(public_sources(row))) == []


def test_results_held_back_are_not_published() -> None:
    row = make_round(closed=True, results="after_review")
    rank_round(actor=OPERATOR, round=row)
    assert publish_results(actor=OPERATOR, round_id=row.pk) is None
    practice = make_round(closed=True, practice=True)
    rank_round(actor=OPERATOR, round=practice)
    assert publish_results(actor=OPERATOR, round_id=practice.pk) is None


def test_results_name_no_unit_of_fewer_than_ten(played: Round) -> None:
    row = finish(played)
    lines = [json.loads(line) for line in queries.result_lines(row)]
    assert len(lines) == 3
    assert not any("unit" in line for line in lines)
    assert all(set(line) == {"rank", "participant", "pseudonym", "score", "time_used_ms"} for line in lines)


def test_one_small_unit_takes_another_with_it() -> None:
    assert units_named({1: 30, 2: 12, 3: 40}, 10) == {1, 2, 3}
    assert units_named({1: 30, 2: 12, 3: 9}, 10) == {1}, "who has no unit beside them would be of unit 3"
    assert units_named({1: 30, 2: 9, 3: 9}, 10) == {1}
    assert units_named({1: 9}, 10) == units_named({}, 10) == set()


def test_what_an_event_missed_is_published_all_the_same() -> None:
    row = make_round()
    assert publish_due() == 1
    assert publish_due() == 0
    assert queries.latest_file(queries.subject_of_round(row.pk), FileKind.COMMITMENTS) is not None


# openings ------------------------------------------------------------------------------------------------------


def test_what_is_still_drawn_on_stays_sealed_and_so_does_the_secret() -> None:
    assert free_to_open({1, 2, 3}, {3, 4}) == ({1, 2}, False)
    assert free_to_open({1, 2}, {3}) == ({1, 2}, True)


@pytest.fixture
def shared() -> tuple[Round, Any]:
    """A round that is over, and the pool it drew from."""
    contest = make_contest()
    pool = make_pool(unit=contest.activity.unit, items=10)
    return make_round(contest=contest, pools=[pool], grace_seconds=0, closed=True), pool


def test_nothing_is_opened_while_a_round_runs() -> None:
    with pytest.raises(Refused, match="round_not_over"):
        open_secrets(actor=OPERATOR, round=make_round())


@pytest.mark.parametrize("published", [True, False], ids=["an open round", "a planned round"])
def test_nothing_is_opened_that_another_round_draws_on(shared: tuple[Round, Any], published: bool) -> None:
    row, pool = shared
    later = make_round(contest=row.contest, pools=[pool], published=published, grace_seconds=0)
    with pytest.raises(Refused, match="all_in_use"):
        open_secrets(actor=OPERATOR, round=row)
    assert not PublishedFile.objects.filter(kind=FileKind.OPENING.value).exists()
    if published:
        close_round(actor=OPERATOR, round=later)
    else:
        later.delete()
    file = open_secrets(actor=OPERATOR, round=row)
    assert file.facts == "whole"
    with pytest.raises(Refused, match="is_open"):
        open_secrets(actor=OPERATOR, round=row)


def test_part_of_a_round_is_opened_first_and_the_rest_later(shared: tuple[Round, Any]) -> None:
    row, pool = shared
    second = make_pool(unit=row.contest.activity.unit, items=10)
    both = make_round(contest=row.contest, pools=[pool, second], grace_seconds=0, closed=True, count=10)
    later = make_round(contest=row.contest, pools=[second], grace_seconds=0)
    publish_commitments(actor=OPERATOR, round_id=both.pk)
    first = open_secrets(actor=OPERATOR, round=both)
    opening = json.loads(b"".join(queries.content_of(first)))
    assert "secret" not in opening
    assert set(opening["items"]) == {str(pk) for pk in pool.items.values_list("pk", flat=True)}
    with pytest.raises(Refused, match="nothing_new"):
        open_secrets(actor=OPERATOR, round=both)
    close_round(actor=OPERATOR, round=later)
    whole = open_secrets(actor=OPERATOR, round=both)
    assert (whole.version, whole.facts) == (2, "whole")
    keep_log()
    assert not_held(verify(public_sources(both))) == []


def test_only_who_may_publish_a_round_opens_it(shared: tuple[Round, Any]) -> None:
    row, _pool = shared
    auditor = make_account()
    make_grant(auditor, Role.AUDITOR, row.contest.activity.unit)
    with pytest.raises(Refused, match="denied"):
        open_secrets(actor=auditor, round=row)


def test_an_opened_pack_is_the_one_that_was_committed_to(shared: tuple[Round, Any]) -> None:
    row, _pool = shared
    publish_commitments(actor=OPERATOR, round_id=row.pk)
    open_secrets(actor=OPERATOR, round=row)
    keep_log()
    sources = public_sources(row)
    assert not_held(verify(sources)) == []
    forged = [
        Source(one.name, one.read().replace("因为甲".encode(), "因为乙".encode())) if "opening" in one.name else one
        for one in sources
    ]
    assert {code for _, code in not_held(verify(forged))} == {"opening:commitments", "opening:pack", "file:in_log"}
    assert RoundPack.objects.get(round=row.pk).commitments["content_hash"] == queries.content_hash_of(row)


# pages ---------------------------------------------------------------------------------------------------------


def test_a_round_in_draft_and_practice_have_no_page_for_everybody() -> None:
    draft, practice = make_round(published=False), make_round(practice=True)
    for row in (draft, practice):
        assert Client().get(reverse("contests:public_round", args=[row.pk])).status_code == 404


def test_the_public_page_takes_a_constant_number_of_queries(
    played: Round, django_assert_max_num_queries: Any
) -> None:
    finish(played)
    for _ in range(2):
        with django_assert_max_num_queries(14):
            assert Client().get(reverse("contests:public_round", args=[played.pk])).status_code == 200
        publish_file(actor=OPERATOR, subject=f"round/{played.pk}", kind=FileKind.LIST, name="a", content=[b"1"])
        publish_file(actor=OPERATOR, subject=f"round/{played.pk}", kind=FileKind.LIST, name="a", content=[b"2"])


def test_marks_and_gate_agree_with_the_log(three_batches: Round) -> None:
    keep_log()
    marks = dict(LogMark.objects.values_list("writer", "number"))
    assert marks == {"": 3, "w1": 3}
    assert Checkpoint.objects.get().size == 3
    assert publishing.publish_due() == 1
