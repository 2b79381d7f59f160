"""Pure rules of what is brought in."""

from __future__ import annotations

SHOWN = 40


def shortened(value: object) -> str:
    """Return what a report shows of a value: its beginning, on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
