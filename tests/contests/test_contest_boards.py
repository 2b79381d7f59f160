"""Boards over a whole contest: tallies, sums over rounds, formulas, the freeze, the days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.factories.boards import again, make_board, take_part
from tests.factories.contests import make_campaign, make_contest, make_entrant, make_round
from tests.factories.ledgers import Writer
from tests.factories.people import make_account, make_member
from tests.factories.units import make_federation, make_unit

from tradeshall.contests.actions import board_keeping, boards, tallies
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.ranking import rank_settled_rounds
from tradeshall.contests.actions.rounds import close_round, publish_round
from tradeshall.contests.models import (
    BoardDay,
    BoardState,
    Contest,
    ContestBoards,
    ContestStanding,
    Entrant,
    Round,
    UnitTally,
)
from tradeshall.contests.queries.boards import board_page, unit_board
from tradeshall.contests.queries.boards.figures import scope_of_contest, scope_of_round
from tradeshall.contests.queries.boards.history import day_page, days_of, trail_of
from tradeshall.contests.queries.boards.people import contest_page, unit_people
from tradeshall.contests.queries.boards.units import board_of, place_of
from tradeshall.contests.rules.figures import unpack_scores
from tradeshall.contests.rules.unit_boards import BoardDraft
from tradeshall.contests.tasks import keep_boards, keep_rounds
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.journal.models import Entry
from tradeshall.journal.tasks import dispatch_waiting
from tradeshall.units.enums import UnitKind

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def contest() -> Contest:
    make_unit()
    make_unit(kind=UnitKind.REGIONAL)
    return make_contest(campaign=make_campaign(unit=make_federation()))


def fresh(round: Round) -> Round:
    return Round.objects.select_related("contest__activity__unit").get(pk=round.pk)


# Tallies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counting", ["best", "last", "first", "sum"])
def test_tallies_kept_by_batches_are_those_made_anew(writer: Writer, contest: Contest, counting: str) -> None:
    round = make_round(contest=contest, counting=counting, attempts_total=0)
    units = [make_unit(), make_unit()]
    crowds = [take_part(writer, round, unit, 6, [5, 10, 10, 0]) for unit in units]
    ingest_ledger(3)
    for number, scores in ((2, [10, 0, 10, 25]), (3, [0, 5, 20, 5])):
        for crowd in crowds:
            again(writer, round, crowd, scores, number=number)
        ingest_ledger(3)
    while ingest_ledger(3):
        pass
    kept = tallies_of(round)
    tallies.rebuild_tallies(round.pk)
    assert kept == tallies_of(round)
    assert {(people, attempts) for people, attempts, _, _ in kept.values()} == {(4, 12)}


def tallies_of(round: Round) -> dict[int, Any]:
    rows = UnitTally.objects.filter(round=round)
    return {row.unit_id: (row.people, row.attempts, row.score_sum, unpack_scores(bytes(row.scores))) for row in rows}


@pytest.mark.parametrize("people", [1, 3])
def test_tallies_cost_a_batch_the_same_however_many_are_in_it(
    writer: Writer, contest: Contest, people: int, django_assert_num_queries: Any
) -> None:
    round = make_round(contest=contest)
    take_part(writer, round, make_unit(), people, [5] * people)
    ingest_ledger()
    entrants = Entrant.objects.filter(contest=contest)
    changes = {(round.pk, entrants[0].unit_id): tallies.Change()}
    with django_assert_num_queries(2):
        tallies.change_tallies(changes)


# Over all rounds ---------------------------------------------------------------------------------------------


def test_rounds_are_added_up_for_everyone(writer: Writer, contest: Contest) -> None:
    first = make_round(contest=contest)
    unit = make_unit()
    crowd = take_part(writer, first, unit, 4, [10, 20, 5])
    ingest_ledger()
    assert not ContestStanding.objects.exists()  # one round is the whole contest
    assert [row.score_points for row in contest_page(contest).rows] == [20, 10, 5]
    second = make_round(contest=contest)
    dispatch_waiting()
    assert ContestStanding.objects.count() == 3
    again(writer, second, crowd[:2], [15, 0])
    ingest_ledger()
    page = contest_page(contest, crowd[1].membership)
    assert [(row.rank, row.score_points) for row in page.rows] == [(1, 25), (2, 20), (3, 5)]
    assert page.me is not None
    assert (page.me.rank, page.me.is_me, page.of) == (2, True, 3)


def test_only_the_best_rounds_count_where_the_organiser_said_so(writer: Writer, contest: Contest) -> None:
    boards.set_best_rounds(actor=OPERATOR, contest=contest, best_rounds=2)
    rounds = [make_round(contest=contest) for _ in range(3)]
    crowd = take_part(writer, rounds[0], make_unit(), 2, [10, 25])
    again(writer, rounds[1], crowd, [20, 0])
    again(writer, rounds[2], crowd, [15, 5])
    ingest_ledger()
    assert [row.score_points for row in contest_page(contest).rows] == [35, 30]


@pytest.mark.parametrize("results", ["after_round", "after_review"])
def test_a_round_counts_over_all_rounds_once_its_results_may_be_seen(
    writer: Writer, contest: Contest, results: str
) -> None:
    from tradeshall.contests.actions.rounds import release_results

    shown = make_round(contest=contest)
    held = make_round(contest=contest, results=results)
    crowd = take_part(writer, shown, make_unit(), 1, [10])
    again(writer, held, crowd, [20])
    ingest_ledger()
    assert [row.score_points for row in contest_page(contest).rows] == [10]
    close_round(actor=OPERATOR, round=held)
    with clock.set_to(clock.now() + timedelta(hours=1)):
        rank_settled_rounds(actor=OPERATOR)
        if results == "after_review":
            dispatch_waiting()
            assert [row.score_points for row in contest_page(contest).rows] == [10]
            release_results(actor=OPERATOR, round=held)
        dispatch_waiting()
        assert [row.score_points for row in contest_page(contest).rows] == [30]


def test_practice_is_not_added_up(writer: Writer, contest: Contest) -> None:
    rounds = [make_round(contest=contest, practice=practice) for practice in (False, False, True)]
    crowd = take_part(writer, rounds[0], make_unit(), 1, [10])
    for round in rounds[1:]:
        again(writer, round, crowd, [20])
    ingest_ledger()
    assert [row.score_points for row in contest_page(contest).rows] == [30]


@pytest.mark.parametrize("people", [1, 3])
def test_the_board_over_rounds_takes_the_same_queries_however_long(
    writer: Writer, contest: Contest, people: int, django_assert_num_queries: Any
) -> None:
    rounds = [make_round(contest=contest) for _ in range(2)]
    crowd = take_part(writer, rounds[0], make_unit(), people, [5] * people)
    ingest_ledger()
    keep_boards()
    scope = scope_of_contest(contest)
    with django_assert_num_queries(9):
        assert len(contest_page(contest, crowd[0].membership, scope=scope).rows) == people


# A member's own surroundings ---------------------------------------------------------------------------------


def test_the_lines_around_me_are_those_before_and_after(writer: Writer, contest: Contest) -> None:
    round = make_round(contest=contest)
    crowd = take_part(writer, round, make_unit(), 30, list(range(30)))
    ingest_ledger()
    close_round(actor=OPERATOR, round=round)
    with clock.set_to(clock.now() + timedelta(hours=1)):
        rank_settled_rounds(actor=OPERATOR)
        page = board_page(fresh(round), crowd[10].membership, around=True)
    assert [row.rank for row in page.rows] == list(range(15, 26))
    assert [row.rank for row in page.rows if row.is_me] == [20]


@pytest.mark.parametrize("offset", [0, 3, 7, 11, 25])
def test_a_final_page_deep_down_is_the_same_slice(writer: Writer, contest: Contest, offset: int) -> None:
    round = make_round(contest=contest, tie_breaks=["score"])
    take_part(writer, round, make_unit(), 30, [n // 4 for n in range(30)])
    ingest_ledger()
    close_round(actor=OPERATOR, round=round)
    with clock.set_to(clock.now() + timedelta(hours=1)):
        rank_settled_rounds(actor=OPERATOR)
        final = fresh(round)
        whole = board_page(final, limit=100)
        part = board_page(final, limit=6, offset=offset)
    assert part.rows == whole.rows[offset : offset + 6]
    assert part.of == whole.of == 30


def test_people_of_my_unit_stand_among_themselves_where_the_unit_is_shown(writer: Writer, contest: Contest) -> None:
    round = make_round(contest=contest)
    large, small, other = make_unit(), make_unit(), make_unit()
    group = make_unit(parent=large, kind=UnitKind.GROUP)
    crowd = take_part(writer, round, large, 20, [10] * 8)
    mates = take_part(writer, round, group, 20, [20, 5])
    few = take_part(writer, round, small, 20, [25] * 12)
    take_part(writer, round, other, 20, [1])
    ingest_ledger()
    found = unit_people(scope_of_round(round), mates[1].membership)  # type: ignore[arg-type]
    assert found is not None
    name, rows = found
    assert name == large.name
    assert [(row.rank, row.score_points) for row in rows] == [(1, 20), *[(2, 10)] * 8, (10, 5)]
    assert [row.rank for row in rows if row.is_me] == [10]
    assert {row.participant for row in rows} == {one.number for one in [*crowd, *mates]}
    assert unit_people(scope_of_round(round), few[0].membership) is None  # type: ignore[arg-type]


# Boards of units ---------------------------------------------------------------------------------------------


def regions(writer: Writer, round: Round) -> dict[str, Any]:
    """Two regions: one of two branches of which one is reached, and one of a single branch."""
    east, west = (make_unit(kind=UnitKind.REGIONAL, name=name) for name in ("东区", "西区"))
    found = {"east": east, "west": west}
    for name, parent, members, scores in (
        ("e1", east, 60, [20] * 10 + [10] * 20),
        ("e2", east, 40, [25] * 9),
        ("e3", east, 40, [5] * 4),
        ("w1", west, 50, [25] * 25),
    ):
        found[name] = make_unit(parent=parent, name=name)
        found[f"crowd_{name}"] = take_part(writer, round, found[name], members, scores)
    ingest_ledger()
    return found


def test_a_weighted_board_explains_each_units_points(writer: Writer, contest: Contest) -> None:
    weights = {"rate": 40, "coverage": 20, "top_mean": 20, "mean": 10, "total": 10}
    board = make_board(contest=contest, kind="regional", weights=weights)
    round = make_round(contest=contest)
    units = regions(writer, round)
    scope = scope_of_contest(contest)
    page = board_of(scope, board)
    assert [row.unit for row in page.rows] == [units["west"].pk, units["east"].pk]
    east = place_of(scope, board, units["e2"].pk)
    assert east is not None
    assert (east.rank, east.of, east.name) == (2, 2, "东区")
    parts = {part.part: part for part in east.parts}
    assert (parts["rate"].figure, parts["rate"].of) == (43, 140)
    assert parts["rate"].points == pytest.approx(100 * 43 / 140)
    assert (parts["coverage"].figure, parts["coverage"].of, parts["coverage"].points) == (
        1,
        3,
        pytest.approx(100 / 3),
    )
    mean = (10 * 20 + 20 * 10 + 9 * 25 + 4 * 5) / 43
    assert (parts["mean"].figure, parts["mean"].of) == (pytest.approx(mean), 25)
    assert (parts["top_mean"].figure, parts["top_mean"].of) == (24.5, 25)  # nine of 25 and one of 20
    assert (parts["total"].figure, parts["total"].of, parts["total"].points) == (645, 645, 100)
    points = sum(weights[name] * part.points for name, part in parts.items()) / 100
    assert east.hundredths == int(points * 100)
    assert sum(part.counts for part in east.parts) == pytest.approx(points)


def test_a_board_of_an_industry_lists_its_units_and_pools_no_figures(writer: Writer, contest: Contest) -> None:
    metal = [make_unit(industry="冶金") for _ in range(3)]
    board = make_board(contest=contest, industry="冶金")
    round = make_round(contest=contest)
    for unit, scores in zip(metal, ([5] * 12, [5] * 20, [5] * 3), strict=True):
        take_part(writer, round, unit, 40, scores)
    take_part(writer, round, make_unit(), 40, [5] * 9)
    ingest_ledger()
    page = board_of(scope_of_contest(contest), board)
    assert [row.unit for row in page.rows] == [metal[1].pk, metal[0].pk]
    assert (page.smaller_units, page.smaller) == (1, None)
    whole = unit_board(round)
    assert whole.smaller is not None
    assert (whole.smaller_units, whole.smaller.members, whole.smaller.taking_part) == (2, 80, 12)


@pytest.mark.parametrize(("style", "expected"), [("standard", [1, 1, 3]), ("dense", [1, 1, 2])])
def test_equal_units_share_a_rank_by_the_style_of_the_board(
    writer: Writer, contest: Contest, style: str, expected: list[int]
) -> None:
    board = make_board(contest=contest, ranks=style)
    round = make_round(contest=contest)
    for people in (20, 20, 10):
        take_part(writer, round, make_unit(), 40, [5] * people)
    ingest_ledger()
    assert [row.rank for row in board_of(scope_of_contest(contest), board).rows] == expected


def test_scores_held_back_count_nothing_on_boards_of_units(writer: Writer, contest: Contest) -> None:
    board = make_board(contest=contest, weights={"rate": 1, "mean": 1})
    round = make_round(contest=contest, results="after_round")
    take_part(writer, round, make_unit(), 40, [20] * 20)
    ingest_ledger()
    page = board_of(scope_of_contest(contest), board)
    assert page.withheld
    assert [(row.points, row.mean_points) for row in page.rows] == [(25.0, 0.0)]


def test_figures_of_several_rounds_count_each_person_once(writer: Writer, contest: Contest) -> None:
    board = make_board(contest=contest, weights={"rate": 1, "total": 1})
    rounds = [make_round(contest=contest) for _ in range(2)]
    unit = make_unit()
    crowd = take_part(writer, rounds[0], unit, 40, [10] * 12)
    again(writer, rounds[1], crowd[:5], [5] * 5)
    ingest_ledger()
    place = place_of(scope_of_contest(contest), board, unit.pk)
    assert place is not None
    assert (place.taking_part, place.members) == (12, 40)
    assert place.parts[1].figure == 145


BAD = [
    ({"name": " "}, "no_name"),
    ({"weights": {}}, "no_parts"),
    ({"weights": {"rate": 101}}, "weight_out_of_bounds"),
    ({"weights": {"luck": 1}}, "weight_out_of_bounds"),
    ({"kind": "industry_union"}, "no_such_level"),
    ({"depth": 7}, "no_such_level"),
    ({"industry": "采煤"}, "no_such_industry"),
    ({"weights": {"coverage": 1}}, "nothing_to_cover"),
    ({"weights": {"top_mean": 1}, "top_count": 9}, "top_out_of_bounds"),
    ({"least_members": 29}, "members_too_few"),
    ({"least_taking_part": 9}, "people_too_few"),
]


@pytest.mark.parametrize(("fields", "code"), BAD, ids=[code for _, code in BAD])
def test_a_board_that_makes_no_sense_is_refused(contest: Contest, fields: dict[str, Any], code: str) -> None:
    make_unit()
    with pytest.raises(Refused) as refused:
        make_board(contest=contest, **fields)
    assert [one.code for one in refused.value.refusals] == [f"contests:unit_board:{code}"]


def test_boards_stay_as_they_are_once_a_round_is_published(contest: Contest) -> None:
    make_unit()
    board = make_board(contest=contest)
    row = make_round(contest=contest, published=False)
    boards.set_best_rounds(actor=OPERATOR, contest=contest, best_rounds=3)
    edited = boards.edit_unit_board(actor=OPERATOR, board=board, draft=BoardDraft(name="新榜", weights={"mean": 1}))
    assert edited.weights == {"mean": 1}
    publish_round(actor=OPERATOR, round=row)
    draft = BoardDraft(name="改榜", weights={"rate": 1})
    for change in (
        lambda: boards.edit_unit_board(actor=OPERATOR, board=board, draft=draft),
        lambda: boards.create_unit_board(actor=OPERATOR, contest=contest, board=draft),
        lambda: boards.delete_unit_board(actor=OPERATOR, board=board),
        lambda: boards.set_best_rounds(actor=OPERATOR, contest=contest, best_rounds=1),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert refused.value.refusals[0].code == "contests:unit_board:fixed"


@pytest.mark.parametrize("what", ["edit", "add", "remove", "best", "settings"])
def test_the_database_itself_keeps_published_boards(contest: Contest, what: str) -> None:
    make_unit()
    board = make_board(contest=contest)
    other = make_contest()
    boards.set_best_rounds(actor=OPERATOR, contest=contest, best_rounds=3)
    make_round(contest=contest)
    make_round(contest=other)
    writes = {
        "edit": lambda: type(board).objects.filter(pk=board.pk).update(weights={"mean": 1}),
        "add": lambda: type(board).objects.create(contest=contest, name="x", weights={"rate": 1}),
        "remove": lambda: board.delete(),
        "best": lambda: ContestBoards.objects.filter(contest=contest).update(best_rounds=1),
        "settings": lambda: ContestBoards.objects.create(contest=other, best_rounds=2),
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        writes[what]()
    assert boards.set_freeze(actor=OPERATOR, contest=other, freeze_at=clock.now() + DAY).freeze_at


def test_boards_are_for_those_who_run_the_contest_and_journalled(contest: Contest) -> None:
    unit = make_unit()
    for actor in (make_account(role=Role.AUDITOR), make_account(role=Role.ORGANISER, unit=unit)):
        with pytest.raises(Refused):
            boards.create_unit_board(actor=actor, contest=contest, board=BoardDraft(name="榜", weights={"rate": 1}))
        with pytest.raises(Refused):
            boards.set_freeze(actor=actor, contest=contest, freeze_at=None)
    organiser = make_account(role=Role.ORGANISER)
    board = boards.create_unit_board(
        actor=organiser, contest=contest, board=BoardDraft(name="榜", weights={"rate": 1})
    )
    boards.delete_unit_board(actor=organiser, board=board)
    verbs = Entry.objects.filter(actor=str(organiser)).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["contests:unit_board:create", "contests:unit_board:delete"]


# The freeze --------------------------------------------------------------------------------------------------


def test_members_see_the_frozen_boards_and_the_console_the_live_ones(writer: Writer, contest: Contest) -> None:
    board = make_board(contest=contest)
    round = make_round(contest=contest, attempts_total=0)
    unit, other = make_unit(), make_unit()
    crowd = take_part(writer, round, unit, 40, [10] * 12)
    take_part(writer, round, other, 40, [5] * 11)
    ingest_ledger()
    begins = clock.now() + timedelta(hours=1)
    boards.set_freeze(actor=OPERATOR, contest=contest, freeze_at=begins)
    with clock.set_to(begins + timedelta(seconds=1)) as move_on:
        waiting = board_page(fresh(round), crowd[0].membership)
        assert (waiting.frozen, waiting.preparing, waiting.rows) == (True, True, [])
        assert board_of(scope_of_contest(contest), board).preparing
        keep_rounds()
        before = board_page(fresh(round), crowd[0].membership, limit=50)
        units_before = board_of(scope_of_contest(contest), board)
        assert not before.preparing

        move_on(timedelta(minutes=5))
        again(writer, round, crowd[:3], [25, 24, 23], number=2)
        take_part(writer, round, unit, 1, [25])
        ingest_ledger()
        keep_boards()
        after = board_page(fresh(round), crowd[0].membership, limit=50)
        assert [(row.rank, row.participant, row.score_points) for row in after.rows] == [
            (row.rank, row.participant, row.score_points) for row in before.rows
        ]
        assert after.me is not None
        assert (after.me.rank, after.me.score_points, after.of) == (1, 10, 23)
        assert board_of(scope_of_contest(contest), board).rows == units_before.rows
        assert unit_people(scope_of_round(fresh(round)), crowd[0].membership) is None  # type: ignore[arg-type]

        live = board_page(fresh(round), None, limit=2, frozen=False)
        assert [row.score_points for row in live.rows] == [25, 25]
        assert board_of(scope_of_contest(contest), board, live=True).rows[0].taking_part == 13

        boards.lift_freeze(actor=OPERATOR, contest=contest)
        lifted = board_page(fresh(round), crowd[0].membership, limit=2)
        assert (lifted.frozen, [row.score_points for row in lifted.rows]) == (False, [25, 25])
        assert board_of(scope_of_contest(contest), board).rows[0].taking_part == 13


def test_the_sums_over_rounds_freeze_as_well(writer: Writer, contest: Contest) -> None:
    rounds = [make_round(contest=contest, attempts_total=0) for _ in range(2)]
    crowd = take_part(writer, rounds[0], make_unit(), 3, [10, 20, 5])
    again(writer, rounds[1], crowd, [5, 5])
    ingest_ledger()
    begins = clock.now() + timedelta(hours=1)
    boards.set_freeze(actor=OPERATOR, contest=contest, freeze_at=begins)
    with clock.set_to(begins + timedelta(seconds=1)) as move_on:
        keep_rounds()
        move_on(timedelta(minutes=5))
        again(writer, rounds[1], crowd, [25, 20, 25], number=2)
        ingest_ledger()
        page = contest_page(contest, crowd[2].membership)
        assert [row.score_points for row in page.rows] == [25, 15, 5]
        assert page.me is not None
        assert (page.me.rank, page.me.score_points) == (3, 5)
        assert [row.score_points for row in contest_page(contest, frozen=False).rows] == [40, 35, 30]


def test_a_freeze_is_kept_once_and_set_in_time(contest: Contest) -> None:
    make_round(contest=contest)
    with pytest.raises(Refused) as refused:
        boards.set_freeze(actor=OPERATOR, contest=contest, freeze_at=clock.now())
    assert refused.value.refusals[0].code == "contests:boards:freeze_is_past"
    with pytest.raises(Refused) as refused:
        boards.lift_freeze(actor=OPERATOR, contest=contest)
    assert refused.value.refusals[0].code == "contests:boards:not_frozen"
    boards.set_freeze(actor=OPERATOR, contest=contest, freeze_at=clock.now() + DAY)
    boards.set_freeze(actor=OPERATOR, contest=contest, freeze_at=clock.now() + timedelta(hours=1))
    with clock.set_to(clock.now() + timedelta(hours=2)):
        assert board_keeping.keep_freezes(actor=OPERATOR) == 1
        assert board_keeping.keep_freezes(actor=OPERATOR) == 0
        assert not board_keeping.freeze_contest(ContestBoards.objects.get(contest=contest))
        with pytest.raises(Refused) as refused:
            boards.set_freeze(actor=OPERATOR, contest=contest, freeze_at=None)
        assert refused.value.refusals[0].code == "contests:boards:freeze_has_begun"
        boards.lift_freeze(actor=OPERATOR, contest=contest)
        with pytest.raises(Refused):
            boards.lift_freeze(actor=OPERATOR, contest=contest)


# Figures that are kept, and days -----------------------------------------------------------------------------


def test_the_background_keeps_figures_while_a_round_runs(writer: Writer, contest: Contest) -> None:
    round = make_round(contest=contest)
    take_part(writer, round, make_unit(), 40, [10] * 12)
    ingest_ledger()
    keep_boards()
    assert unit_board(round).of == 1
    take_part(writer, round, make_unit(), 40, [10] * 12)
    ingest_ledger()
    assert unit_board(round).of == 1  # as they were kept
    keep_boards()
    assert unit_board(round).of == 2
    assert BoardState.objects.count() == 1


def test_figures_two_processes_make_are_kept_once(writer: Writer, contest: Contest) -> None:
    round = make_round(contest=contest)
    scope = scope_of_round(round)
    board_keeping.keep_scope(scope)
    kept = BoardState.objects.get()
    moved = kept.made_at + timedelta(seconds=5)
    BoardState.objects.update(made_at=moved)  # another process was faster
    assert BoardState.objects.filter(pk=kept.pk, made_at=kept.made_at).update(body=b"") == 0
    board_keeping.keep_scope(scope)
    assert BoardState.objects.get().made_at != kept.made_at


def test_places_are_kept_at_the_federations_midnight(writer: Writer, contest: Contest) -> None:
    board = make_board(contest=contest)
    start = clock.now().replace(hour=2, minute=0, second=0, microsecond=0)  # ten in the morning in Shanghai
    with clock.set_to(start) as move_on:
        round = make_round(contest=contest, opens_at=start, closes_at=start + 3 * DAY, attempts_total=0)
        units = [make_unit(name=name) for name in ("一厂", "二厂")]
        crowds = [
            take_part(writer, round, unit, members, [10] * people)
            for unit, members, people in zip(units, (40, 36), (20, 10), strict=True)
        ]
        more = [make_entrant(contest=round.contest, membership=make_member(unit=units[1])) for _ in range(35)]
        ingest_ledger()
        assert board_keeping.keep_days(actor=OPERATOR) == 0
        move_on(timedelta(hours=14, minutes=1))  # a minute past midnight there
        assert board_keeping.keep_days(actor=OPERATOR) == 1
        assert board_keeping.keep_days(actor=OPERATOR) == 0
        again(writer, round, more, [10] * 35)
        ingest_ledger()
        move_on(DAY)
        assert board_keeping.keep_days(actor=OPERATOR) == 1
        scope = scope_of_contest(contest)
        days = days_of(scope, board)
        assert len(days) == 2
        first, second = (day_page(scope, board, one.day) for one in days)
        assert first is not None
        assert second is not None
        assert [(row.rank, row.name) for row in first[0]] == [(1, "一厂"), (2, "二厂")]
        assert [(row.rank, row.name) for row in second[0]] == [(1, "二厂"), (2, "一厂")]
        assert [step.rank for step in trail_of(scope, board, units[1].pk)] == [2, 1]
        assert [step.points for step in trail_of(scope, board, units[0].pk)] == [50.0, 50.0]
        move_on(5 * DAY)
        assert board_keeping.keep_days(actor=OPERATOR) == 0  # over since three days
    assert crowds


def test_days_after_the_freeze_are_kept_and_not_shown(writer: Writer, contest: Contest) -> None:
    board = make_board(contest=contest)
    start = clock.now().replace(hour=2, minute=0, second=0, microsecond=0)
    with clock.set_to(start) as move_on:
        make_round(contest=contest, opens_at=start, closes_at=start + 5 * DAY)
        boards.set_freeze(actor=OPERATOR, contest=contest, freeze_at=start + DAY)
        for _ in range(3):
            move_on(DAY)
            keep_rounds()
            board_keeping.keep_days(actor=OPERATOR)
        assert BoardDay.objects.filter(board=board).count() == 3
        assert len(days_of(scope_of_contest(contest), board)) == 1
        boards.lift_freeze(actor=OPERATOR, contest=contest)
        assert len(days_of(scope_of_contest(contest), board)) == 3
