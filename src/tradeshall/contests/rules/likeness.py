"""Finding items that nearly say the same, among ten thousand in a few seconds.

Two items are alike when the pairs of neighbouring letters of their normalised questions and answers are shared to
seven tenths or more (Jaccard), and their questions name the same figures: 1919 is not 1949. Candidates come from an
index of each text's rarest pairs: two sets that share a fraction t meet at least k times among the first
n - ceil(t n) + k of each in one common order (prefix filtering: Chaudhuri, Ganti, Kaushik, ICDE 2006; with k above
one: Wang, Li, Feng, SIGMOD 2012), so none is missed.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tradeshall.contests.rules.items import normalised

ALIKE = 0.7
MEETINGS = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """What of an item is compared."""

    grams: frozenset[str]
    figures: tuple[str, ...]


def wording_of(stem: str, answers: Sequence[str]) -> Wording:
    """Return what of an item is compared: of its question, and of its options, matches or accepted texts."""
    text = normalised(stem)
    grams = set(_grams(text))
    for answer in answers:
        grams.update(_grams(normalised(answer)))
    return Wording(frozenset(grams), tuple(sorted(re.findall(r"\d+", text))))


def _grams(text: str) -> Iterable[str]:
    return (text[at : at + 2] for at in range(len(text) - 1)) if len(text) > 1 else [text] if text else []


def likeness(one: Wording, other: Wording) -> float:
    """Return the share of pairs of letters two wordings have in common; 0 if they name other figures."""
    if one.figures != other.figures or not one.grams or not other.grams:
        return 0.0
    common = len(one.grams & other.grams)
    return common / (len(one.grams) + len(other.grams) - common)


@dataclass(slots=True)
class LikenessIndex:
    """Wordings by their keys; `common` counts how often a pair of letters stands in the texts it was made for."""

    common: Counter[str] = field(default_factory=Counter)
    least: float = ALIKE
    wordings: dict[int, Wording] = field(default_factory=dict)
    _found_by: dict[tuple[tuple[str, ...], str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, key: int, wording: Wording) -> None:
        self.wordings[key] = wording
        for gram in self._prefix(wording):
            self._found_by[wording.figures, gram].append(key)

    def like(self, wording: Wording) -> list[tuple[int, float]]:
        """Return the keys of everything alike, the most alike first, with their likeness."""
        met: Counter[int] = Counter()
        for gram in self._prefix(wording):
            met.update(self._found_by.get((wording.figures, gram), ()))
        size = len(wording.grams)
        needed = min(MEETINGS, math.ceil(self.least * size))
        found = []
        for key, times in met.items():
            if times < needed:
                continue
            other = self.wordings[key]
            if not self.least * size <= len(other.grams) <= size / self.least:
                continue
            if (share := likeness(wording, other)) >= self.least:
                found.append((key, share))
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def _prefix(self, wording: Wording) -> list[str]:
        rare = sorted(wording.grams, key=lambda gram: (self.common[gram], gram))
        return rare[: len(rare) - math.ceil(self.least * len(rare)) + MEETINGS]


def index_of(wordings: Iterable[tuple[int, Wording]]) -> LikenessIndex:
    """Return an index of wordings."""
    listed = list(wordings)
    index = LikenessIndex(Counter(gram for _, wording in listed for gram in wording.grams))
    for key, wording in listed:
        index.add(key, wording)
    return index


def groups_of(
    wordings: Sequence[tuple[int, Wording]], apart: Iterable[tuple[int, int]] = ()
) -> list[list[tuple[int, float]]]:
    """Return the groups of two or more that are alike, directly or by way of others, the largest likeness first.

    Each member comes with its likeness to the one most like it. Pairs `apart` have been found to be different.
    """
    index = index_of([])
    index.common = Counter(gram for _, wording in wordings for gram in wording.grams)
    known = {(min(pair), max(pair)) for pair in apart}
    parent: dict[int, int] = {}
    best: dict[int, float] = {}

    def root(key: int) -> int:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for key, wording in wordings:
        for other, share in index.like(wording):
            if (min(key, other), max(key, other)) in known:
                continue
            best[key], best[other] = max(best.get(key, 0), share), max(best.get(other, 0), share)
            parent[root(key)] = root(other)
        index.add(key, wording)
    groups: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for key in best:
        groups[root(key)].append((key, best[key]))
    return sorted(
        (sorted(group) for group in groups.values()), key=lambda group: (-max(share for _, share in group), group[0])
    )
