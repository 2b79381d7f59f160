"""Tallies of units for the rounds that were played before there were any."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db import migrations
from django.db.models import Count, Max, Sum


def fill(apps: Any, schema_editor: Any) -> None:
    standings = apps.get_model("contests", "Standing").objects
    tallies = apps.get_model("contests", "UnitTally").objects
    for round_id in standings.order_by().values_list("round", flat=True).distinct():
        found: dict[int, list[Any]] = {}
        rows = standings.filter(round=round_id).order_by().values_list("unit", "score_points")
        for unit, score, people, attempts in rows.annotate(n=Count("pk"), attempts=Sum("attempts_count")):
            one = found.setdefault(unit, [0, 0, 0, []])
            one[0] += people
            one[1] += attempts
            one[2] += score * people
            one[3].append((score, people))
        tallies.bulk_create(
            [
                tallies.model(
                    round_id=round_id,
                    unit_id=unit,
                    people=people,
                    attempts=attempts,
                    score_sum=score_sum,
                    scores=np.array(sorted(scores), dtype="<i4").tobytes(),
                )
                for unit, (people, attempts, score_sum, scores) in found.items()
            ],
            batch_size=500,
        )
    _over_rounds(apps)


def _over_rounds(apps: Any) -> None:
    """Add up the rounds of contests with several, of those whose results may be seen."""
    rounds = apps.get_model("contests", "Round").objects.exclude(state="draft").filter(practice=False)
    standings = apps.get_model("contests", "Standing").objects
    sums = apps.get_model("contests", "ContestStanding").objects
    for one in rounds.order_by().values("contest").annotate(n=Count("pk")).filter(n__gt=1):
        of_contest = rounds.filter(contest=one["contest"])
        seen = [
            row.pk
            for row in of_contest
            if row.results == "at_once"
            or (row.results == "after_round" and row.ranked_at)
            or (row.results == "after_review" and row.released_at)
        ]
        people = standings.filter(round__in=of_contest.values("pk")).order_by().values_list("entrant", "unit")
        rows = {
            entrant: sums.model(
                contest_id=one["contest"],
                entrant_id=entrant,
                unit_id=unit,
                rounds_count=0,
                score_points=0,
                time_used_ms=0,
                finished_at=last,
                attempts_count=0,
            )
            for entrant, unit, last in people.annotate(last=Max("finished_at"))
        }
        shown = standings.filter(round__in=seen).order_by().values_list("entrant")
        for entrant, count, points, used, last, attempts in shown.annotate(
            Count("pk"), Sum("score_points"), Sum("time_used_ms"), Max("finished_at"), Sum("attempts_count")
        ):
            row = rows[entrant]
            row.rounds_count, row.score_points, row.time_used_ms = count, points, used
            row.finished_at, row.attempts_count = last, attempts
        sums.bulk_create(rows.values(), batch_size=500)


def leave(apps: Any, schema_editor: Any) -> None:
    """Nothing to undo: the tables go with the migration before."""


class Migration(migrations.Migration):
    dependencies = [("contests", "0141_boards_stay")]

    operations = [migrations.RunPython(fill, leave)]
