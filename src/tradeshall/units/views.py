"""The tree of units: browse it, find a unit, change it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tradeshall.core import authority
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refused
from tradeshall.journal.queries import accounts_in, history_of, tell
from tradeshall.units import ports, queries
from tradeshall.units.actions import tree
from tradeshall.units.actions.grants import end_grant
from tradeshall.units.forms import SearchForm, UnitEditForm, UnitEndForm, UnitForm
from tradeshall.units.models import Unit
from tradeshall.units.permissions import paths_of
from tradeshall.units.texts import KINDS, ROLES, VERBS
from tradeshall.web.access import opens_to
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.texts import sentence

MOST_IN_BRANCH = 100
MOST_OPEN = 60
PAGE_SIZE = 50
HISTORY_SIZE = 20


@dataclass
class Node:
    """A unit as the tree shows it."""

    unit: Unit
    kind: object
    name: str
    toggle_url: str = ""
    is_open: bool = False
    members: int = 0
    children: list[Node] = field(default_factory=list)
    more: int = 0


def name_of(unit: Unit) -> str:
    """Return a unit's name in the reader's language, where it has one."""
    return unit.name_en if unit.name_en and (get_language() or "").startswith("en") else unit.name


def _found(request: HttpRequest, pk: int, code: str = "units:unit:view") -> Unit:
    """Return a unit the reader may see or change; absent and forbidden are one 404."""
    return get_object_or_404(queries.units_visible_to(request.user, code).select_related("parent"), pk=pk)


@opens_to("units:unit:view")
def unit_list(request: HttpRequest) -> HttpResponse:
    """The tree beneath the reader's grants, branch by branch; the address says which branches are open."""
    form = SearchForm(request.GET)
    form.is_valid()
    text = form.cleaned_data.get("q", "").strip()
    context: dict[str, object] = {"form": form, "text": text}
    if text:
        found = queries.search_units(request.user, text, limit=PAGE_SIZE)
        context |= {"found": _with_places(found), "most": PAGE_SIZE}
    else:
        opened = _opened(request)
        context |= {"nodes": _tree(request, opened)}
    return render(request, "units/unit_list.html", context)


def _opened(request: HttpRequest) -> list[int] | None:
    if "open" not in request.GET:
        return None
    parts = request.GET["open"].split(",")
    return [key for part in parts if (key := parse_number(part)) is not None][:MOST_OPEN]


def _tree(request: HttpRequest, opened: list[int] | None) -> list[Node]:
    """Return the tops of the reader's tree with the open branches; five queries, however many are open."""
    visible = queries.units_visible_to(request.user)
    paths = paths_of(request.user, "units:unit:view")
    tops = visible.filter(parent=None) if paths is None else visible.filter(path__in=paths)
    roots = list(queries.with_children_count(tops).order_by("path")[:MOST_IN_BRANCH])
    if opened is None:
        opened = [unit.pk for unit in roots[:1]]
    branches: dict[int, list[Unit]] = {}
    for unit in queries.with_children_count(visible.filter(parent__in=opened)).order_by("parent", "code"):
        branches.setdefault(unit.parent_id or 0, []).append(unit)
    shown = {key: units[:MOST_IN_BRANCH] for key, units in branches.items()}
    members = _members_of([roots, *shown.values()])

    def node(unit: Unit) -> Node:
        is_open = unit.pk in opened and unit.pk in branches
        after = [key for key in opened if key != unit.pk] if is_open else [*opened, unit.pk]
        children: int = unit.children_count  # type: ignore[attr-defined]
        return Node(
            unit=unit,
            kind=KINDS[unit.kind],
            name=name_of(unit),
            toggle_url=f"?{urlencode({'open': ','.join(str(key) for key in after)})}" if children else "",
            is_open=is_open,
            members=members.get(unit.pk, 0),
            children=[node(child) for child in shown.get(unit.pk, ())] if is_open else [],
            more=max(len(branches.get(unit.pk, ())) - MOST_IN_BRANCH, 0) if is_open else 0,
        )

    return [node(unit) for unit in roots]


def _members_of(groups: Iterable[list[Unit]]) -> dict[int, int]:
    return ports.count_members_of([unit for group in groups for unit in group])


def _with_places(found: list[Unit]) -> list[dict[str, object]]:
    """Return units with the names of those above them, in one query for all."""
    keys = {int(key) for unit in found for key in unit.path.split("/")[:-2]}
    above = Unit.objects.in_bulk(keys) if keys else {}
    return [
        {
            "unit": unit,
            "name": name_of(unit),
            "kind": KINDS[unit.kind],
            "place": " › ".join(name_of(above[int(key)]) for key in unit.path.split("/")[:-2] if int(key) in above),
        }
        for unit in found
    ]


