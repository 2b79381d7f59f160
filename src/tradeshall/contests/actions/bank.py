"""Writing pools and items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from tradeshall.contests import permissions
from tradeshall.contests.enums import ItemState
from tradeshall.contests.models import Item, ItemVersion, Pool
from tradeshall.contests.rules import items as rules
from tradeshall.contests.rules.items import ItemDraft, Media
from tradeshall.core import authority, clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.journal.actions import record_change, record_changes

if TYPE_CHECKING:
    from tradeshall.units.models import Unit


def create_pool(
    *,
    actor: Actor,
    unit: Unit,
    name: str,
    shared_downward: bool = False,
    needs_source: bool = False,
    offered_upward: bool = False,
) -> Pool:
    """Open a pool of items in a unit; shared downward, units beneath may draw from it too.

    With `needs_source` an item is reviewed only once it says what proves it. Offered upward, contests of units above
    may give its items to this unit's own members.

    Refuses an actor who may not edit pools there, an empty name, and one the unit already uses.
    """
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.POOL_EDIT, unit))
        name = name.strip()
        require(_refuse_pool_name(name, unit.pk))
        pool = Pool.objects.create(
            unit=unit,
            name=name,
            shared_downward=shared_downward,
            needs_source=needs_source,
            offered_upward=offered_upward,
        )
        record_change(
            actor=actor,
            verb="contests:pool:create",
            thing=pool,
            acting_unit_code=unit.code,
            changes={
                "name": [None, name],
                "shared_downward": [None, shared_downward],
                "needs_source": [None, needs_source],
                "offered_upward": [None, offered_upward],
            },
        )
    return pool


def edit_pool(
    *,
    actor: Actor,
    pool: Pool,
    name: str,
    shared_downward: bool,
    needs_source: bool | None = None,
    offered_upward: bool | None = None,
) -> Pool:
    """Rename a pool, change who may draw from it, or whether its items need a source; None leaves a thing as it is.

    What has been reviewed stays so: a source is asked for at the next review.
    """
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.POOL_EDIT, pool))
        name = name.strip()
        require(_refuse_pool_name(name, pool.unit_id, but=pool.pk))
        wanted = {
            "name": name,
            "shared_downward": shared_downward,
            "needs_source": pool.needs_source if needs_source is None else needs_source,
            "offered_upward": pool.offered_upward if offered_upward is None else offered_upward,
        }
        changes = {
            field: [getattr(pool, field), after] for field, after in wanted.items() if getattr(pool, field) != after
        }
        if changes:
            for field, (_before, after) in changes.items():
                setattr(pool, field, after)
            pool.save(update_fields=list(changes))
            record_change(
                actor=actor,
                verb="contests:pool:edit",
                thing=pool,
                acting_unit_code=pool.unit.code,
                changes=changes,
            )
    return pool


def _refuse_pool_name(name: str, unit_id: int, but: int | None = None) -> Any:
    if not name:
        return refuse("contests:pool:name_empty", field_name="name")
    if len(name) > 80:
        return refuse("contests:pool:name_too_long", field_name="name", most=80)
    if Pool.objects.filter(unit_id=unit_id, name=name).exclude(pk=but or 0).exists():
        return refuse("contests:pool:name_taken", field_name="name", name=name)
    return None


def create_item(*, actor: Actor, pool: Pool, item: ItemDraft) -> Item:
    """Add an item to a pool: reviewed at once if the actor may review, else a draft.

    Refuses an actor who may not edit items there, everything `rules.items` refuses (by field), and an item
    whose form and stem are already in the pool.
    """
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.ITEM_EDIT, pool))
        item = rules.tidied(item)
        require(*rules.judge_item(item), _refuse_stem_taken(pool, item))
        row = Item.objects.create(
            pool=pool,
            state=state_for_new(actor, pool, item.source),
            stem_hash=rules.item_hash(item),
            **fields_of(item),
        )
        record_change(
            actor=actor,
            verb="contests:item:create",
            thing=row,
            acting_unit_code=pool.unit.code,
            changes={"form": [None, row.form], "stem": [None, row.stem]},
        )
    return row


def edit_item(*, actor: Actor, item: Item, draft: ItemDraft, version: int | None = None) -> Item:
    """Change an item; it gains a version, and becomes a draft again unless the actor may review.

    `version` is the one the editor started from: if somebody else has changed the item since, the edit is
    refused. Rounds already published keep the item as it was when they were sealed.
    """
    with transaction.atomic():
        require(permissions.refuse_unless_may(actor, permissions.ITEM_EDIT, item))
        draft = rules.tidied(draft)
        require(*rules.judge_item(draft), _refuse_stem_taken(item.pool, draft, but=item.pk))
        before, after = fields_of(draft_of(item)), fields_of(draft)
        changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if not changes:
            return item
        state = item.state
        lacks = rules.refuse_without_source(item.pool.needs_source, draft.source) is not None
        if state == ItemState.REVIEWED and (lacks or not authority.may(actor, permissions.ITEM_REVIEW, item)):
            state = rules.ITEM.target("reopen")
            changes["state"] = [item.state, state]
        written = Item.objects.filter(pk=item.pk, version=item.version if version is None else version).update(
            **after,
            state=state,
            version=F("version") + 1,
            stem_hash=rules.item_hash(draft),
            updated_at=clock.now(),
        )
        if not written:
            raise Refused(refuse("contests:item:changed_meanwhile"))
        keep_former(actor, [(item, before)])
        item.refresh_from_db()
        record_change(
            actor=actor,
            verb="contests:item:edit",
            thing=item,
            acting_unit_code=item.pool.unit.code,
            changes=changes,
        )
    return item


def review_item(*, actor: Actor, item: Item) -> Item:
    """Say that an item is right and may be drawn."""
    _move_items(actor, [item], "review", permissions.ITEM_REVIEW)
    return item


def reopen_item(*, actor: Actor, item: Item) -> Item:
    """Take an item back to draft: it is drawn no more until it is reviewed again."""
    _move_items(actor, [item], "reopen", permissions.ITEM_REVIEW)
    return item


def retire_item(*, actor: Actor, item: Item, reason: str = "") -> Item:
    """Take an item out of use for good; rounds already published keep it."""
    _move_items(actor, [item], "retire", permissions.ITEM_EDIT, reason)
    return item


def review_items(*, actor: Actor, items: Iterable[Item]) -> int:
    """Review many items of one pool at once; those that are no drafts are left as they are. Returns how many."""
    drafts = [item for item in items if item.state == ItemState.DRAFT]
    _move_items(actor, drafts, "review", permissions.ITEM_REVIEW)
    return len(drafts)


def _move_items(actor: Actor, items: Sequence[Item], verb: str, code: str, reason: str = "") -> None:
    with transaction.atomic():
        for pool in {item.pool_id: item.pool for item in items}.values():
            require(permissions.refuse_unless_may(actor, code, pool))
        if verb == "review":
            lacking = (rules.refuse_without_source(item.pool.needs_source, item.source) for item in items)
            require(next((refusal for refusal in lacking if refusal is not None), None))
        target = rules.ITEM.target(verb)
        moved = Item.objects.filter(pk__in=[item.pk for item in items], state__in=rules.ITEM.sources(verb)).update(
            state=target, updated_at=clock.now()
        )
        if moved != len(items):
            raise Refused(refuse(f"contests:item:cannot_{verb}"))
        record_changes(
            actor=actor,
            verb=f"contests:item:{verb}",
            lines=[(item, {"state": [item.state, target]}) for item in items],
            acting_unit_code=items[0].pool.unit.code if items else "",
            reason=reason,
        )
        for item in items:
            item.state = target


def keep_former(actor: Actor, rows: Iterable[tuple[Item, dict[str, Any]]]) -> None:
    """Keep how items read before they were changed; `rows` hold them with the version and fields they had."""
    now = clock.now()
    ItemVersion.objects.bulk_create(
        [
            ItemVersion(item=item, version=item.version, content=content, actor=str(actor), replaced_at=now)
            for item, content in rows
        ],
        batch_size=500,
    )


def state_for_new(actor: Actor, pool: Pool, source: str) -> str:
    """Return the state of what an actor adds to a pool: whoever may review vouches for it, if its source is there."""
    lacks = rules.refuse_without_source(pool.needs_source, source) is not None
    reviewed = not lacks and authority.may(actor, permissions.ITEM_REVIEW, pool)
    return (ItemState.REVIEWED if reviewed else ItemState.DRAFT).value


def fields_of(item: ItemDraft) -> dict[str, Any]:
    """Return an item's fields as a row holds them."""
    return {name: _listed(value) for name, value in asdict(item).items()}


def _listed(value: Any) -> Any:
    return [_listed(one) for one in value] if isinstance(value, tuple) else value


def draft_of(row: Item) -> ItemDraft:
    """Return what a row says as the rules read it."""
    return ItemDraft(
        row.form,
        row.stem,
        tuple(row.options),
        tuple(row.key),
        row.explanation,
        row.difficulty,
        tuple(row.tags),
        row.source,
        tuple(tuple(texts) for texts in row.accepted),
        tuple(row.matches),
        tuple(Media(**one) for one in row.media),
    )


def _refuse_stem_taken(pool: Pool, item: ItemDraft, but: int | None = None) -> Any:
    taken = Item.objects.filter(pool=pool, stem_hash=rules.item_hash(item)).exclude(pk=but or 0)
    return refuse("contests:item:stem_taken", field_name="stem") if taken.exists() else None
