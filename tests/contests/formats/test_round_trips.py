"""What we export comes back exactly, in every format, for every form it can hold."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.contests.formats.drafts import drafts, gone_and_back, with_media

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats import files
from tradeshall.contests.formats.files import Format
from tradeshall.contests.rules.items import ItemDraft

FORMS = [form.value for form in ItemForm]
HELD = {
    Format.XLSX: set(FORMS),
    Format.CSV: set(FORMS),
    Format.MOODLE: set(FORMS),
    Format.QTI: set(FORMS),
    Format.GIFT: set(FORMS) - {"ordering"},
    Format.AIKEN: {"single"},
}
SILENT = {Format.AIKEN: {"explanation", "difficulty", "tags", "source"}}
"""What a format has no place for; a file then says nothing about it, and what is in the bank stays."""

PLAIN = {
    "single": ItemDraft("single", "一天几小时？", ("六", "八"), (1,), "八。", 2, ("工时",), "《劳动法》"),
    "multiple": ItemDraft("multiple", "Which?", ("a", "b", "c"), (0, 2)),
    "true_false": ItemDraft("true_false", "成立于1919年。", ("正确", "错误"), (1,)),
    "fill_in": ItemDraft("fill_in", "成立于____年。", (), (), accepted=(("1919", "一九一九"),)),
    "numeric": ItemDraft("numeric", "多少？", (), (), accepted=(("3.14", "0.01"),)),
    "matching": ItemDraft("matching", "配对", ("甲", "乙"), (2, 0), matches=("x", "y", "z")),
    "ordering": ItemDraft("ordering", "排序", ("二", "一", "三"), (1, 0, 2)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("format", list(Format))
def test_forms_are_held_as_promised(format: Format, form: str) -> None:
    assert (files.cannot_hold(format, PLAIN[form]) == "") is (form in HELD[format])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("format", list(Format))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much], deadline=None)
@given(data=st.data())
def test_an_item_comes_back_as_it_went_out(format: Format, form: str, data: st.DataObject) -> None:
    if form not in HELD[format]:
        return
    item = data.draw(drafts(form))
    assume(not files.cannot_hold(format, item))
    (found,) = gone_and_back([item], format, data.draw(st.sampled_from(["en", "zh-hans"])))
    assert found.problems == ()
    assert found.notes == ()
    back = with_media(found)
    for name in ("form", "stem", "options", "key", "accepted", "matches", "media"):
        if name in found.says or getattr(item, name):
            assert getattr(back, name) == getattr(item, name), name
    for name in ("explanation", "difficulty", "tags", "source"):
        silent = name in SILENT.get(format, ())
        assert (name in found.says) is (
            not silent and (bool(getattr(item, name)) or format in (Format.XLSX, Format.CSV))
        )
        if not silent:
            assert getattr(back, name) == getattr(item, name), name


@pytest.mark.parametrize("format", list(Format))
def test_many_items_come_back_in_order(format: Format) -> None:
    items = [PLAIN[form] for form in FORMS if form in HELD[format]]
    found = gone_and_back(items, format)
    assert [with_media(one).stem for one in found] == [item.stem for item in items]
