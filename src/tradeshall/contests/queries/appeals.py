"""Appeals and rulings as members and organisers read them, and the papers they are about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q

from tradeshall.contests import ports
from tradeshall.contests.enums import Review
from tradeshall.contests.models import Appeal, Entrant, ItemRuling, Round, RoundPack
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.rescoring import Corrections, corrected_round
from tradeshall.engine.rounds import CompiledRound
from tradeshall.engine.wire import ItemSpec, Kind


@lru_cache(maxsize=8)
def _unsealed(round_id: int, content_hash: str) -> SealedPack:
    return SealedPack.from_bytes(bytes(RoundPack.objects.only("sealed").get(round=round_id).sealed))


def sealed_pack(round: Round) -> SealedPack:
    """Return the pack of a published round; a pack never changes, so the last few are remembered."""
    return _unsealed(round.pk, RoundPack.objects.only("content_hash").get(round=round.pk).content_hash)


def sealed_item(round: Round, number: int) -> ItemSpec | None:
    """Return an item as it was sealed; None if the round has none of that number."""
    return next((item for item in sealed_pack(round).items() if item.number == number), None)


def on_every_paper(round: Round, number: int) -> bool:
    """Answer whether the section an item belongs to draws all its items."""
    return any(
        number in section.item_numbers and section.count == len(section.item_numbers)
        for section in sealed_pack(round).sections()
    )


@dataclass(frozen=True, slots=True)
class OwnPaper:
    """One finished attempt with its paper, as the ledger and the pack have it."""

    round: CompiledRound
    paper: Any
    responses: list[Any]
    per_item: list[int]


def own_paper(round: Round, entrant: Entrant, attempt_number: int, corrections: Corrections) -> OwnPaper | None:
    """Return the paper of a finished attempt under corrections; None if it has not been handed in."""
    for entry in ports.ledger().entries_of(round.pk, entrant.number):
        if entry.kind == Kind.FINISH and entry.attempt_number == attempt_number:
            compiled = corrected_round(sealed_pack(round), corrections)
            paper = compiled.paper(entrant.number, attempt_number, entry.payload.get("variant", ""))
            return OwnPaper(compiled, paper, entry.payload["responses"], entry.payload["per_item"])
    return None


def on_paper_of(round: Round, entrant: Entrant, attempt_number: int) -> set[int]:
    """Return the items of a finished attempt's paper."""
    found = own_paper(round, entrant, attempt_number, {})
    return {item.spec.number for item in found.paper.items} if found else set()


def newest_rulings(round: Round) -> dict[int, ItemRuling]:
    """Return the ruling that stands for each item ruled upon; one query."""
    found: dict[int, ItemRuling] = {}
    for ruling in ItemRuling.objects.filter(round=round).order_by("-ruled_at", "-pk"):
        found.setdefault(ruling.item_number, ruling)
    return found


def own_appeals(round: Round, entrant: Entrant) -> dict[int, Appeal]:
    """Return an entrant's newest appeal against each item; one query."""
    rows = Appeal.objects.filter(round=round, entrant=entrant).select_related("ruling").order_by("filed_at", "pk")
    return {row.item_number: row for row in rows}


@dataclass(slots=True)
class ItemCase:
    """An item of a round with the appeals against it and the ruling that stands."""

    number: int
    spec: ItemSpec | None
    waiting: int = 0
    answered: int = 0
    ruling: ItemRuling | None = None
    appeals: list[Appeal] = field(default_factory=list)


def cases_of(round: Round) -> list[ItemCase]:
    """Return every item that was appealed against or ruled upon, those with most waiting first; three queries."""
    cases: dict[int, ItemCase] = {}
    counts = (
        Appeal.objects.filter(round=round)
        .order_by()
        .values("item_number")
        .annotate(waiting=Count("pk", filter=Q(ruling=None)), answered=Count("ruling"))
    )
    for row in counts:
        cases[row["item_number"]] = ItemCase(row["item_number"], None, row["waiting"], row["answered"])
    for number, ruling in newest_rulings(round).items():
        cases.setdefault(number, ItemCase(number, None)).ruling = ruling
    if cases:
        specs = {item.number: item for item in sealed_pack(round).items()}
        for case in cases.values():
            case.spec = specs.get(case.number)
    return sorted(cases.values(), key=lambda case: (-case.waiting, case.number))


def case_of(round: Round, number: int) -> ItemCase | None:
    """Return one item with its appeals, whether or not there are any; None if the round has no such item."""
    spec = sealed_item(round, number)
    if spec is None:
        return None
    rows = list(Appeal.objects.filter(round=round, item_number=number).select_related("ruling")[:200])
    waiting = sum(row.ruling is None for row in rows)
    return ItemCase(number, spec, waiting, len(rows) - waiting, newest_rulings(round).get(number), rows)


@dataclass(frozen=True, slots=True)
class Note:
    """What everyone may read about an item of a round: what was decided, and why."""

    number: int
    stem: str
    verdict: str
    words: str
    ruled_at: datetime
    right: list[str] = field(default_factory=list)  # of a corrected key: the options that are right


def public_notes(round: Round) -> list[Note]:
    """Return the rulings that stand, the newest first, once the round is over.

    The item itself stands beside it only where the rules of the round let members see its answers at all.
    """
    if round.closed_at is None:
        return []
    rulings = newest_rulings(round)
    if not rulings:
        return []
    shown = round.review != Review.NEVER
    specs = {item.number: item for item in sealed_pack(round).items()} if shown else {}
    found = []
    for number, ruling in rulings.items():
        spec = specs.get(number)
        right = [spec.options[place] for place in ruling.key] if spec else []
        stem = spec.stem if spec else ""
        found.append(Note(number, stem, ruling.verdict, ruling.words, ruling.ruled_at, right))
    return sorted(found, key=lambda note: note.ruled_at, reverse=True)
