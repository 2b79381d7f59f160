"""What is right in an item, as its editor types it: rows, gaps, a figure; and back into what the bank keeps.

How many rows there are depends on the form, so they come as lists beside the fields of Django's form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.rules.item_forms import MOST_MATCHES, MOST_OPTIONS, letter_of
from tradeshall.core.ids import parse_number
from tradeshall.engine.pack import GAPS, MAX_GAPS

SHOWN_AT_FIRST = 4
WITH_OPTIONS = (ItemForm.SINGLE, ItemForm.MULTIPLE, ItemForm.MATCHING, ItemForm.ORDERING)


class AnswerRows:
    """The rows under a question in its editor."""

    def __init__(self, data: QueryDict | None, initial: Mapping[str, Any]) -> None:
        self.stored_options = list(initial.get("options", []))
        self.stored_matches = list(initial.get("matches", []))
        if data is not None:
            self.form_code = data.get("item_form") or ItemForm.SINGLE.value
            self.stem = data.get("stem", "")
            self.options = [text.strip() for text in data.getlist("option")]
            self.matches = [text.strip() for text in data.getlist("match")]
            self.right = {at for mark in data.getlist("right") if (at := parse_number(mark)) is not None}
            self.accepted = data.getlist("accepted")
            self.figure = (data.get("value", "").strip(), data.get("tolerance", "").strip())
            return
        self.form_code = initial.get("item_form") or ItemForm.SINGLE.value
        self.stem = initial.get("stem", "")
        key = list(initial.get("key", []))
        accepted = list(initial.get("accepted", []))
        self.options, self.matches = list(self.stored_options), []
        self.right = set(key)
        self.accepted = ["\n".join(texts) for texts in accepted]
        self.figure = tuple(accepted[0]) if self.form_code == ItemForm.NUMERIC and accepted else ("", "")
        if self.form_code == ItemForm.ORDERING:
            self.options = [self.stored_options[at] for at in key]
        elif self.form_code == ItemForm.MATCHING:
            spare = [match for at, match in enumerate(self.stored_matches) if at not in key]
            self.matches = [self.stored_matches[at] for at in key] + spare
            self.options += [""] * len(spare)

    @property
    def most(self) -> int:
        return MOST_MATCHES if self.form_code == ItemForm.MATCHING else MOST_OPTIONS

    @property
    def has_options(self) -> bool:
        return self.form_code in WITH_OPTIONS

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows to show: those typed, and empty ones up to what the form usually has."""
        if self.form_code == ItemForm.TRUE_FALSE:
            return [
                {"at": at, "letter": letter_of(at), "text": text, "right": at in self.right, "fixed": True}
                for at, text in enumerate((_("True"), _("False")))
            ]
        shown = max(SHOWN_AT_FIRST, min(max(len(self.options), len(self.matches)), self.most))
        return [
            {
                "at": at,
                "number": at + 1,
                "letter": letter_of(at),
                "text": self.options[at] if at < len(self.options) else "",
                "match": self.matches[at] if at < len(self.matches) else "",
                "right": at in self.right,
                "fixed": False,
            }
            for at in range(shown)
        ]

    def gaps(self) -> list[dict[str, Any]]:
        """Return a box for each gap of the question, one at least; none that holds something is left out."""
        filled = max((at for at, text in enumerate(self.accepted, 1) if text.strip()), default=0)
        shown = max(1, min(len(GAPS.findall(_half_width(self.stem))), MAX_GAPS), filled)
        return [
            {"at": at, "number": at + 1, "texts": self.accepted[at] if at < len(self.accepted) else ""}
            for at in range(shown)
        ]

    @property
    def may_add(self) -> bool:
        return self.has_options and len(self.rows()) < self.most

    def add_row(self) -> None:
        """Make room for one more row."""
        self.options = [*(row["text"] for row in self.rows()), ""]

    def switch(self, form_code: str) -> None:
        """Turn what is being written into another form of item; what was typed stays where it can."""
        if ItemForm.TRUE_FALSE in (self.form_code, form_code) or self.form_code not in (
            ItemForm.SINGLE,
            ItemForm.MULTIPLE,
        ):
            self.right = set()
        elif form_code == ItemForm.SINGLE.value and len(self.right) > 1:
            self.right = {min(self.right)}
        self.form_code = form_code

    @property
    def right_is_empty(self) -> bool:
        """Answer whether an option is marked as right that has no text."""
        choice = self.form_code in (ItemForm.SINGLE, ItemForm.MULTIPLE)
        return choice and any(at >= len(self.options) or not self.options[at] for at in self.right)

    def answer(self) -> dict[str, tuple[Any, ...]]:
        """Return what is right as an item holds it; empty rows are left out."""
        if self.form_code == ItemForm.TRUE_FALSE:
            return {"options": (), "key": tuple(sorted(self.right)[:1])}
        if self.form_code == ItemForm.FILL_IN:
            boxes = [box["texts"].splitlines() for box in self.gaps()]
            return {"options": (), "key": (), "accepted": tuple(map(tuple, boxes))}
        if self.form_code == ItemForm.NUMERIC:
            value, tolerance = self.figure
            return {"options": (), "key": (), "accepted": ((value, tolerance or "0"),)}
        if self.form_code == ItemForm.MATCHING:
            return self._pairs()
        if self.form_code == ItemForm.ORDERING:
            return self._order()
        kept = [at for at, text in enumerate(self.options) if text]
        key = tuple(kept.index(at) for at in sorted(self.right) if at in kept)
        return {"options": tuple(self.options[at] for at in kept), "key": key}

    def _pairs(self) -> dict[str, tuple[Any, ...]]:
        """Return options, matches and which belongs to which; what stands twice on the right is one match."""
        rows = [(row["text"], row["match"]) for row in self.rows()]
        written = dict.fromkeys(match for _, match in rows if match)
        before = {match: at for at, match in enumerate(self.stored_matches)}
        matches = sorted(written, key=lambda match: before.get(match, len(before)))
        places = {match: at for at, match in enumerate(matches)}
        return {
            "options": tuple(text for text, _ in rows if text),
            "key": tuple(places.get(match, -1) for text, match in rows if text),
            "matches": tuple(matches),
        }

    def _order(self) -> dict[str, tuple[Any, ...]]:
        """Return the lines and their right order; lines that are stored stay where they are stored."""
        lines = [text for text in self.options if text]
        if sorted(lines) == sorted(self.stored_options) and len(set(lines)) == len(lines):
            return {
                "options": tuple(self.stored_options),
                "key": tuple(self.stored_options.index(text) for text in lines),
            }
        return {"options": tuple(lines), "key": tuple(range(len(lines)))}


def _half_width(text: str) -> str:
    return text.replace("\uff3f", "_")
