"""What a rule answers when something may not happen.

A rule is a pure function that returns a `Refusal` or nothing. The same function guards an action, decides
whether a button shows, words its tooltip, and runs in the engine. The sentence a person reads is found by
`code` in the `texts` of the app whose name stands before the first colon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why not: a code such as `contests:round:not_open`, and the figures its sentence needs."""

    code: str
    details: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    field_name: str = ""


class Refused(Exception):
    """Raised by an action that a rule or the authority refuses; nothing has been written."""

    def __init__(self, *refusals: Refusal) -> None:
        if not refusals:
            raise ValueError("a refusal needs at least one reason")
        super().__init__(", ".join(refusal.code for refusal in refusals))
        self.refusals = refusals


def refuse(code: str, /, *, field_name: str = "", **details: object) -> Refusal:
    """Return the refusal `code` with the figures its sentence needs."""
    return Refusal(code, MappingProxyType(details), field_name)


def require(*refusals: Refusal | None) -> None:
    """Raise `Refused` with all refusals that are not None; do nothing if there are none."""
    given = tuple(refusal for refusal in refusals if refusal is not None)
    if given:
        raise Refused(*given)
