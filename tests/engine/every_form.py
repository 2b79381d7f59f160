"""Items of all seven forms, and the responses that are right, wrong and half right."""

from __future__ import annotations

from typing import Any

from tests.engine.contest import rules

from tradeshall.engine.pack import SealedPack, seal_pack
from tradeshall.engine.wire import ItemSpec, SectionSpec

LAWS = ("公布", "草案", "审议", "表决")
EVERY_FORM = (
    ItemSpec(1, "single", "谁来决定？", ("甲", "乙", "丙", "丁"), (2,), "丙", "法"),
    ItemSpec(2, "multiple", "哪些是？", ("甲", "乙", "丙", "丁"), (0, 2), "甲丙"),
    ItemSpec(3, "true_false", "对吗？", ("正确", "错误"), (0,)),
    ItemSpec(
        4,
        "fill_in",
        "《安全生产法》自____年起施行，方针是____。",
        (),
        (),
        "第三条",
        accepted=(("2002",), ("安全第一、预防为主、综合治理", "安全第一预防为主")),
    ),
    ItemSpec(5, "numeric", "π 约为多少？", (), (), accepted=(("3.14", "0.005"),)),
    ItemSpec(6, "matching", "配对", ("北京", "上海", "广东"), (1, 0, 3), "简称", matches=("沪", "京", "川", "粤")),
    ItemSpec(7, "ordering", "排序", LAWS, (1, 2, 3, 0), media=(("ab" * 32 + ".png", "picture", "流程图"),)),
)
RIGHT = {
    1: ["丙"],
    2: ["甲", "丙"],
    3: ["正确"],
    4: ["二〇〇二", "“安全第一，预防为主，综合治理”"],
    5: ["３．１４２"],
    6: ["京", "沪", "粤"],
    7: ["草案", "审议", "表决", "公布"],
}


def pack_of_every_form(round_id: int = 1, scoring: str = "part_marks", **changes: Any) -> SealedPack:
    section = SectionSpec("综合", tuple(item.number for item in EVERY_FORM), len(EVERY_FORM), 12, scoring)
    return seal_pack(rules(round_id, **changes), (section,), EVERY_FORM)


def responses(started: dict[str, Any], words: dict[int, list[str]] = RIGHT, revision: int = 1) -> list[list[Any]]:
    """Return the responses that say these words, each in the places where this paper shows them."""
    by_stem = {item.stem: item.number for item in EVERY_FORM}
    made = []
    for shown in started["paper"]["items"]:
        said = words.get(by_stem[shown["stem"]])
        if said is None:
            continue
        if shown["form"] in ("fill_in", "numeric"):
            made.append([shown["no"], revision, said])
            continue
        texts = shown.get("matches") or shown["options"]
        places = [texts.index(word) if word else -1 for word in said]
        made.append([shown["no"], revision, sorted(places) if shown["form"] == "multiple" else places])
    return made
