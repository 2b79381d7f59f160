"""Bringing spreadsheets in: choose a file, look at what it would do, apply it or drop it."""

from __future__ import annotations

from io import BytesIO

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tradeshall.core import authority
from tradeshall.core.refusal import Refused
from tradeshall.core.spreadsheets import Unreadable, write_csv, write_xlsx
from tradeshall.intake import actions, queries
from tradeshall.intake.enums import ImportState
from tradeshall.intake.forms import FileForm
from tradeshall.intake.models import ImportRun
from tradeshall.intake.ports import FileKind, file_kinds, kinds_in_order
from tradeshall.intake.texts import STATES, advice_for, column_label, sentence_for
from tradeshall.web.access import opens_to
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.texts import sentence

PAGE_SIZE = 50
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _kind(request: HttpRequest, name: str) -> FileKind:
    kind = file_kinds.get(name)
    if kind is None or not authority.may(request.user, kind.permission):
        raise Http404
    return kind


def _run(request: HttpRequest, pk: int) -> ImportRun:
    run = queries.run_visible_to(request.user, pk)
    if run is None:
        raise Http404
    return run


@opens_to("intake:run:view")
def run_list(request: HttpRequest) -> HttpResponse:
    """What may be brought in, and what was."""
    kinds = [kind for kind in kinds_in_order() if authority.may(request.user, kind.permission)]
    runs = queries.runs_visible_to(request.user).order_by("-started_at", "-pk")
    page = Paginator(runs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "kinds": [(kind, _upload_url(kind)) for kind in kinds],
        "page": page,
        "runs": [_shown(run) for run in page.object_list],
    }
    return render(request, "intake/run_list.html", context)


def _upload_url(kind: FileKind) -> str:
    return reverse(kind.upload_url_name) if kind.upload_url_name else reverse("intake:file_upload", args=[kind.name])


def _next_step(request: HttpRequest, kind: FileKind) -> dict[str, object] | None:
    """Return what is brought in after a kind of file, if this person may."""
    after = next((one for one in kinds_in_order() if one.position > kind.position), None)
    if after is None or not authority.may(request.user, after.permission):
        return None
    return {"label": after.invitation, "url": _upload_url(after)}


def _shown(run: ImportRun) -> dict[str, object]:
    kind = file_kinds.get(run.kind)
    marks = {ImportState.STAGED.value: "warn", ImportState.APPLIED.value: "ok", ImportState.REFUSED.value: "bad"}
    return {
        "run": run,
        "kind": kind.label if kind else run.kind,
        "state": STATES[run.state],
        "mark": marks.get(run.state, ""),
    }


@opens_to("intake:run:view")
def file_upload(request: HttpRequest, kind: str) -> HttpResponse:
    """Read a file and judge every row; nothing is applied."""
    chosen = _kind(request, kind)
    if chosen.stage is None:
        raise Http404
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            run = chosen.stage(request.user, upload.file, upload.name)
        except Unreadable as error:
            form.add_error(
                "file", f"{sentence_for(error.code, error.details)} {advice_for(error.code, error.details)}"
            )
        except Refused as refused:
            add_refusals(form, refused)
        else:
            return HttpResponseRedirect(reverse("intake:run_view", args=[run.pk]))
    context = {"kind": chosen, "columns": [(name, column_label(name)) for name in chosen.columns]}
    return render_form(request, "intake/file_upload.html", context, form=form)


@opens_to("intake:run:view")
def template_download(request: HttpRequest, kind: str, form: str) -> HttpResponse:
    """A template with headings and a few sample rows, in the reader's language or the one `?language=` names."""
    chosen = _kind(request, kind)
    if form not in CONTENT_TYPES:
        raise Http404
    language = request.GET.get("language") or get_language() or ""
    rows = chosen.template.get(language, chosen.template["en"])
    file = BytesIO()
    (write_csv if form == "csv" else write_xlsx)(rows, file)
    response = HttpResponse(file.getvalue(), content_type=CONTENT_TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{chosen.name}.{form}"'
    return response


@opens_to("intake:run:view")
def run_view(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file would do or did: figures, and every refused row with the reason."""
    run = _run(request, pk)
    page = Paginator(queries.refused_rows(run), PAGE_SIZE).get_page(request.GET.get("page"))
    problems = [
        {
            "line": row.line,
            "column": column_label(problem["column"]) if problem["column"] else "",
            "value": row.values.get(problem["column"], ""),
            "why": sentence_for(problem["code"], problem["details"]),
            "advice": advice_for(problem["code"], problem["details"]),
        }
        for row in page.object_list
        for problem in row.problems
    ]
    noted = Paginator(queries.noted_rows(run), PAGE_SIZE).get_page(request.GET.get("notes"))
    notes = [
        {"line": row.line, "why": sentence_for(note["code"], note["details"])}
        for row in noted.object_list
        for note in row.notes
    ]
    kind = file_kinds.get(run.kind)
    staged = run.state == ImportState.STAGED.value
    may_apply = staged and kind is not None and authority.may(request.user, kind.permission)
    place_url, again_url = kind.place(run) if kind is not None and kind.place is not None else ("", "")
    if kind is not None and kind.stage is not None and not again_url:
        again_url = reverse("intake:file_upload", args=[run.kind])
    context = {
        **_shown(run),
        "page": page,
        "problems": problems,
        "noted": noted,
        "notes": notes,
        "staged": staged,
        "may_apply": may_apply,
        "effects": run.added_count + run.changed_count,
        "place_url": place_url,
        "again_url": again_url,
        "next_step": _next_step(request, kind) if kind and run.state == ImportState.APPLIED.value else None,
    }
    return render(request, "intake/run.html", context)


@opens_to("intake:run:view")
def run_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Every refused row as a CSV file."""
    run = _run(request, pk)
    file = BytesIO()
    queries.write_report(run, file)
    response = HttpResponse(file.getvalue(), content_type=CONTENT_TYPES["csv"])
    response["Content-Disposition"] = f'attachment; filename="refused-rows-{run.pk}.csv"'
    return response


@opens_to("intake:run:view")
@require_POST
def run_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply what was staged; refused rows are skipped only if the person says so."""
    run = _run(request, pk)
    kind = _kind(request, run.kind)
    try:
        run = kind.apply(request.user, run, request.POST.get("skip_refused") == "yes")
    except Refused as refused:
        messages.error(request, sentence(refused.refusals[0]))
    else:
        added, changed = run.added_count, run.changed_count
        messages.success(
            request, _("Applied: %(added)s added, %(changed)s changed.") % {"added": added, "changed": changed}
        )
    return HttpResponseRedirect(reverse("intake:run_view", args=[pk]))


@opens_to("intake:run:view")
@require_POST
def run_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the staged file up."""
    run = _run(request, pk)
    _kind(request, run.kind)
    try:
        actions.drop_run(actor=request.user, run=run)
    except Refused as refused:
        messages.error(request, sentence(refused.refusals[0]))
    else:
        messages.success(request, _("The file was dropped. Nothing has been changed."))
    return HttpResponseRedirect(reverse("intake:run_list"))
