"""Every refusal has its sentence, in both languages, with the figures it is given."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

from tradeshall.web.texts import registered

PACKAGE = Path(__file__).parents[2] / "src" / "tradeshall"
CODE = re.compile(r"^[a-z_]+:[a-z_]+:[a-z_0-9]+$")


def refused_in(source: str) -> dict[str, set[str]]:
    """Return each code given to `refuse` or `Refusal` in a source, with the names of its details."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        code = node.args[0].value
        if name == "refuse" and isinstance(code, str) and CODE.match(code):
            details = {keyword.arg for keyword in node.keywords if keyword.arg and keyword.arg != "field_name"}
            found.setdefault(code, set()).update(details)
    return found


def all_refused() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for code, details in refused_in(path.read_text()).items():
            found.setdefault(code, set()).update(details)
    return found


def test_codes_are_found_in_source() -> None:
    assert refused_in('x = refuse("units:unit:too_deep", field_name="parent", levels=20)') == {
        "units:unit:too_deep": {"levels"}
    }
    assert len(all_refused()) > 50


@pytest.mark.parametrize("code", sorted(all_refused()))
def test_every_refusal_has_its_sentence_in_both_languages(code: str) -> None:
    text = registered()[code]
    with translation.override("en"):
        english = str(text)
    with translation.override("zh-hans"):
        chinese = str(text)
    assert english
    assert re.search("[一-鿿]", chinese), f"{code} is not translated: {chinese}"
    placeholders = set(re.findall(r"%\((\w+)\)", english))
    assert placeholders == set(re.findall(r"%\((\w+)\)", chinese))


@pytest.mark.parametrize(("code", "details"), sorted(all_refused().items()))
def test_every_sentence_gets_the_figures_it_shows(code: str, details: set[str]) -> None:
    with translation.override("en"):
        shown = set(re.findall(r"%\((\w+)\)", str(registered()[code])))
    assert shown <= details, f"{code} shows {shown - details}, which nobody gives it"
