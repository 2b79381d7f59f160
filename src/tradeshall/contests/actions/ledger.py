"""Between the pages and the engine's ledger: packs go in, attempts come back, each exactly once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from django.db import transaction

from tradeshall.contests import ports
from tradeshall.contests.actions import tallies
from tradeshall.contests.actions.gate import GATE, lock_gate
from tradeshall.contests.enums import RankStyle, RoundState
from tradeshall.contests.models import AttemptResult, Entrant, LedgerWatermark, Round, RoundPack, Standing
from tradeshall.contests.queries.appeals import sealed_pack
from tradeshall.contests.queries.versions import corrections_in_force
from tradeshall.contests.rules import boards
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Actor
from tradeshall.engine.counting import tie_lot
from tradeshall.engine.ledger.interface import Entry
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.rescoring import Rescorer, corrections_of
from tradeshall.engine.wire import FinishedBy, Kind
from tradeshall.record.actions import NewStatement, record_statements
from tradeshall.record.enums import Verb
from tradeshall.record.rules import duration_of
from tradeshall.units.queries import federation_zone

log = logging.getLogger(__name__)

SOURCE = "contests"


def deposit_pack(*, actor: Actor, round_id: int) -> None:
    """Give the engine the sealed pack of a round; harmless when repeated."""
    pack = RoundPack.objects.get(round=round_id)
    ports.ledger().deposit_pack(SealedPack.from_bytes(bytes(pack.sealed)))
    RoundPack.objects.filter(round=round_id, deposited_at=None).update(deposited_at=clock.now())


def close_in_engine(*, actor: Actor, round_id: int, at_ms: int) -> None:
    """Tell the engine that a round ends at a moment; harmless when repeated."""
    deposit_pack(actor=actor, round_id=round_id)  # events may be dispatched out of order
    ports.ledger().close_round(round_id, at_ms)


def release_in_engine(*, actor: Actor, round_id: int, at_ms: int) -> None:
    """Tell the engine that results held back for review may be seen; harmless when repeated."""
    deposit_pack(actor=actor, round_id=round_id)
    ports.ledger().release_results(round_id, at_ms)


def ingest_ledger(limit: int = 500, *, actor: Actor = OPERATOR) -> int:
    """Read what engines have written since last time, exactly once; returns how many entries were read.

    The ledger is read outside the transaction, which then stores what was read and moves each writer's
    watermark on from where it was when reading began. If another process has moved it meanwhile, all of it is
    undone and 0 returned. A crash before the commit leaves everything to be read again.
    """
    marks = dict(LedgerWatermark.objects.exclude(writer=GATE).values_list("writer", "sequence"))
    entries = ports.ledger().read_since(marks, limit)
    if not entries:
        return 0
    last: dict[str, int] = {}
    for entry in entries:
        last[entry.writer] = entry.seq
    with transaction.atomic():
        lock_gate()
        for writer, sequence in last.items():
            if not move_watermark(writer, marks.get(writer, 0), sequence):
                transaction.set_rollback(True)
                return 0
        store_entries(entries)
    return len(entries)


def move_watermark(writer: str, before: int, after: int) -> bool:
    """Move a writer's watermark on, unless it is no longer where it was; answers whether it was moved."""
    if before == 0:
        LedgerWatermark.objects.bulk_create([LedgerWatermark(writer=writer)], ignore_conflicts=True)
    return LedgerWatermark.objects.filter(writer=writer, sequence=before).update(sequence=after) == 1


