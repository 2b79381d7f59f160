"""Prize draws in the console: the list, the draft, the announcement."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from tradeshall.contests import permissions
from tradeshall.contests.actions import draws as actions
from tradeshall.contests.enums import DrawState
from tradeshall.contests.forms.draws import DailyForm, DrawForm, ReasonForm, new_draw, stored_draw
from tradeshall.contests.models import Contest, PrizeDraw
from tradeshall.contests.queries import draws as queries
from tradeshall.contests.queries.prizes import counts_of
from tradeshall.contests.rules.draws import DRAW
from tradeshall.contests.views.console.contests import crumbs_of, load_contest
from tradeshall.contests.views.draw_words import conditions_in_words, labelled
from tradeshall.core import authority, clock
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refusal, Refused, refuse
from tradeshall.people.queries import names_of_accounts
from tradeshall.units.queries import federation_zone, units_visible_to
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.naming import called
from tradeshall.web.texts import sentence

MOST = 400


@opens_to(permissions.DRAW_VIEW)
def draw_list(request: HttpRequest, number: str) -> HttpResponse:
    """List the draws of a contest in the order in which they are sealed."""
    contest = load_contest(request, number, permissions.DRAW_VIEW)
    rows = queries.draws_visible_to(request.user).filter(contest=contest)
    draws = [labelled(row) for row in rows[:MOST]]
    may_edit = authority.may(request.user, permissions.DRAW_EDIT, contest)
    drafts = [row for row in draws if row.state == DrawState.DRAFT]
    context = {
        "contest": contest,
        "draws": draws,
        "drafts": len(drafts),
        "daily": next((row for row in draws if row.round_id), None) if may_edit else None,
        "may_edit": may_edit,
        "may_run": authority.may(request.user, permissions.DRAW_RUN, contest),
        "crumbs": [*crumbs_of(contest), (_("Prize draws"), "")],
    }
    return render(request, "contests/console/draw_list.html", context)


@opens_to(permissions.DRAW_EDIT)
def draw_create(request: HttpRequest, number: str) -> HttpResponse:
    """Draft a draw."""
    contest = load_contest(request, number, permissions.DRAW_EDIT)
    form = DrawForm(posted(request), contest=contest, units=units_of(request, contest), initial=new_draw(contest))
    if request.method == "POST" and form.is_valid():
        values = form.values()
        key = values.pop("round")
        values["round"] = contest.rounds.get(pk=key) if key else None
        try:
            draw = actions.create_draw(actor=request.user, contest=contest, **values)
        except Refused as refused:
            add_refusals(form, placed(form, refused))
        else:
            messages.success(request, _("The draw is saved as a draft. Look at it once more, then announce it."))
            return redirect("contests:console_draw_show", draw.pk)
    context = {
        "contest": contest,
        "zone": federation_zone(),
        "crumbs": [*draw_crumbs(contest), (_("New prize draw"), "")],
        "cancel_url": reverse("contests:console_draw_list", args=[number]),
    }
    return render_form(request, "contests/console/draw_edit.html", context, form=form)


@opens_to(permissions.DRAW_EDIT)
def draw_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draw that is still a draft."""
    draw = load_draw(request, pk, permissions.DRAW_EDIT)
    form = DrawForm(
        posted(request),
        contest=draw.contest,
        units=units_of(request, draw.contest),
        stored=draw,
        initial=stored_draw(draw),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_draw(actor=request.user, draw=draw, **form.values())
        except Refused as refused:
            add_refusals(form, placed(form, refused))
        else:
            messages.success(request, _("Saved."))
            return redirect("contests:console_draw_show", pk)
    context = {
        "contest": draw.contest,
        "draw": draw,
        "zone": federation_zone(),
        "crumbs": [*draw_crumbs(draw.contest, draw), (_("Edit"), "")],
        "cancel_url": reverse("contests:console_draw_show", args=[pk]),
    }
    return render_form(request, "contests/console/draw_edit.html", context, form=form)


@opens_to(permissions.DRAW_VIEW)
def draw_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draw: where it stands, what comes next and who may do it."""
    draw = load_draw(request, pk, permissions.DRAW_VIEW)
    return render(request, "contests/console/draw_show.html", draw_context(request, draw))


@opens_to(permissions.DRAW_RUN)
@require_POST
def draw_announce(request: HttpRequest, pk: int) -> HttpResponse:
    """Announce a draw."""
    draw = load_draw(request, pk, permissions.DRAW_RUN)
    try:
        actions.announce_draws(actor=request.user, draws=[draw])
    except Refused as refused:
        tell(request, refused)
    else:
        messages.success(request, _("The draw is announced. Everybody can read its rules; nobody can change them."))
    return redirect("contests:console_draw_show", pk)


@opens_to(permissions.DRAW_RUN)
@require_POST
def draws_announce(request: HttpRequest, number: str) -> HttpResponse:
    """Announce every draft of a contest together."""
    contest = load_contest(request, number, permissions.DRAW_RUN)
    rows = queries.draws_visible_to(request.user, permissions.DRAW_RUN).filter(
        contest=contest, state=DrawState.DRAFT.value
    )
    try:
        done = actions.announce_draws(actor=request.user, draws=list(rows))
    except Refused as refused:
        tell(request, refused)
    else:
        words = ngettext("%(count)s draw is announced.", "%(count)s draws are announced.", len(done))
        messages.success(request, words % {"count": len(done)})
    return redirect("contests:console_draw_list", number)


@opens_to(permissions.DRAW_EDIT)
def draw_daily(request: HttpRequest, pk: int) -> HttpResponse:
    """Repeat the draw of one round for every other round of its contest."""
    draw = load_draw(request, pk, permissions.DRAW_EDIT)
    form = DailyForm(posted(request), initial={"hours_after_close": 45})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_daily_draws(
                actor=request.user, contest=draw.contest, like=draw, **form.cleaned_data
            )
        except Refused as refused:
            add_refusals(form, refused)
        else:
            words = ngettext("%(count)s draft was made.", "%(count)s drafts were made.", len(made))
            messages.success(request, words % {"count": len(made)})
            return redirect("contests:console_draw_list", draw.contest.activity.number)
    context = {
        "draw": labelled(draw),
        "crumbs": [*draw_crumbs(draw.contest, draw), (_("Repeat for every round"), "")],
        "cancel_url": reverse("contests:console_draw_list", args=[draw.contest.activity.number]),
    }
    return render_form(request, "contests/console/draw_daily.html", context, form=form)


@opens_to(permissions.DRAW_RUN)
def draw_call_off(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a draw off."""
    draw = load_draw(request, pk, permissions.DRAW_RUN)
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.call_off_draw(actor=request.user, draw=draw, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The draw is called off. Its page says so, with the reason."))
            return redirect("contests:console_draw_show", pk)
    context = {
        "draw": labelled(draw),
        "crumbs": [*draw_crumbs(draw.contest, draw), (_("Call off"), "")],
        "cancel_url": reverse("contests:console_draw_show", args=[pk]),
    }
    return render_form(request, "contests/console/draw_call_off.html", context, form=form)


def load_draw(request: HttpRequest, pk: int, code: str) -> PrizeDraw:
    """Return a draw in which this person may do what `code` names, or 404."""
    return get_object_or_404(queries.draws_visible_to(request.user, code), pk=pk)


def units_of(request: HttpRequest, contest: Contest) -> Any:
    """Return the units a draw of a contest may be limited to."""
    rows = units_visible_to(request.user, permissions.DRAW_EDIT).current()
    return rows.filter(path__startswith=contest.activity.unit.path)


def placed(form: DrawForm, refused: Refused) -> Refused:
    """Return refusals of lines with the rows of the page they stand in: empty rows were not sent on."""
    found: list[Refusal] = []
    for one in refused.refusals:
        head, _at, line = one.field_name.rpartition("_")
        if head.startswith(("prize", "event")) and line.isdigit():
            name = f"{head}_{form.place_of(head, int(line))}"
            found.append(Refusal(one.code, one.details, name))
        else:
            found.append(one)
    return Refused(*found)


def tell(request: HttpRequest, refused: Refused) -> None:
    """Show what was refused on the page that follows."""
    for refusal in refused.refusals:
        messages.error(request, sentence(refusal))


def draw_crumbs(contest: Contest, draw: PrizeDraw | None = None) -> list[tuple[str, str]]:
    """Return the way to a draw's pages."""
    found = [
        *crumbs_of(contest),
        (_("Prize draws"), reverse("contests:console_draw_list", args=[contest.activity.number])),
    ]
    if draw is not None:
        found.append((called(draw), reverse("contests:console_draw_show", args=[draw.pk])))
    return found


def draw_context(request: HttpRequest, draw: PrizeDraw) -> dict[str, Any]:
    """Return what the page of a draw shows."""
    labelled(draw)
    now = clock.now()
    events = list(draw.events.all())
    person = str(request.user)
    may = {
        verb: authority.may(request.user, code, draw)
        for verb, code in (
            ("edit", permissions.DRAW_EDIT),
            ("run", permissions.DRAW_RUN),
            ("confirm", permissions.DRAW_CONFIRM),
            ("desk", permissions.PRIZE_DESK),
        )
    }
    first = min((event.happens_at for event in events), default=None)
    return {
        "draw": draw,
        "contest": draw.contest,
        "prizes": list(draw.prizes.all()),
        "events": events,
        "conditions": conditions_in_words(draw),
        "steps": steps_of(draw),
        "persons": persons_of(draw),
        "may": may,
        "is_first": person in (draw.sealed_by, draw.entered_by),
        "seal_now": now >= draw.seals_at,
        "results_due": bool(events) and all(event.happens_at <= now for event in events),
        "why_not_confirm": sentence(refuse("contests:draw:needs_another_person")),
        "may_call_off": may["run"]
        and DRAW.refuse_unless_possible("call_off", draw.state) is None
        and not (draw.state == DrawState.SEALED and first is not None and first <= now),
        "counts": counts_of(draw) if queries.winners_shown(draw) else {},
        "crumbs": [*draw_crumbs(draw.contest, draw)[:-1], (called(draw), "")],
        "current_entry": "contests:console_contest_list",
    }


def persons_of(draw: PrizeDraw) -> dict[str, str]:
    """Return who ran a draw by the names on the roster, where they have one. One query."""
    keys = {name: getattr(draw, name) for name in ("sealed_by", "entered_by", "confirmed_by")}
    accounts = {key: parse_number(key.removeprefix("account:")) for key in keys.values()}
    names = names_of_accounts(number for number in accounts.values() if number is not None)
    return {name: names.get(accounts[key] or 0, key) for name, key in keys.items()}


def steps_of(draw: PrizeDraw) -> list[dict[str, str]]:
    """Return the steps of a draw, those done and the one that is due."""
    done = {
        DrawState.DRAFT.value: 0,
        DrawState.ANNOUNCED.value: 1,
        DrawState.SEALED.value: 3 if draw.entered_by else 2,
        DrawState.DRAWN.value: 4,
        DrawState.PUBLISHED.value: 5,
        DrawState.CLOSED.value: 6,
        DrawState.CALLED_OFF.value: 0,
    }[draw.state]
    labels = [
        (_("Announce"), _("Prizes, conditions and events stand, for everybody to read.")),
        (_("Seal the list"), _("Everybody who meets the conditions gets a ticket; the list is published.")),
        (_("Enter the results"), _("Of the announced events, as soon as they are known.")),
        (_("Confirm and draw"), _("By a second person, who types the results once more.")),
        (_("Publish the winners"), _("By ticket. From then on prizes can be claimed.")),
        (_("Close"), _("When every prize is handed over or forfeited.")),
    ]
    over = draw.state == DrawState.CALLED_OFF
    return [
        {
            "label": label,
            "text": text,
            "state": "done" if at < done else "current" if at == done and not over else "",
        }
        for at, (label, text) in enumerate(labels)
    ]
