"""What somebody typed, as it is compared: texts that say the same are equal, numbers are exact.

text    NFKC and case folded; Chinese numerals as figures; spaces and punctuation that say nothing left out.
        What makes another answer stays: 3.5 is not 35, -5 not 5, 5% not 5, 2^3 not 23, C# not C.
        Traditional and simplified characters are not the same text.
number  a fraction, never a float: figures of any width, thousands separators, Chinese numerals, 1.5e3,
        1.5x10^3, 1/3, 5%; None if it is not one number.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import lru_cache

from tradeshall.engine.numerals import in_figures

LONGEST_TEXT = 100
LARGEST_EXPONENT = 100
_BLANKED = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ")
_KEPT_ANYWHERE = frozenset("%‰#@&*")
_KEPT_BETWEEN_FIGURES = frozenset(".,:/-")
_DASHES = str.maketrans({"−": "-", "–": "-", "—": "-", "⁄": "/", "。": ".", "〜": "~", "‐": "-", "‑": "-"})
_RAISED = re.compile(r"(?<=[0-9\uff10-\uff19])[⁰¹²³⁴-⁹⁺⁻]+|×10[⁰¹²³⁴-⁹⁺⁻]+")
_VULGAR = re.compile(r"(?<=[0-9])(?=[¼-¾⅐-⅞])")
_GROUPS = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9,])")
_DECIMAL = re.compile(r"(?P<figures>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:(?:e|[x×*]10\^)(?P<exponent>[+-]?[0-9]{1,4}))?")
_POINT_FIRST = re.compile(r"(?<![0-9a-z.])\.(?=[0-9])")
_SIGN = re.compile(r"[+-]|负|正")
_SPACED_GROUPS = re.compile(r"(?<=[0-9])[ ',](?=[0-9]{3}(?![0-9]))")


def cleaned(text: str) -> str:
    """Return a typed text without control characters and outer spaces, as it is kept."""
    return text.translate(_BLANKED).strip()


@lru_cache(maxsize=1 << 14)
def text_key(text: str) -> str:
    """Return a text as it is compared; two that say the same have the same key, and only "" has none."""
    folded = _joined(_folded(text))
    letters = in_figures(_GROUPS.sub(lambda found: found[0].replace(",", ""), _POINT_FIRST.sub("0.", folded)))
    return "".join(letter for place, letter in enumerate(letters) if _says_something(letters, place)) or letters


def text_matches(text: str, keys: frozenset[str]) -> bool:
    """Answer whether a typed text is one of those whose keys these are."""
    return bool(text) and text_key(text) in keys


def read_number(text: str) -> Fraction | None:
    """Return the number a text says, None if it does not say exactly one."""
    rest = in_figures(_joined(_SPACED_GROUPS.sub("", _folded(text))).rstrip("."))
    sign = 1
    if found := _SIGN.match(rest):
        sign, rest = (-1 if found[0] in "-负" else 1), rest[found.end() :]
    divisor = 1
    if rest[-1:] in ("%", "‰"):
        divisor, rest = (100 if rest[-1] == "%" else 1000), rest[:-1]
    above, slash, below = rest.partition("/")
    number = _decimal(above)
    if slash:
        under = _decimal(below)
        number = None if not under or number is None else number / under
    return None if number is None else sign * number / divisor


def read_tolerance(text: str, value: Fraction) -> Fraction | None:
    """Return how far a number may lie from a value: absolute, or relative to it if the text ends in %."""
    number = read_number(text)
    if number is None or number < 0:
        return None
    return number * abs(value) if unicodedata.normalize("NFKC", text).strip().endswith("%") else number


def number_matches(text: str, value: Fraction, tolerance: Fraction) -> bool:
    """Answer whether a typed text is a number within a tolerance of a value."""
    number = read_number(text)
    return number is not None and abs(number - value) <= tolerance


def _folded(text: str) -> str:
    raised = _RAISED.sub(lambda found: _lowered(found[0]), _VULGAR.sub("+", text))
    return unicodedata.normalize("NFKC", raised).casefold().translate(_DASHES)


def _joined(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter)[0] not in "ZC")


def _lowered(raised: str) -> str:
    figures = unicodedata.normalize("NFKC", raised.removeprefix("×10")).replace("−", "-")
    return f"×10^{figures}" if raised.startswith("×10") else f"^{figures}"


def _says_something(letters: str, place: int) -> bool:
    letter = letters[place]
    if unicodedata.category(letter)[0] != "P" or letter in _KEPT_ANYWHERE:
        return True
    before = letters[place - 1] if place else ""
    after = letters[place + 1] if place + 1 < len(letters) else ""
    if letter not in _KEPT_BETWEEN_FIGURES or not _is_figure(after):
        return False
    if _is_figure(before):
        return True
    # A sign or a point that begins a number; the hyphen in GB-5 joins, and says nothing.
    return letter in "-." and not (before.isascii() and before.isalnum()) and before not in (".", "-")


def _is_figure(letter: str) -> bool:
    return "0" <= letter <= "9"


def _decimal(text: str) -> Fraction | None:
    found = _DECIMAL.fullmatch(text)
    if found is None:
        return None
    exponent = int(found["exponent"] or 0)
    return Fraction(found["figures"]) * Fraction(10) ** exponent if abs(exponent) <= LARGEST_EXPONENT else None
