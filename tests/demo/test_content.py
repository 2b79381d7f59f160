"""The demonstration federation is content that people read: it is held to rules like code."""

import csv
import importlib.util
import io
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[2] / "demo"
KINDS = {"总工会", "产业工会", "地方工会", "基层工会", "工会小组"}
# The kinds that may stand above a kind.
PARENTS = {
    "产业工会": {"总工会"},
    "地方工会": {"总工会"},
    "基层工会": {"产业工会", "地方工会"},
    "工会小组": {"基层工会"},
}
UNIT_HEADINGS = ["编码", "名称", "上级编码", "类型", "英文名", "行业"]
ROSTER_HEADINGS = ["会员号", "姓名", "手机", "邮箱", "单位编码", "入会日期"]
ENGLISH = {
    "题型": "form",
    "题干": "stem",
    "答案": "answer",
    "解析": "explanation",
    "难度": "difficulty",
    "标签": "tags",
    "出处": "source",
} | {f"选项{letter}": f"option_{letter.lower()}" for letter in "ABCDEF"}
ITEM_HEADINGS = [
    "题型",
    "题干",
    *(f"选项{letter}" for letter in "ABCDEF"),
    "答案",
    "解析",
    "难度",
    "标签",
    "出处",
]
FORMS = {"单选": "single", "多选": "multiple", "判断": "true_false"}
TRUE_OR_FALSE = {"对": "true", "错": "false"}
THEMES = {
    "items-zh.csv": {"劳动史": 75, "安全生产": 75, "劳动法": 75},
    "items-en.csv": {"labour history": 20, "safety at work": 20, "labour law": 20},
}
ITEM_FILES = sorted(THEMES)


def read(name):
    text = (DEMO / name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_items(name):
    """This function will return the items of a file under English names, whatever its headings."""
    items = []
    for row in read(name):
        item = {ENGLISH.get(heading, heading): value for heading, value in row.items()}
        item["form"] = FORMS.get(item["form"], item["form"])
        item["answer"] = TRUE_OR_FALSE.get(item["answer"], item["answer"])
        options = [item[f"option_{letter}"] for letter in "abcdef"]
        item["options"] = [option for option in options if option]
        assert options[: len(item["options"])] == item["options"], f"a gap in the options: {item['stem']}"
        items.append(item)
    return items


def right_options(item):
    return ["ABCDEF".index(letter) for letter in item["answer"]]


@pytest.fixture(scope="module")
def units():
    return read("units.csv")


@pytest.fixture(scope="module")
def roster():
    return read("roster.csv")


@pytest.fixture(params=ITEM_FILES)
def items(request):
    return read_items(request.param)


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("units.csv", UNIT_HEADINGS),
        ("roster.csv", ROSTER_HEADINGS),
        ("items-zh.csv", ITEM_HEADINGS),
        ("items-en.csv", [ENGLISH[heading] for heading in ITEM_HEADINGS]),
    ],
)
def test_read_files_have_their_headings_and_full_rows(name, headings):
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == headings
    assert {len(row) for row in rows} == {len(headings)}
    assert not [cell for row in rows for cell in row if cell != cell.strip()]


def test_read_files_start_no_cell_like_a_formula():
    for name in ("units.csv", "roster.csv", *ITEM_FILES):
        cells = [cell for row in read(name) for cell in row.values()]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


# The tree


def test_units_count_four_levels(units):
    kinds = Counter(unit["类型"] for unit in units)
    assert set(kinds) == KINDS
    assert kinds["总工会"] == 1
    assert kinds["地方工会"] + kinds["产业工会"] == 10
    assert 45 <= kinds["基层工会"] <= 55
    assert 140 <= len(units) <= 160


def test_units_stand_under_a_unit_that_may_hold_them(units):
    by_code = {unit["编码"]: unit for unit in units}
    assert len(by_code) == len(units)
    for unit in units:
        if unit["类型"] == "总工会":
            assert unit["上级编码"] == ""
        else:
            assert by_code[unit["上级编码"]]["类型"] in PARENTS[unit["类型"]], unit


