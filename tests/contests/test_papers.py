"""Certificates, shared results and posters: what is given, to whom, and what strangers see."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from django.test import Client
from django.urls import reverse
from PIL import Image
from tests.browser import assert_accessible, assert_no_overflow
from tests.factories.contests import make_contest, make_entrant, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_federation

from tradeshall.contests.actions.papers import (
    issue_certificate,
    issue_certificates,
    share_result,
    take_back_result,
)
from tradeshall.contests.actions.ranking import rank_round
from tradeshall.contests.actions.results import export_results
from tradeshall.contests.actions.taking_part import choose_display, forget_members
from tradeshall.contests.models import AttemptResult, Certificate, Entrant, Round, SharedResult, Standing
from tradeshall.contests.queries import papers as queries
from tradeshall.contests.queries.results import printed_results
from tradeshall.contests.rules.papers import masked
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.core.refusal import Refused
from tradeshall.people.models import Membership
from tradeshall.web.typesetting import set_png

pytestmark = pytest.mark.django_db


@pytest.fixture
def over() -> Round:
    """A round that is closed, worth 25 points."""
    return make_round(contest=make_contest(title="安全生产知识竞赛"), closed=True, pass_points=10, title="第一轮")


def finished(round: Round, membership: Membership, score: int = 20) -> Entrant:
    """Return the entry of a member who handed in once, as the ledger's reader would have stored it."""
    entrant = make_entrant(contest=round.contest, membership=membership)
    moment = clock.now() - timedelta(minutes=5)
    told = {"score_points": score, "time_used_ms": 60_000, "finished_at": moment}
    AttemptResult.objects.create(round=round, entrant=entrant, number=1, max_points=25, leaf="00" * 32, **told)
    Standing.objects.create(
        round=round, entrant=entrant, unit_id=entrant.unit_id, attempt_number=1, attempts_count=1, **told
    )
    return entrant


def member(name: str = "徐清蓉") -> Membership:
    return make_member(unit=make_federation(), account=make_account(), name=name)


def signed_in(membership: Membership) -> Client:
    client = Client()
    assert membership.account is not None
    client.force_login(membership.account)
    return client


def codes_in(picture: bytes) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))]


def test_certificate_issue_gives_the_same_one_while_results_say_the_same(over: Round) -> None:
    mine = member()
    finished(over, mine)
    first = issue_certificate(actor=OPERATOR, membership=mine, round=over, kind="finish")
    assert issue_certificate(actor=OPERATOR, membership=mine, round=over, kind="finish") == first
    assert (first.figure, first.of) == (20, 25)
    Standing.objects.filter(entrant=first.entrant).update(score_points=25)
    second = issue_certificate(actor=OPERATOR, membership=mine, round=over, kind="finish")
    assert second.code != first.code
    assert not queries.still_stands(first)
    assert queries.still_stands(second)


@pytest.mark.parametrize(
    ("changes", "kind", "code"),
    [
        ({"score_points": 9}, "finish", "contests:certificate:not_passed"),
        ({}, "rank", "contests:certificate:not_ranked"),
        ({}, "medal", "contests:certificate:kind_unknown"),
    ],
)
def test_certificate_issue_refuses_what_was_not_reached(
    over: Round, changes: dict[str, Any], kind: str, code: str
) -> None:
    mine = member()
    entrant = finished(over, mine)
    Standing.objects.filter(entrant=entrant).update(**changes or {"score_points": 20})
    with pytest.raises(Refused) as refused:
        issue_certificate(actor=OPERATOR, membership=mine, round=over, kind=kind)
    assert refused.value.refusals[0].code == code


def test_certificate_issue_refuses_a_result_that_is_held_back() -> None:
    held = make_round(results="after_review", closed=True)
    mine = member()
    finished(held, mine)
    with pytest.raises(Refused) as refused:
        issue_certificate(actor=OPERATOR, membership=mine, round=held, kind="finish")
    assert refused.value.refusals[0].code == "contests:certificate:no_result"


def test_certificate_issue_refuses_to_act_for_somebody_else(over: Round) -> None:
    mine, other = member(), member("何立")
    finished(over, mine)
    with pytest.raises(Refused) as refused:
        issue_certificate(actor=other.account, membership=mine, round=over, kind="finish")
    assert refused.value.refusals[0].code == "contests:entrant:not_yours"


