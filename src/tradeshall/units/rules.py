"""Pure rules of the tree and its grants."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from tradeshall.core.authority import Role
from tradeshall.core.refusal import Refusal, refuse
from tradeshall.units.enums import MOST_LEVELS, UnitKind


class Held(NamedTuple):
    """A role held in a unit; `whole_subtree` is false only for what follows from a membership."""

    role: Role
    path: str
    campaign_number: str = ""
    whole_subtree: bool = True


def covers(held: Held, unit_path: str) -> bool:
    """Answer whether a held role reaches a unit."""
    return unit_path.startswith(held.path) if held.whole_subtree else unit_path == held.path


def paths_with(held: Iterable[Held], roles: frozenset[Role]) -> list[Held]:
    """Return those of the held roles that are among `roles`, without any that another one covers."""
    found: list[Held] = []
    for one in sorted((h for h in held if h.role in roles), key=lambda h: (len(h.path), not h.whole_subtree)):
        if not any(
            covers(other, one.path)
            and other.whole_subtree >= one.whole_subtree
            and other.campaign_number in ("", one.campaign_number)
            for other in found
        ):
            found.append(one)
    return found


MOST_CODE = 40
MOST_NAME = 120
MOST_NAME_EN = 160
MOST_INDUSTRY = 60

_CODE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff._/-]{0,39}")


def check_code(code: str) -> Refusal | None:
    """Refuse what cannot be a unit's code."""
    if _CODE.fullmatch(code):
        return None
    return refuse("units:unit:code_malformed", field_name="code", code=code[:MOST_CODE])


def check_name(name: str) -> Refusal | None:
    """Refuse an empty or too long name."""
    if 0 < len(name) <= MOST_NAME:
        return None
    return refuse("units:unit:name_malformed", field_name="name", most=MOST_NAME)


def check_length(text: str, most: int, field_name: str) -> Refusal | None:
    """Refuse a text longer than it can be kept."""
    return refuse("units:unit:text_too_long", field_name=field_name, most=most) if len(text) > most else None


def check_kind(kind: str, *, is_root: bool) -> Refusal | None:
    """Refuse an unknown kind, a second federation, and a root that is none."""
    if kind not in {one.value for one in UnitKind}:
        return refuse("units:unit:kind_unknown", field_name="kind", kind=kind[:MOST_CODE])
    if (kind == UnitKind.FEDERATION.value) is not is_root:
        return refuse("units:unit:one_federation", field_name="kind")
    return None


def check_place(*, path: str, lowest_depth: int, new_parent_path: str, new_parent_depth: int) -> Refusal | None:
    """Refuse that a unit (`path` "" for a new one) with a subtree of so many levels moves beneath another."""
    if path and new_parent_path.startswith(path):
        return refuse("units:unit:beneath_itself", field_name="parent")
    if new_parent_depth + lowest_depth > MOST_LEVELS:
        return refuse("units:unit:too_deep", field_name="parent", most=MOST_LEVELS)
    return None


def check_last_administrator(*, is_one: bool, others: int) -> Refusal | None:
    """Refuse to end the last open-ended administrator of the federation."""
    return refuse("units:grant:last_administrator") if is_one and not others else None


class Known(NamedTuple):
    """A unit of the tree as an import sees it."""

    pk: int
    code: str
    name: str
    name_en: str
    kind: str
    industry: str
    parent_code: str
    path: str
    depth: int
    is_ended: bool


class Wanted(NamedTuple):
    """A row of a units file. None in an optional field leaves what is there."""

    line: int
    code: str
    name: str
    parent_code: str
    kind: str
    name_en: str | None
    industry: str | None


class Fault(NamedTuple):
    """What is wrong with a row."""

    column: str
    refusal: Refusal


SPOILED = Fault("", Refusal("units:import:spoiled"))
"""Stands for the problems of single cells, which are told elsewhere."""


class Judgement(NamedTuple):
    """What a row would do: its faults, or whether it adds, changes (which fields) or leaves things as they are."""

    faults: tuple[Fault, ...] = ()
    is_new: bool = False
    changed: tuple[str, ...] = ()


