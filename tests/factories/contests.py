"""Campaigns, contests and rounds for tests, made by the actions themselves."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.factories.units import make_federation

from tradeshall.campaigns.actions import create_campaign, publish_campaign
from tradeshall.campaigns.models import Campaign
from tradeshall.contests.actions.bank import create_item, create_pool
from tradeshall.contests.actions.ledger import deposit_pack
from tradeshall.contests.actions.rounds import (
    SectionDraft,
    close_round,
    create_contest,
    create_round,
    publish_round,
    set_blueprint,
)
from tradeshall.contests.actions.taking_part import enter_contest
from tradeshall.contests.enums import ItemForm
from tradeshall.contests.models import Contest, Entrant, Item, Pool, Round
from tradeshall.contests.rules.items import ItemDraft
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.people.models import Membership
from tradeshall.units.models import Unit

_numbers = itertools.count(1)


def make_campaign(*, unit: Unit | None = None, published: bool = True, **fields: Any) -> Campaign:
    """Return a campaign that began yesterday and lasts a month, published unless told otherwise."""
    today = clock.now().date()
    fields.setdefault("title", f"专题{next(_numbers)}")
    fields.setdefault("starts_on", today - timedelta(days=1))
    fields.setdefault("ends_on", today + timedelta(days=30))
    campaign = create_campaign(actor=OPERATOR, unit=unit or make_federation(), **fields)
    return publish_campaign(actor=OPERATOR, campaign=campaign) if published else campaign


def make_pool(*, unit: Unit | None = None, name: str = "", items: int = 0, shared_downward: bool = True) -> Pool:
    """Return a pool, with so many single-choice items whose right option is the first."""
    pool = create_pool(
        actor=OPERATOR,
        unit=unit or make_federation(),
        name=name or f"题库{next(_numbers)}",
        shared_downward=shared_downward,
    )
    for _ in range(items):
        make_item(pool=pool)
    return pool


def item_draft(**fields: Any) -> ItemDraft:
    """Return an item nobody has stored: single choice, A is right."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "form": ItemForm.SINGLE.value,
        "stem": f"八小时工作制的第{number}题？",
        "options": ("甲", "乙", "丙", "丁"),
        "key": (0,),
        "explanation": "因为甲。",
        "source": "《劳动法》第三十六条",
        **fields,
    }
    return ItemDraft(**values)


def make_item(*, pool: Pool | None = None, **fields: Any) -> Item:
    """Return a reviewed item, single choice with A right unless told otherwise."""
    return create_item(actor=OPERATOR, pool=pool or make_pool(), item=item_draft(**fields))


def make_contest(*, campaign: Campaign | None = None, unit: Unit | None = None, title: str = "") -> Contest:
    """Return a contest in a published campaign, for the campaign's unit unless another is given."""
    campaign = campaign or make_campaign(unit=unit)
    return create_contest(
        actor=OPERATOR, campaign=campaign, unit=unit or campaign.unit, title=title or f"知识竞赛{next(_numbers)}"
    )


def make_round(
    *,
    contest: Contest | None = None,
    unit: Unit | None = None,
    pools: Sequence[Pool] = (),
    count: int = 5,
    published: bool = True,
    deposited: bool = False,
    closed: bool = False,
    **fields: Any,
) -> Round:
    """Return a round that opened an hour ago and closes in a day, of `count` items drawn from ten.

    Published unless told otherwise; `deposited` also hands the pack to the ledger, as the outbox would.
    """
    contest = contest or make_contest(unit=unit)
    now = clock.now()
    fields.setdefault("title", f"第{next(_numbers)}轮")
    fields.setdefault("opens_at", now - timedelta(hours=1))
    fields.setdefault("closes_at", now + timedelta(days=1))
    row = create_round(actor=OPERATOR, contest=contest, **fields)
    pools = pools or [make_pool(unit=contest.activity.unit, items=2 * count)]
    row = set_blueprint(actor=OPERATOR, round=row, sections=[SectionDraft(pools=pools, count=count)])
    if published or closed:
        row = publish_round(actor=OPERATOR, round=row)
    if deposited:
        deposit_pack(actor=OPERATOR, round_id=row.pk)
    return close_round(actor=OPERATOR, round=row) if closed else row


def make_entrant(*, contest: Contest, membership: Membership) -> Entrant:
    """Return a member's entry into a contest."""
    return enter_contest(actor=OPERATOR, membership=membership, contest=contest)
