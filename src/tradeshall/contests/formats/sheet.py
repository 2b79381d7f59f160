"""Items in a spreadsheet: its headings, and what stands in its cells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats.carried import CORE, decimal_of, tolerance_of
from tradeshall.contests.formats.samples import SAMPLES_EN, SAMPLES_ZH
from tradeshall.contests.rules.item_forms import GAP
from tradeshall.contests.rules.items import GAP_WRITTEN, TYPED, ItemDraft, Media, letter_of
from tradeshall.core.spreadsheets import ERROR_VALUES, Problem
from tradeshall.engine.typed import read_number, read_tolerance

OPTIONS = 8
OPTION_COLUMNS = tuple(f"option_{letter_of(position).lower()}" for position in range(OPTIONS))
HEADINGS: dict[str, tuple[str, ...]] = {
    "form": ("题型", "题目类型", "试题类型", "question type"),
    "stem": ("题干", "题目", "试题", "题目内容", "question"),
    **{
        column: (f"选项{letter_of(position)}", f"{letter_of(position)}选项", letter_of(position))
        for position, column in enumerate(OPTION_COLUMNS)
    },
    "matches": ("匹配项", "配对项", "右侧选项", "match options"),
    "answer": ("答案", "正确答案", "标准答案", "correct answer", "key"),
    "explanation": ("解析", "答案解析", "试题解析", "feedback"),
    "difficulty": ("难度", "难度系数", "难易度", "level"),
    "tags": ("标签", "知识点", "分类", "tag"),
    "source": ("出处", "来源", "依据", "reference"),
    "media": ("素材", "图片", "音频", "媒体", "picture", "sound", "image"),
}
REQUIRED = ("form", "stem", "answer")

_FORMS = {
    ItemForm.SINGLE.value: ("single", "single choice", "单选", "单选题", "单项选择", "单项选择题"),
    ItemForm.MULTIPLE.value: ("multiple", "multiple choice", "多选", "多选题", "多项选择", "多项选择题"),
    ItemForm.TRUE_FALSE.value: (
        "true_false", "true/false", "true or false", "truefalse", "tf", "判断", "判断题", "是非", "是非题",
    ),
    ItemForm.FILL_IN.value: ("fill_in", "fill in", "fill in the gaps", "填空", "填空题"),
    ItemForm.NUMERIC.value: ("numeric", "number", "numerical", "数值", "数值题", "计算", "计算题"),
    ItemForm.MATCHING.value: ("matching", "match", "匹配", "匹配题", "连线", "连线题", "配对", "配对题"),
    ItemForm.ORDERING.value: ("ordering", "order", "排序", "排序题"),
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
    stem = values.get("stem", "")
    right: dict[str, Any] = {"key": ()}
    if not answer:
        problems.append(Problem("answer", "intake:cell:missing", {}))
    elif form:
        found = _right(form, answer, values)
        right = found or right
        if found is None:
            problems.append(
                Problem(
                    "answer", f"contests:import:{_UNREADABLE.get(form, 'key')}_unreadable", {"given": answer[:40]}
                )
            )
    if form == ItemForm.FILL_IN:
        stem = with_gaps(stem, len(right.get("accepted", ())))
    if form in TYPED and options:
        problems.append(Problem(OPTION_COLUMNS[0], "contests:import:options_unused", {}))
    difficulty = difficulty_in(values.get("difficulty", ""))
    if difficulty is None:
        problems.append(
            Problem("difficulty", "contests:import:difficulty_unreadable", {"given": values["difficulty"][:40]})
        )
    draft = ItemDraft(
        form=form,
        stem=stem,
        options=tuple(options),
        explanation=values.get("explanation", ""),
        difficulty=difficulty or 3,
        tags=tags_in(values.get("tags", "")),
        source=values.get("source", ""),
        media=media_in(values.get("media", "")),
        **right,
    )
    return draft, problems


_UNREADABLE = {
    ItemForm.TRUE_FALSE.value: "truth",
    ItemForm.FILL_IN.value: "gaps",
    ItemForm.NUMERIC.value: "number",
    ItemForm.MATCHING.value: "pairs",
}
"""Which refusal says that an answer cannot be read; of the others, `key`."""


def _right(form: str, answer: str, values: Mapping[str, str]) -> dict[str, Any] | None:
    """Return what is right according to an answer cell, None if it cannot be read."""
    if form == ItemForm.FILL_IN:
        accepted = tuple(tuple(parts(gap, _ALTERNATIVES, _GAPS)) for gap in _split(answer, _GAPS))
        return {"key": (), "accepted": accepted} if all(accepted) else None
    if form == ItemForm.NUMERIC:
        number = number_in(answer)
        return {"key": (), "accepted": (number,)} if number else None
    if form == ItemForm.MATCHING:
        matches = tuple(parts(values.get("matches", ""), _GAPS))
        places = [int(text) - 1 for text in re.findall(r"[0-9]{1,3}", _folded(answer))]
        fits = re.fullmatch(r"(?:[a-h\s]*[-=>:]*\s*[0-9]{1,3}[\s,;、/.]*)+", _folded(answer)) is not None
        return {"key": tuple(places), "matches": matches} if fits and matches else None
    key = key_in(form, answer)
    return None if key is None else {"key": key}


_TOLERANCE = re.compile(r"(.+?)\s*(?:±|\+/-|\+-)\s*(.+)")
_BRACKETS = re.compile(r"[(（][\s_＿]*[)）]")


def number_in(text: str) -> tuple[str, str] | None:
    """Return value and tolerance of 3.14, 3.14±0.01, 200±5% or 3.1~3.2; None if it is none of these."""
    if found := re.fullmatch(r"(.+?)\s*[~～]\s*(.+)", text):
        least, most = (decimal_of(unicodedata.normalize("NFKC", end)) for end in found.groups())
        return tolerance_of(least, most) if least is not None and most is not None and least <= most else None
    found = _TOLERANCE.fullmatch(text)
    value, tolerance = (found[1], found[2].strip()) if found else (text, "0")
    number = read_number(value)
    return (value, tolerance) if number is not None and read_tolerance(tolerance, number) is not None else None


def with_gaps(stem: str, count: int) -> str:
    """Return a stem whose gaps are written as ours: empty brackets count where no line does, else one at the end."""
    if not count or GAP_WRITTEN.search(stem):
        return stem
    if _BRACKETS.search(stem):
        return _BRACKETS.sub(GAP, stem)
    return f"{stem} {GAP}" if count == 1 else stem


def _split(text: str, separators: str) -> list[str]:
    """Return the pieces of a cell between separators, but not those after a backslash; backslashes stay."""
    return re.findall(rf"(?:[^\\{re.escape(separators)}]|\\.|\\$)+", text, re.DOTALL)


def parts(text: str, separators: str, also: str = "") -> list[str]:
    """Return the parts of a cell, without empty ones; a backslash makes letters of separators and of `also`."""
    letters = re.compile(rf"\\([\\{re.escape(separators + also)}])")
    found = (letters.sub(lambda one: one[1], piece).strip() for piece in _split(text, separators))
    return [part for part in found if part]


def escaped(text: str, separators: str) -> str:
    """Return a text that `parts` takes for one part."""
    return re.sub(rf"[\\{re.escape(separators)}]", lambda found: f"\\{found[0]}", text)


def media_in(text: str) -> tuple[Media, ...]:
    """Return the pictures and sounds a cell names: file|words instead; file|…. Their kinds are found later."""
    found = []
    for piece in _split(text, _GAPS):
        name, *words = parts(piece, _ALTERNATIVES, _GAPS) or [""]
        found.append(Media(name, "", " ".join(words)))
    return tuple(one for one in found if one.name)


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
    return tuple(dict.fromkeys(parts(text, _TAG_SEPARATORS)))


_GAPS, _ALTERNATIVES = ";；\n", "|｜"
_TAG_SEPARATORS = ";；,，、|\n"
_SEEN_AS = {"key": "answer", "accepted": "answer"}


def column_of(field_name: str, details: Mapping[str, object]) -> str:
    """Return the column of a spreadsheet in which a field of an item stands."""
    if field_name == "options":
        option = str(details.get("option", ""))
        return f"option_{option.lower()}" if option else OPTION_COLUMNS[0]
    return _SEEN_AS.get(field_name, field_name)


def fields_in(columns: Collection[str]) -> set[str]:
    """Return the fields of an item that a file with these columns says something about."""
    fields = {name for name in ("explanation", "difficulty", "tags", "source", "media") if name in columns}
    return fields | CORE


def rows_of(items: Iterable[ItemDraft], language: str) -> Iterator[list[str]]:
    """Yield a file of items: the headings in a language, then a row each; it comes back as it went out."""
    drafts = list(items)
    chinese = language.startswith("zh")
    shown = max([4, *(len(item.options) for item in drafts)])
    columns = _columns(shown, matches=any(item.matches for item in drafts), media=any(item.media for item in drafts))
    yield [HEADINGS[column][0] if chinese else column for column in columns]
    for item in drafts:
        cells = _cells(item, chinese)
        yield [cells.get(column, "") for column in columns]


def _columns(options: int, *, matches: bool, media: bool) -> list[str]:
    return [
        "form",
        "stem",
        *OPTION_COLUMNS[:options],
        *(["matches"] if matches else []),
        *("answer", "explanation", "difficulty", "tags", "source"),
        *(["media"] if media else []),
    ]


def _cells(item: ItemDraft, chinese: bool) -> dict[str, str]:
    words = _FORMS[item.form]
    return {
        "form": next(word for word in words if not word.isascii()) if chinese else words[0],
        "stem": item.stem,
        **dict(zip(OPTION_COLUMNS, item.options, strict=False)),
        "matches": ";".join(escaped(text, _GAPS) for text in item.matches),
        "answer": _answer(item, chinese),
        "explanation": item.explanation,
        "difficulty": str(item.difficulty),
        "tags": ";".join(escaped(tag, _TAG_SEPARATORS) for tag in item.tags),
        "source": item.source,
        "media": ";".join(
            "|".join(escaped(text, _GAPS + _ALTERNATIVES) for text in (one.name, one.alt) if text)
            for one in item.media
        ),
    }


def _answer(item: ItemDraft, chinese: bool) -> str:
    if item.form == ItemForm.TRUE_FALSE:
        return ("对" if item.key == (0,) else "错") if chinese else "T" if item.key == (0,) else "F"
    if item.form == ItemForm.FILL_IN:
        both = _GAPS + _ALTERNATIVES
        return ";".join("|".join(escaped(text, both) for text in texts) for texts in item.accepted)
    if item.form == ItemForm.NUMERIC:
        value, tolerance = item.accepted[0]
        return value if tolerance == "0" else f"{value}±{tolerance}"
    if item.form == ItemForm.MATCHING:
        return ",".join(f"{letter_of(place)}{at + 1}" for place, at in enumerate(item.key))
    return "".join(letter_of(place) for place in item.key)


def cannot_hold(item: ItemDraft) -> str:
    """Return why a spreadsheet has no words for an item, "" if it has: it has words for every form."""
    cells = _cells(item, False).values()
    return "letters" if any(text in ERROR_VALUES for text in cells) else ""


_SHOWN_OPTIONS = 6


def template_rows(language: str) -> list[list[str]]:
    """Return a file to start from: the headings in a language, and one item of each form."""
    chinese = language.startswith("zh")
    columns = _columns(_SHOWN_OPTIONS, matches=True, media=True)
    rows: list[list[str]] = [[HEADINGS[column][0] if chinese else column for column in columns]]
    for item in SAMPLES_ZH if chinese else SAMPLES_EN:
        cells = _cells(item, chinese)
        rows.append([cells.get(column, "") for column in columns])
    return rows


def says_form(title: str, form: str, label: str) -> bool:
    """Answer whether a section's title begins with the name of a form, in the script of the form's label.

    “单项选择（每题 5 分）” says 单选 already, but not to somebody who reads English. A lone “single” says nothing.
    """
    folded = _folded(title)
    return any(folded.startswith(word) for word in _TITLES.get(form, ()) if word.isascii() == label.isascii())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
