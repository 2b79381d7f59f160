"""Who may open a route. Every view says so, or it stays closed.

A view is declared with one of

    @opens_to(PUBLIC)                     anyone
    @opens_to(SIGNED_IN)                  any account
    @opens_to("contests:round:edit")      accounts that hold this permission somewhere; the view itself loads its
                                          object through a scoped query, so that forbidden and absent are one 404
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, URLPattern, path, resolve
from django.utils.http import url_has_allowed_host_and_scheme

from tradeshall.core import authority

PUBLIC = "public"
SIGNED_IN = "signed_in"

View = Callable[..., HttpResponseBase]


def opens_to(access: str) -> Callable[[View], View]:
    """Declare who may open a view."""
    if access not in (PUBLIC, SIGNED_IN) and access.count(":") != 2:
        raise ImproperlyConfigured(f"no such access rule: {access!r}")

    def declare(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return declare


def route(pattern: str, view: View, name: str, **defaults: Any) -> URLPattern:
    """Return a URL pattern for a view that has said who may open it; fail at import otherwise."""
    if not hasattr(view, "access"):
        raise ImproperlyConfigured(f"{view.__module__}.{view.__qualname__} does not say who may open it")
    return path(pattern, view, defaults or None, name=name)


def access_of(view: View, url_name: str | None, library: Mapping[str, str]) -> str | None:
    """Return the access rule of a view, ours or a library's; None means closed."""
    declared: str | None = getattr(view, "access", None)
    return declared or library.get(url_name or "")


def safe_target(request: HttpRequest, target: str, otherwise: str) -> str:
    """Return an address to go on to, if it is one of ours; else another."""
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and ours else otherwise


def may_open(request: HttpRequest, access: str) -> bool:
    """Answer whether the request's account satisfies an access rule (None signs nobody in)."""
    if access == PUBLIC:
        return True
    if not request.user.is_authenticated:
        return False
    return access == SIGNED_IN or authority.may(request.user, access)


def may_follow(request: HttpRequest, url: str) -> bool:
    """Answer whether the page at one of our own addresses opens to the request's account, its object aside."""
    try:
        access = getattr(resolve(url.partition("?")[0]).func, "access", None)
    except Resolver404:
        return False
    return access is not None and may_open(request, access)
