"""Bringing items in from a file: every row judged and staged, then applied in one short transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction
from django.db.models import F

from tradeshall.contests import permissions
from tradeshall.contests.actions.bank import draft_of, fields_of, state_for_new
from tradeshall.contests.enums import ItemState
from tradeshall.contests.formats import gift, sheet
from tradeshall.contests.models import Item, Pool
from tradeshall.contests.rules import items as rules
from tradeshall.contests.rules.items import ItemDraft
from tradeshall.core import authority, clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.core.spreadsheets import Limits, Problem, Unreadable, read_rows
from tradeshall.intake.actions import JudgedRow, Progress, apply_run, refuse_outdated, stage_rows
from tradeshall.intake.enums import Verdict
from tradeshall.journal.actions import record_changes

FORMATS = ("auto", "xlsx", "csv", "gift")
KIND = "items"
LIMITS = Limits(bytes=64 * 1024 * 1024, rows=200_000)
MOST_GIFT_BYTES = 16 * 1024 * 1024
BATCH = 500


class _Read:
    """One item of a file on its way to a verdict; `says` are the fields it says something about."""

    __slots__ = ("draft", "line", "problems", "says", "shown")

    def __init__(
        self,
        line: int,
        draft: ItemDraft | None,
        problems: Iterable[Problem],
        shown: dict[str, Any],
        says: set[str],
    ) -> None:
        self.line, self.draft, self.problems, self.shown, self.says = line, draft, list(problems), shown, says


def import_items(
    *,
    actor: Actor,
    pool: Pool,
    file: BinaryIO | Path | str,
    name: str,
    format: str = "auto",
    dry_run: bool = False,
    skip_refused: bool = False,
    progress: Progress | None = None,
) -> Any:
    """Read items from a spreadsheet (XLSX, CSV) or a GIFT file into a pool; returns the import run.

    An item is found again by its form and its normalised stem: one that is there and says the same is unchanged,
    one that differs gains a version, all others are added. Columns the file does not have are left as they are.
    With `dry_run`, or while rows are refused and not to be skipped, the run stays staged and nothing is applied.
    Refuses an actor who may not import there; raises `Unreadable` for a file that cannot be read as a whole.
    """
    require(permissions.refuse_unless_may(actor, permissions.ITEM_IMPORT, pool))
    if format not in FORMATS:
        raise Refused(refuse("contests:import:format_unknown", field_name="format", given=format[:40]))
    if isinstance(file, Path | str):
        with Path(file).open("rb") as opened:
            return import_items(
                actor=actor,
                pool=pool,
                file=opened,
                name=name,
                format=format,
                dry_run=dry_run,
                skip_refused=skip_refused,
                progress=progress,
            )
    run = stage_rows(
        actor=actor,
        kind=KIND,
        unit_path=pool.unit.path,
        target=str(pool.pk),
        file_name=name,
        judged=_judged(pool, _read(file, name, format)),
        progress=progress,
    )
    if dry_run or (run.refused_count and not skip_refused):
        return run
    return apply_items(actor=actor, run=run, skip_refused=skip_refused)


def apply_items(*, actor: Actor, run: Any, skip_refused: bool = False) -> Any:
    """Apply the accepted rows of a staged run of items, all in one transaction; returns the run.

    What is added is reviewed at once if the actor may review; what an actor who may not review changes becomes a
    draft again. Refuses a run whose pool has changed since the file was read.
    """
    if run.kind != KIND:
        raise Refused(refuse("contests:import:not_items"))
    pool = Pool.objects.select_related("unit").get(pk=int(run.target))
    require(permissions.refuse_unless_may(actor, permissions.ITEM_IMPORT, pool))
    state = state_for_new(actor, pool)
    may_review = authority.may(actor, permissions.ITEM_REVIEW, pool)

    def apply(staged: Iterator[Any]) -> None:
        while batch := list(islice(staged, BATCH)):
            _apply_batch(actor, pool, batch, state, may_review)

    return apply_run(actor=actor, run=run, apply=apply, skip_refused=skip_refused)


def _apply_batch(actor: Actor, pool: Pool, batch: list[Any], state: str, may_review: bool) -> None:
    now = clock.now()
    added = [
        Item(pool=pool, state=state, updated_at=now, **row.values["item"])
        for row in batch
        if row.verdict == Verdict.ADDED
    ]
    try:
        with transaction.atomic():
            Item.objects.bulk_create(added)
    except IntegrityError as error:  # somebody else has added the same item meanwhile
        raise refuse_outdated() from error
    changed: list[tuple[str, dict[str, object]]] = []
    for row in batch:
        if row.verdict != Verdict.CHANGED:
            continue
        values = dict(row.values["item"])
        rows = Item.objects.filter(pk=row.values["id"], version=row.values["version"])
        if not may_review:
            rows.filter(state=ItemState.REVIEWED.value).update(state=rules.ITEM.target("reopen"))
        if not rows.update(**values, version=F("version") + 1, updated_at=now):
            raise refuse_outdated()
        changed.append((f"contests.item:{row.values['id']}", row.values["changes"]))
    record_changes(
        actor=actor,
        verb="contests:item:create",
        lines=[(item, {"form": [None, item.form], "stem": [None, item.stem]}) for item in added],
        acting_unit_code=pool.unit.code,
    )
    record_changes(actor=actor, verb="contests:item:edit", lines=changed, acting_unit_code=pool.unit.code)


def _judged(pool: Pool, read: Iterator[_Read]) -> Iterator[JudgedRow]:
    seen: dict[str, int] = {}
    while batch := list(islice(read, BATCH)):
        hashes: list[str] = []
        for one in batch:
            hashes.append(_judge(one, seen))
        there = {row.stem_hash: row for row in Item.objects.filter(pool=pool, stem_hash__in=[h for h in hashes if h])}
        for one, stem_hash in zip(batch, hashes, strict=True):
            if one.problems or one.draft is None:
                yield JudgedRow(one.line, Verdict.REFUSED, one.shown, tuple(one.problems))
            else:
                yield _verdict(one, stem_hash, there.get(stem_hash))


def _judge(one: _Read, seen: dict[str, int]) -> str:
    """Add to an item what the rules have against it; returns its hash, "" if there is none."""
    if one.draft is None:
        return ""
    one.draft = rules.tidied(one.draft)
    named = {problem.column for problem in one.problems}
    for refusal in rules.judge_item(one.draft):
        column = sheet.column_of(refusal.field_name, refusal.details)
        if column not in named:  # what could not be read is said once, not again as what is missing
            one.problems.append(Problem(column, refusal.code, refusal.details))
    if one.problems:
        return ""
    stem_hash = rules.item_hash(one.draft)
    first = seen.setdefault(stem_hash, one.line)
    if first != one.line:
        one.problems.append(Problem("stem", "contests:import:twice_in_file", {"line": first}))
        return ""
    return stem_hash


def _verdict(one: _Read, stem_hash: str, there: Item | None) -> JudgedRow:
    assert one.draft is not None
    values = {**fields_of(one.draft), "stem_hash": stem_hash}
    if there is None:
        return JudgedRow(one.line, Verdict.ADDED, {"item": values})
    before = fields_of(draft_of(there))
    changes = {
        name: [before[name], values[name]] for name in before if name in one.says and before[name] != values[name]
    }
    if not changes:
        return JudgedRow(one.line, Verdict.UNCHANGED)
    return JudgedRow(
        one.line,
        Verdict.CHANGED,
        {
            "item": {name: after for name, (_, after) in changes.items()},
            "id": there.pk,
            "version": there.version,
            "changes": changes,
        },
    )


def _read(file: BinaryIO, name: str, format: str) -> Iterator[_Read]:
    if format == "auto":
        format = "gift" if name.lower().endswith((".gift", ".txt")) and _is_gift(file) else "sheet"
    if format == "gift":
        return _read_gift(file)
    return _read_sheet(file, name)


def _read_sheet(file: BinaryIO, name: str) -> Iterator[_Read]:
    rows = read_rows(file, name=name, headings=sheet.HEADINGS, required=sheet.REQUIRED, limits=LIMITS)
    says = sheet.fields_in(rows.columns)
    for row in rows:
        draft, problems = sheet.item_in(row.values)
        said = {problem.column for problem in row.problems}
        problems = [*row.problems, *(problem for problem in problems if problem.column not in said)]
        yield _Read(row.line, draft, problems, dict(row.values), says)


def _is_gift(file: BinaryIO) -> bool:
    begun = file.read(65_536)
    file.seek(0)
    return gift.looks_like_gift(begun.decode("utf-8", "ignore"))


def _read_gift(file: BinaryIO) -> Iterator[_Read]:
    content = file.read(MOST_GIFT_BYTES + 1)
    if len(content) > MOST_GIFT_BYTES:
        raise Unreadable("intake:file:too_large", {"most": MOST_GIFT_BYTES // (1024 * 1024)})
    if not content.strip():
        raise Unreadable("intake:file:empty")
    if b"\0" in content:
        raise Unreadable("intake:file:nul", {"line": content[: content.index(b"\0")].count(b"\n") + 1})
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise Unreadable("intake:file:encoding", {"line": line}) from error
    for one in gift.read_gift(text):
        says = {"form", "stem", "options", "key"}
        if one.draft is not None:  # GIFT has no place for what is missing here, so its absence says nothing
            says |= {name for name in ("explanation", "tags", "source") if getattr(one.draft, name)}
        yield _Read(one.line, one.draft, one.problems, {"stem": one.text}, says)
