"""Checking what belongs to a round: commitments, openings, receipts, results."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tradeshall.core.signing import sha256
from tradeshall.engine.pack import FORMAT, SealedPack, item_key, public_item
from tradeshall.engine.proofs.logs import (
    BATCH,
    LogRead,
    batch_signed,
    entry_in,
    hash_of,
    lines_of,
    read_canonical,
)
from tradeshall.engine.proofs.reading import (
    COMMITMENTS,
    OPENING,
    RECEIPT,
    RESULTS,
    Source,
    Unreadable,
    canonical_of,
    hashes,
    is_kind,
    shape,
)
from tradeshall.engine.proofs.report import Report
from tradeshall.engine.proofs.tree import leaf_hash, root_from_inclusion
from tradeshall.engine.receipts import salted_hash
from tradeshall.engine.rounds import CompiledRound

if TYPE_CHECKING:
    from tradeshall.engine.proofs.verify import Given, Keys

Packs = dict[str, CompiledRound]
"""What was opened whole, by content hash."""

MARKED = ("single", "multiple", "true_false")
"""The forms whose marking is checked here."""

BODY = {
    "answers": "h32",
    "finished_at_ms": "int",
    "number": "int",
    "pack": "h32",
    "participant": "number",
    "round": "int",
    "salt": "h16",
    "score": "h32",
    "started_at_ms": "int",
}


# commitments and openings ------------------------------------------------------------------------------------


def check_commitments(given: Given, log: LogRead, report: Report) -> None:
    """Check that the commitments stand in the log as they are."""
    for source in given.of(COMMITMENTS):
        try:
            _commitments(given.documents[source.name])
        except Unreadable:
            report.add(source.name, "commitments:read", False)
            continue
        report.add(source.name, "file:in_log", log.knows(hash_of(source)))


def _commitments(document: Any) -> dict[str, Any]:
    shape(
        document,
        {
            "content_hash": "h32",
            "format": "str",
            "items": "dict",
            "keys": "dict",
            "round": "int",
            "rules": "h32",
            "secret": "h32",
        },
    )
    for part in ("items", "keys"):
        if not all(is_kind(number, "number") and is_kind(value, "h32") for number, value in document[part].items()):
            raise Unreadable("fields")
    return dict(document)


def check_openings(given: Given, log: LogRead, report: Report) -> Packs:
    """Check that what was opened is what was committed to; return the packs that are open whole."""
    packs: Packs = {}
    committed: dict[int, list[dict[str, Any]]] = {}
    for source in given.of(COMMITMENTS):
        try:
            found = _commitments(given.documents[source.name])
        except Unreadable:
            continue
        committed.setdefault(found["round"], []).append(found)
    for source in given.of(OPENING):
        opening = given.documents[source.name]
        try:
            opened = _opened(opening)
        except Unreadable:
            report.add(source.name, "opening:read", False)
            continue
        against = committed.get(opening["round"])
        holds = None if against is None else all(_agree(opening, opened, one) for one in against)
        report.add(source.name, "opening:commitments", holds, count=len(opened))
        whole = _whole_pack(opening)
        if whole is not None:
            pack, secret = whole
            right = sha256(canonical_of(pack)).hex() == opening["content_hash"]
            try:
                compiled = CompiledRound(SealedPack(pack, opening["content_hash"], {}, {}, secret))
            except (ArithmeticError, LookupError, TypeError, ValueError):
                right = False
            report.add(source.name, "opening:pack", right)
            if right:
                packs[opening["content_hash"]] = compiled
        report.add(source.name, "file:in_log", log.knows(hash_of(source)))
    return packs


def _opened(opening: Any) -> dict[tuple[str, str], str]:
    """Return the hash of every part that is opened: (rules, secret, items or keys; number) to hex."""
    shape(
        opening,
        {
            "content_hash": "h32",
            "format": "str",
            "items": "dict",
            "keys": "dict",
            "round": "int",
            "rules?": "dict",
            "secret?": "dict",
        },
    )
    found: dict[tuple[str, str], str] = {}

    def commit(kind: str, number: str, nonce: str, content: bytes) -> None:
        found[kind, number] = sha256(bytes.fromhex(nonce), content).hex()

    if "rules" in opening:
        rules = shape(opening["rules"], {"nonce": "h32", "rules": "dict", "sections": "list"})
        commit("rules", "", rules["nonce"], canonical_of({"rules": rules["rules"], "sections": rules["sections"]}))
    if "secret" in opening:
        secret = shape(opening["secret"], {"nonce": "h32", "secret": "h32"})
        commit("secret", "", secret["nonce"], bytes.fromhex(secret["secret"]))
    for kind, name in (("items", "item"), ("keys", "key")):
        for number, part in opening[kind].items():
            shape(part, {"nonce": "h32", name: "dict"})
            if not is_kind(number, "number") or str(part[name].get("number")) != number:
                raise Unreadable("fields")
            commit(kind, number, part["nonce"], canonical_of(part[name]))
    if not found:
        raise Unreadable("fields")
    return found


def _agree(opening: dict[str, Any], opened: dict[tuple[str, str], str], committed: dict[str, Any]) -> bool:
    if opening["content_hash"] != committed["content_hash"]:
        return False
    return all(
        value == (committed[kind] if number == "" else committed[kind].get(number))
        for (kind, number), value in opened.items()
    )


def _whole_pack(opening: dict[str, Any]) -> tuple[dict[str, Any], bytes] | None:
    """Return pack and secret if everything is open; None if not."""
    items, keys = opening["items"], opening["keys"]
    if "rules" not in opening or "secret" not in opening or not items or set(items) != set(keys):
        return None
    pack = {
        "format": FORMAT,
        "rules": opening["rules"]["rules"],
        "sections": opening["rules"]["sections"],
        "items": [{**items[number]["item"], **keys[number]["key"]} for number in sorted(items, key=int)],
    }
    return pack, bytes.fromhex(opening["secret"]["secret"])


def opening_of(sealed: SealedPack, round_id: int, *, items: set[str], rules: bool, secret: bool) -> dict[str, Any]:
    """Return the opening file of a pack: these items with their keys, and rules and secret where told so."""
    nonces, by_number = sealed.openings, {str(item["number"]): item for item in sealed.pack["items"]}
    found: dict[str, Any] = {
        "format": OPENING,
        "round": round_id,
        "content_hash": sealed.content_hash,
        "items": {n: {"nonce": nonces["items"][n], "item": public_item(by_number[n])} for n in items},
        "keys": {n: {"nonce": nonces["keys"][n], "key": item_key(by_number[n])} for n in items},
    }
    if rules:
        found["rules"] = {
            "nonce": nonces["rules"],
            "rules": sealed.pack["rules"],
            "sections": sealed.pack["sections"],
        }
    if secret:
        found["secret"] = {"nonce": nonces["secret"], "secret": sealed.secret.hex()}
    return found


def commitments_of(sealed: SealedPack, round_id: int) -> dict[str, Any]:
    """Return the file of commitments that is published with a round."""
    return {"format": COMMITMENTS, "round": round_id, **sealed.commitments}


# receipts ----------------------------------------------------------------------------------------------------


def check_receipts(given: Given, keys: Keys, log: LogRead, packs: Packs, report: Report) -> None:
    """Check each receipt as far as the other files reach."""
    for source in given.of(RECEIPT):
        document = given.documents[source.name]
        try:
            _check_receipt(source, document, keys, log, packs, report)
        except Unreadable:
            report.add(source.name, "receipt:read", False)


def _check_receipt(
    source: Source, document: dict[str, Any], keys: Keys, log: LogRead, packs: Packs, report: Report
) -> None:
    if "format" in document:
        shape(
            document,
            {
                "format": "str",
                "log?": "dict",
                "receipt": "dict",
                "responses?": "list",
                "score?": "list",
                "variant?": "str",
            },
        )
    receipt = document.get("receipt", document)
    shape(receipt, {"batch": "dict", "body": "dict", "index": "int", "path": "list", "score_salt?": "h16"})
    body, batch = shape(receipt["body"], BODY, others=True), shape(receipt["batch"], BATCH)
    score, log_proof = document.get("score"), document.get("log")
    if score is not None and (len(score) != 2 or not all(type(value) is int for value in score)):
        raise Unreadable("fields")
    path, entry = hashes(receipt["path"]), canonical_of(batch)
    in_log = None if log_proof is None else entry_in(entry, log_proof, keys)
    try:
        root = root_from_inclusion(leaf_hash(canonical_of(body)), receipt["index"], batch["leaves"], path).hex()
    except ValueError:
        root = ""
    name = source.name
    report.add(name, "receipt:path", root == batch["root"], round=body["round"], number=body["number"])
    report.add(name, "receipt:signature", None if keys.receipts is None else batch_signed(batch, keys.receipts))
    if in_log is not None:
        report.add(name, "receipt:in_log", in_log[0])
        report.add(name, "checkpoint:signature", in_log[1], count=1)
    elif (batch["writer"], batch["number"]) in log.batches:
        report.add(name, "receipt:in_log", log.batches[batch["writer"], batch["number"]] == entry)
    else:
        report.add(name, "receipt:in_log", None)
    if "responses" in document:
        salted = salted_hash(bytes.fromhex(body["salt"]), document["responses"])
        report.add(name, "receipt:answers", salted == body["answers"])
    salt = receipt.get("score_salt")
    if score is not None and salt is not None:
        right = salted_hash(bytes.fromhex(salt), score) == body["score"]
        report.add(name, "receipt:score", right, score=score[0], most=score[1])
    if score is not None and "responses" in document:
        compiled = packs.get(body["pack"])
        made = None if compiled is None else marked_again(compiled, body, document)
        report.add(name, "receipt:paper", None if made is None else made == score, score=score[0], most=score[1])


def marked_again(compiled: CompiledRound, body: dict[str, Any], document: dict[str, Any]) -> list[int] | None:
    """Return points and most points, from the paper made anew; [] where the answers do not fit that paper.

    None if a question on it is of a form that is not marked here: those beside choices only the engine marks.
    """
    try:
        paper = compiled.paper(int(body["participant"]), body["number"], document.get("variant", ""))
    except (ArithmeticError, struct.error):  # an attempt of a number beyond all numbers
        return []
    responses = document["responses"]
    if any(item.form not in MARKED for item in paper.items):
        return None
    if len(responses) != len(paper.items):
        return []
    for item, given in zip(paper.items, responses, strict=True):
        if not isinstance(given, list) or not all(is_kind(place, "int") for place in given):
            return []
        if any(place >= item.option_count for place in given) or len(set(given)) != len(given):
            return []
    return [sum(compiled.score(paper, responses)), compiled.max_points]


# results -----------------------------------------------------------------------------------------------------

HEADER = {
    "closed_at_ms": "int",
    "contest": "str",
    "count": "int",
    "format": "str",
    "made_at_ms": "int",
    "pack": "h32",
    "round": "int",
    "tie_breaks": "list",
    "title": "str",
    "version": "int",
}
LINE = {
    "participant": "number",
    "pseudonym": "str",
    "rank": "int",
    "score": "int",
    "time_used_ms": "int",
    "unit?": "str",
}


@dataclass(slots=True)
class _Sorted:
    """Holds one line of results against the one before."""

    by_time: bool
    rank: int = 0
    place: int = 0
    before: tuple[int, int] | None = None

    def take(self, rank: int, score: int, time_used_ms: int) -> bool:
        """Answer whether a line may follow: no better than the one before, and ranked no better."""
        self.place += 1
        here = (-score, time_used_ms if self.by_time else 0)
        fits = rank >= self.rank and 1 <= rank <= self.place
        if self.before is not None:
            fits = fits and here >= self.before and (rank > self.rank or here == self.before)
        self.rank, self.before = rank, here
        return fits


def check_results(given: Given, log: LogRead, report: Report, progress: Callable[[str, float], None]) -> None:
    """Check that results are whole, in order, and published as they are."""
    for source in given.of(RESULTS):
        try:
            lines = lines_of(source)
            header = shape(read_canonical(next(lines)), HEADER)
            order = header["tie_breaks"]
            check, sound = _Sorted(order[1:2] == ["time_used"]), True
            participants: set[str] = set()
            for line in lines:
                row = shape(read_canonical(line), LINE)
                sound = check.take(row["rank"], row["score"], row["time_used_ms"]) and sound
                participants.add(row["participant"])
                if check.place % 4096 == 0:
                    progress(source.name, check.place / max(header["count"], 1))
        except Unreadable:
            report.add(source.name, "results:read", False)
            continue
        whole = check.place == header["count"] == len(participants)
        report.add(source.name, "results:whole", whole, count=header["count"])
        report.add(source.name, "results:order", sound)
        report.add(source.name, "file:in_log", log.knows(hash_of(source)))
