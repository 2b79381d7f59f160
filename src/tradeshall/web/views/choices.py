"""Choices of language and display, kept on the device; they work without JavaScript."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from tradeshall.web import ports
from tradeshall.web.access import PUBLIC, opens_to

YEAR_SECONDS = 365 * 86_400


def back(request: HttpRequest) -> HttpResponseRedirect:
    """Return to the page a choice was made on, if it is one of ours."""
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if ours else "/")


def keep(response: HttpResponse, name: str, value: str) -> None:
    """Keep a choice of display on this device for a year."""
    response.set_cookie(
        name, value, max_age=YEAR_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
    )


@opens_to(PUBLIC)
@require_POST
def language_choose(request: HttpRequest) -> HttpResponse:
    response = back(request)
    chosen = request.POST.get("language", "")
    if translation.check_for_language(chosen) and chosen in dict(settings.LANGUAGES):
        keep(response, settings.LANGUAGE_COOKIE_NAME, chosen)
        ports.remember_language(request, chosen)
    return response


@opens_to(PUBLIC)
@require_POST
def display_choose(request: HttpRequest) -> HttpResponse:
    response = back(request)
    if request.POST.get("size") in ("elder", "standard"):
        keep(response, "size", request.POST["size"])
    if request.POST.get("theme") in ("light", "dark", "auto"):
        keep(response, "theme", request.POST["theme"])
    return response
