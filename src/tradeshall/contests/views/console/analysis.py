"""How the questions of a round did, and what stands out in its answers."""

from __future__ import annotations

import tempfile
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tradeshall.contests import permissions, texts
from tradeshall.contests.actions.analysis import accept_difficulties, judge_outlier
from tradeshall.contests.actions.results import export_analysis
from tradeshall.contests.forms.after import OutlierForm
from tradeshall.contests.models import ItemStatistics, Outlier
from tradeshall.contests.queries import analysis as queries
from tradeshall.contests.queries.results import units_large_enough
from tradeshall.contests.queries.versions import corrections_in_force
from tradeshall.contests.rules.items import letter_of
from tradeshall.contests.rules.pseudonyms import pseudonym_in
from tradeshall.contests.views.console.appeals import load_published
from tradeshall.contests.views.console.exports import KINDS
from tradeshall.contests.views.console.rounds import round_context
from tradeshall.core import authority
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refused
from tradeshall.people.queries import in_language
from tradeshall.web.access import opens_to
from tradeshall.web.texts import sentence

PAGE = 50
ACCEPT, EXPORT = "accept", "export"


@opens_to(permissions.ANALYSIS_VIEW)
def round_analysis(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the statistics of a round's questions; take over difficulties; give them as a file."""
    one = load_published(request, pk, permissions.ANALYSIS_VIEW)
    if request.method == "POST":
        if request.POST.get("do") == EXPORT:
            return _file(request, one)
        return _accept(request, one)
    sort = request.GET.get("sort", "discrimination")
    sort = sort if sort in queries.SORTS else "discrimination"
    page = Paginator(queries.statistics_of_items(one, sort), PAGE).get_page(request.GET.get("page"))
    corrections = corrections_in_force(one)
    context = round_context(request, one, "analysis") | {
        "kept": queries.statistics_of_round(one),
        "ranked": one.ranked_at is not None,
        "sort": sort,
        "sorts": [
            ("discrimination", _("Discrimination")),
            ("facility", _("Facility")),
            ("b", _("Difficulty by the model")),
            ("omitted", _("Not answered")),
            ("n", _("Answers")),
            ("item", _("Number")),
        ],
        "page": page,
        "lines": [item_line(row, corrections) for row in page],
        "may_accept": authority.may(request.user, permissions.ITEM_EDIT),
    }
    return render(request, "contests/console/round_analysis.html", context)


def item_line(row: ItemStatistics, corrections: dict[str, Any]) -> dict[str, object]:
    """Return a question as the table shows it."""
    key = corrections.get(str(row.item_id), {}).get("key", row.item.key)
    suggested = queries.suggestion_for(row)
    return {
        "row": row,
        "flags": [
            {"label": texts.ITEM_FLAGS[flag], "kind": "bad" if flag == "negative" else "warn"} for flag in row.flags
        ],
        "options": [
            {
                "letter": letter_of(at),
                "right": at in key,
                "all": share["all"],
                "top": share["top"],
                "bottom": share["bottom"],
            }
            for at, share in enumerate(row.shares)
        ],
        "suggested": suggested,
        "differs": suggested is not None and suggested != row.item.difficulty,
    }


def _accept(request: HttpRequest, one: Any) -> HttpResponse:
    chosen = [number for text in request.POST.getlist("item") if (number := parse_number(text)) is not None]
    try:
        changed = accept_difficulties(actor=request.user, round=one, item_ids=chosen)
    except Refused as refused:
        for refusal in refused.refusals:
            messages.error(request, sentence(refusal))
    else:
        words = ngettext(
            "%(count)s question has its new difficulty.", "%(count)s questions have their new difficulty.", changed
        )
        messages.success(request, words % {"count": changed})
    return redirect("contests:console_round_analysis", one.pk)


def _file(request: HttpRequest, one: Any) -> HttpResponseBase:
    file = tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024)  # noqa: SIM115 (the response closes it)
    export_analysis(actor=request.user, round=one, file=cast(BinaryIO, file))
    file.seek(0)
    name = f"{one.contest.activity.number}-{one.position}-items.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=KINDS["xlsx"])


@opens_to(permissions.OUTLIER_VIEW)
def round_outliers(request: HttpRequest, pk: int) -> HttpResponse:
    """List what stands out, for a person to look at; keep what the look has shown."""
    one = load_published(request, pk, permissions.OUTLIER_VIEW)
    if request.method == "POST":
        form = OutlierForm(request.POST)
        rows = queries.outliers_visible_to(request.user, one)
        outlier = get_object_or_404(rows, pk=parse_number(request.POST.get("outlier", "")) or 0)
        if form.is_valid():
            try:
                judge_outlier(
                    actor=request.user,
                    outlier=outlier,
                    state=form.cleaned_data["state"],
                    note=form.cleaned_data["note"],
                )
            except Refused as refused:
                for refusal in refused.refusals:
                    messages.error(request, sentence(refusal))
            else:
                messages.success(request, _("Kept."))
        else:
            messages.error(request, _("Choose one of the answers."))
        return redirect("contests:console_round_outliers", pk)
    page = Paginator(queries.outliers_visible_to(request.user, one), PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    people = queries.sittings_of(shown)
    large = units_large_enough(one, {row.unit_id for row in shown})
    language = get_language() or ""
    context = round_context(request, one, "outliers") | {
        "page": page,
        "kept": queries.statistics_of_round(one),
        "lines": [outlier_line(row, people.get(row.pk, []), row.unit_id in large, language) for row in shown],
        "may_judge": authority.may(request.user, permissions.OUTLIER_JUDGE, one),
        "states": texts.OUTLIER_STATES.items(),
    }
    return render(request, "contests/console/round_outliers.html", context)


def outlier_line(row: Outlier, people: list[queries.Sitting], unit_shown: bool, language: str) -> dict[str, object]:
    """Return something that stands out as the list shows it: by ticket, the unit only where ten took part."""
    return {
        "row": row,
        "kind": texts.OUTLIER_KINDS[row.kind],
        "reason": str(texts.OUTLIER_REASONS[row.kind]) % row.facts,
        "unit": in_language(row.unit) if unit_shown else "",
        "people": [{"one": one, "name": pseudonym_in(language, one.pseudonym)} for one in people],
        "state": texts.OUTLIER_STATES[row.state],
    }
