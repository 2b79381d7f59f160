"""Figures of all units of a contest at once, as columns: rolled up the tree, and which of them may be published.

Units stand in the order of their paths, so that everything beneath a unit follows it and a sum over a subtree is the
difference of two running sums. A hundred thousand units take some tens of milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np
import orjson

from tradeshall.contests.rules.boards import LEAST_MEMBERS, LEAST_TAKING_PART, may_be_shown_all

Column = np.ndarray[Any, np.dtype[Any]]

COLUMNS = (
    ("keys", "<i8"),
    ("parents", "<i4"),
    ("ends", "<i4"),
    ("kinds", "<i1"),
    ("depths", "<i1"),
    ("industries", "<i2"),
    ("members", "<i8"),
    ("people", "<i8"),
    ("attempts", "<i8"),
    ("score_sums", "<i8"),
    ("parts_count", "<i4"),
    ("parts_reached", "<i4"),
    ("shown", "<i1"),
    ("last_shown", "<i8"),
)


def pack_scores(scores: Mapping[int, int]) -> bytes:
    """Return how many have which score as bytes: pairs of little-endian 32-bit numbers, by score."""
    return np.array(sorted(pair for pair in scores.items() if pair[1]), dtype="<i4").tobytes()


def unpack_scores(packed: bytes) -> dict[int, int]:
    """Return how many have which score."""
    return {int(score): int(count) for score, count in np.frombuffer(packed, dtype="<i4").reshape(-1, 2)}


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A unit of the tree, with what its own members have done."""

    key: int
    path: str
    kind: str
    industry: str
    members: int
    people: int = 0
    attempts: int = 0
    score_sum: int = 0
    scores: bytes = b""


@dataclass(slots=True)
class Figures:
    """Figures of units, each with all beneath it; `shown` are those that may be published, the first is the root.

    `parts_count` is how many parts of a unit are large enough to be asked for (see `count_parts`), `parts_reached` in
    how many of them enough took part. `last_shown`: how many took part when a unit was last published, 0 if never.
    `tops` holds, for some n, the sum of the n best scores. Without `scored`, scores may not be seen and are 0.
    """

    keys: Column
    parents: Column
    ends: Column
    kinds: Column
    depths: Column
    industries: Column
    members: Column
    people: Column
    attempts: Column
    score_sums: Column
    parts_count: Column
    parts_reached: Column
    shown: Column
    last_shown: Column
    tops: dict[int, Column]
    kind_names: list[str]
    industry_names: list[str]
    as_of: datetime
    scored: bool = True
    _rows: Column | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.keys)

    def row_of(self, key: int) -> int | None:
        """Return the row of a unit."""
        if self._rows is None:
            self._rows = np.argsort(self.keys, kind="stable")
        place = int(np.searchsorted(self.keys, key, sorter=self._rows))
        if place == len(self.keys) or self.keys[self._rows[place]] != key:
            return None
        return int(self._rows[place])

    def above(self, row: int) -> Iterable[int]:
        """Yield a row and those above it, nearest first."""
        while row >= 0:
            yield row
            row = int(self.parents[row])

    def kind_of(self, row: int) -> str:
        return self.kind_names[int(self.kinds[row])]

    def to_bytes(self) -> bytes:
        """Return all of it as one body: a header, then the columns."""
        header = {
            "as_of": self.as_of.timestamp(),
            "scored": self.scored,
            "kinds": self.kind_names,
            "industries": self.industry_names,
            "tops": sorted(self.tops),
            "rows": len(self),
        }
        columns = [getattr(self, name).astype(code).tobytes() for name, code in COLUMNS]
        tops = [self.tops[n].astype("<i8").tobytes() for n in sorted(self.tops)]
        return b"\n".join([orjson.dumps(header), b"".join([*columns, *tops])])

    @classmethod
    def from_bytes(cls, body: bytes) -> Figures:
        """Return what `to_bytes` made; the columns are views of the body."""
        at = body.index(b"\n")
        header = orjson.loads(body[:at])
        rows, at, columns = header["rows"], at + 1, {}
        for name, code in COLUMNS:
            columns[name] = np.frombuffer(body, code, rows, at)
            at += columns[name].nbytes
        tops = {}
        for n in header["tops"]:
            tops[n] = np.frombuffer(body, "<i8", rows, at)
            at += tops[n].nbytes
        as_of = datetime.fromtimestamp(header["as_of"], UTC)
        return cls(
            **columns,
            tops=tops,
            kind_names=header["kinds"],
            industry_names=header["industries"],
            as_of=as_of,
            scored=header["scored"],
        )


