"""New versions of a round's results in the console: prepared, watched, looked at, put in force or dropped."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tradeshall.contests import permissions, texts
from tradeshall.contests.actions import versions as actions
from tradeshall.contests.enums import VersionState
from tradeshall.contests.forms.after import VersionForm
from tradeshall.contests.models import ResultsVersion, Round
from tradeshall.contests.queries import versions as queries
from tradeshall.contests.queries.appeals import sealed_pack
from tradeshall.contests.rules.items import letter_of
from tradeshall.contests.rules.versions import changed_items
from tradeshall.contests.views.console.appeals import load_published
from tradeshall.contests.views.console.rounds import round_context
from tradeshall.core.refusal import Refused
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.texts import sentence

EVERY_SECONDS = 2
PARTIAL = "HX-Request-Type"


@opens_to(permissions.RESULTS_RESCORE)
def round_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the versions so far and the one in the making; begin one."""
    one = load_published(request, pk, permissions.RESULTS_RESCORE)
    making = queries.version_in_the_making(one)
    if request.headers.get(PARTIAL) == "partial":
        return render(request, "contests/console/round_versions.html#live", live_context(one, making))
    form = VersionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.prepare_version(actor=request.user, round=one, note=form.cleaned_data["note"])
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The new version is being built. Nothing changes for members yet."))
            return redirect("contests:console_round_versions", pk)
    context = round_context(request, one, "versions") | live_context(one, making)
    in_force = queries.corrections_in_force(one)
    context |= {
        "decided": corrections_in_words(one, changed_items(in_force, queries.corrections_decided(one))),
        "versions": [version_line(one, version) for version in queries.versions_of(one)],
        "ranked": one.ranked_at is not None,
    }
    response = render_form(request, "contests/console/round_versions.html", context, form=form)
    response.headers["Vary"] = f"{PARTIAL}, Cookie"
    return response


@opens_to(permissions.RESULTS_RESCORE)
@require_POST
def version_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the version that was looked at in force."""
    return _move(request, pk, actions.confirm_version, _("The new results are being put in force."))


@opens_to(permissions.RESULTS_RESCORE)
@require_POST
def version_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop the version in the making."""
    return _move(request, pk, actions.discard_version, _("Dropped. The results stay as they are."))


def _move(request: HttpRequest, pk: int, action: Any, words: str) -> HttpResponse:
    one = load_published(request, pk, permissions.RESULTS_RESCORE)
    making = queries.version_in_the_making(one)
    if making is None:
        messages.error(request, _("There is no version in the making."))
        return redirect("contests:console_round_versions", pk)
    try:
        action(actor=request.user, version=making)
    except Refused as refused:
        for refusal in refused.refusals:
            messages.error(request, sentence(refusal))
    else:
        messages.success(request, words)
    return redirect("contests:console_round_versions", pk)


def live_context(one: Round, making: ResultsVersion | None) -> dict[str, object]:
    """Return what the part shows that is asked for again while a version is built."""
    at_work = making is not None and making.state in (VersionState.BUILDING.value, VersionState.CONFIRMED.value)
    ready = making is not None and making.state == VersionState.READY.value
    return {
        "round": one,
        "making": making,
        "at_work": at_work,
        "ready": ready,
        "state_label": texts.VERSION_STATES[making.state] if making else "",
        "changes": corrections_in_words(one, making.changes) if making else [],
        "top": queries.top_of(making, queries.current_version(one)) if making and ready else [],
        "live_url": reverse("contests:console_round_versions", args=[one.pk]),
        "every": EVERY_SECONDS,
    }


def version_line(one: Round, version: ResultsVersion) -> dict[str, object]:
    """Return a version in force as the list shows it."""
    return {
        "version": version,
        "changes": corrections_in_words(one, version.changes),
        "rescored": version.consequences.get("attempts"),
    }


def corrections_in_words(one: Round, changes: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return what is corrected, question by question, in words."""
    if not changes:
        return []
    stems = {item.number: item.stem for item in sealed_pack(one).items()}
    return [
        {"stem": stems.get(change["item"], ""), "words": correction_in_words(change["now"])} for change in changes
    ]


def correction_in_words(now: dict[str, Any] | None) -> str:
    """Return one correction in words."""
    if now is None:
        return _("Scored again as it was sealed")
    if "key" in now:
        return _("Right: %(letters)s") % {"letters": "".join(letter_of(place) for place in now["key"])}
    return str(texts.VERDICTS[f"void_{now['void']}"])


def version_or_404(one: Round, number: int) -> ResultsVersion:
    version = queries.versions_of(one).filter(number=number).first()
    if version is None:
        raise Http404
    return version
