"""The pages for what went wrong. None of them asks a database: they must stand when nothing else does."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext

from tradeshall.web.context import THEMES
from tradeshall.web.texts import PAGES

log = logging.getLogger(__name__)
LAST_RESORT = """<!doctype html><html lang="zh-hans"><meta charset="utf-8"><title>500</title>
<h1>出错了，请稍后再试。</h1><p lang="en">Something went wrong. Please try again later.</p></html>"""


@dataclass(frozen=True, slots=True)
class PlainShell:
    """What an error page's layout shows: nothing that has to be looked up."""

    name: str
    theme: str
    elder: bool
    home_url: str = "/"


def error_page(request: HttpRequest, status: int) -> HttpResponse:
    """Return the page for a status, in the reader's language and display."""
    language = translation.get_language_from_request(request)
    with translation.override(language):
        theme = request.COOKIES.get("theme", "")
        context = {
            "shell": PlainShell(
                gettext("Tradeshall"), theme if theme in THEMES else "", request.COOKIES.get("size") == "elder"
            ),
            "code": status,
            "page": PAGES[status],
            "again": request.get_full_path() if request.method in ("GET", "HEAD") else "",
            "retry_seconds": 15 if status == 503 else 0,
        }
        response = HttpResponse(render_to_string("web/error.html", context), status=status)
    response["Content-Language"] = language
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form sent from elsewhere, or after its cookie was gone. Nothing was changed."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    try:
        return error_page(request, 500)
    except Exception:
        log.exception("the error page itself failed")
        return HttpResponse(LAST_RESORT, status=500)


def is_page(request: HttpRequest) -> bool:
    """Answer whether a person is looking at the answer, rather than a script."""
    return "text/html" in request.headers.get("Accept", "") or "HX-Request" in request.headers