def rolled_up(lines: Sequence[UnitLine], tops: Iterable[int], as_of: datetime, *, scored: bool = True) -> Figures:
    """Return the figures of some units that make one tree with one root; none is shown yet."""
    lines = sorted(lines, key=lambda line: line.path)
    rows = {line.path: row for row, line in enumerate(lines)}
    paths = [line.path for line in lines]
    parents = np.array([rows.get(path[: path[:-1].rfind("/") + 1], -1) for path in paths], dtype="<i4")
    depths = np.array([path.count("/") for path in paths], dtype="<i1")
    ends = _ends(parents)
    kinds, kind_names = _coded([line.kind for line in lines], "<i1")
    industries, industry_names = _coded([line.industry for line in lines], "<i2")

    def total(values: Iterable[int]) -> Column:
        running = np.concatenate(([0], np.cumsum(np.fromiter(values, "<i8", len(lines)))))
        return running[ends] - running[: len(lines)]

    def own_scores(line: UnitLine) -> int:
        return line.score_sum if scored else 0

    members = total(line.members for line in lines)
    people = total(line.people for line in lines)
    figures = Figures(
        keys=np.fromiter((line.key for line in lines), "<i8", len(lines)),
        parents=parents,
        ends=ends,
        kinds=kinds,
        depths=depths,
        industries=industries,
        members=members,
        people=people,
        attempts=total(line.attempts for line in lines),
        score_sums=total(own_scores(line) for line in lines),
        parts_count=np.zeros(len(lines), "<i4"),
        parts_reached=np.zeros(len(lines), "<i4"),
        shown=np.zeros(len(lines), "<i1"),
        last_shown=np.zeros(len(lines), "<i8"),
        tops=top_sums(lines if scored else [], parents, depths, tops),
        kind_names=kind_names,
        industry_names=industry_names,
        as_of=as_of,
        scored=scored,
    )
    figures.parts_count, figures.parts_reached = count_parts(figures)
    return figures


def _coded(words: Sequence[str], code: str) -> tuple[Column, list[str]]:
    names = sorted(set(words))
    numbers = {name: number for number, name in enumerate(names)}
    return np.fromiter((numbers[word] for word in words), code, len(words)), names


def _ends(parents: Column) -> Column:
    """Return for each row the row after the last one beneath it."""
    ends = np.arange(1, len(parents) + 1, dtype="<i4")
    for row in range(len(parents) - 1, 0, -1):
        above = parents[row]
        if above >= 0 and ends[above] < ends[row]:
            ends[above] = ends[row]
    return ends


