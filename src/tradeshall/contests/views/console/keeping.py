"""Keeping a pool in order: taking its items out as a file, and looking at those that are alike."""

from __future__ import annotations

import tempfile
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tradeshall.contests import permissions
from tradeshall.contests.actions import bank as actions
from tradeshall.contests.actions.exporting import export_items
from tradeshall.contests.actions.likeness import keep_apart
from tradeshall.contests.formats.files import CONTENT_TYPES, Format
from tradeshall.contests.models import Item, Pool
from tradeshall.contests.queries import bank as queries
from tradeshall.contests.queries.likeness import groups_alike
from tradeshall.contests.rules.items import TRUE_FALSE_EN
from tradeshall.contests.views.console.items import label
from tradeshall.contests.views.console.pools import crumbs_of, load_pool
from tradeshall.core import authority
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refusal, Refused
from tradeshall.web.access import opens_to
from tradeshall.web.texts import sentence

IN_MEMORY_BYTES = 4 * 1024 * 1024
ENTRY = "contests:console_pool_list"
GROUPS_ON_A_PAGE = 10
SHOWN_LEFT_OUT = 50
FORMATS = {
    Format.XLSX: (gettext_lazy("Spreadsheet (XLSX)"), gettext_lazy("Everything, to work on and bring in again.")),
    Format.CSV: (gettext_lazy("Spreadsheet (CSV)"), gettext_lazy("Everything, as plain text in UTF-8.")),
    Format.MOODLE: (gettext_lazy("Moodle XML"), gettext_lazy("Everything, for Moodle, with pictures.")),
    Format.QTI: (gettext_lazy("QTI 3.0 package"), gettext_lazy("Everything, for other platforms, with pictures.")),
    Format.GIFT: (gettext_lazy("GIFT"), gettext_lazy("Without pictures, ordering and several gaps.")),
    Format.AIKEN: (gettext_lazy("Aiken"), gettext_lazy("Single choice alone: question, options, answer.")),
}


@opens_to(permissions.ITEM_EXPORT)
def pool_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say what a file of the pool's items holds, and give it; what the format has no words for is said first."""
    pool = load_pool(request, pk, permissions.ITEM_EXPORT)
    context = {
        "pool": pool,
        "count": pool.reviewed + pool.drafts,  # type: ignore[attr-defined]
        "current_entry": ENTRY,
        "formats": [{"code": one.value, "label": name, "text": text} for one, (name, text) in FORMATS.items()],
        "crumbs": [*crumbs_of(pool), (_("Export"), "")],
    }
    if request.method != "POST":
        return render(request, "contests/console/pool_export.html", context)
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 (the response closes it)
    wanted = request.POST.get("format", "")
    try:
        done = export_items(
            actor=request.user,
            pool=pool,
            file=cast(BinaryIO, file),
            format=wanted,
            all_or_none=request.POST.get("anyway") != "yes",
        )
    except Refused as refused:
        file.close()
        messages.error(request, sentence(refused.refusals[0]))
        return redirect("contests:console_pool_export", pk)
    if done.left_out and not done.count:
        file.close()
        shown = [
            {"number": one.number, "stem": one.stem, "why": sentence(Refusal(one.why))}
            for one in done.left_out[:SHOWN_LEFT_OUT]
        ]
        context |= {"left_out": shown, "left_out_count": len(done.left_out), "format": wanted}
        return render(request, "contests/console/pool_export.html", context, status=422)
    file.seek(0)
    name = f"items-{pool.pk}.{done.ending}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[done.ending])


@opens_to(permissions.ITEM_VIEW)
def pool_duplicates(request: HttpRequest, pk: int) -> HttpResponse:
    """Show groups of items that are alike; retire one, or keep them all for good."""
    pool = load_pool(request, pk, permissions.ITEM_VIEW)
    if request.method == "POST":
        _decide(request, pool)
        return redirect("contests:console_pool_duplicates", pk)
    page: Page[Any] = Paginator(groups_alike(pool), GROUPS_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = Item.objects.in_bulk([key for group in page.object_list for key, _share in group])
    for item in rows.values():
        label(item)
        item.right = right_of(item)  # type: ignore[attr-defined]
    page.object_list = [
        {
            "items": [rows[key] for key, _share in group if key in rows],
            "percent": int(max(share for _key, share in group) * 100),
        }
        for group in page.object_list
    ]
    context = {
        "pool": pool,
        "page": page,
        "current_entry": ENTRY,
        "may_edit": authority.may(request.user, permissions.ITEM_EDIT, pool),
        "crumbs": [*crumbs_of(pool), (_("Questions that are alike"), "")],
    }
    return render(request, "contests/console/pool_duplicates.html", context)


def _decide(request: HttpRequest, pool: Pool) -> None:
    ticked = [key for text in request.POST.getlist("item") if (key := parse_number(text)) is not None]
    items = list(queries.items_visible_to(request.user, permissions.ITEM_EDIT).filter(pool=pool, pk__in=ticked))
    if not items:
        messages.error(request, _("Nothing was decided."))
        return
    try:
        if request.POST.get("action") == "retire":
            actions.retire_item(actor=request.user, item=items[0], reason="alike")
            messages.success(request, _("The question is retired."))
        else:
            keep_apart(actor=request.user, items=items)
            messages.success(request, _("They are kept, and not shown here again."))
    except Refused as refused:
        messages.error(request, sentence(refused.refusals[0]))


def right_of(item: Item) -> str:
    """Return what is right in an item, in one line."""
    if item.accepted:
        return "; ".join(" | ".join(texts) for texts in item.accepted)
    if item.matches:
        return "; ".join(f"{left} – {item.matches[at]}" for left, at in zip(item.options, item.key, strict=False))
    options = item.options or TRUE_FALSE_EN
    return "; ".join(str(options[at]) for at in item.key if at < len(options))
