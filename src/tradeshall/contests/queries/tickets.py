"""What contests put on a member's home."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tradeshall.contests.models import Entrant, Round
from tradeshall.contests.queries.draws import prizes_to_claim
from tradeshall.contests.queries.member import MemberStanding, entrants_of, standing_in
from tradeshall.contests.queries.rounds import open_rounds_for_member
from tradeshall.contests.queries.sitting import locked_among
from tradeshall.people.queries import acting_membership
from tradeshall.web.naming import called
from tradeshall.web.ports import Ticket
from tradeshall.web.templatetags.web import duration

MOST_TICKETS = 12


def tickets_of(request: HttpRequest) -> list[Ticket]:
    """Return a ticket for each round the reader can sit now; those that run already stand first. Three queries."""
    membership = acting_membership(request)
    if membership is None:
        return []
    rounds = list(open_rounds_for_member(membership).prefetch_related("sections")[:MOST_TICKETS])
    entrants = entrants_of(membership, rounds)
    rounds = [row for row in rounds if row.pk not in locked_of(rounds, entrants)]
    found = [(row, standing_in(row, entrants.get(row.contest_id))) for row in rounds]
    return [ticket_of(row, standing) for row, standing in found if standing.open or standing.may_start]


def locked_of(rounds: list[Round], entrants: dict[int, Entrant]) -> set[int]:
    """Return the rounds that are levels or finals the reader may not sit; no query where there are none."""
    found: set[int] = set()
    for contest in {row.contest_id for row in rounds if row.opens_after_id or row.advances_from_id}:
        found.update(locked_among([row for row in rounds if row.contest_id == contest], entrants.get(contest)))
    return found


def ticket_of(round: Round, standing: MemberStanding) -> Ticket:
    activity = round.contest.activity
    chinese = (get_language() or "").startswith("zh")
    title = activity.title if chinese else activity.title_en or activity.title
    name = round.title if chinese else round.title_en or round.title
    number = f"{activity.number}-{round.position}"
    if standing.open:
        return Ticket(
            number=number,
            title=f"{title} · {name}",
            text=_("Your attempt is running, and so is the clock. Your answers are safe."),
            action_label=_("Go on answering"),
            action_url=reverse("contests:attempt_sit", args=[round.pk]),
            due_at=standing.open.deadline,
            state="warn",
            state_label=_("Running"),
        )
    label = _("Done once, may be repeated") if standing.attempts_total else ""
    count = sum(section.count for section in round.sections.all())
    questions = ngettext("%(count)d question", "%(count)d questions", count) % {"count": count}
    return Ticket(
        number=number,
        title=f"{title} · {name}",
        text=_("%(questions)s, %(limit)s.") % {"questions": questions, "limit": duration(round.time_limit_seconds)},
        action_label=_("Practise") if round.practice else _("Take part"),
        action_url=reverse("contests:round_show", args=[round.pk]),
        due_at=round.closes_at,
        state="" if not standing.attempts_total else "ok",
        state_label=_("Practice") if round.practice else label,
    )


def prizes_of(request: HttpRequest) -> list[Ticket]:
    """Return a ticket for each prize the reader has won and not claimed. One query."""
    membership = acting_membership(request)
    if membership is None:
        return []
    return [
        Ticket(
            number=winner.draw.contest.activity.number,
            title=_("You won: %(prize)s") % {"prize": winner.prize.name if winner.prize else ""},
            text=called(winner.draw),
            action_label=_("Claim it"),
            action_url=reverse("contests:draw_mine", args=[winner.draw_id]),
            due_at=winner.due_at,
            state="warn",
            state_label=_("Prize"),
        )
        for winner in prizes_to_claim(membership)[:MOST_TICKETS]
    ]
