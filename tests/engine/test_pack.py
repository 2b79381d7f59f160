from __future__ import annotations

from typing import Any

import pytest
from tests.engine.contest import items, pack, rules

from tradeshall.core.signing import canonical, sha256
from tradeshall.engine.pack import BadPack, SealedPack, item_key, public_item, seal_pack
from tradeshall.engine.rounds import CompiledRound
from tradeshall.engine.wire import ItemSpec, SectionSpec


def test_pack_comes_back_from_its_bytes() -> None:
    sealed = pack()
    again = SealedPack.from_bytes(sealed.to_bytes())
    assert again == sealed
    assert again.rules() == sealed.rules()
    assert again.items() == items(40)


def test_content_hash_changes_with_any_content_and_not_with_the_secret() -> None:
    fixed = rules()
    made, section = items(5), SectionSpec("s", (1, 2, 3, 4, 5), 3, 5)
    first, again = seal_pack(fixed, (section,), made), seal_pack(fixed, (section,), made[::-1])
    assert first.content_hash == again.content_hash
    assert first.secret != again.secret
    assert first.commitments["secret"] != again.commitments["secret"]
    assert seal_pack(fixed, (SectionSpec("s", (1, 2, 3, 4, 5), 3, 6),), made).content_hash != first.content_hash


def test_commitments_open_one_at_a_time() -> None:
    sealed = pack()
    item = sealed.pack["items"][0]
    number = str(item["number"])

    def opened(nonce: str, content: bytes) -> str:
        return sha256(bytes.fromhex(nonce), content).hex()

    assert (
        opened(sealed.openings["items"][number], canonical(public_item(item)))
        == (sealed.commitments["items"][number])
    )
    assert opened(sealed.openings["keys"][number], canonical(item_key(item))) == sealed.commitments["keys"][number]
    assert opened(sealed.openings["secret"], sealed.secret) == sealed.commitments["secret"]
    assert "key" not in public_item(item)
    assert len({*sealed.openings["items"].values(), *sealed.openings["keys"].values()}) == 80


@pytest.mark.parametrize(
    "change",
    [
        {"rules": {"closes_at_ms": 0}},
        {"rules": {"time_limit_seconds": 0}},
        {"rules": {"counting": "luck"}},
        {"rules": {"tie_breaks": ("time_used",)}},
        {"sections": ()},
        {"sections": (SectionSpec("s", (1, 2), 3, 5),)},
        {"sections": (SectionSpec("s", (1, 99), 1, 5),)},
        {"sections": (SectionSpec("s", (1, 2), 1, 5), SectionSpec("t", (2, 3), 1, 5))},
        {"sections": (SectionSpec("s", (1, 2), 1, 0),)},
        {"items": (ItemSpec(1, "single", "?", ("a", "b"), (2,)),)},
        {"items": (ItemSpec(1, "single", "?", ("a", "b"), (0, 1)),)},
        {"items": (ItemSpec(1, "single", "?", ("a",), (0,)),)},
        {"items": (ItemSpec(1, "essay", "?", ("a", "b"), (0,)),)},
    ],
)
def test_seal_refuses_what_cannot_be_sat(change: dict[str, Any]) -> None:
    sections = change.get("sections", (SectionSpec("s", (1,), 1, 5),))
    with pytest.raises(BadPack):
        seal_pack(rules(**change.get("rules", {})), sections, change.get("items", items(3)))


def test_paper_json_holds_no_key_and_papers_differ() -> None:
    compiled = CompiledRound(pack())
    papers = {compiled.paper_json(compiled.paper(person, 1)) for person in range(1, 50)}
    assert len(papers) == 49
    assert all(b"key" not in paper and b"Because" not in paper for paper in papers)