def judge_units(
    known: Mapping[str, Known],
    wanted: Sequence[Wanted],
    reaches: Callable[[str], bool],
    spoiled: Collection[int] = (),
) -> dict[int, Judgement]:
    """Return for each line what it would do to the tree, all rows taken together.

    `reaches` says whether the actor may import at a path. A unit that moves must be reached where it is, its old and
    its new parent too. Absent and out of reach are one answer. `spoiled` are lines refused already, cell by cell.
    The rows that are not refused can be applied without the others.
    """
    faults: dict[int, list[Fault]] = {row.line: [SPOILED] if row.line in spoiled else [] for row in wanted}
    lines_of: dict[str, list[int]] = {}
    for row in wanted:
        if row.code:
            lines_of.setdefault(row.code, []).append(row.line)
    rows: dict[str, Wanted] = {row.code: row for row in wanted if len(lines_of.get(row.code, ())) == 1}
    root_code = next((unit.code for unit in known.values() if not unit.parent_code), "")
    by_plain_number = {unit.code.lstrip("0"): unit.code for unit in known.values() if unit.code.startswith("0")}

    for row in wanted:
        found = faults[row.line]
        if len(lines_of.get(row.code, ())) > 1:
            lines = ", ".join(str(line) for line in lines_of[row.code][:10])
            found.append(Fault("code", refuse("units:import:code_twice", code=row.code, lines=lines)))
        if found:
            continue
        unit = known.get(row.code)
        refusal = check_kind(row.kind, is_root=unit is not None and row.code == root_code)
        if refusal:
            found.append(Fault("kind", refusal))
        if unit is not None:
            if unit.is_ended:
                found.append(Fault("code", refuse("units:unit:ended", code=row.code)))
            elif not reaches(unit.path):
                found.append(Fault("code", refuse("units:import:outside")))
        found.extend(_parent_faults(row, unit, known, lines_of, root_code, by_plain_number, reaches))

    # Every row that is refused leaves a unit where it was, which may close a circle or lengthen a chain elsewhere.
    _pass_down(known, rows, faults)
    while _find_cycles(known, rows, faults) or _find_depths(known, rows, faults):
        _pass_down(known, rows, faults)
    return {row.line: _verdict(row, known.get(row.code), tuple(faults[row.line])) for row in wanted}


def _parent_faults(
    row: Wanted,
    unit: Known | None,
    known: Mapping[str, Known],
    lines_of: Mapping[str, list[int]],
    root_code: str,
    by_plain_number: Mapping[str, str],
    reaches: Callable[[str], bool],
) -> list[Fault]:
    if not row.parent_code:
        if row.code == root_code:
            return []
        return [Fault("parent_code", refuse("units:import:parent_missing", code=root_code))]
    if row.code == root_code:
        return [Fault("parent_code", refuse("units:unit:root_stays"))]
    parent = known.get(row.parent_code)
    if parent is None and row.parent_code not in lines_of:
        meant = by_plain_number.get(row.parent_code)
        if meant:
            return [Fault("parent_code", refuse("units:import:zeros_lost", code=row.parent_code, meant=meant))]
        return [Fault("parent_code", refuse("units:import:no_parent", code=row.parent_code))]
    if parent is None:
        above = lines_of[row.parent_code]
        return [Fault("parent_code", refuse("units:import:parent_refused", line=above[0]))] if len(above) > 1 else []
    if unit is not None and unit.parent_code == row.parent_code:
        return []  # it stays where it is, and the unit itself is reached
    if not reaches(parent.path):
        return [Fault("parent_code", refuse("units:import:no_parent", code=row.parent_code))]
    if parent.is_ended:
        return [Fault("parent_code", refuse("units:unit:ended", code=parent.code))]
    if unit is not None and not reaches(unit.path.removesuffix(f"{unit.pk}/")):
        return [Fault("parent_code", refuse("units:import:outside"))]
    return []


def _parent_of(code: str, known: Mapping[str, Known], rows: Mapping[str, Wanted]) -> str:
    row = rows.get(code)
    if row is not None:
        return row.parent_code
    unit = known.get(code)
    return unit.parent_code if unit is not None else ""


def _good(rows: Mapping[str, Wanted], faults: Mapping[int, list[Fault]]) -> dict[str, Wanted]:
    return {code: row for code, row in rows.items() if not faults[row.line]}


