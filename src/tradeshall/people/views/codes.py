"""The one code a session is waiting for."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from tradeshall.core import clock
from tradeshall.people.rules import CODE_GUESSES, CODE_SECONDS, STRANGER_SECONDS

CODE_SESSION = "one_time_code"


def digest(phone: str, code: str) -> str:
    return salted_hmac("tradeshall.people.code", f"{phone}:{code}", algorithm="sha256").hexdigest()


def remember_code(request: HttpRequest, *, phone: str, code: str, purpose: str) -> None:
    """Let the session wait for a code; any it waited for before is dead. Only a demonstration keeps it readable.

    A session that nobody has signed in with lasts an hour: it holds a phone that anybody may have typed.
    """
    if not request.user.is_authenticated:
        request.session.set_expiry(STRANGER_SECONDS)
    request.session[CODE_SESSION] = {
        "phone": phone,
        "digest": digest(phone, code),
        "at": clock.now().timestamp(),
        "guesses": 0,
        "purpose": purpose,
        **({"code": code} if settings.DEMO else {}),
    }


def shown_code(request: HttpRequest) -> str:
    """Return the code for the page itself; a demonstration has no carrier."""
    state = request.session.get(CODE_SESSION) or {}
    return str(state.get("code", "")) if settings.DEMO else ""


def check_code(request: HttpRequest, form: forms.Form, *, purpose: str) -> bool:
    """Answer whether a form holds the code the session waits for; add what is wrong to the form otherwise.

    Guesses are counted in the session and by phone: several sessions guess no more than one.
    """
    state = request.session.get(CODE_SESSION) or {}
    phone = state.get("phone", "")
    if not state or state.get("purpose") != purpose:
        form.add_error("code", _("Ask for a new code."))
        return False
    if not ratelimit.consume(request, action="login_failed", key=f"code:{phone}"):
        form.add_error("code", str(get_adapter().error_messages["too_many_login_attempts"]))
        return False
    if clock.now().timestamp() - state["at"] > CODE_SECONDS or state["guesses"] >= CODE_GUESSES:
        form.add_error("code", _("That code is no longer good. Ask for a new one."))
        return False
    if not constant_time_compare(state["digest"], digest(phone, form.cleaned_data["code"])):
        request.session[CODE_SESSION] = {**state, "guesses": state["guesses"] + 1}
        form.add_error("code", str(get_adapter().error_messages["incorrect_code"]))
        return False
    ratelimit.clear(request, action="login_failed", key=f"code:{phone}")
    del request.session[CODE_SESSION]
    return True