def test_units_codes_tell_their_parent(units):
    for unit in units:
        if unit["上级编码"]:
            assert unit["编码"].rpartition("-")[0] == unit["上级编码"]
            assert re.fullmatch(r"HC(-[A-Z]{1,2})(-\d\d){0,2}", unit["编码"]), unit


def test_units_names_are_whole_and_differ_among_siblings(units):
    for column in ("名称", "英文名"):
        names = Counter((unit["上级编码"], unit[column]) for unit in units)
        assert max(names.values()) == 1
        assert all(unit[column] for unit in units)
    assert all(unit["行业"] for unit in units if unit["类型"] == "基层工会")


# The roster


def test_roster_counts_about_three_thousand(roster):
    assert 2900 <= len(roster) <= 3100
    assert [line["会员号"] for line in roster] == [f"HC{n:07d}" for n in range(1, len(roster) + 1)]


def test_roster_lines_name_a_branch_or_group(roster, units):
    kinds = {unit["编码"]: unit["类型"] for unit in units}
    assert {kinds[line["单位编码"]] for line in roster} == {"基层工会", "工会小组"}


def test_roster_phones_are_from_the_invented_range(roster):
    assert all(re.fullmatch(r"1940000\d{4}", line["手机"]) for line in roster)


def test_roster_shares_a_few_phones_between_two_lines(roster):
    shared = [count for count in Counter(line["手机"] for line in roster).values() if count > 1]
    assert 3 <= len(shared) <= 10
    assert set(shared) == {2}


def test_roster_emails_are_mostly_empty_and_never_real(roster):
    emails = [line["邮箱"] for line in roster if line["邮箱"]]
    assert 0 < len(emails) < len(roster) / 10
    assert all(email.endswith("@example.invalid") for email in emails)


def test_roster_dates_are_past_and_written_one_way(roster):
    for line in roster:
        joined = date.fromisoformat(line["入会日期"])
        assert joined.isoformat() == line["入会日期"]
        assert date(1990, 1, 1) <= joined <= date(2026, 6, 30)


def test_roster_branches_vary_and_some_are_too_small_for_a_board(roster):
    sizes = Counter("-".join(line["单位编码"].split("-")[:3]) for line in roster)
    assert len(sizes) == 50
    assert min(sizes.values()) == 8
    assert max(sizes.values()) == 160
    assert 4 <= sum(size < 30 for size in sizes.values()) <= 10


def test_roster_names_are_of_several_peoples_and_lengths(roster):
    names = [line["姓名"] for line in roster]
    assert sum(len(name) == 2 for name in names) > len(names) / 10
    assert sum("·" in name for name in names) > 20
    assert sum(name.startswith(("欧阳", "上官", "诸葛", "慕容", "尉迟")) for name in names) > 5
    assert Counter(names).most_common(1)[0][1] <= 10


