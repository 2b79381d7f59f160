"""Sitting a paper by the plain form, and what the page gives the script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from tests.contests.views.member.conftest import sign_in
from tests.factories.contests import make_entrant, make_item, make_pool, make_round
from tests.factories.people import make_account, make_member

from tradeshall.contests import ports
from tradeshall.contests.actions.ledger import deposit_pack
from tradeshall.contests.actions.rounds import publish_round
from tradeshall.contests.actions.taking_part import pass_for
from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats.sheet import says_form
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.engine import client as engine_client
from tradeshall.engine.core import Engine, Limits
from tradeshall.people.models import Membership

pytestmark = pytest.mark.django_db
ALL = {"q1": "0", "q2": "0", "q3": "0", "q4": "0"}
"""An answer to every question of the round."""


@pytest.fixture
def round(engine: Engine) -> Any:
    return make_round(deposited=True, count=4, attempts_total=2, review="at_once")


def start(client: Client, round: Any) -> Any:
    """Start, and return the page of the paper."""
    answer = client.post(f"/rounds/{round.pk}/attempt/", {"do": "start"})
    assert answer["Location"] == f"/rounds/{round.pk}/attempt/", messages_of(answer)
    return client.get(f"/rounds/{round.pk}/attempt/")


def form_of(page: Any, **answers: Any) -> dict[str, Any]:
    """Return what the plain form of a page would send."""
    return {
        "token": page.context["token"],
        "number": page.context["attempt"]["number"],
        "started": page.context["attempt"]["started_at_ms"],
        "seen": page.context["seen"],
        **answers,
    }


def saved_of(member: Membership, round: Any) -> dict[str, Any]:
    answer = ports.engine().start(pass_for(actor=member.account, membership=member, round=round))
    saved: dict[str, Any] = answer["saved"]
    return saved


def messages_of(answer: Any) -> list[str]:
    return [str(message) for message in get_messages(answer.wsgi_request)]


def test_starting_shows_the_whole_paper(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    assert [question.no for question in page.context["questions"]] == [1, 2, 3, 4]
    assert page.content.count(b"<fieldset") == 4
    assert b"<script>" not in page.content


@pytest.mark.parametrize(
    ("title", "label", "said"),
    [
        ("单项选择", "单选", True),
        ("单选题（每题 5 分）", "单选", True),
        ("单项选择", "Single choice", False),
        ("Single choice, part one", "Single choice", True),
        ("Single-handed work", "Single choice", False),
        ("多项选择", "单选", False),
        ("安全知识", "单选", False),
        ("", "单选", False),
    ],
)
def test_a_section_that_says_the_form_is_recognised(title: str, label: str, said: bool) -> None:
    assert says_form(title, ItemForm.SINGLE.value, label) is said


def test_the_form_is_not_said_twice(engine: Engine, signed_in: Client) -> None:
    round = make_round(count=2, published=False)
    for section in round.sections.all():
        section.title = "Single choice"
        section.save()
    publish_round(actor=OPERATOR, round=round)
    deposit_pack(actor=OPERATOR, round_id=round.pk)
    signed_in.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    abouts = re.findall(r'class="about">([^<]+)<', start(signed_in, round).content.decode())
    assert len(abouts) == 2
    assert all(about.startswith("Single choice · 5") for about in abouts), abouts


def test_the_script_gets_what_it_needs_and_no_key(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    given = page.context["page_data"]
    assert given["urls"]["save"] == "/engine/save"
    assert given["urls"]["result"] == f"/rounds/{round.pk}/result/1/"
    assert given["attempt"]["deadline_ms"] - given["attempt"]["started_at_ms"] == 900_000
    assert "因为甲" not in page.content.decode()
    assert "explanation" not in page.content.decode()


def test_members_on_one_device_do_not_share_what_it_keeps(signed_in: Client, round: Any, client: Client) -> None:
    mine = start(signed_in, round).context["page_data"]
    other = Client()
    sign_in(other, make_member(account=make_account(), unit=None).account)
    theirs = start(other, round).context["page_data"]
    assert mine["key"] != theirs["key"]
    assert mine["receipt_key"] != theirs["receipt_key"]


def test_opening_the_paper_again_shows_the_same(signed_in: Client, round: Any) -> None:
    first, second = start(signed_in, round), signed_in.get(f"/rounds/{round.pk}/attempt/")
    assert first.context["token"] == second.context["token"]
    assert first.context["questions"] == second.context["questions"]


def test_looking_at_the_address_starts_nothing(signed_in: Client, member: Membership, round: Any) -> None:
    make_entrant(contest=round.contest, membership=member)
    answer = signed_in.get(f"/rounds/{round.pk}/attempt/")
    assert answer["Location"] == f"/rounds/{round.pk}/"
    assert signed_in.get(f"/rounds/{round.pk}/").context["standing"].attempts_total == 0


def test_saving_delivers_and_shows_what_was_saved(signed_in: Client, member: Membership, round: Any) -> None:
    page = start(signed_in, round)
    answer = signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="save", q1="2", q3="0"))
    assert answer["Location"] == f"/rounds/{round.pk}/attempt/"
    assert {no: held["response"] for no, held in saved_of(member, round).items()} == {"1": [2], "3": [0]}
    again = signed_in.get(f"/rounds/{round.pk}/attempt/")
    assert [question.given for question in again.context["questions"]] == [[2], [], [0], []]
    assert again.content.count(b" checked") == 2


def test_an_old_page_overwrites_only_what_was_changed_on_it(
    signed_in: Client, member: Membership, round: Any
) -> None:
    old = start(signed_in, round)
    page = signed_in.get(f"/rounds/{round.pk}/attempt/")
    signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="save", q1="1", q2="1"))
    signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(old, do="save", q3="3"))
    held = {no: held["response"] for no, held in saved_of(member, round).items()}
    assert held == {"1": [1], "2": [1], "3": [3]}


def test_unticking_everything_clears_a_multiple_choice(engine: Engine, signed_in: Client, member: Membership) -> None:
    pool = make_pool()
    for _ in range(4):
        make_item(pool=pool, form=ItemForm.MULTIPLE.value, key=(0, 1))
    round = make_round(pools=[pool], count=2, deposited=True)
    page = start(signed_in, round)
    signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="save", q1=["0", "2"]))
    page = signed_in.get(f"/rounds/{round.pk}/attempt/")
    assert page.context["questions"][0].given == [0, 2]
    signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="save"))
    assert saved_of(member, round)["1"]["response"] == []


def test_handing_in_leads_to_the_result(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    answer = signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="submit", **ALL))
    assert answer["Location"] == f"/rounds/{round.pk}/result/1/"
    assert signed_in.get(answer["Location"]).context["scored"]


def test_handing_in_with_gaps_asks_first_and_saves(signed_in: Client, member: Membership, round: Any) -> None:
    page = start(signed_in, round)
    signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="save", q3="1"))
    answer = signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="submit", q1="2"))
    assert answer.status_code == 422
    links = re.findall(r'class="jump"\s+href="([^"]+)"', answer.content.decode())
    assert links == [f"/rounds/{round.pk}/attempt/?go-on#q2", f"/rounds/{round.pk}/attempt/?go-on#q4"]
    assert {no: held["response"] for no, held in saved_of(member, round).items()} == {"1": [2], "3": [1]}
    paper = signed_in.get(f"/rounds/{round.pk}/attempt/")
    assert [question.given for question in paper.context["questions"]] == [[2], [], [1], []]


def test_handing_in_all_the_same_hands_in_what_was_saved(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    asked = signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="submit", q1="2"))
    button = re.search(r'name="do"\s+value="(\w+)"', asked.content.decode())
    assert button
    form = {name: asked.context[name] for name in ("token", "number")} | {"do": button[1]}
    answer = signed_in.post(f"/rounds/{round.pk}/attempt/", form)
    assert answer["Location"] == f"/rounds/{round.pk}/result/1/"
    review = signed_in.get(answer["Location"]).context["review"]
    assert [item.answered for item in review] == [True, False, False, False]


def test_handing_in_twice_leads_to_the_same_result(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    form = form_of(page, do="submit", **ALL)
    both = [signed_in.post(f"/rounds/{round.pk}/attempt/", form)["Location"] for _ in range(2)]
    assert both == [f"/rounds/{round.pk}/result/1/"] * 2
    assert signed_in.get(f"/rounds/{round.pk}/").context["standing"].attempts_total == 1


def test_answers_after_the_grace_are_refused_in_words(engine: Engine, signed_in: Client) -> None:
    with clock.set_to(clock.now()) as move_on:
        round = make_round(deposited=True, count=2, time_limit_seconds=60, grace_seconds=10)
        page = start(signed_in, round)
        signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="save", q1="0"))
        move_on(timedelta(seconds=71))
        answer = signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="submit", q2="0"))
        assert answer["Location"] == f"/rounds/{round.pk}/result/1/"
        assert messages_of(answer)
        assert signed_in.get(answer["Location"]).context["attempt"].number == 1


def test_answers_within_the_grace_count(engine: Engine, signed_in: Client) -> None:
    with clock.set_to(clock.now()) as move_on:
        round = make_round(deposited=True, count=2, time_limit_seconds=60, grace_seconds=10)
        page = start(signed_in, round)
        move_on(timedelta(seconds=69))
        answer = signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="submit", q1="0"))
        assert messages_of(answer) == []
        assert [item.answered for item in signed_in.get(answer["Location"]).context["review"]] in ([True, False], [])


@pytest.mark.parametrize(("field", "value"), [("q1", "9"), ("token", "forged")])
def test_a_refused_answer_stays_in_the_page(signed_in: Client, round: Any, field: str, value: str) -> None:
    page = start(signed_in, round)
    form = form_of(page, do="save", q2="3", q3="1")
    answer = signed_in.post(f"/rounds/{round.pk}/attempt/", {**form, field: value})
    assert answer.status_code == 422
    assert messages_of(answer)
    assert [question.given for question in answer.context["questions"]] == [[], [3], [1], []]


def test_another_members_token_does_not_open_their_paper(signed_in: Client, round: Any) -> None:
    other = Client()
    sign_in(other, make_member(account=make_account()).account)
    theirs = start(other, round)
    start(signed_in, round)
    assert signed_in.get(f"/rounds/{round.pk}/attempt/").context["token"] != theirs.context["token"]


# When the engine is busy, or away


def test_a_crowd_waits_with_its_place_kept(
    run_engine: Callable[..., Engine], signed_in: Client, member: Membership
) -> None:
    engine = run_engine(Limits(starts=-1))
    round = make_round(deposited=True)
    answer = signed_in.post(f"/rounds/{round.pk}/attempt/", {"do": "start"})
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) >= 2
    assert answer["Refresh"].endswith(f"url=/rounds/{round.pk}/attempt/")
    engine.limits = Limits()
    page = signed_in.get(f"/rounds/{round.pk}/attempt/")
    assert page.status_code == 200
    assert page.context["questions"]
    assert signed_in.get(f"/rounds/{round.pk}/").context["standing"].attempts_total == 1


def test_nobodys_time_runs_while_they_wait(
    run_engine: Callable[..., Engine], signed_in: Client, member: Membership
) -> None:
    engine = run_engine(Limits(starts=-1))
    with clock.set_to(clock.now()) as move_on:
        round = make_round(deposited=True)
        signed_in.post(f"/rounds/{round.pk}/attempt/", {"do": "start"})
        move_on(timedelta(seconds=40))
        engine.limits = Limits()
        attempt = signed_in.get(f"/rounds/{round.pk}/attempt/").context["attempt"]
        assert attempt["deadline_ms"] - clock.now_ms() == round.time_limit_seconds * 1000


def test_who_waited_longer_asks_sooner(
    run_engine: Callable[..., Engine], signed_in: Client, member: Membership
) -> None:
    run_engine(Limits(starts=-1))
    with clock.set_to(clock.now()) as move_on:
        round = make_round(deposited=True)
        signed_in.post(f"/rounds/{round.pk}/attempt/", {"do": "start"})
        move_on(timedelta(minutes=10))
        waiting = signed_in.get(f"/rounds/{round.pk}/attempt/")
        assert waiting.status_code == 503
        assert waiting.context["waited_seconds"] == 600
        assert waiting["Retry-After"] == "2"


def test_a_place_in_the_crowd_cannot_be_forged(signed_in: Client, member: Membership, round: Any) -> None:
    make_entrant(contest=round.contest, membership=member)
    signed_in.cookies["waiting"] = f"{round.pk}:1"
    assert signed_in.get(f"/rounds/{round.pk}/attempt/").status_code == 302


def test_answers_that_reach_no_engine_stay_in_the_page(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    running = engine_client.current()
    engine_client.install(engine_client.HttpClient("http://127.0.0.1:9", b"k" * 32, timeout_seconds=1))
    answer = signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="submit", q1="2", q2="1"))
    assert answer.status_code == 503
    kept = dict(answer.context["kept"])
    assert (kept["q1"], kept["q2"], answer.context["do"]) == ("2", "1", "submit")
    engine_client.install(running)
    again = signed_in.post(f"/rounds/{round.pk}/attempt/", {**kept, "q3": "0", "q4": "0", "do": "submit"})
    assert again["Location"] == f"/rounds/{round.pk}/result/1/"


def test_the_paper_waits_for_an_engine_that_is_away(no_engine: None, signed_in: Client, member: Membership) -> None:
    round = make_round()
    make_entrant(contest=round.contest, membership=member)
    answer = signed_in.get(f"/rounds/{round.pk}/attempt/")
    assert answer.status_code == 503
    assert "waiting" not in answer.cookies, "looking is not asking to start"


def test_the_seen_answers_are_json(signed_in: Client, round: Any) -> None:
    page = start(signed_in, round)
    signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="save", q4="1"))
    assert json.loads(signed_in.get(f"/rounds/{round.pk}/attempt/").context["seen"]) == {"4": [1]}


def test_a_plain_form_with_nonsense_for_what_it_showed_is_taken(signed_in: Client, member: Any, round: Any) -> None:
    page = start(signed_in, round)
    answer = signed_in.post(f"/rounds/{round.pk}/attempt/", form_of(page, q1="0", do="save", seen="[" * 100_000))
    assert answer["Location"] == f"/rounds/{round.pk}/attempt/"
    assert saved_of(member, round)["1"]["response"] == [0]
