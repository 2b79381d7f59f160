"""No template is left over, and none carries what the Content-Security-Policy forbids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "tradeshall"
TEMPLATES = {
    path.relative_to(folder).as_posix(): path
    for folder in PACKAGE.glob("*/templates")
    for path in folder.rglob("*.*")
}
LIBRARY = (
    "account/",
    "mfa/",
    "400.html",
    "403.html",
    "404.html",
    "405.html",
    "413.html",
    "429.html",
    "500.html",
    "503.html",
)
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style\b|\sstyle=|\son[a-z]+=|javascript:", re.I
)


def sources() -> str:
    return "\n".join(
        path.read_text()
        for pattern in ("*.py", "*.html", "*.txt")
        for path in PACKAGE.rglob(pattern)
        if "/locale/" not in str(path)
    )


def unused(names: list[str], text: str) -> list[str]:
    left = []
    for name in names:
        if name.startswith(LIBRARY) or name.startswith("web/gallery/"):
            continue
        if name.startswith("cotton/"):
            tag = "c-" + name.removeprefix("cotton/").removesuffix(".html").replace("/", ".").replace("_", "-")
            if not re.search(rf"<{tag}[\s/>]", text):
                left.append(name)
        elif f'"{name}' not in text and f"'{name}" not in text:
            left.append(name)
    return left


def test_every_template_is_used() -> None:
    assert TEMPLATES
    assert unused(sorted(TEMPLATES), sources()) == []


def test_a_left_over_template_is_found() -> None:
    assert unused(["web/nobody.html", "cotton/nobody.html"], "nothing here") == [
        "web/nobody.html",
        "cotton/nobody.html",
    ]


@pytest.mark.parametrize("name", sorted(name for name in TEMPLATES if name.endswith(".html")))
def test_no_template_has_inline_script_or_style(name: str) -> None:
    assert not INLINE.search(TEMPLATES[name].read_text())


@pytest.mark.parametrize(
    "bad", ["<script>x</script>", "<p style='x'>", '<p onclick="x">', "<style>", '<a href="javascript:x">']
)
def test_inline_script_and_style_are_found(bad: str) -> None:
    assert INLINE.search(bad)
