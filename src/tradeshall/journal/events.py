"""How apps tell each other what happened: frozen dataclasses, registered by name, received after the commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

Event = Any  # a frozen dataclass whose fields JSON can carry
E = TypeVar("E")

_classes: dict[str, type] = {}
_receivers: dict[type, list[Callable[[Any], None]]] = {}
_waiting = threading.Event()


def event(cls: type[E]) -> type[E]:
    """Register a frozen dataclass as an event (class decorator, outermost)."""
    _classes[name_of(cls)] = cls
    return cls


def registered() -> dict[str, type]:
    """Return every event by its name."""
    return dict(_classes)


def name_of(cls: type) -> str:
    """Return an event's name: `contests.RoundPublished`."""
    return f"{cls.__module__.split('.')[1]}.{cls.__name__}"


def receives(cls: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a function to be called with every event of a class. It must bear being called twice."""

    def register(function: Callable[[E], None]) -> Callable[[E], None]:
        _receivers.setdefault(cls, []).append(function)
        return function

    return register


def receivers_of(name: str, payload: dict[str, Any]) -> tuple[Event, list[Callable[[Any], None]]]:
    """Return the event behind an outbox row and who receives it; KeyError for a name nobody registered."""
    cls = _classes[name]
    return cls(**payload), _receivers.get(cls, [])


def wake() -> None:
    """Tell the dispatcher of this process that there is something to dispatch."""
    _waiting.set()


def wait(seconds: float) -> None:
    """Wait until something was emitted in this process, or the time is over."""
    _waiting.wait(seconds)
    _waiting.clear()
