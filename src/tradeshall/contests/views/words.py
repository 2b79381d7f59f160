"""The rules in plain words: what an organiser reads before publishing, and what members read. One source for both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tradeshall.contests.enums import (
    Achieved,
    Advance,
    Counting,
    RankStyle,
    Results,
    Review,
    RoundState,
    Scoring,
    TieBreak,
)
from tradeshall.contests.models import Achievement, Contest, Round, Section
from tradeshall.core import clock
from tradeshall.engine.wire import PRACTICE_A_DAY, PRACTICE_A_MINUTE
from tradeshall.units.queries import federation_zone
from tradeshall.web.naming import called


def rules_in_words(one: Round) -> list[tuple[str, str]]:
    """Return the rules of a round, each with its heading."""
    return [(_("Window"), window_in_words(one)), *lasting_rules(one)]


def window_in_words(one: Round) -> str:
    return _("%(opens)s to %(closes)s") % {"opens": moment(one.opens_at), "closes": moment(one.closes_at)}


def lasting_rules(one: Round) -> list[tuple[str, str]]:
    """Return the rules of a round but for its window: rounds of a series share them."""
    sections = list(one.sections.all())
    found = [
        *entry_in_words(one),
        (_("Paper"), paper_in_words(sections)),
        (_("Time"), time_in_words(one)),
        (_("Attempts"), attempts_in_words(one)),
    ]
    if one.practice:
        pace = _(
            "Scored for the member alone; appears on no board. "
            "At most %(minute)s attempts begin in a minute, and %(day)s in a day."
        )
        figures = {"minute": PRACTICE_A_MINUTE, "day": one.attempts_per_day or PRACTICE_A_DAY}
        found.append((_("Practice"), pace % figures))
    else:
        found.append((_("Ranking"), ranking_in_words(one)))
    if one.pass_points:
        passed = _("Passed from %(points)s points on.") % {"points": one.pass_points}
        found.append((_("Passing"), passed))
    if any(section.local for section in sections):
        found.append(
            (
                _("Local questions"),
                _(
                    "Some questions come from the member’s own unit, where it offers enough; all papers have as many "
                    "questions and points."
                ),
            )
        )
    ways = dict.fromkeys(section.scoring for section in sections)
    if ways:
        found.append((_("Multiple choice"), sentences(*(scoring_in_words(way) for way in ways))))
    found += [(_("Results"), results_in_words(one)), (_("Right answers"), review_in_words(one))]
    shuffled = _("The order of options differs from paper to paper.")
    kept = _("The options keep the order in which they were written.")
    found.append((_("Options"), shuffled if one.shuffle_options else kept))
    return found


def sentences(*found: str) -> str:
    """Return sentences one after the other, as their language sets them."""
    return ("" if (get_language() or "").startswith("zh") else " ").join(found)


def entry_in_words(one: Round) -> list[tuple[str, str]]:
    """Say who may sit a round, where not everybody may."""
    found = []
    if one.opens_after is not None:
        words = _("Opens for whoever has passed “%(round)s” (%(points)s points).")
        before = {"round": called(one.opens_after), "points": one.opens_after.pass_points}
        found.append((_("Level"), words % before))
    if one.advances_from is not None:
        found.append((_("Who takes part"), advancing_in_words(one)))
    return found


def advancing_in_words(one: Round) -> str:
    assert one.advances_from is not None
    earlier = called(one.advances_from)
    if one.advance_by == Advance.POINTS:
        words = _("Whoever has %(points)s points or more in “%(round)s”, once the organiser has confirmed the list.")
        return words % {"points": one.advance_points, "round": earlier}
    if one.advance_by == Advance.TOP_OF_UNITS:
        words = _(
            "The best %(top)s of each unit on level %(depth)s of the tree in “%(round)s”, with all units beneath it; "
            "whoever shares the last place goes on as well. The organiser confirms the list."
        )
        return words % {"top": one.advance_top, "depth": one.advance_depth, "round": earlier}
    words = _(
        "The best %(top)s in “%(round)s”; whoever shares the last place goes on as well. "
        "The organiser confirms the list."
    )
    return words % {"top": one.advance_top, "round": earlier}


def scoring_in_words(way: str) -> str:
    words = {
        Scoring.ALL_OR_NOTHING.value: _("All right options and no other earn the points."),
        Scoring.PART_MARKS.value: _("Some of the right options earn part of the points; one wrong option, nothing."),
        Scoring.PER_OPTION.value: _("Every option rightly ticked or left counts for, every other one against."),
    }
    return words[way]


def moment(at: object) -> str:
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")  # type: ignore[arg-type]


def paper_in_words(sections: Sequence[Section]) -> str:
    count = sum(section.count for section in sections)
    points = sum(section.count * section.points for section in sections)
    if not count:
        return _("No questions yet.")
    words = ngettext(
        "%(count)s question, %(points)s points.", "%(count)s questions, %(points)s points in all.", count
    )
    return words % {"count": count, "points": points}


def time_in_words(one: Round) -> str:
    limit = duration_in_words(one.time_limit_seconds)
    if not one.grace_seconds:
        return _("%(limit)s an attempt; answers that arrive later do not count.") % {"limit": limit}
    return _("%(limit)s an attempt; answers count that arrive at most %(grace)s late.") % {
        "limit": limit,
        "grace": duration_in_words(one.grace_seconds),
    }


def duration_in_words(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    parts = []
    if minutes:
        parts.append(ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes})
    if rest or not minutes:
        parts.append(ngettext("%(count)s second", "%(count)s seconds", rest) % {"count": rest})
    return " ".join(parts)


def attempts_in_words(one: Round) -> str:
    a_day, in_all = one.attempts_per_day, one.attempts_total
    if in_all == 1:
        return _("One attempt.")
    if one.practice:
        if a_day and in_all:
            return _("%(day)s a day, %(all)s in all.") % {"day": a_day, "all": in_all}
        if in_all:
            return _("%(all)s in all.") % {"all": in_all}
        return _("As many as one likes.")
    if a_day and in_all:
        words = _("%(day)s a day, %(all)s in all.") % {"day": a_day, "all": in_all}
    elif a_day:
        words = _("%(day)s a day, as often as one likes.") % {"day": a_day}
    elif in_all:
        words = _("%(all)s in all.") % {"all": in_all}
    else:
        words = _("As many as one likes.")
    counts = {
        Counting.BEST.value: _("The best one counts."),
        Counting.LAST.value: _("The last one counts."),
        Counting.FIRST.value: _("The first one counts."),
        Counting.SUM.value: _("All of them are added up."),
        Counting.DAILY_BEST.value: _("The best one of each day counts, and the days are added up."),
        Counting.CAPPED.value: capped_in_words(one),
    }
    return _("%(attempts)s %(counting)s") % {"attempts": words, "counting": counts[one.counting]}


def capped_in_words(one: Round) -> str:
    figures = {"day": one.cap_per_day, "all": one.cap_total}
    if one.cap_per_day and one.cap_total:
        words = _("All of them are added up, to at most %(day)s points a day and %(all)s in all.") % figures
    elif one.cap_per_day:
        words = _("All of them are added up, to at most %(day)s points a day.") % figures
    else:
        words = _("All of them are added up, to at most %(all)s points in all.") % figures
    return words


def ranking_in_words(one: Round) -> str:
    return sentences(order_in_words(one), ties_in_words(one))


def ties_in_words(one: Round) -> str:
    """Say what becomes of those who are equal in everything."""
    if one.rank_style == RankStyle.DENSE:
        return _("Whoever is still equal shares the rank, and the next rank follows at once (1-2-2-3).")
    if one.rank_style == RankStyle.LOT:
        return _(
            "No rank is shared: of those still equal, the one stands first whose lot is lower. The lot is "
            "SHA-256(content hash of the round ‖ ticket number, 8 bytes, big-endian); anybody can compute it."
        )
    return _("Whoever is still equal shares the rank, and as many ranks are left out (1-2-2-4).")


def order_in_words(one: Round) -> str:
    named = {
        TieBreak.TIME_USED.value: _("less time used"),
        TieBreak.EARLIER_FINISH.value: _("earlier finish"),
        TieBreak.FEWER_ATTEMPTS.value: _("fewer attempts"),
    }
    after = [named[code] for code in one.tie_breaks if code in named]
    if not after:
        return _("By score.")
    rules = after[0]
    for rule in after[1:]:
        rules = _("%(first)s, then %(second)s") % {"first": rules, "second": rule}
    return _("By score; equal scores by %(rules)s.") % {"rules": rules}


def results_in_words(one: Round) -> str:
    results = {
        Results.AT_ONCE.value: _("Score and rank are shown at once."),
        Results.AFTER_ROUND.value: _("Score and rank are shown when the round has closed."),
        Results.AFTER_REVIEW.value: _("Score and rank are shown when an organiser releases them."),
    }
    return results[one.results]


def review_in_words(one: Round) -> str:
    review = {
        Review.AT_ONCE.value: _("Right answers are shown at once."),
        Review.AFTER_ROUND.value: _("Right answers are shown when the round has closed."),
        Review.NEVER.value: _("Right answers are never shown."),
    }
    return review[one.review]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A heading of the rules and what stands under it."""

    title: str
    lines: list[tuple[str, str]]


