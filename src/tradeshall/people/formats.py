"""The roster file: its headings, how a row is read, its template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from tradeshall.core.refusal import Refusal
from tradeshall.core.spreadsheets import Problem, Row, narrow, parse_date, unmangled
from tradeshall.people.rules import check_member, normal_phone

HEADINGS: dict[str, tuple[str, ...]] = {
    "member_no": ("会员号", "会员编号", "会员证号", "member number", "membership number"),
    "name": ("姓名", "会员姓名", "full name"),
    "phone": ("手机", "手机号", "手机号码", "联系电话", "电话", "mobile", "phone number"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "e-mail"),
    "unit_code": ("单位编码", "组织编码", "工会编码", "所属组织编码", "unit"),
    "joined_on": ("入会日期", "入会时间", "加入日期", "joined", "date joined"),
}
REQUIRED = ("member_no", "name", "unit_code")

TEMPLATE: dict[str, list[list[str]]] = {
    "zh-hans": [
        ["会员号", "姓名", "手机", "邮箱", "单位编码", "入会日期"],
        ["HC0000001", "徐清蓉", "19400000001", "", "HC-E-01", "2022-09-18"],
        ["HC0000002", "文蕊", "19400000002", "wenrui@example.invalid", "HC-E-01", "2016年12月14日"],
    ],
    "en": [
        ["member_no", "name", "phone", "email", "unit_code", "joined_on"],
        ["HC0000001", "徐清蓉", "19400000001", "", "HC-E-01", "2022-09-18"],
        ["HC0000002", "文蕊", "19400000002", "wenrui@example.invalid", "HC-E-01", "2016/12/14"],
    ],
}

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


class Line(NamedTuple):
    """A row of a roster file. "" or None in an optional field leaves what is there."""

    line: int
    member_no: str
    name: str
    phone: str
    email: str
    unit_code: str
    joined_on: date | None


def plain_number(text: str) -> str:
    """Return a number or code as it is kept: plain characters, what a spreadsheet did to it undone if possible."""
    plain = narrow(text).replace(" ", "")
    return unmangled(plain) or plain


def read_line(row: Row, today: date) -> tuple[Line, list[Problem]]:
    """Return what a row says, and what is wrong with its cells taken one by one."""
    values = row.values
    line = Line(
        row.line,
        plain_number(values["member_no"]),
        " ".join(values["name"].split()),
        normal_phone(plain_number(values.get("phone", ""))),
        narrow(values.get("email", "")),
        plain_number(values["unit_code"]),
        parse_date(values["joined_on"]) if values.get("joined_on") else None,
    )
    problems = list(row.problems)
    told = {problem.column for problem in problems}
    for column, refusal in _refusals(line, values, today):
        if refusal is not None and column not in told:
            told.add(column)
            problems.append(Problem(column, refusal.code, refusal.details))
    return line, problems


def _refusals(line: Line, values: dict[str, str], today: date) -> Iterator[tuple[str, Refusal | None]]:
    for column in ("member_no", "name", "unit_code"):
        if not values[column]:
            yield column, Refusal("intake:cell:missing")
    for column in ("member_no", "phone", "unit_code"):
        if unmangled(narrow(values.get(column, "")).replace(" ", "")) is None:
            yield column, Refusal("intake:cell:digits_lost", {"value": values[column][:40]})
    if values.get("joined_on") and line.joined_on is None:
        yield "joined_on", Refusal("intake:cell:bad_date", {"value": values["joined_on"][:40]})
    if len(line.email) > 254 or (line.email and not _EMAIL.fullmatch(line.email)):
        yield "email", Refusal("people:import:email_malformed", {"email": line.email[:40]})
    for refusal in check_member(
        member_no=line.member_no,
        name=line.name,
        phone=line.phone,
        joined_on=line.joined_on or today,
        today=today,
        typed_phone=values.get("phone", ""),
    ):
        if refusal is not None:
            yield refusal.field_name, refusal
