"""The bytes the engine answers with."""

from __future__ import annotations

from typing import Any

import orjson

from tradeshall.core.signing import canonical
from tradeshall.engine import receipts
from tradeshall.engine.attempts import Given, OpenAttempt, RoundInPlay
from tradeshall.engine.forms import Answered
from tradeshall.engine.ledger.interface import Batch, Entry
from tradeshall.engine.operations import Finish


def started(attempt: OpenAttempt, token: str, now_ms: int) -> bytes:
    """Return the answer to a start: token, times, the whole paper, what is saved so far."""
    state = attempt.state
    saved = {
        str(no): {"revision": revision, "response": positions} for no, (revision, positions) in attempt.saved.items()
    }
    return (
        b'{"token":"%s","attempt":{"round":%d,"number":%d,"started_at_ms":%d,"deadline_ms":%d,'
        b'"grace_seconds":%d,"now_ms":%d,"title":%s},"paper":%s,"saved":%s}'
        % (
            token.encode(),
            state.round_id,
            attempt.number,
            attempt.started_at_ms,
            attempt.ends_at_ms(),
            state.rules.grace_seconds,
            now_ms,
            state.compiled.title_json,
            state.compiled.paper_json(attempt.the_paper()),
            orjson.dumps(saved),
        )
    )


def saved(attempt: OpenAttempt, given: Given, now_ms: int) -> bytes:
    """Return the answer to a save: the revision that now stands for each item sent."""
    stands = attempt.saved
    return b'{"saved":%s,"now_ms":%d,"deadline_ms":%d}' % (
        orjson.dumps({str(no): stands[no][0] for no in given if no in stands}),
        now_ms,
        attempt.ends_at_ms(),
    )


def receipt_body(
    state: RoundInPlay,
    participant: int,
    number: int,
    times_ms: tuple[int, int],
    by: str,
    responses: list[Answered],
    score: tuple[int, int],
    salt: bytes,
    score_salt: bytes,
) -> bytes:
    """Return what a receipt says, in canonical JSON.

    The participant's number is text, since it is beyond what a browser's numbers hold exactly.
    """
    return canonical(
        {
            "version": 1,
            "round": state.round_id,
            "pack": state.compiled.content_hash,
            "participant": str(participant),
            "number": number,
            "started_at_ms": times_ms[0],
            "finished_at_ms": times_ms[1],
            "by": by,
            "rehearsal": state.rehearsal,
            "salt": salt.hex(),
            "answers": receipts.salted_hash(salt, responses),
            "score": receipts.salted_hash(score_salt, score),
        }
    )


def batch_json(writer: str, batch: Batch) -> bytes:
    """Return the part of a receipt that all of one group commit share."""
    return canonical(
        {
            "writer": writer,
            "number": batch.number,
            "leaves": batch.leaves,
            "at_ms": batch.at_ms,
            "root": batch.root.hex(),
            "signature": batch.signature.hex(),
        }
    )


def receipt_json(body: bytes, index: int, levels: list[list[bytes]], batch: bytes, score_salt: bytes) -> bytes:
    """Return a receipt; without the salt of the score while results are withheld."""
    path = '","'.join([step.hex() for step in receipts.inclusion_path(levels, index)]).encode()
    return b'{"body":%s,"index":%d,"path":[%s],"batch":%s%s}' % (
        body,
        index,
        b'"' + path + b'"' if path else b"",
        batch,
        b',"score_salt":"%s"' % score_salt.hex().encode() if score_salt else b"",
    )


def finished(finish: Finish, receipt: bytes, visible: bool) -> bytes:
    """Return the answer to a submission just committed."""
    attempt = finish.attempt
    return _finished(
        attempt.state,
        attempt.number,
        (finish.score_points, finish.time_used_ms, finish.at_ms),
        (finish.rank, finish.of),
        finish.counted[:2],
        receipt,
        visible,
    )


def finished_before(state: RoundInPlay, entry: Entry, receipt: bytes, visible: bool) -> bytes:
    """Return the same answer from the ledger."""
    kept = entry.payload
    return _finished(
        state,
        entry.attempt_number,
        (kept["score_points"], kept["time_used_ms"], kept["finished_at_ms"]),
        (kept["rank"], kept["of"]),
        tuple(kept["best"]),
        receipt,
        visible,
    )


def _finished(
    state: RoundInPlay,
    number: int,
    result: tuple[int, int, int],
    place: tuple[int | None, int | None],
    best: tuple[int, ...],
    receipt: bytes,
    visible: bool,
) -> bytes:
    if not visible:
        return b'{"state":"received","number":%d,"time_used_ms":%d,"finished_at_ms":%d,"receipt":%s}' % (
            number,
            result[1],
            result[2],
            receipt,
        )
    rank, of = place
    return (
        b'{"state":"scored","score_points":%d,"max_points":%d,"pass_points":%d,"time_used_ms":%d,'
        b'"finished_at_ms":%d,"number":%d,"rank":%s,"of":%s,'
        b'"best":{"score_points":%d,"time_used_ms":%d},"receipt":%s}'
        % (
            result[0],
            state.compiled.max_points,
            state.rules.pass_points,
            result[1],
            result[2],
            number,
            b"null" if rank is None else b"%d" % rank,
            b"null" if of is None else b"%d" % of,
            best[0],
            best[1],
            receipt,
        )
    )


def start_payload(variant: str) -> bytes:
    return b"{}" if not variant else orjson.dumps({"variant": variant})


def finish_payload(finish: Finish, max_points: int) -> bytes:
    """Return what the ledger keeps of a finish beside its columns."""
    kept: dict[str, Any] = {
        "max_points": max_points,
        "by": finish.by,
        "responses": finish.responses,
        "per_item": finish.per_item,
        "rank": finish.rank,
        "of": finish.of,
        "best": finish.counted[:2],
        "salt": finish.salt.hex(),
        "leaf": finish.leaf.hex(),
    }
    if finish.attempt.variant:
        kept["variant"] = finish.attempt.variant
    return orjson.dumps(kept)