def test_make_roster_writes_the_roster_again(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("make_roster", DEMO / "make_roster.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    (tmp_path / "units.csv").write_bytes((DEMO / "units.csv").read_bytes())
    monkeypatch.setattr(script, "HERE", tmp_path)
    script.main()
    assert (tmp_path / "roster.csv").read_bytes() == (DEMO / "roster.csv").read_bytes()


# The items


@pytest.mark.parametrize("name", ITEM_FILES)
def test_items_count_enough_of_every_theme(name):
    themes = Counter(item["tags"].split(";")[0] for item in read_items(name))
    assert set(themes) == set(THEMES[name])
    for theme, least in THEMES[name].items():
        assert themes[theme] >= least


def test_items_are_of_three_forms_in_proportion(items):
    forms = Counter(item["form"] for item in items)
    assert set(forms) == {"single", "multiple", "true_false"}
    assert 0.55 <= forms["single"] / len(items) <= 0.67
    assert 0.15 <= forms["multiple"] / len(items) <= 0.25
    assert 0.15 <= forms["true_false"] / len(items) <= 0.25


def test_items_have_options_and_an_answer_that_fit_their_form(items):
    for item in items:
        options = item["options"]
        assert len(set(options)) == len(options), item
        if item["form"] == "true_false":
            assert options == []
            assert item["answer"] in ("true", "false")
            continue
        letters = item["answer"]
        assert letters == "".join(sorted(set(letters)))
        assert max(right_options(item)) < len(options)
        if item["form"] == "single":
            assert (len(options), len(letters)) == (4, 1), item
        else:
            assert len(options) in (4, 5)
            assert 2 <= len(letters) <= 4
            assert len(letters) < len(options), item


def test_items_right_letters_are_balanced(items):
    letters = Counter(item["answer"] for item in items if item["form"] == "single")
    for letter in "ABCD":
        assert 0.22 <= letters[letter] / letters.total() <= 0.28
    verdicts = Counter(item["answer"] for item in items if item["form"] == "true_false")
    assert 0.45 <= verdicts["true"] / verdicts.total() <= 0.55


def test_items_right_option_is_seldom_the_longest(items):
    singles = [item for item in items if item["form"] == "single"]
    longest = 0
    for item in singles:
        (right,) = right_options(item)
        others = [len(option) for n, option in enumerate(item["options"]) if n != right]
        longest += len(item["options"][right]) > max(others)
    assert longest / len(singles) < 0.4


def test_items_multiple_choice_varies_in_how_many_are_right(items):
    counts = Counter(len(item["answer"]) for item in items if item["form"] == "multiple")
    assert set(counts) == {2, 3, 4}
    assert max(counts.values()) / counts.total() <= 0.75


def test_items_offer_no_option_about_the_other_options(items):
    about_others = re.compile(r"以上(各|均|都|全)|都对|都不对|(all|none) of (the above|these)", re.IGNORECASE)
    assert not [item for item in items if about_others.search(" ".join(item["options"]))]


@pytest.mark.parametrize("name", ITEM_FILES)
def test_items_are_not_asked_twice(name):
    stems = Counter(re.sub(r"\W", "", item["stem"]).lower() for item in read_items(name))
    assert [stem for stem, count in stems.items() if count > 1] == []


def test_items_explain_themselves_in_a_sentence_or_two(items):
    for item in items:
        assert item["explanation"].endswith(("。", ".")), item
        assert len(item["explanation"]) <= 160, item


def test_items_have_difficulty_and_tags(items):
    assert {item["difficulty"] for item in items} <= set("12345")
    assert len({item["difficulty"] for item in items}) >= 4
    assert all(all(tag and tag == tag.strip() for tag in item["tags"].split(";")) for item in items)


def test_items_name_their_source_and_no_web_address(items):
    for item in items:
        assert len(item["source"]) >= 4, item
        words = " ".join([item["stem"], *item["options"], item["explanation"], item["source"]])
        assert not re.search(r"https?:|www\.|\.(com|org|gov|cn|int|net)\b", words), item


def test_items_that_cite_a_chinese_law_cite_its_article():
    for item in read_items("items-zh.csv"):
        if re.match(r"《[^》]*法》(?!（)", item["source"]):
            assert re.search(r"》第[一二三四五六七八九十百零]+条", item["source"]), item


# GIFT


@pytest.fixture(scope="module")
def gift():
    text = (DEMO / "items-en-extra.gift").read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("//"))
    return [block for block in re.split(r"\n\s*\n(?=::)", body.strip()) if block]


def test_gift_counts_eight_items_with_titles(gift):
    assert len(gift) == 8
    assert len({block.split("::")[1] for block in gift}) == 8


def test_gift_items_end_their_feedback_with_a_source(gift):
    for block in gift:
        feedback = block.rpartition("####")[2]
        assert re.search(r"Source: \S.+\.\s*}\s*$", feedback, re.S), block
        assert "http" not in block


def test_gift_items_have_one_right_answer_or_shares_that_make_a_whole(gift):
    for block in gift:
        answers = block[block.index("{") + 1 : block.index("####")]
        if answers in ("TRUE", "FALSE"):
            continue
        shares = [int(share) for share in re.findall(r"~%(\d+)%", answers)]
        assert sum(shares) == 100 if shares else len(re.findall(r"^\s*=", answers, re.M)) == 1, block
