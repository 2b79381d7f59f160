"""Checking the log: its pages, its checkpoints, and the proofs that lead to them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tradeshall.engine.proofs.notes import BadNote, Checkpoint, holds, origin_of, read_checkpoint, read_checkpoints
from tradeshall.engine.proofs.reading import (
    CHECKPOINTS,
    CONSISTENCY,
    LOG,
    LOG_PROOF,
    RECEIPT,
    Source,
    Unreadable,
    canonical_of,
    hashes,
    read_json,
    shape,
)
from tradeshall.engine.proofs.report import Report
from tradeshall.engine.proofs.tree import Frontier, is_consistent, leaf_hash, root_from_inclusion
from tradeshall.engine.receipts import batch_bytes

if TYPE_CHECKING:
    from tradeshall.engine.proofs.verify import Given, Keys

BATCH = {"at_ms": "int", "leaves": "int", "number": "int", "root": "h32", "signature": "h64", "writer": "str"}
RECORD = {"at_ms": "int", "count?": "int", "kind": "str", "sha256": "h32", "subject": "str", "version": "int"}
"""The two kinds of entries: what a group commit of the engine signed, and a file that was published."""

PAGE = {"before": "list", "count": "int", "first": "int", "format": "str"}
"""What stands at the head of a page; `before` are the whole subtrees of all that came earlier, the largest first."""

MOST_LEAVES = (1 << 32) - 1
Progress = Callable[[str, float], None]


@dataclass(slots=True)
class LogRead:
    """What a checkpoint vouches for on the pages given: published files by hash, and batches somebody asks for."""

    whole: bool = False  # that reaches from the first entry on
    records: set[str] = field(default_factory=set)
    unsigned: set[str] = field(default_factory=set)  # entered after the last checkpoint that was given
    batches: dict[tuple[str, int], bytes] = field(default_factory=dict)

    def knows(self, sha256: str) -> bool | None:
        """Answer whether a file with this hash was published; None without the pages from the first on."""
        if sha256 in self.records:
            return True
        return False if self.whole and sha256 not in self.unsigned else None


def check_log(given: Given, keys: Keys, report: Report, progress: Progress) -> LogRead:
    """Check pages, checkpoints, inclusion and consistency."""
    notes = _checkpoints(given, keys, report)
    log = LogRead()
    wanted = _batches_asked_for(given)
    pages = [page for source in given.of(LOG) if (page := _page(source, keys, report, wanted, notes, progress))]
    _join(pages, log, report)
    _proofs(given, keys, report)
    _consistency(given, keys, report)
    return log


# checkpoints -------------------------------------------------------------------------------------------------


def signed(note: Checkpoint, keys: Keys) -> bool | None:
    """Answer whether a checkpoint is signed under the log's key; None without the key."""
    return None if keys.log is None else note.origin == origin_of(keys.log) and note.signed_under(keys.log)


def _checkpoints(given: Given, keys: Keys, report: Report) -> dict[int, set[bytes]]:
    roots: dict[int, set[bytes]] = {}
    for source in given.of(CHECKPOINTS):
        try:
            found = read_checkpoints(source.read().decode())
        except ValueError:  # a BadNote, or no UTF-8
            report.add(source.name, "checkpoint:signature", False)
            continue
        verdicts = [signed(note, keys) for note in found]
        holds = None if keys.log is None else all(verdicts)
        report.add(source.name, "checkpoint:signature", holds, count=len(found))
        for note in found:
            roots.setdefault(note.size, set()).add(note.root)
        forked = any(len(roots[note.size]) > 1 for note in found)
        report.add(source.name, "checkpoint:one_log", not forked)
    return roots


# pages -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Page:
    source: Source
    first: int
    before: list[bytes]
    after: list[bytes]
    size: int
    agreed: int = 0  # the largest checkpoint whose root its entries give
    batches: list[tuple[int, tuple[str, int], bytes]] = field(default_factory=list)
    records: list[tuple[int, str]] = field(default_factory=list)
    ends: dict[str, tuple[int, int]] = field(default_factory=dict)  # writer: numbers of its first and last batch


