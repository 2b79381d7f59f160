"""What is published of a round, and the opening of what was sealed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tradeshall.contests import permissions, texts
from tradeshall.contests.actions.publishing import open_secrets
from tradeshall.contests.enums import FileKind, RoundState
from tradeshall.contests.queries import proofs as queries
from tradeshall.contests.views.console.rounds import load_round, round_context
from tradeshall.core import authority
from tradeshall.core.refusal import Refused
from tradeshall.engine.proofs.verify import fingerprint
from tradeshall.web.access import opens_to
from tradeshall.web.texts import sentence


@opens_to(permissions.ROUND_VIEW)
def round_proofs(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is published of a round; whoever may publish it opens what was sealed."""
    code = permissions.ROUND_PUBLISH if request.method == "POST" else permissions.ROUND_VIEW
    one = load_round(request, pk, code)
    if request.method == "POST":
        try:
            open_secrets(actor=request.user, round=one)
        except Refused as refused:
            for refusal in refused.refusals:
                messages.error(request, sentence(refusal))
        else:
            messages.success(request, _("Opened. Everybody can check the papers and the marking now."))
        return redirect("contests:console_round_proofs", pk)
    files = queries.files_of(queries.subject_of_round(pk))
    may_open = authority.may(request.user, permissions.ROUND_PUBLISH, one)
    context = round_context(request, one, "proofs") | {
        "files": [{"file": file, "label": texts.FILE_KINDS[file.kind]} for file in files],
        "is_whole": any(file.kind == FileKind.OPENING and file.facts == "whole" for file in files),
        "may_open": one.state == RoundState.CLOSED.value and may_open,
        "fingerprint": fingerprint(queries.keys_document()),
        "newest": queries.latest_checkpoint(),
    }
    return render(request, "contests/console/round_proofs.html", context)
