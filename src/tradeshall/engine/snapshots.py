"""A snapshot of memory beside the ledger, so that a start reads the tail instead of everything.

It is a cache: it is used only if each writer's row at its watermark is still the row it was, and thrown away
otherwise (a ledger restored from a backup, another ledger under the same name).
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
from pathlib import Path
from typing import Any

import orjson

from tradeshall.engine.ledger.interface import Ledger, Row
from tradeshall.engine.memory import Memory, responses_json
from tradeshall.engine.standings import COLUMNS, DAYS

log = logging.getLogger(__name__)
MAGIC = b"tradeshall/snapshot/3\n"


def fingerprint(row: Row | None) -> str:
    """Return a hash by which a row is known again."""
    return hashlib.sha256(repr(tuple(row) if row else None).encode()).hexdigest()


def take(memory: Memory) -> tuple[dict[str, Any], list[bytes]]:
    """Return memory as a header and columns; quick, since it runs on the event loop."""
    parts: list[bytes] = []
    rounds = []
    for (round_id, rehearsal), state in memory.rounds.items():
        columns = state.standings.columns()
        parts += columns.values()
        rounds.append(
            {
                "round": round_id,
                "rehearsal": rehearsal,
                "content_hash": state.compiled.content_hash,
                "lengths": [len(column) for column in columns.values()],
                "open": [
                    [
                        attempt.participant,
                        attempt.number,
                        attempt.unit,
                        attempt.variant,
                        attempt.started_at_ms,
                        attempt.deadline_ms,
                        responses_json(attempt.saved),
                        attempt.origin,
                    ]
                    for attempt in state.open.values()
                ],
            }
        )
    return {"watermarks": dict(memory.watermarks), "rounds": rounds}, parts


def write(path: Path, ledger: Ledger, header: dict[str, Any], parts: list[bytes]) -> None:
    """Write a snapshot beside the old one and put it in its place, whole."""
    header["fingerprints"] = {
        writer: fingerprint(ledger.row_at(writer, seq)) for writer, seq in header["watermarks"].items() if seq
    }
    head = orjson.dumps(header)
    digest = hashlib.sha256(head)
    for part in parts:
        digest.update(part)
    new = path.with_suffix(path.suffix + ".new")
    with open(new, "wb") as file:
        file.write(MAGIC + digest.digest() + len(head).to_bytes(8, "big") + head)
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


def load(path: Path, ledger: Ledger, memory: Memory) -> bool:
    """Fill memory, whose rounds are known, from a snapshot; answers whether there was a sound one."""
    with contextlib.suppress(FileNotFoundError):
        try:
            _load(path, ledger, memory)
        except (ValueError, KeyError, IndexError) as error:
            log.warning("the snapshot %s is not used: %s", path, error)
            path.unlink(missing_ok=True)
            return False
        return True
    return False


def _load(path: Path, ledger: Ledger, memory: Memory) -> None:
    with open(path, "rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise ValueError("not a snapshot")
        expected = file.read(32)
        head = file.read(int.from_bytes(file.read(8), "big"))
        rest = file.read()
    digest = hashlib.sha256(head)
    digest.update(rest)
    if digest.digest() != expected:
        raise ValueError("damaged")
    header = orjson.loads(head)
    for writer, seq in header["watermarks"].items():
        if seq and fingerprint(ledger.row_at(writer, seq)) != header["fingerprints"][writer]:
            raise ValueError(f"the ledger holds another entry {seq} of {writer}")
    for taken in header["rounds"]:
        if memory.rounds[taken["round"], taken["rehearsal"]].compiled.content_hash != taken["content_hash"]:
            raise ValueError(f"round {taken['round']} has another pack")
    at = 0
    view = memoryview(rest)
    for taken in header["rounds"]:
        state = memory.rounds[taken["round"], taken["rehearsal"]]
        columns = {}
        for (name, _), length in zip((*COLUMNS, (DAYS, "")), taken["lengths"], strict=True):
            columns[name] = bytes(view[at : at + length])
            at += length
        state.standings.load_columns(columns)
        for participant, number, unit, variant, started_at_ms, deadline_ms, saved, origin in taken["open"]:
            attempt = state.reopen(participant, unit, variant, number, started_at_ms, deadline_ms)
            attempt.origin = (origin[0], origin[1])
            attempt.saved = {no: (revision, tuple(positions)) for no, revision, positions in saved}
    memory.watermarks = dict(header["watermarks"])