def _page(
    source: Source,
    keys: Keys,
    report: Report,
    wanted: set[tuple[str, int]],
    notes: dict[int, set[bytes]],
    progress: Progress,
) -> _Page | None:
    """Go through a page entry by entry; None where it is not one."""
    try:
        lines = lines_of(source)
        header = shape(
            read_canonical(next(lines)), {"before": "list", "count": "int", "first": "int", "format": "str"}
        )
        page = _Page(source, header["first"], hashes(header["before"]), [], header["first"])
        if len(page.before) != page.first.bit_count():
            raise Unreadable("fields")
        tree = Frontier.resumed(page.first, page.before)
        wrong_signatures = seen = 0
        agrees: list[bool] = []

        def compare() -> None:
            if tree.size in notes:
                agrees.append(notes[tree.size] == {tree.root()})
                page.agreed = tree.size if agrees[-1] else page.agreed

        compare()
        for line in lines:
            entry = read_canonical(line)
            if _take(page, tree.size, entry, line, wanted):
                seen += 1
                if keys.receipts is not None and not batch_signed(entry, keys.receipts):
                    wrong_signatures += 1
            tree.append(leaf_hash(line))
            compare()
            if tree.size % 1024 == 0:
                progress(source.name, (tree.size - page.first) / max(header["count"], 1))
        if tree.size - page.first != header["count"]:
            raise Unreadable("count")
    except Unreadable:
        report.add(source.name, "log:entries", False)
        return None
    page.size, page.after = tree.size, tree.subtrees()
    report.add(source.name, "log:entries", True, count=header["count"], first=page.first)
    if seen:
        report.add(source.name, "log:signatures", None if keys.receipts is None else not wrong_signatures, count=seen)
    if agrees:
        report.add(source.name, "log:checkpoint", all(agrees), count=len(agrees))
    return page


def _take(page: _Page, at: int, entry: Any, line: bytes, wanted: set[tuple[str, int]]) -> bool:
    """Take an entry in, and answer whether it is a batch; raises Unreadable for neither kind, or out of order."""
    if isinstance(entry, dict) and "kind" in entry:
        page.records.append((at, shape(entry, RECORD)["sha256"]))
        return False
    shape(entry, BATCH)
    writer, number = entry["writer"], entry["number"]
    first, last = page.ends.get(writer, (number, number - 1))
    if number != last + 1:
        raise Unreadable("order")
    page.ends[writer] = first, number
    if (writer, number) in wanted:
        page.batches.append((at, (writer, number), line))
    return True


def _join(pages: list[_Page], log: LogRead, report: Report) -> None:
    """Put the pages together: each begins where the one before it ended, and every writer goes on counting."""
    pages.sort(key=lambda page: page.first)
    ends: dict[str, int] = {}
    whole = bool(pages) and pages[0].first == 0
    before: _Page | None = None
    run: list[_Page] = []
    for page in pages:
        follows: bool | None = True
        if before is not None and before.size < page.first:  # a page between them was not given
            follows, ends, whole = None, {}, False
            _vouched(run, log, report)
            run = []
        elif before is not None:
            follows = before.size == page.first and before.after == page.before
        for writer, (first, last) in page.ends.items():
            due = ends.get(writer, 0 if whole else first - 1) + 1
            follows = False if first != due else follows
            ends[writer] = last
        report.add(page.source.name, "log:follows", follows)
        run.append(page)
        before = page
    log.whole = _vouched(run, log, report) and whole


def _vouched(run: list[_Page], log: LogRead, report: Report) -> bool:
    """Take in what stands before the largest checkpoint that pages in a row lead to; answers whether there is one."""
    agreed = max((page.agreed for page in run), default=0)
    for page in run:
        if page.size > agreed and page.size > page.first:
            report.add(page.source.name, "log:vouched", None, count=page.size - max(agreed, page.first))
        for at, sha256 in page.records:
            (log.records if at < agreed else log.unsigned).add(sha256)
        log.batches.update((name, line) for at, name, line in page.batches if at < agreed)
    return agreed > 0


