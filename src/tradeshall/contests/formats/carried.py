"""What a reader of files says of an item, whatever the format: the item, what is against it, what it loses."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from tradeshall.contests.rules.items import ItemDraft
from tradeshall.core.spreadsheets import Problem

CORE = frozenset({"form", "stem", "options", "key", "accepted", "matches"})
"""Fields of an item that every format says something about."""
OPTIONAL = ("explanation", "difficulty", "tags", "source", "media")


@dataclass(frozen=True, slots=True)
class Attached:
    """A picture or a sound that came with an item, under the name its file gives it."""

    name: str
    content: bytes
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """An item of a file at the line where it begins: what it says, why it is not carried, or what it loses.

    `says` names the fields the file says something about: the others stay as they are in the bank.
    """

    line: int
    draft: ItemDraft | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    text: str = ""
    says: frozenset[str] = CORE
    attached: tuple[Attached, ...] = ()
    shown: dict[str, str] = field(default_factory=dict)  # what stood in the columns of a table


class NotCarried(Exception):
    """An item cannot be taken; `why` is the last part of a code, `column` where it stands."""

    def __init__(self, why: str, *, column: str = "stem", **details: object) -> None:
        super().__init__(why)
        self.why, self.column, self.details = why, column, details

    def problem(self) -> Problem:
        return Problem(self.column, f"contests:file:{self.why}", self.details)


@dataclass(slots=True)
class Notes:
    """Collects what an item loses, each thing once."""

    found: dict[str, Problem] = field(default_factory=dict)

    def add(self, what: str, column: str = "stem", **details: object) -> None:
        self.found.setdefault(what, Problem(column, f"contests:note:{what}", details))

    def all(self) -> tuple[Problem, ...]:
        return tuple(self.found.values())


def said(draft: ItemDraft, attached: tuple[Attached, ...] = ()) -> frozenset[str]:
    """Return the fields that a format without a place for emptiness has said something about."""
    given = {name for name in ("explanation", "tags", "source") if getattr(draft, name)}
    if attached:
        given.add("media")
    core = CORE - {"options"} if draft.form == "true_false" else CORE  # such formats have no words for true and false
    return core | given


def decimal_of(text: str) -> Decimal | None:
    """Return the number a text says, None if it says none."""
    try:
        number = Decimal(text.strip().replace("−", "-"))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def is_decimal(item: ItemDraft) -> bool:
    """Answer whether what a number is and how far off it may be are plain decimals, as most formats need: not 1/3."""
    return all(decimal_of(text.removesuffix("%")) is not None for pair in item.accepted for text in pair)


def shown_decimal(number: Decimal) -> str:
    """Return a number as plain digits, without zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def tolerance_of(least: Decimal, most: Decimal) -> tuple[str, str]:
    """Return value and tolerance of a range."""
    return shown_decimal((least + most) / 2), shown_decimal((most - least) / 2)


def absolute(value: str, tolerance: str) -> str:
    """Return a tolerance as an absolute one: 1% of 200 is 2."""
    if not tolerance.endswith("%"):
        return tolerance
    number, share = decimal_of(value), decimal_of(tolerance[:-1])
    return shown_decimal(abs(number) * share / 100) if number is not None and share is not None else "0"


def permutation(text: str, count: int) -> tuple[int, ...] | None:
    """Return the order that “3 1 2” names, from 0; None if it is none of so many."""
    parts = text.split()
    order = tuple(int(part) - 1 for part in parts if part.isascii() and part.isdigit() and len(part) < 4)
    return order if len(parts) == count and sorted(order) == list(range(count)) else None


def written_order(order: tuple[int, ...]) -> str:
    """Return an order as `permutation` reads it."""
    return " ".join(str(place + 1) for place in order)


def paired(lefts: list[str], rights: list[str], spare: list[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return key and matches of pairs: each right-hand text once, in the order in which they come, the spare last."""
    matches = list(dict.fromkeys([*rights, *spare]))
    return tuple(matches.index(right) for right in rights), tuple(matches)


def pairing_order(draft: ItemDraft) -> tuple[int, ...]:
    """Return where each match of an item stands in the order in which `paired` finds them."""
    _, found = paired([], [draft.matches[place] for place in draft.key], list(draft.matches))
    return tuple(found.index(match) for match in draft.matches)


def repaired(key: tuple[int, ...], matches: tuple[str, ...], order: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Put matches back into the order in which they stood before they were written as pairs."""
    places = permutation(order, len(matches))
    if places is None:
        return key, matches
    return tuple(places.index(place) for place in key), tuple(matches[place] for place in places)


def reordered(options: tuple[str, ...], order: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return options and key of an ordering whose parts were written in their right order."""
    key = permutation(order, len(options)) or tuple(range(len(options)))
    return tuple(options[key.index(place)] for place in range(len(options))), key
