"""The contest day: how the engine is doing, in figures and in plain words, and what to do when it is not well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tradeshall.contests import permissions
from tradeshall.contests.queries.contest_day import look
from tradeshall.contests.queries.rounds import open_at, rounds_visible_to
from tradeshall.contests.rules.contest_day import Finding, Process
from tradeshall.contests.views.console.day_words import FINDINGS, KINDS
from tradeshall.contests.views.console.monitor import live_page
from tradeshall.core import clock
from tradeshall.web.access import opens_to

EVERY_SECONDS = 3
MOST_ROUNDS = 12


@opens_to(permissions.ROUND_MONITOR)
def contest_day(request: HttpRequest) -> HttpResponse:
    """Show the engine processes of the installation. Asked for a part of the page, answer with that part alone."""
    return live_page(request, "contests/console/contest_day.html", seen(), lambda: around(request))


def around(request: HttpRequest) -> dict[str, object]:
    """Return what the page shows besides."""
    running = rounds_visible_to(request.user, permissions.ROUND_MONITOR).filter(open_at(clock.now()))
    return {
        "rounds": running.order_by("closes_at", "pk")[:MOST_ROUNDS],
        "every": EVERY_SECONDS,
        "live_url": reverse("contests:console_contest_day"),
    }


def seen() -> dict[str, object]:
    """Return what the live part of the page shows."""
    day = look()
    return {
        "as_of": clock.now(),
        "findings": [worded(one) for one in day.findings],
        "processes": [shown(one) for one in day.processes],
        "lag_entries": day.lag_entries,
        "disk_free": gigabytes(day.disk_free_mb),
    }


@dataclass(frozen=True, slots=True)
class Worded:
    kind: str
    title: str
    text: str


def worded(finding: Finding) -> Worded:
    title, text = FINDINGS[finding.code]
    return Worded(finding.grade.value, str(title) % finding.details, str(text) % finding.details)


def shown(process: Process) -> dict[str, Any]:
    """Return a process as the page draws it."""
    told = process.told
    minute = told["minute"]
    ages = range(len(minute["answered"]), 0, -1)
    lines = [
        {
            "label": KINDS[kind],
            "answered": told["kinds"][kind]["answered"],
            "busy": told["kinds"][kind]["busy"],
            "refused": told["kinds"][kind]["refused"],
            "failed": told["kinds"][kind]["failed"],
            "p50": told["kinds"][kind]["p50_ms"],
            "p95": told["kinds"][kind]["p95_ms"],
        }
        for kind in KINDS
    ]
    return {
        "writer": process.writer,
        "answers": process.answers,
        "silent_seconds": process.silent_seconds,
        "answered": process.a_second("answered"),
        "turned_away": process.a_second("busy"),
        "slowest": max((line["p95"] or 0 for line in lines), default=0),
        "lines": lines,
        "told": told,
        "disk_free": gigabytes(told["disk_free_mb"]),
        "points": [
            (_("%(seconds)s s ago") % {"seconds": age}, count)
            for age, count in zip(ages, minute["answered"], strict=True)
        ],
    }


def gigabytes(megabytes: int | None) -> float | None:
    return None if megabytes is None else round(megabytes / 1024, 1)
