"""The rules of a round in plain words, as an organiser reads them before publishing."""

from __future__ import annotations

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tradeshall.contests.enums import Counting, Results, Review, TieBreak
from tradeshall.contests.models import Round


def rules_in_words(one: Round, count: int, points: int) -> list[tuple[str, str]]:
    """Return the rules of a round, each with its heading."""
    found = [
        (
            _("Window"),
            _("%(opens)s to %(closes)s") % {"opens": moment(one.opens_at), "closes": moment(one.closes_at)},
        ),
        (_("Paper"), paper_in_words(count, points)),
        (_("Time"), time_in_words(one)),
        (_("Attempts"), attempts_in_words(one)),
    ]
    if one.practice:
        found.append((_("Practice"), _("Scored for the member alone; appears on no board.")))
    else:
        found.append((_("Ranking"), ranking_in_words(one)))
    if one.pass_points:
        passed = _("Passed from %(points)s points on.") % {"points": one.pass_points}
        found.append((_("Passing"), passed))
    found += [(_("Results"), results_in_words(one)), (_("Right answers"), review_in_words(one))]
    shuffled = _("The order of options differs from paper to paper.")
    kept = _("The options keep the order in which they were written.")
    found.append((_("Options"), shuffled if one.shuffle_options else kept))
    return found


def moment(at: object) -> str:
    return formats.date_format(timezone.localtime(at), "DATETIME_FORMAT")  # type: ignore[arg-type]


def paper_in_words(count: int, points: int) -> str:
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
    }
    return _("%(attempts)s %(counting)s") % {"attempts": words, "counting": counts[one.counting]}


def ranking_in_words(one: Round) -> str:
    named = {
        TieBreak.TIME_USED.value: _("less time used"),
        TieBreak.EARLIER_FINISH.value: _("earlier finish"),
        TieBreak.FEWER_ATTEMPTS.value: _("fewer attempts"),
    }
    after = [named[code] for code in one.tie_breaks if code in named]
    if not after:
        return _("By score; equal scores share a rank.")
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
