"""Refusals become sentences."""

from __future__ import annotations

import pytest
from django.test import override_settings
from django.utils.translation import gettext_lazy

from tradeshall.core.refusal import refuse
from tradeshall.web import texts


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_registered", {})


def test_sentence_holds_the_figures() -> None:
    texts.register({"test:a:b": gettext_lazy("Wait %(minutes)s minutes.")})
    assert texts.sentence(refuse("test:a:b", minutes=5)) == "Wait 5 minutes."


def test_refusal_without_words_raises_under_test() -> None:
    with pytest.raises(KeyError, match="test:a:none"):
        texts.sentence(refuse("test:a:none"))


@override_settings(STRICT_TEXTS=False)
def test_refusal_without_words_shows_its_code_in_service() -> None:
    assert "test:a:none" in texts.sentence(refuse("test:a:none"))


def test_register_refuses_two_wordings() -> None:
    texts.register({"test:a:b": "One."})
    with pytest.raises(ValueError, match="worded twice"):
        texts.register({"test:a:b": "Another."})
