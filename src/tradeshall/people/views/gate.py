"""The second factor that stands before the console."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tradeshall.core.authority import Role, declared
from tradeshall.people.receivers import FACTOR_KEY
from tradeshall.web.ports import Ticket


def has_shown_second_factor(request: HttpRequest) -> bool:
    """Answer whether this very session has shown a code of an authenticator app."""
    return request.session.get(FACTOR_KEY) == request.user.pk


def ask_for_second_factor(request: HttpRequest, access: str) -> HttpResponse | None:
    """Lead whoever opens a page of the console without a second factor to where it is set up."""
    if not settings.TRADESHALL_REQUIRE_TOTP or ":" not in access or Role.MEMBER in declared()[access]:
        return None
    if has_shown_second_factor(request):
        return None
    target = request.get_full_path() if request.method == "GET" else "/"
    return HttpResponseRedirect(f"{reverse('people:security')}?{urlencode({'next': target, 'why': 'console'})}")


def tickets(request: HttpRequest) -> list[Ticket]:
    """Return the desk's ticket for an organiser without an authenticator app."""
    if has_shown_second_factor(request):
        return []
    if Authenticator.objects.filter(user=request.user.pk, type=Authenticator.Type.TOTP).exists():
        return []
    return [
        Ticket(
            number="",
            title=_("Protect your sign-in"),
            text=_("You can change other people's data. Add an authenticator app, so that a lost phone cannot."),
            action_label=_("Add an authenticator app"),
            action_url=reverse("people:security"),
            state="warn",
            state_label=_("Recommended"),
        )
    ]
