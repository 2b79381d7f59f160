"""What contests put on the organiser's desk."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tradeshall.contests import permissions, texts
from tradeshall.contests.actions.items import KIND
from tradeshall.contests.enums import ItemState, Results, RoundState
from tradeshall.contests.forms import labels
from tradeshall.contests.models import Round
from tradeshall.contests.queries import bank, console, following
from tradeshall.contests.queries import rounds as queries
from tradeshall.core import authority, clock
from tradeshall.intake.enums import ImportState
from tradeshall.intake.queries import runs_visible_to
from tradeshall.units.queries import root_unit
from tradeshall.web.naming import called
from tradeshall.web.ports import Figure, Followed, SetupStep, Ticket

SOON = timedelta(days=7)
LATELY = timedelta(days=14)
MOST = 12


def tickets(request: HttpRequest) -> list[Ticket]:
    """Say which rounds, questions and files wait for this person; four queries at most."""
    found: list[Ticket] = []
    if authority.may(request.user, permissions.ROUND_PUBLISH):
        found += round_tickets(request)
    if authority.may(request.user, permissions.ITEM_REVIEW):
        found += review_tickets(request)
    if authority.may(request.user, permissions.ITEM_IMPORT):
        found += import_tickets(request)
    return found


def round_tickets(request: HttpRequest) -> list[Ticket]:
    """Rounds that should have been published, that close soon, or whose results are held back."""
    now = clock.now()
    visible = queries.rounds_visible_to(request.user, permissions.ROUND_PUBLISH)
    found = []
    for one in visible.filter(queries.needs_somebody(now, SOON)).order_by("opens_at", "pk")[:MOST]:
        url = reverse("contests:console_round_show", args=[one.pk])
        number, title = one.contest.activity.number, f"{called(one.contest.activity)}: {called(one)}"
        if one.state == RoundState.DRAFT.value:
            late = one.opens_at <= now
            text = (
                _("Its window has begun, but the round is still a draft: nobody can take part.")
                if late
                else _("It is to open soon, but it is still a draft.")
            )
            state, label = ("bad", _("Late")) if late else ("warn", _("Not published"))
            due = None if late else one.opens_at
            found.append(Ticket(number, title, text, _("Look at the round"), url, due, state, label))
        elif one.state == RoundState.PUBLISHED.value:
            text = _("Watch how many take part while there is still time to remind units.")
            monitor = reverse("contests:console_round_monitor", args=[one.pk])
            label = _("Closes soon")
            found.append(Ticket(number, title, text, _("Open the monitor"), monitor, one.closes_at, "", label))
        elif one.results == Results.AFTER_REVIEW.value and one.released_at is None:
            text = _("The round is closed. Members wait for their results until you release them.")
            found.append(Ticket(number, title, text, _("Look at the round"), url, None, "warn", _("Held back")))
    return found


def review_tickets(request: HttpRequest) -> list[Ticket]:
    """Drafts that wait for a review."""
    drafts = bank.items_visible_to(request.user, permissions.ITEM_REVIEW).filter(state=ItemState.DRAFT.value).count()
    if not drafts:
        return []
    title = ngettext("%(count)s question to review", "%(count)s questions to review", drafts) % {"count": drafts}
    text = _("Drafts are not drawn onto papers until somebody has reviewed them.")
    url = reverse("contests:console_item_list") + f"?state={ItemState.DRAFT.value}"
    return [Ticket("", title, text, _("Review them"), url, None, "", _("Question bank"))]


def import_tickets(request: HttpRequest) -> list[Ticket]:
    """Files of questions that were read but neither applied nor dropped."""
    runs = runs_visible_to(request.user, permissions.ITEM_IMPORT).filter(kind=KIND, state=ImportState.STAGED.value)
    found = []
    for run in runs.order_by("-started_at")[:MOST]:
        if run.refused_count:
            words = ngettext("%(count)s row was refused.", "%(count)s rows were refused.", run.refused_count)
            text, state = words % {"count": run.refused_count}, "warn"
        else:
            text, state = _("It was read without a fault and waits to be applied."), ""
        url = reverse("intake:run_view", args=[run.pk])
        found.append(Ticket("", run.file_name, text, _("Look at the file"), url, None, state, _("Import")))
    return found


def figures(request: HttpRequest) -> list[Figure]:
    """Count who took part today and the rounds that are open: one's own, and those from above for one's members."""
    if not authority.may(request.user, permissions.ROUND_MONITOR):
        return []
    rounds = queries.rounds_visible_to(request.user, permissions.ROUND_MONITOR)
    from_above = following.rounds_followed_by(request.user)
    now = clock.now()
    own = rounds.filter(state=RoundState.PUBLISHED.value, opens_at__lte=now, closes_at__gt=now)
    running = Q(pk__in=own.order_by().values("pk")) | Q(
        pk__in=from_above.filter(queries.open_at(now)).order_by().values("pk")
    )
    return [
        Figure(5, _("Took part today"), console.took_part_today(rounds, following.attempts_from_below(request.user))),
        Figure(30, _("Open rounds"), Round.objects.filter(running).count()),
    ]


def followed(request: HttpRequest) -> list[Followed]:
    """Say which rounds units above run for the members of this person's units; four queries at most."""
    if not authority.may(request.user, permissions.ROUND_FOLLOW):
        return []
    found = []
    for row in following.rounds_to_follow(request.user, LATELY, MOST):
        activity, phase = row.round.contest.activity, queries.phase_of(row.round)
        found.append(
            Followed(
                number=f"{activity.number}-{row.round.position}",
                title=f"{called(activity)}: {called(row.round)}",
                text=_("Run by %(unit)s") % {"unit": called(activity.unit, "name")},
                action_label=_("Follow") if phase == "open" else _("See the figures"),
                action_url=reverse("contests:console_round_follow", args=[row.round.pk]),
                taking_part=row.taking_part,
                members=row.members,
                due_at=row.round.closes_at if phase == "open" else None,
                state=labels.PHASE_TAGS[phase],
                state_label=str(texts.PHASES[phase]),
            )
        )
    return found


def setup_steps(request: HttpRequest) -> list[SetupStep]:
    """Say whether there is a pool with questions, and a published round."""
    if not authority.may(request.user, "units:unit:import"):
        return []
    root = root_unit()
    if root is None or not authority.may(request.user, "units:unit:import", root):
        return []
    pools = bank.pools_visible_to(request.user)
    first = pools.order_by("pk").first()
    pool_url = (
        reverse("contests:console_pool_import", args=[first.pk]) if first else reverse("contests:console_pool_create")
    )
    rounds = queries.rounds_visible_to(request.user)
    draft = rounds.filter(state=RoundState.DRAFT.value).order_by("pk").first()
    round_url = (
        reverse("contests:console_round_show", args=[draft.pk]) if draft else reverse("contests:console_contest_list")
    )
    return [
        SetupStep(
            50,
            _("Fill the question bank"),
            _("Open a pool and import a file of questions."),
            bank.items_visible_to(request.user).filter(state=ItemState.REVIEWED.value).exists(),
            _("Import questions") if first else _("New pool"),
            pool_url,
        ),
        SetupStep(
            70,
            _("Publish a round"),
            _("Add a contest to the campaign, say what a paper is made of, and publish its first round."),
            rounds.exclude(state=RoundState.DRAFT.value).exists(),
            _("Look at the round") if draft else _("Contests"),
            round_url,
        ),
    ]