def store_entries(entries: Iterable[Entry]) -> None:
    """Write what entries of the ledger mean: attempts, standings, statements.

    The caller sees to it that no entry comes twice. Rehearsals are passed over, and so is what belongs to a round
    or an entrant this installation does not know.
    """
    real = [entry for entry in entries if not entry.rehearsal and entry.kind != Kind.SAVE]
    rounds = (
        Round.objects.select_related("contest__activity", "pack")
        .defer("pack__sealed", "pack__commitments")
        .in_bulk({entry.round_id for entry in real})
    )
    entrants = _entrants_of(real, rounds)
    known: list[tuple[Entry, Round, Entrant]] = []
    for entry in real:
        row = rounds.get(entry.round_id)
        entrant = entrants.get((row.contest_id, entry.participant)) if row else None
        if row is None or entrant is None:
            log.warning("ledger entry %s %s belongs to nobody here", entry.writer, entry.seq)
            continue
        known.append((entry, row, entrant))
    corrected = {row.pk: rescorer for row in rounds.values() if (rescorer := _rescorer_of(row)) is not None}
    known = [(_under(corrected.get(row.pk), entry), row, entrant) for entry, row, entrant in known]
    finishes = [one for one in known if one[0].kind == Kind.FINISH]
    AttemptResult.objects.bulk_create([_result_of(*one) for one in finishes], batch_size=500)
    _keep_standings(finishes)
    record_statements([statement for one in known for statement in _statements_of(*one)])
    # Also where no ranks were made yet: it makes whoever ranks just now wait, and then see these.
    Round.objects.filter(pk__in={row.pk for _, row, _ in finishes}, state=RoundState.CLOSED.value).update(
        ranked_at=None
    )


def _rescorer_of(row: Round) -> Rescorer | None:
    """Return what scores attempts that come after a round's results were corrected; None where nothing was."""
    stored = corrections_in_force(row) if row.state == RoundState.CLOSED else {}
    return Rescorer(sealed_pack(row), corrections_of(stored)) if stored else None


def _under(rescorer: Rescorer | None, entry: Entry) -> Entry:
    if rescorer is None or entry.kind != Kind.FINISH:
        return entry
    score, most = rescorer.total(entry)
    return replace(entry, payload={**entry.payload, "score_points": score, "max_points": most})


def _entrants_of(entries: Sequence[Entry], rounds: dict[int, Round]) -> dict[tuple[int, int], Entrant]:
    contests = {row.contest_id for row in rounds.values()}
    rows = Entrant.objects.filter(contest__in=contests, number__in={entry.participant for entry in entries})
    return {(row.contest_id, row.number): row for row in rows}


def _result_of(entry: Entry, row: Round, entrant: Entrant) -> AttemptResult:
    finish = entry.payload
    return AttemptResult(
        round=row,
        entrant=entrant,
        number=entry.attempt_number,
        score_points=finish["score_points"],
        max_points=finish["max_points"],
        time_used_ms=finish["time_used_ms"],
        finished_at=_moment(finish["finished_at_ms"]),
        begun_on=_day_of(entry),
        by_deadline=finish["by"] == FinishedBy.DEADLINE,
        leaf=finish["leaf"],
    )


def _day_of(entry: Entry) -> date:
    """Return the day on which an attempt was begun, as the engine reckons it."""
    return clock.day_of(_moment(entry.payload["finished_at_ms"] - entry.payload["time_used_ms"]), federation_zone())


