"""Items of the forms beside choices, as somebody wrote them."""

from __future__ import annotations

from tradeshall.contests.rules.items import ItemDraft

GAPS = ItemDraft(
    "fill_in",
    "国际劳工组织于____年成立，总部设在____。",
    (),
    (),
    "国际劳工组织章程载于《凡尔赛和约》第十三部分。",
    accepted=(("1919",), ("日内瓦", "瑞士日内瓦")),
)
NUMBER = ItemDraft("numeric", "光速约为多少（×10⁸ 米/秒）？", (), (), accepted=(("2.998", "1%"),))
PAIRS = ItemDraft(
    "matching", "给下列电话配上用途。", ("火警", "急救", "报警"), (1, 0, 3), matches=("120", "119", "12333", "110")
)
ORDER = ItemDraft(
    "ordering", "按先后排列触电急救的步骤。", ("判断意识", "切断电源", "呼叫急救", "心肺复苏"), (1, 0, 2, 3)
)
OTHER_FORMS = (GAPS, NUMBER, PAIRS, ORDER)
