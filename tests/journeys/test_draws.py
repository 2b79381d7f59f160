"""Prize draws in a real browser: on a phone and on a desk, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.browser import DESKTOP, PHONE, assert_accessible, assert_no_overflow, assert_targets, choose, take
from tests.factories.draws import Played, make_draw
from tests.factories.ledgers import Writer as Writer
from tests.factories.ledgers import ledger_path, writer

from tradeshall.contests.actions.prizes import claim_prize, forfeit_prize
from tradeshall.contests.models import DrawWinner
from tradeshall.core.authority import OPERATOR

__all__ = ["ledger_path", "writer"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def checked(page: Page, address: str, name: str) -> None:
    page.goto(address)
    take(page, name)
    assert_accessible(page)
    assert_no_overflow(page)
    assert_targets(page)


@pytest.mark.parametrize(("size", "locale"), [(PHONE, "zh-CN"), (PHONE, "en-GB"), (DESKTOP, "en-GB")])
def test_the_pages_of_a_draw(
    writer: Writer,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, Any], None],
    size: dict[str, int],
    locale: str,
) -> None:
    played = Played(people=9)
    sealed = Played(people=5)
    sealed.seal()
    draft = make_draw(round=played.round, title="第二天抽奖")
    draw = played.publish()
    rows = list(DrawWinner.objects.filter(draw=draw).select_related("ticket__entrant__membership__account"))
    for row, shows in ((rows[0], True), (rows[1], False)):
        membership = row.ticket.entrant.membership
        assert membership is not None
        claim_prize(
            actor=OPERATOR,
            membership=membership,
            draw=draw,
            fields={"name": membership.name, "phone": "13800000000", "note": "第三车间办公室"},
            shows_name=shows,
        )
    forfeit_prize(actor=played.first, winner=rows[1], reason="两个账户")
    width = size["width"]
    visitor = open_page(size, locale)
    choose(visitor, language=locale[:2])
    checked(visitor, f"/draws/{draw.pk}/?ticket={rows[0].ticket.ticket}", f"draw-{width}-{locale}")
    member = open_page(size, locale)
    choose(member, language=locale[:2])
    sign_in(member, rows[2].ticket.entrant.membership.account)  # type: ignore[union-attr]
    checked(member, f"/draws/{draw.pk}/mine/", f"draw-mine-{width}-{locale}")
    checked(member, "/", f"draw-home-{width}-{locale}")
    organiser = open_page(size, locale)
    sign_in(organiser, played.first)
    number = played.contest.activity.number
    for address, name in [
        (f"/console/contests/{number}/draws/", "list"),
        (f"/console/contests/{number}/draws/new/", "new"),
        (f"/console/draws/{draft.pk}/", "draft"),
        (f"/console/draws/{draft.pk}/daily/", "daily"),
        (f"/console/draws/{draw.pk}/", "show"),
        (f"/console/draws/{draw.pk}/prizes/", "desk"),
        (f"/console/draws/{draw.pk}/prizes/forfeit/?place=1", "forfeit"),
    ]:
        checked(organiser, address, f"draw-console-{name}-{width}-{locale}")
    sealer = open_page(size, locale)
    sign_in(sealer, sealed.first)
    checked(sealer, f"/console/draws/{sealed.draw.pk}/", f"draw-console-sealed-{width}-{locale}")
