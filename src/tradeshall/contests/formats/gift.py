"""Items in GIFT, Moodle's text format, as far as an item of ours can hold them.

Carried: single choice, multiple choice (weights in per cent), true/false, short answer (a gap to fill in), numerical,
matching, feedback, categories, comments, escapes and the missing-word form. An item of another kind is refused by
itself, with its line; nothing is read half, and what an item loses is noted. Comments above an item are understood:
`// source: …`, `// difficulty: 1` to 5, Moodle's `[tag:…]`, and what our own files add to come back exactly:
`// tolerance: 1%`, `// order: 2 1 3`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats import carried
from tradeshall.contests.formats.carried import Carried, NotCarried, Notes
from tradeshall.contests.formats.html import reduce_html
from tradeshall.contests.rules.item_forms import GAP
from tradeshall.contests.rules.items import GAP_WRITTEN, ItemDraft, true_false_options
from tradeshall.core.spreadsheets import Problem

GiftItem = Carried

_ESCAPES = {"n": "\n", "\\": "\\", **{sign: sign for sign in "~=#{}:"}}
# While an item is taken apart, an escaped sign is held by a character of the private use area.
_HIDDEN = {sign: chr(0xE000 + number) for number, sign in enumerate(_ESCAPES)}
SHOWN = {hidden: _ESCAPES[sign] for sign, hidden in _HIDDEN.items()}

_TRUTHS = {"T": 0, "TRUE": 0, "F": 1, "FALSE": 1}
_FORMAT = re.compile(r"^\s*\[(html|markdown|plain|moodle)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"^%(-?\d+(?:\.\d+)?)%")
_SAID = {
    "source": re.compile(r"^\s*(?:source|出处|来源)\s*[:：]\s*(.+)$", re.IGNORECASE),
    "difficulty": re.compile(r"^\s*(?:difficulty|难度)\s*[:：]\s*([1-5])\s*$", re.IGNORECASE),
    "tolerance": re.compile(r"^\s*(?:tolerance|误差)\s*[:：]\s*(\S+)\s*$", re.IGNORECASE),
    "order": re.compile(r"^\s*order\s*:\s*([\d ]+)$", re.IGNORECASE),
}
_TAG = re.compile(r"\[tag:([^\]]+)\]", re.IGNORECASE)


@dataclass(slots=True)
class _Block:
    line: int
    lines: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)


class _NotCarried(NotCarried):
    def problem(self) -> Problem:
        return Problem(self.column, f"contests:gift:{self.why}", self.details)


def looks_like_gift(text: str) -> bool:
    """Answer whether a text is GIFT rather than a table: it begins with one of its marks, or an item in braces."""
    for line in text.splitlines():
        stripped = line.strip().lstrip("\ufeff")
        if stripped and not stripped.startswith("//"):
            return stripped.startswith(("$CATEGORY:", "::")) or "{" in text
        if stripped.startswith("//"):
            return True
    return False


def read_gift(text: str) -> Iterator[Carried]:
    """Yield every item of a file in its order."""
    for block in _blocks(text.lstrip("\ufeff")):
        whole = "\n".join(block.lines)
        shown = " ".join(whole.split())
        notes = Notes()
        try:
            draft = _item(whole, block, notes)
        except NotCarried as refused:
            yield Carried(block.line, None, (refused.problem(),), text=shown)
        else:
            says = carried.said(draft) | ({"difficulty"} if "difficulty" in block.said else set())
            yield Carried(block.line, draft, (), notes.all(), shown, says)


def _blocks(text: str) -> Iterator[_Block]:
    """Yield items with their lines; an empty line ends one, but not within its braces.

    Braces left open end where the next title follows an empty line, so that one slip does not swallow the rest.
    """
    category: list[str] = []
    tags: list[str] = []
    said: dict[str, str] = {}
    block: _Block | None = None
    depth = 0
    after_gap = False
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("//"):
            comment = stripped[2:]
            tags += [tag.strip() for tag in _TAG.findall(comment)]
            for name, pattern in _SAID.items():
                if found := pattern.match(comment):
                    said[name] = found[1].strip()
            continue
        if stripped.startswith("$CATEGORY:") and not depth:
            if block is not None:
                yield block
                block = None
            last = stripped.removeprefix("$CATEGORY:").strip().rstrip("/").rpartition("/")[2].strip()
            category = [last] if last and last not in ("$course$", "$module$", "top") else []
            continue
        if not stripped:
            after_gap = True
            if block is not None and depth <= 0:
                yield block
                block = None
            continue
        if block is not None and after_gap and stripped.startswith("::"):
            yield block
            block = None
        after_gap = False
        if block is None:
            block, depth = _Block(number, tags=[*category, *tags], said=said), 0
            tags, said = [], {}
        block.lines.append(line)
        hidden = _hide(line)
        depth += hidden.count("{") - hidden.count("}")
    if block is not None:
        yield block


class _Answers:
    """The parts between the braces; `plain` turns a piece of them into text."""

    def __init__(self, inside: str, plain: Callable[[str], str], notes: Notes) -> None:
        self.plain, self.notes = plain, notes
        self.parts: list[tuple[str, float | None, str, str]] = []  # sign, weight, text, feedback
        for sign, content in re.findall(r"([=~])([^=~]*)", inside):
            body = content.strip()
            weight: float | None = None
            if found := _WEIGHT.match(body):
                weight, body = float(found[1]), body[found.end() :]
            if sign == "=" and weight is None:
                weight = 100.0
            answer, _, feedback = body.partition("#")
            if (found := _FORMAT.match(answer)) is not None:
                answer = answer[found.end() :]
            self.parts.append((sign, weight, answer, feedback))

    def right(self) -> list[int]:
        return [place for place, part in enumerate(self.parts) if part[1] is not None and part[1] > 0]

    def explained(self) -> str:
        """Return what is said of the right answers; what is said of others is lost."""
        right = self.right()
        found = [self.plain(part[3]) for part in self.parts]
        if any(text for place, text in enumerate(found) if place not in right):
            self.notes.add("feedback_lost")
        return "\n".join(dict.fromkeys(found[place] for place in right if found[place]))


def _item(whole: str, block: _Block, notes: Notes) -> ItemDraft:
    text = _hide(whole)
    if found := re.match(r"^\s*::(.*?)::", text, re.DOTALL):
        text = text[found.end() :]
    is_html = False
    if found := _FORMAT.match(text):
        is_html = found[1].lower() == "html"
        text = text[found.end() :]
    opening, closing = text.find("{"), text.rfind("}")
    if opening < 0 and closing < 0:
        raise _NotCarried("description")
    if opening < 0 or closing < opening or text.count("{") != 1 or text.count("}") != 1:
        raise _NotCarried("braces")
    before, inside, after = text[:opening], text[opening + 1 : closing].strip(), text[closing + 1 :]

    def plain(piece: str) -> str:
        return _plain(piece, is_html, notes)

    stem = plain(f"{before.rstrip()} {GAP} {after.strip()}" if after.strip() else before)
    general = ""
    if "####" in inside:
        inside, _, rest = inside.partition("####")
        inside, general = inside.strip(), plain(rest)
    if not inside:
        raise _NotCarried("essay")
    fields: dict[str, object]
    head, _, feedback = inside.partition("#")
    if inside.startswith(">"):
        raise _NotCarried("ordering")
    if inside.startswith("#"):
        fields, said = _numerical(inside[1:].strip(), block, plain, notes)
    elif (truth := _TRUTHS.get(head.strip().upper())) is not None:
        wrong, _, right = feedback.partition("#")
        said = plain(right) or plain(wrong)
        fields = {"form": ItemForm.TRUE_FALSE.value, "options": true_false_options(stem), "key": (truth,)}
    else:
        if inside[0] not in "=~":
            raise _NotCarried("answers")
        answers = _Answers(inside, plain, notes)
        if all(sign == "=" and "->" in answer for sign, _, answer, _ in answers.parts):
            fields = _matching(answers, block)
        elif all(sign == "=" for sign, *_ in answers.parts):
            fields = _short_answer(answers, stem)
        else:
            fields = _choices(answers)
        said = answers.explained()
    return ItemDraft(
        **{
            "stem": stem, "options": (), "key": (), "explanation": general or said, "tags": tuple(block.tags),
            "source": block.said.get("source", ""), "difficulty": int(block.said.get("difficulty", 3)), **fields,
        }  # type: ignore[arg-type]
    )  # fmt: skip


def _choices(answers: _Answers) -> dict[str, object]:
    options = tuple(answers.plain(answer) for _, _, answer, _ in answers.parts)
    weights = [weight for _, weight, _, _ in answers.parts]
    right = tuple(answers.right())
    negative = {weight for weight in weights if weight is not None and weight < 0}
    if sum(sign == "=" for sign, *_ in answers.parts) == 1:
        if len(right) > 1:
            raise _NotCarried("partial_credit")
        form = ItemForm.SINGLE
    else:
        shares = [weights[place] or 0.0 for place in right]
        if not shares:
            raise _NotCarried("no_right_answer")
        if max(shares) - min(shares) > 1:
            raise _NotCarried("unequal_weights")
        form = ItemForm.SINGLE if len(right) == 1 and shares[0] >= 100 else ItemForm.MULTIPLE
    if negative and (form is ItemForm.SINGLE or len(negative) > 1):
        answers.notes.add("negative_marks")
    return {"form": form.value, "options": options, "key": right}


def _short_answer(answers: _Answers, stem: str) -> dict[str, object]:
    texts = [answers.plain(answer) for _, _, answer, _ in answers.parts]
    weights = [100.0 if weight is None else weight for _, weight, _, _ in answers.parts]
    whole = [text for text, weight in zip(texts, weights, strict=True) if weight >= 100]
    if not whole:
        raise _NotCarried("no_right_answer")
    if len(whole) < len([weight for weight in weights if weight > 0]):
        answers.notes.add("partial_answers_lost")
    if any("*" in text for text in whole):
        raise NotCarried("wildcard", column="answer")
    gaps = len(GAP_WRITTEN.findall(stem))
    if gaps > 1:
        raise NotCarried("gaps_differ", gaps=gaps, answers=1)
    fields: dict[str, object] = {"form": ItemForm.FILL_IN.value, "accepted": (tuple(whole),)}
    return fields if gaps else {**fields, "stem": f"{stem} {GAP}"}


def _matching(answers: _Answers, block: _Block) -> dict[str, object]:
    lefts, rights, spare = [], [], []
    for _, _, answer, _ in answers.parts:
        left, arrow, right = answer.partition("->")
        if not arrow or not right.strip():
            raise _NotCarried("answers")
        if left.strip():
            lefts.append(answers.plain(left))
            rights.append(answers.plain(right))
        else:
            spare.append(answers.plain(right))
    key, matches = carried.paired(lefts, rights, spare)
    key, matches = carried.repaired(key, matches, block.said.get("order", ""))
    return {"form": ItemForm.MATCHING.value, "options": tuple(lefts), "key": key, "matches": matches}


def _numerical(
    inside: str, block: _Block, plain: Callable[[str], str], notes: Notes
) -> tuple[dict[str, object], str]:
    """Return the fields of a numerical answer: 3.14:0.01, a range 3.1..3.2, or several with weights."""
    if not inside.startswith("="):
        inside = f"={inside}"
    found: list[tuple[float, str, str]] = []
    for _, content in re.findall(r"([=~])([^=~]*)", inside):
        body, weight = content.strip(), 100.0
        if matched := _WEIGHT.match(body):
            weight, body = float(matched[1]), body[matched.end() :]
        answer, _, feedback = body.partition("#")
        found.append((weight, answer.strip(), plain(feedback)))
    whole = [(answer, said) for weight, answer, said in found if weight >= 100 and answer]
    if len(whole) > 1:
        raise NotCarried("several_numbers", column="answer")
    if not whole:
        raise _NotCarried("no_right_answer")
    if any(0 < weight < 100 for weight, _, _ in found):
        notes.add("partial_answers_lost")
    if any(said for weight, _, said in found if weight < 100):
        notes.add("feedback_lost")
    answer, said = whole[0]
    answer = "".join(SHOWN.get(letter, letter) for letter in answer)
    least, dots, most = answer.partition("..")
    if dots:
        low, high = carried.decimal_of(least), carried.decimal_of(most)
        if low is None or high is None or low > high:
            raise NotCarried("number_unreadable", column="answer", given=answer[:40])
        accepted = carried.tolerance_of(low, high)
    else:
        value, _, tolerance = answer.partition(":")
        tolerance = tolerance.strip() or "0"
        if carried.decimal_of(value) is None or carried.decimal_of(tolerance) is None:
            raise NotCarried("number_unreadable", column="answer", given=answer[:40])
        accepted = (value.strip(), tolerance)
    if (share := block.said.get("tolerance", "")).endswith("%") and carried.absolute(accepted[0], share) == accepted[
        1
    ]:
        accepted = (accepted[0], share)
    return {"form": ItemForm.NUMERIC.value, "accepted": (accepted,)}, said


def _hide(text: str) -> str:
    return re.sub(r"\\([n\\~=#{}:])", lambda found: _HIDDEN[found[1]], text)


def _plain(text: str, is_html: bool, notes: Notes) -> str:
    """Return a piece of an item as text: its signs shown again, its lines joined, its HTML taken off."""
    joined = text if is_html else re.sub(r"[ \t\r\n\f\v]+", " ", text)
    shown = "".join(SHOWN.get(letter, letter) for letter in joined)
    if not is_html:
        return shown.strip()
    reduced = reduce_html(shown)
    if reduced.media or re.search(r"<(?:math|svg|iframe|embed|object)\b", shown, re.IGNORECASE):
        raise _NotCarried("media")
    for lost in reduced.lost:
        notes.add(lost)
    return reduced.text
