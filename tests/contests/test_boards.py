"""Boards of people and units: live from the engine, read from the ledger, and final."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.utils import translation
from tests.factories.contests import make_campaign, make_contest, make_entrant, make_round
from tests.factories.ledgers import Writer, finish_row
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_unit

from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.ranking import rank_settled_rounds
from tradeshall.contests.actions.results import export_results
from tradeshall.contests.actions.rounds import close_round
from tradeshall.contests.actions.taking_part import choose_display, pass_for
from tradeshall.contests.models import Entrant, Round, Standing
from tradeshall.contests.queries.boards import (
    board_page,
    figures_of,
    monitor,
    participation_by_unit,
    unit_board,
    unit_place,
)
from tradeshall.contests.queries.results import results_rows
from tradeshall.contests.rules.boards import ranks
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.engine.client import LocalClient
from tradeshall.engine.codes import EngineRefused
from tradeshall.people.models import Membership
from tradeshall.units.models import Unit

pytestmark = pytest.mark.django_db


def entrants_in(round: Round, unit: Unit, count: int) -> list[Entrant]:
    return [make_entrant(contest=round.contest, membership=make_member(unit=unit)) for _ in range(count)]


def membership_of(entrant: Entrant) -> Membership:
    assert entrant.membership is not None
    return entrant.membership


def settled(round: Round) -> Round:
    """Close a round, rank it as the background would, and return it."""
    close_round(actor=OPERATOR, round=round)
    with clock.set_to(clock.now() + timedelta(hours=1)):
        rank_settled_rounds(actor=OPERATOR)
    return Round.objects.select_related("contest__activity__unit").get(pk=round.pk)


def soon(answer: Callable[[], Any]) -> Any:
    """Return what an engine answers once it has noticed a new round."""
    until = time.monotonic() + 60
    while True:
        try:
            return answer()
        except EngineRefused as error:
            if error.code != "engine:round:unknown" or time.monotonic() > until:
                raise
            time.sleep(0.02)


def test_final_ranks_are_sorted_by_every_tie_break(writer: Writer) -> None:
    round = make_round(tie_breaks=["score", "time_used", "earlier_finish"], attempts_total=0)
    people = entrants_in(round, round.contest.activity.unit, 6)
    now = clock.now_ms()
    rows = [
        (20, 50_000, now),
        (25, 60_000, now + 5),
        (25, 60_000, now + 5),
        (25, 60_000, now + 1),
        (25, 59_999, now + 9),
        (0, 1, now),
    ]
    writer.write(
        *(
            finish_row(round, entrant, score, time_used_ms=used, finished_at_ms=at)
            for entrant, (score, used, at) in zip(people, rows, strict=True)
        )
    )
    ingest_ledger()
    final = settled(round)
    places = dict(Standing.objects.filter(round=round).values_list("entrant", "rank"))
    assert [places[entrant.pk] for entrant in people] == [5, 3, 3, 2, 1, 6]
    page = board_page(final, membership_of(people[5]), limit=3)
    assert (page.final, page.live, page.of) == (True, False, 6)
    assert [row.rank for row in page.rows] == [1, 2, 3]
    assert page.me is not None
    assert (page.me.rank, page.me.is_me) == (6, True)


def test_final_ranks_are_those_of_the_pure_rule(writer: Writer) -> None:
    round = make_round(tie_breaks=["score", "time_used"])
    people = entrants_in(round, round.contest.activity.unit, 30)
    writer.write(
        *(finish_row(round, one, 5 * (n * 7 % 5), time_used_ms=1000 * (n * 3 % 4)) for n, one in enumerate(people))
    )
    ingest_ledger()
    settled(round)
    rows = list(Standing.objects.filter(round=round).order_by("-score_points", "time_used_ms"))
    assert [row.rank for row in rows] == ranks((-row.score_points, row.time_used_ms) for row in rows)


def test_attempt_read_after_the_ranking_makes_the_ranks_again(writer: Writer) -> None:
    round = make_round()
    first, second = entrants_in(round, round.contest.activity.unit, 2)
    writer.finish(round, first, 10)
    ingest_ledger()
    assert settled(round).ranked_at is not None
    writer.finish(round, second, 20, by="deadline")
    ingest_ledger()
    round.refresh_from_db()
    assert round.ranked_at is None
    with clock.set_to(clock.now() + timedelta(hours=1)):
        assert rank_settled_rounds(actor=OPERATOR) == 1
        assert rank_settled_rounds(actor=OPERATOR) == 0
    assert Standing.objects.get(entrant=second).rank == 1
    assert Standing.objects.get(entrant=first).rank == 2


def test_ranking_waits_for_the_grace(writer: Writer) -> None:
    round = make_round(grace_seconds=600)
    close_round(actor=OPERATOR, round=round)
    assert rank_settled_rounds(actor=OPERATOR) == 0
    with clock.set_to(clock.now() + timedelta(seconds=700)):
        assert rank_settled_rounds(actor=OPERATOR) == 1


def test_board_without_an_engine_is_as_far_as_the_ledger_was_read(writer: Writer) -> None:
    round = make_round()
    people = entrants_in(round, round.contest.activity.unit, 5)
    scores = [10, 20, 20, 5, 25]
    writer.write(*(finish_row(round, one, score) for one, score in zip(people, scores, strict=True)))
    ingest_ledger()
    page = board_page(round, membership_of(people[0]), limit=2)
    assert (page.live, page.final, page.of) == (False, False, 5)
    assert [(row.rank, row.score_points) for row in page.rows] == [(1, 25), (2, 20)]
    assert page.me is not None
    assert page.me.rank == 4
    rest = board_page(round, None, limit=5, offset=2)
    assert [(row.rank, row.score_points) for row in rest.rows] == [(2, 20), (4, 10), (5, 5)]


def test_live_board_final_board_and_record_agree(engine: LocalClient) -> None:
    round = make_round(deposited=True, count=5, attempts_total=2)
    unit = round.contest.activity.unit
    members = [make_member(unit=unit, account=make_account()) for _ in range(4)]
    for answers, member in enumerate(members):
        token = pass_for(actor=member.account, membership=member, round=round)
        started = soon(lambda token=token: engine.start(token))
        given = [[item["no"], 1, [item["options"].index("甲")]] for item in started["paper"]["items"][: answers + 1]]
        engine.submit(started["token"], given)
    unfinished = make_member(unit=unit, account=make_account())
    started = engine.start(pass_for(actor=unfinished.account, membership=unfinished, round=round))
    engine.save(started["token"], [[1, 1, [started["paper"]["items"][0]["options"].index("甲")]]])

    page = board_page(round, members[0])
    assert (page.live, page.final, page.of) == (True, False, 4)
    assert [row.score_points for row in page.rows] == [20, 15, 10, 5]
    assert page.me == page.rows[3]
    watched = monitor(round)
    assert (watched.live, watched.open_now, watched.finished, watched.participants) == (True, 1, 4, 5)
    assert watched.eligible == 5
    assert watched.lag_entries == 4
    while ingest_ledger():
        pass
    assert monitor(round).lag_entries == 0

    from tradeshall.journal.tasks import dispatch_waiting

    close_round(actor=OPERATOR, round=round)
    dispatch_waiting()
    with clock.set_to(clock.now() + timedelta(minutes=10)):
        until = time.monotonic() + 60
        while Standing.objects.filter(round=round).count() < 5 and time.monotonic() < until:
            ingest_ledger()
            time.sleep(0.02)
        rank_settled_rounds(actor=OPERATOR)
        round.refresh_from_db()
        final = board_page(round, unfinished)
    assert final.final
    assert [row.score_points for row in final.rows] == [20, 15, 10, 5, 5]
    assert [row.rank for row in final.rows[:4]] == [1, 2, 3, 4]
    assert final.me is not None
    assert final.me.score_points == 5


def test_board_shows_pseudonyms_unless_somebody_chose_their_name(writer: Writer) -> None:
    round = make_round()
    account = make_account()
    member = make_member(unit=round.contest.activity.unit, name="王小梅", account=account)
    entrant = make_entrant(contest=round.contest, membership=member)
    writer.finish(round, entrant, 10)
    ingest_ledger()
    with translation.override("zh-hans"):
        assert board_page(round).rows[0].name == entrant.pseudonym
    with translation.override("en"):
        shown = board_page(round).rows[0].name
    assert shown != entrant.pseudonym
    assert shown.split()[1] == entrant.pseudonym.split()[1]
    choose_display(actor=account, entrant=entrant, shows_name=True)
    assert board_page(round).rows[0].name == "王小梅"
    choose_display(actor=account, entrant=entrant, shows_name=False)
    assert board_page(round).rows[0].name != "王小梅"
    with pytest.raises(Refused):
        choose_display(actor=make_account(), entrant=entrant, shows_name=True)


def test_board_names_only_units_that_stand_on_boards_of_units(writer: Writer) -> None:
    family = make_family()
    round = make_round(contest=make_contest(campaign=make_campaign(unit=family["root"])))
    many, few = entrants_in(round, family["child"], 12), entrants_in(round, family["sibling"], 9)
    small = entrants_in(round, family["stranger"], 11)
    for unit, more in ((family["child"], 18), (family["sibling"], 31)):
        for _ in range(more):
            make_member(unit=unit)
    writer.write(*(finish_row(round, one, 5) for one in [*many, *few, *small]))
    ingest_ledger()
    with translation.override("zh-hans"):
        named = {row.participant: row.unit_name for row in board_page(round, limit=50).rows}
        exported = list(results_rows(round))
    # a list can be counted: a unit of 40 with nine, and one of 11 with eleven, would give their figures away
    assert {named[one.number] for one in many} == {family["own"].name}  # the branch above their group
    assert {named[one.number] for one in [*few, *small]} == {""}
    codes = {row[1]: row[7] for row in exported[1:]}
    assert {codes[str(one.number)] for one in many} == {family["child"].code}
    assert {codes[str(one.number)] for one in few} == {""}


@pytest.mark.parametrize(
    ("results", "after", "shown"),
    [
        ("at_once", timedelta(0), True),
        ("after_round", timedelta(0), False),
        ("after_round", timedelta(days=2), True),
        ("after_review", timedelta(days=2), False),
    ],
)
def test_board_waits_for_results_that_are_held_back(
    writer: Writer, results: str, after: timedelta, shown: bool
) -> None:
    round = make_round(results=results)
    (entrant,) = entrants_in(round, round.contest.activity.unit, 1)
    writer.finish(round, entrant, 10)
    ingest_ledger()
    with clock.set_to(clock.now() + after):
        page = board_page(round, membership_of(entrant))
        figures, _ = figures_of(round, round.contest.activity.unit)
    assert bool(page.rows) is shown
    assert page.withheld is not shown
    assert (page.me is not None) is shown
    assert (figures.mean_points == 10) is shown


def test_practice_has_no_board(writer: Writer) -> None:
    round = make_round(practice=True)
    (entrant,) = entrants_in(round, round.contest.activity.unit, 1)
    writer.finish(round, entrant, 10)
    ingest_ledger()
    page = board_page(round, membership_of(entrant))
    assert (page.rows, page.me, page.withheld) == ([], None, False)


@pytest.mark.parametrize(("count", "queries"), [(1, 13), (3, 13)])
def test_board_takes_the_same_queries_however_long(
    writer: Writer, count: int, queries: int, django_assert_num_queries: Any
) -> None:
    round = make_round()
    people = entrants_in(round, round.contest.activity.unit, count)
    writer.write(*(finish_row(round, one, n) for n, one in enumerate(people)))
    ingest_ledger()
    final = settled(round)
    membership = membership_of(people[0])
    with django_assert_num_queries(queries):
        assert len(board_page(final, membership).rows) == count


def grow(round: Round, unit: Unit, members: int, scores: list[int], writer: Writer) -> None:
    people = [make_member(unit=unit) for _ in range(members)]
    entrants = [make_entrant(contest=round.contest, membership=one) for one in people[: len(scores)]]
    writer.write(*(finish_row(round, one, score) for one, score in zip(entrants, scores, strict=True)))


def test_units_are_ranked_by_participation_with_all_beneath_them(writer: Writer) -> None:
    family = make_family()
    third = make_unit(parent=family["parent"], name="第三厂工会")
    round = make_round(contest=make_contest(campaign=make_campaign(unit=family["root"])))
    grow(round, family["own"], 20, [10] * 5, writer)
    grow(round, family["child"], 10, [20] * 10, writer)  # a group beneath own
    grow(round, family["sibling"], 40, [25] * 10, writer)
    grow(round, third, 12, [25] * 12, writer)
    grow(round, family["stranger"], 29, [25] * 3, writer)
    ingest_ledger()

    board = unit_board(round)
    assert [(row.rank, row.unit) for row in board.rows] == [(1, family["own"].pk), (2, family["sibling"].pk)]
    own = board.rows[0]
    assert (own.members, own.taking_part, own.rate) == (30, 15, 0.5)
    assert own.mean_points == pytest.approx((5 * 10 + 10 * 20) / 15)
    assert board.smaller is not None
    assert (board.smaller_units, board.smaller.members, board.smaller.taking_part) == (2, 41, 15)

    by_mean = unit_board(round, by="mean")
    assert [row.unit for row in by_mean.rows] == [family["sibling"].pk, family["own"].pk]

    place = unit_place(round, family["child"])
    assert place is not None
    assert (place.unit, place.rank, place.of) == (family["own"].pk, 1, 2)
    small = unit_place(round, third)
    assert small is not None
    assert (small.rank, small.too_small, small.taking_part) == (None, True, 12)
    assert unit_place(round, family["parent"]) is None


def test_participation_by_unit_shows_no_small_unit(writer: Writer) -> None:
    family = make_family()
    round = make_round(contest=make_contest(campaign=make_campaign(unit=family["root"])))
    third = make_unit(parent=family["parent"])
    for unit, members, scores in ((family["own"], 30, 10), (family["sibling"], 31, 12), (third, 5, 5)):
        grow(round, unit, members, [5] * scores, writer)
    ingest_ledger()
    rows = participation_by_unit(round, family["parent"])
    # the one small unit is pooled with the smallest of the others, or its figures would be plain to see
    assert [(row.unit, row.members, row.taking_part) for row in rows] == [
        (family["sibling"].pk, 31, 12),
        (None, 35, 15),
    ]


def test_participation_by_unit_gives_too_few_no_figures(writer: Writer) -> None:
    family = make_family()
    round = make_round(contest=make_contest(campaign=make_campaign(unit=family["root"])))
    third = make_unit(parent=family["parent"])
    for unit, members, scores in ((family["own"], 30, 10), (family["sibling"], 40, 4), (third, 5, 5)):
        grow(round, unit, members, [5] * scores, writer)
    ingest_ledger()
    shown, pool = participation_by_unit(round, family["parent"])
    assert (shown.unit, shown.taking_part, shown.hidden) == (family["own"].pk, 10, False)
    assert (pool.unit, pool.members, pool.taking_part, pool.attempts, pool.hidden) == (None, 0, 0, 0, True)


@pytest.mark.parametrize("extra", [0, 3])
def test_unit_board_takes_the_same_queries_however_many_units(
    writer: Writer, extra: int, django_assert_num_queries: Any
) -> None:
    round = make_round()
    root = round.contest.activity.unit
    for _ in range(1 + extra):
        make_member(unit=make_unit(parent=root))
    round = Round.objects.select_related("contest__activity__unit").get(pk=round.pk)
    with django_assert_num_queries(6):
        unit_board(round)
    with django_assert_num_queries(2):  # whether it is frozen, and whether figures were kept
        unit_board(round)


def test_export_carries_no_names_and_no_formulas(writer: Writer) -> None:
    round = make_round()
    member = make_member(unit=round.contest.activity.unit, name="王小梅", account=make_account())
    entrant = make_entrant(contest=round.contest, membership=member)
    Entrant.objects.filter(pk=entrant.pk).update(pseudonym="=HYPERLINK(1)", shows_name=True)
    writer.finish(round, entrant, 10, time_used_ms=61_250)
    ingest_ledger()
    file = io.BytesIO()
    export_results(actor=OPERATOR, round=settled(round), file=file, format="csv")
    text = file.getvalue().decode("utf-8-sig")
    assert "王小梅" not in text
    assert "'=HYPERLINK(1)" in text
    heading, line = text.splitlines()[:2]
    assert len(heading.split(",")) == 9
    assert line.startswith(f"1,{entrant.number},")
    assert "+00:00" not in text  # the federation's clock, as on the board

    book = io.BytesIO()
    export_results(actor=OPERATOR, round=round, file=book, format="xlsx")
    book.seek(0)
    sheet = openpyxl.load_workbook(book).active
    assert sheet["B2"].value == str(entrant.number)
    assert sheet["C2"].value == "'=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("language", "unit_name", "pseudonym", "title"),
    [("en", "Second Works", "Spruce 0382", "Results"), ("zh-hans", "第二工厂工会", "云杉 0382", "成绩")],
)
def test_export_speaks_the_readers_language(
    writer: Writer, language: str, unit_name: str, pseudonym: str, title: str
) -> None:
    round = make_round()
    unit = make_unit(parent=round.contest.activity.unit, name="第二工厂工会", name_en="Second Works")
    grow(round, unit, 10, [5] * 10, writer)
    Entrant.objects.filter(pk=Entrant.objects.earliest("pk").pk).update(pseudonym="云杉 0382")
    ingest_ledger()
    file = io.BytesIO()
    with translation.override(language):
        export_results(actor=OPERATOR, round=round, file=file)
    sheet = openpyxl.load_workbook(file).active
    assert (sheet.title, sheet["I2"].value) == (title, unit_name)
    assert pseudonym in {cell.value for cell in sheet["C"]}


def test_export_is_journalled_and_only_for_who_may(writer: Writer) -> None:
    from tradeshall.journal.models import Entry

    family = make_family()
    round = make_round(contest=make_contest(campaign=make_campaign(unit=family["root"]), unit=family["own"]))
    for role, unit in ((Role.AUDITOR, "own"), (Role.ORGANISER, "sibling"), (Role.ORGANISER, "child")):
        with pytest.raises(Refused):
            export_results(actor=make_account(role=role, unit=family[unit]), round=round, file=io.BytesIO())
    assert not Entry.objects.filter(verb="contests:round:export").exists()
    organiser = make_account(role=Role.ORGANISER, unit=family["parent"])
    export_results(actor=organiser, round=round, file=io.BytesIO())
    assert Entry.objects.get(verb="contests:round:export").actor == str(organiser)
    with pytest.raises(Refused) as refused:
        export_results(actor=organiser, round=round, file=io.BytesIO(), format="docx")
    assert refused.value.refusals[0].code == "contests:results:format_unknown"
