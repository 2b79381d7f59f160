"""The one integrator: batches of the engines and published files go into the public log, each exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from tradeshall.contests import ports
from tradeshall.contests.actions.sealing import ms_of
from tradeshall.contests.enums import CheckpointKind, FileKind
from tradeshall.contests.models import Checkpoint, LogEntry, LogMark, LogTile, PublishedFile
from tradeshall.contests.queries.proofs import GATE, log_size, log_tree, read_tile
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Actor
from tradeshall.core.signing import canonical
from tradeshall.engine.answers import batch_json
from tradeshall.engine.ledger.interface import Gap
from tradeshall.engine.proofs.tree import extend_tiles, leaf_hash

BATCH = "batch"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TILES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _New:
    kind: str
    name: str
    number: int
    content: bytes
    file: int | None = None


def integrate_log(limit: int = 1000, *, actor: Actor = OPERATOR) -> int:
    """Append what engines have signed and what was published since last time; returns how many entries.

    Batches come in the order (writer, number). What is new is read outside the transaction, which appends it and
    moves every mark on from where it was: if somebody else has appended meanwhile, all is undone and 0 returned.
    """
    marks = dict(LogMark.objects.values_list("writer", "number"))
    new = [*_batches(marks, limit), *_files(limit)]
    if not new:
        return 0
    size = marks.get(GATE, 0)
    with transaction.atomic():
        if not move_mark(GATE, size, size + len(new)):
            transaction.set_rollback(True)
            return 0
        for writer, last in {one.name: one.number for one in new if one.kind == BATCH}.items():
            if not move_mark(writer, marks.get(writer, 0), last):
                transaction.set_rollback(True)
                return 0
        append_entries(size, new)
    return len(new)


def move_mark(writer: str, before: int, after: int) -> bool:
    """Move a mark on, unless it is no longer where it was; answers whether it was moved."""
    if before == 0:
        LogMark.objects.bulk_create([LogMark(writer=writer)], ignore_conflicts=True)
    return LogMark.objects.filter(writer=writer, number=before).update(number=after) == 1


def append_entries(size: int, new: Sequence[_New]) -> None:
    """Write entries behind the first `size`, and the tiles they change."""
    LogEntry.objects.bulk_create(
        [
            LogEntry(position=at, kind=one.kind, name=one.name, number=one.number, content=one.content.decode())
            for at, one in enumerate(new, size)
        ],
        batch_size=500,
    )
    for at, one in enumerate(new, size):
        if one.file is not None:
            PublishedFile.objects.filter(pk=one.file, position=None).update(position=at)
    tiles = extend_tiles(size, [leaf_hash(one.content) for one in new], read_tile)
    LogTile.objects.bulk_create(
        [LogTile(level=level, number=number, hashes=hashes) for (level, number), hashes in tiles.items()],
        batch_size=TILES_AT_ONCE,
        update_conflicts=True,
        unique_fields=["level", "number"],
        update_fields=["hashes"],
    )


def sign_log(*, actor: Actor = OPERATOR, closing: bool = False) -> Checkpoint | None:
    """Sign the log as it stands, if it has grown and the last signature is a minute old, or at a close."""
    last = Checkpoint.objects.order_by("-pk").first()
    now, size = clock.now(), log_size()
    if size == 0 or (last is not None and last.size >= size and not closing):
        return None
    if last is not None and not closing and now - last.at < MINUTE and now >= last.at:
        return None
    hourly = Checkpoint.objects.filter(kind=CheckpointKind.HOUR.value).order_by("-pk").first()
    kind = CheckpointKind.CLOSE if closing else CheckpointKind.MINUTE
    if not closing and (hourly is None or now - hourly.at >= HOUR):
        kind = CheckpointKind.HOUR
    note = ports.log_signer().checkpoint(size, log_tree().root(size), ms_of(now))
    return Checkpoint.objects.create(size=size, kind=kind.value, at=now, note=note)


def keep_log(*, actor: Actor = OPERATOR) -> int:
    """Append all there is and sign it when it is due; returns how many entries were appended.

    Results and whatever else people will want to check is signed at once.
    """
    appended = 0
    while some := integrate_log(actor=actor):
        appended += some
    last = Checkpoint.objects.order_by("-pk").values_list("size", flat=True).first() or 0
    files = PublishedFile.objects.exclude(kind=FileKind.COMMITMENTS.value)
    sign_log(actor=actor, closing=files.filter(position__gte=last).exists())
    return appended


def _batches(marks: dict[str, int], limit: int) -> list[_New]:
    found = []
    next_number = dict(marks)
    for writer, batch in ports.ledger().batches_since(marks, limit):
        due = next_number.get(writer, 0) + 1
        if batch.number != due:
            raise Gap(f"writer {writer} has no batch {due}")
        next_number[writer] = due
        found.append(_New(BATCH, writer, batch.number, batch_json(writer, batch)))
    return found


def _files(limit: int) -> list[_New]:
    found = []
    for file in PublishedFile.objects.filter(position=None).order_by("made_at", "pk")[:limit]:
        entry: dict[str, object] = {
            "kind": file.kind,
            "subject": file.subject,
            "version": file.version,
            "sha256": file.sha256,
            "at_ms": ms_of(file.made_at),
        }
        if file.count is not None:
            entry["count"] = file.count
        found.append(_New(file.kind, file.subject, file.version, canonical(entry), file.pk))
    return found
