"""The forms beside choices: how each is shown, how a response to it is read, which of its parts are right.

    fill_in   ["text", …], one for each gap, "" for none
    numeric   ["text"]
    matching  [position, …], for each option the place on the paper of what belongs to it, -1 for none
    ordering  [position, …], the places on the paper from first to last, each once

A response that says nothing in any part is none: it is kept as ().
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

from tradeshall.engine.codes import Code, EngineRefused, refused
from tradeshall.engine.paper import Order
from tradeshall.engine.typed import LONGEST_TEXT, cleaned, number_matches, read_number, read_tolerance, text_key
from tradeshall.engine.wire import Form, ItemSpec

Answered = tuple[int | str, ...]
"""What stands on a paper for one item: positions as shown, or typed texts; () for nothing."""
Marks = list[bool | None]
"""Of each part whether it is right; None where nothing was given."""


class PlayedForm(Protocol):
    """One item of such a form."""

    moved: tuple[str, ...]  # what is shuffled on the paper
    shown: dict[str, Any]  # what the paper says beside it

    def read(self, raw: list[Any], no: int) -> Answered:
        """Return a response as it is kept; refuses what does not fit the item."""

    def marks(self, order: Order, given: Sequence[Any]) -> Marks:
        """Return which parts of a response, as shown, are right."""

    def right(self, order: Order) -> dict[str, Any]:
        """Return what a review says is right, positions as shown."""


class FillIn:
    def __init__(self, spec: ItemSpec) -> None:
        self.moved: tuple[str, ...] = ()
        self.shown: dict[str, Any] = {"gaps": len(spec.accepted)}
        self._accepted = spec.accepted
        self._keys = [frozenset(map(text_key, texts)) for texts in spec.accepted]

    def read(self, raw: list[Any], no: int) -> Answered:
        return _texts(raw, len(self._keys), no)

    def marks(self, order: Order, given: Sequence[Any]) -> Marks:
        return [text_key(text) in keys if text else None for text, keys in zip(given, self._keys, strict=True)]

    def right(self, order: Order) -> dict[str, Any]:
        return {"key": [], "accepted": self._accepted}


class Numeric:
    def __init__(self, spec: ItemSpec) -> None:
        self.moved: tuple[str, ...] = ()
        self.shown: dict[str, Any] = {}
        self._accepted = spec.accepted
        value = read_number(spec.accepted[0][0])
        tolerance = None if value is None else read_tolerance(spec.accepted[0][1], value)
        if value is None or tolerance is None:
            raise ValueError(f"item {spec.number}: neither value nor tolerance can be read")
        self._value, self._tolerance = value, tolerance

    def read(self, raw: list[Any], no: int) -> Answered:
        return _texts(raw, 1, no)

    def marks(self, order: Order, given: Sequence[Any]) -> Marks:
        return [number_matches(text, self._value, self._tolerance) for text in given]

    def right(self, order: Order) -> dict[str, Any]:
        return {"key": [], "accepted": self._accepted}


class Matching:
    def __init__(self, spec: ItemSpec) -> None:
        self.moved = spec.matches
        self.shown: dict[str, Any] = {"options": spec.options}
        self._key = spec.key

    def read(self, raw: list[Any], no: int) -> Answered:
        most = len(self.moved)
        if len(raw) != len(self._key) or any(type(place) is not int for place in raw):
            raise _malformed(no)
        if not all(-1 <= place < most for place in raw):
            raise refused(Code.RESPONSE_NOT_ON_PAPER, no=no, options=most)
        return tuple(raw) if max(raw) >= 0 else ()

    def marks(self, order: Order, given: Sequence[Any]) -> Marks:
        return [None if place < 0 else order[place] == key for place, key in zip(given, self._key, strict=True)]

    def right(self, order: Order) -> dict[str, Any]:
        return {"key": [order.index(key) for key in self._key]}


class Ordering:
    def __init__(self, spec: ItemSpec) -> None:
        self.moved = spec.options
        self.shown: dict[str, Any] = {}
        self._key = spec.key

    def read(self, raw: list[Any], no: int) -> Answered:
        if any(type(place) is not int for place in raw) or sorted(raw) != list(range(len(self._key))):
            raise _malformed(no)
        return tuple(raw)

    def marks(self, order: Order, given: Sequence[Any]) -> Marks:
        return [order[place] == key for place, key in zip(given, self._key, strict=True)]

    def run(self, order: Order, given: Sequence[int]) -> int:
        """Return how many stand one after another as they should, in the longest such run."""
        ranks = [self._key.index(order[place]) for place in given]
        longest = length = 1
        for before, rank in pairwise(ranks):
            length = length + 1 if rank == before + 1 else 1
            longest = max(longest, length)
        return longest

    def right(self, order: Order) -> dict[str, Any]:
        return {"key": [order.index(key) for key in self._key]}


FORMS: dict[str, type[FillIn | Numeric | Matching | Ordering]] = {
    Form.FILL_IN.value: FillIn,
    Form.NUMERIC.value: Numeric,
    Form.MATCHING.value: Matching,
    Form.ORDERING.value: Ordering,
}


def _texts(raw: list[Any], count: int, no: int) -> Answered:
    if len(raw) != count or any(type(text) is not str for text in raw):
        raise _malformed(no)
    texts = tuple([cleaned(text) for text in raw])
    if any(len(text) > LONGEST_TEXT for text in texts):
        raise refused(Code.RESPONSE_TOO_LONG, no=no, most=LONGEST_TEXT)
    return texts if any(texts) else ()


def _malformed(no: int) -> EngineRefused:
    return refused(Code.RESPONSE_MALFORMED, no=no)
