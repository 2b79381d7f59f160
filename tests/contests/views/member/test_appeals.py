"""A member appeals against a question of their paper, and sees what comes of it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.contests.views.member.conftest import sign_in
from tests.contests.views.member.test_results import sit
from tests.factories.contests import make_round
from tests.factories.people import make_account, make_member
from tests.factories.sittings import close_and_rank

from tradeshall.contests.actions.appeals import file_appeal, rule_on_item
from tradeshall.contests.actions.rescoring import work_on_versions
from tradeshall.contests.actions.taking_part import forget_members
from tradeshall.contests.actions.versions import confirm_version, prepare_version
from tradeshall.contests.models import Appeal, Round
from tradeshall.contests.queries.appeals import own_appeals
from tradeshall.contests.queries.taking_part import export_of
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.core.refusal import Refused
from tradeshall.engine.core import Engine
from tradeshall.journal.models import Entry
from tradeshall.people.models import Membership

pytestmark = pytest.mark.django_db

REASON = "第二个选项也对，见劳动法第三十六条。"


@pytest.fixture
def english(signed_in: Client) -> Client:
    signed_in.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return signed_in


def wrong_paper(client: Client, **fields: Any) -> tuple[Round, Any]:
    round = make_round(deposited=True, count=7, review="at_once", **fields)
    return round, sit(client, round, right=False)


def url_of(round: Round, no: int = 1, number: int = 1) -> str:
    return f"/rounds/{round.pk}/result/{number}/appeal/{no}/"


def test_an_appeal_is_filed_and_answered(engine: Engine, english: Client, member: Membership) -> None:
    round, result = wrong_paper(english)
    assert url_of(round, 2) in result.content.decode()
    item = result.context["review"][1].item
    assert "If you think so, say why." in english.get(url_of(round, 2)).content.decode()
    assert english.post(url_of(round, 2), {"reason": "short"}).status_code == 422
    assert english.post(url_of(round, 2), {"reason": REASON, "source": "劳动法"}).status_code == 302
    appeal = Appeal.objects.get()
    assert (appeal.item_number, appeal.attempt_number, appeal.source) == (item, 1, "劳动法")
    shown = english.get(url_of(round, 2)).content.decode()
    assert "Your appeal waits for an answer" in shown
    assert "If you think so" not in shown
    line = Entry.objects.get(verb="contests:appeal:file")
    assert str(appeal.entrant.number) not in str(line.changes) + line.thing

    round = close_and_rank(round)
    rule_on_item(actor=OPERATOR, round=round, item_number=item, verdict="stands", words="原文如此。")
    shown = english.get(url_of(round, 2)).content.decode()
    assert "The question stands" in shown
    assert "原文如此。" in shown
    assert "If you think so" in shown  # with something new one may appeal again


def test_a_corrected_result_is_what_the_member_sees(engine: Engine, english: Client) -> None:
    round, result = wrong_paper(english, pass_points=5)
    assert not result.context["passed"]
    item = result.context["review"][0].item
    round = close_and_rank(round)
    rule_on_item(actor=OPERATOR, round=round, item_number=item, verdict="void_full", words="两项都对。")
    version = prepare_version(actor=OPERATOR, round=round, note="第一题作废。")
    work_on_versions(actor=OPERATOR)
    confirm_version(actor=OPERATOR, version=version)
    before = english.get(f"/rounds/{round.pk}/result/1/")
    assert before.context["attempt"].score_points == 0
    work_on_versions(actor=OPERATOR)
    page = english.get(f"/rounds/{round.pk}/result/1/")
    assert page.context["attempt"].score_points == 5
    assert page.context["passed"]
    assert (page.context["best"]["score_points"], page.context["best"]["rank"]) == (5, 1)
    first = page.context["review"][0]
    assert (first.is_right, str(first.correction)) == (True, "Void: full points for everybody who had it")
    assert "第一题作废。" in page.content.decode()
    assert len(page.context["wrong"]) == 6


def test_a_corrected_key_is_marked_in_the_review(engine: Engine, english: Client) -> None:
    round, result = wrong_paper(english)
    question = result.context["review"][0]
    given = next(option for option in question.options if option.given)
    written = "甲乙丙丁".index(given.text)
    round = close_and_rank(round)
    rule_on_item(actor=OPERATOR, round=round, item_number=question.item, verdict="key", words="更正。", key=[written])
    version = prepare_version(actor=OPERATOR, round=round, note="更正。")
    work_on_versions(actor=OPERATOR)
    confirm_version(actor=OPERATOR, version=version)
    work_on_versions(actor=OPERATOR)
    page = english.get(f"/rounds/{round.pk}/result/1/")
    first = page.context["review"][0]
    assert [option.text for option in first.options if option.right] == [given.text]
    assert (first.got_points, page.context["attempt"].score_points) == (5, 5)


def test_a_question_of_somebody_elses_paper_is_not_there(engine: Engine, english: Client, client: Client) -> None:
    round, _ = wrong_paper(english)
    assert english.get(url_of(round, 8)).status_code == 404
    assert english.get(url_of(round, 1, 2)).status_code == 404
    other = Client()
    sign_in(other, make_member(account=make_account()).account)
    assert other.get(url_of(round)).status_code == 404


def refusal_of(member: Membership, round: Round, item: int, **fields: Any) -> str:
    values = {"attempt_number": 1, "item_number": item, "reason": REASON, "actor": OPERATOR, **fields}
    with pytest.raises(Refused) as refused:
        file_appeal(membership=member, round=round, **values)
    return str(refused.value)


def test_appeals_are_refused_where_they_do_not_belong(engine: Engine, english: Client, member: Membership) -> None:
    round, result = wrong_paper(english, attempts_total=2)
    item = result.context["review"][0].item
    assert refusal_of(member, round, item, actor=make_account()) == "contests:entrant:not_yours"
    assert refusal_of(member, round, -1) == "contests:appeal:not_on_paper"
    assert refusal_of(member, round, item, attempt_number=2) == "contests:appeal:not_on_paper"
    assert refusal_of(make_member(), round, item) == "contests:appeal:not_on_paper"
    assert refusal_of(member, round, item, reason="x") == "contests:appeal:reason_too_short"
    assert refusal_of(member, round, item, reason="x" * 1001) == "contests:appeal:reason_too_long"
    assert refusal_of(member, round, item, source="x" * 301) == "contests:appeal:source_too_long"
    file_appeal(actor=OPERATOR, membership=member, round=round, attempt_number=1, item_number=item, reason=REASON)
    assert refusal_of(member, round, item) == "contests:appeal:waits_already"
    with clock.set_to(round.closes_at + timedelta(days=4)):
        assert refusal_of(member, round, item) == "contests:appeal:too_late"


def test_only_so_many_appeals_wait_at_once_and_in_a_day(engine: Engine, english: Client, member: Membership) -> None:
    round, result = wrong_paper(english)
    items = [one.item for one in result.context["review"]]
    for item in items[:5]:
        file_appeal(actor=OPERATOR, membership=member, round=round, attempt_number=1, item_number=item, reason=REASON)
    assert refusal_of(member, round, items[5]) == "contests:appeal:too_many_waiting"
    round = close_and_rank(round)
    for item in items[:5]:
        rule_on_item(actor=OPERATOR, round=round, item_number=item, verdict="stands", words="原文如此。")
    for item in items[:5]:
        file_appeal(actor=OPERATOR, membership=member, round=round, attempt_number=1, item_number=item, reason=REASON)
    assert "contests:appeal:too_many_today" in refusal_of(member, round, items[6])
    entrant = Appeal.objects.all()[0].entrant
    assert len(own_appeals(round, entrant)) == 5


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"appeals_days": 0}, "contests:appeal:none_here"),
        ({"review": "never"}, "contests:appeal:none_here"),
        ({"review": "after_round"}, "contests:appeal:too_early"),
    ],
)
def test_a_round_says_when_it_takes_appeals(
    engine: Engine, english: Client, member: Membership, fields: dict[str, Any], code: str
) -> None:
    round = make_round(deposited=True, count=2, **{"review": "at_once", **fields})
    page = sit(english, round)
    assert refusal_of(member, round, 1) == code
    assert not re.search(r"/appeal/\d", page.content.decode())


def test_rulings_are_refused_without_sense(engine: Engine, english: Client) -> None:
    round, result = wrong_paper(english)
    item = result.context["review"][0].item

    def refused(**fields: Any) -> str:
        values = {"item_number": item, "verdict": "key", "words": "因为", "key": [1], **fields}
        with pytest.raises(Refused) as found:
            rule_on_item(actor=OPERATOR, round=round, **values)
        return str(found.value)

    assert refused() == "contests:ruling:round_not_over"
    round = close_and_rank(round)
    assert refused(item_number=-5) == "contests:ruling:item_unknown"
    assert refused(verdict="maybe") == "contests:ruling:verdict_unknown"
    assert refused(words=" ") == "contests:ruling:words_empty"
    assert refused(words="x" * 1001) == "contests:ruling:words_too_long"
    assert refused(key=[]) == "contests:ruling:key_empty"
    assert refused(key=[7]) == "contests:ruling:key_empty"
    assert refused(key=[1, 2]) == "contests:ruling:key_needs_one"
    assert refused(key=[0]) == "contests:ruling:key_unchanged"


def test_an_appeal_is_in_the_export_of_oneself_and_goes_with_the_person(
    engine: Engine, english: Client, member: Membership
) -> None:
    round, result = wrong_paper(english)
    item = result.context["review"][0].item
    file_appeal(actor=OPERATOR, membership=member, round=round, attempt_number=1, item_number=item, reason=REASON)
    (contest,) = export_of(member.account, [member])  # type: ignore[misc, arg-type]
    assert [appeal["reason"] for appeal in contest["appeals"]] == [REASON]  # type: ignore[index]
    forget_members(actor=OPERATOR, membership_ids=[member.pk])
    appeal = Appeal.objects.get()
    assert (appeal.reason, appeal.source, appeal.item_number) == ("", "", item)
