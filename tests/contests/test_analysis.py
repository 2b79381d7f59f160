"""A round's statistics are worked out from its papers, under the results in force, and kept."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories.contests import make_entrant, make_round
from tests.factories.ledgers import Writer
from tests.factories.people import make_account, make_member
from tests.factories.sittings import Played, close_and_rank, play, sitting
from tests.factories.units import make_grant, make_unit

from tradeshall.contests.actions.analysis import accept_difficulties, analyse_round, judge_outlier
from tradeshall.contests.actions.appeals import rule_on_item
from tradeshall.contests.actions.rescoring import work_on_versions
from tradeshall.contests.actions.versions import confirm_version, prepare_version
from tradeshall.contests.enums import OutlierKind, OutlierState
from tradeshall.contests.models import Item, ItemStatistics, Outlier, Round
from tradeshall.contests.queries.analysis import (
    analysis_rows,
    rounds_to_analyse,
    statistics_of,
    statistics_of_many,
    suggestion_for,
)
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.engine.rounds import CompiledItem

pytestmark = pytest.mark.django_db(transaction=True)


def by_strength(who: int, item: Any) -> tuple[int, ...]:
    """The strong get more right; one item is the wrong way round."""
    knows = (item.spec.number * 7) % 10 <= who
    return (0,) if knows else (1 + item.spec.number % 2,)


def test_statistics_are_kept_for_every_item_drawn(writer: Writer) -> None:
    played = play(writer, answer=by_strength, entrants=10, count=8, pool=8, attempts=2)
    kept = analyse_round(actor=OPERATOR, round=played.round)
    assert (kept.attempts, kept.analysed, kept.version, kept.same_papers) == (20, 10, 1, True)
    assert kept.reliability is not None
    rows = {row.item_id: row for row in ItemStatistics.objects.all()}
    assert sorted(rows) == sorted(played.item_numbers)
    for number, row in rows.items():
        right = sum((number * 7) % 10 <= who for who in range(10))
        assert (row.n, row.exposure, row.facility) == (10, 1.0, pytest.approx(right / 10))
        assert row.shares[0]["all"] == pytest.approx(right / 10)
        assert row.flags == ["few_answers"]
        assert row.irt_a is None
    assert len(list(analysis_rows(played.round))) == 9


def test_statistics_follow_the_version_in_force(writer: Writer) -> None:
    played = play(writer, answer=by_strength, entrants=10, count=8, pool=8)
    number = played.item_numbers[0]
    analyse_round(actor=OPERATOR, round=played.round)
    assert rounds_to_analyse() == []
    before = ItemStatistics.objects.get(item=number).facility
    other = 1 + number % 2
    rule_on_item(
        actor=OPERATOR, round=played.round, item_number=number, verdict="key", words="答案应为另一项。", key=[other]
    )
    version = prepare_version(actor=OPERATOR, round=played.round, note="更正。")
    work_on_versions(actor=OPERATOR)
    confirm_version(actor=OPERATOR, version=version)
    work_on_versions(actor=OPERATOR)
    assert rounds_to_analyse() == [played.round.pk]
    kept = analyse_round(actor=OPERATOR, round=Round.objects.get(pk=played.round.pk))
    assert kept.version == 2
    assert before is not None
    assert ItemStatistics.objects.get(item=number).facility == pytest.approx(1 - before)


def test_helpers_find_the_same_statistics(writer: Writer) -> None:
    played = play(writer, answer=by_strength)
    fields = ("item", "n", "facility", "discrimination", "omitted", "shares")
    analyse_round(actor=OPERATOR, round=played.round, processes=0)
    alone = list(ItemStatistics.objects.order_by("item").values_list(*fields))
    analyse_round(actor=OPERATOR, round=played.round, processes=2)
    assert list(ItemStatistics.objects.order_by("item").values_list(*fields)) == alone


def test_a_round_nobody_sat_has_statistics_that_say_so(writer: Writer) -> None:
    played = play(writer, entrants=0)
    kept = analyse_round(actor=OPERATOR, round=played.round)
    assert (kept.attempts, kept.analysed, kept.reliability) == (0, 0, None)
    assert rounds_to_analyse() == []


def test_statistics_are_refused_before_the_ranks_are_final(writer: Writer) -> None:
    with pytest.raises(Refused, match="contests:analysis:not_ranked"):
        analyse_round(actor=OPERATOR, round=make_round())


def many(writer: Writer) -> Played:
    """Enough for the model: 220 entrants, six items each of six, the same answers whatever the items' numbers."""
    place: dict[int, int] = {}

    def answer(who: int, item: CompiledItem) -> tuple[int, ...]:
        if item.spec.number not in place:
            pool = Item.objects.get(pk=item.spec.number).pool
            place.update((pk, at) for at, pk in enumerate(pool.items.values_list("pk", flat=True), 1))
        at = place[item.spec.number]
        return (0,) if (who * 31 + at * 17) % 101 > 20 + 12 * (at % 6) else (1,)

    return play(
        writer,
        answer=answer,
        entrants=220,
        count=6,
        pool=6,
    )


