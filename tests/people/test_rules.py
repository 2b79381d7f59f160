"""Which phone opens what, and what a line of the roster must look like."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeshall.people.rules import (
    Holder,
    Line,
    check_end,
    check_member,
    check_phone_change,
    masked,
    masked_name,
    normal_name,
    normal_phone,
    opens_account,
    opens_line,
    same_person,
)

PHONE, OTHER = "13800138000", "13900139000"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 0013 8000", PHONE),
        ("138-0013-8000", PHONE),
        ("１３８００１３８０００", PHONE),
        ("+86 13800138000", PHONE),
        ("0086 138 0013 8000", PHONE),
        ("(0571) 8888 6666", "057188886666"),
        ("+44 20 7946 0000", "+442079460000"),
        ("0044 20 7946 0000", "+442079460000"),
        ("1.38E+10", ""),
        ("call me", ""),
        ("", ""),
        ("1234", ""),
        ("1" * 16, ""),
    ],
)
def test_phones_are_kept_in_one_form(typed: str, kept: str) -> None:
    assert normal_phone(typed) == kept


@given(st.text(max_size=40))
def test_normal_phone_is_stable(text: str) -> None:
    assert normal_phone(normal_phone(text)) == normal_phone(text)


def holder(
    phone: str | None = PHONE, awaited: str = "", role: bool = False, lines: tuple[tuple[str, str], ...] = ()
) -> Holder:
    return Holder(1, phone, awaited, role, lines)


@pytest.mark.parametrize(
    ("one", "opens"),
    [
        (holder(), True),
        (holder(lines=((PHONE, "王小明"),)), True),
        (holder(lines=(("", "王小明"),)), True),
        (holder(lines=((OTHER, "王小明"),)), False),
        (holder(lines=((OTHER, "王小明"), (PHONE, "王小明"))), True),
        (holder(lines=((OTHER, "王小明"),), role=True), True),
        (holder(phone=OTHER), False),
        (holder(phone=None), False),
    ],
)
def test_the_roster_decides_whether_an_old_phone_still_opens(one: Holder, opens: bool) -> None:
    assert opens_account(PHONE, one) is opens


@pytest.mark.parametrize(
    ("one", "opens"),
    [
        (None, True),
        (holder(phone=OTHER), True),
        (holder(phone=None), True),
        (holder(phone=OTHER, role=True), False),
        (holder(phone=None, role=True), False),
        (holder(phone=None, awaited=OTHER, role=True), False),
        (holder(phone=None, awaited=PHONE, role=True), True),
        (holder(phone=PHONE, role=True), True),
    ],
)
def test_the_roster_alone_opens_no_account_with_a_role(one: Holder | None, opens: bool) -> None:
    assert opens_line(PHONE, Line(1, "王小明", one)) is opens


def test_names_tell_persons_apart_whatever_their_width() -> None:
    assert normal_name("Ａnna  Li") == normal_name("anna li")
    assert same_person(Line(1, "王 小明", None), holder(lines=((PHONE, "王小明"),)))
    assert not same_person(Line(1, "李红", None), holder(lines=((PHONE, "王小明"),)))
    assert same_person(Line(1, "李红", None), holder())


def codes(**changed: object) -> set[str]:
    good: dict[str, object] = {
        "member_no": "HC-1",
        "name": "王小明",
        "phone": PHONE,
        "joined_on": date(2020, 1, 1),
        "today": date(2026, 1, 1),
        "typed_phone": PHONE,
    }
    found = check_member(**{**good, **changed})  # type: ignore[arg-type]
    return {refusal.code.rpartition(":")[2] for refusal in found if refusal is not None}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        ({"phone": "", "typed_phone": ""}, None),
        ({"member_no": ""}, "number_malformed"),
        ({"member_no": "a b"}, "number_malformed"),
        ({"member_no": "x" * 33}, "number_malformed"),
        ({"name": ""}, "name_malformed"),
        ({"name": "x" * 61}, "name_malformed"),
        ({"phone": "", "typed_phone": "call me"}, "phone_malformed"),
        ({"joined_on": date(2026, 1, 2)}, "joins_in_future"),
    ],
)
def test_a_line_of_the_roster_is_well_formed(changed: dict[str, object], code: str | None) -> None:
    assert codes(**changed) == ({code} if code else set())


@pytest.mark.parametrize(
    ("ended_on", "ends_on", "code"),
    [
        (None, date(2026, 1, 1), None),
        (date(2026, 6, 1), date(2026, 1, 1), None),
        (date(2025, 1, 1), date(2026, 1, 1), "ended_already"),
        (None, date(2019, 1, 1), "ends_before_it_began"),
    ],
)
def test_a_membership_ends_once_and_after_it_began(ended_on: date | None, ends_on: date, code: str | None) -> None:
    found = check_end(joined_on=date(2020, 1, 1), ended_on=ended_on, ends_on=ends_on)
    assert [one.code.rpartition(":")[2] for one in found if one is not None] == ([code] if code else [])


def test_the_phone_of_a_role_holder_is_an_administrators_matter() -> None:
    assert check_phone_change(before=PHONE, after=OTHER, holds_role=True, may_grant=False) is not None
    assert check_phone_change(before=PHONE, after=OTHER, holds_role=True, may_grant=True) is None
    assert check_phone_change(before=PHONE, after=OTHER, holds_role=False, may_grant=False) is None
    assert check_phone_change(before=PHONE, after=PHONE, holds_role=True, may_grant=False) is None


@given(st.text(min_size=3, max_size=40))
def test_what_is_masked_shows_the_end_alone(text: str) -> None:
    assert masked(text) == "••••" + text[-2:]


def test_masked_names_show_the_first_letter_alone() -> None:
    assert masked_name("王小明") == "王＊＊"
    assert masked_name("Anna Li") == "A…"
