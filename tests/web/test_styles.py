"""The style sheets as served: complete, small, in layers, and readable in light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client, override_settings

from tradeshall.web.finders import LAYERS, SHEETS, join, sources

PACKAGE = Path(__file__).parents[2] / "src/tradeshall"
STATIC = PACKAGE / "web/static/web"
OURS = sorted(PACKAGE.glob("*/static/*/css/**/*.css"))
JOINED = [path for path in OURS if path.parent.name in ("css", "components", "console")]
TOKENS = (STATIC / "css/tokens.css").read_text()
KILOBYTE = 1024

TEXT = [
    *[(ink, ground) for ink in ("ink", "ink-2", "blue") for ground in ("ground", "sheet", "band")],
    *[(colour, ground) for colour in ("green", "amber", "red") for ground in ("ground", "sheet")],
    *[(colour, f"{colour}-band") for colour in ("blue", "green", "amber", "red")],
    *[("ink", f"{colour}-band") for colour in ("blue", "green", "amber", "red")],
    ("ink-2", "blue-band"),
    ("on", "blue"),
    ("on", "blue-deep"),
    ("on", "red"),
    ("blue-deep", "ground"),
    ("red-deep", "sheet"),
    ("on-cloth", "cloth"),
]
SHAPES = [("edge", "ground"), ("edge", "sheet"), ("edge", "band"), ("blue", "band"), ("red", "sheet")]


def block(opening: str) -> dict[str, str]:
    """Return the colours set in the first block that an opening begins."""
    inside = TOKENS.split(opening, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6})", inside))


LIGHT = block(":root {")
DARK = {**LIGHT, **block(':root[data-theme="dark"] {')}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, as WCAG 2 reckons it."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_is_readable(theme: str, front: str, back: str) -> None:
    colours = LIGHT if theme == "light" else DARK
    assert contrast(colours[front], colours[back]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), SHAPES)
def test_edges_of_controls_are_visible(theme: str, front: str, back: str) -> None:
    colours = LIGHT if theme == "light" else DARK
    assert contrast(colours[front], colours[back]) >= 3


def test_dark_is_the_same_by_choice_and_by_device() -> None:
    assert block(":root:not([data-theme]) {") == block(':root[data-theme="dark"] {')


def test_sheets_hold_every_component() -> None:
    joined = {path for sheet in SHEETS for path in sources(sheet)}
    assert joined == set(JOINED)


def test_every_rule_stands_in_a_layer_that_is_ordered() -> None:
    ordered = set(LAYERS.removeprefix("@layer ").rstrip(";").split(", "))
    for path in JOINED:
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        outside, depth = [], 0
        for line in text.splitlines():
            if depth == 0 and line.strip():
                outside.append(line.strip())
            depth += line.count("{") - line.count("}")
        assert depth == 0, path
        assert all(re.fullmatch(r"@layer (\w+) \{", line) for line in outside), path
        assert {line.split()[1] for line in outside} <= ordered, path


def test_sheets_say_nothing_about_sides() -> None:
    physical = re.compile(
        r"(?<![-\w])(?:margin|padding|border)-(?:left|right)\b|(?<![-\w])(?:left|right|float): ?[\d-]"
    )
    for path in OURS:
        assert not physical.search(path.read_text()), path


def test_member_sheet_is_within_its_budget() -> None:
    assert len(brotli.compress(join(sources("web/member.css")).encode())) <= 12 * KILOBYTE


def test_scripts_of_a_member_page_are_within_their_budget() -> None:
    elements = len(brotli.compress((STATIC / "elements/elements.js").read_bytes()))
    htmx = len(brotli.compress((STATIC / "vendor/htmx/htmx.min.js").read_bytes()))
    assert (STATIC / "elements/elements.js").stat().st_size <= 10 * KILOBYTE
    assert elements + htmx <= 30 * KILOBYTE


def test_joining_drops_comments_and_keeps_rules(tmp_path: Path) -> None:
    part = tmp_path / "part.css"
    part.write_text('@layer base {\n  /* why */\n  a:hover, b > c { margin: 0  -1px; content: "x  y"; }\n}\n')
    assert join([part]) == f'{LAYERS}\n@layer base{{a:hover,b > c{{margin: 0 -1px;content: "x y";}}}}\n'


def test_finder_finds_only_its_sheets() -> None:
    assert finders.find("web/member.css")
    assert finders.find("web/console.css")
    assert finders.find("web/nobody.css") is None


def test_collected_files_are_hashed_and_compressed(tmp_path: Path) -> None:
    storages = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    assert list(tmp_path.glob("web/member.????????????.css.br"))
    assert list(tmp_path.glob("web/vendor/phosphor/icons.????????????.svg"))


def test_sheet_is_served(client: Client) -> None:
    response = client.get("/static/web/member.css")
    assert response.status_code == 200
    assert b"".join(response.streaming_content).startswith(LAYERS.encode())  # type: ignore[attr-defined]


def own_classes(text: str) -> set[str]:
    """Return the classes a sheet gives a look to wherever they stand."""
    selectors = ",".join(re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)))
    alone = (re.fullmatch(r"\s*\.([\w-]+)(::?[\w-]+(\(.*\))?)?\s*", one) for one in selectors.split(","))
    return {found[1] for found in alone if found}


def test_classes_that_stand_alone_are_found() -> None:
    assert own_classes(".a { x: y } .b .c, .d:hover { x: y } /* .e {} */ .f.g { x: y }") == {"a", "d"}


def test_no_two_apps_dress_the_same_class() -> None:
    owners: dict[str, set[str]] = {}
    for path in [*OURS, *PACKAGE.glob("*/static/*/*.css")]:
        for name in own_classes(path.read_text()):
            owners.setdefault(name, set()).add(path.relative_to(PACKAGE).parts[0])
    assert {name: apps for name, apps in owners.items() if len(apps) > 1} == {}