def test_difficulties_are_taken_over_only_when_somebody_says_so(writer: Writer) -> None:
    played = many(writer)
    kept = analyse_round(actor=OPERATOR, round=played.round)
    assert kept.model_fitted
    assert {row.item.difficulty for row in ItemStatistics.objects.select_related("item")} == {3}
    rows = statistics_of_many(played.item_numbers)
    wanted = {pk: suggestion_for(row) for pk, row in rows.items()}
    assert len(set(wanted.values())) > 1
    some = played.item_numbers[:3]
    changed = accept_difficulties(actor=OPERATOR, round=played.round, item_ids=some)
    assert changed == sum(wanted[pk] != 3 for pk in some)
    now = dict(Item.objects.values_list("pk", "difficulty"))
    assert [now[pk] for pk in played.item_numbers] == [wanted[pk] for pk in some] + [3] * 3
    assert statistics_of(Item.objects.get(pk=some[0])).get().irt_b is not None


def test_difficulties_are_not_taken_over_by_those_who_may_not_edit(writer: Writer) -> None:
    played = many(writer)
    analyse_round(actor=OPERATOR, round=played.round)
    auditor = make_account()
    make_grant(auditor, Role.AUDITOR, played.round.contest.activity.unit)
    with pytest.raises(Refused, match="core:authority:denied"):
        accept_difficulties(actor=auditor, round=played.round, item_ids=played.item_numbers)
    assert set(Item.objects.values_list("difficulty", flat=True)) == {3}


def one_fast(writer: Writer) -> Round:
    """Forty who get all right in about the same time, and one in three seconds."""
    played = play(writer, entrants=40, ranked=False)
    quick = make_entrant(
        contest=played.round.contest, membership=make_member(unit=played.round.contest.activity.unit)
    )
    sitting(writer, played.round, quick, lambda item: (0,), time_used_ms=3_000)
    return close_and_rank(played.round)


def test_what_stands_out_is_kept_for_a_person_and_what_was_said_stays(writer: Writer) -> None:
    round = one_fast(writer)
    analyse_round(actor=OPERATOR, round=round)
    (found,) = Outlier.objects.filter(kind=OutlierKind.FAST_AND_HIGH.value)
    assert found.facts["seconds"] == 3.0
    judge_outlier(actor=OPERATOR, outlier=found, state=OutlierState.NOTHING.value, note="现场确认。")
    analyse_round(actor=OPERATOR, round=round)
    again = Outlier.objects.get()
    assert (again.pk, again.state, again.note) == (found.pk, OutlierState.NOTHING, "现场确认。")


def test_judging_is_refused_to_others_and_without_sense(writer: Writer) -> None:
    round = one_fast(writer)
    analyse_round(actor=OPERATOR, round=round)
    found = Outlier.objects.get()
    elsewhere = make_account()
    make_grant(elsewhere, Role.ORGANISER, make_unit())
    with pytest.raises(Refused, match="core:authority:denied"):
        judge_outlier(actor=elsewhere, outlier=found, state=OutlierState.NOTHING.value)
    with pytest.raises(Refused, match="contests:outlier:state_unknown"):
        judge_outlier(actor=OPERATOR, outlier=found, state="guilty")
    with pytest.raises(Refused, match="contests:outlier:note_too_long"):
        judge_outlier(actor=OPERATOR, outlier=found, state=OutlierState.OPEN.value, note="x" * 501)
