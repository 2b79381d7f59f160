"""Style sheets: written as one small file a component, served as one file a layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage

LAYERS = "@layer reset, tokens, base, layout, components, utilities;"
GROUND = ["reset", "tokens", "base", "layout"]
SHEETS = {"web/member.css": "components", "web/console.css": "console"}
"""Each sheet served and the folder of components it adds; the console's sheet is loaded after the member's."""

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r"\s+")
AROUND = re.compile(r"\s*([{};,])\s*")


def sources(sheet: str) -> list[Path]:
    """Return the files of a sheet in the order in which they are joined, those of every app included."""
    own = Path(__file__).parent / "static/web/css"
    folder = SHEETS[sheet]
    parts = sorted((own / folder).glob("*.css"))
    for config in apps.get_app_configs():
        if config.name.startswith("tradeshall.") and config.label != "web":
            parts += sorted(Path(config.path).glob(f"static/{config.label}/css/{folder}/*.css"))
    if sheet != "web/member.css":
        return parts
    return [*(own / f"{name}.css" for name in GROUND), *parts, own / "utilities.css"]


def join(paths: Iterable[Path]) -> str:
    """Return the files as one sheet, without comments and idle space."""
    text = SPACE.sub(" ", COMMENT.sub("", "\n".join(path.read_text() for path in paths)))
    return "\n".join([LAYERS, AROUND.sub(r"\1", text).strip(), ""])


class StyleFinder(BaseFinder):
    """Finds the joined sheets; they are written anew whenever one of their parts has changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.folder = Path(settings.DATA) / "styles"
        self.storage = FileSystemStorage(location=self.folder)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def written(self, sheet: str) -> Path:
        target = self.folder / sheet
        content = join(sources(sheet))
        if not target.exists() or target.read_text() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
        return target

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in SHEETS:
            return []
        found = str(self.written(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for sheet in SHEETS:
            self.written(sheet)
            yield sheet, self.storage
