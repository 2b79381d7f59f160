"""What a rehearsal has shown: figures, and whether the ledger holds what people were told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from tradeshall.engine.ledger.interface import FINISH, Ledger, leaf_of
from tradeshall.engine.rehearsal.playing import KINDS, Played


@dataclass(frozen=True, slots=True)
class Held:
    """How the ledger stands to what was acknowledged."""

    finishes: int
    lost: int
    changed: int
    doubled: int
    saves_lost: int

    @property
    def sound(self) -> bool:
        return not (self.lost or self.changed or self.doubled or self.saves_lost)


def compare(ledger: Ledger, before: Mapping[str, int], round_id: int, played: Played) -> Held:
    """Read the ledger from where it stood before, and look for everything that people were told."""
    leaves: dict[int, bytes] = {}
    doubled = 0
    for _, _, row in ledger.replay(before, saves=False):
        if row.kind == FINISH and row.rehearsal and row.round_id == round_id and row.participant in played.leaves:
            doubled += row.participant in leaves
            leaves[row.participant] = leaf_of(row.payload)
    saved: dict[int, int] = {}
    for _, _, row in ledger.replay(before, saves=True):
        if row.rehearsal and row.round_id == round_id and row.participant in played.saved:
            newest = max((response[1] for response in orjson.loads(row.payload)["responses"]), default=0)
            saved[row.participant] = max(newest, saved.get(row.participant, 0))
    return Held(
        finishes=len(leaves),
        lost=sum(participant not in leaves for participant in played.leaves),
        changed=sum(leaves.get(participant, leaf) != leaf for participant, leaf in played.leaves.items()),
        doubled=doubled,
        saves_lost=sum(saved.get(participant, 0) < revision for participant, revision in played.saved.items()),
    )


def at(part: float, figures: Sequence[float]) -> float:
    """Return the figure under which a part of sorted figures lies."""
    return figures[min(len(figures) - 1, int(part * len(figures)))] if figures else 0.0


def figures_of(played: Played, held: Held | None) -> dict[str, Any]:
    """Return all figures of a rehearsal."""
    requests = sum(len(times) for times in played.times_ms.values())
    last = max(played.by_second, default=0)
    busiest = max(
        (sum(played.by_second[one] for one in range(second, second + 10)) / 10 for second in range(last + 1)),
        default=0.0,
    )
    times = {kind: sorted(played.times_ms[kind]) for kind in KINDS}
    waited, lost = sorted(played.waited_ms), sorted(played.lost_ms)
    looks = played.looks
    return {
        "at": datetime.fromtimestamp(played.began_at_ms / 1000, UTC).isoformat(timespec="seconds"),
        "version": played.health.get("version", ""),
        "ledger": played.health.get("ledger", ""),
        "members": played.members,
        "seconds": round(played.seconds, 1),
        "begun": played.begun,
        "finished": played.finished,
        "left_open_as_planned": played.given_up,
        "answered": requests,
        "answered_a_second": round(requests / played.seconds, 1) if played.seconds else 0.0,
        "answered_a_second_in_the_busiest_ten": round(busiest, 1),
        "times_ms": {
            kind: {
                "count": len(found),
                "p50": round(at(0.5, found), 1),
                "p99": round(at(0.99, found), 1),
                "p99.9": round(at(0.999, found), 1),
                "most": round(found[-1], 1) if found else 0.0,
            }
            for kind, found in times.items()
        },
        "waited_to_begin_ms": {"p50": round(at(0.5, waited), 1), "most": round(waited[-1], 1) if waited else 0.0},
        "playing_time_lost_ms": {"p50": round(at(0.5, lost), 1), "most": round(lost[-1], 1) if lost else 0.0},
        "lines_cut_on_purpose": dict(played.dropped),
        "turned_away_and_asked_again": dict(played.shed),
        "unanswered_and_asked_again": dict(played.unanswered),
        "errors": dict(played.errors),
        "told_otherwise_the_second_time": played.told_otherwise,
        "receipts_that_do_not_hold": played.bad_receipts,
        "engine": {
            "queue_most": max((look["queue_most"] for look in looks), default=0),
            "memory_mb_most": max((look["memory_mb"] for look in looks), default=0),
            "late_ms_most": max((look["late_ms"] for look in looks), default=0),
            "rows_a_commit_most": round(max((look["rows_a_commit"] for look in looks), default=0), 1),
            "commit_ms_most": round(max((look["commit_ms"] for look in looks), default=0), 1),
        },
        "ledger_after": None
        if held is None
        else {
            "acknowledged": len(played.leaves),
            "found": held.finishes,
            "lost": held.lost,
            "changed": held.changed,
            "doubled": held.doubled,
            "saves_lost": held.saves_lost,
        },
        "sound": is_sound(played, held),
    }


def is_sound(played: Played, held: Held | None) -> bool:
    """Answer whether everybody got an answer, the same one each time, and the ledger holds it."""
    everybody = played.finished + played.given_up == played.members
    told_right = not (played.errors or played.told_otherwise or played.bad_receipts)
    return everybody and told_right and (held is None or held.sound)


def markdown(figures: Mapping[str, Any], machine: str = "") -> str:
    """Return a report as a page."""

    def counted(found: Mapping[str, int]) -> str:
        return ", ".join(f"{name}: {count:,}" for name, count in sorted(found.items())) or "none"

    after = figures["ledger_after"]
    lines = [
        f"# Rehearsal of {figures['members']:,} members",
        "",
        f"{figures['at']}, version {figures['version']}, ledger {figures['ledger']}"
        + (f", {machine}." if machine else "."),
        "",
        "**Sound.** Everybody was answered, the same each time, and the ledger holds it."
        if figures["sound"]
        else "**Not sound.** See the errors and the ledger below.",
        "",
        "| what | figure |",
        "|---|---|",
        f"| members who began | {figures['begun']:,} of {figures['members']:,} |",
        f"| handed in | {figures['finished']:,} |",
        f"| left open, as planned | {figures['left_open_as_planned']:,} |",
        f"| duration | {figures['seconds']:,} s |",
        f"| requests answered | {figures['answered']:,} |",
        f"| answered a second, on average | {figures['answered_a_second']:,} |",
        f"| in the busiest ten seconds | {figures['answered_a_second_in_the_busiest_ten']:,} |",
        f"| longest wait to begin | {figures['waited_to_begin_ms']['most']:,} ms |",
        f"| most playing time over before the paper was sent | {figures['playing_time_lost_ms']['most']:,} ms |",
        f"| longest queue | {figures['engine']['queue_most']:,} |",
        f"| most memory of the engine's process | {figures['engine']['memory_mb_most']:,} MB |",
        "",
        "| kind | answered | p50 ms | p99 ms | p99.9 ms | longest ms |",
        "|---|---|---|---|---|---|",
        *(
            f"| {kind} | {row['count']:,} | {row['p50']:,} | {row['p99']:,} | {row['p99.9']:,} | {row['most']:,} |"
            for kind, row in figures["times_ms"].items()
        ),
        "",
        f"Lines cut on purpose, and the request sent again: {counted(figures['lines_cut_on_purpose'])}.",
        f"Turned away and asked again: {counted(figures['turned_away_and_asked_again'])}.",
        f"Unanswered and asked again: {counted(figures['unanswered_and_asked_again'])}.",
        f"Errors: {counted(figures['errors'])}.",
        f"Told otherwise the second time: {figures['told_otherwise_the_second_time']}."
        f" Receipts that do not hold: {figures['receipts_that_do_not_hold']}.",
        "",
    ]
    if after is not None:
        lines += [
            f"The ledger afterwards: of {after['acknowledged']:,} submissions acknowledged, {after['found']:,} are"
            f" there, {after['lost']} lost, {after['changed']} with another receipt, {after['doubled']} twice;"
            f" {after['saves_lost']} acknowledged saves lost.",
            "",
        ]
    return "\n".join(lines)
