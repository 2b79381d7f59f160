"""The tree as a whole: which rows of a file fit, and where everything stands afterwards."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tradeshall.units.enums import MOST_LEVELS
from tradeshall.units.rules import Judgement, Known, Wanted, check_code, judge_units, place_units

EVERYWHERE = lambda path: True  # noqa: E731


def tree_of(parents: dict[str, str], ended: frozenset[str] = frozenset()) -> dict[str, Known]:
    """Return a tree of units under the root R; `parents` is in any order."""
    known = {"R": Known(1, "R", "R", "", "federation", "", "", "1/", 1, False)}
    keys = {code: number for number, code in enumerate(parents, 2)}
    while len(known) <= len(parents):
        for code, parent in parents.items():
            if code not in known and parent in known:
                above = known[parent]
                path = f"{above.path}{keys[code]}/"
                known[code] = Known(
                    keys[code], code, code, "", "branch", "", parent, path, above.depth + 1, code in ended
                )
    return known


def rows(*pairs: tuple[str, str]) -> list[Wanted]:
    return [
        Wanted(line, code, code, parent, "federation" if code == "R" else "branch", None, None)
        for line, (code, parent) in enumerate(pairs, 2)
    ]


def codes(judgements: dict[int, Judgement]) -> dict[int, list[str]]:
    return {line: [f.refusal.code for f in one.faults] for line, one in judgements.items() if one.faults}


def judged(known: dict[str, Known], *pairs: tuple[str, str]) -> dict[int, list[str]]:
    return codes(judge_units(known, rows(*pairs), EVERYWHERE))


def test_rows_may_stand_in_any_order() -> None:
    assert judged(tree_of({}), ("C", "B"), ("B", "A"), ("A", "R")) == {}


def test_an_orphan_is_refused_and_all_beneath_it() -> None:
    assert judged(tree_of({}), ("C", "B"), ("B", "A"), ("A", "X")) == {
        2: ["units:import:parent_refused"],
        3: ["units:import:parent_refused"],
        4: ["units:import:no_parent"],
    }


def test_a_code_that_stands_twice_is_refused_each_time_with_what_is_beneath() -> None:
    assert judged(tree_of({}), ("A", "R"), ("A", "R"), ("B", "A")) == {
        2: ["units:import:code_twice"],
        3: ["units:import:code_twice"],
        4: ["units:import:parent_refused"],
    }


def test_a_circle_of_new_units_is_refused() -> None:
    found = judge_units(tree_of({}), rows(("A", "C"), ("B", "A"), ("C", "B"), ("D", "C")), EVERYWHERE)
    assert codes(found) == {
        2: ["units:unit:cycle"],
        3: ["units:unit:cycle"],
        4: ["units:unit:cycle"],
        5: ["units:import:parent_refused"],
    }
    assert "→" in str(found[2].faults[0].refusal.details["chain"])


def test_a_unit_cannot_move_beneath_what_is_beneath_it() -> None:
    known = tree_of({"A": "R", "B": "A", "C": "B"})
    assert judged(known, ("A", "C")) == {2: ["units:unit:cycle"]}


def test_two_units_may_change_places() -> None:
    known = tree_of({"A": "R", "B": "A"})
    assert judged(known, ("A", "B"), ("B", "R")) == {}


def test_a_refused_row_may_make_another_one_circular() -> None:
    """B would have gone out of the way, but its row is refused, so A would come to stand beneath itself."""
    known = tree_of({"A": "R", "B": "A", "C": "B"})
    assert judged(known, ("A", "C"), ("B", "X")) == {2: ["units:unit:cycle"], 3: ["units:import:no_parent"]}


def test_a_chain_of_more_than_twenty_levels_is_refused_where_it_is_too_deep() -> None:
    chain = [(f"U{n}", "R" if n == 2 else f"U{n - 1}") for n in range(2, 23)]
    assert judged(tree_of({}), *chain[:19]) == {}
    assert judged(tree_of({}), *chain) == {
        21: ["units:unit:too_deep"],
        22: ["units:unit:too_deep"],
    }


def test_a_move_that_takes_others_below_the_last_level_is_refused() -> None:
    deep = {f"U{n}": "R" if n == 2 else f"U{n - 1}" for n in range(2, 13)}
    low = {f"V{n}": "R" if n == 2 else f"V{n - 1}" for n in range(2, 12)}
    known = tree_of(deep | low)
    assert judged(known, ("V2", "U11")) == {2: ["units:unit:too_deep"]}
    assert judged(known, ("V2", "U10")) == {}


def test_kinds_parents_and_ends_are_heeded() -> None:
    known = tree_of({"A": "R", "E": "R"}, ended=frozenset({"E"}))
    assert judged(known, ("B", ""), ("C", "E"), ("E", "R"), ("R", "A")) == {
        2: ["units:import:parent_missing"],
        3: ["units:unit:ended"],
        4: ["units:unit:ended"],
        5: ["units:unit:root_stays"],
    }
    second_root = [Wanted(2, "F", "F", "R", "federation", None, None), Wanted(3, "R", "R", "", "branch", None, None)]
    assert codes(judge_units(known, second_root, EVERYWHERE)) == {
        2: ["units:unit:one_federation"],
        3: ["units:unit:one_federation"],
    }


def test_a_code_that_lost_its_zeros_is_told_from_an_unknown_one() -> None:
    known = tree_of({"0012": "R"})
    found = judge_units(known, rows(("A", "12"), ("B", "13")), EVERYWHERE)
    assert codes(found) == {2: ["units:import:zeros_lost"], 3: ["units:import:no_parent"]}
    assert found[2].faults[0].refusal.details["meant"] == "0012"


def test_out_of_reach_is_refused_and_not_told_from_absent() -> None:
    known = tree_of({"OWN": "R", "SIB": "R", "OWN1": "OWN", "SIB1": "SIB"})
    reaches = lambda path: path.startswith(known["OWN"].path)  # noqa: E731
    found = judge_units(
        known,
        rows(("N1", "OWN1"), ("N2", "SIB"), ("N3", "NONE"), ("SIB1", "OWN"), ("OWN1", "SIB"), ("OWN", "OWN1")),
        reaches,
    )
    assert codes(found) == {
        3: ["units:import:no_parent"],
        4: ["units:import:no_parent"],
        5: ["units:import:outside", "units:import:outside"],
        6: ["units:import:no_parent"],
        7: ["units:import:outside"],
    }


def test_what_differs_is_told_field_by_field() -> None:
    known = tree_of({"A": "R", "B": "R"})
    (one,) = judge_units(known, [Wanted(2, "A", "新名", "B", "group", None, "制造")], EVERYWHERE).values()
    assert one == Judgement((), False, ("name", "parent_code", "kind", "industry"))
    (same,) = judge_units(known, [Wanted(2, "A", "A", "R", "branch", None, None)], EVERYWHERE).values()
    assert same == Judgement()


CODES = [f"U{n}" for n in range(9)]
FILES = st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from([*CODES, "R", "X"])), max_size=12)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str]:
    parents: dict[str, str] = {}
    for code in draw(st.lists(st.sampled_from(CODES), unique=True, max_size=7)):
        parents[code] = draw(st.sampled_from(["R", *parents]))
    return parents


@given(tree=trees(), file=FILES)
@settings(max_examples=400, deadline=None)
def test_good_rows_always_leave_a_sound_tree(tree: dict[str, str], file: list[tuple[str, str]]) -> None:
    known = tree_of(tree)
    wanted = rows(*file)
    judgements = judge_units(known, wanted, EVERYWHERE)
    good = [row for row in wanted if not judgements[row.line].faults]
    after = {code: unit.parent_code for code, unit in known.items()} | {row.code: row.parent_code for row in good}
    paths = {}
    keys = {row.code: 100 + row.line for row in good if judgements[row.line].is_new}
    for code in after:
        chain = [code]
        while after[chain[-1]]:
            chain.append(after[chain[-1]])  # KeyError: a parent that is not there
            assert len(chain) <= MOST_LEVELS  # a circle would go on for ever
        paths[code] = "".join(f"{keys.get(one) or known[one].pk}/" for one in reversed(chain))
    parents = {
        row.code: row.parent_code
        for row in good
        if judgements[row.line].is_new or "parent_code" in judgements[row.line].changed
    }
    placed = place_units(known, parents, keys)
    found = {code: unit.path for code, unit in known.items()} | {code: path for code, (path, _) in placed.items()}
    assert found == paths
    assert all(depth == path.count("/") for path, depth in placed.values())


@given(tree=trees())
def test_a_file_of_the_tree_itself_changes_nothing(tree: dict[str, str]) -> None:
    known = tree_of(tree)
    wanted = rows(*((unit.code, unit.parent_code) for unit in known.values()))
    assert set(judge_units(known, wanted, EVERYWHERE).values()) == {Judgement()}


@given(st.text(max_size=50))
def test_check_code_takes_only_what_a_spreadsheet_cannot_take_for_a_formula(code: str) -> None:
    if check_code(code) is None:
        assert code[0] not in "=+-@"
        assert len(code) <= 40
        assert code == code.strip()
