"""Tags and filters of every page: figures, moments, controls, links, QR codes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import segno
from django import forms, template
from django.http import HttpRequest
from django.template.context import Context
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from tradeshall.core import clock
from tradeshall.web.context import address
from tradeshall.web.forms import Problem, problems_of
from tradeshall.web.ports import NavigationEntry

register = template.Library()


# Figures


@register.filter
def headline_number(value: Any) -> str:
    """Return a figure short enough for a headline: 1.2万, 1.3亿; 12K, 1.3M. Never overstated."""
    number = int(value)
    chinese = (get_language() or "").startswith("zh")
    steps = [(10**8, "亿"), (10**4, "万")] if chinese else [(10**9, "B"), (10**6, "M"), (10**4, "K")]
    for size, letter in steps:
        if abs(number) >= size:
            unit = 1000 if letter == "K" else size
            tenths = (Decimal(number) / unit).quantize(Decimal("0.1"), rounding=ROUND_DOWN)
            whole = abs(tenths) >= 100 or tenths % 1 == 0
            shown = tenths.quantize(Decimal(1), rounding=ROUND_DOWN) if whole else tenths
            return f"{shown}{letter}"
    return full_number(number)


@register.filter
def full_number(value: Any) -> str:
    """Return a figure with all its digits, grouped by thousands."""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


@register.filter
def unlocalised(value: Any) -> str:
    """Return a figure as markup wants it, with a point and no grouping."""
    return formats.number_format(value, use_l10n=False) if not isinstance(value, str) else value


# Moments

WEEKDAYS = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


@register.filter
def when(moment: Any) -> str:
    """Return a moment as people say it: today 18:30, tomorrow 09:00, else the date with its weekday."""
    if moment is None:
        return ""
    today = timezone.localdate(clock.now())
    if not isinstance(moment, datetime):
        day, at = moment, ""
    else:
        local = timezone.localtime(moment)
        day, at = local.date(), formats.time_format(local, "H:i")
    near = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}.get((day - today).days)
    return f"{near or with_weekday(day, today)} {at}".strip()


def with_weekday(day: date, today: date) -> str:
    weekday = WEEKDAYS[day.weekday()]
    shown = formats.date_format(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")
    return gettext("%(day)s (%(weekday)s)") % {"day": shown, "weekday": weekday}


@register.filter
def duration(value: Any) -> str:
    """Return a length of time (a timedelta, or seconds) in its two largest parts: 2 days 4 hours, 15 minutes."""
    seconds = int(value.total_seconds()) if isinstance(value, timedelta) else int(value)
    seconds = max(seconds, 0)
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    parts = [
        (days, ngettext("%(count)d day", "%(count)d days", days)),
        (hours, ngettext("%(count)d hour", "%(count)d hours", hours)),
        (minutes, ngettext("%(count)d minute", "%(count)d minutes", minutes)),
        (left, ngettext("%(count)d second", "%(count)d seconds", left)),
    ]
    first = next((place for place, (count, _text) in enumerate(parts) if count), 3)
    shown = [text % {"count": count} for count, text in parts[first : first + 2] if count] or [
        parts[3][1] % {"count": 0}
    ]
    return " ".join(shown)


@register.filter
def clock_time(seconds: Any) -> str:
    """Return a length of time as a clock shows it: 08:42, 1:08:42."""
    hours, rest = divmod(max(int(seconds), 0), 3_600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes:02}:{left:02}"


@register.filter
def iso(moment: datetime) -> str:
    """Return a moment as `<time datetime>` wants it."""
    return moment.isoformat()


# Controls

OPTIONS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


@register.filter
def kind_of_control(bound: forms.BoundField) -> str:
    """Return which markup a field wants."""
    widget = bound.field.widget
    if bound.is_hidden:
        return "hidden"
    if isinstance(widget, OPTIONS):
        return "options"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "file" if isinstance(widget, forms.FileInput) else "line"


@register.filter
def described_by(bound: forms.BoundField) -> str:
    """Return the ids of a field's help and error, for a fieldset."""
    ids = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    return " ".join([*ids, f"{bound.auto_id}_error"] if bound.errors else ids)


@register.filter
def control(bound: forms.BoundField) -> SafeString:
    """Return the control of a field in our dress."""
    return drawn(bound, {})