def contest_in_words(contest: Contest, rounds: Iterable[Round]) -> list[Chapter]:
    """Return the rules of a whole contest: what holds for all of it, then its rounds, those alike told once.

    `rounds` come with their sections, in order.
    """
    rounds = list(rounds)
    found = [Chapter(_("The contest"), contest_lines(contest, rounds))]
    groups: list[tuple[list[Round], list[tuple[str, str]]]] = []
    for one in rounds:
        lines = lasting_rules(one)
        alike = [line for line in lines if line[0] != _("Level")]
        if groups and groups[-1][1] == alike:
            groups[-1][0].append(one)
        else:
            groups.append(([one], alike))
    for group, lines in groups:
        title = called(group[0])
        if len(group) > 1:
            title = _("%(first)s to %(last)s: %(count)s rounds alike") % {
                "first": title,
                "last": called(group[-1]),
                "count": len(group),
            }
        found.append(Chapter(title, [(_("Window"), windows_in_words(group)), *levels_in_words(group), *lines]))
    return found


def levels_in_words(group: list[Round]) -> list[tuple[str, str]]:
    after = [one for one in group if one.opens_after_id is not None]
    if not after:
        return []
    if len(group) == 1:
        return [line for line in entry_in_words(group[0]) if line[0] == _("Level")]
    return [(_("Levels"), _("They open in turn: each for whoever has passed the one before."))]


