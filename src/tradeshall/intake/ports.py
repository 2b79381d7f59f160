"""What intake asks of the layer above it that knows the grants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from tradeshall.core.authority import Actor


def _nowhere(actor: Actor, code: str) -> list[str] | None:
    return []


paths_of: Callable[[Actor, str], list[str] | None] = _nowhere
"""The tree paths under which `code` is granted to an actor; None means everywhere. `units` installs the answer."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that can be brought in through the console."""

    name: str  # as its runs are called: "units", "roster", "items"
    label: object  # lazily translated
    note: object  # what the file is for, and what it may not do
    permission: str
    columns: tuple[str, ...]
    stage: Callable[[Actor, BinaryIO, str], Any] | None  # actor, file, its name; returns a staged run
    apply: Callable[[Actor, Any, bool], Any]  # actor, run, whether refused rows are skipped
    template: Mapping[str, Sequence[Sequence[str]]]  # language to rows, the headings first
    position: int  # kinds are brought in by ascending position: what a file builds on comes first
    upload_url_name: str = ""  # a page of its own, where the file needs a target
    place: Callable[[Any], tuple[str, str]] | None = None  # run: address of its target, and of another file for it
    invitation: object = ""  # what the page of the kind before it says to do next


file_kinds: dict[str, FileKind] = {}
"""Kinds of files by name, added by the apps that read them."""


def add_file_kind(kind: FileKind) -> None:
    """Let a kind of file be brought in through the console."""
    file_kinds[kind.name] = kind


def kinds_in_order() -> list[FileKind]:
    """Return the kinds of files in the order in which a new house brings them in."""
    return sorted(file_kinds.values(), key=lambda kind: kind.position)
