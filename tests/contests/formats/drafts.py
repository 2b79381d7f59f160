"""Items of every form for round trips, tidied and sound."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tradeshall.contests.enums import ItemForm
from tradeshall.contests.formats import files
from tradeshall.contests.formats.carried import Carried
from tradeshall.contests.rules.items import GAP, GAP_WRITTEN, ItemDraft, Media, normalised, plain, tidied

LETTERS = st.sampled_from("abXY 八小时工作制 \n\n 　，。：；|/\\~=#{}:\"'<>&;%*@+-_()[]0123456789±½²é😀\u200b-->")
TEXT = st.text(LETTERS, min_size=1, max_size=40).filter(lambda text: normalised(text) != "")
WORDS = st.one_of(TEXT, st.text(min_size=1, max_size=30).filter(lambda text: normalised(text) != ""))
DECIMALS = st.decimals(-10_000, 10_000, places=3).map(str)
NAME = "ab" * 32 + ".png"
CONTENT = b"\x89PNG\r\n\x1a\nthese bytes stand for a picture"
SOUND_NAME = "cd" * 32 + ".ogg"
KINDS = {NAME: "picture", SOUND_NAME: "sound"}


def folded(texts: list[str]) -> list[str]:
    """Keep texts that differ as options must."""
    found = {unicodedata.normalize("NFKC", plain(text)).casefold(): plain(text) for text in texts}
    return [text for key, text in found.items() if key]


OPTIONS = st.lists(WORDS, min_size=2, max_size=8).map(folded).filter(lambda texts: len(texts) >= 2)


@st.composite
def drafts(draw: st.DrawFn, form: str | None = None) -> ItemDraft:
    """Draw a sound item of a form."""
    form = form or draw(st.sampled_from([one.value for one in ItemForm]))
    fields: dict[str, Any] = {"options": (), "key": ()}
    stem = draw(WORDS)
    if form in ("single", "multiple", "ordering"):
        options = draw(OPTIONS)
        places = draw(st.permutations(range(len(options))))
        least = {"single": 1, "ordering": len(options)}.get(form, 2)
        most = {"single": 1}.get(form, len(options))
        fields = {"options": tuple(options), "key": tuple(places[: draw(st.integers(least, most))])}
    elif form == "true_false":
        fields = {"options": (), "key": (draw(st.integers(0, 1)),)}
    elif form == "matching":
        lefts = draw(OPTIONS)
        rights = draw(OPTIONS)
        key = [draw(st.integers(0, len(rights) - 1)) for _ in lefts]
        fields = {"options": tuple(lefts), "matches": tuple(rights), "key": tuple(key)}
    elif form == "numeric":
        tolerance = draw(st.sampled_from(["0", "0.5", "12", "1%", "2.5%"]))
        fields = {"options": (), "key": (), "accepted": ((draw(DECIMALS), tolerance),)}
    else:
        accepted = [
            tuple(folded(draw(st.lists(WORDS, min_size=1, max_size=3)))) for _ in range(draw(st.integers(1, 3)))
        ]
        stem = GAP_WRITTEN.sub("-", stem).replace("_", "-")
        stem = "；".join([stem, *[f"第{place}{GAP}个" for place in range(len(accepted))]])
        fields = {"options": (), "key": (), "accepted": tuple(accepted)}
    media = draw(
        st.sampled_from([(), (), (Media(NAME, "picture", draw(WORDS)),), (Media(SOUND_NAME, "sound", "声音"),)])
    )
    return tidied(
        ItemDraft(
            form=form,
            stem=stem,
            explanation=draw(st.one_of(st.just(""), WORDS)),
            difficulty=draw(st.integers(1, 5)),
            tags=tuple(draw(st.lists(st.text("工时law ;|,、]-'=", min_size=1, max_size=8), max_size=3))),
            source=draw(st.one_of(st.just(""), TEXT)),
            media=media,
            **fields,
        )
    )


def content_of(one: Media) -> bytes | None:
    return CONTENT if one.name == NAME else b"OggS these for a sound"


def gone_and_back(items: list[ItemDraft], format: files.Format, language: str = "en") -> list[Carried]:
    """Return items after they have been written and read again, their media put back by name."""
    file = io.BytesIO()
    files.write_items(list(enumerate(items, 1)), file, format, content_of=content_of, language=language)
    return list(files.read_items(io.BytesIO(file.getvalue()), f"items.{files.ending_of(format, items)}"))


def with_media(one: Carried) -> ItemDraft:
    """Return an item as it is once its media are stored."""
    assert one.draft is not None, one.problems
    named: Callable[[str], str] = lambda name: name.rpartition("/")[2]  # noqa: E731
    media = tuple(Media(named(a.name), KINDS[named(a.name)], a.alt) for a in one.attached)
    if not media and one.draft.media:
        media = tuple(replace(m, kind=KINDS[m.name]) for m in one.draft.media)
    return tidied(replace(one.draft, media=media))
