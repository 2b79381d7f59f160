"""What a member takes away: certificates, a shared result, and the pages strangers see of both."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tradeshall.contests import texts
from tradeshall.contests.actions.papers import issue_achievement, issue_certificate, share_result, take_back_result
from tradeshall.contests.models import Round, SharedResult
from tradeshall.contests.queries import papers as queries
from tradeshall.contests.queries.rounds import (
    WITH_CONTEST,
    contests_for_member,
    phase_of,
    published_contests,
    published_rounds,
)
from tradeshall.contests.queries.taking_part import entrant_of
from tradeshall.contests.rules.papers import masked
from tradeshall.contests.views.member.attempts import round_of
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refused
from tradeshall.people.queries import acting_membership
from tradeshall.web.access import PUBLIC, SIGNED_IN, opens_to
from tradeshall.web.templatetags.web import duration
from tradeshall.web.texts import sentence
from tradeshall.web.typesetting import qr_svg, set_pdf, set_png

POSTER_PX = {"poster": (1080, 540), "preview": (1200, 600)}
"""Width in pixels and in points of the two pictures: one to post, one for the preview of a link."""
POSTER_SECONDS = 600
PARTS = ("score", "rank", "unit", "name")


@opens_to(SIGNED_IN)
@require_POST
def certificate_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the certificate asked for, and lead to its file."""
    membership, round = round_of(request, pk)
    try:
        certificate = issue_certificate(
            actor=request.user, membership=membership, round=round, kind=request.POST.get("kind", "")
        )
    except Refused as refused:
        return render(
            request,
            "contests/member/paper_refused.html",
            {
                "title": round,
                "back": reverse("contests:round_show", args=[pk]),
                "why": [sentence(refusal) for refusal in refused.refusals],
            },
            status=422,
        )
    return redirect("contests:certificate_file", certificate.code)


@opens_to(SIGNED_IN)
@require_POST
def achievement_issue(request: HttpRequest, number: str) -> HttpResponse:
    """Give the certificate of an achievement, and lead to its file."""
    membership = acting_membership(request)
    if membership is None:
        raise Http404
    contest = get_object_or_404(contests_for_member(membership), activity__number=number)
    chosen = parse_number(request.POST.get("achievement", ""))
    achievement = contest.achievements.filter(pk=chosen or 0).first()
    why = [_("Choose what you have reached.")]
    if achievement is not None:
        try:
            certificate = issue_achievement(actor=request.user, membership=membership, achievement=achievement)
            return redirect("contests:certificate_file", certificate.code)
        except Refused as refused:
            why = [sentence(refusal) for refusal in refused.refusals]
    context = {"title": contest.activity, "back": reverse("contests:contest_show", args=[number]), "why": why}
    return render(request, "contests/member/paper_refused.html", context, status=422)


