"""Versions of a round's results: which is in force, how far the next one is, what is to be read of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tradeshall.contests.enums import VersionState
from tradeshall.contests.models import Entrant, ItemRuling, ResultsVersion, Round, VersionStanding
from tradeshall.contests.queries.appeals import own_paper
from tradeshall.contests.rules.appeals import corrections_of
from tradeshall.contests.rules.pseudonyms import pseudonym_in
from tradeshall.contests.rules.versions import IN_THE_MAKING
from tradeshall.engine import rescoring


def versions_of(round: Round) -> QuerySet[ResultsVersion]:
    """Return the versions in force so far, the newest first."""
    return ResultsVersion.objects.filter(round=round, state=VersionState.APPLIED.value).order_by("-number")


def current_version(round: Round) -> ResultsVersion | None:
    """Return the version in force; None as long as nothing has been corrected, or the round has no ranks."""
    return versions_of(round).first()


def version_in_the_making(round: Round) -> ResultsVersion | None:
    """Return the version somebody prepares; there is one at most."""
    return ResultsVersion.objects.filter(round=round, state__in=IN_THE_MAKING).first()


def rounds_to_rescore() -> list[int]:
    """Return the rounds of which a version waits to be built on or put in force, where there are ranks."""
    states = [VersionState.BUILDING.value, VersionState.CONFIRMED.value]
    rows = ResultsVersion.objects.filter(state__in=states, round__ranked_at__isnull=False)
    return list(rows.order_by("prepared_at").values_list("round_id", flat=True))


def corrections_in_force(round: Round) -> dict[str, dict[str, Any]]:
    """Return the corrections by which the results stand now, by item."""
    version = current_version(round)
    return dict(version.corrections) if version else {}


def corrections_decided(round: Round) -> dict[str, dict[str, Any]]:
    """Return the corrections that follow from all rulings, whether or not a version was made with them."""
    return corrections_of(ItemRuling.objects.filter(round=round).order_by("-ruled_at", "-pk"))


@dataclass(frozen=True, slots=True)
class TopLine:
    """One of those at the top of a version's board, and where they stand in the one before."""

    rank: int
    name: str
    score_points: int
    was_rank: int | None
    was_points: int | None


def top_of(version: ResultsVersion, before: ResultsVersion | None, most: int = 10) -> list[TopLine]:
    """Return the first of a version that is ranked, beside their places before; two queries."""
    rows = list(
        VersionStanding.objects.filter(version=version, rank__lte=most)
        .select_related("entrant")
        .order_by("rank", "entrant__number")[:most]
    )
    was = {
        row.entrant_id: row
        for row in VersionStanding.objects.filter(version=before, entrant__in=[row.entrant_id for row in rows])
    }
    language = get_language() or ""
    found = []
    for row in rows:
        old = was.get(row.entrant_id)
        found.append(
            TopLine(
                row.rank or 0,
                pseudonym_in(language, row.entrant.pseudonym),
                row.score_points,
                old.rank if old else None,
                old.score_points if old else None,
            )
        )
    return found


def changed_ranks(version: ResultsVersion, before: ResultsVersion, within: int) -> int:
    """Return how many of the first `within` of a version were not in that place before."""
    now = dict(VersionStanding.objects.filter(version=version, rank__lte=within).values_list("entrant_id", "rank"))
    was = dict(VersionStanding.objects.filter(version=before, entrant__in=now).values_list("entrant_id", "rank"))
    return sum(was.get(entrant) != rank for entrant, rank in now.items())


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction makes of one question of an attempt; positions as shown on its paper."""

    kind: str  # full, out or key
    key: list[int]
    got_points: int
    points: int


def corrected_items(round: Round, entrant: Entrant, attempt_number: int) -> dict[int, Corrected]:
    """Return the questions of an attempt's paper that the version in force scores otherwise, by their number."""
    stored = corrections_in_force(round)
    if not stored:
        return {}
    corrections = rescoring.corrections_of(stored)
    own = own_paper(round, entrant, attempt_number, corrections)
    if own is None:
        return {}
    found = {}
    lines = zip(own.paper.items, own.paper.orders, own.responses, own.per_item, strict=True)
    for no, (item, order, given, before) in enumerate(lines, start=1):
        correction = corrections.get(item.spec.number)
        if correction is None:
            continue
        if "key" in correction:
            right = sorted(order.index(place) for place in item.key)
            found[no] = Corrected("key", right, item.score(order, given), item.points)
        else:
            full = correction["void"] == "full"
            found[no] = Corrected(correction["void"], [], item.points if full else 0, item.points if full else 0)
        assert before is not None
    return found


def version_rows(version: ResultsVersion) -> Iterator[list[object]]:
    """Yield the standings of one version, a heading first: as the export of results, without units."""
    yield [
        _("Rank"),
        _("Ticket"),
        _("Pseudonym"),
        _("Score"),
        _("Time used (s)"),
        _("Attempts"),
        _("Version"),
    ]
    language = get_language() or ""
    rows = (
        VersionStanding.objects.filter(version=version)
        .order_by(F("rank").asc(nulls_last=True), "entrant__number")
        .values_list(
            "rank", "entrant__number", "entrant__pseudonym", "score_points", "time_used_ms", "attempts_count"
        )
    )
    for rank, ticket, pseudonym, score, time_used_ms, attempts in rows.iterator(chunk_size=2000):
        yield [
            rank or "",
            str(ticket),
            pseudonym_in(language, pseudonym),
            score,
            time_used_ms / 1000,
            attempts,
            version.number,
        ]
