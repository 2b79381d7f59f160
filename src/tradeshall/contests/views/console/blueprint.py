"""The blueprint editor, and the live check beside it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tradeshall.contests import permissions, texts
from tradeshall.contests.actions import rounds as actions
from tradeshall.contests.actions.rounds import SectionDraft
from tradeshall.contests.enums import RoundState
from tradeshall.contests.forms.blueprint import MOST_SECTIONS, Blueprint, stored_section
from tradeshall.contests.models import Round
from tradeshall.contests.queries import bank
from tradeshall.contests.queries import rounds as queries
from tradeshall.contests.queries.difficulty import outlook_of
from tradeshall.contests.rules.items import letter_of
from tradeshall.contests.views.console.rounds import load_round, round_context
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refused
from tradeshall.web.access import opens_to
from tradeshall.web.forms import Problem, problems_of
from tradeshall.web.texts import sentence


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """What the live check says about one section."""

    name: str
    fitting: int
    has: int
    count: int
    points: int
    exposure_percent: int | None
    kind: str


@opens_to(permissions.ROUND_VIEW)
def round_blueprint(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the sections of a paper; while the round is a draft, edit them.

    One form holds all sections. Its buttons add, remove and move sections without storing anything; only
    `save` stores. Everything works without JavaScript.
    """
    one = load_round(request, pk, permissions.ROUND_VIEW)
    context = round_context(request, one, "blueprint")
    if not context["may_edit"]:
        if request.method == "POST":
            return redirect("contests:console_round_blueprint", pk)
        stored = queries.blueprint_of(one)
        for section in stored.sections:
            forms = [str(texts.FORMS[code]) for code in section.forms]
            section.forms_label = ", ".join(forms) or _("Any")
        context |= check_context(one, stored) | {"sections": stored.sections}
        return render(request, "contests/console/blueprint_show.html", context)
    blueprint, status = _posted(one, request), 200
    refusals: list[str] | list[Problem] = []
    if request.method == "POST":
        verb, _space, argument = request.POST.get("action", "save").partition(" ")
        key = -1 if (number := parse_number(argument)) is None else number
        if verb == "add" and len(blueprint.forms) < MOST_SECTIONS:
            blueprint.add()
        elif verb == "remove":
            blueprint.remove(key)
        elif verb == "up":
            blueprint.move_up(key)
        elif verb == "save":
            status = 422
            if blueprint.changed_elsewhere:
                refusals = [
                    _("Someone else changed this blueprint while you were editing it. Saving again keeps yours.")
                ]
            elif blueprint.is_valid():
                sections = [SectionDraft(**values) for values in blueprint.sections()]
                try:
                    actions.set_blueprint(actor=request.user, round=one, sections=sections)
                except Refused as refused:
                    refusals = [sentence(refusal) for refusal in refused.refusals]
                else:
                    messages.success(request, _("The blueprint is saved."))
                    return redirect("contests:console_round_blueprint", pk)
            else:
                refusals = _problems(blueprint)
    elif not blueprint.forms:
        blueprint.add()
    context |= _check(one, blueprint, request)
    if status == 200:
        blueprint.forgive()
    context |= {"blueprint": blueprint, "refusals": refusals, "has_errors": status == 422}
    return render(request, "contests/console/blueprint.html", context, status=status)


@opens_to(permissions.ROUND_EDIT)
def blueprint_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Judge a blueprint as it is typed; nothing is stored."""
    one = load_round(request, pk, permissions.ROUND_EDIT)
    if one.state != RoundState.DRAFT.value or request.method != "POST":
        return redirect("contests:console_round_blueprint", pk)
    context = {"round": one, **_check(one, _posted(one, request), request)}
    return render(request, "contests/console/blueprint.html#check", context)


def _problems(blueprint: Blueprint) -> list[Problem]:
    """Return what is wrong with all sections, each with its section's letter and the way to its field."""
    return [
        Problem(_("Section %(letter)s") % {"letter": letter_of(at)} + f": {problem.text}", problem.anchor)
        for at, form in enumerate(blueprint.forms)
        for problem in problems_of(form)
    ]


def _posted(one: Round, request: HttpRequest) -> Blueprint:
    pools = bank.with_counts(bank.pools_usable_in(one.unit_path))
    stored = [stored_section(section) for section in one.sections.prefetch_related("pools")]
    return Blueprint(request.POST if request.method == "POST" else None, stored, pools)


def _check(one: Round, blueprint: Blueprint, request: HttpRequest) -> dict[str, object]:
    if request.method == "POST":
        drafts = [SectionDraft(**values) for values in blueprint.sections()]
        incomplete = len(blueprint.forms) - len(drafts)
        pools = [{pool.pk for pool in draft.pools} for draft in drafts]
        judged = queries.judge_blueprint(one, drafts, pools)
    else:
        judged = queries.blueprint_of(one)
        incomplete = len(blueprint.forms) - len(judged.sections)
    return check_context(one, judged, incomplete)


def check_context(one: Round, judged: queries.Blueprint, incomplete: int = 0) -> dict[str, object]:
    """Return what the check shows: each section's items and exposure, the totals, and what stands in the way."""
    lines = []
    for at, (section, share, fitting) in enumerate(zip(judged.sections, judged.items, judged.fitting, strict=True)):
        exposure = -(-100 * section.count // len(share)) if len(share) >= section.count else None
        kind = "bad" if len(share) < section.count else "ok"
        if kind == "ok" and exposure is not None and exposure > one.exposure_cap_percent:
            kind = "warn"
        lines.append(
            CheckedLine(
                section.title or _("Section %(letter)s") % {"letter": letter_of(at)},
                fitting,
                len(share),
                section.count,
                section.count * section.points,
                exposure,
                kind,
            )
        )
    return {
        "outlook": outlook_of(judged.sections, judged.items, one.pk),
        "lines": lines,
        "total_count": judged.count,
        "total_points": judged.max_points,
        "incomplete": incomplete,
        "obstacles": [
            sentence(refusal)
            for refusal in judged.refusals
            if not (incomplete and refusal.code == "contests:blueprint:empty")
        ],
        "cap": one.exposure_cap_percent,
    }
