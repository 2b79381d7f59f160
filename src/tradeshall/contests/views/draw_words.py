"""A prize draw in plain words, the same for organisers and for everybody else."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tradeshall.contests import texts
from tradeshall.contests.enums import DrawState
from tradeshall.contests.models import PrizeDraw
from tradeshall.web.naming import called

TAGS = {
    DrawState.DRAFT.value: "warn",
    DrawState.ANNOUNCED.value: "blue",
    DrawState.SEALED.value: "blue",
    DrawState.DRAWN.value: "warn",
    DrawState.PUBLISHED.value: "ok",
    DrawState.CLOSED.value: "",
    DrawState.CALLED_OFF.value: "bad",
}
WINNER_TAGS = {"won": "warn", "claimed": "blue", "handed_over": "ok", "forfeited": "", "reserve": ""}


def labelled(draw: PrizeDraw) -> PrizeDraw:
    """Give a draw the words its state is shown with."""
    draw.state_label = texts.DRAW_STATES[draw.state]  # type: ignore[attr-defined]
    draw.state_tag = TAGS[draw.state]  # type: ignore[attr-defined]
    return draw


def conditions_in_words(draw: PrizeDraw) -> list[str]:
    """Return what somebody must have done to have a ticket, one sentence each."""
    found = []
    if draw.round is not None:
        found.append(_("Handed in an attempt in “%(round)s”.") % {"round": called(draw.round)})
    elif draw.every_round:
        found.append(_("Handed in an attempt in every round of the contest."))
    else:
        found.append(_("Handed in an attempt in the contest."))
    if draw.least_points:
        found.append(
            ngettext("Has %(count)s point or more.", "Has %(count)s points or more.", draw.least_points)
            % {"count": draw.least_points}
        )
    if draw.least_passed:
        found.append(
            ngettext("Passed %(count)s round or more.", "Passed %(count)s rounds or more.", draw.least_passed)
            % {"count": draw.least_passed}
        )
    if draw.least_attempts > 1:
        found.append(_("Handed in %(count)s attempts or more.") % {"count": draw.least_attempts})
    if draw.least_days > 1:
        found.append(_("Answered on %(count)s days or more.") % {"count": draw.least_days})
    if draw.least_streak > 1:
        found.append(_("Answered on %(count)s days in a row or more.") % {"count": draw.least_streak})
    if draw.unit is not None:
        found.append(_("Belongs to %(unit)s or a unit beneath it.") % {"unit": called(draw.unit, "name")})
    if draw.leaves_out_staff:
        found.append(_("Is no organiser and holds no other role."))
    found.append(_("Everybody has one ticket, however many attempts or points they have."))
    return found
