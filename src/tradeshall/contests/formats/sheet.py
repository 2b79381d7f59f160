"""Items in a spreadsheet: its headings, and what stands in its cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.rules.items import ItemDraft, letter_of
from tradeshall.core.spreadsheets import Problem

OPTIONS = 8
OPTION_COLUMNS = tuple(f"option_{letter_of(position).lower()}" for position in range(OPTIONS))
HEADINGS: dict[str, tuple[str, ...]] = {
    "form": ("题型", "题目类型", "试题类型", "question type"),
    "stem": ("题干", "题目", "试题", "题目内容", "question"),
    **{
        column: (f"选项{letter_of(position)}", f"{letter_of(position)}选项", letter_of(position))
        for position, column in enumerate(OPTION_COLUMNS)
    },
    "answer": ("答案", "正确答案", "标准答案", "correct answer", "key"),
    "explanation": ("解析", "答案解析", "试题解析", "feedback"),
    "difficulty": ("难度", "难度系数", "难易度", "level"),
    "tags": ("标签", "知识点", "分类", "tag"),
    "source": ("出处", "来源", "依据", "reference"),
}
REQUIRED = ("form", "stem", "answer")

_FORMS = {
    ItemForm.SINGLE.value: ("single", "single choice", "单选", "单选题", "单项选择", "单项选择题"),
    ItemForm.MULTIPLE.value: ("multiple", "multiple choice", "多选", "多选题", "多项选择", "多项选择题"),
    ItemForm.TRUE_FALSE.value: (
        "true_false", "true/false", "true or false", "truefalse", "tf", "判断", "判断题", "是非", "是非题",
    ),
}  # fmt: skip
_TITLES = {
    form: tuple(word for word in words if not word.isalpha() or not word.isascii()) for form, words in _FORMS.items()
}
FORM_WORDS = {word: form for form, words in _FORMS.items() for word in words}

TRUE_WORDS = frozenset({"对", "正确", "是", "√", "✓", "✔", "☑", "t", "true", "y", "yes", "right", "a", "1"})
FALSE_WORDS = frozenset(
    {"错", "错误", "不正确", "不对", "否", "×", "✗", "✘", "x", "f", "false", "n", "no", "wrong", "b", "0"}
)

_DIFFICULTIES = {
    "很易": 1, "非常容易": 1, "容易": 1, "易": 1, "简单": 1, "very easy": 1, "easy": 1,
    "较易": 2, "较容易": 2, "较简单": 2, "fairly easy": 2,
    "中": 3, "中等": 3, "一般": 3, "适中": 3, "medium": 3, "normal": 3,
    "较难": 4, "偏难": 4, "fairly hard": 4,
    "难": 5, "困难": 5, "很难": 5, "hard": 5, "very hard": 5, "difficult": 5,
}  # fmt: skip


def item_in(values: Mapping[str, str]) -> tuple[ItemDraft, list[Problem]]:
    """Return the item in a row, and what could not be understood about it, by column."""
    problems: list[Problem] = []
    word = _folded(values.get("form", ""))
    form = FORM_WORDS.get(word, "")
    if not word:
        problems.append(Problem("form", "intake:cell:missing", {}))
    elif not form:
        problems.append(Problem("form", "contests:item:form_unknown", {"given": values["form"][:40]}))
    options = [values.get(column, "") for column in OPTION_COLUMNS]
    while options and not options[-1]:
        options.pop()
    answer = values.get("answer", "")
    key: tuple[int, ...] | None = ()
    if not answer:
        problems.append(Problem("answer", "intake:cell:missing", {}))
    elif form:
        key = key_in(form, answer)
        if key is None:
            code = (
                "contests:import:truth_unreadable"
                if form == ItemForm.TRUE_FALSE
                else "contests:import:key_unreadable"
            )
            problems.append(Problem("answer", code, {"given": answer[:40]}))
    difficulty = difficulty_in(values.get("difficulty", ""))
    if difficulty is None:
        problems.append(
            Problem("difficulty", "contests:import:difficulty_unreadable", {"given": values["difficulty"][:40]})
        )
    draft = ItemDraft(
        form=form,
        stem=values.get("stem", ""),
        options=tuple(options),
        key=key or (),
        explanation=values.get("explanation", ""),
        difficulty=difficulty or 3,
        tags=tags_in(values.get("tags", "")),
        source=values.get("source", ""),
    )
    return draft, problems


def key_in(form: str, answer: str) -> tuple[int, ...] | None:
    """Return the positions an answer names (A, AC, A,C, A、C; 对, √, T for true/false); None if it cannot be read."""
    text = _folded(answer)
    if form == ItemForm.TRUE_FALSE:
        if text in TRUE_WORDS:
            return (0,)
        return (1,) if text in FALSE_WORDS else None
    letters = re.sub(r"[\s,;、/|.+&和及与]+", "", text)
    if not letters or any(not "a" <= letter <= "z" for letter in letters):
        return None
    return tuple(ord(letter) - ord("a") for letter in letters)


def difficulty_in(text: str) -> int | None:
    """Return a difficulty of 1 to 5 from a figure or a word; 3 for an empty cell, None if it cannot be read."""
    folded = _folded(text)
    if not folded:
        return 3
    found = re.fullmatch(r"([1-5])(\.0+)?", folded)
    return int(found[1]) if found else _DIFFICULTIES.get(folded)


def tags_in(text: str) -> tuple[str, ...]:
    """Return the tags of a cell, however they are separated, each once."""
    parts = (part.strip() for part in re.split(r"[;；,，、|\n]", text))
    return tuple(dict.fromkeys(part for part in parts if part))


_SEEN_AS = {"key": "answer"}


def column_of(field_name: str, details: Mapping[str, object]) -> str:
    """Return the column of a spreadsheet in which a field of an item stands."""
    if field_name == "options":
        option = str(details.get("option", ""))
        return f"option_{option.lower()}" if option else OPTION_COLUMNS[0]
    return _SEEN_AS.get(field_name, field_name)


def fields_in(columns: Collection[str]) -> set[str]:
    """Return the fields of an item that a file with these columns says something about."""
    fields = {name for name in ("explanation", "difficulty", "tags", "source") if name in columns}
    return fields | {"form", "stem", "options", "key"}


@dataclass(frozen=True, slots=True)
class _Sample:
    """An item of the template."""

    form: str
    stem: str
    options: tuple[str, ...]
    answer: str
    explanation: str
    difficulty: int
    tags: str
    source: str


_SAMPLES_EN = (
    _Sample(
        "single",
        "To how many hours a day did the first ILO convention limit work in industry?",
        ("Six", "Eight", "Ten", "Twelve"),
        "B",
        "Convention No. 1 of 1919 limits hours of work to eight a day.",
        2,
        "labour history",
        "ILO Convention No. 1, Article 2",
    ),
    _Sample(
        "multiple",
        "Which of these are fundamental principles and rights at work?",
        ("Freedom of association", "A free canteen", "The elimination of forced labour", "Free transport"),
        "AC",
        "",
        3,
        "labour law",
        "ILO Declaration on Fundamental Principles and Rights at Work, paragraph 2",
    ),
    _Sample(
        "true_false",
        "The International Labour Organization was founded in 1919.",
        (),
        "T",
        "",
        1,
        "labour history",
        "Treaty of Versailles, Part XIII",
    ),
)
_SAMPLES_ZH = (
    _Sample(
        "单选",
        "国家实行劳动者每日工作时间不超过几小时的工时制度？",
        ("六小时", "八小时", "十小时", "十二小时"),
        "B",
        "每日工作时间不超过八小时。",
        2,
        "劳动法;工时",
        "《劳动法》第三十六条",
    ),
    _Sample(
        "多选",
        "下列哪些属于劳动合同的必备条款？",
        ("工作内容和工作地点", "免费午餐", "劳动报酬", "年终奖金"),
        "AC",
        "",
        3,
        "劳动合同",
        "《劳动合同法》第十七条",
    ),
    _Sample("判断", "国际劳工组织成立于1919年。", (), "对", "", 1, "劳工史", "《凡尔赛和约》第十三部分"),
)
_SHOWN_OPTIONS = 6


def template_rows(language: str) -> list[list[str]]:
    """Return a file to start from: the headings in a language, and one item of each form."""
    chinese = language.startswith("zh")
    options = OPTION_COLUMNS[:_SHOWN_OPTIONS]
    columns = ("form", "stem", *options, "answer", "explanation", "difficulty", "tags", "source")
    rows: list[list[str]] = [[HEADINGS[column][0] if chinese else column for column in columns]]
    for one in _SAMPLES_ZH if chinese else _SAMPLES_EN:
        spare = [""] * (_SHOWN_OPTIONS - len(one.options))
        rest = (one.answer, one.explanation, str(one.difficulty), one.tags, one.source)
        rows.append([one.form, one.stem, *one.options, *spare, *rest])
    return rows


def says_form(title: str, form: str, label: str) -> bool:
    """Answer whether a section's title begins with the name of a form, in the script of the form's label.

    “单项选择（每题 5 分）” says 单选 already, but not to somebody who reads English. A lone “single” says nothing.
    """
    folded = _folded(title)
    return any(folded.startswith(word) for word in _TITLES.get(form, ()) if word.isascii() == label.isascii())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
