"""Pure rules of people: which phone opens what, and what a line of the roster must look like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from tradeshall.core.refusal import Refusal, refuse

CODE_DIGITS = 6
CODE_SECONDS = 5 * 60
CODE_GUESSES = 5
FRESH_SECONDS = 10 * 60
STRANGER_SECONDS = 60 * 60
MOST_NAME = 60

_MEMBER_NO = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,31}")


def normal_phone(text: str) -> str:
    """Return a phone number in the one form in which it is kept and compared; "" if it cannot be one.

    Full-width digits, spaces, dots, dashes and brackets are taken as people write them; +86 and 0086 before a
    mainland mobile number are dropped; other international numbers keep their plus.
    """
    plain = re.sub(r"[\s().\-–—_/·]", "", unicodedata.normalize("NFKC", text))
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    if re.fullmatch(r"\+861\d{10}", plain):
        plain = plain[3:]
    return plain if re.fullmatch(r"\+?\d{5,15}", plain) else ""


def normal_name(text: str) -> str:
    """Return a name as it is compared: width, case and spaces do not tell two people apart."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


class Holder(NamedTuple):
    """What the rules need to know of an account."""

    account_id: int
    phone: str | None
    awaited_phone: str
    holds_role: bool
    lines: tuple[tuple[str, str], ...]  # (phone, name) of each of its current lines of the roster


class Line(NamedTuple):
    """What the rules need to know of a current line of the roster."""

    membership_id: int
    name: str
    holder: Holder | None


def opens_account(phone: str, holder: Holder) -> bool:
    """Answer whether a proven phone opens the account that carries it, without asking which line is meant.

    Numbers are given to other people after a while. So the roster decides for members: if it gives all their
    lines another phone, the old one opens nothing. For someone who holds a role the roster does not decide,
    since an organiser can edit it.
    """
    if holder.phone != phone:
        return False
    given = [number for number, _ in holder.lines if number]
    return holder.holds_role or not given or phone in given


def opens_line(phone: str, line: Line) -> bool:
    """Answer whether a proven phone that a line of the roster carries may take up that line.

    An account with a role is opened only by the phone it has, or the one an administrator expects: else whoever
    may edit the roster could become an administrator.
    """
    holder = line.holder
    if holder is None or not holder.holds_role:
        return True
    return phone in (holder.phone, holder.awaited_phone)


def same_person(line: Line, holder: Holder) -> bool:
    """Answer whether a line without an account belongs to an account that has the same phone."""
    return not holder.lines or normal_name(line.name) in {normal_name(name) for _, name in holder.lines}


def check_member(
    *, member_no: str, name: str, phone: str, joined_on: date, today: date, typed_phone: str
) -> tuple[Refusal | None, ...]:
    """Return what is wrong with a line of the roster."""
    return (
        None
        if _MEMBER_NO.fullmatch(member_no)
        else refuse("people:member:number_malformed", field_name="member_no", number=member_no[:40]),
        None
        if name and len(name) <= MOST_NAME
        else refuse("people:member:name_malformed", field_name="name", most=MOST_NAME),
        None
        if phone or not typed_phone
        else refuse("people:member:phone_malformed", field_name="phone", phone=typed_phone[:40]),
        None
        if joined_on <= today
        else refuse("people:member:joins_in_future", field_name="joined_on", day=joined_on),
    )


def check_end(*, joined_on: date, ended_on: date | None, ends_on: date) -> tuple[Refusal | None, ...]:
    """Return why a membership may not end on a day."""
    return (
        refuse("people:member:ended_already", day=ended_on) if ended_on is not None and ended_on <= ends_on else None,
        refuse("people:member:ends_before_it_began", field_name="ended_on", day=joined_on)
        if ends_on < joined_on
        else None,
    )


def check_phone_change(*, before: str, after: str, holds_role: bool, may_grant: bool) -> Refusal | None:
    """Refuse that the phone of someone with a role is changed by an actor who may not grant roles there."""
    if before != after and holds_role and not may_grant:
        return refuse("people:member:phone_of_role_holder", field_name="phone")
    return None


def masked(text: str, keep: int = 2) -> str:
    """Return a text of which only the end can be read; the journal and sign-in pages show no more, nor its length."""
    if not text:
        return ""
    return "••••" + (text[-keep:] if len(text) > keep else "")


def masked_name(name: str) -> str:
    """Return a name of which only the first letter can be read."""
    return name[:1] + "＊" * max(len(name.strip()) - 1, 1) if name.isascii() is False else name[:1] + "…"


def phones_of(holder: Holder) -> Collection[str]:
    """Return the phones the roster gives for an account."""
    return {phone for phone, _ in holder.lines if phone}