def _keep_standings(finishes: Sequence[tuple[Entry, Round, Entrant]]) -> None:
    before = {
        (row.round_id, row.entrant_id): row
        for row in Standing.objects.filter(
            round__in={row.pk for _, row, _ in finishes}, entrant__in={entrant.pk for _, _, entrant in finishes}
        )
    }
    sums: dict[tuple[int, int], boards.Counted] = {
        key: boards.Counted(
            row.attempt_number,
            row.score_points,
            row.time_used_ms,
            _ms(row.finished_at),
            row.attempts_count,
            row.days,
        )
        for key, row in before.items()
    }
    sitting: dict[tuple[int, int], tuple[Entrant, Round]] = {}
    for entry, row, entrant in finishes:
        key = (row.pk, entrant.pk)
        attempt = boards.Attempt(
            entry.attempt_number,
            entry.payload["score_points"],
            entry.payload["time_used_ms"],
            entry.payload["finished_at_ms"],
            _day_of(entry).isoformat() if row.counting in boards.BY_DAY else "",
        )
        sums[key] = boards.counted(
            sums.get(key), attempt, row.counting, row.tie_breaks, row.cap_per_day, row.cap_total
        )
        sitting[key] = entrant, row
    Standing.objects.bulk_create(
        [
            Standing(
                round_id=key[0],
                entrant=entrant,
                unit_id=entrant.unit_id,
                attempt_number=sums[key].number,
                attempts_count=sums[key].attempts,
                score_points=sums[key].score_points,
                time_used_ms=sums[key].time_used_ms,
                finished_at=_moment(sums[key].finished_at_ms),
                days=dict(sums[key].days),
                lot=_lot_of(row, entrant),
            )
            for key, (entrant, row) in sitting.items()
        ],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["round", "entrant"],
        update_fields=["attempt_number", "attempts_count", "score_points", "time_used_ms", "finished_at", "days"],
    )
    _keep_boards(before, sums, finishes, {key: entrant for key, (entrant, _) in sitting.items()})


def _keep_boards(
    before: Mapping[tuple[int, int], Standing],
    sums: Mapping[tuple[int, int], boards.Counted],
    finishes: Sequence[tuple[Entry, Round, Entrant]],
    entrants: Mapping[tuple[int, int], Entrant],
) -> None:
    """Add to the tallies of units, and to what each entrant has over all rounds, what these finishes changed."""
    changes: dict[tuple[int, int], tallies.Change] = {}
    contests: dict[int, set[int]] = {}
    rounds = {row.pk: row for _, row, _ in finishes}
    for key, entrant in entrants.items():
        old, new = before.get(key), sums[key]
        change = changes.setdefault((key[0], entrant.unit_id), tallies.Change())
        change.count(
            old.score_points if old else None,
            new.score_points,
            new.attempts - (old.attempts_count if old else 0),
        )
        if not rounds[key[0]].practice:
            contests.setdefault(rounds[key[0]].contest_id, set()).add(entrant.pk)
    tallies.change_tallies(changes)
    for contest_id, people in contests.items():
        tallies.add_up(contest_id, people)


def _lot_of(row: Round, entrant: Entrant) -> str:
    return tie_lot(row.pack.content_hash, entrant.number).hex() if row.rank_style == RankStyle.LOT else ""


def _statements_of(entry: Entry, row: Round, entrant: Entrant) -> list[NewStatement]:
    def statement(verb: Verb, happened_at_ms: int, result: dict[str, object]) -> NewStatement:
        return NewStatement(
            unit_id=entrant.unit_id,
            verb=verb.value,
            object_key=object_key(row.pk),
            happened_at=_moment(happened_at_ms),
            source=SOURCE,
            source_key=f"{row.pk}:{entrant.pk}:{entry.attempt_number}:{verb.value}",
            membership_id=entrant.membership_id,
            activity_number=row.contest.activity.number,
            result=result,
        )

    if entry.kind == Kind.START:
        return [statement(Verb.ATTEMPTED, entry.at_ms, {})]
    finish = entry.payload
    passed = finish["score_points"] >= row.pass_points
    most = finish["max_points"]
    result: dict[str, object] = {
        "completion": True,
        "duration": duration_of(finish["time_used_ms"]),
        "score": {
            "raw": finish["score_points"],
            "min": 0,
            "max": most,
            "scaled": round(finish["score_points"] / most, 4) if most else 0,
        },
    }
    if row.pass_points:
        result["success"] = passed
    found = [statement(Verb.COMPLETED, finish["finished_at_ms"], result)]
    if row.pass_points and passed and not row.practice:
        found.append(statement(Verb.PASSED, finish["finished_at_ms"], result))
    return found


def object_key(round_id: int) -> str:
    """Return how the record names a round."""
    return f"contests.round:{round_id}"


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
