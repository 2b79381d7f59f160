"""The units file: its headings, how a row is read, its template."""

from __future__ import annotations

from collections.abc import Iterator

from tradeshall.core.refusal import Refusal
from tradeshall.core.spreadsheets import Problem, Row, narrow, unmangled
from tradeshall.units.enums import UnitKind
from tradeshall.units.rules import (
    MOST_INDUSTRY,
    MOST_NAME_EN,
    Wanted,
    check_code,
    check_length,
    check_name,
)

HEADINGS: dict[str, tuple[str, ...]] = {
    "code": ("编码", "组织编码", "单位编码", "代码", "unit code"),
    "name": ("名称", "组织名称", "单位名称", "unit name"),
    "parent_code": ("上级编码", "上级组织编码", "上级单位编码", "上级代码", "parent", "parent unit code"),
    "kind": ("类型", "组织类型", "单位类型", "type"),
    "name_en": ("英文名", "英文名称", "english name", "name in english"),
    "industry": ("行业", "所属行业", "sector"),
}
REQUIRED = ("code", "name", "parent_code", "kind")

KIND_WORDS: dict[str, UnitKind] = {
    "总工会": UnitKind.FEDERATION,
    "产业工会": UnitKind.INDUSTRY_UNION,
    "地方工会": UnitKind.REGIONAL,
    "地方总工会": UnitKind.REGIONAL,
    "基层工会": UnitKind.BRANCH,
    "工会小组": UnitKind.GROUP,
    "小组": UnitKind.GROUP,
    "regional federation": UnitKind.REGIONAL,
    "industry union": UnitKind.INDUSTRY_UNION,
    **{kind.value: kind for kind in UnitKind},
}

TEMPLATE: dict[str, list[list[str]]] = {
    "zh-hans": [
        ["编码", "名称", "上级编码", "类型", "英文名", "行业"],
        ["HC", "海川市总工会", "", "总工会", "Haichuan City Federation of Trade Unions", ""],
        ["HC-E", "潮东区总工会", "HC", "地方工会", "Chaodong District Federation", ""],
        ["HC-E-01", "澜栖机械厂工会", "HC-E", "基层工会", "Lanqi Machinery Works Branch", "制造"],
    ],
    "en": [
        ["code", "name", "parent_code", "kind", "name_en", "industry"],
        ["HC", "海川市总工会", "", "federation", "Haichuan City Federation of Trade Unions", ""],
        ["HC-E", "潮东区总工会", "HC", "regional", "Chaodong District Federation", ""],
        ["HC-E-01", "澜栖机械厂工会", "HC-E", "branch", "Lanqi Machinery Works Branch", "manufacturing"],
    ],
}


def code_of(text: str) -> str:
    """Return a code as it is kept: plain characters, a mangled number put right where that is possible."""
    plain = narrow(text).replace(" ", "")
    return unmangled(plain) or plain


def read_unit(row: Row) -> tuple[Wanted, list[Problem]]:
    """Return what a row wants, and what is wrong with its cells taken one by one."""
    values = row.values
    problems = list(row.problems)
    told = {problem.column for problem in problems}
    code, parent_code = code_of(values["code"]), code_of(values["parent_code"])
    kind = KIND_WORDS.get(narrow(values["kind"]).casefold())
    wanted = Wanted(
        row.line,
        code,
        " ".join(values["name"].split()),
        parent_code,
        kind.value if kind else values["kind"][:40],
        " ".join(values["name_en"].split()) or None if "name_en" in values else None,
        values["industry"] or None if "industry" in values else None,
    )
    for column, refusal in _refusals(wanted, values):
        if refusal is not None and column not in told:
            problems.append(Problem(column, refusal.code, refusal.details))
    return wanted, problems


def _refusals(wanted: Wanted, values: dict[str, str]) -> Iterator[tuple[str, Refusal | None]]:
    for column in ("code", "name", "kind"):
        if not values[column]:
            yield column, Refusal("intake:cell:missing")
    for column in ("code", "parent_code"):
        if values[column] and unmangled(narrow(values[column])) is None:
            yield column, Refusal("intake:cell:digits_lost", {"value": values[column][:40]})
        elif values[column]:
            yield column, check_code(code_of(values[column]))
    if wanted.name:
        yield "name", check_name(wanted.name)
    if values["kind"] and narrow(values["kind"]).casefold() not in KIND_WORDS:
        yield "kind", Refusal("units:unit:kind_unknown", {"kind": values["kind"][:40]})
    yield "name_en", check_length(wanted.name_en or "", MOST_NAME_EN, "name_en")
    yield "industry", check_length(wanted.industry or "", MOST_INDUSTRY, "industry")
