"""Publishing freezes a round, once, and closing ends it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from tests.contests.test_ingest import run_at_once
from tests.factories.contests import make_campaign, make_contest, make_item, make_pool, make_round
from tests.factories.people import make_account
from tests.factories.units import make_family, make_grant

from tradeshall.campaigns.actions import end_campaign
from tradeshall.campaigns.queries import campaigns_visible_to
from tradeshall.contests import ports
from tradeshall.contests.actions.bank import edit_item, retire_item
from tradeshall.contests.actions.rounds import (
    SectionDraft,
    close_due_rounds,
    close_round,
    create_contest,
    create_round,
    edit_round,
    publish_round,
    release_results,
    set_blueprint,
)
from tradeshall.contests.models import Round, RoundPack, Section
from tradeshall.contests.queries.rounds import (
    blueprint_of,
    check_blueprint,
    contests_visible_to,
    rounds_visible_to,
    sample_paper,
)
from tradeshall.contests.rules.items import ItemDraft
from tradeshall.core import authority, clock
from tradeshall.core.authority import OPERATOR, Role
from tradeshall.core.refusal import Refused
from tradeshall.engine.pack import SealedPack
from tradeshall.journal.models import Entry, OutboxEvent
from tradeshall.journal.tasks import dispatch_waiting

pytestmark = pytest.mark.django_db


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [refusal.code for refusal in refused.value.refusals]


def test_publish_seals_the_pack_and_shows_the_contest() -> None:
    draft = make_round(published=False, pass_points=15)
    published = publish_round(actor=OPERATOR, round=draft)
    assert published.state == "published"
    assert published.contest.activity.state == "published"
    sealed = SealedPack.from_bytes(bytes(published.pack.sealed))
    assert sealed.content_hash == published.pack.content_hash == published.pack.commitments["content_hash"]
    assert sealed.rules().zone == "Asia/Shanghai"
    assert sealed.rules().pass_points == 15
    assert len(sealed.items()) == 10
    assert OutboxEvent.objects.filter(name="contests.RoundPublished").count() == 1
    line = Entry.objects.get(verb="contests:round:publish")
    assert line.changes["content_hash"] == [None, sealed.content_hash]


def test_publish_of_what_is_published_is_refused() -> None:
    published = make_round()
    with pytest.raises(Refused) as refused:
        publish_round(actor=OPERATOR, round=published)
    assert codes(refused) == ["contests:round:cannot_publish"]
    assert RoundPack.objects.count() == 1


def test_publish_refused_by_its_blueprint_changes_nothing() -> None:
    draft = make_round(published=False, pools=[make_pool(items=3)], count=5)
    with pytest.raises(Refused) as refused:
        publish_round(actor=OPERATOR, round=draft)
    assert codes(refused) == ["contests:blueprint:too_few_items"]
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert not RoundPack.objects.exists()
    assert not OutboxEvent.objects.filter(name="contests.RoundPublished").exists()


def test_publish_in_a_draft_campaign_is_refused() -> None:
    contest = make_contest(campaign=make_campaign(published=False))
    with pytest.raises(Refused) as refused:
        make_round(contest=contest)
    assert codes(refused) == ["contests:round:campaign_not_published"]


def test_publish_of_a_round_that_would_be_over_is_refused() -> None:
    now = clock.now()
    draft = make_round(published=False, opens_at=now - timedelta(days=2), closes_at=now - timedelta(days=1))
    with pytest.raises(Refused) as refused:
        publish_round(actor=OPERATOR, round=draft)
    assert codes(refused) == ["contests:round:window_is_past"]


@pytest.mark.django_db(transaction=True)
def test_publish_twice_at_once_makes_one_pack() -> None:
    draft = make_round(published=False)
    refused: list[str] = []

    def publish() -> None:
        try:
            publish_round(actor=OPERATOR, round=draft)
        except Refused as error:
            refused.extend(refusal.code for refusal in error.refusals)

    run_at_once(4, publish)
    assert refused == ["contests:round:cannot_publish"] * 3
    assert RoundPack.objects.count() == 1
    assert OutboxEvent.objects.filter(name="contests.RoundPublished").count() == 1


def test_published_pack_reaches_the_ledger_through_the_outbox_and_twice_does_no_harm(ledger_path: Path) -> None:
    published = make_round()
    dispatch_waiting()
    (deposited,) = ports.ledger().rounds_since(0)
    assert deposited.round_id == published.pk
    assert SealedPack.from_bytes(deposited.sealed).content_hash == published.pack.content_hash
    published.pack.refresh_from_db()
    assert published.pack.deposited_at is not None
    OutboxEvent.objects.filter(name="contests.RoundPublished").update(dispatched_at=None)
    dispatch_waiting()
    assert len(ports.ledger().rounds_since(0)) == 1


def test_edit_of_a_published_round_is_refused() -> None:
    published = make_round()
    for attempt in (
        lambda: edit_round(actor=OPERATOR, round=published, time_limit_seconds=30),
        lambda: set_blueprint(actor=OPERATOR, round=published, sections=[]),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert codes(refused) == ["contests:round:frozen"]


def test_published_items_stay_as_they_were_sealed() -> None:
    pool = make_pool()
    items = [make_item(pool=pool) for _ in range(10)]
    published = make_round(pools=[pool])
    before = bytes(published.pack.sealed)
    edit_item(
        actor=OPERATOR,
        item=items[0],
        draft=ItemDraft("single", "另一个问题", ("一", "二"), (1,)),
    )
    retire_item(actor=OPERATOR, item=items[1])
    published.pack.refresh_from_db()
    assert bytes(published.pack.sealed) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda row: Round.objects.filter(pk=row.pk).update(time_limit_seconds=30),
        lambda row: Round.objects.filter(pk=row.pk).update(pass_points=1),
        lambda row: Round.objects.filter(pk=row.pk).update(state="draft", published_at=None),
        lambda row: Section.objects.filter(round=row).update(count=1),
        lambda row: Section.objects.create(round=row, count=1),
        lambda row: row.sections.get().pools.clear(),
        lambda row: row.sections.all().delete(),
        lambda row: RoundPack.objects.filter(round=row).update(sealed=b"{}"),
        lambda row: RoundPack.objects.filter(round=row).update(commitments={}),
        lambda row: RoundPack.objects.filter(round=row).delete(),
    ],
)
def test_database_refuses_to_change_what_is_published(change: Any) -> None:
    published = make_round()
    with pytest.raises(DatabaseError), transaction.atomic():
        change(published)


def test_database_lets_a_draft_change_and_a_published_round_close() -> None:
    draft = make_round(published=False)
    Round.objects.filter(pk=draft.pk).update(time_limit_seconds=30)
    draft.sections.all().delete()
    published = make_round()
    RoundPack.objects.filter(round=published).update(deposited_at=clock.now())
    assert close_round(actor=OPERATOR, round=published).state == "closed"


def test_close_early_ends_now_and_tells_the_engine(ledger_path: Path) -> None:
    published = make_round()
    with clock.set_to(clock.now()):
        closed = close_round(actor=OPERATOR, round=published, reason="rain")
        assert closed.closed_at == clock.now()
    dispatch_waiting()
    (deposited,) = ports.ledger().rounds_since(0)
    assert closed.closed_at is not None
    assert deposited.closed_at_ms == round(closed.closed_at.timestamp() * 1000)
    with pytest.raises(Refused) as refused:
        close_round(actor=OPERATOR, round=published)
    assert codes(refused) == ["contests:round:cannot_close"]


def test_close_due_rounds_closes_those_whose_hour_has_come_at_their_hour() -> None:
    due, other = make_round(), make_round(closes_at=clock.now() + timedelta(days=3))
    with clock.set_to(clock.now() + timedelta(days=2)):
        assert close_due_rounds(actor=OPERATOR) == 1
        assert close_due_rounds(actor=OPERATOR) == 0
    due.refresh_from_db()
    other.refresh_from_db()
    assert (due.state, due.closed_at, other.state) == ("closed", due.closes_at, "published")


def test_ending_a_campaign_closes_its_rounds() -> None:
    published = make_round()
    end_campaign(actor=OPERATOR, campaign=published.contest.activity.campaign)
    dispatch_waiting()
    published.refresh_from_db()
    assert published.state == "closed"


def test_release_results_is_for_closed_rounds_that_hold_them_back() -> None:
    held = make_round(results="after_review")
    with pytest.raises(Refused):
        release_results(actor=OPERATOR, round=held)
    close_round(actor=OPERATOR, round=held)
    assert release_results(actor=OPERATOR, round=held).released_at is not None
    for row in (held, make_round(closed=True)):
        with pytest.raises(Refused) as refused:
            release_results(actor=OPERATOR, round=row)
        assert codes(refused) == ["contests:round:nothing_to_release"]


def test_sections_that_draw_on_the_same_items_share_them() -> None:
    pool = make_pool(items=12)
    draft = make_round(published=False, pools=[pool], exposure_cap_percent=100)
    for counts, refusals in (((6, 6), []), ((7, 6), ["contests:blueprint:sections_overlap"])):
        set_blueprint(
            actor=OPERATOR, round=draft, sections=[SectionDraft(pools=[pool], count=count) for count in counts]
        )
        assert [refusal.code for refusal in check_blueprint(draft)] == refusals
    shares = blueprint_of(draft).items
    assert not set(shares[0]) & set(shares[1])


def test_exposure_above_the_cap_is_refused_with_what_is_needed() -> None:
    draft = make_round(published=False, pools=[make_pool(items=9)], count=5)
    (refusal,) = check_blueprint(draft)
    assert refusal.code == "contests:blueprint:exposure_above_cap"
    assert (refusal.details["has"], refusal.details["needs"]) == (9, 10)


def test_drafts_and_retired_items_are_not_drawn() -> None:
    pool = make_pool(items=10)
    retire_item(actor=OPERATOR, item=pool.items.order_by("pk")[0])
    draft = make_round(published=False, pools=[pool], exposure_cap_percent=100)
    assert [len(share) for share in blueprint_of(draft).items] == [9]


def test_pool_that_is_not_shared_with_the_unit_is_refused() -> None:
    family = make_family()
    closed = make_pool(unit=family["parent"], shared_downward=False, items=10)
    sibling = make_pool(unit=family["sibling"], items=10)
    contest = make_contest(campaign=make_campaign(unit=family["root"]), unit=family["own"])
    for pool in (closed, sibling):
        with pytest.raises(Refused) as refused:
            make_round(contest=contest, pools=[pool], published=False)
        assert codes(refused) == ["contests:section:pool_not_usable"]
    shared = make_pool(unit=family["parent"], items=10)
    assert check_blueprint(make_round(contest=contest, pools=[shared], published=False)) == []


def test_pool_that_is_no_longer_shared_stops_publication() -> None:
    family = make_family()
    shared = make_pool(unit=family["parent"], items=10)
    contest = make_contest(campaign=make_campaign(unit=family["root"]), unit=family["own"])
    draft = make_round(contest=contest, pools=[shared], published=False)
    type(shared).objects.filter(pk=shared.pk).update(shared_downward=False)
    assert [refusal.code for refusal in check_blueprint(draft)] == ["contests:blueprint:pool_not_usable"]


def test_sample_paper_is_as_long_as_the_blueprint_says() -> None:
    paper = sample_paper(make_round(published=False, count=5))
    assert [one.no for one in paper] == [1, 2, 3, 4, 5]
    assert len({one.item.pk for one in paper}) == 5


@pytest.mark.parametrize(("sections", "queries"), [(1, 4), (3, 4)])
def test_check_blueprint_takes_the_same_queries_however_long(
    sections: int, queries: int, django_assert_num_queries: Any
) -> None:
    draft = make_round(published=False, pools=[make_pool(items=2)], count=1)
    pool = make_pool(items=30)
    set_blueprint(
        actor=OPERATOR, round=draft, sections=[SectionDraft(pools=[pool], count=1) for _ in range(sections)]
    )
    draft = Round.objects.select_related("contest__activity__unit").get(pk=draft.pk)
    with django_assert_num_queries(queries):
        check_blueprint(draft)


def test_only_who_may_makes_edits_publishes_and_closes() -> None:
    family = make_family()
    campaign = make_campaign(unit=family["root"])
    draft = make_round(contest=make_contest(campaign=campaign, unit=family["own"]), published=False)
    open_round = make_round(contest=make_contest(campaign=campaign, unit=family["own"]))
    now = clock.now()
    attempts: list[Any] = [
        lambda who: create_contest(actor=who, campaign=campaign, unit=family["own"], title="竞赛"),
        lambda who: create_round(
            actor=who, contest=draft.contest, title="轮", opens_at=now, closes_at=now + timedelta(days=1)
        ),
        lambda who: edit_round(actor=who, round=draft, title="另一轮"),
        lambda who: set_blueprint(actor=who, round=draft, sections=[]),
        lambda who: publish_round(actor=who, round=draft),
        lambda who: close_round(actor=who, round=open_round),
    ]
    strangers = [
        make_account(),
        make_account(role=Role.ORGANISER, unit=family["sibling"]),
        make_account(role=Role.ORGANISER, unit=family["child"]),
        make_account(role=Role.ITEM_EDITOR, unit=family["own"]),
        make_account(role=Role.AUDITOR, unit=family["own"]),
    ]
    for attempt in attempts:
        for stranger in strangers:
            with pytest.raises(Refused) as refused:
                attempt(stranger)
            assert codes(refused) == ["core:authority:denied"]
    organiser = make_account(role=Role.ORGANISER, unit=family["parent"])
    for attempt in (*attempts[:3], attempts[5]):
        attempt(organiser)


def test_contest_for_a_unit_outside_the_campaign_is_refused() -> None:
    family = make_family()
    with pytest.raises(Refused) as refused:
        make_contest(campaign=make_campaign(unit=family["own"]), unit=family["sibling"])
    assert codes(refused) == ["campaigns:activity:unit_outside"]


def test_round_that_makes_no_sense_is_refused_by_field() -> None:
    contest = make_contest()
    now = clock.now()
    with pytest.raises(Refused) as refused:
        create_round(
            actor=OPERATOR,
            contest=contest,
            title=" ",
            opens_at=now,
            closes_at=now,
            time_limit_seconds=5,
            grace_seconds=4000,
            attempts_per_day=3,
            attempts_total=2,
            tie_breaks=["time_used"],
            counting="median",
        )
    assert {refusal.field_name for refusal in refused.value.refusals} == {
        "title",
        "closes_at",
        "time_limit_seconds",
        "grace_seconds",
        "attempts_per_day",
        "tie_breaks",
        "counting",
    }


@pytest.mark.parametrize("whose", ["own", "parent", "sibling"])
def test_role_within_one_campaign_reaches_its_rounds_alone(whose: str) -> None:
    family = make_family()
    campaign, other = make_campaign(unit=family["root"]), make_campaign(unit=family["root"])
    account = make_account()
    make_grant(account, Role.ORGANISER, family[whose], campaign_number=campaign.number)
    rounds = [
        make_round(contest=make_contest(campaign=one, unit=family[unit]), published=False)
        for one in (campaign, other)
        for unit in ("own", "sibling")
    ]
    reached = {row for row in rounds if authority.may(account, "contests:round:edit", row)}
    assert set(rounds_visible_to(account, "contests:round:edit")) == reached
    assert {row.contest for row in reached} == set(contests_visible_to(account, "contests:round:edit"))
    assert all(row.contest.activity.campaign == campaign for row in reached)
    assert bool(reached)
    with pytest.raises(Refused):
        create_contest(actor=account, campaign=other, unit=family[whose], title="竞赛")
    assert create_contest(actor=account, campaign=campaign, unit=family[whose], title="竞赛")
    assert set(campaigns_visible_to(account)) <= {campaign}