def _find_cycles(known: Mapping[str, Known], rows: Mapping[str, Wanted], faults: dict[int, list[Fault]]) -> bool:
    """Refuse rows that close a circle; answer whether there was one."""
    good = _good(rows, faults)
    found = False
    done: set[str] = set()
    for start in good:
        chain: list[str] = []
        place: dict[str, int] = {}
        code = start
        while code and code not in done and code not in place:
            place[code] = len(chain)
            chain.append(code)
            code = _parent_of(code, known, good)
        if code in place:
            found = True
            circle = chain[place[code] :]
            shown = " → ".join([*circle[:6], *(["…"] if len(circle) > 6 else []), circle[0]])
            for one in circle:
                if one in good:
                    faults[good[one].line].append(Fault("parent_code", refuse("units:unit:cycle", chain=shown)))
        done.update(chain)
    return found


def _pass_down(known: Mapping[str, Known], rows: Mapping[str, Wanted], faults: dict[int, list[Fault]]) -> None:
    """Refuse what stands beneath a new unit whose row is refused, however deep, naming the row above."""
    beneath: dict[str, list[Wanted]] = {}
    for row in rows.values():
        beneath.setdefault(row.parent_code, []).append(row)
    refused = [row for row in rows.values() if faults[row.line] and row.code not in known]
    while refused:
        above = refused.pop()
        for row in beneath.get(above.code, ()):
            if not faults[row.line]:
                refusal = refuse("units:import:parent_refused", line=above.line)
                faults[row.line].append(Fault("parent_code", refusal))
                if row.code not in known:
                    refused.append(row)


def _find_depths(known: Mapping[str, Known], rows: Mapping[str, Wanted], faults: dict[int, list[Fault]]) -> bool:
    """Refuse rows that take themselves, or what hangs beneath them already, below the last level."""
    good = _good(rows, faults)
    depths: dict[str, int] = {}
    for start in (*good, *known):
        chain: list[str] = []
        code = start
        while code and code not in depths:
            chain.append(code)
            code = _parent_of(code, known, good)
        depth = depths.get(code, 0)
        for one in reversed(chain):
            depth += 1
            depths[one] = depth
    found = False
    for deep in [code for code, depth in depths.items() if depth > MOST_LEVELS]:
        code = deep
        while code and code not in good:  # a unit that only hangs beneath what the file moves
            code = _parent_of(code, known, good)
        if code and not faults[good[code].line]:
            found = True
            faults[good[code].line].append(Fault("parent_code", refuse("units:unit:too_deep", most=MOST_LEVELS)))
    return found


def _verdict(row: Wanted, unit: Known | None, faults: tuple[Fault, ...]) -> Judgement:
    if faults or unit is None:
        return Judgement(faults, is_new=unit is None)
    pairs = {
        "name": (unit.name, row.name),
        "parent_code": (unit.parent_code, row.parent_code),
        "kind": (unit.kind, row.kind),
        "name_en": (unit.name_en, row.name_en),
        "industry": (unit.industry, row.industry),
    }
    return Judgement(
        changed=tuple(k for k, (before, after) in pairs.items() if after is not None and after != before)
    )


def place_units(
    known: Mapping[str, Known], parents: Mapping[str, str], keys: Mapping[str, int]
) -> dict[str, tuple[str, int]]:
    """Return (path, depth) of every unit that is new or stands elsewhere than before, each after the one above it.

    `parents` maps the codes of new and moved units to their parents' codes, `keys` those of new units to their keys.
    """
    beneath: dict[str, list[str]] = {}
    for unit in known.values():
        if unit.code not in parents:
            beneath.setdefault(unit.parent_code, []).append(unit.code)
    for code, parent_code in parents.items():
        beneath.setdefault(parent_code, []).append(code)
    placed: dict[str, tuple[str, int]] = {}
    # first those whose parent stays where it is, then whatever hangs beneath them
    todo = [code for code in parents if not _moves(parents[code], known, parents)]
    while todo:
        code = todo.pop()
        parent_code = parents.get(code) or known[code].parent_code
        if parent_code in placed:
            path, depth = placed[parent_code]
        else:
            path, depth = known[parent_code].path, known[parent_code].depth
        key = keys.get(code) or known[code].pk
        placed[code] = (f"{path}{key}/", depth + 1)
        todo.extend(beneath.get(code, ()))
    return placed


def _moves(code: str, known: Mapping[str, Known], parents: Mapping[str, str]) -> bool:
    """Answer whether a unit is new, or moves itself or with one above it."""
    while code:
        if code in parents:
            return True
        unit = known.get(code)
        code = unit.parent_code if unit is not None else ""
    return False
