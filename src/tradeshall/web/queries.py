"""Which components there are, and which the gallery shows."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.apps import apps


def _names(folder: str) -> list[str]:
    places = [Path(config.path) / "templates" / folder for config in apps.get_app_configs()]
    return sorted({path.stem for place in places for path in place.glob("*.html")})


@cache
def components() -> list[str]:
    """Return the name of every component of every app."""
    return _names("cotton")


@cache
def gallery_pages() -> list[str]:
    """Return the name of every component that has a page in the gallery."""
    return _names("web/gallery")
