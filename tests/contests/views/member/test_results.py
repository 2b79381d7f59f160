"""Score, rank, receipt and review; and what the rules hold back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.contests.views.member.conftest import sign_in
from tests.contests.views.member.test_attempts import form_of, start
from tests.factories.contests import make_entrant, make_round
from tests.factories.people import make_account, make_member

from tradeshall.contests import ports
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.models import Entrant
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.engine import client as engine_client
from tradeshall.engine.core import Engine
from tradeshall.engine.receipts import verify_receipt
from tradeshall.people.models import Membership

pytestmark = pytest.mark.django_db


def sit(client: Client, round: Any, right: bool = True) -> Any:
    """Sit a round, every answer right or none, and return the page of the result."""
    page = start(client, round)
    answers = {}
    for question in page.context["questions"]:
        place = question.options.index("甲")
        answers[f"q{question.no}"] = str(place if right else (place + 1) % 4)
    answer = client.post(f"/rounds/{round.pk}/attempt/", form_of(page, do="submit", **answers))
    return client.get(answer["Location"])


def test_show_score_rank_and_review(engine: Engine, signed_in: Client) -> None:
    round = make_round(deposited=True, count=3, pass_points=10, review="at_once")
    page = sit(signed_in, round)
    assert page.context["attempt"].score_points == 15
    assert page.context["passed"]
    assert (page.context["best"]["rank"], page.context["best"]["of"]) == (1, 1)
    assert len(page.context["review"]) == 3
    assert page.context["wrong"] == []
    assert "因为甲" in page.content.decode()


def test_show_mistakes(engine: Engine, signed_in: Client) -> None:
    page = sit(signed_in, make_round(deposited=True, count=3, pass_points=10, review="at_once"), right=False)
    assert not page.context["passed"]
    assert len(page.context["wrong"]) == 3
    assert page.content.decode().count("option is-shown wrong is-given") == 3


def test_the_receipt_on_the_page_holds(engine: Engine, signed_in: Client, member: Membership) -> None:
    round = make_round(deposited=True, count=2)
    receipt = sit(signed_in, round).context["receipt"]
    import json

    public = bytes.fromhex(ports.engine().health()["receipt_key"])
    whole = json.loads(receipt.text)
    assert verify_receipt(whole, public)
    assert whole["body"]["participant"] == str(Entrant.objects.get().number)
    whole["body"]["finished_at_ms"] += 1
    assert not verify_receipt(whole, public)


def test_hold_back_what_the_rules_hold_back(engine: Engine, signed_in: Client) -> None:
    round = make_round(deposited=True, count=2, results="after_round", review="after_round")
    page = sit(signed_in, round)
    assert not page.context["scored"]
    assert page.context["review"] == []
    assert page.context["best"] is None
    assert page.context["receipt"], "the receipt is given all the same"
    assert "因为甲" not in page.content.decode()


def test_show_results_once_the_round_is_over(engine: Engine, signed_in: Client) -> None:
    with clock.set_to(clock.now()) as move_on:
        round = make_round(deposited=True, count=2, results="after_round", review="after_round")
        sit(signed_in, round)
        move_on(timedelta(days=2))
        page = signed_in.get(f"/rounds/{round.pk}/result/1/")
    assert page.context["scored"]
    assert len(page.context["review"]) == 2


def test_practice_has_no_rank(engine: Engine, signed_in: Client) -> None:
    page = sit(signed_in, make_round(deposited=True, count=2, practice=True, attempts_total=0))
    assert not (page.context["best"] or {}).get("rank")
    assert b"/board/" not in page.content


def test_a_running_attempt_has_no_result_yet(engine: Engine, signed_in: Client) -> None:
    round = make_round(deposited=True)
    start(signed_in, round)
    assert signed_in.get(f"/rounds/{round.pk}/result/1/")["Location"] == f"/rounds/{round.pk}/attempt/"


def test_an_attempt_never_made_is_not_found(engine: Engine, signed_in: Client) -> None:
    round = make_round(deposited=True, attempts_total=5)
    sit(signed_in, round)
    assert signed_in.get(f"/rounds/{round.pk}/result/2/").status_code == 404


def test_another_members_result_is_not_found(engine: Engine, signed_in: Client, client: Client) -> None:
    round = make_round(deposited=True)
    sit(signed_in, round)
    other = Client()
    sign_in(other, make_member(account=make_account()).account)
    assert other.get(f"/rounds/{round.pk}/result/1/").status_code == 404


def test_say_that_answers_are_safe_when_the_engine_is_away(
    engine: Engine, signed_in: Client, member: Membership
) -> None:
    round = make_round(deposited=True, count=2)
    sit(signed_in, round)
    running = engine_client.current()
    engine_client.install(engine_client.HttpClient("http://127.0.0.1:9", b"k" * 32, timeout_seconds=1))
    unread = signed_in.get(f"/rounds/{round.pk}/result/1/")
    engine_client.install(running)
    assert unread.status_code == 200
    assert not unread.context["scored"]


def test_show_what_was_read_from_the_ledger_when_the_engine_is_away(
    engine: Engine, signed_in: Client, member: Membership
) -> None:
    round = make_round(deposited=True, count=2)
    sit(signed_in, round)
    ingest_ledger(actor=OPERATOR)
    running = engine_client.current()
    engine_client.install(engine_client.HttpClient("http://127.0.0.1:9", b"k" * 32, timeout_seconds=1))
    page = signed_in.get(f"/rounds/{round.pk}/result/1/")
    engine_client.install(running)
    assert page.context["attempt"].score_points == 10


def test_withheld_results_stay_withheld_when_the_engine_is_away(
    engine: Engine, signed_in: Client, member: Membership
) -> None:
    round = make_round(deposited=True, count=2, results="after_round", review="after_round")
    sit(signed_in, round)
    ingest_ledger(actor=OPERATOR)
    running = engine_client.current()
    engine_client.install(engine_client.HttpClient("http://127.0.0.1:9", b"k" * 32, timeout_seconds=1))
    page = signed_in.get(f"/rounds/{round.pk}/result/1/")
    engine_client.install(running)
    assert not page.context["scored"]


def test_choose_to_stand_under_the_own_name(signed_in: Client, member: Membership) -> None:
    round = make_round()
    entrant = make_entrant(contest=round.contest, membership=member)
    path = f"/contests/{round.contest.activity.number}/display/"
    signed_in.post(path, {"shows_name": "yes", "next": f"/rounds/{round.pk}/board/"})
    entrant.refresh_from_db()
    assert entrant.shows_name
    answer = signed_in.post(path, {"shows_name": "no", "next": "https://elsewhere.example/"})
    entrant.refresh_from_db()
    assert not entrant.shows_name
    assert answer["Location"].startswith("/contests/")
    assert signed_in.get(path).status_code == 405


def test_only_entrants_choose_how_they_appear(signed_in: Client) -> None:
    round = make_round()
    assert signed_in.post(f"/contests/{round.contest.activity.number}/display/").status_code == 404
