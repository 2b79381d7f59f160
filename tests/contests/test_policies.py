"""What binds rounds together: series, levels, finals, achievements, time for who needs it, local questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction
from tests.contests.test_ingest import run_at_once
from tests.factories.contests import make_contest, make_entrant, make_item, make_pool, make_round
from tests.factories.ledgers import Writer, finish_row
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family, make_federation, make_grant, make_unit

from tradeshall.contests import ports
from tradeshall.contests.actions.achievements import AchievementDraft, set_achievements, set_joining
from tradeshall.contests.actions.advancing import confirm_finalists
from tradeshall.contests.actions.allowances import grant_time, withdraw_time
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.presets import Wanted, set_up_contest
from tradeshall.contests.actions.ranking import rank_round
from tradeshall.contests.actions.rounds import SectionDraft, close_round, create_round, publish_round, set_blueprint
from tradeshall.contests.actions.series import AHEAD, publish_due_rounds, publish_series
from tradeshall.contests.actions.taking_part import enter_contest, forget_members, pass_for
from tradeshall.contests.models import (
    Achievement,
    AttemptResult,
    Contest,
    Entrant,
    Finalist,
    Round,
    Standing,
    TimeAllowance,
)
from tradeshall.contests.queries.achievements import entrants_with, own_achievements
from tradeshall.contests.queries.advancing import list_of, those_who_go_on
from tradeshall.contests.queries.local import variant_of
from tradeshall.contests.rules.achievements import days_without_play, longest_run
from tradeshall.contests.rules.presets import PLANS, Preset, pass_mark
from tradeshall.contests.rules.series import Calendar, days_of, judge_calendar, levels_of
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.engine.counting import tie_lot
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.passes import read_pass
from tradeshall.engine.rounds import CompiledRound
from tradeshall.journal.models import Entry
from tradeshall.units.models import Unit

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


def entrant_in(contest: Contest, unit: Unit | None = None) -> Entrant:
    """Return an entrant of a contest, published or not."""
    member = make_member(unit=unit or contest.activity.unit)
    return Entrant.objects.create(
        contest=contest, membership=member, unit=member.unit, pseudonym=f"云杉{member.pk}", entered_at=clock.now()
    )


def sat(round: Round, entrant: Entrant, score: int, *, number: int = 1, day: date | None = None) -> AttemptResult:
    """Record an attempt as if it had been read from the ledger."""
    at = clock.now() if day is None else datetime.combine(day, time(12), ZONE)
    return AttemptResult.objects.create(
        round=round,
        entrant=entrant,
        number=number,
        score_points=score,
        max_points=25,
        time_used_ms=1000,
        finished_at=at,
        begun_on=clock.day_of(at, ZONE),
        leaf="",
    )


# calendars


def test_a_calendar_passes_over_days_off() -> None:
    plan = Calendar(date(2026, 5, 1), 6, time(8), time(20), {5, 6}, {date(2026, 5, 4)})
    days = days_of(plan, ZONE)
    assert [day.on.day for day in days] == [1, 5, 6, 7, 8, 11]  # a Friday, then Tuesday: the holiday is left out
    assert [day.number for day in days] == [1, 2, 3, 4, 5, 6]
    assert days[0].opens_at == datetime(2026, 5, 1, 0, tzinfo=UTC)
    assert days[0].closes_at == datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_day_that_closes_at_midnight_ends_with_the_day() -> None:
    (day,) = days_of(Calendar(date(2026, 5, 1), 1, time(0), time(0)), ZONE)
    assert day.closes_at - day.opens_at == timedelta(days=1)


def test_a_day_is_as_long_as_its_zone_makes_it() -> None:
    (day,) = days_of(Calendar(date(2026, 3, 29), 1, time(0), time(0)), ZoneInfo("Europe/Berlin"))
    assert day.closes_at.astimezone(UTC) - day.opens_at.astimezone(UTC) == timedelta(hours=23)


@pytest.mark.parametrize(
    ("calendar", "code"),
    [
        (Calendar(date(2026, 1, 1), 0, time(8), time(9)), "contests:series:days_out_of_bounds"),
        (Calendar(date(2026, 1, 1), 5, time(8), time(9), range(7)), "contests:series:every_day_off"),
        (Calendar(date(2026, 1, 1), 5, time(8), time(9), {9}), "contests:series:weekday_unknown"),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(calendar: Calendar, code: str) -> None:
    assert [refusal.code for refusal in judge_calendar(calendar)] == [code]


# presets and series


def wanted(contest: Contest, preset: Preset, days: int = 3, **changes: object) -> Wanted:
    plan = PLANS[preset]
    today = clock.day_of(clock.now(), ZONE)
    values = {
        "campaign": contest.activity.campaign,
        "unit": contest.activity.unit,
        "title": "每日一答",
        "title_en": "A question a day",
        "pools": [make_pool(unit=contest.activity.unit, items=max(12, 2 * plan.count))],
        "days": days_of(Calendar(today + timedelta(days=1), days, time(8), time(22)), ZONE),
        "count": plan.count,
        "points": plan.points,
        "minutes": plan.minutes,
        **changes,
    }
    return Wanted(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("preset", list(Preset))
def test_every_preset_can_be_set_up_and_published_as_it_is(preset: Preset) -> None:
    days = 3 if preset in (Preset.DAILY, Preset.LEVELS) else 1
    contest = set_up_contest(actor=OPERATOR, preset=preset, wanted=wanted(make_contest(), preset, days))
    rounds = publish_series(actor=OPERATOR, contest=contest)
    assert len(rounds) == days
    assert set(contest.rounds.values_list("state", flat=True)) == {"published"}
    assert list(contest.rounds.order_by("position").values_list("position", flat=True)) == list(range(1, days + 1))


def test_a_daily_series_has_numbered_days_and_a_secret_for_each() -> None:
    contest = set_up_contest(actor=OPERATOR, preset=Preset.DAILY, wanted=wanted(make_contest(), Preset.DAILY, 4))
    publish_series(actor=OPERATOR, contest=contest)
    rounds = list(contest.rounds.select_related("pack"))
    assert [row.title for row in rounds] == ["第1天", "第2天", "第3天", "第4天"]
    assert [row.title_en for row in rounds] == ["Day 1", "Day 2", "Day 3", "Day 4"]
    secrets = {SealedPack.from_bytes(bytes(row.pack.sealed)).secret for row in rounds}
    assert len(secrets) == 4
    assert [one.least for one in contest.achievements.all()] == [4]  # neither 28 nor 20 of four days


def test_levels_open_in_turn() -> None:
    contest = set_up_contest(actor=OPERATOR, preset=Preset.LEVELS, wanted=wanted(make_contest(), Preset.LEVELS))
    rows = list(contest.rounds.order_by("position"))
    assert [row.opens_after for row in rows] == [None, rows[0], rows[1]]
    assert {row.pass_points for row in rows} == {60}


def test_a_pass_mark_is_one_a_paper_can_earn() -> None:
    assert pass_mark(60, 5, 20) == 60
    assert pass_mark(60, 7, 10) == 50
    assert pass_mark(0, 7, 10) == 0


def test_a_series_is_published_whole_or_not_at_all() -> None:
    contest = set_up_contest(actor=OPERATOR, preset=Preset.DAILY, wanted=wanted(make_contest(), Preset.DAILY))
    last = contest.rounds.order_by("position").last()
    assert last is not None
    set_blueprint(actor=OPERATOR, round=last, sections=[SectionDraft(pools=[make_pool(items=2)], count=5)])
    for on_its_own in (False, True):
        with pytest.raises(Refused) as refused:
            publish_series(actor=OPERATOR, contest=contest, each_on_its_own=on_its_own)
        assert codes(refused) == ["contests:series:round_not_ready", "contests:blueprint:too_few_items"]
        assert refused.value.refusals[0].details["round"] == "第3天"
        assert set(contest.rounds.values_list("state", "publish_at")) == {("draft", None)}


@pytest.fixture
def evening() -> Iterator[None]:
    """It is eight in the evening; the first day opens at eight in the morning."""
    with clock.set_to(datetime.combine(clock.day_of(clock.now(), ZONE), time(20), ZONE)):
        yield


@pytest.mark.usefixtures("evening")
def test_a_planned_round_is_published_a_day_before_it_opens() -> None:
    contest = set_up_contest(actor=OPERATOR, preset=Preset.DAILY, wanted=wanted(make_contest(), Preset.DAILY))
    publish_series(actor=OPERATOR, contest=contest, each_on_its_own=True)
    first, second, third = contest.rounds.order_by("position")
    assert first.state == "published"
    for row in (second, third):
        assert (row.state, row.publish_at) == ("draft", row.opens_at - AHEAD)
    assert publish_due_rounds(actor=OPERATOR) == 0
    with clock.set_to(second.opens_at - AHEAD):
        assert publish_due_rounds(actor=OPERATOR) == 1
        assert publish_due_rounds(actor=OPERATOR) == 0
    second.refresh_from_db()
    third.refresh_from_db()
    assert (second.state, third.state) == ("published", "draft")


@pytest.mark.usefixtures("evening")
def test_a_planned_round_that_cannot_be_published_says_so_and_stays_a_draft() -> None:
    contest = set_up_contest(actor=OPERATOR, preset=Preset.DAILY, wanted=wanted(make_contest(), Preset.DAILY))
    publish_series(actor=OPERATOR, contest=contest, each_on_its_own=True)
    last = contest.rounds.order_by("position").last()
    assert last is not None
    set_blueprint(actor=OPERATOR, round=last, sections=[SectionDraft(pools=[make_pool(items=2)], count=5)])
    with clock.set_to(last.opens_at - AHEAD):
        publish_due_rounds(actor=OPERATOR)
    last.refresh_from_db()
    assert (last.state, last.publish_at) == ("draft", None)
    line = Entry.objects.get(verb="contests:round:plan_failed")
    assert line.changes["refused"] == [None, ["contests:blueprint:too_few_items"]]


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_what_is_due_publish_it_once() -> None:
    row = make_round(published=False)
    Round.objects.filter(pk=row.pk).update(publish_at=clock.now())
    counts: list[int] = []
    run_at_once(3, lambda: counts.append(publish_due_rounds(actor=OPERATOR)))
    assert sum(counts) == 1
    row.refresh_from_db()
    assert row.state == "published"


# levels


def levels() -> tuple[Round, Round, Entrant]:
    contest = make_contest()
    first = make_round(contest=contest, pass_points=15)
    second = make_round(contest=contest, opens_after=first, opens_at=first.opens_at)
    return first, second, entrant_in(second.contest)


def test_a_level_has_no_pass_until_the_one_before_is_passed() -> None:
    first, second, entrant = levels()
    assert entrant.membership is not None
    pass_for(actor=OPERATOR, membership=entrant.membership, round=first)
    sat(first, entrant, 10)
    with pytest.raises(Refused) as refused:
        pass_for(actor=OPERATOR, membership=entrant.membership, round=second)
    assert codes(refused) == ["contests:round:level_locked"]
    sat(first, entrant, 15, number=2)
    token = pass_for(actor=OPERATOR, membership=entrant.membership, round=second)
    assert read_pass(ports.keys().passes, token, clock.now_ms()).round_id == second.pk


def test_a_level_after_what_cannot_be_passed_or_opens_later_is_refused() -> None:
    contest = make_contest()
    unpassable = make_round(contest=contest)
    with pytest.raises(Refused) as refused:
        make_round(contest=contest, opens_after=unpassable, opens_at=unpassable.opens_at)
    assert codes(refused) == ["contests:round:level_before_has_no_mark"]
    elsewhere = make_round(pass_points=5)
    with pytest.raises(Refused) as refused:
        make_round(contest=contest, opens_after=elsewhere)
    assert codes(refused) == ["contests:round:level_before_is_not_earlier"]


def test_a_level_is_not_published_before_the_one_it_builds_upon() -> None:
    contest = make_contest()
    first = make_round(contest=contest, pass_points=5, published=False)
    second = make_round(contest=contest, opens_after=first, opens_at=first.opens_at, published=False)
    with pytest.raises(Refused) as refused:
        publish_round(actor=OPERATOR, round=second)
    assert codes(refused) == ["contests:round:publish_the_earlier_first"]
    publish_round(actor=OPERATOR, round=first)
    sealed = SealedPack.from_bytes(bytes(publish_round(actor=OPERATOR, round=second).pack.sealed))
    assert f'"opens_after":{first.pk}' in sealed.rules().terms


# finals


def preliminary(scores: dict[str, int], **rule: object) -> tuple[Round, dict[str, Entrant]]:
    """Return a final, and entrants whose scores in the round before it are given; ranked."""
    contest = make_contest()
    first = make_round(contest=contest)
    entrants = {}
    for name in scores:
        entrants[name] = entrant_in(contest)
    final = make_round(
        contest=contest,
        advances_from=first,
        opens_at=first.closes_at + HOUR,
        closes_at=first.closes_at + 2 * HOUR,
        **{"advance_by": "top", "advance_top": 2, **rule},
    )
    close_round(actor=OPERATOR, round=first)
    for name, score in scores.items():
        stand(first, entrants[name], score)
    rank_round(actor=OPERATOR, round=first)
    return Round.objects.select_related("advances_from", "contest__activity").get(pk=final.pk), entrants


def stand(round: Round, entrant: Entrant, score: int) -> Standing:
    return Standing.objects.create(
        round=round,
        entrant=entrant,
        unit=entrant.unit,
        attempt_number=1,
        attempts_count=1,
        score_points=score,
        time_used_ms=1000,
        finished_at=round.opens_at,
    )


def names_on(final: Round, entrants: dict[str, Entrant]) -> list[tuple[str, int]]:
    by_pk = {entrant.pk: name for name, entrant in entrants.items()}
    return sorted((by_pk[one.entrant_id], one.rank) for one in those_who_go_on(final))


def test_whoever_shares_the_last_rank_goes_on_too() -> None:
    final, entrants = preliminary({"a": 25, "b": 20, "c": 20, "d": 15})
    assert names_on(final, entrants) == [("a", 1), ("b", 2), ("c", 2)]


def test_everybody_from_so_many_points_on_goes_on() -> None:
    final, entrants = preliminary({"a": 25, "b": 20, "c": 15}, advance_by="points", advance_points=20, advance_top=0)
    assert names_on(final, entrants) == [("a", 1), ("b", 2)]


def test_the_best_of_each_unit_go_on() -> None:
    contest = make_contest()
    root = contest.activity.unit
    one, two = make_unit(parent=root), make_unit(parent=root)
    below = make_unit(parent=two)
    first = make_round(contest=contest)
    places = {"a": one, "b": one, "c": one, "d": two, "e": below, "f": below, "root": root}
    scores = {"a": 20, "b": 20, "c": 15, "d": 5, "e": 10, "f": 1, "root": 25}
    entrants = {name: entrant_in(contest, unit) for name, unit in places.items()}
    final = make_round(
        contest=contest,
        advances_from=first,
        advance_by="top_of_units",
        advance_top=2,
        advance_depth=root.depth + 1,
        opens_at=first.closes_at,
        closes_at=first.closes_at + HOUR,
    )
    close_round(actor=OPERATOR, round=first)
    for name, score in scores.items():
        stand(first, entrants[name], score)
    rank_round(actor=OPERATOR, round=first)
    final = Round.objects.select_related("advances_from").get(pk=final.pk)
    # a and b share the first place of their unit, so c is third; the federation's own member is of no such unit
    assert names_on(final, entrants) == [("a", 1), ("b", 1), ("d", 2), ("e", 1)]


def test_a_final_is_for_those_on_the_confirmed_list() -> None:
    final, entrants = preliminary({"a": 25, "b": 20, "c": 15})

    def may(name: str) -> list[str]:
        membership = entrants[name].membership
        assert membership is not None
        try:
            row = Round.objects.select_related("contest__activity__campaign", "contest__activity__unit").get(
                pk=final.pk
            )
            pass_for(actor=OPERATOR, membership=membership, round=row)
        except Refused as refused:
            return [refusal.code for refusal in refused.refusals]
        return []

    assert may("a") == ["contests:round:list_not_made"]
    assert list_of(final).of == 2
    assert confirm_finalists(actor=OPERATOR, final=final) == 2
    assert may("a") == may("b") == []
    assert may("c") == ["contests:round:not_on_the_list"]
    line = Entry.objects.get(verb="contests:round:confirm_finalists")
    assert line.changes["finalists"] == [None, 2]
    with pytest.raises(Refused) as refused:
        confirm_finalists(actor=OPERATOR, final=final)
    assert codes(refused) == ["contests:round:list_confirmed_already"]


def test_a_list_waits_for_the_final_ranks() -> None:
    final, _ = preliminary({"a": 25})
    Round.objects.filter(pk=final.advances_from_id).update(ranked_at=None)
    with pytest.raises(Refused) as refused:
        confirm_finalists(actor=OPERATOR, final=final)
    assert codes(refused) == ["contests:round:preliminary_not_ranked"]
    assert not Finalist.objects.exists()


def test_a_final_is_confirmed_by_who_may_publish_there() -> None:
    final, _ = preliminary({"a": 25})
    family = make_family()
    stranger = make_account()
    make_grant(stranger, Role.AUDITOR, final.contest.activity.unit)
    assert family
    with pytest.raises(Refused) as refused:
        confirm_finalists(actor=stranger, final=final)
    assert codes(refused) == ["core:authority:denied"]


@pytest.mark.django_db(transaction=True)
def test_confirm_twice_at_once_writes_one_list() -> None:
    final, _ = preliminary({"a": 25, "b": 20})
    refused: list[str] = []

    def confirm() -> None:
        try:
            confirm_finalists(actor=OPERATOR, final=final)
        except Refused as error:
            refused.extend(refusal.code for refusal in error.refusals)

    run_at_once(4, confirm)
    assert refused == ["contests:round:list_confirmed_already"] * 3
    assert Finalist.objects.count() == 2


def test_who_was_erased_is_passed_over_and_nobody_moves_up() -> None:
    final, entrants = preliminary({"a": 25, "b": 20, "c": 15})
    forget_members(actor=OPERATOR, membership_ids=[entrants["a"].membership_id or 0])
    assert names_on(final, entrants) == [("b", 2)]


# ranks


def test_dense_ranks_and_a_lot_are_what_the_database_makes_too(writer: Writer) -> None:
    for style, expected in (("standard", [1, 2, 2, 4]), ("dense", [1, 2, 2, 3]), ("lot", [1, 2, 3, 4])):
        row = make_round(rank_style=style, tie_breaks=["score"])
        entrants = [
            make_entrant(contest=row.contest, membership=make_member(unit=row.contest.activity.unit))
            for _ in range(4)
        ]
        writer.write(*(finish_row(row, one, score) for one, score in zip(entrants, (25, 20, 20, 5), strict=True)))
        ingest_ledger()
        close_round(actor=OPERATOR, round=row)
        rank_round(actor=OPERATOR, round=row)
        standings = list(Standing.objects.filter(round=row).order_by("rank", "pk"))
        assert [one.rank for one in standings] == expected
        if style == "lot":
            lots = [tie_lot(row.pack.content_hash, one.entrant.number) for one in standings[1:3]]
            assert lots == sorted(lots)


@pytest.mark.parametrize(
    ("counting", "caps", "score"),
    [("daily_best", {}, 20 + 10), ("capped", {"cap_per_day": 25}, 25 + 10), ("capped", {"cap_total": 30}, 30)],
)
def test_days_are_added_up_as_the_ledger_is_read(writer: Writer, counting: str, caps: dict, score: int) -> None:
    opens = datetime.combine(date(2026, 3, 2), time(0), ZONE)
    with clock.set_to(opens - HOUR):
        row = make_round(
            counting=counting, opens_at=opens, closes_at=opens + timedelta(days=5), attempts_total=0, **caps
        )
        entrant = make_entrant(contest=row.contest, membership=make_member(unit=row.contest.activity.unit))
    # the second begins on the first day and is handed in on the second
    for number, (hours, points) in enumerate(((10, 20), (24.01, 15), (30, 10)), start=1):
        at = opens + hours * HOUR
        with clock.set_to(at):
            writer.finish(row, entrant, points, number=number, time_used_ms=60_000)
            ingest_ledger()
    standing = Standing.objects.get(entrant=entrant)
    assert (standing.score_points, standing.attempts_count) == (score, 3)
    assert [one.begun_on.day for one in AttemptResult.objects.order_by("number")] == [2, 2, 3]


# achievements


def test_a_row_of_days_is_not_broken_by_days_off() -> None:
    week = [date(2026, 5, day) for day in (1, 4, 5, 7)]
    assert longest_run(week) == 2
    assert longest_run(week, {date(2026, 5, 2), date(2026, 5, 3)}) == 3
    assert longest_run([]) == 0
    assert days_without_play([(date(2026, 5, 1), date(2026, 5, 1)), (date(2026, 5, 4), date(2026, 5, 4))]) == {
        date(2026, 5, 2),
        date(2026, 5, 3),
    }


def played_contest() -> tuple[Contest, list[Round], dict[str, Entrant]]:
    """Four days; `all` plays each, `gap` leaves out the third, `late` enters on the third and plays from there."""
    contest = make_contest()
    opens = datetime.combine(date(2026, 5, 1), time(8), ZONE)
    with clock.set_to(opens - HOUR):
        rounds = [
            make_round(
                contest=contest,
                pass_points=15,
                opens_at=opens + timedelta(days=day),
                closes_at=opens + timedelta(days=day, hours=12),
                published=False,
            )
            for day in range(4)
        ]
    entrants = {}
    for name in ("all", "gap", "late"):
        with clock.set_to(opens + timedelta(days=2 if name == "late" else 0)):
            entrants[name] = entrant_in(contest)
    for at, row in enumerate(rounds):
        for name, days in (("all", (0, 1, 2, 3)), ("gap", (0, 1, 3)), ("late", (2, 3))):
            if at in days:
                sat(row, entrants[name], 20 if name != "gap" or at else 10, day=(opens + timedelta(days=at)).date())
                stand(row, entrants[name], 20)
    return contest, rounds, entrants


@pytest.mark.parametrize(
    ("rule", "reached"),
    [
        ({"kind": "days", "least": 3}, {"all", "gap"}),
        ({"kind": "days", "least": 3, "must_pass": True}, {"all"}),
        ({"kind": "in_a_row", "least": 3}, {"all"}),
        ({"kind": "in_a_row", "least": 2}, {"all", "gap", "late"}),
        ({"kind": "rounds"}, {"all"}),
        ({"kind": "rounds", "since_joining": True}, {"all", "late"}),
        ({"kind": "rounds", "least": 2}, {"all", "gap", "late"}),
        ({"kind": "points", "least": 60}, {"all", "gap"}),
    ],
)
def test_an_achievement_is_reached_by_its_rule_and_no_other(rule: dict, reached: set[str]) -> None:
    contest, _rounds, entrants = played_contest()
    set_achievements(actor=OPERATOR, contest=contest, achievements=[AchievementDraft(title="全勤", **rule)])
    one = Achievement.objects.get()
    by_pk = {entrant.pk: name for name, entrant in entrants.items()}
    assert {by_pk[entrant.pk] for entrant in entrants_with(contest, one)} == reached
    # what a member is shown of their own says the same
    own = {name: own_achievements(contest, entrant)[0].progress.reached for name, entrant in entrants.items()}
    assert {name for name, is_reached in own.items() if is_reached} == reached


def test_all_means_the_rounds_still_to_come_as_well() -> None:
    contest, _rounds, entrants = played_contest()
    set_achievements(actor=OPERATOR, contest=contest, achievements=[AchievementDraft(title="全亮", kind="rounds")])
    create_round(
        actor=OPERATOR,
        contest=contest,
        title="第五天",
        opens_at=clock.now(),
        closes_at=clock.now() + HOUR,
    )
    assert not entrants_with(contest, Achievement.objects.get()).exists()
    assert own_achievements(contest, entrants["all"])[0].progress.needs == 5


def test_rules_of_a_contest_are_fixed_once_a_round_is_published() -> None:
    row = make_round(published=False)
    contest = row.contest
    set_achievements(actor=OPERATOR, contest=contest, achievements=[AchievementDraft("全勤", "days", 3)])
    set_joining(actor=OPERATOR, contest=contest, joining_ends_at=row.closes_at)
    publish_round(actor=OPERATOR, round=row)
    for attempt in (
        lambda: set_achievements(actor=OPERATOR, contest=contest, achievements=[]),
        lambda: set_joining(actor=OPERATOR, contest=contest, joining_ends_at=None),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert codes(refused) == ["contests:contest:frozen"]
    one = Achievement.objects.get()
    writes = (
        lambda: Achievement.objects.filter(pk=one.pk).update(least=1),
        lambda: Achievement.objects.filter(pk=one.pk).delete(),
        lambda: Achievement.objects.create(contest=contest, title="新", kind="days", least=1),
        lambda: Contest.objects.filter(pk=contest.pk).update(joining_ends_at=None),
    )
    for write in writes:
        with pytest.raises(DatabaseError), transaction.atomic():
            write()
    Contest.objects.filter(pk=contest.pk).update(preset="daily")  # no rule: the control


@pytest.mark.parametrize(
    "change",
    [
        {"cap_per_day": 5},
        {"cap_total": 5},
        {"rank_style": "dense"},
        {"advance_top": 1},
        {"advance_depth": 1},
        {"advance_points": 1},
        {"opens_after": None},
        {"advances_from": None, "advance_by": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_database_keeps_every_new_rule_of_a_published_round(change: dict) -> None:
    contest = make_contest()
    first = make_round(contest=contest, pass_points=5)
    row = make_round(
        contest=contest,
        opens_after=first,
        advances_from=first,
        advance_by="points",
        advance_points=3,
        opens_at=first.closes_at,
        closes_at=first.closes_at + HOUR,
    )
    with pytest.raises(DatabaseError, match="published round"), transaction.atomic():
        Round.objects.filter(pk=row.pk).update(**change)
    Round.objects.filter(pk=row.pk).update(material="读一读", advanced_at=clock.now())  # no rules: the control


# joining


def test_after_the_last_moment_to_join_nobody_new_enters() -> None:
    row = make_round(published=False)
    now = clock.now()
    set_joining(actor=OPERATOR, contest=row.contest, joining_ends_at=now + HOUR)
    row = publish_round(actor=OPERATOR, round=row)
    early, late = (make_member(unit=row.contest.activity.unit) for _ in range(2))
    enter_contest(actor=OPERATOR, membership=early, contest=row.contest)
    with clock.set_to(now + HOUR):
        pass_for(actor=OPERATOR, membership=early, round=row)
        with pytest.raises(Refused) as refused:
            enter_contest(actor=OPERATOR, membership=late, contest=row.contest)
    assert codes(refused) == ["contests:contest:joining_is_over"]


# time


def test_more_time_is_in_the_pass_and_goes_with_the_person() -> None:
    row = make_round()
    member = make_member(unit=row.contest.activity.unit)

    def multiplier() -> float:
        token = pass_for(actor=OPERATOR, membership=member, round=row)
        return read_pass(ports.keys().passes, token, clock.now_ms()).time_multiplier

    allowance = grant_time(actor=OPERATOR, contest=row.contest, membership=member, percent=150)
    assert multiplier() == 1.5  # on entering
    assert multiplier() == 1.5  # and when entered
    line = Entry.objects.get(verb="contests:time:grant")
    assert line.changes == {"percent": [None, 150]}
    kept = f"{line.thing} {line.changes} {line.reason}"
    assert member.name not in kept
    assert member.member_no not in kept
    withdraw_time(actor=OPERATOR, allowance=allowance)
    assert multiplier() == 1.0
    grant_time(actor=OPERATOR, contest=row.contest, membership=member, percent=200)
    forget_members(actor=OPERATOR, membership_ids=[member.pk])
    assert not TimeAllowance.objects.exists()


@pytest.mark.parametrize("percent", [100, 401])
def test_time_out_of_bounds_is_refused(percent: int) -> None:
    row = make_round()
    member = make_member(unit=row.contest.activity.unit)
    with pytest.raises(Refused) as refused:
        grant_time(actor=OPERATOR, contest=row.contest, membership=member, percent=percent)
    assert codes(refused) == ["contests:time:percent_out_of_bounds"]


def test_time_is_for_members_the_contest_is_for() -> None:
    root = make_federation()
    row = make_round(contest=make_contest(unit=make_unit(parent=root)))
    with pytest.raises(Refused) as refused:
        grant_time(actor=OPERATOR, contest=row.contest, membership=make_member(unit=root), percent=150)
    assert codes(refused) == ["contests:time:other_unit"]


# local questions


def test_local_questions_go_to_the_members_of_the_unit_that_offers_them() -> None:
    contest = make_contest()
    root = contest.activity.unit
    rich, poor = make_unit(parent=root), make_unit(parent=root)
    below = make_unit(parent=rich)
    national = make_pool(unit=root, items=20)
    offered = make_pool(unit=rich)
    own = {make_item(pool=offered).pk for _ in range(4)}
    kept_back = make_pool(unit=poor, items=9)
    make_item(pool=kept_back)
    few = make_pool(unit=poor)
    make_item(pool=few)
    for pool in (offered, few):
        pool.offered_upward = True
        pool.save()
    row = make_round(contest=contest, pools=[national], published=False)
    set_blueprint(
        actor=OPERATOR,
        round=row,
        sections=[
            SectionDraft(pools=[national], count=3, points=5),
            SectionDraft(pools=[national], count=2, points=5, title="本单位", local=True),
        ],
    )
    row = publish_round(actor=OPERATOR, round=row)
    assert row.variants == [rich.pk]
    assert variant_of(row, rich.path) == variant_of(row, below.path) == str(rich.pk)
    assert variant_of(row, poor.path) == variant_of(row, root.path) == ""
    compiled = CompiledRound(SealedPack.from_bytes(bytes(row.pack.sealed)))
    for number in range(1, 30):
        local = [item.spec.number for item in compiled.paper(number, 1, str(rich.pk)).items]
        usual = [item.spec.number for item in compiled.paper(number, 1, "").items]
        assert len(local) == len(usual) == 5
        assert not own & set(local[:3])
        assert set(local[3:]) <= own
        assert not own & set(usual)
    member = make_member(unit=below)
    token = pass_for(actor=OPERATOR, membership=member, round=row)
    assert read_pass(ports.keys().passes, token, clock.now_ms()).variant == str(rich.pk)
    with pytest.raises(DatabaseError, match="published round"), transaction.atomic():
        Round.objects.filter(pk=row.pk).update(variants=[])


def test_levels_share_one_window() -> None:
    opens = datetime(2026, 5, 1, tzinfo=UTC)
    days = levels_of(3, opens, opens + HOUR)
    assert [(day.number, day.opens_at) for day in days] == [(1, opens), (2, opens), (3, opens)]
