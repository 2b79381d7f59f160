"""What makes an item fit to be asked, and how two wordings of one item are recognised."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from tradeshall.contests.enums import ItemForm, ItemState
from tradeshall.contests.rules.item_forms import GAP, reasons_by_form, reasons_of_media
from tradeshall.contests.rules.item_forms import letter_of as letter_of
from tradeshall.core.refusal import Refusal, refuse
from tradeshall.core.transitions import Transitions

LONGEST_STEM, LONGEST_EXPLANATION, LONGEST_SOURCE, LONGEST_TAG = 2000, 4000, 300, 40
MOST_TAGS = 20
EASIEST, HARDEST = 1, 5
GAP_WRITTEN = re.compile("[_\uff3f]{3,}")
CHOICES = (ItemForm.SINGLE, ItemForm.MULTIPLE, ItemForm.TRUE_FALSE)
TYPED = (ItemForm.FILL_IN, ItemForm.NUMERIC)
TRUE_FALSE_ZH = ("正确", "错误")
TRUE_FALSE_EN = ("True", "False")

ITEM = Transitions(
    "contests:item",
    ItemState.DRAFT,
    ("review", ItemState.DRAFT, ItemState.REVIEWED),
    ("reopen", ItemState.REVIEWED, ItemState.DRAFT),
    ("retire", ItemState.DRAFT, ItemState.RETIRED),
    ("retire", ItemState.REVIEWED, ItemState.RETIRED),
    ("reopen", ItemState.RETIRED, ItemState.DRAFT),
)


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or a sound under a stem: its file, what it is, and the words for who cannot see or hear."""

    name: str
    kind: str
    alt: str


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """An item as somebody wrote it, whatever it came from; positions count from 0.

    `key`       choices: the right options; matching: for each option its place in `matches`; ordering: the options
                in their right order
    `accepted`  fill-in: for each gap (`____` in the stem) the texts that are right; numeric: one pair, value and
                tolerance, as decimal text; the tolerance is absolute, or relative if it ends in %
    `matches`   matching: the right-hand side, which may hold more than is used
    """

    form: str
    stem: str
    options: tuple[str, ...]
    key: tuple[int, ...]
    explanation: str = ""
    difficulty: int = 3
    tags: tuple[str, ...] = ()
    source: str = ""
    accepted: tuple[tuple[str, ...], ...] = ()
    matches: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()


_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SPACES = re.compile("[\t\v\f\xa0]")
_UNSAYABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")  # in XML
_EDGES = " \n\u1680\u202f\u205f\u2060\u3000" + "".join(map(chr, range(0x2000, 0x200E)))


def plain(text: str) -> str:
    """Return a text without outer spaces and what nobody sees, its line ends and spaces of one kind.

    So every file format can hold it, and it comes back as it went out.
    """
    text = _SPACES.sub(" ", _LINE_ENDS.sub("\n", text))
    return _UNSAYABLE.sub("", text).strip(_EDGES)


def tidied(item: ItemDraft) -> ItemDraft:
    """Return an item without outer spaces, its key and gaps in order, its tags once each, its two truths filled in.

    What the form has no use for is dropped.
    """
    options = () if item.form in TYPED else tuple(plain(option) for option in item.options)
    if item.form == ItemForm.TRUE_FALSE and not any(options):
        options = true_false_options(item.stem)
    stem = plain(item.stem)
    return ItemDraft(
        form=item.form,
        stem=GAP_WRITTEN.sub(GAP, stem) if item.form == ItemForm.FILL_IN else stem,
        options=options,
        key=_key(item.form, item.key),
        explanation=plain(item.explanation),
        difficulty=item.difficulty,
        tags=tuple(dict.fromkeys(plain(tag) for tag in item.tags if plain(tag))),
        source=plain(item.source),
        accepted=tuple(_texts(item.form, texts) for texts in item.accepted) if item.form in TYPED else (),
        matches=tuple(plain(match) for match in item.matches) if item.form == ItemForm.MATCHING else (),
        media=tuple(Media(plain(one.name), one.kind, plain(one.alt)) for one in item.media),
    )


