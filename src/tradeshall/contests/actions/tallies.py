"""What boards are made of, kept up as attempts are read: sums of each unit, sums of each entrant over rounds.

A batch costs two statements for the units it touches and two for the entrants, however large the contest is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count, Sum

from tradeshall.contests.actions.gate import lock_gate
from tradeshall.contests.models import ContestStanding, Entrant, Round, Standing, UnitTally
from tradeshall.contests.queries.boards.scopes import boards_of, counting_rounds, scored_rounds
from tradeshall.contests.rules.boards import Result, added_up
from tradeshall.contests.rules.figures import pack_scores, unpack_scores

CHUNK = 500


@dataclass(slots=True)
class Change:
    """What a batch changes for one unit in one round."""

    people: int = 0
    attempts: int = 0
    score_sum: int = 0
    scores: dict[int, int] = field(default_factory=dict)

    def count(self, before: int | None, after: int, attempts: int) -> None:
        """Count an entrant whose score was `before` (None: none yet) and is `after`, `attempts` more in all."""
        self.attempts += attempts
        if before is None:
            self.people += 1
        else:
            self.scores[before] = self.scores.get(before, 0) - 1
        self.score_sum += after - (before or 0)
        self.scores[after] = self.scores.get(after, 0) + 1


def change_tallies(changes: Mapping[tuple[int, int], Change]) -> None:
    """Add changes to the tallies, by round and unit; to be called within the transaction that stores the batch."""
    if not changes:
        return
    rounds, units = {key[0] for key in changes}, {key[1] for key in changes}
    before = {
        (row.round_id, row.unit_id): row
        for row in UnitTally.objects.filter(round__in=rounds, unit__in=units)
        if (row.round_id, row.unit_id) in changes
    }
    rows = []
    for (round_id, unit_id), change in sorted(changes.items()):
        old = before.get((round_id, unit_id))
        scores = unpack_scores(bytes(old.scores)) if old else {}
        for score, count in change.scores.items():
            scores[score] = scores.get(score, 0) + count
        rows.append(
            UnitTally(
                round_id=round_id,
                unit_id=unit_id,
                people=(old.people if old else 0) + change.people,
                attempts=(old.attempts if old else 0) + change.attempts,
                score_sum=(old.score_sum if old else 0) + change.score_sum,
                scores=pack_scores(scores),
            )
        )
    _write_tallies(rows)


def _write_tallies(rows: list[UnitTally]) -> None:
    UnitTally.objects.bulk_create(
        rows,
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["round", "unit"],
        update_fields=["people", "attempts", "score_sum", "scores"],
    )


def rebuild_tallies(round_id: int) -> None:
    """Make the tallies of a round anew from its standings, as after scores were changed; within a transaction."""
    UnitTally.objects.filter(round=round_id).delete()
    changes: dict[int, Change] = {}
    rows = Standing.objects.filter(round=round_id).order_by().values_list("unit", "score_points")
    for unit, score, people, attempts in rows.annotate(n=Count("pk"), attempts=Sum("attempts_count")):
        one = changes.setdefault(unit, Change())
        one.people += people
        one.attempts += attempts
        one.score_sum += score * people
        one.scores[score] = one.scores.get(score, 0) + people
    _write_tallies(
        [
            UnitTally(
                round_id=round_id,
                unit_id=unit,
                people=one.people,
                attempts=one.attempts,
                score_sum=one.score_sum,
                scores=pack_scores(one.scores),
            )
            for unit, one in changes.items()
        ]
    )


# Over all rounds ---------------------------------------------------------------------------------------------


def add_up(contest_id: int, entrant_ids: Collection[int]) -> None:
    """Make the standings of some entrants over all rounds anew from those of the rounds; within a transaction.

    Only rounds whose results may be seen count. Does nothing where a contest has one round.
    """
    if not entrant_ids or len(scored_rounds(contest_id)) < 2:
        return
    seen = {row.pk for row in counting_rounds(contest_id)}
    best = boards_of(contest_id).best_rounds
    units = dict(Entrant.objects.filter(pk__in=entrant_ids).values_list("pk", "unit_id"))
    found: dict[int, list[Result]] = {}
    standings = Standing.objects.filter(entrant__in=list(units), round__practice=False).order_by()
    for entrant, *result in standings.values_list("entrant", *Result._fields):
        found.setdefault(entrant, []).append(Result(*result))
    ContestStanding.objects.bulk_create(
        [
            ContestStanding(contest_id=contest_id, entrant_id=pk, unit_id=units[pk], **added_up(results, seen, best))
            for pk, results in found.items()
        ],
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["entrant"],
        update_fields=["rounds_count", "score_points", "time_used_ms", "finished_at", "attempts_count"],
    )


def recount_round(round_id: int) -> None:
    """Make the tallies of a round anew after its scores were corrected, all at once."""
    with transaction.atomic():
        rebuild_tallies(round_id)


def add_up_round(round_id: int) -> None:
    """Add up everyone who took part in a round, a chunk a transaction: its results may be seen from now on."""
    row = Round.objects.get(pk=round_id)
    add_up_all(row.contest_id, Standing.objects.filter(round=row).order_by("entrant").values_list("entrant"))


def add_up_contest_of(round_id: int) -> None:
    """Add up everyone in the contest of a round that was published: with a second one there is something to add."""
    row = Round.objects.get(pk=round_id)
    if row.practice or len(scored_rounds(row.contest_id)) != 2:
        return
    entrants = Standing.objects.filter(round__contest=row.contest_id, round__practice=False)
    add_up_all(row.contest_id, entrants.order_by("entrant").values_list("entrant").distinct())


def add_up_all(contest_id: int, entrants: Iterable[tuple[int]]) -> None:
    """Add up entrants, a chunk a transaction; who reads the ledger meanwhile waits for the chunk."""
    ids = [pk for (pk,) in entrants]
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            lock_gate()
            add_up(contest_id, ids[start : start + CHUNK])
