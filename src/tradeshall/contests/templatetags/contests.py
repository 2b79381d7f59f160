"""How papers and boards are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django import template
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext

from tradeshall.contests.rules.items import letter_of
from tradeshall.contests.rules.pseudonyms import pseudonym_in
from tradeshall.web.templatetags.web import full_number

register = template.Library()

register.filter("letter", letter_of)


@register.filter
def pseudonym(name: str) -> str:
    """Return a pseudonym in the page's language."""
    return pseudonym_in(get_language() or "", name)


@register.filter
def percent(share: float) -> str:
    """Return a share as a percentage with one decimal: 0.8365 is 83.6%. Rounded down: never overstated."""
    return f"{number_format(int(share * 1000) / 10, 1)}%"


@register.filter
def seconds(milliseconds: int) -> int:
    """Return whole seconds, as boards count them."""
    return milliseconds // 1000


@dataclass(frozen=True, slots=True)
class Steps:
    """Ranks day by day as the figures their drawing needs: the best rank on top, a gap where there was none."""

    path: str
    width: int
    best: str
    worst: str
    first: str
    last: str
    summary: str
    rows: list[tuple[str, str]]


STEP = 10


@register.simple_tag
def steps_of(points: list[tuple[date, int | None]]) -> Steps:
    """Return a line of steps of (day, rank or None); each day is one step."""
    known = [rank for _, rank in points if rank is not None]
    best, worst = (min(known), max(known)) if known else (1, 1)
    path, open_line = [], False
    for place, (_, rank) in enumerate(points):
        if rank is None:
            open_line = False
            continue
        height = 8 + (rank - best) * 84 / (worst - best or 1) if worst > best else 50
        path.append(f"{'V' if open_line else f'M{place * STEP} '}{height:.2f}H{(place + 1) * STEP}")
        open_line = True
    rows = [(date_format(day, "Y-m-d"), full_number(rank) if rank else "–") for day, rank in points]
    summary = gettext("From %(first)s to %(last)s; best rank %(best)s, latest %(latest)s") % {
        "first": rows[0][0] if rows else "",
        "last": rows[-1][0] if rows else "",
        "best": full_number(best),
        "latest": rows[-1][1] if rows else "",
    }
    return Steps(
        "".join(path),
        max(1, len(points)) * STEP,
        full_number(best),
        full_number(worst) if worst > best else "",
        rows[0][0] if rows else "",
        rows[-1][0] if rows else "",
        summary,
        rows,
    )


@register.simple_tag
def sample_ranks() -> list[tuple[date, int | None]]:
    """Return some ranks for the gallery."""
    ranks = [31, 28, 28, 19, None, 22, 17, 12, 12, 9]
    return [(date(2026, 5, 1) + timedelta(days=place), rank) for place, rank in enumerate(ranks)]
