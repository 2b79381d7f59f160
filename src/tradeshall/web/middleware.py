"""What stands before every view: the size of a request, the federation's time zone, and the door."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from tradeshall.web import ports
from tradeshall.web.access import SIGNED_IN, access_of, may_open
from tradeshall.web.views.errors import error_page, is_page

GetResponse = Callable[[HttpRequest], HttpResponse]


PAGE_STATUSES = {405, 413, 429, 503}
POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"


class PageMiddleware:
    """Stand before every page.

    Refuses bodies that are too long and what PostgreSQL cannot look up, keeps pages of signed-in people out of
    caches, and puts words to bare errors.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.refuse_long_body(request) or self.refuse_nul(request) or self.get_response(request)
        if response.status_code in PAGE_STATUSES and is_page(request) and self.is_bare(response):
            page = error_page(request, response.status_code)
            for name in ("Retry-After", "Allow"):
                if response.has_header(name):
                    page[name] = response[name]
            response = page
        if settings.SESSION_COOKIE_NAME in request.COOKIES and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        if "immutable" not in response.get("Cache-Control", ""):
            patch_vary_headers(response, ["Cookie", "HX-Request-Type"])
        response.setdefault("Permissions-Policy", POLICY)
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    def refuse_long_body(self, request: HttpRequest) -> HttpResponse | None:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return HttpResponse(status=400)
        return HttpResponse(status=413) if length > settings.REQUEST_BODY_MAX_BYTES else None

    def refuse_nul(self, request: HttpRequest) -> HttpResponse | None:
        """Forms refuse NUL by themselves; an address and a session's key go to the database as they come."""
        found = "\0" in request.path or any("\0" in value for value in request.COOKIES.values())
        return HttpResponse(status=400) if found else None

    def is_bare(self, response: HttpResponse) -> bool:
        """Answer whether a response says nothing to a person yet."""
        return not response.streaming and not response.content


class MediaHostMiddleware:
    """Give nothing but pictures and sounds under the host name that is kept for them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        apart = settings.MEDIA_HOST and request.get_host() == settings.MEDIA_HOST
        return (
            HttpResponse(status=404)
            if apart and not request.path.startswith("/media/")
            else self.get_response(request)
        )


class ZoneMiddleware:
    """Show every moment in the federation's time zone."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(ports.zone()):
            return self.get_response(request)


class AccessMiddleware:
    """Keep every route closed that does not say who may open it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.library: dict[str, str] = import_module(settings.ROOT_URLCONF).LIBRARY_ACCESS

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: object, kwargs: object) -> HttpResponse | None:
        match = request.resolver_match
        access = access_of(view, match.view_name if match else None, self.library)
        if access is None:
            raise Http404
        if may_open(request, access):
            return next((answer for gate in ports.gates if (answer := gate(request, access))), None)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        assert access != SIGNED_IN
        raise Http404
