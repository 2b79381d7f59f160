"""Bringing questions in from a file. It is staged here for a pool; what follows are the pages of `intake`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tradeshall.contests import permissions
from tradeshall.contests.actions.items import import_items
from tradeshall.contests.forms.bank import ImportFileForm
from tradeshall.contests.views.console.pools import crumbs_of, load_pool
from tradeshall.core.refusal import Refused
from tradeshall.core.spreadsheets import Unreadable
from tradeshall.intake.texts import advice_for, sentence_for
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form


@opens_to(permissions.ITEM_IMPORT)
def pool_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file of questions and stage it; nothing in the pool changes yet."""
    pool = load_pool(request, pk, permissions.ITEM_IMPORT)
    form = ImportFileForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            run = import_items(actor=request.user, pool=pool, file=upload.file, name=upload.name, dry_run=True)
        except Unreadable as unreadable:
            why = sentence_for(unreadable.code, unreadable.details)
            form.add_error("file", f"{why} {advice_for(unreadable.code, unreadable.details)}".strip())
        except Refused as refused:
            add_refusals(form, refused)
        else:
            return redirect("intake:run_view", run.pk)
    context = {
        "pool": pool,
        "crumbs": [*crumbs_of(pool), (_("Import"), "")],
        "cancel_url": reverse("contests:console_pool_show", args=[pk]),
    }
    return render_form(request, "contests/console/import_new.html", context, form=form)


def place_of(run: Any) -> tuple[str, str]:
    """Return where a file of questions belongs: the pool's page, and the page that takes another file for it."""
    pool = int(run.target)
    return (
        reverse("contests:console_pool_show", args=[pool]),
        reverse("contests:console_pool_import", args=[pool]),
    )
