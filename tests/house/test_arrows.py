"""Foreign keys name models by string and leave no import; their arrows point downwards all the same."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(__file__).parents[2]


def layers() -> list[str]:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / "tools" / "contracts.ini")
    return contracts["importlinter:contract:apps"]["layers"].split()


def arrows() -> list[tuple[str, str, str]]:
    return [
        (model._meta.app_label, field.related_model._meta.app_label, f"{model._meta.label}.{field.name}")
        for model in apps.get_models()
        if model.__module__.startswith("tradeshall.")
        for field in model._meta.get_fields()
        if (field.many_to_one or field.one_to_one or field.many_to_many)
        and not field.auto_created
        and field.related_model is not None
        and field.related_model._meta.label != settings.AUTH_USER_MODEL  # decision 0003
    ]


def upward(found: list[tuple[str, str, str]], order: list[str]) -> list[str]:
    return [name for source, target, name in found if source != target and order.index(source) > order.index(target)]


def test_foreign_keys_point_downwards() -> None:
    assert arrows()
    assert upward(arrows(), layers()) == []


def test_foreign_keys_that_point_upwards_are_found() -> None:
    assert upward([("units", "people", "units.Grant.person")], layers()) == ["units.Grant.person"]


@pytest.mark.parametrize("model", [m for m in apps.get_models() if m.__module__.startswith("tradeshall.")])
def test_models_keep_time_aware_and_named(model: type) -> None:
    """A moment is `_at`, a day is `_on` or `_from`/`_until`."""
    for field in model._meta.get_fields():  # type: ignore[attr-defined]
        kind = field.get_internal_type() if hasattr(field, "get_internal_type") else ""
        if kind == "DateTimeField" and field.name != "last_login":
            assert field.name == "at" or field.name.endswith("_at"), field.name
        if kind == "DateField":
            assert field.name.endswith(("_on", "_from", "_until")), field.name
