"""What a verifier found: one line a check, and the verdict over all of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

GOOD, BAD, NOTHING = "good", "bad", "nothing"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked in one file. `holds` is None where something that is needed was not given."""

    file: str
    code: str
    holds: bool | None
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Report:
    """All checks, in the order in which they were made."""

    checks: list[Check] = field(default_factory=list)

    def add(self, file: str, code: str, holds: bool | None, **about: Any) -> bool | None:
        self.checks.append(Check(file, code, holds, about))
        return holds

    @property
    def verdict(self) -> str:
        """`bad` if anything is wrong, `nothing` if nothing could be checked, else `good`."""
        if any(check.holds is False for check in self.checks):
            return BAD
        return GOOD if any(check.holds for check in self.checks) else NOTHING

    @property
    def exit_status(self) -> int:
        return {GOOD: 0, BAD: 1, NOTHING: 2}[self.verdict]


@cache
def texts() -> dict[str, Any]:
    """Return the sentences of both verifiers: code → how it went → language."""
    raw = files("tradeshall.engine.proofs").joinpath("static/verifier/texts.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(raw)
    return found


def sentence(check: Check, language: str = "en") -> str:
    """Return what a check found in plain words."""
    how = {True: "good", False: "bad", None: "none"}[check.holds]
    words: str = texts()["checks"][check.code][how][language]
    for name, value in check.about.items():
        words = words.replace("{" + name + "}", str(value))
    return words
