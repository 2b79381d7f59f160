"""The verifier: files in, checks out. It needs the published files and nothing else: no network, no database.

    report = verify([Source("keys.json", Path("keys.json")), Source("receipt.json", b"…")])

`static/verifier/verify.js` is the same in JavaScript, for the page that people open in a browser. Both make the same
checks, in the same order, under the same codes, and a test holds them to it over thousands of forged files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tradeshall.core.signing import sha256
from tradeshall.engine.proofs import attempts, draws, logs
from tradeshall.engine.proofs.notes import origin_of
from tradeshall.engine.proofs.reading import (
    CHECKPOINTS,
    KEYS,
    LIST,
    LOG,
    RESULTS,
    Source,
    Unreadable,
    canonical_of,
    kind_of,
    read_json,
    shape,
)
from tradeshall.engine.proofs.report import Report

Progress = Callable[[str, float], None]


@dataclass(slots=True)
class Keys:
    """The public keys that the files are held to; None where no file of keys was given."""

    log: bytes | None = None
    receipts: bytes | None = None


@dataclass(slots=True)
class Given:
    """The files by kind, each with its parsed document where it is one."""

    sources: dict[str, list[Source]] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)

    def of(self, kind: str) -> list[Source]:
        return self.sources.get(kind, [])


def verify(sources: Iterable[Source], progress: Progress = lambda name, share: None) -> Report:
    """Check everything that these files allow to check."""
    report = Report()
    given = _sorted_out(sources, report)
    keys = _keys(given, report)
    log = logs.check_log(given, keys, report, progress)
    attempts.check_commitments(given, log, report)
    packs = attempts.check_openings(given, log, report)
    attempts.check_receipts(given, keys, log, packs, report)
    attempts.check_results(given, log, report, progress)
    draws.check_draws(given, log, report, progress)
    return report


def _sorted_out(sources: Iterable[Source], report: Report) -> Given:
    given = Given()
    for source in sources:
        try:
            kind = kind_of(source)
            if kind not in (LIST, CHECKPOINTS, LOG, RESULTS):
                given.documents[source.name] = read_json(source.read())
        except (Unreadable, OSError):
            report.add(source.name, "file:known", False)
            continue
        given.sources.setdefault(kind, []).append(source)
    return given


def _keys(given: Given, report: Report) -> Keys:
    found = Keys()
    for source in given.of(KEYS):
        try:
            value = shape(
                given.documents[source.name], {"format": "str", "log": "h32", "origin": "str", "receipts": "h32"}
            )
            log, receipts = bytes.fromhex(value["log"]), bytes.fromhex(value["receipts"])
            if value["origin"] != origin_of(log) or (found.log and (found.log, found.receipts) != (log, receipts)):
                raise Unreadable("keys")
        except Unreadable:
            report.add(source.name, "keys:read", False)
            continue
        found = Keys(log, receipts)
        report.add(source.name, "keys:read", True, fingerprint=fingerprint(value))
    return found


def fingerprint(keys: dict[str, Any]) -> str:
    """Return what people compare: the head of the hash over a file of keys, in groups of four."""
    digits = sha256(canonical_of(keys)).hex()[:24].upper()
    return "-".join(digits[at : at + 4] for at in range(0, len(digits), 4))
