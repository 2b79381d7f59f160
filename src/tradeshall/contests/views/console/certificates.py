"""Certificates of a round, many at a time, for whoever prints them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tradeshall.contests import permissions, texts
from tradeshall.contests.actions.papers import MOST_AT_ONCE, issue_certificates
from tradeshall.contests.enums import RoundState
from tradeshall.contests.queries.papers import ROUND_KINDS, certifiable_standings, certificate_pages, name_of
from tradeshall.contests.views.console.rounds import load_round, round_context
from tradeshall.contests.views.member.papers import certificate_address
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refused
from tradeshall.web.access import opens_to
from tradeshall.web.texts import sentence
from tradeshall.web.typesetting import set_pdf


@opens_to(permissions.ROUND_EXPORT)
def round_certificates(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how many have earned which certificate, and give them as PDF, a thousand to a file."""
    one = load_round(request, pk, permissions.ROUND_EXPORT)
    if one.state == RoundState.DRAFT.value:
        raise Http404
    if request.method == "POST":
        kind, after = request.POST.get("kind", ""), parse_number(request.POST.get("after", "")) or 0
        try:
            certificates = issue_certificates(actor=request.user, round=one, kind=kind, after=after)
        except Refused as refused:
            for refusal in refused.refusals:
                messages.error(request, sentence(refusal))
            return redirect("contests:console_round_certificates", pk)
        if certificates:
            names = [name_of(row.entrant, row.entrant.shows_name) for row in certificates]
            pages = certificate_pages(certificates, names, certificate_address(request))
            answer = HttpResponse(set_pdf("contests/print/certificate.typ", pages), content_type="application/pdf")
            file = f"{one.contest.activity.number}-{one.position}-{kind}-{after + 1}.pdf"
            answer["Content-Disposition"] = f'attachment; filename="{file}"'
            return answer
        return redirect("contests:console_round_certificates", pk)
    kinds = []
    for kind in ROUND_KINDS:
        count = certifiable_standings(one, kind).count()
        files = [(start, min(start + MOST_AT_ONCE, count)) for start in range(0, count, MOST_AT_ONCE)]
        kinds.append({"kind": kind.value, "label": texts.CERTIFICATE_KINDS[kind], "count": count, "files": files})
    context = round_context(request, one, "certificates") | {"kinds": kinds}
    return render(request, "contests/console/round_certificates.html", context)
