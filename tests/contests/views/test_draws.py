"""Prize draws as people meet them: the console from draft to prize desk, the public page, a member's own ticket."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from tests.factories.contests import make_contest, make_round
from tests.factories.draws import VALUE, Played, finish, make_draw, make_people, make_staff, settle
from tests.factories.ledgers import Writer

from tradeshall.contests import ports
from tradeshall.contests.actions.draw_steps import publish_draw
from tradeshall.contests.actions.draws import announce_draws
from tradeshall.contests.actions.prizes import claim_prize, forfeit_prize
from tradeshall.contests.models import DrawWinner, PrizeDraw
from tradeshall.contests.queries import draws as queries
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.engine import draw as drawing
from tradeshall.units.queries import federation_zone

pytestmark = pytest.mark.django_db

DRAFT = {
    "title": "第一天抽奖",
    "title_en": "Day 1",
    "prize_name_1": "自行车",
    "prize_count_1": "1",
    "prize_name_3": "书",
    "prize_count_3": "2",
    "least_points": "0",
    "least_passed": "0",
    "least_attempts": "0",
    "least_days": "0",
    "least_streak": "0",
    "leaves_out_staff": "on",
    "reserves": "3",
    "claim_days": "14",
    "unit": "",
}


def signed_in(account: Any) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def text_of(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def local(moment: Any) -> str:
    return timezone.localtime(moment, federation_zone()).strftime("%Y-%m-%dT%H:%M")


def test_a_draw_is_set_up_and_run_by_hand_from_draft_to_winners(writer: Writer) -> None:
    round = make_round(pass_points=10)
    contest = round.contest
    first, second = (signed_in(make_staff(contest.activity.unit)) for _ in range(2))
    for entrant in make_people(contest, 7):
        finish(round, entrant, 20)
    seals_at = round.closes_at + timedelta(hours=1)
    event_at = seals_at + timedelta(hours=30)
    number = contest.activity.number
    assert "No prize draw yet" in text_of(first.get(f"/console/contests/{number}/draws/"))

    values = DRAFT | {
        "round": str(round.pk),
        "seals_at": local(seals_at),
        "event_name_1": "双色球 2026150 期",
        "event_at_1": local(seals_at + timedelta(hours=2)),
    }
    page = first.post(f"/console/contests/{number}/draws/new/", values)
    assert page.status_code == 422
    assert "at least 24 hours after the list is sealed" in text_of(page)
    page = first.post(f"/console/contests/{number}/draws/new/", values | {"event_at_1": local(event_at)})
    draw = PrizeDraw.objects.get()
    assert page["Location"] == f"/console/draws/{draw.pk}/"
    assert [(prize.name, prize.count) for prize in draw.prizes.all()] == [("自行车", 1), ("书", 2)]
    page = first.get(f"/console/draws/{draw.pk}/edit/")
    assert 'value="自行车"' in page.content.decode()
    assert Client().get(f"/draws/{draw.pk}/").status_code == 404  # a draft is nobody's business

    assert "Next: announce it" in text_of(first.get(f"/console/draws/{draw.pk}/"))
    first.post(f"/console/draws/{draw.pk}/announce/")
    page = Client(HTTP_ACCEPT_LANGUAGE="en").get(f"/draws/{draw.pk}/")
    assert "双色球 2026150 期" in text_of(page)
    assert "自行车 × 1" in text_of(page)

    settle(contest)
    with clock.set_to(draw.seals_at):
        assert "To be sealed" in text_of(first.get("/console/"))
        first.post(f"/console/draws/{draw.pk}/seal/")
    draw.refresh_from_db()
    assert (draw.state, draw.count) == ("sealed", 7)
    with clock.set_to(event_at + timedelta(hours=1)):
        assert "Results due" in text_of(first.get("/console/"))
        page = first.post(f"/console/draws/{draw.pk}/results/", {"value_1": " "})
        assert page.status_code == 422
        first.post(f"/console/draws/{draw.pk}/results/", {"value_1": VALUE})
        page = first.post(f"/console/draws/{draw.pk}/confirm/", {"value_1": VALUE})
        assert page.status_code == 422
        assert "Somebody else has to confirm" in text_of(first.get(f"/console/draws/{draw.pk}/"))
        page = second.get(f"/console/draws/{draw.pk}/confirm/")
        assert VALUE not in text_of(page)  # the second person cannot copy it
        page = second.post(f"/console/draws/{draw.pk}/confirm/", {"value_1": "1 2 3"})
        assert "not what was entered before" in text_of(page)
        second.post(f"/console/draws/{draw.pk}/confirm/", {"value_1": VALUE})
        draw.refresh_from_db()
        assert draw.state == "drawn"
        winner = DrawWinner.objects.select_related("ticket").get(draw=draw, place=1)
        assert winner.ticket.ticket not in Client().get(f"/draws/{draw.pk}/").content.decode()
        assert Client().get(f"/draws/{draw.pk}/draw.json").status_code == 404
        first.post(f"/console/draws/{draw.pk}/publish/")
        assert winner.ticket.ticket in Client().get(f"/draws/{draw.pk}/").content.decode()


def test_typing_is_kept_and_a_line_half_filled_is_named() -> None:
    round = make_round()
    client = signed_in(make_staff(round.contest.activity.unit))
    values = DRAFT | {"round": "", "seals_at": local(round.closes_at), "prize_name_2": "手机"}
    page = client.post(f"/console/contests/{round.contest.activity.number}/draws/new/", values)
    assert page.status_code == 422
    assert "Fill in both, or leave both empty." in text_of(page)
    assert 'value="手机"' in page.content.decode()


def test_a_series_is_made_and_announced_from_its_first_day() -> None:
    contest = make_contest()
    rounds = [make_round(contest=contest) for _ in range(3)]
    client = signed_in(make_staff(contest.activity.unit))
    draw = make_draw(round=rounds[0])
    number = contest.activity.number
    page = client.post(
        f"/console/draws/{draw.pk}/daily/", {"event_name": "福彩 3D {date}", "hours_after_close": "45"}
    )
    assert page["Location"] == f"/console/contests/{number}/draws/"
    client.post(f"/console/contests/{number}/draws/announce/")
    assert PrizeDraw.objects.filter(contest=contest, state="announced").count() == 3


def test_a_draw_that_is_called_off_says_why_to_everybody() -> None:
    played = Played()
    client = signed_in(played.first)
    assert client.post(f"/console/draws/{played.draw.pk}/call-off/", {"reason": ""}).status_code == 422
    client.post(f"/console/draws/{played.draw.pk}/call-off/", {"reason": "彩票停售"})
    assert "彩票停售" in text_of(Client().get(f"/draws/{played.draw.pk}/"))


# everybody


def test_the_published_files_lead_to_the_winners(writer: Writer) -> None:
    played = Played(people=12)
    draw = played.publish()
    visitor = Client()
    lines = b"".join(visitor.get(f"/draws/{draw.pk}/tickets.txt").streaming_content)  # type: ignore[attr-defined]
    file = visitor.get(f"/draws/{draw.pk}/draw.json").content
    signature = bytes.fromhex(visitor.get(f"/draws/{draw.pk}/draw.sig").content.decode())
    assert drawing.check_draw(orjson.loads(file), drawing.read_list(io.BytesIO(lines))) == []
    page = text_of(visitor.get(f"/draws/{draw.pk}/"))
    key = ports.draw_signer().public_hex
    assert key in page
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, file)


def test_nobody_learns_a_name_that_was_not_shown(writer: Writer) -> None:
    played = Played(people=8)
    draw = played.publish()
    open_, shy = (
        DrawWinner.objects.select_related("ticket__entrant__membership__account").get(draw=draw, place=place)
        for place in (1, 2)
    )
    for winner, shows in ((open_, True), (shy, False)):
        membership = winner.ticket.entrant.membership
        assert membership is not None
        type(membership).objects.filter(pk=membership.pk).update(name="王芳" if shows else "李雷")
        membership.refresh_from_db()
        claim_prize(
            actor=OPERATOR,
            membership=membership,
            draw=draw,
            fields={"name": membership.name, "phone": "13800000000"},
            shows_name=shows,
        )
    page = Client().get(f"/draws/{draw.pk}/").content.decode()
    assert "王芳" in page
    assert "李雷" not in page
    assert "13800000000" not in page


def test_anybody_can_check_a_ticket(writer: Writer) -> None:
    played = Played(people=8)
    visitor = Client(HTTP_ACCEPT_LANGUAGE="en")
    draw = played.seal()
    ticket = draw.tickets.first().ticket  # type: ignore[union-attr]
    assert "This ticket is on the list" in text_of(visitor.get(f"/draws/{draw.pk}/?ticket={ticket}"))
    assert "not on the list" in text_of(visitor.get(f"/draws/{draw.pk}/?ticket={'0' * 32}"))
    assert "not on the list" in text_of(visitor.get(f"/draws/{draw.pk}/?ticket=%00<b>"))
    played.enter()
    played.confirm()
    publish_draw(actor=played.first, draw=draw)
    rows = {row.place: row.ticket.ticket for row in DrawWinner.objects.filter(draw=draw).select_related("ticket")}
    assert "This ticket won" in text_of(visitor.get(f"/draws/{draw.pk}/?ticket={rows[1]}"))
    assert "did not win" in text_of(visitor.get(f"/draws/{draw.pk}/?ticket={rows[5]}"))


# a member


def test_a_winner_finds_the_prize_and_claims_it(writer: Writer) -> None:
    played = Played(people=8)
    draw = played.publish()
    winner = DrawWinner.objects.select_related("ticket__entrant__membership__account").get(draw=draw, place=1)
    member = signed_in(winner.ticket.entrant.membership.account)  # type: ignore[union-attr]
    assert "You won: 一等奖：手机" in text_of(member.get("/"))
    page = member.get(f"/draws/{draw.pk}/mine/")
    assert winner.ticket.ticket in page.content.decode()
    assert member.post(f"/draws/{draw.pk}/mine/", {"name": "", "phone": ""}).status_code == 422
    member.post(f"/draws/{draw.pk}/mine/", {"name": "王芳", "phone": "13800000000", "note": "三车间"})
    assert "Your claim has arrived" in text_of(member.get(f"/draws/{draw.pk}/mine/"))
    assert "You won" not in text_of(member.get("/"))
    assert member.post(f"/draws/{draw.pk}/mine/", {"name": "王芳", "phone": "1"}).status_code == 422


def test_a_member_follows_the_ticket_from_the_sealing_to_the_reserves(writer: Writer) -> None:
    played = Played(people=8)
    entrant = played.entrants[0]
    member = signed_in(entrant.membership.account)  # type: ignore[union-attr]
    (outsider,) = make_people(played.contest, 1)
    address = f"/draws/{played.draw.pk}/mine/"
    assert "Tickets are not given out yet" in text_of(member.get(address))
    draw = played.seal()
    own = queries.own_ticket(entrant.membership, draw)  # type: ignore[arg-type]
    assert own is not None
    page = text_of(member.get(address))
    assert own.ticket in page
    assert "on the sealed list" in page
    assert "You have no ticket" in text_of(signed_in(outsider.membership.account).get(address))  # type: ignore[union-attr]
    played.enter()
    played.confirm()
    publish_draw(actor=played.first, draw=draw)
    rows = list(DrawWinner.objects.filter(draw=draw).select_related("ticket__entrant__membership__account"))
    reserve = signed_in(rows[3].ticket.entrant.membership.account)  # type: ignore[union-attr]
    assert "Not this time" in text_of(reserve.get(address))
    forfeit_prize(actor=played.first, winner=rows[0], reason="测试")
    assert "Claim it until" in text_of(reserve.get(address))
    lost = signed_in(rows[0].ticket.entrant.membership.account)  # type: ignore[union-attr]
    assert "no longer yours" in text_of(lost.get(address))
    reserve.post(f"/draws/{draw.pk}/decline/")
    assert DrawWinner.objects.get(draw=draw, place=4).forfeit == "declined"
    assert "Moved up from the reserves" in text_of(Client(HTTP_ACCEPT_LANGUAGE="en").get(f"/draws/{draw.pk}/"))


# the desk


def test_the_desk_hands_over_takes_back_and_passes_on(writer: Writer) -> None:
    played = Played(people=8)
    client = signed_in(played.first)
    desk = f"/console/draws/{played.draw.pk}/prizes/"
    assert "No winners yet" in text_of(client.get(desk))
    draw = played.publish()
    rows = list(DrawWinner.objects.filter(draw=draw).select_related("ticket__entrant__membership"))
    claim_prize(
        actor=OPERATOR,
        membership=rows[0].ticket.entrant.membership,  # type: ignore[arg-type]
        draw=draw,
        fields={"name": "王芳", "phone": "13800000000"},
    )
    assert "王芳 13800000000" in text_of(client.get(desk))
    client.post(f"{desk}hand-over/", {"place": "1"})
    client.post(f"{desk}hand-over/", {"place": "nothing"})
    client.post(f"{desk}hand-over/", {"place": "2"})  # not claimed: refused, and said so
    assert "Only a prize that was claimed" in text_of(client.get(desk))
    assert client.post(f"{desk}forfeit/", {"place": "2", "reason": ""}).status_code == 422
    client.post(f"{desk}forfeit/", {"place": "2", "reason": "两个账户"})
    assert "There is no such winner" in text_of(client.get(f"{desk}forfeit/?place=99"))
    found = list(DrawWinner.objects.filter(draw=draw).values_list("state", flat=True))
    assert found == ["handed_over", "forfeited", "won", "won", "reserve", "reserve"]
    assert rows[0].due_at is not None
    with clock.set_to(clock.now() + timedelta(days=15)):
        assert "not claimed in time" in text_of(client.get(desk))
        client.post(f"{desk}overdue/")
    found = list(DrawWinner.objects.filter(draw=draw).values_list("state", flat=True))
    assert found == ["handed_over", "forfeited", "forfeited", "forfeited", "won", "won"]
    page = client.post(f"{desk}export/")
    sheet = load_workbook(io.BytesIO(b"".join(page.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet.max_row == 7


# how many queries


@pytest.mark.parametrize("count", [1, 3])
def test_lists_ask_no_more_for_three_than_for_one(writer: Writer, count: int, django_assert_num_queries: Any) -> None:
    played = Played(people=8, prizes=[("书", count)], reserves=0)
    for _ in range(count - 1):
        announce_draws(actor=OPERATOR, draws=[make_draw(round=played.round)])
    draw = played.publish()
    contest, person = played.contest, played.first
    code = "contests:draw:view"
    with django_assert_num_queries(3):  # draws with their contests and units, prizes, events
        rows = list(queries.draws_visible_to(person, code).filter(contest=contest))
        assert [len(row.prizes.all()) for row in rows][-1] == count or len(rows) == count
    with django_assert_num_queries(1):
        assert len(list(queries.draws_of_contest(contest.pk))) == count
    with django_assert_num_queries(1):
        assert [row.ticket.ticket and row.prize.name for row in queries.winners_of(draw)] == ["书"] * count
