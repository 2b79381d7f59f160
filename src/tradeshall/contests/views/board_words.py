"""Boards of units in plain words: what counts, and how one unit's own figures come to its points."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tradeshall.contests import texts
from tradeshall.contests.enums import BoardPart
from tradeshall.contests.rules.boards import LEAST_MEMBERS, LEAST_TAKING_PART
from tradeshall.contests.rules.unit_boards import BoardRules, PartFigures
from tradeshall.units.texts import KINDS


@dataclass(frozen=True, slots=True)
class PartWords:
    """A part of a board: what it is called, how it counts, and its share of the whole in per cent."""

    label: str
    how: str
    share: str


@dataclass(frozen=True, slots=True)
class OwnPart:
    """A part of one unit's points: what was counted, and the sum: points × share = what it adds."""

    label: str
    figures: str
    sum: str


def number(value: float, decimals: int = 2) -> str:
    """Return a figure as the reader's language writes it, cut, never rounded up."""
    scale = 10**decimals
    return str(number_format(floor(value * scale + 1e-6) / scale, decimals, force_grouping=True))


def parts_in_words(board: BoardRules) -> list[PartWords]:
    """Return what a board is made of, in the order of its parts."""
    whole = sum(board.weights.values()) or 1
    figures = {"count": board.top_count, "members": LEAST_MEMBERS, "people": LEAST_TAKING_PART}
    return [
        PartWords(
            str(texts.BOARD_PARTS[part.value]) % figures,
            str(texts.BOARD_PARTS_HOW[part.value]) % figures,
            f"{number(100 * board.weights[part.value] / whole, 1)}%",
        )
        for part in BoardPart
        if part.value in board.weights
    ]


def own_parts(board: BoardRules, parts: tuple[PartFigures, ...]) -> list[OwnPart]:
    """Return how a unit's figures come to its points, part by part."""
    found = []
    for part in parts:
        whole = part.part in (BoardPart.RATE, BoardPart.COVERAGE)
        total = whole or part.part == BoardPart.TOTAL
        figures = {"figure": number(part.figure, 0 if total else 2), "of": number(part.of, 0 if total else 2)}
        added = _("%(points)s × %(share)s = %(sum)s") % {
            "points": number(part.points),
            "share": f"{number(100 * part.share, 1)}%",
            "sum": number(part.counts),
        }
        label = str(texts.BOARD_PARTS[part.part]) % {"count": board.top_count}
        found.append(OwnPart(label, str(texts.BOARD_OWN[part.part]) % figures, added))
    return found


def level_in_words(board: BoardRules) -> str:
    """Return which units stand on a board."""
    kind = str(KINDS[board.kind])
    if board.depth is not None:
        kind = _("%(kind)s, level %(depth)s") % {"kind": kind, "depth": board.depth}
    if board.industry:
        kind = _("%(kind)s of %(industry)s") % {"kind": kind, "industry": board.industry}
    return kind
