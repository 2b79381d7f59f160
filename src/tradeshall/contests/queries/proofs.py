"""Reading the public log and the published files; everything here is for everybody to see."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum

from tradeshall.contests import ports
from tradeshall.contests.enums import CheckpointKind, FileKind, RoundState
from tradeshall.contests.models import (
    Checkpoint,
    Item,
    LogEntry,
    LogMark,
    LogTile,
    PublishedFile,
    Round,
    RoundPack,
    Section,
    Standing,
)
from tradeshall.contests.queries.member import results_shown
from tradeshall.contests.queries.rounds import published_rounds
from tradeshall.contests.rules import boards
from tradeshall.contests.rules import proofs as rules
from tradeshall.contests.rules.pseudonyms import pseudonym_in
from tradeshall.core.signing import canonical
from tradeshall.engine.proofs.reading import CONSISTENCY, KEYS, LOG
from tradeshall.engine.proofs.tree import Tree

GATE = ""
"""The name of the mark that counts the entries of the log; no writer has an empty name."""

PAGE_ENTRIES = 1024
TOP = 10


# the log -----------------------------------------------------------------------------------------------------


def log_size() -> int:
    """Return how many entries the log has."""
    return LogMark.objects.filter(writer=GATE).values_list("number", flat=True).first() or 0


def read_tile(level: int, number: int) -> bytes:
    """Return a tile of the log's tree; empty where there is none yet."""
    found = LogTile.objects.filter(level=level, number=number).values_list("hashes", flat=True).first()
    return bytes(found) if found is not None else b""


def log_tree() -> Tree:
    """Return the log's tree, read as far as is asked."""
    return Tree(read_tile)


def log_page(number: int) -> bytes | None:
    """Return a page of the log as a file: its head, then an entry a line; None beyond the end."""
    first = number * PAGE_ENTRIES
    size = log_size()
    if first >= size:
        return None
    rows = LogEntry.objects.filter(position__gte=first, position__lt=min(size, first + PAGE_ENTRIES))
    entries = list(rows.order_by("position").values_list("content", flat=True))
    before = [root.hex() for root in log_tree().subtrees(first)]
    header = {"format": LOG, "first": first, "count": len(entries), "before": before}
    return b"".join([canonical(header), b"\n", *(entry.encode() + b"\n" for entry in entries)])


def keys_document() -> dict[str, Any]:
    """Return the public keys that everything published is signed under."""
    signer = ports.log_signer()
    return {
        "format": KEYS,
        "origin": signer.origin,
        "log": signer.public.hex(),
        "receipts": ports.receipt_key().hex(),
    }


def latest_checkpoint(least: int = 1) -> Checkpoint | None:
    """Return the newest checkpoint that covers so many entries."""
    return Checkpoint.objects.filter(size__gte=least).order_by("-pk").first()


def checkpoints_shown() -> QuerySet[Checkpoint]:
    """Return the checkpoints of the hours and closes, the oldest first."""
    return Checkpoint.objects.exclude(kind=CheckpointKind.MINUTE.value).order_by("pk")


def checkpoints_text() -> str:
    """Return the checkpoints of hours and closes, and the newest, as one file."""
    notes = list(checkpoints_shown().values_list("note", flat=True))
    newest = latest_checkpoint()
    if newest is not None and newest.note not in notes:
        notes.append(newest.note)
    return "\n".join(notes)


def proof_of_batch(writer: str, number: int) -> dict[str, Any] | None:
    """Return what leads from a batch to the newest checkpoint; None while no checkpoint covers it. Three queries."""
    position = (
        LogEntry.objects.filter(kind="batch", name=writer, number=number).values_list("position", flat=True).first()
    )
    if position is None:
        return None
    checkpoint = latest_checkpoint(position + 1)
    if checkpoint is None:
        return None
    path = log_tree().inclusion_path(position, checkpoint.size)
    return {
        "index": position,
        "size": checkpoint.size,
        "path": [step.hex() for step in path],
        "checkpoint": checkpoint.note,
    }


def consistency(first: int, second: int) -> dict[str, Any] | None:
    """Return what shows that the log of one checkpoint grew into that of another; None where there are none such."""
    rows = {row.size: row for row in Checkpoint.objects.filter(size__in={first, second}).order_by("-pk")}
    if first > second or first not in rows or second not in rows:
        return None
    path = log_tree().consistency_path(first, second)
    return {
        "format": CONSISTENCY,
        "first": rows[first].note,
        "second": rows[second].note,
        "path": [step.hex() for step in path],
    }


# published files ---------------------------------------------------------------------------------------------


def subject_of_round(round_id: int) -> str:
    """Return how published files and the log name a round."""
    return f"round/{round_id}"


