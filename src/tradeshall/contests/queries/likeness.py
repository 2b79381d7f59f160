"""Which items of a pool nearly say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tradeshall.contests.enums import ItemState
from tradeshall.contests.models import Item, KeptApart, Pool
from tradeshall.contests.rules.items import ItemDraft
from tradeshall.contests.rules.likeness import LikenessIndex, Wording, groups_of, index_of, wording_of
from tradeshall.core.spreadsheets import Problem

COMPARED = ("pk", "stem", "options", "matches", "accepted")


def wordings_of(pool: Pool) -> Iterator[tuple[int, Wording]]:
    """Yield the items of a pool that are in use, as they are compared."""
    rows = Item.objects.filter(pool=pool).exclude(state=ItemState.RETIRED.value).order_by("pk")
    for pk, stem, options, matches, accepted in rows.values_list(*COMPARED).iterator():
        yield pk, wording_of(stem, [*options, *matches, *(text for texts in accepted for text in texts)])


def groups_alike(pool: Pool) -> list[list[tuple[int, float]]]:
    """Return the groups of items of a pool that are alike, each item with its likeness to the nearest."""
    apart = KeptApart.objects.filter(first__pool=pool).values_list("first", "second")
    return groups_of(list(wordings_of(pool)), apart)


@dataclass(slots=True)
class Alike:
    """Says of new items of a file which ones of the pool, or earlier in the file, they are like."""

    pool: Pool
    _index: LikenessIndex | None = None
    _lines: dict[int, int] = field(default_factory=dict)  # keys below 0 are of the file

    def notes_on(self, line: int, item: ItemDraft) -> list[Problem]:
        """Return at most one note on an item that is new, and remember it for those after it."""
        if self._index is None:
            self._index = index_of(wordings_of(self.pool))
        wording = wording_of(
            item.stem, [*item.options, *item.matches, *(t for texts in item.accepted for t in texts)]
        )
        found = self._index.like(wording)[:1]
        key = -len(self._lines) - 1
        self._lines[key] = line
        self._index.add(key, wording)
        if not found:
            return []
        other, share = found[0]
        percent = int(share * 100)
        if other < 0:
            return [Problem("stem", "contests:note:like_line", {"line": self._lines[other], "percent": percent})]
        return [Problem("stem", "contests:note:like_item", {"number": other, "percent": percent})]
