"""The sentences of the contest day: what is wrong, and what to do about it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise

KINDS: dict[str, Sentence] = {
    "start": _("Begin"),
    "save": _("Save"),
    "submit": _("Hand in"),
    "read": _("Look up"),
}

FINDINGS: dict[str, tuple[Sentence, Sentence]] = {
    "no_engine": (
        _("No engine answers"),
        _(
            "Nobody can begin. What members answer is kept on their devices and delivered when the engine is back, "
            "but their time runs on. Look whether the engine’s process runs, read its log, and start it again: "
            "nothing that was acknowledged is lost."
        ),
    ),
    "silent": (
        _("The process “%(process)s” has not reported for %(seconds)s seconds"),
        _(
            "If you stopped it, all is well: the others finish what it began. If not, start it again under the same "
            "name."
        ),
    ),
    "uncommitted": (
        _("“%(process)s” could not write %(times)s times in the last minute"),
        _(
            "Whoever was affected was told to try again, and nobody was told that something is safe which is not. "
            "Look whether the database runs and whether the disk is full."
        ),
    ),
    "disk_full": (
        _("Only %(free)s MB are free"),
        _("Make room now: move old backups elsewhere. Without room nothing can be written down."),
    ),
    "disk_low": (
        _("Only %(free)s MB are free"),
        _("Enough for now. A million attempts take about 2 GB; make room before the next busy hour."),
    ),
    "failed": (
        _("“%(process)s” failed %(times)s times in the last minute"),
        _("Members see an error and their page tries again. The reason is in the log of the process."),
    ),
    "saves_wait": (
        _("“%(process)s” asks %(rate)s a second to deliver later"),
        _(
            "Answers stay on the devices and are delivered by themselves. If it lasts longer than a few minutes, "
            "add an engine process."
        ),
    ),
    "starts_wait": (
        _("“%(process)s” asks %(rate)s a second to wait before they begin"),
        _(
            "They see the waiting page, keep their place and lose no time. If it lasts longer than a few minutes, "
            "add an engine process."
        ),
    ),
    "slow": (
        _("“%(process)s” takes up to %(ms)s ms to answer"),
        _("Nothing is lost. Stop imports and exports until the rush is over, or add an engine process."),
    ),
    "late": (
        _("“%(process)s” is at its limit"),
        _(
            "Its clockwork ran %(ms)s ms late. Something else uses the processor: stop imports, exports and backups "
            "until the rush is over, or add an engine process."
        ),
    ),
    "lag": (
        _("The pages are %(entries)s entries behind"),
        _("Boards and records come later; nothing is lost. It catches up by itself after the rush."),
    ),
    "events_stuck": (
        _("%(events)s messages wait for more than five minutes"),
        _("Look whether a process with its background work runs, and read its log."),
    ),
    "clock_off": (
        _("The clock of “%(process)s” is %(seconds)s seconds off"),
        _(
            "No attempt is affected: the engine keeps its own steady time. Let the machine set its clock by the "
            "network, and start the process again after the contest."
        ),
    ),
    "memory": (
        _("“%(process)s” holds %(mb)s MB of memory"),
        _("That is most of what the machine has. Let another machine take over before the next big contest."),
    ),
}
