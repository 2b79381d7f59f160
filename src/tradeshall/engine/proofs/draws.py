"""Checking sealed lists and the draws over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tradeshall.engine.proofs.lists import LINE, ListRead, randomness_of, read_list, seed_of
from tradeshall.engine.proofs.logs import LogRead, hash_of
from tradeshall.engine.proofs.reading import DRAW, LIST, Source, Unreadable, is_kind, shape
from tradeshall.engine.proofs.report import Report

if TYPE_CHECKING:
    from tradeshall.engine.proofs.verify import Given

FIELDS = {
    "announced_at_ms": "int",
    "contest": "str",
    "count": "int",
    "drawn_at_ms": "int",
    "format": "str",
    "prizes": "list",
    "randomness": "list",
    "reserves": "list",
    "root": "h32",
    "sealed_at_ms": "int",
    "title": "str",
    "winners": "list",
}


def check_draws(given: Given, log: LogRead, report: Report, progress: Callable[[str, float], None]) -> None:
    """Check every list, and every draw whose list was given."""
    documents: dict[str, dict[str, Any]] = {}
    seeds: dict[str, bytes] = {}
    for source in given.of(DRAW):
        try:
            document = _draw(given.documents[source.name])
            seeds[source.name] = seed_of(bytes.fromhex(document["root"]), randomness_of(document["randomness"]))
        except Unreadable:
            report.add(source.name, "draw:read", False)
            continue
        documents[source.name] = document
    lists: list[tuple[Source, ListRead, list[str]]] = []
    for source in given.of(LIST):
        # Of the many draws of a long contest, only those over so many tickets can be over this list.
        names = [name for name, one in documents.items() if one["count"] * LINE == source.size()]
        wanted = [(seeds[name], _wanted(documents[name])) for name in names]
        try:
            found = read_list(source, wanted, lambda share, name=source.name: progress(name, share))  # type: ignore[misc]
        except Unreadable:
            report.add(source.name, "list:tickets", False)
            continue
        report.add(source.name, "list:tickets", True, count=found.count, root=found.root.hex())
        report.add(source.name, "file:in_log", log.knows(hash_of(source)))
        lists.append((source, found, names))
    for source in given.of(DRAW):
        if source.name in documents:
            _check(source, documents[source.name], lists, bool(given.of(LIST)), report)
            report.add(source.name, "file:in_log", log.knows(hash_of(source)))


def _draw(document: Any) -> dict[str, Any]:
    shape(document, FIELDS)
    for prize in document["prizes"]:
        shape(prize, {"count": "int", "name": "str"})
    for one in document["randomness"]:
        shape(one, {"name": "str", "value": "str"})
    if not all(is_kind(ticket, "h16") for ticket in document["winners"] + document["reserves"]):
        raise Unreadable("fields")
    return dict(document)


def _wanted(draw: dict[str, Any]) -> int:
    return len(draw["winners"]) + len(draw["reserves"])


def _check(
    source: Source,
    draw: dict[str, Any],
    lists: list[tuple[Source, ListRead, list[str]]],
    some_list: bool,
    report: Report,
) -> None:
    name = source.name
    report.add(name, "draw:times", draw["announced_at_ms"] <= draw["sealed_at_ms"] < draw["drawn_at_ms"])
    prizes = sum(prize["count"] for prize in draw["prizes"])
    report.add(name, "draw:prizes", len(draw["winners"]) == min(prizes, draw["count"]), count=len(draw["winners"]))
    own = next(((read, names) for _, read, names in lists if read.root.hex() == draw["root"]), None)
    if own is None:
        report.add(name, "draw:list", False if some_list else None)
        return
    read, names = own
    report.add(name, "draw:list", read.count == draw["count"], count=read.count)
    if name not in names:
        return
    lowest = [ticket.hex() for ticket in read.lowest[names.index(name)]]
    report.add(name, "draw:winners", lowest == draw["winners"] + draw["reserves"], count=len(draw["winners"]))
