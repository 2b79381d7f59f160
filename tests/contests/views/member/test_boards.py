"""The board: my unit first, small units together, people by pseudonym."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from tests.contests.views.member.test_results import sit
from tests.factories.contests import make_entrant, make_round
from tests.factories.people import make_account, make_member
from tests.factories.units import make_unit

from tradeshall.contests import ports
from tradeshall.contests.actions.ledger import ingest_ledger
from tradeshall.contests.actions.ranking import rank_settled_rounds
from tradeshall.contests.actions.rounds import close_round
from tradeshall.contests.queries.taking_part import signed_pass
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.engine import client as engine_client
from tradeshall.engine.core import Engine
from tradeshall.people.models import Membership

pytestmark = pytest.mark.django_db


def play(round: Any, members: list[Membership]) -> None:
    """Let members start and hand in, each with what comes to hand, and read the ledger."""
    for number, membership in enumerate(members):
        entrant = make_entrant(contest=round.contest, membership=membership)
        token = ports.engine().start(signed_pass(entrant, round))["token"]
        ports.engine().submit(token, [[1, 1, [number % 4]]])
    ingest_ledger(actor=OPERATOR)


def test_my_unit_stands_first_and_small_units_are_pooled(engine: Engine, client: Client) -> None:
    large, small, tiny = (make_unit(name=name) for name in ("大厂工会", "小厂工会", "微厂工会"))
    crowd = [make_member(unit=large) for _ in range(30)]
    few = [make_member(unit=unit) for unit in (small, small, tiny)]
    round = make_round(deposited=True, count=2)
    play(round, crowd[:12] + few[:2])
    me = crowd[0]
    me.account = make_account()
    me.save()
    client.force_login(me.account, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.cookies["django_language"] = "en"
    page = client.get(f"/rounds/{round.pk}/board/")
    text = page.content.decode()
    assert page.context["place"].rank == 1
    assert [row.name for row in page.context["units"].rows] == ["大厂工会"]
    assert page.context["units"].smaller_units == 2
    assert page.context["units"].smaller is None  # two of them took part
    assert "too few to show" in text
    assert "小厂工会" not in text
    assert text.index('id="my-unit"') < text.index("data-table")


def test_figures_of_a_small_unit_cannot_be_worked_out_by_its_companion(engine: Engine, client: Client) -> None:
    units = [make_unit() for _ in range(3)]
    crowds = [[make_member(unit=unit) for _ in range(size)] for unit, size in zip(units, (32, 30, 12), strict=True)]
    round = make_round(deposited=True, count=2)
    play(round, [member for crowd in crowds for member in crowd[:11]])
    me = crowds[1][0]  # of a unit that would be large enough, pooled with the single small one
    me.account = make_account()
    me.save()
    client.force_login(me.account, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/rounds/{round.pk}/board/")
    assert page.context["units"].smaller_units == 2
    assert page.context["place"].rank is None
    own = page.content.decode().split('id="my-unit"')[1].split("data-table")[0]
    assert "%" not in own


def test_of_two_units_neither_is_shown_if_one_is_small(engine: Engine, client: Client) -> None:
    large, small = make_unit(name="大厂工会"), make_unit(name="小厂工会")
    crowd = [make_member(unit=large) for _ in range(30)]
    round = make_round(deposited=True, count=2)
    play(round, [*crowd[:12], make_member(unit=small)])
    me = crowd[0]
    me.account = make_account()
    me.save()
    client.force_login(me.account, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.cookies["django_language"] = "en"
    page = client.get(f"/rounds/{round.pk}/board/")
    units = page.content.decode().split('id="my-unit"')[1].split("data-table")[0]
    assert page.context["units"].rows == []
    assert "%" not in units
    assert "One of the two units here is too small to be shown." in units


def test_people_stand_under_pseudonyms(engine: Engine, signed_in: Client, member: Membership) -> None:
    round = make_round(deposited=True, count=2)
    play(round, [make_member(name="张三丰") for _ in range(3)])
    sit(signed_in, round)
    text = signed_in.get(f"/rounds/{round.pk}/board/").content.decode()
    assert "张三丰" not in text
    assert "王建国" not in text


def test_my_row_is_shown_wherever_it_stands(engine: Engine, signed_in: Client, member: Membership) -> None:
    round = make_round(deposited=True, count=2)
    play(round, [make_member() for _ in range(25)])
    sit(signed_in, round, right=False)
    page = signed_in.get(f"/rounds/{round.pk}/board/")
    assert page.context["people"].me.is_me
    assert page.content.decode().count('class="mine"') >= 1


def test_say_that_a_live_board_is_provisional(engine: Engine, signed_in: Client) -> None:
    round = make_round(deposited=True, count=2)
    sit(signed_in, round)
    page = signed_in.get(f"/rounds/{round.pk}/board/")
    assert page.context["people"].live
    assert not page.context["people"].final


@pytest.mark.parametrize("grace", [0, 60])
def test_say_when_final_ranks_come_once_the_round_is_over(engine: Engine, signed_in: Client, grace: int) -> None:
    said = "within a minute or two"
    with clock.set_to(clock.now()) as move_on:
        round = make_round(deposited=True, count=2, grace_seconds=grace)
        sit(signed_in, round)
        path = f"/rounds/{round.pk}/board/"
        assert said not in signed_in.get(path, headers={"accept-language": "en"}).content.decode()
        move_on(timedelta(days=2))
        assert said in signed_in.get(path, headers={"accept-language": "en"}).content.decode()
        close_round(actor=OPERATOR, round=round)
        move_on(timedelta(minutes=5))
        ingest_ledger(actor=OPERATOR)
        rank_settled_rounds(actor=OPERATOR)
        page = signed_in.get(path, headers={"accept-language": "en"})
    assert page.context["people"].final
    assert said not in page.content.decode()


def test_show_an_older_board_when_the_engine_is_away(engine: Engine, signed_in: Client, member: Membership) -> None:
    round = make_round(deposited=True, count=2)
    play(round, [make_member() for _ in range(3)])
    running = engine_client.current()
    engine_client.install(engine_client.HttpClient("http://127.0.0.1:9", b"k" * 32, timeout_seconds=1))
    page = signed_in.get(f"/rounds/{round.pk}/board/")
    engine_client.install(running)
    assert not page.context["people"].live
    assert page.context["people"].of == 3


def test_withhold_the_board_with_the_results(engine: Engine, signed_in: Client) -> None:
    with clock.set_to(clock.now()) as move_on:
        round = make_round(deposited=True, count=2, results="after_round")
        sit(signed_in, round)
        before = signed_in.get(f"/rounds/{round.pk}/board/")
        move_on(timedelta(days=2))
        after = signed_in.get(f"/rounds/{round.pk}/board/")
    assert "people" not in before.context
    assert after.context["people"].of == 1


def test_practice_has_no_board(engine: Engine, signed_in: Client) -> None:
    round = make_round(deposited=True, practice=True)
    assert signed_in.get(f"/rounds/{round.pk}/board/").status_code == 404


def test_a_board_takes_the_same_queries_for_one_and_three(
    engine: Engine, signed_in: Client, member: Membership, django_assert_num_queries: Any
) -> None:
    round = make_round(deposited=True, count=2)
    for more in (1, 2):
        play(round, [make_member() for _ in range(more)])
        signed_in.get(f"/rounds/{round.pk}/board/")
        with django_assert_num_queries(10):
            page = signed_in.get(f"/rounds/{round.pk}/board/")
        assert len(page.context["people"].rows) == (1 if more == 1 else 3)