def _key(form: str, key: tuple[int, ...]) -> tuple[int, ...]:
    if form in CHOICES:
        return tuple(sorted(key))
    return () if form in TYPED else key


def _texts(form: str, texts: tuple[str, ...]) -> tuple[str, ...]:
    stripped = tuple(plain(text) for text in texts)
    if form == ItemForm.NUMERIC:
        return (*stripped, "0") if len(stripped) == 1 else stripped
    return tuple(dict.fromkeys(text for text in stripped if text))


def true_false_options(stem: str) -> tuple[str, str]:
    """Return the two options of a true/false item, in the language of its stem."""
    return TRUE_FALSE_ZH if any("\u4e00" <= letter <= "\u9fff" for letter in stem) else TRUE_FALSE_EN


def normalised(text: str) -> str:
    """Return a text as it is compared: NFKC, case folded, without spaces and without punctuation that says nothing.

    Signs are kept, and so is what makes another figure: 3.5 is not 35, 10:30 not 1030, -5 not 5, 5% not 5.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = [letter for letter in folded if unicodedata.category(letter)[0] not in "ZC"]
    kept = []
    for place, letter in enumerate(letters):
        if unicodedata.category(letter)[0] == "P" and letter not in "%‰":
            before = place > 0 and letters[place - 1].isdigit()
            after = place + 1 < len(letters) and letters[place + 1].isdigit()
            if not after or not ((before and letter in ".,:/-") or letter == "-"):
                continue
        kept.append(letter)
    return "".join(kept)


def stem_hash(form: str, stem: str) -> str:
    """Return the SHA-256 by which an item is found again in its pool: of its form and its normalised stem."""
    return hashlib.sha256(f"{form}\n{normalised(stem) or stem.strip()}".encode()).hexdigest()


def item_hash(item: ItemDraft) -> str:
    """Return the hash by which a tidied item is found again: of its form and stem, and of what else is asked.

    “What does this sign mean?” is another question under another picture, and “Put in order” of other lines.
    """
    stem = item.stem
    if item.form in (ItemForm.MATCHING, ItemForm.ORDERING):
        stem += "\n".join(sorted(map(normalised, item.options)))
    if not item.media:
        return stem_hash(item.form, stem)
    names = ",".join(one.name for one in item.media)
    return hashlib.sha256(f"{stem_hash(item.form, stem)}\n{names}".encode()).hexdigest()


def judge_item(item: ItemDraft) -> list[Refusal]:
    """Return every reason why a tidied item cannot be asked, each with its field; none if it can."""
    return list(_reasons(item))


def _reasons(item: ItemDraft) -> Iterator[Refusal]:
    if item.form not in set(ItemForm):
        yield refuse("contests:item:form_unknown", field_name="form", given=item.form[:40])
        return
    if not item.stem:
        yield refuse("contests:item:stem_empty", field_name="stem")
    elif len(item.stem) > LONGEST_STEM:
        yield refuse("contests:item:stem_too_long", field_name="stem", most=LONGEST_STEM)
    yield from reasons_by_form(item)
    yield from reasons_of_media(item)
    if len(item.explanation) > LONGEST_EXPLANATION:
        yield refuse("contests:item:explanation_too_long", field_name="explanation", most=LONGEST_EXPLANATION)
    if not EASIEST <= item.difficulty <= HARDEST:
        yield refuse("contests:item:difficulty_out_of_bounds", field_name="difficulty")
    if len(item.tags) > MOST_TAGS:
        yield refuse("contests:item:too_many_tags", field_name="tags", most=MOST_TAGS)
    if any(len(tag) > LONGEST_TAG for tag in item.tags):
        yield refuse("contests:item:tag_too_long", field_name="tags", most=LONGEST_TAG)
    if len(item.source) > LONGEST_SOURCE:
        yield refuse("contests:item:source_too_long", field_name="source", most=LONGEST_SOURCE)


def refuse_without_source(needs_source: bool, source: str) -> Refusal | None:
    """Refuse to review an item without a source where the pool asks for one."""
    return refuse("contests:item:source_needed", field_name="source") if needs_source and not source else None