def windows_in_words(group: list[Round]) -> str:
    """Say when rounds are open: once, over the same window, or daily between two hours."""
    first, last = group[0], group[-1]
    if len(group) == 1 or len({(one.opens_at, one.closes_at) for one in group}) == 1:
        return window_in_words(first)
    zone = federation_zone()
    hours = {
        (timezone.localtime(one.opens_at, zone).time(), timezone.localtime(one.closes_at, zone).time())
        for one in group
    }
    if len(hours) > 1:
        return _("The first from %(opens)s, the last until %(closes)s; each has its own hours.") % {
            "opens": moment(first.opens_at),
            "closes": moment(last.closes_at),
        }
    opens, closes = next(iter(hours))
    on = [clock.day_of(one.opens_at, zone) for one in group]
    words = _("Each on its own day, %(opens)s to %(closes)s, from %(first)s to %(last)s.") % {
        "opens": formats.time_format(opens, "H:i"),
        "closes": _("midnight") if str(closes) == "00:00:00" else formats.time_format(closes, "H:i"),
        "first": formats.date_format(on[0], "DATE_FORMAT"),
        "last": formats.date_format(on[-1], "DATE_FORMAT"),
    }
    left_out = (on[-1] - on[0]).days + 1 - len(on)
    if left_out > 0:
        between = ngettext(
            "%(count)s day in between is left out.", "%(count)s days in between are left out.", left_out
        )
        words = sentences(words, between % {"count": left_out})
    return words


def contest_lines(contest: Contest, rounds: list[Round]) -> list[tuple[str, str]]:
    """Return what holds for a whole contest."""
    activity = contest.activity
    who = _("Members of %(unit)s and of every unit beneath it.") % {"unit": called(activity.unit, "name")}
    found = [(_("Who takes part"), who)]
    if contest.joining_ends_at is None:
        joining = _("One may join at any time while a round is open. Rounds that are over cannot be made up for.")
    else:
        joining = _("One may join until %(moment)s. Rounds that are over cannot be made up for.") % {
            "moment": moment(contest.joining_ends_at)
        }
    found.append((_("Joining late"), joining))
    drafts = sum(one.state == RoundState.DRAFT for one in rounds)
    if drafts:
        words = ngettext("%(count)s round is still a draft.", "%(count)s rounds are still drafts.", drafts)
        found.append((_("Rounds"), words % {"count": drafts}))
    found += [(called(one), achievement_in_words(one)) for one in contest.achievements.all()]
    found.append(
        (
            _("What a day is"),
            _("An attempt belongs to the day on which it was begun. Days turn at midnight, %(zone)s time.")
            % {"zone": str(federation_zone())},
        )
    )
    found.append(
        (
            _("More time"),
            _("Whoever needs more time, because of a disability for example, may ask the organiser in confidence."),
        )
    )
    return found


def achievement_in_words(one: Achievement) -> str:
    """Say what an achievement asks for, and what of it late joiners are spared."""
    figures = {"count": one.least}
    if one.kind == Achieved.POINTS:
        words = _("For %(count)s points or more, all rounds together.") % figures
    elif one.kind == Achieved.DAYS:
        words = _("For an attempt handed in on %(count)s days or more.") % figures
    elif one.kind == Achieved.IN_A_ROW:
        words = (
            _("For an attempt handed in on %(count)s days in a row. Days without a round do not break the row.")
            % figures
        )
    elif one.least:
        words = _("Every round played lights a point of the map. For %(count)s points or more.") % figures
    else:
        words = _("Every round played lights a point of the map. For all of them.")
    if one.must_pass:
        words = sentences(words, _("Only attempts that passed count."))
    if one.kind in (Achieved.DAYS, Achieved.IN_A_ROW) or not one.since_joining:
        spared = _("Days and rounds before one joined count as missed.")
    else:
        spared = _("Rounds that were over before one joined are not asked for.")
    return words if one.kind == Achieved.POINTS else sentences(words, spared)
