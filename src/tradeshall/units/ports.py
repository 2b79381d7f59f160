"""What units ask of layers above them; they install their answers when the apps are ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from tradeshall.core.refusal import Refusal

end_checks: list[Callable[[Any, date], Refusal | None]] = []
"""Each says why a unit may not end on a day (members, running campaigns), or nothing."""

count_members_of: Callable[[Iterable[Any]], dict[int, int]] = lambda units: {}  # noqa: E731
"""How many members each of some sibling units has, with everything beneath it."""

names_of_accounts: Callable[[Iterable[int]], dict[int, str]] = lambda account_ids: {}  # noqa: E731
"""The names of the people behind accounts, for the list of roles."""

role_sources: list[Callable[[Any], Iterable[Any]]] = []
"""From an actor to the roles (`units.rules.Held`) that do not come from grants; memberships are one source."""
