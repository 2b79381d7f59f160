"""Where pictures and sounds lie, and the addresses under which they are given."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.urls import reverse

from tradeshall.media import rules
from tradeshall.media.models import Upload


def file_of(name: str) -> Path:
    """Return where the file of a stored name lies, whether or not it is there."""
    if not rules.is_name(name):
        raise ValueError(f"{name!r} is no name of the store")
    return Path(settings.MEDIA_ROOT) / name[:2] / name


def read_media(name: str) -> bytes | None:
    """Return the bytes behind a stored name; None if there are none."""
    if not rules.is_name(name):
        return None
    try:
        return file_of(name).read_bytes()
    except FileNotFoundError:
        return None


def known_media(names: set[str]) -> dict[str, str]:
    """Return those of these names behind which something has been brought in, and whether picture or sound."""
    return dict(Upload.objects.filter(name__in=names).values_list("name", "kind")) if names else {}


def media_url(name: str) -> str:
    """Return the address of a stored file: on the host for media if there is one; "" for what is no stored name."""
    if not rules.is_name(name):
        return ""
    path = reverse("media:media_file", args=[name])
    host = settings.MEDIA_HOST
    return f"{'https' if settings.SECURE else 'http'}://{host}{path}" if host else path
