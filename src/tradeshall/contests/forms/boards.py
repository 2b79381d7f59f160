"""The shape of what an organiser types about boards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tradeshall.contests import texts
from tradeshall.contests.enums import BoardPart
from tradeshall.contests.forms.fields import MomentField, choices
from tradeshall.contests.models import ContestBoards, UnitBoard
from tradeshall.contests.rules.boards import LEAST_MEMBERS, LEAST_TAKING_PART
from tradeshall.contests.rules.unit_boards import LEAST_TOP, BoardDraft
from tradeshall.web.editing import EditingForm

WEIGHTS = {part: f"weight_{part.value}" for part in BoardPart}


def _weight(label: object) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=100)  # type: ignore[arg-type]


class UnitBoardForm(EditingForm):
    """A board of units: which units, what counts with which weight, and from which size on."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("For example: Branches, or Cities by points."))
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False)
    level = forms.ChoiceField(label=_("Units of this level"))
    industry = forms.ChoiceField(label=_("Industry"), required=False)
    weight_rate = _weight(_("Participation rate"))
    weight_coverage = _weight(_("Branches reached"))
    weight_mean = _weight(_("Mean score"))
    weight_top_mean = _weight(_("Mean of the best"))
    weight_total = _weight(_("Total of points"))
    top_count = forms.IntegerField(
        label=_("How many best ones"),
        min_value=0,
        max_value=1000,
        help_text=_("For the mean of the best: from 10 on. Missing ones count 0."),
    )
    least_members = forms.IntegerField(
        label=_("Members at least"), min_value=0, max_value=1_000_000, help_text=_("30 or more.")
    )
    least_taking_part = forms.IntegerField(
        label=_("Taking part at least"), min_value=0, max_value=1_000_000, help_text=_("10 or more.")
    )
    ranks = forms.ChoiceField(label=_("Equal points are numbered"), choices=choices(texts.BOARD_RANKS))

    def __init__(
        self, *args: Any, levels: Sequence[tuple[str, object]], industries: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = list(levels)  # type: ignore[attr-defined]
        self.fields["industry"].choices = [("", _("All")), *((one, one) for one in industries)]  # type: ignore[attr-defined]

    def draft(self) -> BoardDraft:
        """Return the board as it was typed."""
        values = dict(self.cleaned_data)
        kind, _, depth = values.pop("level").partition(":")
        weights = {part.value: values.pop(name) for part, name in WEIGHTS.items()}
        return BoardDraft(
            kind=kind,
            depth=int(depth) if depth else None,
            weights={part: weight for part, weight in weights.items() if weight},
            **values,
        )


def level_code(kind: str, depth: int | None) -> str:
    return f"{kind}:{depth or ''}"


def new_board() -> dict[str, Any]:
    """Return what a new board begins with."""
    return {
        "level": level_code("branch", None),
        "weight_rate": 100,
        "top_count": LEAST_TOP,
        "least_members": LEAST_MEMBERS,
        "least_taking_part": LEAST_TAKING_PART,
        "ranks": "standard",
    }


def stored_board(board: UnitBoard) -> dict[str, Any]:
    """Return what is stored of a board, as its form shows it."""
    plain = ("name", "name_en", "industry", "top_count", "least_members", "least_taking_part", "ranks")
    return {
        **{name: getattr(board, name) for name in plain},
        "level": level_code(board.kind, board.depth),
        **{name: board.weights.get(part.value) for part, name in WEIGHTS.items()},
    }


class BestRoundsForm(EditingForm):
    """How many of somebody's best rounds count."""

    best_rounds = forms.IntegerField(
        label=_("Best rounds that count"),
        min_value=0,
        max_value=366,
        help_text=_("0: the points of all rounds are added up. 1: the best round alone counts."),
    )


class FreezeForm(EditingForm):
    """From when members see boards as they stand at that moment."""

    freeze_at = MomentField(
        label=_("Freeze the boards from"),
        required=False,
        help_text=_("From then on members see the boards as they stood at that moment. Left empty: never."),
    )


def stored_boards(boards: ContestBoards) -> dict[str, Any]:
    return {"best_rounds": boards.best_rounds, "freeze_at": boards.freeze_at}
