"""Taking pictures and sounds in."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from tradeshall.core.authority import Actor
from tradeshall.core.refusal import Refusal, Refused, refuse
from tradeshall.journal.actions import record_change
from tradeshall.media import formats, queries
from tradeshall.media.models import Upload


def store_media(*, actor: Actor, unit_path: str, content: bytes) -> Upload:
    """Keep a picture or a sound for a unit; returns its row, the same one for the same file.

    The caller has asked whether the actor may. What is known already is recognised by its bytes, as they came or as
    they are kept, and is not decoded again: what we gave out comes back as it was. Refuses what `formats.take`
    refuses. The file is on the disk before the row is there.
    """
    given = hashlib.sha256(content).hexdigest()
    known = Upload.objects.filter(Q(given_sha256=given) | Q(name__startswith=given)).order_by("pk").first()
    if known is not None and queries.file_of(known.name).is_file():
        fields = {name: getattr(known, name) for name in ("name", "kind", "size_bytes", "width", "height")}
        given = known.given_sha256
    else:
        try:
            taken = formats.take(content)
        except formats.NotTaken as error:
            raise Refused(_refusal(error)) from error
        name = f"{hashlib.sha256(taken.content).hexdigest()}.{taken.ending}"
        _write(queries.file_of(name), taken.content)
        fields = {
            "name": name,
            "kind": taken.kind.value,
            "size_bytes": len(taken.content),
            "width": taken.width,
            "height": taken.height,
        }
    with transaction.atomic():
        upload, made = Upload.objects.get_or_create(
            unit_path=unit_path,
            name=fields.pop("name"),
            defaults={**fields, "given_sha256": given, "actor": str(actor)},
        )
        if made:
            record_change(
                actor=actor, verb="media:upload:create", thing=upload, changes={"name": [None, upload.name]}
            )
    return upload


def _refusal(error: formats.NotTaken) -> Refusal:
    return {
        "empty": refuse("media:file:empty"),
        "kind_unknown": refuse("media:file:kind_unknown"),
        "too_large": refuse("media:file:too_large", most=error.details.get("most", 0)),
        "too_many_pixels": refuse("media:file:too_many_pixels", most=error.details.get("most", 0)),
        "damaged": refuse("media:file:damaged"),
    }[error.reason]


def _write(path: Path, content: bytes) -> None:
    """Put a file in place whole, and on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.stat().st_size == len(content):
        return
    number, part = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
