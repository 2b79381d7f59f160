"""What every page's shell needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from tradeshall.web import ports
from tradeshall.web.access import may_open
from tradeshall.web.ports import NavigationEntry

THEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    label: str


class Shell:
    """What layouts show on every page; each part is worked out when a layout first asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @property
    def demo(self) -> bool:
        return bool(settings.DEMO)

    @property
    def elder(self) -> bool:
        return self.request.COOKIES.get("size") == "elder"

    @property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else ""

    @cached_property
    def name(self) -> str:
        return ports.house_name(self.request)

    @cached_property
    def member_entries(self) -> list[NavigationEntry]:
        return self.open_entries(ports.member_entries)

    @cached_property
    def console_entries(self) -> list[NavigationEntry]:
        return self.open_entries(ports.console_entries)

    def open_entries(self, entries: list[NavigationEntry]) -> list[NavigationEntry]:
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            return []
        return sorted((entry for entry in entries if may_open(self.request, entry.access)), key=lambda e: e.order)

    @property
    def has_console(self) -> bool:
        return bool(self.console_entries)

    @property
    def console_url(self) -> str:
        return address(self.console_entries[0].url_name) if self.console_entries else ""

    @property
    def home_url(self) -> str:
        return "/"

    @property
    def language_url(self) -> str:
        return address("web:language_choose")

    @property
    def display_url(self) -> str:
        return address("web:display_choose")

    @property
    def here(self) -> str:
        """Where a choice of language or display returns to; a page that was posted is asked for again."""
        return self.request.get_full_path()

    @property
    def other_language(self) -> Language:
        """The language offered in the masthead: the next one that is not in use."""
        current = get_language()
        codes = [code for code, _label in settings.LANGUAGES]
        place = codes.index(current) if current in codes else -1
        code, label = settings.LANGUAGES[(place + 1) % len(codes)]
        return Language(code, label)


def address(url_name: str) -> str:
    """Return the address of a named page, or nothing where this installation has none."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def shell(request: HttpRequest) -> dict[str, object]:
    """Return what layouts show on every page, without a query of its own."""
    return {"shell": Shell(request), "demo": settings.DEMO}
