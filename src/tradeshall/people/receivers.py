"""What people do when something happened elsewhere."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_used
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR
from tradeshall.journal.events import receives
from tradeshall.people.actions import accounts
from tradeshall.people.models import Account
from tradeshall.units.events import RoleChanged

FRESH_KEY = "fresh"
FACTOR_KEY = "second_factor"


@receives(RoleChanged)
def end_sessions_on_role_change(event: RoleChanged) -> None:
    """Sessions die when what they may do changes."""
    accounts.end_sessions(actor=OPERATOR, account_id=event.account_id, reason="a role changed")


@receiver(authenticator_used)
@receiver(authenticator_added)
def remember_second_factor(request: HttpRequest, user: Account, authenticator: Any, **kwargs: Any) -> None:
    """This session has shown a second factor."""
    request.session[FACTOR_KEY] = user.pk
    request.session[FRESH_KEY] = [user.pk, clock.now().timestamp()]


@receiver(authenticator_added)
def journal_second_factor(user: Account, authenticator: Any, **kwargs: Any) -> None:
    if authenticator.type == "totp":
        accounts.record_second_factor(actor=user, added=True)


@receiver(authenticator_removed)
def forget_second_factor(request: HttpRequest, user: Account, authenticator: Any, **kwargs: Any) -> None:
    if authenticator.type == "totp":
        request.session.pop(FACTOR_KEY, None)
        accounts.record_second_factor(actor=user, added=False)


@receiver(user_logged_in)
def keep_session(request: HttpRequest, **kwargs: Any) -> None:
    """Who has signed in stays so for as long as the settings say; a stranger's session is short."""
    request.session.set_expiry(None)


@receiver(user_logged_in)
def bring_language(request: HttpRequest, response: HttpResponse, user: Account, **kwargs: Any) -> None:
    """Read in the language of the account on a device where nobody has chosen one."""
    if user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.language,
            max_age=settings.SESSION_COOKIE_AGE,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
