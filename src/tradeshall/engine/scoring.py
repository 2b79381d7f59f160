"""What a response earns: whole points, from positions as written in the item."""

from __future__ import annotations

from collections.abc import Collection

from tradeshall.engine.wire import Form, Scoring


def score_response(
    form: str, scoring: str, points: int, options: int, key: frozenset[int], given: Collection[int]
) -> int:
    """Return the points a response earns, 0 to `points`; no response earns nothing.

    Part marks: any wrong option gives 0; otherwise points x right ticked / right in all, rounded down.
    Per option: points x (options rightly ticked or rightly left - options wrongly so) / options, rounded
    down, never below 0; nothing ticked is no response.
    """
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
