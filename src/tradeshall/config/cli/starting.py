"""What every command needs before it can act: Django, the reader's language, refusals as plain sentences."""

from __future__ import annotations

import locale
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

LANGUAGE = click.option(
    "--language",
    type=click.Choice(["zh-hans", "en"]),
    help="Language of reports and refusals.  [default: that of the terminal]",
)
UNREADABLE = 2
"""Exit status of a command whose file cannot be read at all; also of a command used wrongly."""


def start_django(language: str | None = None) -> None:
    """Make settings and apps ready, and speak the reader's language."""
    import django

    try:
        django.setup()
    except ValueError as error:  # a key that cannot be read
        raise click.ClickException(str(error)) from error
    from django.utils import translation

    translation.activate(language or _language_of_terminal())


def _language_of_terminal() -> str:
    try:
        locale.setlocale(locale.LC_CTYPE, "")
        name = locale.getlocale(locale.LC_CTYPE)[0] or ""
    except (locale.Error, ValueError):
        name = ""
    return "zh-hans" if name.lower().startswith(("zh", "chinese")) else "en"


class Unreadable(click.ClickException):
    """Ends a command whose file cannot be read."""

    exit_code = UNREADABLE


@contextmanager
def plain_refusals() -> Iterator[None]:
    """End the command with a sentence, and advice where there is some, if what it does is refused or unreadable."""
    from tradeshall.core import spreadsheets
    from tradeshall.core.refusal import Refused

    try:
        yield
    except Refused as refused:
        raise click.ClickException("\n".join(_worded(r.code, r.details) for r in refused.refusals)) from refused
    except spreadsheets.Unreadable as error:
        end_unreadable(_worded(error.code, error.details))


def end_unreadable(sentence: str) -> NoReturn:
    """End the command because its file cannot be read."""
    raise Unreadable(sentence)


def _worded(code: str, details: Any) -> str:
    from tradeshall.intake.texts import advice_for, sentence_for

    return f"{sentence_for(code, details)} {advice_for(code, details)}".strip()


def find_unit(code: str | None) -> Any:
    """Return the unit with a code, the federation if none is given; ends the command if there is none."""
    from tradeshall.units.queries import root_unit, unit_by_code

    unit = unit_by_code(code) if code else root_unit()
    if unit is None:
        raise click.ClickException(
            f"There is no unit with the code {code}."
            if code
            else "There is no federation yet; run `tradeshall init`."
        )
    return unit
