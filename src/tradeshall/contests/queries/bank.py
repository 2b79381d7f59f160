"""Reading pools and items."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast

from tradeshall.campaigns.rules import paths_above
from tradeshall.contests.enums import ItemState
from tradeshall.contests.models import Item, Pool
from tradeshall.core import authority
from tradeshall.core.authority import Actor


def pools_visible_to(actor: Actor, code: str = "contests:pool:view") -> QuerySet[Pool]:
    """Return the pools of units in which an actor may do what `code` names."""
    return authority.scope(actor, code, Pool.objects.select_related("unit"), unit="unit")


def with_counts(pools: QuerySet[Pool]) -> QuerySet[Pool]:
    """Add to each pool how many items it has in each state: `drafts`, `reviewed`, `retired`."""
    return pools.annotate(
        drafts=Count("items", filter=Q(items__state=ItemState.DRAFT.value)),
        reviewed=Count("items", filter=Q(items__state=ItemState.REVIEWED.value)),
        retired=Count("items", filter=Q(items__state=ItemState.RETIRED.value)),
    )


def pools_usable_in(unit_path: str) -> QuerySet[Pool]:
    """Return the pools from which rounds of a unit may draw: its own, and those shared from above."""
    return (
        Pool.objects.filter(Q(unit__path=unit_path) | Q(unit__path__in=paths_above(unit_path), shared_downward=True))
        .select_related("unit")
        .order_by("unit__depth", "name")
    )


def items_visible_to(actor: Actor, code: str = "contests:item:view") -> QuerySet[Item]:
    """Return the items of units in which an actor may do what `code` names."""
    return authority.scope(actor, code, Item.objects.select_related("pool__unit"), unit="pool__unit")


def search_items(
    items: QuerySet[Item], *, text: str = "", form: str = "", state: str = "", difficulty: int = 0, tag: str = ""
) -> QuerySet[Item]:
    """Keep the items whose stem or source contains a text, of a form, a state, a difficulty, with a tag.

    "" and 0 leave a choice open.
    """
    if text:
        items = items.filter(Q(stem__icontains=text) | Q(source__icontains=text))
    if form:
        items = items.filter(form=form)
    if state:
        items = items.filter(state=state)
    if difficulty:
        items = items.filter(difficulty=difficulty)
    if tag:
        # SQLite cannot ask a JSON list what it contains, and keeps other scripts escaped in it.
        items = items.annotate(tags_text=Cast("tags", TextField())).filter(
            Q(tags_text__contains=json.dumps(tag)) | Q(tags_text__contains=json.dumps(tag, ensure_ascii=False))
        )
    return items


def statistics_of(item: Item) -> list[Any]:
    """Return how an item did in rounds that are over, the newest first, if anything has been worked out."""
    model: Any = apps.all_models["contests"].get("itemstatistics")
    if model is None:
        return []
    return list(model._default_manager.filter(item=item).select_related("round").order_by("-round__closes_at", "-pk"))


def tags_of(pools: QuerySet[Pool]) -> list[str]:
    """Return every tag on the items of pools, in order, for choosing among them."""
    found: set[str] = set()
    for tags in Item.objects.filter(pool__in=pools).values_list("tags", flat=True).iterator():
        found.update(tags)
    return sorted(found)
