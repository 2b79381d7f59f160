"""Pools in the console."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tradeshall.contests import permissions
from tradeshall.contests.actions import bank as actions
from tradeshall.contests.forms.bank import NewPoolForm, PoolForm, stored_pool
from tradeshall.contests.models import Pool
from tradeshall.contests.queries import bank as queries
from tradeshall.core import authority
from tradeshall.core.refusal import Refused
from tradeshall.units.queries import units_visible_to
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form

PAGE = 25


@opens_to(permissions.POOL_VIEW)
def pool_list(request: HttpRequest) -> HttpResponse:
    """List the pools this person sees, with how many items each has."""
    rows = queries.with_counts(queries.pools_visible_to(request.user)).order_by("unit__depth", "name", "pk")
    return render(
        request,
        "contests/console/pool_list.html",
        {
            "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
            "may_create": authority.may(request.user, permissions.POOL_EDIT),
        },
    )


@opens_to(permissions.POOL_EDIT)
def pool_create(request: HttpRequest) -> HttpResponse:
    """Open a pool in a unit."""
    units = units_visible_to(request.user, permissions.POOL_EDIT).current()
    form = NewPoolForm(posted(request), units=units)
    if request.method == "POST" and form.is_valid():
        try:
            pool = actions.create_pool(actor=request.user, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The pool is open. Import a file of questions, or write them one by one."))
            return redirect("contests:console_pool_show", pool.pk)
    context = {"crumbs": [*crumbs_of(), (_("New pool"), "")], "cancel_url": reverse("contests:console_pool_list")}
    return render_form(request, "contests/console/pool_edit.html", context, form=form)


@opens_to(permissions.POOL_EDIT)
def pool_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a pool, or share it."""
    pool = load_pool(request, pk, permissions.POOL_EDIT)
    form = PoolForm(posted(request), initial=stored_pool(pool))
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_pool(actor=request.user, pool=pool, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("contests:console_pool_show", pk)
    context = {
        "pool": pool,
        "crumbs": [*crumbs_of(pool), (_("Edit"), "")],
        "cancel_url": reverse("contests:console_pool_show", args=[pk]),
    }
    return render_form(request, "contests/console/pool_edit.html", context, form=form)


def load_pool(request: HttpRequest, pk: int, code: str) -> Pool:
    """Return a pool in which this person may do what `code` names, or 404."""
    return get_object_or_404(queries.with_counts(queries.pools_visible_to(request.user, code)), pk=pk)


def crumbs_of(pool: Pool | None = None) -> list[tuple[str, str]]:
    """Return the way to a pool's pages."""
    found = [(_("Question bank"), reverse("contests:console_pool_list"))]
    if pool is not None:
        found.append((pool.name, reverse("contests:console_pool_show", args=[pool.pk])))
    return found
