from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from tests.engine.contest import items, pack, rules
from tests.engine.every_form import EVERY_FORM, pack_of_every_form

from tradeshall.core.signing import canonical, sha256
from tradeshall.engine.pack import BadPack, SealedPack, TooMuchToType, item_key, public_item, seal_pack
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
        {"items": (ItemSpec(1, "single", "?", ("a", "b"), (0,), accepted=(("a",),)),)},
        {"items": (ItemSpec(1, "single", "?", ("a", "b"), (0,), media=(("x.png", "film", ""),)),)},
        {"items": (ItemSpec(1, "fill_in", "no gap", (), (), accepted=(("a",),)),)},
        {"items": (ItemSpec(1, "fill_in", "____ and ____", (), (), accepted=(("a",),)),)},
        {"items": (ItemSpec(1, "fill_in", "____", (), (), accepted=((),)),)},
        {"items": (ItemSpec(1, "fill_in", "____", ("a", "b"), (), accepted=(("a",),)),)},
        {"items": (ItemSpec(1, "fill_in", " ".join(["____"] * 11), (), (), accepted=(("a",),) * 11),)},
        {"items": (ItemSpec(1, "numeric", "?", (), (), accepted=(("many", "0"),)),)},
        {"items": (ItemSpec(1, "numeric", "?", (), (), accepted=(("1", "-1"),)),)},
        {"items": (ItemSpec(1, "numeric", "?", (), (), accepted=(("1",),)),)},
        {"items": (ItemSpec(1, "matching", "?", ("a", "b"), (0, 2), matches=("x", "y")),)},
        {"items": (ItemSpec(1, "matching", "?", ("a", "b"), (0,), matches=("x", "y")),)},
        {"items": (ItemSpec(1, "matching", "?", ("a", "b"), (0, 0), matches=("x",)),)},
        {"items": (ItemSpec(1, "ordering", "?", ("a", "b"), (0, 0)),)},
        {"items": (ItemSpec(1, "ordering", "?", ("a", "b"), (0,)),)},
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


def test_a_paper_with_too_much_to_type_is_refused() -> None:
    """Fifteen items of ten gaps fit into a request, however long what is typed; sixteen might not."""
    gaps = ItemSpec(1, "fill_in", " ".join(["____"] * 10), (), (), accepted=(("a",),) * 10)
    made = tuple(replace(gaps, number=number) for number in range(1, 17))
    seal_pack(rules(), (SectionSpec("s", tuple(range(1, 17)), 15, 5),), made)
    with pytest.raises(TooMuchToType):
        seal_pack(rules(), (SectionSpec("s", tuple(range(1, 17)), 16, 5),), made)
    choices = items(40, first=100)
    numbers = (1, *(item.number for item in choices))
    seal_pack(rules(), (SectionSpec("s", numbers, 20, 5),), (made[0], *choices))  # one of them is not twenty


def test_pack_of_choices_names_nothing_of_other_forms_and_keeps_its_hash() -> None:
    sealed = seal_pack(
        rules(opens_at_ms=0, closes_at_ms=1000), (SectionSpec("s", (1, 2, 3), 3, 5),), items(3), secret=bytes(32)
    )
    assert sealed.content_hash == "7385e3f4e3b36a8cea8a1fb9371e0cadf781c49292aa5159635141e92a51795f"
    assert "accepted" not in sealed.pack["items"][0]


def test_pack_of_every_form_comes_back_and_commits_to_what_is_right_apart() -> None:
    sealed = pack_of_every_form()
    assert SealedPack.from_bytes(sealed.to_bytes()) == sealed
    assert sealed.items() == EVERY_FORM
    for item in sealed.pack["items"]:
        assert {"key", "accepted", "explanation"}.isdisjoint(public_item(item))
    assert item_key(sealed.pack["items"][3])["accepted"][0] == ["2002"]


def test_paper_of_every_form_holds_no_key_and_its_orders_move_even_where_options_stay() -> None:
    compiled = CompiledRound(pack_of_every_form(shuffle_options=False))
    shown = [orjson.loads(compiled.paper_json(compiled.paper(person, 1))) for person in range(1, 200)]
    items = [{item["form"]: item for item in paper["items"]} for paper in shown]
    assert all(b"2002" not in orjson.dumps(paper) and b"0.005" not in orjson.dumps(paper) for paper in shown)
    assert {tuple(one["single"]["options"]) for one in items} == {EVERY_FORM[0].options}
    assert {tuple(one["matching"]["options"]) for one in items} == {EVERY_FORM[5].options}
    assert len({tuple(one["matching"]["matches"]) for one in items}) == 24
    assert len({tuple(one["ordering"]["options"]) for one in items}) == 24
    assert items[0]["fill_in"] == {
        **{name: items[0]["fill_in"][name] for name in ("no", "section", "stem")},
        "form": "fill_in",
        "gaps": 2,
        "options": [],
        "points": 12,
    }
    assert items[0]["ordering"]["media"] == [["ab" * 32 + ".png", "picture", "流程图"]]
