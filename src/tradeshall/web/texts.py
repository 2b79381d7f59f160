"""The sentence for each refusal. Apps register their texts when they are ready."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tradeshall.core.refusal import Refusal

TEXTS: dict[str, str | Promise] = {
    "core:authority:denied": gettext_lazy("You may not do that."),
}
"""Of the layers that have no texts of their own."""

PAGES: dict[int, dict[str, str | Promise]] = {
    400: {
        "title": gettext_lazy("That request could not be understood"),
        "text": gettext_lazy(
            "Go back and try once more. If it happens again, tell your organiser what you were doing."
        ),
    },
    403: {
        "title": gettext_lazy("This page was open for too long"),
        "text": gettext_lazy(
            "For your safety the form was not accepted and nothing was changed. "
            "Go back, reload the page and send it again."
        ),
    },
    404: {
        "title": gettext_lazy("There is no such page"),
        "text": gettext_lazy(
            "It may have been moved, or it is not open to you. Check the address, or begin at the home page."
        ),
    },
    405: {
        "title": gettext_lazy("That cannot be done from here"),
        "text": gettext_lazy("Go back to the page before and use its button."),
    },
    413: {
        "title": gettext_lazy("That is too large"),
        "text": gettext_lazy(
            "The file or text you sent is larger than this page takes. Nothing was changed. Send a smaller one."
        ),
    },
    429: {
        "title": gettext_lazy("Too many tries"),
        "text": gettext_lazy("Wait a few minutes, then try again. Nothing is lost."),
    },
    500: {
        "title": gettext_lazy("Something went wrong on our side"),
        "text": gettext_lazy("What you saved before is safe. Try again in a minute."),
    },
    503: {
        "title": gettext_lazy("Many people are here right now"),
        "text": gettext_lazy("Please wait: this page tries again by itself. Answers kept on your device stay there."),
    },
}
"""Titles and texts of the pages for what went wrong, by status."""

_registered: dict[str, str | Promise] = dict(TEXTS)


def register(texts: Mapping[str, str | Promise]) -> None:
    """Add the sentences of an app: code of refusal to lazily translated text with the placeholders of its details."""
    for code, text in texts.items():
        known = _registered.get(code)
        if known is not None and known is not text:
            raise ValueError(f"refusal {code} is worded twice")
        _registered[code] = text


def registered() -> dict[str, str | Promise]:
    """Return every code that has a sentence."""
    return dict(_registered)


def sentence(refusal: Refusal) -> str:
    """Return what a person reads when refused. A code without words is a mistake, and raises KeyError under test."""
    text = _registered.get(refusal.code)
    if text is None:
        if settings.STRICT_TEXTS:
            raise KeyError(f"no sentence for the refusal {refusal.code}")
        return _("That cannot be done (%(code)s).") % {"code": refusal.code}
    return str(text) % dict(refusal.details)
