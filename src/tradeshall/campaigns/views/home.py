"""The member's home: what is there for me today."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tradeshall.campaigns.queries import running_campaigns_for_member
from tradeshall.people.queries import acting_membership
from tradeshall.record.enums import Verb
from tradeshall.record.queries import count_by_verb
from tradeshall.web import ports
from tradeshall.web.access import SIGNED_IN, opens_to
from tradeshall.web.ports import Ticket


def tickets_for(request: HttpRequest) -> list[Ticket]:
    """Return what waits for the reader, from every kind of activity: what runs already, then what is due soonest."""
    found = [ticket for source in ports.member_ticket_sources for ticket in source(request)]
    return sorted(found, key=lambda ticket: (ticket.state != "warn", ticket.due_at is None, ticket.due_at or 0))


@opens_to(SIGNED_IN)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    membership = acting_membership(request)
    if membership is None:
        return render(request, "campaigns/home_without.html")
    counts = count_by_verb(membership)
    context = {
        "membership": membership,
        "tickets": tickets_for(request),
        "campaigns": list(running_campaigns_for_member(membership)[:12]),
        "attempted": counts.get(Verb.COMPLETED.value, 0),
        "passed": counts.get(Verb.PASSED.value, 0),
    }
    return render(request, "campaigns/home.html", context)