@register.filter
def code_control(bound: forms.BoundField) -> SafeString:
    """Return the control for a one-time code: phones offer the code from the message."""
    wanted = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code", "spellcheck": "false"}
    return drawn(bound, wanted)


def drawn(bound: forms.BoundField, wanted: dict[str, str]) -> SafeString:
    attributes: dict[str, str | bool] = {**wanted}
    given = bound.field.widget.attrs.get("class", "")
    attributes["class"] = " ".join(part for part in ("input", given, wanted.get("class", "")) if part)
    described = described_by(bound)
    if described:
        attributes["aria-describedby"] = described
    return bound.as_widget(attrs=attributes)


@register.filter
def problems(form: forms.BaseForm) -> list[Problem]:
    """Return the lines of a form's error summary."""
    return problems_of(form)


# Links


@dataclass(frozen=True, slots=True)
class Link:
    label: object
    url: str
    icon: str
    current: bool


@register.simple_tag(takes_context=True)
def links_of(context: Context, entries: list[NavigationEntry]) -> list[Link]:
    """Return navigation entries as links, the current page's marked.

    A view may name its entry in the context as `current_entry`; otherwise it is the one whose address begins the
    page's own the longest, else the first of the same app. An address that begins another entry's (the member's
    home, the console's desk) is current on its own page alone.
    """
    request = context.get("request")
    found = [(entry, url) for entry in entries if (url := address(entry.url_name))]
    current = context.get("current_entry") or (current_entry(found, request) if request else None)
    return [Link(entry.label, url, entry.icon, entry.url_name == current) for entry, url in found]


def current_entry(entries: list[tuple[NavigationEntry, str]], request: HttpRequest) -> str | None:
    """Return the name of the entry to which a page belongs."""
    urls = [url for _entry, url in entries]
    near = [
        (len(url), entry.url_name)
        for entry, url in entries
        if request.path == url
        or (request.path.startswith(url) and not any(other != url and other.startswith(url) for other in urls))
    ]
    if near:
        return max(near)[1]
    app = request.resolver_match.app_name if request.resolver_match else ""
    return next((entry.url_name for entry, _url in entries if app and entry.url_name.startswith(f"{app}:")), None)


@register.simple_tag(takes_context=True)
def page_link(context: Context, number: int, parameter: str = "page") -> str:
    """Return the query of the present page with another page number, its filters kept."""
    query = context["request"].GET.copy()
    query[parameter] = str(number)
    return f"?{query.urlencode()}"


# Pictures


@register.simple_tag
def qr(content: str, label: str = "") -> SafeString:
    """Return a QR code as SVG that prints and scales, dark on light in every theme."""
    code = segno.make(content, error="m", micro=False)
    drawing = io.BytesIO()
    drawn_as = {"xmldecl": False, "svgns": False, "nl": False, "omitsize": True, "light": "#fff", "dark": "#000"}
    code.save(drawing, kind="svg", border=4, **drawn_as)
    svg = drawing.getvalue().decode()
    opening = format_html('<svg role="img" aria-label="{}" ', label or gettext("QR code"))
    return mark_safe(svg.replace("<svg ", opening, 1))  # noqa: S308


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    shown: str
    x: str
    y: str
    width: str
    height: str
    kind: str


@dataclass(frozen=True, slots=True)
class Chart:
    columns: list[Column]
    width: int
    top: str
    first: str
    last: str
    summary: str


@register.simple_tag
def columns_of(points: list[tuple[object, int]]) -> Chart:
    """Return a column chart of (label, number) as the figures its drawing needs; the last one stands out."""
    step = 10
    top = max((number for _label, number in points), default=0)
    columns = []
    for place, (label, number) in enumerate(points):
        height = number * 100 / top if top else 0
        kind = "latest" if place == len(points) - 1 else ""
        columns.append(
            Column(
                str(label),
                full_number(number),
                str(place * step + 1),
                f"{100 - height:.2f}",
                str(step - 2),
                f"{height:.2f}",
                kind,
            )
        )
    first, last = (columns[0].label, columns[-1].label) if columns else ("", "")
    summary = gettext("From %(first)s to %(last)s; highest %(top)s, latest %(latest)s") % {
        "first": first,
        "last": last,
        "top": full_number(top),
        "latest": columns[-1].shown if columns else "",
    }
    return Chart(columns, max(len(columns), 1) * step, full_number(top), first, last, summary)
