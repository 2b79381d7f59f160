"""Giving pictures and sounds.

The route is open to everyone, as a picture on paper is to whoever holds the sheet: a name is the SHA-256 of the
bytes, so that only somebody to whom a page has shown the name can ask for it. Nothing lists names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from tradeshall.media import queries, rules
from tradeshall.web.access import PUBLIC, opens_to

CHUNK = 64 * 1024
FOR_EVER = "public, max-age=31536000, immutable"  # the name changes with the bytes
POLICY = "default-src 'none'; sandbox"


@opens_to(PUBLIC)
@require_safe
def media_file(request: HttpRequest, name: str) -> HttpResponseBase:
    """Give a stored file, or the part of it that a player asks for."""
    if not rules.is_name(name):
        raise Http404
    if settings.MEDIA_HOST and request.get_host() != settings.MEDIA_HOST:
        return HttpResponseRedirect(queries.media_url(name))
    path = queries.file_of(name)
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise Http404 from None
    response = _given(request, path, size)
    response["Content-Type"] = rules.content_type_of(name)
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin" if settings.MEDIA_HOST else "same-origin"
    response["Accept-Ranges"] = "bytes"
    if response.status_code != 416:
        response["Cache-Control"] = FOR_EVER
    return response


def _given(request: HttpRequest, path: Path, size: int) -> HttpResponseBase:
    """Return all of a file, or the one range asked for (RFC 9110, 14); without ranges iPhones play no sound."""
    asked = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", request.headers.get("Range", ""))
    if asked is None or not (asked[1] or asked[2]):
        return FileResponse(path.open("rb"))
    if asked[1]:
        first, last = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
    else:
        first, last = max(size - int(asked[2]), 0), size - 1
    if first > last:
        unsatisfied = HttpResponse(status=416)
        unsatisfied["Content-Range"] = f"bytes */{size}"
        return unsatisfied
    response = StreamingHttpResponse(_part(path, first, last - first + 1), status=206)
    response["Content-Range"] = f"bytes {first}-{last}/{size}"
    response["Content-Length"] = str(last - first + 1)
    return response


def _part(path: Path, first: int, left: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
