"""What leaves the house after a round: tickets, pseudonyms, scores and times. No names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import Count
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tradeshall.contests.models import Round, Standing
from tradeshall.contests.rules import boards as rules
from tradeshall.contests.rules.pseudonyms import pseudonym_in
from tradeshall.units.queries import federation_zone

PRINTED_ROWS = 3000
"""How many lines a printed list has at most: sixty pages; the whole is in the spreadsheet."""
PRINTED = (0, 2, 3, 4, 5, 8)
"""The columns that are printed: rank, pseudonym, score, time, when, unit."""


def printed_results(round: Round) -> dict[str, Any]:
    """Return what the printed list of results shows: the first lines of `results_rows`, as text."""
    rows = results_rows(round)
    heading = next(rows)
    lines = [[str(line[column]) for column in PRINTED] for line in islice(rows, PRINTED_ROWS)]
    activity = round.contest.activity
    chinese = (get_language() or "").startswith("zh")

    def called(thing: Any, field: str) -> str:
        return str(getattr(thing, field) if chinese else getattr(thing, f"{field}_en") or getattr(thing, field))

    count = Standing.objects.filter(round=round).count()
    shown = _("%(count)s entrants.") % {"count": count}
    if count > len(lines):
        shown = _("The first %(shown)s of %(count)s entrants.") % {"shown": len(lines), "count": count}
    final = _("Final ranks.") if round.ranked_at else _("The ranks are not final yet.")
    return {
        "title": f"{called(activity, 'title')} · {called(round, 'title')}",
        "issuer": called(activity.unit, "name"),
        "number": f"{activity.number}-{round.position}",
        "about": f"{final} {shown}",
        "note": _("By pseudonym; a unit is named only where ten of it took part."),
        "lang": "zh" if chinese else "en",
        "heading": [str(heading[column]) for column in PRINTED],
        "widths": ["number", "wide", "number", "number", "text", "wide"],
        "rows": lines,
    }


def units_large_enough(round: Round, among: Iterable[int] | None = None) -> set[int]:
    """Return the units, or those among some, of which ten took part in a round: only they may be named."""
    rows = Standing.objects.filter(round=round)
    if among is not None:
        rows = rows.filter(unit__in=list(among))
    counts = rows.order_by().values_list("unit").annotate(n=Count("pk"))
    return {unit for unit, count in counts if count >= rules.LEAST_TAKING_PART}


def results_rows(round: Round) -> Iterator[list[object]]:
    """Yield the results of a round, a heading first: rank, ticket, pseudonym, score, time, finish, attempts, unit.

    The unit stands there only where ten of it took part. Ranks are empty until the round is ranked. Moments
    are those of the federation's clock, pseudonyms and units in the reader's language, as boards show them.
    """
    yield [
        _("Rank"),
        _("Ticket"),
        _("Pseudonym"),
        _("Score"),
        _("Time used (s)"),
        _("Finished at"),
        _("Attempts"),
        _("Unit code"),
        _("Unit"),
    ]
    zone = federation_zone()
    language = get_language() or ""
    standings = Standing.objects.filter(round=round)
    large = units_large_enough(round)
    order = [*(["rank"] if round.ranked_at else []), *rules.order_of(round.tie_breaks, round.rank_style), "pk"]
    rows = (
        standings.order_by(*order)
        .values_list(
            "rank",
            "entrant__number",
            "entrant__pseudonym",
            "score_points",
            "time_used_ms",
            "finished_at",
            "attempts_count",
            "unit_id",
            "unit__code",
            "unit__name",
            "unit__name_en",
        )
        .iterator(chunk_size=2000)
    )
    for rank, ticket, pseudonym, score, time_used_ms, finished_at, attempts, unit, code, name, name_en in rows:
        shown = unit in large
        called = name_en if name_en and not language.startswith("zh") else name
        yield [
            rank if round.ranked_at and rank else "",
            str(ticket),
            pseudonym_in(language, pseudonym),
            score,
            time_used_ms / 1000,
            finished_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
            attempts,
            code if shown else "",
            called if shown else "",
        ]