@opens_to(SIGNED_IN)
@require_safe
def certificate_file(request: HttpRequest, code: str) -> HttpResponse:
    """Give one's own certificate as PDF."""
    membership = acting_membership(request)
    if membership is None:
        raise Http404
    certificate = get_object_or_404(queries.own_certificates(membership), code=code)
    pages = queries.certificate_pages([certificate], [membership.name], certificate_address(request))
    answer = HttpResponse(set_pdf("contests/print/certificate.typ", pages), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{certificate.code}.pdf"'
    return answer


@opens_to(PUBLIC)
@require_safe
def certificate_show(request: HttpRequest, code: str) -> HttpResponse:
    """Say what a certificate was given for, to whoever has its code before them."""
    certificate = queries.certificate_by_code(code)
    if certificate is None:
        raise Http404
    membership = certificate.entrant.membership
    context = {
        "certificate": certificate,
        "code": queries.spelled(certificate.code),
        "heading": queries.heading_of(certificate.kind),
        "words": queries.words_of(certificate),
        "contest": certificate.entrant.contest,
        "name": masked(membership.name) if membership is not None else "",
        "stands": queries.still_stands(certificate),
    }
    return render(request, "contests/public/certificate.html", context)


@opens_to(SIGNED_IN)
def result_share(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose what of one's result is shown to whoever has the address, and stop showing it."""
    membership, round = round_of(request, pk)
    entrant = entrant_of(membership, round.contest)
    if entrant is None:
        raise Http404
    shared = SharedResult.objects.filter(entrant=entrant, round=round).first()
    why: list[str] = []
    if request.method == "POST":
        try:
            if request.POST.get("stop"):
                take_back_result(actor=request.user, entrant=entrant, round=round)
            else:
                chosen = {f"shows_{part}": part in request.POST.getlist("part") for part in PARTS}
                share_result(actor=request.user, entrant=entrant, round=round, **chosen)
            return redirect("contests:result_share", pk)
        except Refused as refused:
            why = [sentence(refusal) for refusal in refused.refusals]
    shown = queries.shown_of(shared) if shared else None
    labels = {"score": _("My score"), "rank": _("My final rank"), "unit": _("My unit"), "name": _("My name")}
    context = {
        "round": round,
        "contest": round.contest,
        "shared": shared,
        "shown": shown,
        "parts": [(part, labels[part], bool(shared and getattr(shared, f"shows_{part}"))) for part in PARTS],
        "pseudonym": queries.name_of(entrant, False),
        "address": address(request, "contests:shared_show", shared.code) if shared else "",
        "certificates": [(one, texts.CERTIFICATE_KINDS[one.kind]) for one in queries.certifiable(round, entrant)],
        "why": why,
    }
    return render(request, "contests/member/share.html", context, status=422 if why else 200)


@opens_to(PUBLIC)
@require_safe
def shared_show(request: HttpRequest, code: str) -> HttpResponse:
    """Show what somebody chose to share."""
    shared = queries.shared_by_code(code)
    shown = queries.shown_of(shared) if shared else None
    if shared is None or shown is None:
        raise Http404
    context = {
        "shared": shared,
        "shown": shown,
        "contest": shared.round.contest,
        "url": address(request, "contests:shared_show", shared.code),
        "picture": address(request, "contests:shared_picture", shared.code, "preview"),
        "description": result_words(shown),
    }
    return render(request, "contests/public/shared.html", context)


@opens_to(PUBLIC)
@require_safe
def shared_picture(request: HttpRequest, code: str, shape: str) -> HttpResponse:
    """Draw a shared result: to post, or for the preview of its link."""
    shared = queries.shared_by_code(code)
    shown = queries.shown_of(shared) if shared else None
    if shared is None or shown is None or shape not in POSTER_PX:
        raise Http404
    figures = []
    if shown.score_points is not None:
        figures.append({"label": _("Score"), "figure": str(shown.score_points), "note": f"/ {shown.max_points}"})
    if shown.rank is not None:
        figures.append({"label": _("Rank"), "figure": str(shown.rank), "note": f"/ {shown.of}"})
    content = {
        "title": shown.contest,
        "number": shared.round.contest.activity.number,
        "facts": facts((_("Round"), shown.round), (_("Unit"), shown.unit)),
        "name": shown.name,
        "figures": figures,
        "issuer": shown.issuer,
        "call": _("Scan the code to take part"),
        **code_for(address(request, "contests:contest_public", shared.round.contest.activity.number)),
    }
    return picture(shape, content, f"shared:{shared.pk}:{shared.shared_at.timestamp()}:{shown}")


@opens_to(PUBLIC)
@require_safe
def contest_public(request: HttpRequest, number: str) -> HttpResponse:
    """What a link to a contest shows to anybody: what it is, who holds it, when, and the way in."""
    contest = get_object_or_404(published_contests(), activity__number=number)
    rounds = list(published_rounds().filter(contest=contest).order_by("opens_at", "pk"))
    context = {
        "contest": contest,
        "rounds": [(row, texts.PHASES[phase_of(row)]) for row in rounds[:60]],
        "opens_at": min((row.opens_at for row in rounds), default=None),
        "closes_at": max((row.closes_at for row in rounds), default=None),
        "url": address(request, "contests:contest_public", number),
        "picture": address(request, "contests:contest_picture", number, "preview"),
        "description": _("Knowledge contest of %(unit)s") % {"unit": queries.called(contest.activity.unit, "name")},
    }
    return render(request, "contests/public/contest.html", context)


@opens_to(PUBLIC)
@require_safe
def contest_picture(request: HttpRequest, number: str, shape: str) -> HttpResponse:
    """Draw the poster of a contest, or the picture for the preview of its link."""
    contest = get_object_or_404(published_contests().select_related(*WITH_POSTER), activity__number=number)
    if shape not in POSTER_PX:
        raise Http404
    rounds = list(published_rounds().filter(contest=contest).prefetch_related("sections"))
    content = {
        "title": queries.called(contest.activity, "title"),
        "number": number,
        "facts": facts(*facts_of(rounds)),
        "name": "",
        "figures": [],
        "issuer": queries.called(contest.activity.unit, "name"),
        "call": _("Scan the code to take part"),
        **code_for(address(request, "contests:contest_public", number)),
    }
    return picture(shape, content, f"contest:{number}:{content}")


def facts(*lines: tuple[str, str | None]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for label, value in lines if value]


def facts_of(rounds: list[Round]) -> list[tuple[str, str | None]]:
    """Return what a poster says of rounds: when, how many, and what awaits one."""
    if not rounds:
        return []
    first = min(rounds, key=lambda row: row.opens_at)
    count = sum(section.count for section in first.sections.all())
    questions = ngettext("%(count)d question", "%(count)d questions", count) % {"count": count}
    each = _("%(questions)s, %(limit)s.") % {"questions": questions, "limit": duration(first.time_limit_seconds)}
    return [
        (_("When"), queries.span_of(first.opens_at, max(row.closes_at for row in rounds))),
        (_("Rounds"), str(len(rounds)) if len(rounds) > 1 else None),
        (
            _("Each time"),
            _("%(questions)s, %(limit)s.") % {"questions": each, "limit": duration(first.time_limit_seconds)},
        ),
    ]


WITH_POSTER = tuple(name.removeprefix("contest__") for name in WITH_CONTEST)


def picture(shape: str, content: dict[str, Any], key: str) -> HttpResponse:
    """Answer with a picture, drawn at most once in ten minutes for the same content and language."""
    kept = f"poster:{shape}:{get_language()}:{hash(key)}"
    drawn = cache.get(kept)
    if drawn is None:
        width_px, width_pt = POSTER_PX[shape]
        drawn = set_png(
            "contests/print/poster.typ",
            {**content, "shape": shape, "lang": (get_language() or "en")[:2]},
            width_px=width_px,
            width_pt=width_pt,
        )
        cache.set(kept, drawn, POSTER_SECONDS)
    answer = HttpResponse(drawn, content_type="image/png")
    answer["Cache-Control"] = f"public, max-age={POSTER_SECONDS}"
    return answer


def result_words(shown: queries.Shown) -> str:
    """Return a shared result in a line, for the preview of its link."""
    parts = [shown.name]
    if shown.score_points is not None:
        parts.append(_("%(points)s of %(of)s points") % {"points": shown.score_points, "of": shown.max_points})
    if shown.rank is not None:
        parts.append(_("rank %(rank)s of %(of)s") % {"rank": shown.rank, "of": shown.of})
    if shown.unit:
        parts.append(shown.unit)
    return " · ".join(parts)


def code_for(url: str) -> dict[str, str]:
    return {"qr": qr_svg(url), "url": url}


def address(request: HttpRequest, name: str, *arguments: str) -> str:
    """Return the whole address of a page."""
    return request.build_absolute_uri(reverse(name, args=arguments))


def certificate_address(request: HttpRequest) -> str:
    """Return the address of certificates, with CODE where the code goes."""
    return address(request, "contests:certificate_show", "CODE")
