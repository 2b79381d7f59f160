"""Paper and pictures: certificates, lists of results, posters.

They are set with Typst from templates that stand beside the pages' own. What a template shows comes to it as JSON
(`sys.inputs.data`), so that nothing anybody wrote is ever read as markup, and it may read no file but those beside
it. The letters are ours (`fonts/`): every machine sets the same page. A character they lack, as rare names have,
is taken from the machine's own fonts.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
import typst
from django.template import TemplateDoesNotExist
from django.template.utils import get_app_template_dirs

FONTS = Path(__file__).parent / "fonts"
_kept = threading.local()


def set_pdf(template: str, content: Mapping[str, Any]) -> bytes:
    """Return a PDF set from a template, tagged for screen readers."""
    return _set(template, content, format="pdf")


def set_png(template: str, content: Mapping[str, Any], *, width_px: int, width_pt: float) -> bytes:
    """Return the first page of a template as a picture of a width in pixels; `width_pt` is the page's own."""
    return _set(template, content, format="png", ppi=72 * width_px / width_pt)


def qr_svg(text: str) -> str:
    """Return the QR code of a text as SVG, for a template to place."""
    return str(segno.make(text, error="m", micro=False).svg_inline(border=0, dark="#17201e", omitsize=True))


def _set(template: str, content: Mapping[str, Any], **options: Any) -> bytes:
    compilers: dict[str, typst.Compiler] = _kept.__dict__.setdefault("compilers", {})
    compiler = compilers.get(template)
    if compiler is None:
        path = _found(template)
        compiler = compilers[template] = typst.Compiler(path, root=path.parent, font_paths=_fonts())
    made = compiler.compile(sys_inputs={"data": json.dumps(content, ensure_ascii=False)}, **options)
    assert made is not None
    return made[0] if isinstance(made, list) else made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[FONTS])


def _found(template: str) -> Path:
    for folder in get_app_template_dirs("templates"):
        path = Path(folder) / template
        if path.is_file():
            return path
    raise TemplateDoesNotExist(template)
