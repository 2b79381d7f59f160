"""The language of the record, without a database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_VERBS = "http://adlnet.gov/expapi/verbs/"


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something happened, and to how many."""

    person_times: int
    members: int


def verb_iri(verb: str) -> str:
    """Return the identifier under which other systems know a verb."""
    return _VERBS + verb


def duration_of(milliseconds: int) -> str:
    """Return a duration as xAPI writes it, ISO 8601 in seconds to two places: `PT61.25S`."""
    hundredths = milliseconds // 10
    return f"PT{hundredths // 100}.{hundredths % 100:02d}S"


def rolled_up(tallies: Iterable[tuple[str, Tally]]) -> dict[str, Tally]:
    """Return the sum at each path and at every path above it, of tallies that each stand at one path."""
    sums: dict[str, tuple[int, int]] = {}
    for path, tally in tallies:
        steps = path.rstrip("/").split("/")
        for end in range(1, len(steps) + 1):
            above = "/".join(steps[:end]) + "/"
            person_times, members = sums.get(above, (0, 0))
            sums[above] = (person_times + tally.person_times, members + tally.members)
    return {path: Tally(*sums[path]) for path in sorted(sums)}
