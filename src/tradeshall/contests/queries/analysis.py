"""The statistics of items and rounds, as they were kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from tradeshall.contests import permissions
from tradeshall.contests.enums import RoundState
from tradeshall.contests.models import AttemptResult, Item, ItemStatistics, Outlier, Round, RoundStatistics
from tradeshall.contests.rules.analysis import suggested_difficulty
from tradeshall.core import authority
from tradeshall.core.authority import Actor

SORTS: dict[str, list[Any]] = {
    "item": ["item"],
    "n": ["-n", "item"],
    "facility": ["facility", "item"],
    "discrimination": [F("discrimination").asc(nulls_last=True), "item"],
    "omitted": ["-omitted", "item"],
    "b": [F("irt_b").asc(nulls_last=True), "item"],
}
"""How the table of items may be sorted: what a person looks for first stands first."""


def statistics_of_round(round: Round) -> RoundStatistics | None:
    """Return what is known of a round's papers; None while nothing has been worked out."""
    return RoundStatistics.objects.filter(round=round).first()


def statistics_of_items(round: Round, sort: str = "discrimination") -> QuerySet[ItemStatistics]:
    """Return the statistics of a round's items in some order."""
    rows = ItemStatistics.objects.filter(round=round).select_related("item__pool__unit")
    return rows.order_by(*SORTS.get(sort, SORTS["discrimination"]))


def statistics_of(item: Item) -> QuerySet[ItemStatistics]:
    """Return an item's statistics round by round, the newest first."""
    return ItemStatistics.objects.filter(item=item).select_related("round").order_by("-round__closes_at", "-pk")


def statistics_of_many(items: Sequence[int]) -> dict[int, ItemStatistics]:
    """Return the newest statistics of each of some items that have any; one query."""
    newest = (
        ItemStatistics.objects.filter(item=OuterRef("item")).order_by("-round__closes_at", "-pk").values("pk")[:1]
    )
    rows = ItemStatistics.objects.filter(item__in=list(items), pk=Subquery(newest))
    return {row.item_id: row for row in rows}


def suggestion_for(row: ItemStatistics) -> int | None:
    """Return the difficulty an item's answers speak for; None where they are too few."""
    return suggested_difficulty(row.facility, row.irt_b, row.n)


def rounds_to_analyse() -> list[int]:
    """Return the rounds whose ranks are newer than their statistics, or which have none, the oldest first."""
    rows = Round.objects.filter(state=RoundState.CLOSED.value, ranked_at__isnull=False).filter(
        Q(statistics=None) | Q(statistics__made_at__lt=F("ranked_at"))
    )
    return list(rows.order_by("ranked_at").values_list("pk", flat=True))


def outliers_visible_to(actor: Actor, round: Round) -> QuerySet[Outlier]:
    """Return what stands out in a round, in the units in which an actor may see it, the farthest first."""
    rows = Outlier.objects.filter(round=round).select_related("unit", "round__contest__activity__campaign")
    return authority.scope(actor, permissions.OUTLIER_VIEW, rows, unit="unit")


@dataclass(frozen=True, slots=True)
class Sitting:
    """One of those who stand out: by ticket and pseudonym, with what they did."""

    ticket: str
    pseudonym: str
    score_points: int | None
    seconds: int | None


def sittings_of(outliers: Sequence[Outlier], most: int = 10) -> dict[int, list[Sitting]]:
    """Return those who stand out, by outlier, at most so many of each; two queries."""
    rows = Outlier.entrants.through.objects.filter(outlier__in=[one.pk for one in outliers]).values_list(
        "outlier_id", "entrant_id", "entrant__number", "entrant__pseudonym"
    )
    listed: dict[int, list[Any]] = {}
    for row in rows:
        mine = listed.setdefault(row[0], [])
        if len(mine) < most:
            mine.append(row)
    round_id = outliers[0].round_id if outliers else 0
    people = {row[1] for mine in listed.values() for row in mine}
    results = {
        entrant: (points, time_used_ms // 1000)
        for entrant, points, time_used_ms in AttemptResult.objects.filter(round=round_id, entrant__in=people)
        .order_by("-number")
        .values_list("entrant_id", "score_points", "time_used_ms")
    }
    return {
        outlier: [
            Sitting(str(number), pseudonym, *results.get(entrant, (None, None)))
            for _outlier, entrant, number, pseudonym in mine
        ]
        for outlier, mine in listed.items()
    }


def analysis_rows(round: Round) -> Iterator[list[object]]:
    """Yield the statistics of a round's items, a heading first, for a file."""
    yield [
        _("Item"),
        _("Question"),
        _("Answers"),
        _("On papers (%)"),
        _("Facility"),
        _("Discrimination"),
        _("Not answered (%)"),
        "2PL a",
        "2PL a (SE)",
        "2PL b",
        "2PL b (SE)",
        _("Difficulty"),
        _("Suggested difficulty"),
        *(f"{letter} {which}" for letter in "ABCDEFGH" for which in (_("all (%)"), _("best (%)"), _("weakest (%)"))),
    ]
    for row in statistics_of_items(round, "item").iterator(chunk_size=500):
        yield [
            row.item_id,
            row.item.stem,
            row.n,
            round_percent(row.exposure),
            rounded(row.facility),
            rounded(row.discrimination),
            round_percent(row.omitted),
            rounded(row.irt_a),
            rounded(row.se_a),
            rounded(row.irt_b),
            rounded(row.se_b),
            row.item.difficulty,
            suggestion_for(row) or "",
            *(round_percent(share[which]) for share in row.shares for which in ("all", "top", "bottom")),
        ]


def rounded(value: float | None) -> float | str:
    return "" if value is None else round(value, 3)


def round_percent(value: float | None) -> float | str:
    return "" if value is None else round(100 * value, 1)
