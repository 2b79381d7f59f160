"""The pictures and sounds under a question, as its editor keeps them: which, with which words, and one more file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from tradeshall.contests.rules.item_forms import MOST_MEDIA
from tradeshall.contests.rules.items import Media
from tradeshall.media.queries import media_url
from tradeshall.media.rules import is_name, kind_of


@dataclass(frozen=True, slots=True)
class MediaRow:
    """One of them, as its row shows it."""

    at: int
    name: str
    kind: str
    alt: str
    url: str

    @property
    def number(self) -> int:
        return self.at + 1


class MediaRows:
    """The rows of a question's pictures and sounds. What a post says nothing about is as it is stored."""

    def __init__(self, data: QueryDict | None, initial: Mapping[str, Any]) -> None:
        self.kept: list[Media] = [Media(**one) for one in initial.get("media", ())]
        self.new_words = ""
        if data is not None and "media_shown" in data:
            gone = set(data.getlist("medium_gone"))
            words = data.getlist("medium_words")
            self.kept = [
                Media(name, kind_of(name).value, words[at].strip() if at < len(words) else "")
                for at, name in enumerate(data.getlist("medium"))
                if is_name(name) and name not in gone
            ]
            self.new_words = data.get("new_words", "").strip()

    def add(self, name: str) -> None:
        """Put a file that has been taken in under the question, unless it is there already."""
        if all(one.name != name for one in self.kept):
            self.kept.append(Media(name, kind_of(name).value, self.new_words))
        self.new_words = ""

    def rows(self) -> list[MediaRow]:
        return [MediaRow(at, one.name, one.kind, one.alt, media_url(one.name)) for at, one in enumerate(self.kept)]

    @property
    def may_add(self) -> bool:
        return len(self.kept) < MOST_MEDIA

    def answer(self) -> tuple[Media, ...]:
        """Return them as an item holds them."""
        return tuple(self.kept)