@opens_to("units:unit:view")
def unit_view(request: HttpRequest, pk: int) -> HttpResponse:
    """One unit: facts, what is beneath it, roles, history, and what the reader may do."""
    unit = _found(request, pk)
    actor = request.user
    chain = queries.units_visible_to(actor).filter(pk__in=unit.path.split("/")[:-2]).order_by("depth")
    page = Paginator(queries.children_of(unit), PAGE_SIZE).get_page(request.GET.get("page"))
    children = list(page.object_list)
    members = ports.count_members_of([unit, *children])
    grants = list(queries.grants_visible_to(actor).current().filter(unit=unit).order_by("role", "pk"))
    history = list(history_of(actor, unit)[:HISTORY_SIZE])
    names = ports.names_of_accounts([*(grant.account_id for grant in grants), *accounts_in(history)])
    may_grant = authority.may(actor, "units:grant:edit", unit)
    is_root = unit.parent_id is None
    ended = unit.effective_until is not None and unit.effective_until <= queries.today()
    context = {
        "unit": unit,
        "name": name_of(unit),
        "kind": KINDS[unit.kind],
        "crumbs": [
            (_("Units"), reverse("units:unit_list")),
            *((name_of(one), reverse("units:unit_view", args=[one.pk])) for one in chain),
            (name_of(unit), ""),
        ],
        "ended": ended,
        "members": members.get(unit.pk, 0),
        "page": page,
        "children": [
            {"unit": child, "name": name_of(child), "kind": KINDS[child.kind], "members": members.get(child.pk, 0)}
            for child in children
        ],
        "grants": [
            {"grant": grant, "role": ROLES[grant.role], "name": names.get(grant.account_id, f"#{grant.account_id}")}
            for grant in grants
        ],
        "may_edit": authority.may(actor, "units:unit:edit", unit) and not ended,
        "may_end": not is_root and not ended and authority.may(actor, "units:unit:edit", unit.parent),
        "may_grant": may_grant,
        "may_see_people": authority.may(actor, "people:member:view", unit),
        "history": tell(history, VERBS, names),
    }
    return render(request, "units/unit.html", context)


@opens_to("units:unit:edit")
def unit_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a unit beneath another."""
    parent = _found(request, pk, "units:unit:edit")
    form = UnitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            unit = tree.add_unit(actor=request.user, parent=parent, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("%(name)s has been added.") % {"name": name_of(unit)})
            return HttpResponseRedirect(reverse("units:unit_view", args=[unit.pk]))
    return render_form(request, "units/unit_add.html", {"parent": parent, "name": name_of(parent)}, form=form)


@opens_to("units:unit:edit")
def unit_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what a unit is called and is."""
    unit = _found(request, pk, "units:unit:edit")
    initial = {key: getattr(unit, key) for key in ("name", "name_en", "kind", "industry")}
    form = UnitEditForm(request.POST or None, initial=initial, is_root=unit.parent_id is None)
    if request.method == "POST" and form.is_valid():
        try:
            tree.rename_unit(actor=request.user, unit=unit, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("units:unit_view", args=[pk]))
    return render_form(request, "units/unit_edit.html", {"unit": unit, "name": name_of(unit)}, form=form)


@opens_to("units:unit:edit")
def unit_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a unit its last day."""
    unit = _found(request, pk, "units:unit:edit")
    form = UnitEndForm(request.POST or None, initial={"ends_on": queries.today()})
    if request.method == "POST" and form.is_valid():
        try:
            tree.end_unit(actor=request.user, unit=unit, **form.cleaned_data)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("%(name)s ends.") % {"name": name_of(unit)})
            return HttpResponseRedirect(reverse("units:unit_view", args=[pk]))
    return render_form(request, "units/unit_end.html", {"unit": unit, "name": name_of(unit)}, form=form)


@opens_to("units:grant:edit")
@require_POST
def grant_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role back, from the page of its unit."""
    grants = queries.grants_visible_to(request.user, "units:grant:edit").current()
    grant = get_object_or_404(grants.select_related("unit"), pk=pk)
    try:
        end_grant(actor=request.user, grant=grant)
    except Refused as refused:
        messages.error(request, sentence(refused.refusals[0]))
    else:
        messages.success(request, _("The role has ended."))
    return HttpResponseRedirect(reverse("units:unit_view", args=[grant.unit_id]))
