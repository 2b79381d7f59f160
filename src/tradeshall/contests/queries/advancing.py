"""Who goes on from one round to another, by the rule that was published, from the final ranks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tradeshall.contests.enums import Advance
from tradeshall.contests.models import Entrant, Finalist, Round, Standing
from tradeshall.contests.queries.local import keys_of
from tradeshall.core.refusal import Refusal, refuse

SHOWN = 200


@dataclass(frozen=True, slots=True)
class GoesOn:
    """Somebody on the list: the rank by which they are on it."""

    entrant_id: int
    rank: int


def refuse_list(final: Round) -> Refusal | None:
    """Return why the list of a final cannot be confirmed now, or None."""
    source = final.advances_from
    if source is None:
        return refuse("contests:round:advance_from_nowhere")
    if final.advanced_at is not None:
        return refuse("contests:round:list_confirmed_already")
    return refuse("contests:round:preliminary_not_ranked") if source.ranked_at is None else None


def those_who_go_on(final: Round) -> Iterator[GoesOn]:
    """Yield who goes on, by final rank: one statement, read as it comes.

    Whoever shares the last rank that goes on goes on too. A person who is no longer known cannot take part and is
    passed over without anybody moving up. Who belongs to no unit of the level goes on with nobody.
    """
    source = final.advances_from
    assert source is not None
    rows = (
        Standing.objects.filter(round=source)
        .exclude(rank=None)
        .order_by("rank", "pk")
        .values_list("entrant_id", "rank", "score_points", "unit__path", "entrant__membership_id")
    )
    if final.advance_by == Advance.TOP:
        rows = rows.filter(rank__lte=final.advance_top)
    elif final.advance_by == Advance.POINTS:
        rows = rows.filter(score_points__gte=final.advance_points)
    before: dict[int, tuple[int, int, int]] = {}  # unit: how many so far, the last rank there, the one before it
    for entrant, rank, _score, path, membership in rows.iterator(5000):
        assert rank is not None
        place: int = rank
        if final.advance_by == Advance.TOP_OF_UNITS:
            keys = keys_of(path)
            if len(keys) < final.advance_depth:
                continue
            unit = keys[final.advance_depth - 1]  # the root is at 1
            count, last_rank, last_place = before.get(unit, (0, 0, 0))
            place = last_place if rank == last_rank else count + 1
            before[unit] = count + 1, rank, place
            if place > final.advance_top:
                continue
        if membership is not None:
            yield GoesOn(entrant, place)


@dataclass(frozen=True, slots=True)
class ListOf:
    """The list of a final as a page shows it: the first of it, how many there are, whether it is confirmed."""

    rows: list[Finalist]
    of: int
    confirmed: bool


def list_of(final: Round) -> ListOf:
    """Return the confirmed list, or what it would be now."""
    if final.advanced_at is not None:
        rows = Finalist.objects.filter(round=final).select_related("entrant__unit")
        return ListOf(list(rows[:SHOWN]), rows.count(), True)
    if refuse_list(final) is not None:
        return ListOf([], 0, False)
    found = list(those_who_go_on(final))
    entrants = Entrant.objects.select_related("unit").in_bulk([one.entrant_id for one in found[:SHOWN]])
    rows_shown = [Finalist(round=final, entrant=entrants[one.entrant_id], rank=one.rank) for one in found[:SHOWN]]
    return ListOf(rows_shown, len(found), False)
