"""What the web layer asks of layers above it; they install their answers when the apps are ready."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

zone: Callable[[], tzinfo] = lambda: UTC  # noqa: E731
"""The federation's time zone; `units` installs the real one."""


house_name: Callable[[HttpRequest], str] = lambda request: gettext("Tradeshall")  # noqa: E731
"""Whose house this is, as the masthead says: the reader's unit, or the federation; `people` installs the real one."""

remember_language: Callable[[HttpRequest, str], None] = lambda request, code: None  # noqa: E731
"""Keep the chosen language with the account of whoever is signed in; `people` installs the real one."""


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """One line of the console's side navigation or of the member's tab bar."""

    label: object  # lazily translated
    url_name: str
    icon: str
    access: str
    order: int


console_entries: list[NavigationEntry] = []
member_entries: list[NavigationEntry] = []


@dataclass(frozen=True, slots=True)
class Ticket:
    """One thing that waits for a person: on the member's home, or on an organiser's desk."""

    number: str
    title: str
    text: str
    action_label: str
    action_url: str
    due_at: object = None  # datetime or None; the sooner stands first
    state: str = ""  # a tag in the header: "", "ok", "warn", "bad"
    state_label: str = ""


member_ticket_sources: list[Callable[[HttpRequest], list[Ticket]]] = []
"""Each kind of activity adds a function that says what a member can do today, in a constant number of queries."""

gates: list[Callable[[HttpRequest, str], HttpResponse | None]] = []
"""Asked after a route's access rule (the second argument) is satisfied: an answer takes the place of the page."""

desk_ticket_sources: list[Callable[[HttpRequest], list[Ticket]]] = []
"""The same for the organiser's desk."""


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing a new installation still needs before it can be used, or has already."""

    order: int
    title: str
    text: str
    done: bool
    action_label: str
    action_url: str


setup_step_sources: list[Callable[[HttpRequest], list[SetupStep]]] = []
"""Each app adds a function that says which steps it knows and whether they are done, in constant queries."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure on the organiser's desk, counted now, within what the person may see."""

    order: int
    label: str
    value: int
    unit: str = ""


desk_figure_sources: list[Callable[[HttpRequest], list[Figure]]] = []
"""Each app adds a function that counts what matters today."""


@dataclass(frozen=True, slots=True)
class Followed:
    """One activity of a unit above, as it goes among the members of the reader's own units: numbers alone."""

    number: str
    title: str
    text: str
    action_label: str
    action_url: str
    taking_part: int
    members: int
    due_at: object = None  # datetime or None
    state: str = ""
    state_label: str = ""


desk_followed_sources: list[Callable[[HttpRequest], list[Followed]]] = []
"""Each kind of activity adds a function that says what units above run, open first, in constant queries."""