def lines_of(source: Source) -> Iterator[bytes]:
    """Yield the lines of a file; raises Unreadable unless each ends with a line feed and is no book."""
    with source.open() as file:
        while line := file.readline(1 << 20):
            if not line.endswith(b"\n"):
                raise Unreadable("lines")
            yield line[:-1]


def read_canonical(line: bytes) -> Any:
    """Return the value of a line; raises Unreadable unless the line is that value's canonical JSON."""
    value = read_json(line)
    if canonical_of(value) != line:
        raise Unreadable("canonical")
    return value


def hash_of(source: Source) -> str:
    """Return the hex SHA-256 of a file."""
    with source.open() as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def batch_signed(batch: dict[str, Any], public: bytes) -> bool:
    """Answer whether a batch is signed under the key of receipts."""
    if batch["leaves"] > MOST_LEAVES or len(batch["writer"].encode()) > 0xFFFF:
        return False
    root = bytes.fromhex(batch["root"])
    message = batch_bytes(batch["writer"], batch["number"], batch["leaves"], batch["at_ms"], root)
    return holds(public, bytes.fromhex(batch["signature"]), message)


def _batches_asked_for(given: Given) -> set[tuple[str, int]]:
    found = set()
    for source in given.of(RECEIPT):
        document = given.documents[source.name]
        receipt = document.get("receipt", document) if isinstance(document, dict) else None
        batch = receipt.get("batch") if isinstance(receipt, dict) else None
        if isinstance(batch, dict) and isinstance(batch.get("writer"), str) and type(batch.get("number")) is int:
            found.add((batch["writer"], batch["number"]))
    return found


# proofs ------------------------------------------------------------------------------------------------------


def entry_in(entry: bytes, proof: Any, keys: Keys) -> tuple[bool, bool | None]:
    """Answer whether a proof leads from an entry to its checkpoint's root, and whether that is signed."""
    shape(proof, {"checkpoint": "str", "index": "int", "path": "list", "size": "int"})
    try:
        note = read_checkpoint(proof["checkpoint"])
        root = root_from_inclusion(leaf_hash(entry), proof["index"], proof["size"], hashes(proof["path"]))
    except ValueError as error:
        raise Unreadable("fields") from error
    return note.size == proof["size"] and note.root == root, signed(note, keys)


def _proofs(given: Given, keys: Keys, report: Report) -> None:
    for source in given.of(LOG_PROOF):
        document = given.documents[source.name]
        try:
            shape(document, {"entry": "dict", "format": "str", "log": "dict"})
            entry = shape(document["entry"], RECORD if "kind" in document["entry"] else BATCH)
            leads, is_signed = entry_in(canonical_of(entry), document["log"], keys)
        except Unreadable:
            report.add(source.name, "proof:path", False)
            continue
        report.add(source.name, "proof:path", leads)
        report.add(source.name, "checkpoint:signature", is_signed, count=1)


def _consistency(given: Given, keys: Keys, report: Report) -> None:
    for source in given.of(CONSISTENCY):
        document = given.documents[source.name]
        try:
            shape(document, {"first": "str", "format": "str", "path": "list", "second": "str"})
            path = hashes(document["path"])
            first, second = read_checkpoint(document["first"]), read_checkpoint(document["second"])
        except (Unreadable, BadNote):
            report.add(source.name, "consistency:path", False)
            continue
        grew = is_consistent(first.size, first.root, second.size, second.root, path)
        report.add(source.name, "consistency:path", grew, before=first.size, after=second.size)
        both = [signed(first, keys), signed(second, keys)]
        report.add(source.name, "checkpoint:signature", None if keys.log is None else all(both), count=2)
