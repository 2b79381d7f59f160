"""Signing in: a phone, the code sent to it, and which line of the roster is meant."""

from __future__ import annotations

from threading import BoundedSemaphore
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core import ratelimit
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from tradeshall.core import clock
from tradeshall.core.refusal import Refused
from tradeshall.people.actions.accounts import claim_membership
from tradeshall.people.actions.codes import send_code
from tradeshall.people.forms import CodeForm, LineForm, PasswordSignInForm, PhoneForm
from tradeshall.people.models import Account, Membership
from tradeshall.people.queries import Openings, account_opened_by, in_language
from tradeshall.people.rules import CODE_SECONDS, masked, masked_name
from tradeshall.people.views.codes import CODE_SESSION, check_code, remember_code, shown_code
from tradeshall.people.views.fresh import make_fresh
from tradeshall.web.access import PUBLIC, opens_to, safe_target
from tradeshall.web.forms import add_refusals, render_form

PROVEN_SESSION = "proven_phone"
PROVEN_SECONDS = 10 * 60
PASSWORD_CHECKS = BoundedSemaphore(3)
"""Checks of passwords under way in this process. One costs a good part of a second of a processor, whoever asks and
for whatever phone; without a bound a handful of askers would leave no thread for any other page."""


def _target(request: HttpRequest) -> str:
    return safe_target(request, request.GET.get("next", ""), "")


def _onward(request: HttpRequest, url_name: str) -> HttpResponse:
    """Go to the next page of signing in, and keep where the person wanted to go."""
    target = _target(request)
    query = f"?{urlencode({'next': target})}" if target else ""
    return HttpResponseRedirect(reverse(url_name) + query)


def _sign_in(request: HttpRequest, account: Account, method: str) -> HttpResponse:
    """Hand over to the account library: second factor if there is one, then a new session."""
    record_authentication(request, account, method=method)
    if method == "code":
        make_fresh(request, account.pk)
    response: HttpResponse = perform_login(request, Login(user=account, redirect_url=_target(request) or None))
    return response


@opens_to(PUBLIC)
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a phone and send a code to it. The answer is the same for every phone."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(_target(request) or "/")
    form = PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        phone = form.cleaned_data["phone"]
        if ratelimit.consume(request, action="request_login_code", key=phone):
            remember_code(request, phone=phone, code=send_code(phone=phone), purpose="sign_in")
            return _onward(request, "people:code")
        form.add_error("phone", str(get_adapter().error_messages["code_just_sent"]))
    waiting = (request.session.get(CODE_SESSION) or {}).get("purpose") == "sign_in"
    return render_form(request, "people/sign_in.html", {"query": _query(request), "waiting": waiting}, form=form)


@opens_to(PUBLIC)
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent, or send another."""
    state = request.session.get(CODE_SESSION) or {}
    if request.user.is_authenticated or state.get("purpose") != "sign_in":
        return _onward(request, "account_login")
    phone = state["phone"]
    resend_refused = ""
    if request.method == "POST" and request.POST.get("action") == "resend":
        if ratelimit.consume(request, action="request_login_code", key=phone):
            remember_code(request, phone=phone, code=send_code(phone=phone), purpose="sign_in")
            return _onward(request, "people:code")
        resend_refused = str(get_adapter().error_messages["code_just_sent"])
        form = CodeForm()
    else:
        form = CodeForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and check_code(request, form, purpose="sign_in"):
            account = account_opened_by(phone)
            if account is not None:
                return _sign_in(request, account, "code")
            request.session.cycle_key()  # whoever knew the key before does not share in the proof
            request.session[PROVEN_SESSION] = {"phone": phone, "at": clock.now().timestamp()}
            return _onward(request, "people:choose")
    context = {
        "phone": phone,
        "minutes": CODE_SECONDS // 60,
        "shown_code": shown_code(request),
        "resend_refused": resend_refused,
        "query": _query(request),
    }
    return render_form(request, "people/code.html", context, form=form)


@opens_to(PUBLIC)
@never_cache
def choose(request: HttpRequest) -> HttpResponse:
    """Offer the lines of the roster that carry the proven phone, told apart by member number."""
    proven = request.session.get(PROVEN_SESSION) or {}
    if request.user.is_authenticated or clock.now().timestamp() - proven.get("at", 0) > PROVEN_SECONDS:
        return _onward(request, "account_login")
    phone = proven["phone"]
    lines = [(row, line_label(row)) for row in Openings(phone).offered]
    if not lines:
        return render(request, "people/nothing_opens.html", {"phone": phone})
    only = lines[0][0] if len(lines) == 1 else None
    initial = {"line": str(only.pk)} if only else {}
    form = LineForm(request.POST or None, lines=lines, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            account = claim_membership(phone=phone, membership_id=int(form.cleaned_data["line"]))
        except Refused as refused:
            add_refusals(form, refused)
        else:
            del request.session[PROVEN_SESSION]
            return _sign_in(request, account, "code")
    context = {
        "only": only,
        "only_unit": in_language(only.unit) if only else "",
        "only_person": person_label(only) if only else "",
        "query": _query(request),
    }
    return render_form(request, "people/choose.html", context, form=form)


def line_label(row: Membership) -> SafeString:
    """Return how a line of the roster is shown before sign-in: enough to know one's own, no more."""
    return format_html("<strong>{}</strong><br>{}", in_language(row.unit), person_label(row))


def person_label(row: Membership) -> str:
    return _("%(name)s, member number %(number)s") % {
        "name": masked_name(row.name),
        "number": masked(row.member_no, 4),
    }


@opens_to(PUBLIC)
@never_cache
@sensitive_post_parameters("password")
def password_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with a phone and the password somebody set after an earlier sign-in."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(_target(request) or "/")
    form = PasswordSignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not PASSWORD_CHECKS.acquire(blocking=False):
            return HttpResponse(status=503, headers={"Retry-After": "2"})
        adapter = get_adapter(request)
        try:
            account = adapter.authenticate(
                request, phone=form.cleaned_data["phone"], password=form.cleaned_data["password"]
            )
        except ValidationError as error:
            form.add_error(None, error.messages[0])
        else:
            if isinstance(account, Account) and account.is_active:
                return _sign_in(request, account, "password")
            form.add_error(None, str(adapter.error_messages["phone_password_mismatch"]))
        finally:
            PASSWORD_CHECKS.release()
    return render_form(request, "people/password_sign_in.html", {"query": _query(request)}, form=form)


@opens_to(PUBLIC)
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; a plain link leads to a question first."""
    if request.method == "POST":
        logout(request)
        return HttpResponseRedirect(reverse("account_login"))
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("account_login"))
    return render(request, "people/sign_out.html", {})


def _query(request: HttpRequest) -> str:
    target = _target(request)
    return f"?{urlencode({'next': target})}" if target else ""