def test_certificate_of_a_rank_needs_one_of_the_first_hundred(over: Round) -> None:
    mine = member()
    entrant = finished(over, mine)
    rank_round(actor=OPERATOR, round=over)
    over.refresh_from_db()
    given = issue_certificate(actor=OPERATOR, membership=mine, round=over, kind="rank")
    assert (given.figure, given.of) == (1, 1)
    Standing.objects.filter(entrant=entrant).update(rank=101)
    with pytest.raises(Refused) as refused:
        issue_certificate(actor=OPERATOR, membership=mine, round=over, kind="rank")
    assert refused.value.refusals[0].code == "contests:certificate:rank_too_low"


def test_certificate_file_is_the_owners_alone_and_its_code_leads_to_the_public_page(over: Round) -> None:
    mine, other = member(), member("何立")
    finished(over, mine)
    client = signed_in(mine)
    answer = client.post(reverse("contests:certificate_issue", args=[over.pk]), {"kind": "finish"})
    file = client.get(answer["Location"])
    assert file["Content-Type"] == "application/pdf"
    assert file.content.startswith(b"%PDF-")
    assert signed_in(other).get(answer["Location"]).status_code == 404
    assert Client().get(answer["Location"]).status_code == 302
    certificate = Certificate.objects.get()
    pages = queries.certificate_pages([certificate], [mine.name], "http://testserver/certificates/CODE/")
    drawn = set_png("contests/print/certificate.typ", pages, width_px=1600, width_pt=842)
    assert codes_in(drawn) == [f"http://testserver/certificates/{queries.spelled(certificate.code)}/"]
    page = Client().get(codes_in(drawn)[0], headers={"accept-language": "en"}).content.decode()
    assert "it stands" in page
    assert masked(mine.name) in page
    assert mine.name not in page
    Standing.objects.update(score_points=12)
    assert (
        "have been corrected since"
        in Client().get(codes_in(drawn)[0], headers={"accept-language": "en"}).content.decode()
    )


def test_certificate_says_nothing_of_a_person_who_was_erased(over: Round) -> None:
    mine = member()
    finished(over, mine)
    certificate = issue_certificate(actor=OPERATOR, membership=mine, round=over, kind="finish")
    forget_members(actor=OPERATOR, membership_ids=[mine.pk])
    page = Client().get(reverse("contests:certificate_show", args=[certificate.code]))
    assert masked(mine.name) not in page.content.decode()


def test_names_on_certificates_are_never_read_as_markup(over: Round) -> None:
    mine = member('#panic("x") $1$ <b> \\ "')
    finished(over, mine)
    certificate = issue_certificate(actor=OPERATOR, membership=mine, round=over, kind="finish")
    pages = queries.certificate_pages([certificate], [mine.name], "http://testserver/CODE/")
    assert json.loads(json.dumps(pages))["pages"][0]["name"] == mine.name
    assert set_png("contests/print/certificate.typ", pages, width_px=300, width_pt=842).startswith(b"\x89PNG")


@pytest.mark.parametrize("how_many", [1, 3])
def test_certificates_issue_costs_the_same_however_many(
    over: Round, how_many: int, django_assert_num_queries: Any
) -> None:
    for number in range(how_many):
        finished(over, member(f"会员{number}"), score=15 + number)
    with django_assert_num_queries(7):
        given = issue_certificates(actor=OPERATOR, round=over, kind="finish")
    assert [row.figure for row in given] == sorted((row.figure for row in given), reverse=True)
    assert len(given) == how_many


def test_certificates_for_printing_name_only_who_shows_their_name(over: Round) -> None:
    shy, open_one = finished(over, member("何立")), finished(over, member("顾明"))
    choose_display(actor=OPERATOR, entrant=open_one, shows_name=True)
    given = issue_certificates(actor=OPERATOR, round=over, kind="finish")
    names = {row.entrant_id: queries.name_of(row.entrant, row.entrant.shows_name) for row in given}
    assert names[open_one.pk] == "顾明"
    assert "何立" not in names[shy.pk]


def test_share_shows_what_was_chosen_and_nothing_else(over: Round) -> None:
    mine = member()
    entrant = finished(over, mine)
    client = signed_in(mine)
    client.post(reverse("contests:result_share", args=[over.pk]), {"part": ["score"]})
    shared = SharedResult.objects.get()
    page = Client().get(reverse("contests:shared_show", args=[shared.code])).content.decode()
    assert re.search(r"20\b", page)
    assert mine.name not in page
    assert "og:image" in page
    client.post(reverse("contests:result_share", args=[over.pk]), {"part": ["name"]})
    page = Client().get(reverse("contests:shared_show", args=[shared.code])).content.decode()
    assert mine.name in page
    assert "plate" not in page.split("<main", 1)[1]
    client.post(reverse("contests:result_share", args=[over.pk]), {"stop": "1"})
    assert Client().get(reverse("contests:shared_show", args=[shared.code])).status_code == 404
    assert not SharedResult.objects.filter(entrant=entrant).exists()


