"""Corrected items re-score a round as a new version, all at once or not at all; the ledger stays as it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from tests.factories.ledgers import Writer
from tests.factories.people import make_account
from tests.factories.sittings import Played, play
from tests.factories.units import make_grant, make_unit

from tradeshall.contests import ports
from tradeshall.contests.actions.appeals import rule_on_item
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.ranking import rank_round
from tradeshall.contests.actions.rescoring import SomebodyElse, build_version, keep_range, work_on_versions
from tradeshall.contests.actions.versions import confirm_version, discard_version, prepare_version
from tradeshall.contests.enums import VersionState
from tradeshall.contests.events import ResultsVersionApplied
from tradeshall.contests.models import (
    AttemptResult,
    RescoredAttempt,
    ResultsVersion,
    Round,
    Standing,
    VersionStanding,
)
from tradeshall.contests.queries.appeals import sealed_pack
from tradeshall.contests.queries.versions import version_rows, versions_of
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.engine.rescoring import ranges
from tradeshall.engine.rescoring_processes import HelperEnded, job_of, rescored_in

pytestmark = pytest.mark.django_db(transaction=True)


def some_right(who: int, item: Any) -> tuple[int, ...]:
    """Every other entrant gets all wrong, by the second option; the rest nearly all right."""
    return (1,) if who % 2 or item.spec.number % 6 == who % 6 else (0,)


def scores(round: Round) -> dict[int, tuple[int, int | None]]:
    return {row.entrant_id: (row.score_points, row.rank) for row in Standing.objects.filter(round=round)}


def ledger_rows(writer: Writer) -> list[Any]:
    return list(writer.ledger.read_since({}, 10_000))


def expected(played: Played, corrections: dict[str, Any]) -> dict[int, int]:
    """Score every attempt by itself, without any of the machinery: the paper again, item by item."""
    keys = {int(item): what for item, what in corrections.items()}
    found = {}
    for who, entrant in enumerate(played.entrants):
        paper = played.compiled.paper(entrant.number, 1)
        score = 0
        for item in paper.items:
            chosen = tuple(played.answer(who, item))
            what = keys.get(item.spec.number, {})
            right = tuple(what.get("key", (0,)))
            if what.get("void") == "full" or ("void" not in what and chosen == right):
                score += item.points
        found[entrant.pk] = score
    return found


def new_version(played: Played, **fields: Any) -> ResultsVersion:
    return prepare_version(actor=OPERATOR, round=played.round, note="第三题有误。", **fields)


def carry_through(version: ResultsVersion) -> ResultsVersion:
    work_on_versions(actor=OPERATOR)
    version.refresh_from_db()
    assert version.state == VersionState.READY
    confirm_version(actor=OPERATOR, version=version)
    work_on_versions(actor=OPERATOR)
    version.refresh_from_db()
    assert version.state == VersionState.APPLIED
    return version


def void(played: Played, at: int = 1, verdict: str = "void_full", key: tuple[int, ...] = ()) -> int:
    number = played.item_numbers[at]
    rule_on_item(
        actor=OPERATOR, round=played.round, item_number=number, verdict=verdict, words="题干有两种理解。", key=key
    )
    return number


@pytest.mark.parametrize(("verdict", "key"), [("void_full", ()), ("key", (1,))])
def test_a_ruling_rescores_every_attempt_that_had_the_item(
    writer: Writer, verdict: str, key: tuple[int, ...]
) -> None:
    played = play(writer, answer=some_right)
    before, kept = scores(played.round), ledger_rows(writer)
    item = void(played, verdict=verdict, key=key)
    assert scores(played.round) == before

    version = carry_through(new_version(played, ranges=3))

    correction = {"void": "full"} if verdict == "void_full" else {"key": [1]}
    wanted = expected(played, {str(item): correction})
    assert version.corrections == {str(item): correction}
    assert {entrant: score for entrant, (score, _) in scores(played.round).items()} == wanted
    assert dict(AttemptResult.objects.values_list("entrant_id", "score_points")) == wanted
    assert wanted != {entrant: score for entrant, (score, _) in before.items()}
    order = sorted(wanted.values(), reverse=True)
    assert all(order[rank - 1] == score for score, rank in scores(played.round).values() if rank)
    assert ledger_rows(writer) == kept


def test_points_are_taken_out_where_every_paper_had_the_item(writer: Writer) -> None:
    played = play(writer, answer=some_right, count=8, pool=8)
    item = void(played, verdict="void_out")
    carry_through(new_version(played))
    wanted = expected(played, {str(item): {"void": "out"}})
    assert dict(AttemptResult.objects.values_list("entrant_id", "score_points")) == wanted
    assert set(AttemptResult.objects.values_list("max_points", flat=True)) == {35}


def test_points_are_not_taken_out_where_papers_differ(writer: Writer) -> None:
    played = play(writer, count=4, pool=8)
    with pytest.raises(Refused, match="contests:ruling:not_on_every_paper"):
        void(played, verdict="void_out")


def test_the_first_version_stays_readable(writer: Writer) -> None:
    played = play(writer, answer=some_right)
    before = scores(played.round)
    void(played)
    version = carry_through(new_version(played))
    first, second = versions_of(played.round).order_by("number")
    assert (first.number, second.number, second.pk) == (1, 2, version.pk)
    kept = {row.entrant_id: (row.score_points, row.rank) for row in VersionStanding.objects.filter(version=first)}
    assert kept == before
    now = {row.entrant_id: (row.score_points, row.rank) for row in VersionStanding.objects.filter(version=second)}
    assert now == scores(played.round)
    assert len(list(version_rows(first))) == 1 + len(before)
    rescored = RescoredAttempt.objects.filter(version=version)
    assert rescored
    assert all(row.was_points != row.score_points for row in rescored)
    assert version.consequences["attempts"] == len(rescored)


def test_a_third_version_starts_from_the_ledger_and_may_undo_the_second(writer: Writer) -> None:
    played = play(writer, answer=some_right)
    before = scores(played.round)
    void(played, 1)
    carry_through(new_version(played))
    void(played, 1, "stands")
    other = void(played, 2)
    version = carry_through(new_version(played))
    assert (version.number, version.corrections) == (3, {str(other): {"void": "full"}})
    wanted = expected(played, {str(other): {"void": "full"}})
    assert {entrant: score for entrant, (score, _) in scores(played.round).items()} == wanted
    void(played, 2, "stands")
    carry_through(new_version(played))
    assert scores(played.round) == before


def test_what_counts_is_counted_anew(writer: Writer) -> None:
    """With the best of several attempts, a correction may make another attempt the one that counts."""
    played = play(writer, answer=some_right, attempts=3)
    item = void(played)
    carry_through(new_version(played))
    for who, entrant in enumerate(played.entrants):
        best = 0
        for number in (1, 2, 3):
            paper = played.compiled.paper(entrant.number, number)
            best = max(
                best,
                sum(
                    one.points
                    for one in paper.items
                    if one.spec.number == item or tuple(some_right(who, one)) == (0,)
                ),
            )
        standing = Standing.objects.get(entrant=entrant)
        assert (standing.score_points, standing.attempts_count) == (best, 3)


class PowerCut(Exception):
    pass


def steps_until_cut(version: ResultsVersion, after: int) -> None:
    """Build so many ranges, then lose power in the middle of the next: what it had begun is undone."""

    def told(one: ResultsVersion) -> None:
        if one.ranges_done >= after:
            raise PowerCut

    with pytest.raises(PowerCut):
        build_version(version=version, told=told)


@pytest.mark.parametrize("after", [1, 4, 5, 7, 10])
def test_cut_off_while_building_the_old_version_stays_whole_and_work_goes_on(writer: Writer, after: int) -> None:
    played = play(writer, answer=some_right)
    before = scores(played.round)
    results = dict(AttemptResult.objects.values_list("pk", "score_points"))
    item = void(played)
    version = new_version(played, ranges=5)
    steps_until_cut(version, after)

    assert scores(played.round) == before
    assert dict(AttemptResult.objects.values_list("pk", "score_points")) == results
    version.refresh_from_db()
    assert (version.state, version.ranges_done) == (VersionState.BUILDING, after)

    carry_through(version)
    wanted = expected(played, {str(item): {"void": "full"}})
    assert {entrant: score for entrant, (score, _) in scores(played.round).items()} == wanted
    assert VersionStanding.objects.filter(version=version).count() == 12


def test_cut_off_while_putting_in_force_nothing_has_changed(writer: Writer) -> None:
    played = play(writer, answer=some_right)
    before = scores(played.round)
    void(played)
    version = new_version(played)
    work_on_versions(actor=OPERATOR)
    version.refresh_from_db()
    confirm_version(actor=OPERATOR, version=version)

    def apply_until_the_cut() -> None:
        with transaction.atomic():
            work_on_versions(actor=OPERATOR)
            assert scores(played.round) != before
            raise PowerCut

    with pytest.raises(PowerCut):
        apply_until_the_cut()
    assert scores(played.round) == before
    work_on_versions(actor=OPERATOR)
    assert scores(played.round) != before


def test_rescoring_in_place_leaves_a_mixture_when_cut_off(writer: Writer) -> None:
    """The control: scores written where everybody reads them, range by range, are neither of the versions."""
    played = play(writer, answer=some_right)
    before = {entrant: score for entrant, (score, _) in scores(played.round).items()}
    item = void(played, verdict="key", key=(1,))
    corrections = {str(item): {"key": [1]}}
    wanted = expected(played, corrections)
    job = job_of("", sealed_pack(played.round).to_bytes(), corrections)
    for changed in rescored_in(job, ranges(12)[:6], ledger=ports.ledger(), processes=0):
        for one in changed:
            Standing.objects.filter(entrant__number=one.participant).update(score_points=one.points)
    now = {entrant: score for entrant, (score, _) in scores(played.round).items()}
    assert now not in (before, wanted)


def test_of_two_who_do_one_range_one_is_undone(writer: Writer) -> None:
    played = play(writer, answer=some_right)
    void(played)
    version = new_version(played, ranges=2)
    same = ResultsVersion.objects.select_related("round").get(pk=version.pk)
    keep_range(version=version, changed=[])
    with pytest.raises(SomebodyElse):
        keep_range(version=same, changed=[])
    assert ResultsVersion.objects.get(pk=version.pk).ranges_done == 1


def test_helpers_on_every_core_find_the_same(writer: Writer) -> None:
    played = play(writer, answer=some_right)
    job = job_of(
        f"sqlite:///{writer.ledger.path}",
        sealed_pack(played.round).to_bytes(),
        {str(played.item_numbers[1]): {"void": "full"}},
    )
    alone = list(rescored_in(job, ranges(7), ledger=ports.ledger(), processes=0))
    together = list(rescored_in(job, ranges(7), ledger=ports.ledger(), processes=2))
    assert alone == together
    assert sum(map(len, alone)) > 0


def test_a_helper_that_ends_is_noticed(writer: Writer) -> None:
    played = play(writer)
    job = job_of("postgresql://127.0.0.1:1/nowhere", sealed_pack(played.round).to_bytes(), {})
    with pytest.raises(HelperEnded):
        list(rescored_in(job, ranges(3), ledger=ports.ledger(), processes=1))


def killed_after(version: ResultsVersion, lines: int, how: str) -> list[str]:
    """Re-score in a process of its own and kill it without warning after so many ranges; return what it said."""
    script = Path(__file__).parent / "rescoring_process.py"
    process = subprocess.Popen(
        [sys.executable, str(script), connection.settings_dict["NAME"], settings.LEDGER_URL, str(version.pk), how],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tradeshall.config.settings.test"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(lines)]
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    process.stdout.close()
    return said


def test_killed_without_warning_the_old_version_is_whole_and_the_new_one_is_finished(writer: Writer) -> None:
    played = play(writer, answer=some_right)
    before = scores(played.round)
    item = void(played, verdict="key", key=(1,))
    version = new_version(played, ranges=12)
    assert killed_after(version, 4, "beside") == ["range"] * 4
    version.refresh_from_db()
    assert version.state == VersionState.BUILDING
    assert 4 <= version.ranges_done < 12
    assert scores(played.round) == before
    carry_through(version)
    wanted = expected(played, {str(item): {"key": [1]}})
    assert {entrant: score for entrant, (score, _) in scores(played.round).items()} == wanted


def test_killed_while_it_writes_in_place_a_mixture_is_left(writer: Writer) -> None:
    """The control of the test above."""
    played = play(writer, answer=some_right)
    before = {entrant: score for entrant, (score, _) in scores(played.round).items()}
    item = void(played, verdict="key", key=(1,))
    wanted = expected(played, {str(item): {"key": [1]}})
    killed_after(new_version(played, ranges=24), 12, "in-place")
    assert {entrant: score for entrant, (score, _) in scores(played.round).items()} not in (before, wanted)


def test_an_attempt_that_comes_while_a_version_is_built_begins_it_anew(writer: Writer) -> None:
    played = play(writer, answer=some_right, attempts_total=2)
    void(played)
    version = new_version(played, ranges=2)
    work_on_versions(actor=OPERATOR)
    version.refresh_from_db()
    confirm_version(actor=OPERATOR, version=version)
    played.sit_late(3, number=2)
    assert ingest_ledger() == 2
    work_on_versions(actor=OPERATOR)  # finds the ranks gone
    version.refresh_from_db()
    assert version.state == VersionState.CONFIRMED
    rank_round(actor=OPERATOR, round=played.round)
    work_on_versions(actor=OPERATOR)  # begins anew
    version.refresh_from_db()
    assert (version.state, version.ranges_done) == (VersionState.BUILDING, 0)
    carry_through(version)
    late = Standing.objects.get(entrant=played.entrants[3])
    assert late.attempts_count == 2


def test_an_attempt_that_comes_after_a_version_is_scored_by_it(writer: Writer) -> None:
    played = play(writer, answer=some_right, attempts_total=3)
    items = [void(played, at, "key", (1,)) for at in range(8)]
    version = carry_through(new_version(played))
    played.sit_late(3, number=2)
    played.sit_late(3, number=3)
    assert [ingest_ledger(limit=2), ingest_ledger(limit=2)] == [2, 2]
    wanted = [
        sum(
            one.points
            for one in played.compiled.paper(played.entrants[3].number, number).items
            if some_right(3, one) == (1,)
        )
        for number in (2, 3)
    ]
    found = AttemptResult.objects.filter(entrant=played.entrants[3], number__gt=1).order_by("number")
    assert [one.score_points for one in found] == wanted
    assert len(items) == 8
    rank_round(actor=OPERATOR, round=played.round)
    kept = {row.entrant_id: (row.score_points, row.rank) for row in VersionStanding.objects.filter(version=version)}
    assert kept == scores(played.round)


def test_a_version_is_refused_where_it_makes_no_sense(writer: Writer) -> None:
    played = play(writer)
    with pytest.raises(Refused, match="contests:version:nothing_decided"):
        new_version(played)
    void(played)
    with pytest.raises(Refused, match="contests:version:note_empty"):
        prepare_version(actor=OPERATOR, round=played.round, note=" ")
    with pytest.raises(Refused, match="contests:version:note_too_long"):
        prepare_version(actor=OPERATOR, round=played.round, note="x" * 2001)
    version = new_version(played)
    with pytest.raises(Refused, match="contests:version:one_in_the_making"):
        new_version(played)
    with pytest.raises(Refused, match="contests:version:cannot_confirm"):
        confirm_version(actor=OPERATOR, version=version)
    discard_version(actor=OPERATOR, version=version)
    assert not VersionStanding.objects.filter(version=version).exists()
    again = carry_through(new_version(played))
    with pytest.raises(Refused, match="contests:version:cannot_discard"):
        discard_version(actor=OPERATOR, version=again)
    Round.objects.filter(pk=played.round.pk).update(ranked_at=None)
    void(played, 2)
    with pytest.raises(Refused, match="contests:version:not_ranked"):
        new_version(played)


def test_only_those_who_run_rounds_there_may_rescore(writer: Writer) -> None:
    played = play(writer)
    void(played)
    elsewhere = make_account()
    make_grant(elsewhere, Role.ORGANISER, make_unit())
    editor = make_account()
    make_grant(editor, Role.ITEM_EDITOR, played.round.contest.activity.unit)
    for actor in (elsewhere, editor):
        with pytest.raises(Refused, match="core:authority:denied"):
            prepare_version(actor=actor, round=played.round, note="因为")


def test_a_version_in_force_is_told_of_once(writer: Writer) -> None:
    from tradeshall.journal.models import Entry, OutboxEvent

    played = play(writer, answer=some_right)
    void(played)
    version = carry_through(new_version(played))
    work_on_versions(actor=OPERATOR)
    events = OutboxEvent.objects.filter(name__contains=ResultsVersionApplied.__name__)
    assert [one.payload for one in events] == [{"round_id": played.round.pk, "number": version.number}]
    verbs = list(Entry.objects.filter(verb__startswith="contests:version").values_list("verb", flat=True))
    assert sorted(verbs) == ["contests:version:apply", "contests:version:confirm", "contests:version:prepare"]
