"""The one question asked of authority, and the port through which `units` answers it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol, TypeVar

Rows = TypeVar("Rows")


class Role(StrEnum):
    """What a person may be in a unit. `member` is never granted: it follows from a membership."""

    ADMINISTRATOR = "administrator"
    ORGANISER = "organiser"
    ITEM_EDITOR = "item_editor"
    AUDITOR = "auditor"
    MEMBER = "member"


class Actor(Protocol):
    """Whoever acts: a signed-in account, or the operator at the command line."""

    @property
    def pk(self) -> int | None: ...
    @property
    def is_authenticated(self) -> bool: ...


class Operator:
    """The person at the command line of the machine itself, who may do everything and is journalled as such."""

    pk = None
    is_authenticated = True

    def __str__(self) -> str:
        return "operator"


OPERATOR = Operator()


class Authority(Protocol):
    def may(self, actor: Actor, code: str, thing: object | None) -> bool: ...
    def scope(self, actor: Actor, code: str, rows: Rows, *, unit: str, campaign: str = "") -> Rows: ...


_authority: Authority | None = None
_roles: dict[str, frozenset[Role]] = {}


def declare(permissions: Mapping[str, frozenset[Role]]) -> None:
    """Add an app's permission codes (`app:thing:verb`) and the roles they are granted to."""
    _roles.update(permissions)


def declared() -> Mapping[str, frozenset[Role]]:
    """Return every permission code and the roles it is granted to."""
    return _roles


def install(authority: Authority) -> None:
    """Make an implementation the one that answers."""
    global _authority
    _authority = authority


def _installed() -> Authority:
    if _authority is None:
        raise RuntimeError("no authority is installed: everything stays closed")
    return _authority


def may(actor: Actor, code: str, thing: object | None = None) -> bool:
    """Answer whether actor may do what `code` names to a thing (None: anywhere at all)."""
    return _installed().may(actor, code, thing)


def scope(actor: Actor, code: str, rows: Rows, *, unit: str, campaign: str = "") -> Rows:
    """Return those of rows of which `may()` would say yes.

    `unit` is the lookup path to the unit of a row ("" for units themselves), `campaign` the one to the number of its
    campaign: without it, roles limited to a campaign reach no row, as with `may()` of a thing without a campaign.
    """
    return _installed().scope(actor, code, rows, unit=unit, campaign=campaign)
