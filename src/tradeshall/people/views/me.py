"""A person's own page: memberships, display, consents, and the rights over what is kept about them."""

from __future__ import annotations

import json

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refused
from tradeshall.people import queries
from tradeshall.people.actions import accounts, consents
from tradeshall.people.enums import ConsentPurpose
from tradeshall.people.queries import signed_in
from tradeshall.people.texts import PURPOSE_NOTES, PURPOSES
from tradeshall.people.views.fresh import freshly_proven
from tradeshall.web.access import SIGNED_IN, opens_to
from tradeshall.web.texts import sentence


@opens_to(SIGNED_IN)
def me(request: HttpRequest) -> HttpResponse:
    account = signed_in(request)
    given = {(one.purpose, one.scope): one for one in queries.consents_of(account) if one.revoked_at is None}
    context = {
        "memberships": queries.memberships_of(account),
        "acting": queries.acting_membership(request),
        "unclaimed": queries.unclaimed_lines_of(account),
        "purposes": [
            {
                "value": purpose.value,
                "label": label,
                "note": PURPOSE_NOTES[purpose],
                "given": given.get((purpose, "")),
            }
            for purpose, label in PURPOSES.items()
        ],
        "languages": settings.LANGUAGES,
        "theme": request.COOKIES.get("theme", "auto"),
        "elder": request.COOKIES.get("size") == "elder",
        "here": request.get_full_path(),
    }
    return render(request, "people/me.html", context)


@opens_to(SIGNED_IN)
@require_POST
def membership_choose(request: HttpRequest) -> HttpResponse:
    """Act for another of one's memberships from now on."""
    chosen = request.POST.get("membership", "")
    mine = {str(row.pk): row for row in queries.memberships_of(request.user)}
    if chosen in mine:
        request.session[queries.ACTING_KEY] = mine[chosen].pk
        unit = queries.in_language(mine[chosen].unit)
        messages.success(request, _("You now take part for %(unit)s.") % {"unit": unit})
    return HttpResponseRedirect(reverse("people:me"))


@opens_to(SIGNED_IN)
@require_POST
def membership_claim(request: HttpRequest) -> HttpResponse:
    """Add another line of the roster with one's own phone and name."""
    wanted = request.POST.get("membership", "")
    try:
        accounts.claim_own_line(actor=signed_in(request), membership_id=parse_number(wanted) or 0)
    except Refused as refused:
        messages.error(request, sentence(refused.refusals[0]))
    else:
        messages.success(request, _("The membership is yours now."))
    return HttpResponseRedirect(reverse("people:me"))


@opens_to(SIGNED_IN)
@require_POST
def consent_change(request: HttpRequest) -> HttpResponse:
    purpose = request.POST.get("purpose", "")
    if purpose in {one.value for one in ConsentPurpose}:
        if request.POST.get("answer") == "yes":
            consents.give_consent(actor=signed_in(request), purpose=purpose)
        else:
            consents.revoke_consent(actor=signed_in(request), purpose=purpose)
    return HttpResponseRedirect(reverse("people:me") + "#consents")


@opens_to(SIGNED_IN)
@never_cache
def export(request: HttpRequest) -> HttpResponse:
    """Everything kept about the reader, as one file."""
    content = json.dumps(queries.export_person(signed_in(request)), ensure_ascii=False, indent=2)
    response = HttpResponse(content, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@freshly_proven
def erase(request: HttpRequest) -> HttpResponse:
    """Ask once more, then forget the reader."""
    refused_because = ""
    if request.method == "POST":
        try:
            accounts.erase_account(actor=signed_in(request))
        except Refused as refused:
            refused_because = sentence(refused.refusals[0])
        else:
            logout(request)
            messages.success(
                request, _("Your account is erased. What was counted stays counted, under nobody's name.")
            )
            return HttpResponseRedirect(reverse("account_login"))
    return render(
        request, "people/erase.html", {"refused_because": refused_because}, status=422 if refused_because else 200
    )
