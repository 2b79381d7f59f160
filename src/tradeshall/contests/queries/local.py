"""Local items: what each unit beneath offers to a round, and which of it a member gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradeshall.contests.enums import ItemState
from tradeshall.contests.models import Item, Round
from tradeshall.contests.rules import rounds as rules


def local_shares(round: Round, sections: Sequence[Any]) -> dict[int, list[list[int] | None]]:
    """Return, for each unit beneath that offers enough, what it puts in place of each section; None: nothing.

    One query where a section asks for local items, none otherwise.
    """
    wanted = [at for at, section in enumerate(sections) if section.local]
    if not wanted:
        return {}
    rows = (
        Item.objects.filter(
            pool__offered_upward=True,
            pool__unit__path__startswith=round.unit_path,
            state=ItemState.REVIEWED.value,
        )
        .exclude(pool__unit__path=round.unit_path)
        .values_list("pk", "pool__unit_id", "form", "difficulty", "tags")
    )
    by_unit: dict[int, list[tuple[int, str, int, list[str]]]] = {}
    for number, unit, form, level, tags in rows:
        by_unit.setdefault(unit, []).append((number, form, level, tags))
    needs = [rules.needed(sections[at].count, round.exposure_cap_percent) for at in wanted]
    found: dict[int, list[list[int] | None]] = {}
    for unit, items in sorted(by_unit.items()):
        candidates = [
            [number for number, form, level, tags in items if rules.fits(sections[at], form, level, tags)]
            for at in wanted
        ]
        lines: list[list[int] | None] = [None] * len(sections)
        for at, share, need in zip(wanted, rules.allot(candidates, needs), needs, strict=True):
            if len(share) >= need:
                lines[at] = share
        if any(lines):
            found[unit] = lines
    return found


def variant_of(round: Round, unit_path: str) -> str:
    """Return the variant of a member: the nearest unit, their own or one above it, that has items in this round."""
    if not round.variants:
        return ""
    own = set(round.variants)
    return next((str(unit) for unit in reversed(keys_of(unit_path)) if unit in own), "")


def keys_of(path: str) -> list[int]:
    """Return the keys on a path, the federation's first and the unit's own last."""
    return [int(key) for key in path.rstrip("/").split("/")]