def latest_file(subject: str, kind: FileKind) -> PublishedFile | None:
    """Return the newest version of a published file."""
    return PublishedFile.objects.filter(subject=subject, kind=kind.value).order_by("-version").first()


def files_of(subject: str) -> list[PublishedFile]:
    """Return every published file of a subject, in the order of publication."""
    return list(PublishedFile.objects.filter(subject=subject).order_by("pk"))


def content_of(file: PublishedFile) -> Iterator[bytes]:
    """Yield a published file piece by piece."""
    for number in range(file.parts.count()):
        yield zlib.decompress(bytes(file.parts.get(number=number).content))


def standings_count(round: Round) -> int:
    """Return how many entrants stand in the results of a round."""
    return Standing.objects.filter(round=round).count()


def result_lines(round: Round) -> Iterator[bytes]:
    """Yield the lines of the results file: rank, number of that contest, pseudonym, score, time; no names.

    The unit stands there only where ten of it took part.
    """
    standings = Standing.objects.filter(round=round)
    named = units_named_in(standings)
    rows = standings.order_by("rank", *boards.order_of(round.tie_breaks), "entrant__number").values_list(
        "rank", "entrant__number", "entrant__pseudonym", "score_points", "time_used_ms", "unit_id", "unit__code"
    )
    for rank, number, pseudonym, score, time_used_ms, unit, code in rows.iterator(chunk_size=5000):
        line: dict[str, object] = {
            "rank": rank,
            "participant": str(number),
            "pseudonym": pseudonym_in("zh-hans", pseudonym),
            "score": score,
            "time_used_ms": time_used_ms,
        }
        if unit in named:
            line["unit"] = code
        yield canonical(line) + b"\n"


def units_named_in(standings: QuerySet[Standing]) -> set[int]:
    """Return the units that may be named beside people in these standings."""
    counts = standings.order_by().values_list("unit").annotate(n=Count("pk"))
    return rules.units_named(dict(counts), boards.LEAST_TAKING_PART)


def items_drawn_elsewhere(round: Round, items: Collection[int], now: datetime) -> set[int]:
    """Return those of a round's items that another round, open or to come, draws on or may draw on.

    Of published rounds the pack tells; a draft has none yet, so every item of its pools counts as drawn on.
    """
    busy: set[int] = set()
    for row in Round.objects.exclude(pk=round.pk).exclude(state=RoundState.DRAFT.value).select_related("pack"):
        ends = row.closed_at or row.closes_at
        if ends + timedelta(seconds=row.grace_seconds) > now and hasattr(row, "pack"):
            busy |= {int(number) for number in row.pack.commitments["items"]}
    planned = Section.objects.filter(round__state=RoundState.DRAFT.value, round__closes_at__gt=now)
    pools = set(planned.exclude(round=round.pk).values_list("pools", flat=True)) - {None}
    busy |= set(Item.objects.filter(pk__in=items, pool__in=pools).values_list("pk", flat=True))
    return busy & set(items)


# the page for everybody --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TopRow:
    """One line of the top of a board, as strangers see it: a pseudonym, whatever the person chose for members."""

    rank: int
    pseudonym: str
    unit_code: str
    score_points: int
    time_used_seconds: int


@dataclass(frozen=True, slots=True)
class PublicResults:
    """What everybody may know of a round."""

    participants: int
    attempts: int
    units: int
    top: list[TopRow]
    final: bool
    withheld: bool


def public_rounds() -> QuerySet[Round]:
    """Return the rounds that have a page for everybody: published ones of published campaigns; no practice."""
    return published_rounds().filter(practice=False)


def public_results(round: Round, language: str) -> PublicResults:
    """Return the numbers and the top of a round; no results while its rules hold them back. Four queries."""
    standings = Standing.objects.filter(round=round)
    sums = standings.aggregate(attempts=Sum("attempts_count"), participants=Count("pk"))
    named = units_named_in(standings)
    final = round.ranked_at is not None and results_shown(round)
    top = []
    if final:
        rows = standings.order_by("rank", *boards.order_of(round.tie_breaks), "pk").select_related("entrant", "unit")
        top = [
            TopRow(
                row.rank or 0,
                pseudonym_in(language, row.entrant.pseudonym),
                row.unit.code if row.unit_id in named else "",
                row.score_points,
                row.time_used_ms // 1000,
            )
            for row in rows[:TOP]
        ]
    return PublicResults(
        participants=sums["participants"],
        attempts=sums["attempts"] or 0,
        units=len(named),
        top=top,
        final=final,
        withheld=not results_shown(round),
    )


def content_hash_of(round: Round) -> str:
    """Return the hash of what was frozen at publication."""
    return RoundPack.objects.filter(round=round).values_list("content_hash", flat=True).first() or ""
