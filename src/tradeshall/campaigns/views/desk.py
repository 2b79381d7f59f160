"""The organiser's desk: what needs me today."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tradeshall.campaigns import queries
from tradeshall.campaigns.enums import CampaignState
from tradeshall.campaigns.models import Campaign
from tradeshall.core import authority
from tradeshall.core.authority import Role
from tradeshall.people.queries import members_visible_to
from tradeshall.units.queries import grants_visible_to, root_unit, units_visible_to
from tradeshall.web import ports
from tradeshall.web.access import opens_to

LATE = datetime.max.replace(tzinfo=UTC)
LAST = 100


@opens_to("campaigns:campaign:view")
def desk(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person, the figures that matter, and on a new installation what is still to do."""
    tickets = [ticket for source in ports.desk_ticket_sources for ticket in source(request)]
    tickets.sort(key=lambda ticket: (ticket.state != "bad", ticket.due_at or LATE))
    steps = sorted((s for source in ports.setup_step_sources for s in source(request)), key=lambda s: s.order)
    figures = sorted((f for source in ports.desk_figure_sources for f in source(request)), key=lambda f: f.order)
    done = sum(step.done for step in steps)
    return render(
        request,
        "campaigns/console/desk.html",
        {
            "tickets": tickets,
            "steps": steps,
            "steps_done": done,
            "setting_up": done < len(steps),
            "next_step": next((step for step in steps if not step.done), None),
            "figures": figures,
            "followed": [row for source in ports.desk_followed_sources for row in source(request)],
            "may_create": authority.may(request.user, "campaigns:campaign:edit"),
        },
    )


def figures(request: HttpRequest) -> list[ports.Figure]:
    """Count the members and campaigns this person sees, those from above for their members among them."""
    found = []
    if authority.may(request.user, "people:member:view"):
        members = members_visible_to(request.user, "people:member:view").current().count()
        found.append(ports.Figure(10, _("Members"), members))
    seen = Q(pk__in=queries.campaigns_visible_to(request.user).order_by().values("pk"))
    from_above = Q(pk__in=queries.campaigns_followed_by(request.user).order_by().values("pk"))
    running = Campaign.objects.filter(seen | from_above, state=CampaignState.PUBLISHED.value).count()
    found.append(ports.Figure(20, _("Running campaigns"), running))
    return found


def setup_steps(request: HttpRequest) -> list[ports.SetupStep]:
    """Say whether there are units, a roster, a second administrator and a campaign.

    Only administrators of the whole federation are asked.
    """
    if not authority.may(request.user, "units:unit:import"):
        return []
    root = root_unit()
    if root is None or not authority.may(request.user, "units:unit:import", root):
        return []
    administrators = grants_visible_to(request.user).current().filter(role=Role.ADMINISTRATOR.value, unit=root)
    units = units_visible_to(request.user, "units:unit:import")
    return [
        ports.SetupStep(
            10,
            _("Import the units"),
            _("One spreadsheet with a line for each unit builds the whole tree."),
            units.filter(parent__isnull=False).exists(),
            _("Import units"),
            reverse("intake:file_upload", args=["units"]),
        ),
        ports.SetupStep(
            20,
            _("Import the roster"),
            _("Whoever is on it can sign in with their phone; nobody else can."),
            members_visible_to(request.user, "people:member:view")[:2].count() > 1,  # the founder is the first
            _("Import the roster"),
            reverse("intake:file_upload", args=["roster"]),
        ),
        ports.SetupStep(
            30,
            _("Name a second administrator"),
            _("So that a lost phone locks nobody out: give the role to someone on the roster."),
            administrators.values("account").distinct().count() > 1,
            _("Open the people"),
            reverse("people:member_list"),
        ),
        ports.SetupStep(
            60,
            _("Start a campaign"),
            _("Contests and other activities hang on a campaign."),
            queries.campaigns_visible_to(request.user).exists(),
            _("New campaign"),
            reverse("campaigns:console_campaign_create"),
        ),
    ]
