"""A fresh proof before anything that protects an account is changed: a stolen session is not enough."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from tradeshall.core import clock
from tradeshall.people.actions.codes import send_code
from tradeshall.people.forms import CodeForm, SecondFactorForm
from tradeshall.people.queries import signed_in
from tradeshall.people.receivers import FRESH_KEY
from tradeshall.people.rules import FRESH_SECONDS
from tradeshall.people.views.codes import CODE_SESSION, check_code, remember_code, shown_code
from tradeshall.web.access import SIGNED_IN, opens_to, safe_target
from tradeshall.web.forms import render_form

View = Callable[..., Any]


def is_fresh(request: HttpRequest) -> bool:
    """Answer whether the person proved themselves in this session a moment ago."""
    account_id, at = request.session.get(FRESH_KEY) or (None, 0)
    return account_id == request.user.pk and clock.now().timestamp() - at < FRESH_SECONDS


def make_fresh(request: HttpRequest, account_id: int) -> None:
    request.session[FRESH_KEY] = [account_id, clock.now().timestamp()]


def freshly_proven(view: View) -> View:
    """Open a view of signed-in people after a fresh proof alone; ask for it otherwise (decorator)."""

    @opens_to(SIGNED_IN)
    @never_cache
    @wraps(view)
    def proven(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_fresh(request):
            response: HttpResponse = view(request, *args, **kwargs)
            return response
        target = request.get_full_path()
        if request.method != "GET":  # what was sent is lost; where the person was heading is not
            query = f"?{urlencode({'next': request.GET['next']})}" if "next" in request.GET else ""
            target = reverse("people:security") + query
        return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': target})}")

    return proven


@opens_to(SIGNED_IN)
@never_cache
def prove_again(request: HttpRequest) -> HttpResponse:
    """Ask for a code of the authenticator app, or for one sent to the account's phone."""
    target = safe_target(request, request.GET.get("next", ""), reverse("people:security"))
    account = signed_in(request)
    by_app = Authenticator.objects.filter(user=account.pk, type=Authenticator.Type.TOTP).exists()
    if by_app:
        proof = SecondFactorProofForm(request.POST or None, user=account)
        if request.method == "POST" and proof.is_valid():
            proof.save()
            make_fresh(request, account.pk)
            return HttpResponseRedirect(target)
        return render_form(request, "people/prove_again.html", {"by_app": True, "next": target}, form=proof)
    phone = account.phone
    if not phone:
        messages.error(request, _("Your account has no phone. Ask your unit's organiser to put yours on the roster."))
        return HttpResponseRedirect(reverse("people:me"))
    if request.method == "POST" and request.POST.get("action") == "send":
        if ratelimit.consume(request, action="request_login_code", key=phone):
            remember_code(request, phone=phone, code=send_code(phone=phone), purpose="again")
        else:
            messages.warning(request, get_adapter().error_messages["code_just_sent"])
        return HttpResponseRedirect(request.get_full_path())
    state = request.session.get(CODE_SESSION) or {}
    sent = state.get("purpose") == "again" and state.get("phone") == phone
    form = CodeForm(request.POST if request.method == "POST" and sent else None)
    if request.method == "POST" and sent and form.is_valid() and check_code(request, form, purpose="again"):
        make_fresh(request, account.pk)
        return HttpResponseRedirect(target)
    context = {"phone": phone, "sent": sent, "shown_code": shown_code(request) if sent else "", "next": target}
    return render_form(request, "people/prove_again.html", context, form=form)


class SecondFactorProofForm(SecondFactorForm, ReauthenticateForm):
    """A code of the authenticator app, or a recovery code, from somebody who is signed in."""
