"""Chinese numerals in a text, turned into figures: 一百二十 is 120, 二〇二六 is 2026, 百分之五 is 5%.

一百零五 105, 一百五 150, 两千 2000, 十 10, 1.5万 15000, 12万5千 125000, 三点五 3.5, 三分之二 2/3, 千分之三 3‰
A unit without a number (千方百计, 万一), times of day (三点五十分) and what is no number (九九八十一) stay.
"""

from __future__ import annotations

import re

_WRITTEN = ("零〇○", "一壹", "二贰貳两兩", "三叁", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
_DIGITS = {letter: str(value) for value, letters in enumerate(_WRITTEN) for letter in letters}
_UNITS = {"十": 1, "拾": 1, "百": 2, "佰": 2, "千": 3, "仟": 3}
_MYRIADS = {"万": 4, "萬": 4, "亿": 8, "億": 8}
_ALL = frozenset((*_DIGITS, *_UNITS, *_MYRIADS))
_DIGIT = f"[{''.join(_DIGITS)}]"
_NUMERAL = f"[{''.join(_ALL)}]"
_MIXED = f"(?:[0-9]+(?:\\.[0-9]+)?|{_NUMERAL})"
_POINT = re.compile(f"({_NUMERAL}++)点({_DIGIT}++)(?![十拾百佰千仟]|分(?!之))")
_SHARE = re.compile(f"({_MIXED}+)分之({_MIXED}+)")
_RUN = re.compile(f"(?=[0-9.]*{_NUMERAL}){_MIXED}+")
_PIECE = re.compile(f"[0-9]+(?:\\.[0-9]+)?|{_NUMERAL}")
_SIGNS = {"100": "%", "1000": "‰"}


def in_figures(text: str) -> str:
    """Return a text with the Chinese numerals in it as figures."""
    if _ALL.isdisjoint(text):
        return text
    text = _POINT.sub(_with_point, text)
    text = _SHARE.sub(_as_share, text)
    return _RUN.sub(lambda run: figures_of(run[0]) or run[0], text)


def figures_of(run: str) -> str | None:
    """Return the figures of one numeral, None if it is none."""
    pieces = _PIECE.findall(run)
    if all(piece in _DIGITS for piece in pieces):
        return "".join(_DIGITS[piece] for piece in pieces)
    if len(pieces) == 1 and run[0].isdigit():
        return run
    if "." in run:
        return _moved(pieces)
    value = _added_up(pieces)
    return None if value is None else str(value)


def _moved(pieces: list[str]) -> str | None:
    """Return 1.5万 as 15000: the point moves, nothing is rounded."""
    head, *units = pieces
    places = [_UNITS.get(unit, 0) or _MYRIADS.get(unit, 0) for unit in units]
    if "." not in head or not all(places) or places != sorted(set(places)):
        return None
    whole, _, rest = head.partition(".")
    by = sum(places)
    digits = whole + rest.ljust(by, "0")
    after = digits[len(whole) + by :].rstrip("0")
    before = digits[: len(whole) + by].lstrip("0") or "0"
    return f"{before}.{after}" if after else before


def _added_up(pieces: list[str]) -> int | None:
    """Return what a numeral with units comes to: numbers times units, and units that grow smaller."""
    total = section = 0
    number: int | None = None
    spoken = zero = False  # the number is a single spoken digit; a zero stands before it
    unit, myriad = 4, 16  # the places of the last unit, of the last myriad
    for piece in pieces:
        if piece in _UNITS:
            places = _UNITS[piece]
            if places >= unit or (number is None and places > 1) or number == 0:
                return None
            section += (1 if number is None else number) * 10**places
            number, unit, zero = None, places, False
        elif piece in _MYRIADS:
            places = _MYRIADS[piece]
            section += number or 0
            if not section and not (places == 8 and myriad == 4):
                return None
            if (places == 4 and myriad <= 4) or (places == 8 and myriad == 8):
                return None
            total = (total + section) * 10**8 if places == 8 else total + section * 10**4
            section, number, unit, myriad, zero = 0, None, 4, places, False
        elif number is not None or (zero and _DIGITS.get(piece) == "0"):
            return None
        elif _DIGITS.get(piece) == "0":
            zero = True
        else:
            spoken = piece in _DIGITS
            number = int(_DIGITS.get(piece, piece))
    if number is None:
        return None if zero else total + section
    last = unit if section else myriad
    if spoken and not zero and 1 < last < 16:
        number *= 10 ** (last - 1)  # 一百二 is 120, 三万五 is 35000
    elif not spoken and (last == 16 or len(pieces[-1]) != last):
        return None
    return total + section + number


def _with_point(found: re.Match[str]) -> str:
    whole = figures_of(found[1])
    return found[0] if whole is None else f"{whole}.{figures_of(found[2])}"


def _as_share(found: re.Match[str]) -> str:
    below = {"百": "100", "千": "1000", "万": "10000"}.get(found[1]) or figures_of(found[1])
    above = figures_of(found[2])
    if below is None or above is None:
        return found[0]
    return above + _SIGNS[below] if below in _SIGNS else f"{above}/{below}"
