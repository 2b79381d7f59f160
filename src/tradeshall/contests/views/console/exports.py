"""Results of a round as a file."""

from __future__ import annotations

import tempfile
from typing import BinaryIO, cast

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from tradeshall.contests import permissions
from tradeshall.contests.actions.results import export_results
from tradeshall.contests.enums import RoundState
from tradeshall.contests.models import Round
from tradeshall.contests.queries.console import results_count
from tradeshall.contests.rules.boards import LEAST_TAKING_PART
from tradeshall.contests.views.console.rounds import load_round, round_context
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refused
from tradeshall.web.access import opens_to
from tradeshall.web.texts import sentence

IN_MEMORY_BYTES = 4 * 1024 * 1024
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}


@opens_to(permissions.ROUND_EXPORT)
def round_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say what the file holds, and give it. It is written to disk when it is large, and sent piece by piece."""
    one = load_round(request, pk, permissions.ROUND_EXPORT)
    if one.state == RoundState.DRAFT.value:
        raise Http404
    if request.method == "POST":
        return _file(request, one, request.POST.get("format", ""))
    context = round_context(request, one, "export") | {
        "count": results_count(one),
        "least_taking_part": LEAST_TAKING_PART,
    }
    return render(request, "contests/console/round_export.html", context)


def _file(request: HttpRequest, one: Round, ending: str) -> HttpResponseBase:
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 (the response closes it)
    try:
        version = parse_number(request.POST.get("version", ""))
        export_results(actor=request.user, round=one, file=cast(BinaryIO, file), format=ending, version=version)
    except Refused as refused:
        file.close()
        for refusal in refused.refusals:
            messages.error(request, sentence(refusal))
        return redirect("contests:console_round_export", one.pk)
    file.seek(0)
    of_version = f"-v{version}" if version is not None else ""
    name = f"{one.contest.activity.number}-{one.position}{of_version}.{ending}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=KINDS[ending])
