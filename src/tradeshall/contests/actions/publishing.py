"""Files for everybody: commitments at publication, results at the close, what was sealed once it may be opened."""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import IO

from django.db import IntegrityError, transaction

from tradeshall.contests import permissions
from tradeshall.contests.actions.sealing import ms_of
from tradeshall.contests.enums import FileKind, RoundState
from tradeshall.contests.models import PublishedFile, PublishedPart, Round, RoundPack
from tradeshall.contests.queries.member import results_shown
from tradeshall.contests.queries.proofs import (
    items_drawn_elsewhere,
    latest_file,
    result_lines,
    standings_count,
    subject_of_round,
)
from tradeshall.contests.queries.rounds import WITH_CONTEST
from tradeshall.contests.rules import proofs as rules
from tradeshall.core import clock
from tradeshall.core.authority import OPERATOR, Actor
from tradeshall.core.refusal import Refused, refuse, require
from tradeshall.core.signing import canonical
from tradeshall.engine.pack import SealedPack
from tradeshall.engine.proofs.attempts import commitments_of, opening_of
from tradeshall.engine.proofs.reading import RESULTS
from tradeshall.journal.actions import record_change

PART_BYTES = 1 << 18
IN_MEMORY_BYTES = 1 << 22
ENDINGS = {FileKind.RESULTS: "jsonl", FileKind.LIST: "txt"}


def publish_file(
    *,
    actor: Actor,
    subject: str,
    kind: FileKind,
    name: str,
    content: Iterable[bytes],
    count: int | None = None,
    facts: str = "",
) -> PublishedFile:
    """Publish a file, whatever its length; what was published before under this subject stays as version before.

    `name` is the file's name without version and ending. With `facts`, nothing is done if the newest version has the
    same. The integrator enters it into the log within a minute. Two who publish at once: one is told to try again.
    """
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as draft:
        digest, size = hashlib.sha256(), 0
        for piece in content:
            digest.update(piece)
            size += len(piece)
            draft.write(piece)
        draft.seek(0)
        try:
            with transaction.atomic():
                before = latest_file(subject, kind)
                sha256 = digest.hexdigest()
                if before is not None and (before.facts == facts if facts else before.sha256 == sha256):
                    return before
                version = before.version + 1 if before else 1
                file = PublishedFile.objects.create(
                    subject=subject,
                    kind=kind.value,
                    version=version,
                    name=f"{name}{f'-v{version}' if version > 1 else ''}.{ENDINGS.get(kind, 'json')}",
                    size=size,
                    count=count,
                    sha256=sha256,
                    facts=facts,
                )
                for number, piece in enumerate(_pieces(draft)):
                    PublishedPart.objects.create(file=file, number=number, content=zlib.compress(piece, 6))
                return file
        except IntegrityError as error:
            raise Refused(refuse("contests:publishing:at_once")) from error


def publish_commitments(*, actor: Actor, round_id: int) -> PublishedFile:
    """Publish the commitments of a round; harmless when repeated."""
    pack = RoundPack.objects.get(round=round_id)
    sealed = SealedPack.from_bytes(bytes(pack.sealed))
    return publish_file(
        actor=actor,
        subject=subject_of_round(round_id),
        kind=FileKind.COMMITMENTS,
        name=f"round-{round_id}-commitments",
        content=[canonical(commitments_of(sealed, round_id))],
    )


def publish_results(*, actor: Actor, round_id: int) -> PublishedFile | None:
    """Publish the results of a round that is ranked and may show them; a new version where they have changed.

    Nothing for practice, and nothing while the rules hold results back. Results are read outside any transaction;
    if the ranks were made anew meanwhile, nothing is published, since whoever made them comes here again.
    """
    row = Round.objects.select_related(*WITH_CONTEST).get(pk=round_id)
    if row.practice or row.ranked_at is None or row.closed_at is None or not results_shown(row):
        return None
    subject, before = subject_of_round(round_id), latest_file(subject_of_round(round_id), FileKind.RESULTS)
    count = standings_count(row)
    header = {
        "format": RESULTS,
        "round": row.pk,
        "contest": row.contest.activity.number,
        "title": row.title,
        "pack": RoundPack.objects.values_list("content_hash", flat=True).get(round=row.pk),
        "version": before.version + 1 if before else 1,
        "count": count,
        "closed_at_ms": ms_of(row.closed_at),
        "made_at_ms": clock.now_ms(),
        "tie_breaks": list(row.tie_breaks),
    }
    with tempfile.TemporaryFile() as draft:
        facts = hashlib.sha256()
        draft.write(canonical(header) + b"\n")
        for line in result_lines(row):
            facts.update(line)
            draft.write(line)
        draft.seek(0)
        with transaction.atomic():
            if not Round.objects.filter(pk=row.pk, ranked_at=row.ranked_at, state=RoundState.CLOSED.value).update(
                ranked_at=row.ranked_at
            ):
                return None
            return publish_file(
                actor=actor,
                subject=subject,
                kind=FileKind.RESULTS,
                name=f"round-{round_id}-results",
                content=_pieces(draft),
                count=count,
                facts=facts.hexdigest(),
            )


def open_secrets(*, actor: Actor, round: Round) -> PublishedFile:
    """Publish the items, keys, rules and the secret of a round that is over, as far as nothing else needs them.

    Refuses an actor who may not publish there, a round that is not over, and items that an open or planned round
    draws on; those, and the secret, can be opened later, as a new version.
    """
    with transaction.atomic():
        row = Round.objects.select_related(*WITH_CONTEST).get(pk=round.pk)
        require(
            permissions.refuse_unless_may(actor, permissions.ROUND_PUBLISH, row),
            rules.refuse_opening_at(row.state, row.closed_at, timedelta(seconds=row.grace_seconds), clock.now()),
        )
        sealed = SealedPack.from_bytes(bytes(RoundPack.objects.get(round=row.pk).sealed))
        items = {item["number"] for item in sealed.pack["items"]}
        free, secret = rules.free_to_open(items, items_drawn_elsewhere(row, items, clock.now()))
        before = latest_file(subject_of_round(row.pk), FileKind.OPENING)
        require(rules.refuse_opening_again(before is not None and before.facts == "whole"))
        opened = before.count or 0 if before else 0
        require(rules.refuse_opening_nothing(len(free), opened, secret))
        numbers = {str(number) for number in free}
        opening = opening_of(sealed, row.pk, items=numbers, rules=True, secret=secret)
        file = publish_file(
            actor=actor,
            subject=subject_of_round(row.pk),
            kind=FileKind.OPENING,
            name=f"round-{row.pk}-opening",
            content=[canonical(opening)],
            count=len(free),
            facts="whole" if secret else "",
        )
        record_change(
            actor=actor,
            verb="contests:round:open_secrets",
            thing=row,
            acting_unit_code=row.contest.activity.unit.code,
            changes={"items": [opened, len(free)], "secret": [None, secret]},
        )
    return file


def publish_due(*, actor: Actor = OPERATOR) -> int:
    """Publish whatever an event should have published and did not; returns how many files. Harmless at any time."""
    made = 0
    known = set(
        PublishedFile.objects.filter(kind=FileKind.COMMITMENTS.value, version=1).values_list("subject", flat=True)
    )
    for round_id in RoundPack.objects.values_list("round", flat=True):
        if subject_of_round(round_id) not in known:
            publish_commitments(actor=actor, round_id=round_id)
            made += 1
    return made


def _pieces(draft: IO[bytes]) -> Iterator[bytes]:
    while piece := draft.read(PART_BYTES):
        yield piece
