"""Who may take part, under which number and name, and the pass they are given."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from tests.contests.test_ingest import run_at_once
from tests.factories.contests import make_campaign, make_contest, make_entrant, make_round
from tests.factories.ledgers import Writer
from tests.factories.people import make_account, make_member
from tests.factories.units import make_family

from tradeshall.campaigns.actions import end_campaign
from tradeshall.contests import ports
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.taking_part import choose_display, enter_contest, pass_for
from tradeshall.contests.models import Contest, Entrant, Round
from tradeshall.contests.queries.boards import board_page
from tradeshall.contests.queries.rounds import contests_for_member, open_rounds_for_member, rounds_for_member
from tradeshall.contests.queries.taking_part import export_of, pass_if_entered
from tradeshall.contests.rules.pseudonyms import WORDS, pseudonym_in, random_pseudonym
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.core.refusal import Refused
from tradeshall.engine.passes import read_pass
from tradeshall.journal.actions import emit
from tradeshall.journal.models import Entry
from tradeshall.journal.tasks import dispatch_waiting
from tradeshall.people.events import AccountErased
from tradeshall.record.models import Statement

pytestmark = pytest.mark.django_db


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


def member_of(row: Round, **fields: Any) -> Any:
    fields.setdefault("unit", row.contest.activity.unit)
    return make_member(account=make_account(), **fields)


def test_pass_says_who_under_a_random_number_and_which_unit() -> None:
    round = make_round()
    member = member_of(round)
    token = pass_for(actor=member.account, membership=member, round=round)
    granted = read_pass(ports.keys().passes, token, clock.now_ms())
    entrant = Entrant.objects.get()
    assert (granted.round_id, granted.participant, granted.unit) == (round.pk, entrant.number, member.unit_id)
    assert granted.participant != member.pk
    assert not granted.rehearsal


def test_entering_twice_is_entering_once() -> None:
    round = make_round()
    member = member_of(round)
    first = enter_contest(actor=member.account, membership=member, contest=round.contest)
    assert enter_contest(actor=member.account, membership=member, contest=round.contest) == first


@pytest.mark.django_db(transaction=True)
def test_entering_many_times_at_once_is_entering_once() -> None:
    round = make_round()
    member = member_of(round)
    run_at_once(6, lambda: enter_contest(actor=member.account, membership=member, contest=round.contest))
    assert Entrant.objects.count() == 1


def test_entrant_keeps_the_unit_in_which_they_entered() -> None:
    family = make_family()
    round = make_round(contest=make_contest(campaign=make_campaign(unit=family["root"])))
    member = member_of(round, unit=family["own"])
    pass_for(actor=member.account, membership=member, round=round)
    member.unit = family["sibling"]
    member.save()
    token = pass_for(actor=member.account, membership=member, round=round)
    assert read_pass(ports.keys().passes, token, clock.now_ms()).unit == family["own"].pk


@pytest.mark.parametrize(
    ("where", "may"),
    [("own", True), ("child", True), ("parent", False), ("sibling", False), ("stranger", False), ("root", False)],
)
def test_contest_is_for_members_of_its_unit_and_beneath(where: str, may: bool) -> None:
    family = make_family()
    contest = make_contest(campaign=make_campaign(unit=family["root"]), unit=family["own"])
    round = make_round(contest=contest)
    member = member_of(round, unit=family[where])
    assert (round in rounds_for_member(member)) is may
    assert (contest in contests_for_member(member)) is may
    if may:
        assert pass_for(actor=member.account, membership=member, round=round)
    else:
        with pytest.raises(Refused) as refused:
            pass_for(actor=member.account, membership=member, round=round)
        assert codes(refused) == ["contests:entrant:other_unit"]
        assert not Entrant.objects.exists()


def test_membership_of_somebody_else_or_one_that_ended_is_refused() -> None:
    round = make_round()
    member = member_of(round)
    with pytest.raises(Refused) as refused:
        pass_for(actor=make_account(), membership=member, round=round)
    assert codes(refused) == ["contests:entrant:not_yours"]
    with pytest.raises(Refused) as refused:
        pass_for(actor=make_account(), membership=make_member(unit=member.unit), round=round)
    assert codes(refused) == ["contests:entrant:not_yours"]
    today = clock.day_of(clock.now(), UTC)
    ended = member_of(round, ended_on=today - timedelta(days=1))
    with pytest.raises(Refused) as refused:
        pass_for(actor=ended.account, membership=ended, round=round)
    assert codes(refused) == ["contests:entrant:membership_ended"]


def test_membership_ends_at_the_midnight_of_the_federation() -> None:
    round = make_round()  # the federation's zone is Asia/Shanghai
    member = member_of(round, ended_on=date(2030, 5, 2))
    with clock.set_to(datetime(2030, 5, 1, 15, 59, tzinfo=UTC)):
        assert enter_contest(actor=member.account, membership=member, contest=round.contest)
    with clock.set_to(datetime(2030, 5, 1, 16, 0, tzinfo=UTC)), pytest.raises(Refused):
        enter_contest(actor=member.account, membership=member, contest=round.contest)


def test_contest_that_is_not_published_or_is_over_is_refused() -> None:
    draft = make_round(published=False)
    member = member_of(draft)
    with pytest.raises(Refused) as refused:
        pass_for(actor=member.account, membership=member, round=draft)
    assert codes(refused) == ["contests:round:not_published"]
    with pytest.raises(Refused) as refused:
        enter_contest(actor=member.account, membership=member, contest=draft.contest)
    assert codes(refused) == ["contests:contest:not_published"]

    over = make_round()
    late, early = member_of(over), member_of(over)
    pass_for(actor=early.account, membership=early, round=over)
    end_campaign(actor=OPERATOR, campaign=over.contest.activity.campaign)
    over = Round.objects.get(pk=over.pk)
    with pytest.raises(Refused) as refused:
        pass_for(actor=late.account, membership=late, round=over)
    assert codes(refused) == ["contests:contest:over"]
    assert pass_for(actor=early.account, membership=early, round=over)  # to look at one's own results


def test_pass_if_entered_never_enters() -> None:
    round = make_round()
    member = member_of(round)
    assert pass_if_entered(member, round) is None
    assert not Entrant.objects.exists()
    make_entrant(contest=round.contest, membership=member)
    assert pass_if_entered(member, round) is not None


def test_pass_for_who_has_entered_takes_one_query(django_assert_num_queries: Any) -> None:
    round = make_round()
    member = member_of(round)
    pass_for(actor=member.account, membership=member, round=round)
    (row,) = rounds_for_member(member)
    with django_assert_num_queries(1):
        pass_for(actor=member.account, membership=member, round=row)


@pytest.mark.parametrize("count", [1, 3])
def test_open_rounds_take_one_query_however_many(count: int, django_assert_num_queries: Any) -> None:
    contest = make_contest()
    for _ in range(count):
        make_round(contest=contest)
    later = make_round(contest=contest, opens_at=clock.now() + timedelta(hours=1))
    member = make_member(unit=contest.activity.unit)
    with django_assert_num_queries(1):
        rows = list(open_rounds_for_member(member))
        assert [row.contest.activity.campaign.number for row in rows]
    assert later not in rows
    assert len(rows) == count


def test_pseudonyms_are_different_within_a_contest(monkeypatch: Any) -> None:
    from tradeshall.contests.rules import pseudonyms

    round = make_round()
    monkeypatch.setattr(pseudonyms, "_NAMES", ("云杉",))
    monkeypatch.setattr(pseudonyms.secrets, "randbelow", lambda most: 7 if most == 10_000 else most - 1)
    first = make_entrant(contest=round.contest, membership=member_of(round))
    second = make_entrant(contest=round.contest, membership=member_of(round))
    assert (first.pseudonym, second.pseudonym) == ("云杉 0007", "云杉 99999")


def test_pseudonyms_read_well_in_both_languages() -> None:
    assert pseudonym_in("zh-hans", "云杉 0382") == "云杉 0382"
    assert pseudonym_in("en", "云杉 0382") == "Spruce 0382"
    word, number = random_pseudonym().split()
    assert word in WORDS
    assert len(number) == 4
    assert len(set(WORDS.values())) == len(WORDS)


def test_export_of_a_person_holds_their_entries_alone() -> None:
    round = make_round()
    member = member_of(round)
    entrant = make_entrant(contest=round.contest, membership=member)
    make_entrant(contest=round.contest, membership=member_of(round))
    found = export_of(member.account, [member])
    assert isinstance(found, list)
    assert [one["ticket"] for one in found] == [str(entrant.number)]


def test_erasing_the_mapping_leaves_the_entrant_nobody() -> None:
    round = make_round()
    member = member_of(round)
    entrant = make_entrant(contest=round.contest, membership=member)
    member.delete()
    entrant.refresh_from_db()
    assert entrant.membership is None
    assert Contest.objects.get().entrants.count() == 1


def test_erasing_an_account_leaves_results_that_name_nobody(writer: Writer) -> None:
    round = make_round()
    member = member_of(round, name="王小梅")
    entrant = make_entrant(contest=round.contest, membership=member)
    choose_display(actor=member.account, entrant=entrant, shows_name=True)
    writer.finish(round, entrant, 10)
    ingest_ledger()
    with transaction.atomic():
        emit(AccountErased(member.account.pk, [member.pk]))
    dispatch_waiting()
    entrant.refresh_from_db()
    assert (entrant.membership, entrant.shows_name) == (None, False)
    assert not Statement.objects.exclude(membership=None).exists()
    assert [row.score_points for row in board_page(round).rows] == [10]
    assert not Entry.objects.filter(thing=f"contests.entrant:{entrant.pk}").exists()