def test_share_keeps_a_unit_back_until_ten_of_it_took_part(over: Round) -> None:
    mine = member()
    entrant = finished(over, mine)
    chosen = {"shows_score": True, "shows_rank": False, "shows_unit": True, "shows_name": False}
    shared = share_result(actor=OPERATOR, entrant=entrant, round=over, **chosen)
    shown = queries.shown_of(shared)
    assert shown is not None
    assert shown.unit is None
    for number in range(9):
        finished(over, member(f"会员{number}"))
    shown = queries.shown_of(shared)
    assert shown is not None
    assert shown.unit == mine.unit.name


def test_share_is_gone_with_the_person(over: Round) -> None:
    mine = member()
    entrant = finished(over, mine)
    chosen = {"shows_score": True, "shows_rank": True, "shows_unit": True, "shows_name": True}
    shared = share_result(actor=OPERATOR, entrant=entrant, round=over, **chosen)
    forget_members(actor=OPERATOR, membership_ids=[mine.pk])
    assert Client().get(reverse("contests:shared_show", args=[shared.code])).status_code == 404


def test_share_can_only_be_made_and_taken_back_by_oneself(over: Round) -> None:
    mine, other = member(), member("何立")
    entrant = finished(over, mine)
    for act in (
        lambda: take_back_result(actor=other.account, entrant=entrant, round=over),
        lambda: share_result(
            actor=other.account,
            entrant=entrant,
            round=over,
            shows_score=True,
            shows_rank=True,
            shows_unit=True,
            shows_name=True,
        ),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize(("shape", "size"), [("poster", (1080, 1440)), ("preview", (1200, 630))])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_pictures_have_their_size_and_a_code_that_leads_to_the_contest(
    over: Round, shape: str, size: tuple[int, int], language: str
) -> None:
    number = over.contest.activity.number
    answer = Client().get(
        reverse("contests:contest_picture", args=[number, shape]), headers={"accept-language": language}
    )
    assert answer["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == size
    assert codes_in(answer.content) == [f"http://testserver{reverse('contests:contest_public', args=[number])}"]


def test_contest_public_page_says_what_a_link_preview_needs_and_hides_drafts(over: Round) -> None:
    number = over.contest.activity.number
    page = Client().get(reverse("contests:contest_public", args=[number])).content.decode()
    for name in ("og:title", "og:description", "og:image", "og:url"):
        assert f'property="{name}"' in page
    assert "http://testserver/public/contests/" in page
    type(over.contest.activity).objects.filter(pk=over.contest.activity.pk).update(state="draft")
    assert Client().get(reverse("contests:contest_public", args=[number])).status_code == 404


def test_results_are_set_for_printing(over: Round) -> None:
    finished(over, member())
    file = io.BytesIO()
    export_results(actor=OPERATOR, round=over, file=file, format="pdf")
    assert file.getvalue().startswith(b"%PDF-")
    told = printed_results(over)
    assert len(told["rows"]) == 1
    assert len(told["rows"][0]) == len(told["heading"]) == len(told["widths"])
    assert "徐清蓉" not in json.dumps(told, ensure_ascii=False)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_pages_to_take_away_are_accessible_on_a_phone(over: Round, open_page: Any, locale: str) -> None:
    mine = member()
    entrant = finished(over, mine)
    chosen = {"shows_score": True, "shows_rank": True, "shows_unit": True, "shows_name": True}
    shared = share_result(actor=OPERATOR, entrant=entrant, round=over, **chosen)
    given = issue_certificate(actor=OPERATOR, membership=mine, round=over, kind="finish")
    page = open_page(locale=locale)
    cookies = [
        {"name": name, "value": cookie.value, "domain": "localhost", "path": "/"}
        for name, cookie in signed_in(mine).cookies.items()
    ]
    page.context.add_cookies(cookies)
    for address in (
        reverse("contests:result_share", args=[over.pk]),
        reverse("contests:shared_show", args=[shared.code]),
        reverse("contests:certificate_show", args=[given.code]),
        reverse("contests:contest_public", args=[over.contest.activity.number]),
    ):
        page.goto(address)
        assert_accessible(page)
        assert_no_overflow(page)
