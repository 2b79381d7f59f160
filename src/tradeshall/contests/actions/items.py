"""Bringing items in from a file: every one judged and staged, then applied in one short transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction
from django.db.models import F

from tradeshall.contests import permissions
from tradeshall.contests.actions.bank import draft_of, fields_of, keep_former, state_for_new
from tradeshall.contests.enums import ItemState
from tradeshall.contests.formats import sheet
from tradeshall.contests.formats.carried import Carried
from tradeshall.contests.formats.files import READ as FORMATS
from tradeshall.contests.formats.files import read_items
from tradeshall.contests.models import Item, Pool
from tradeshall.contests.queries.likeness import Alike
from tradeshall.contests.rules import items as rules
from tradeshall.contests.rules.items import ItemDraft, Media
from tradeshall.core import authority, clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.core.spreadsheets import Problem
from tradeshall.intake.actions import JudgedRow, Progress, apply_run, refuse_outdated, stage_rows
from tradeshall.intake.enums import Verdict
from tradeshall.journal.actions import record_changes
from tradeshall.media.actions import store_media
from tradeshall.media.queries import known_media

KIND = "items"
BATCH = 500


class _Read:
    """One item of a file on its way to a verdict."""

    __slots__ = ("carried", "draft", "notes", "problems")

    def __init__(self, carried: Carried) -> None:
        self.carried = carried
        self.draft: ItemDraft | None = carried.draft
        self.problems, self.notes = list(carried.problems), list(carried.notes)

    def add(self, problem: Problem) -> None:
        """Add what is against it, unless something is said of that column already."""
        if problem.column not in {one.column for one in self.problems}:
            self.problems.append(problem)

    @property
    def shown(self) -> dict[str, Any]:
        return dict(self.carried.shown) or {"stem": self.carried.text}


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
    """Read items from a file of any of the `FORMATS` into a pool; returns the import run.

    An item is found again by its form, its normalised stem and its pictures: one that is there and says the same is
    unchanged, one that differs gains a version, all others are added. What the file says nothing about is left as it
    is. With `dry_run`, or while items are refused and not to be skipped, the run stays staged and nothing is applied.
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
    found = read_items(file, name, format)
    run = stage_rows(
        actor=actor,
        kind=KIND,
        unit_path=pool.unit.path,
        target=str(pool.pk),
        file_name=name,
        judged=_judged(actor, pool, found),
        ignored_columns=found.ignored_columns,
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
    may_review = authority.may(actor, permissions.ITEM_REVIEW, pool)

    def apply(staged: Iterator[Any]) -> None:
        while batch := list(islice(staged, BATCH)):
            _apply_batch(actor, pool, batch, may_review)

    return apply_run(actor=actor, run=run, apply=apply, skip_refused=skip_refused)


def _apply_batch(actor: Actor, pool: Pool, batch: list[Any], may_review: bool) -> None:
    now = clock.now()
    states = {source: state_for_new(actor, pool, source) for source in ("", "some")}
    added = [
        Item(
            pool=pool,
            state=states["some" if row.values["item"]["source"] else ""],
            updated_at=now,
            **row.values["item"],
        )
        for row in batch
        if row.verdict == Verdict.ADDED
    ]
    try:
        with transaction.atomic():
            Item.objects.bulk_create(added)
    except IntegrityError as error:  # somebody else has added the same item meanwhile
        raise refuse_outdated() from error
    changing = [row for row in batch if row.verdict == Verdict.CHANGED]
    former = {item.pk: item for item in Item.objects.filter(pk__in=[row.values["id"] for row in changing])}
    changed: list[tuple[str, dict[str, object]]] = []
    for row in changing:
        values = dict(row.values["item"])
        rows = Item.objects.filter(pk=row.values["id"], version=row.values["version"])
        if not may_review or rules.refuse_without_source(pool.needs_source, values.get("source", "said")):
            rows.filter(state=ItemState.REVIEWED.value).update(state=rules.ITEM.target("reopen"))
        if not rows.update(**values, version=F("version") + 1, updated_at=now):
            raise refuse_outdated()
        changed.append((f"contests.item:{row.values['id']}", row.values["changes"]))
    keep_former(actor, [(item, fields_of(draft_of(item))) for item in former.values()])
    record_changes(
        actor=actor,
        verb="contests:item:create",
        lines=[(item, {"form": [None, item.form], "stem": [None, item.stem]}) for item in added],
        acting_unit_code=pool.unit.code,
    )
    record_changes(actor=actor, verb="contests:item:edit", lines=changed, acting_unit_code=pool.unit.code)


def _judged(actor: Actor, pool: Pool, carried: Iterator[Carried]) -> Iterator[JudgedRow]:
    seen: dict[str, int] = {}
    alike = Alike(pool)
    read = (_Read(one) for one in carried)
    while batch := list(islice(read, BATCH)):
        _store_media(actor, pool, batch)
        hashes = [_judge(one, seen) for one in batch]
        there = {row.stem_hash: row for row in Item.objects.filter(pool=pool, stem_hash__in=[h for h in hashes if h])}
        for one, stem_hash in zip(batch, hashes, strict=True):
            line = one.carried.line
            if one.problems:
                yield JudgedRow(line, Verdict.REFUSED, one.shown, tuple(one.problems))
            elif one.draft is None:  # no item, but something to be said
                yield JudgedRow(line, Verdict.UNCHANGED, {}, (), tuple(one.notes))
            else:
                yield _verdict(one, stem_hash, there.get(stem_hash), alike)


def _store_media(actor: Actor, pool: Pool, batch: list[_Read]) -> None:
    """Keep the pictures and sounds that came with items; those an item only names must be there already."""
    named = {medium.name for one in batch if one.draft is not None for medium in one.draft.media}
    known = known_media(named)
    for one in batch:
        if one.draft is None or one.problems:
            continue
        media = []
        for medium in one.draft.media:
            if medium.name in known:
                media.append(replace(medium, kind=known[medium.name]))
            else:
                one.add(Problem("media", "contests:file:picture_missing", {"name": medium.name[:80]}))
        for attached in one.carried.attached:
            try:
                upload = store_media(actor=actor, unit_path=pool.unit.path, content=attached.content)
            except Refused as refused:
                one.add(Problem("media", refused.refusals[0].code, refused.refusals[0].details))
            else:
                if not attached.alt:
                    one.notes.append(Problem("media", "contests:note:words_missing", {}))
                media.append(Media(upload.name, upload.kind, attached.alt or words_for(upload.kind, one.draft.stem)))
        one.draft = replace(one.draft, media=tuple(media))


def words_for(kind: str, stem: str) -> str:
    """Return the words for a picture or sound that came with none, in the language of its question."""
    chinese = rules.true_false_options(stem) == rules.TRUE_FALSE_ZH
    if kind == "picture":
        return "图片" if chinese else "Picture"
    return "音频" if chinese else "Sound"


def _judge(one: _Read, seen: dict[str, int]) -> str:
    """Add to an item what the rules have against it; returns its hash, "" if there is none."""
    if one.draft is None:
        return ""
    one.draft = rules.tidied(one.draft)
    for refusal in rules.judge_item(one.draft):  # what could not be read is said once, not again as what is missing
        one.add(Problem(sheet.column_of(refusal.field_name, refusal.details), refusal.code, refusal.details))
    if one.problems:
        return ""
    stem_hash = rules.item_hash(one.draft)
    first = seen.setdefault(stem_hash, one.carried.line)
    if first != one.carried.line:
        one.add(Problem("stem", "contests:import:twice_in_file", {"line": first}))
        return ""
    return stem_hash


def _verdict(one: _Read, stem_hash: str, there: Item | None, alike: Alike) -> JudgedRow:
    assert one.draft is not None
    line = one.carried.line
    values = {**fields_of(one.draft), "stem_hash": stem_hash}
    if there is None:
        notes = (*one.notes, *alike.notes_on(line, one.draft))
        return JudgedRow(line, Verdict.ADDED, {"item": values}, (), notes)
    before = fields_of(draft_of(there))
    changes = {
        name: [before[name], values[name]]
        for name in before
        if name in one.carried.says and before[name] != values[name]
    }
    if not changes:
        return JudgedRow(line, Verdict.UNCHANGED, {}, (), tuple(one.notes))
    return JudgedRow(
        line,
        Verdict.CHANGED,
        {
            "item": {name: after for name, (_, after) in changes.items()},
            "id": there.pk,
            "version": there.version,
            "changes": changes,
        },
        (),
        tuple(one.notes),
    )
