"""What prize draws put on the organiser's desk."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tradeshall.contests import permissions
from tradeshall.contests.enums import DrawState
from tradeshall.contests.queries import draws as queries
from tradeshall.core import authority
from tradeshall.web.naming import called
from tradeshall.web.ports import Ticket

MOST = 12


def tickets(request: HttpRequest) -> list[Ticket]:
    """Say which draws wait for their next step; three queries at most."""
    if not authority.may(request.user, permissions.DRAW_VIEW):
        return []
    found = []
    person = str(request.user)
    for draw in queries.draws_needing_somebody(request.user)[:MOST]:
        first = person in (draw.sealed_by, draw.entered_by)
        if draw.state == DrawState.ANNOUNCED:
            text = _("Its rounds are over. Seal the list of tickets before the first event comes near.")
            label, state = _("To be sealed"), "warn"
        elif draw.state == DrawState.SEALED and not draw.entered_by:
            text, label, state = (
                _("The announced events have happened. Enter their results."),
                _("Results due"),
                "warn",
            )
        elif draw.state == DrawState.SEALED and first:
            text, label, state = _("Somebody else has to confirm the results."), _("Second person"), ""
        elif draw.state == DrawState.SEALED:
            text, label, state = _("Type the results once more, and it is drawn."), _("Confirm"), "warn"
        else:
            text, label, state = _("It is drawn. Publish the winners."), _("Drawn"), "warn"
        found.append(
            Ticket(
                draw.contest.activity.number,
                f"{called(draw.contest.activity)}: {called(draw)}",
                text,
                _("Go to the draw"),
                reverse("contests:console_draw_show", args=[draw.pk]),
                None,
                state,
                label,
            )
        )
    return found