def top_sums(lines: Sequence[UnitLine], parents: Column, depths: Column, tops: Iterable[int]) -> dict[int, Column]:
    """Return for each n the sum of the n best scores of each unit and all beneath it.

    Level by level from the deepest: what is not among the n best of a unit is not among those of the unit above.
    """
    found = {n: np.zeros(len(parents), "<i8") for n in tops}
    own = b"".join(line.scores for line in lines)
    if not own or not found:
        return found
    pairs = np.frombuffer(own, "<i4").reshape(-1, 2).astype("<i8")
    lengths = np.fromiter((len(line.scores) // 8 for line in lines), "<i8", len(lines))
    at = np.repeat(np.arange(len(lines)), lengths)
    for n, sums in found.items():
        rows, scores, counts = at[:0], pairs[:0, 0], pairs[:0, 1]
        for depth in range(int(depths.max()), 0, -1):
            here = depths[at] == depth
            rows = np.concatenate((rows, at[here]))
            scores = np.concatenate((scores, pairs[here, 0]))
            counts = np.concatenate((counts, pairs[here, 1]))
            if not len(rows):
                continue
            order = np.lexsort((-scores, rows))
            rows, scores, counts = rows[order], scores[order], counts[order]
            running = np.cumsum(counts)
            first = np.concatenate(([True], rows[1:] != rows[:-1]))
            base = np.repeat((running - counts)[first], np.diff(np.append(np.flatnonzero(first), len(rows))))
            kept = np.clip(n - (running - counts - base), 0, counts)
            np.add.at(sums, rows, scores * kept)
            stays = (kept > 0) & (parents[rows] >= 0)
            rows, scores, counts = parents[rows[stays]].astype("<i8"), scores[stays], kept[stays]
    return found


BRANCH, GROUP = "branch", "group"


def count_parts(figures: Figures) -> tuple[Column, Column]:
    """Return how many branches beneath each unit have thirty members, and in how many of them ten took part.

    Whether ten of thirty took part is what decides whether a unit is shown at all, so these two figures say nothing
    of a small unit that its absence does not say. A branch has no such parts: groups are smaller than that.
    """
    branch = figures.kinds == (figures.kind_names.index(BRANCH) if BRANCH in figures.kind_names else -1)
    asked = branch & (figures.members >= LEAST_MEMBERS)
    reached = asked & (figures.people >= LEAST_TAKING_PART)

    def beneath(mask: Column) -> Column:
        running = np.concatenate(([0], np.cumsum(mask)))
        return (running[figures.ends] - running[1:]).astype("<i4")

    return beneath(asked), beneath(reached)


# What may be published ---------------------------------------------------------------------------------------


def publish(figures: Figures, levels: Iterable[tuple[str, int | None]], before: Figures | None = None) -> Figures:
    """Say which units of some levels (kind, and depth or None) may be published; `before` is what was, last time.

    What stays when everything published beneath a published unit is taken from it (the rest) has to be nobody at all
    or as large as any unit that is published, so that no smaller figure can be had by subtraction; and so has what
    stays of the whole. Where it is not, the smallest published unit joins the rest. Levels, industries and boards
    choose among the same units, and therefore tell nothing beyond these.

    A unit that was published and then was not comes back only when ten more have taken part in it: had it the same
    figure before and after, what it had in between would be known, and with it the rest.
    """
    last_shown = np.zeros(len(figures), "<i8")
    was_shown = np.zeros(len(figures), bool)
    if before is not None and len(before):
        old = _matched(figures.keys, before)
        known = old >= 0
        last_shown[known] = before.last_shown[old[known]]
        was_shown[known] = before.shown[old[known]] > 0
    large = may_be_shown_all(figures.members, figures.people)
    asked = np.zeros(len(figures), bool)
    for kind, depth in levels:
        code = figures.kind_names.index(kind) if kind in figures.kind_names else -1
        asked |= (figures.kinds == code) & (True if depth is None else figures.depths == depth)
    asked[0:1] = False
    back_too_soon = ~was_shown & (last_shown > 0) & (figures.people < last_shown + LEAST_TAKING_PART)
    shown = asked & large & ~back_too_soon
    if len(figures) == 0 or not large[0]:
        shown[:] = False
    else:
        _join(figures, shown, asked, was_shown, last_shown)
    last_shown[shown] = figures.people[shown]
    return replace(figures, shown=shown.astype("<i1"), last_shown=last_shown, _rows=None)


def _matched(keys: Column, before: Figures) -> Column:
    order = np.argsort(before.keys, kind="stable")
    place = np.minimum(np.searchsorted(before.keys, keys, sorter=order), len(order) - 1)
    rows = order[place]
    found: Column = np.where(before.keys[rows] == keys, rows, -1)
    return found


def nearest_shown(figures: Figures, shown: Column) -> Column:
    """Return for each row the nearest shown row above it, the root if there is none; -1 for the root itself."""
    nearest: Column = np.where(figures.parents >= 0, 0, -1).astype("<i8")
    for depth in range(int(figures.depths.min()) + 1, int(figures.depths.max()) + 1):
        here = np.flatnonzero(figures.depths == depth)
        above = figures.parents[here]
        nearest[here] = np.where(shown[above], above, np.where(above == 0, 0, nearest[above]))
    return nearest


def _join(figures: Figures, shown: Column, asked: Column, was_shown: Column, last_shown: Column) -> None:
    nearest = nearest_shown(figures, shown)
    count = len(figures)
    holders = shown.copy()
    holders[0] = True
    inner = np.flatnonzero(shown)

    def rest(values: Column) -> Column:
        found: Column = values - np.bincount(nearest[inner], values[inner], count).astype("<i8")
        return found

    members, people = rest(figures.members), rest(figures.people)
    somebody = (figures.members > 0) | (figures.people > 0)
    hidden = np.flatnonzero(asked & ~shown & somebody)
    hidden_count = np.bincount(nearest[hidden], minlength=count)
    known = hidden[last_shown[hidden] > 0]  # published once: its figure of then is known
    known_count = np.bincount(nearest[known], minlength=count)

    def unsafe(row: int) -> bool:
        if members[row] == 0 and people[row] == 0:
            return False
        too_small = members[row] < LEAST_MEMBERS or people[row] < LEAST_TAKING_PART
        return bool(too_small or (hidden_count[row] == 1 and known_count[row] == 1))

    order = np.lexsort((figures.members[inner], was_shown[inner], nearest[inner]))
    beneath: dict[int, list[tuple[bool, int, int]]] = {}
    for row in inner[order]:
        place = (bool(was_shown[row]), int(figures.members[row]), int(row))
        beneath.setdefault(int(nearest[row]), []).append(place)
    few = (members < LEAST_MEMBERS) | (people < LEAST_TAKING_PART)
    doubtful = holders & ((members > 0) | (people > 0)) & (few | ((hidden_count == 1) & (known_count == 1)))
    for row in sorted(map(int, np.flatnonzero(doubtful)), key=lambda row: (-int(figures.depths[row]), row)):
        if not holders[row]:
            continue  # it joined the rest of a unit above
        candidates = beneath.get(row, [])
        heapify(candidates)
        while unsafe(row) and candidates:
            was, _, joined = heappop(candidates)
            shown[joined] = holders[joined] = False
            members[row] += members[joined]
            people[row] += people[joined]
            hidden_count[row] += hidden_count[joined] + 1
            known_count[row] += known_count[joined] + (was or last_shown[joined] > 0)
            for inner_one in beneath.pop(joined, []):
                heappush(candidates, inner_one)
