"""The people of units, for those who keep the roster."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tradeshall.core import authority
from tradeshall.core.authority import Role
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refused
from tradeshall.journal.queries import accounts_in, history_of, tell
from tradeshall.people import queries
from tradeshall.people.actions import members, roles
from tradeshall.people.forms import EndForm, MemberEditForm, MemberForm, RoleForm, SearchForm
from tradeshall.people.models import Membership
from tradeshall.people.texts import VERBS
from tradeshall.units.actions.grants import end_grant
from tradeshall.units.queries import ancestors_of, federation_zone, units_visible_to
from tradeshall.units.texts import ROLES
from tradeshall.web.access import opens_to
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.texts import sentence

PAGE_SIZE = 50
HISTORY_SIZE = 20
CLAIM = "people:member:claim"
"""When somebody first signed in is their own business, and no line of the history an organiser reads."""


def _found(request: HttpRequest, pk: int, code: str = "people:member:view") -> Membership:
    """Return a line the reader may see or change; absent and forbidden are one 404."""
    rows = queries.members_visible_to(request.user, code)
    return get_object_or_404(rows.select_related("unit", "account"), pk=pk)


@opens_to("people:member:view")
def member_list(request: HttpRequest) -> HttpResponse:
    """People on the roster, of everything the reader keeps or of one unit, searched and paged."""
    unit = None
    rows = queries.members_visible_to(request.user)
    if wanted := request.GET.get("unit"):
        unit = get_object_or_404(units_visible_to(request.user), pk=parse_number(wanted) or 0)
        rows = rows.filter(unit__path__startswith=unit.path) if "below" in request.GET else rows.filter(unit=unit)
    form = SearchForm(request.GET)
    form.is_valid()
    text = form.cleaned_data.get("q", "")
    rows = queries.search_members(rows, text=text, state=form.chosen_state)
    page = Paginator(rows.select_related("unit").order_by("member_no"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "unit": unit,
        "unit_name": queries.in_language(unit) if unit else "",
        "below": "below" in request.GET,
        "form": form,
        "page": page,
        "searched": bool(text),
        "can_add": authority.may(request.user, "people:member:edit", unit),
    }
    return render(request, "people/member_list.html", context)


@opens_to("people:member:view")
def member_view(request: HttpRequest, pk: int) -> HttpResponse:
    """One person on the roster: facts, roles, history, and what the reader may do."""
    row = _found(request, pk)
    actor = request.user
    may_grant = authority.may(actor, "units:grant:edit", row)
    account: Any = row.account
    grants = list(account.grants.current().select_related("unit").order_by("unit__path")) if account else []
    history = list(history_of(actor, row).exclude(verb=CLAIM)[:HISTORY_SIZE])
    authors = accounts_in(history)
    context = {
        "member": row,
        "ended": row.ended_on is not None,
        "can_edit": authority.may(actor, "people:member:edit", row),
        "can_grant": may_grant,
        "can_await": may_grant
        and bool(grants)
        and row.phone
        and row.phone not in (account.phone, account.awaited_phone)
        and all(authority.may(actor, "units:grant:edit", grant.unit) for grant in grants),
        "grants": [
            {
                "grant": grant,
                "role": ROLES[grant.role],
                "can_end": authority.may(actor, "units:grant:edit", grant.unit),
            }
            for grant in grants
        ],
        "history": tell(history, VERBS, queries.names_of_accounts(authors) if authors else {}),
    }
    return render(request, "people/member.html", context)


@opens_to("people:member:edit")
def member_add(request: HttpRequest) -> HttpResponse:
    """Add a person to the unit named in the address."""
    wanted = request.GET.get("unit", "")
    units = units_visible_to(request.user, "people:member:edit")
    unit = get_object_or_404(units, pk=parse_number(wanted) or 0)
    form = MemberForm(request.POST or None, initial={"joined_on": queries.today()})
    if request.method == "POST" and form.is_valid():
        try:
            row = members.add_member(actor=request.user, unit=unit, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("%(name)s is on the roster.") % {"name": row.name})
            again = reverse("people:member_add") + f"?unit={unit.pk}"
            listed = reverse("people:member_list") + f"?unit={unit.pk}"
            return HttpResponseRedirect(again if "again" in request.POST else listed)
    return render_form(request, "people/member_add.html", {"unit": unit}, form=form)


@opens_to("people:member:edit")
def member_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = _found(request, pk, "people:member:edit")
    initial = {field: getattr(row, field) for field in ("name", "phone", "email", "joined_on")}
    form = MemberEditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            members.edit_member(actor=request.user, membership=row, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("people:member_view", args=[pk]))
    return render_form(request, "people/member_edit.html", {"member": row}, form=form)


@opens_to("people:member:edit")
def member_end(request: HttpRequest, pk: int) -> HttpResponse:
    row = _found(request, pk, "people:member:edit")
    form = EndForm(request.POST or None, initial={"ended_on": queries.today()})
    if request.method == "POST" and form.is_valid():
        try:
            members.end_membership(actor=request.user, membership=row, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The membership of %(name)s ends.") % {"name": row.name})
            return HttpResponseRedirect(reverse("people:member_view", args=[pk]))
    return render_form(request, "people/member_end.html", {"member": row}, form=form)


@opens_to("people:member:edit")
@require_POST
def member_resume(request: HttpRequest, pk: int) -> HttpResponse:
    row = _found(request, pk, "people:member:edit")
    try:
        members.resume_membership(actor=request.user, membership=row)
    except Refused as refused:
        messages.error(request, sentence(refused.refusals[0]))
    else:
        messages.success(request, _("The membership goes on."))
    return HttpResponseRedirect(reverse("people:member_view", args=[pk]))


@opens_to("units:grant:edit")
def role_give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the person a role in their unit, or in one above it that the reader administers."""
    row = _found(request, pk, "units:grant:edit")
    chain = [*ancestors_of(row.unit), row.unit]
    units = {unit.pk: unit for unit in chain if authority.may(request.user, "units:grant:edit", unit)}
    names = [(str(key), f"{queries.in_language(unit)} ({unit.code})") for key, unit in reversed(units.items())]
    form = RoleForm(request.POST or None, units=names, initial={"unit": str(row.unit_id)})
    if request.method == "POST" and form.is_valid():
        last_day = form.cleaned_data["until_on"]
        until = (
            make_aware(datetime.combine(last_day + timedelta(days=1), time.min), federation_zone())
            if last_day
            else None
        )
        try:
            roles.give_role(
                actor=request.user,
                membership=row,
                role=Role(form.cleaned_data["role"]),
                unit=units[int(form.cleaned_data["unit"])],
                until_at=until,
            )
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The role is given. %(name)s signs in again to use it.") % {"name": row.name})
            return HttpResponseRedirect(reverse("people:member_view", args=[pk]))
    return render_form(request, "people/role_give.html", {"member": row}, form=form)


@opens_to("units:grant:edit")
@require_POST
def role_end(request: HttpRequest, pk: int, grant: int) -> HttpResponse:
    row = _found(request, pk)
    account: Any = row.account
    held = account.grants.current().select_related("unit").filter(pk=grant).first() if account else None
    if held is None or not authority.may(request.user, "units:grant:edit", held.unit):
        raise Http404
    try:
        end_grant(actor=request.user, grant=held)
    except Refused as refused:
        messages.error(request, sentence(refused.refusals[0]))
    else:
        messages.success(request, _("The role has ended."))
    return HttpResponseRedirect(reverse("people:member_view", args=[pk]))


@opens_to("units:grant:edit")
@require_POST
def phone_await(request: HttpRequest, pk: int) -> HttpResponse:
    row = _found(request, pk, "units:grant:edit")
    try:
        roles.await_phone(actor=request.user, membership=row)
    except Refused as refused:
        messages.error(request, sentence(refused.refusals[0]))
    else:
        messages.success(request, _("The phone on the roster opens the account from now on."))
    return HttpResponseRedirect(reverse("people:member_view", args=[pk]))
