"""What a response earns: whole points, by form and by how its section scores.

| form | all or nothing | part marks | per option |
|---|---|---|---|
| single, true/false, number | right or not | as before | as before |
| multiple | all right options and no other | any wrong option 0, else by right options | each option for or against |
| fill-in | every gap | by right gaps | right gaps less wrong; an empty gap neither |
| matching | every pair | by right pairs | right pairs less wrong; an open pair neither |
| ordering | the whole order | the longest run in right order, from two on | places right less places wrong |

"By" means points x right / all, rounded down, never below 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tradeshall.engine.forms import Ordering, PlayedForm
from tradeshall.engine.paper import Order
from tradeshall.engine.wire import Form, Scoring


def score_response(
    form: str, scoring: str, points: int, options: int, key: frozenset[int], given: Collection[int]
) -> int:
    """Return the points the positions of a choice earn, 0 to `points`; no response earns nothing."""
    if not given:
        return 0
    chosen = frozenset(given)
    if chosen == key:
        return points
    if form != Form.MULTIPLE or scoring == Scoring.ALL_OR_NOTHING:
        return 0
    if scoring == Scoring.PART_MARKS:
        return points * len(chosen) // len(key) if chosen < key else 0
    wrong = len(chosen ^ key)
    return max(0, points * (options - 2 * wrong) // options)


def score_parts(item: PlayedForm, scoring: str, points: int, order: Order, given: Sequence[Any]) -> int:
    """Return the points a response of any other form earns, 0 to `points`."""
    marks = item.marks(order, given)
    right, every = marks.count(True), len(marks)
    if right == every:
        return points
    if scoring == Scoring.ALL_OR_NOTHING or every == 1:
        return 0
    if scoring == Scoring.PER_OPTION:
        return max(0, points * (right - marks.count(False)) // every)
    if isinstance(item, Ordering):
        run = item.run(order, given)
        return points * run // every if run > 1 else 0
    return points * right // every
