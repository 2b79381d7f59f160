"""The statistics of a round that is over, worked out from its papers; difficulties taken over from them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import transaction

from tradeshall.contests import permissions, ports
from tradeshall.contests.actions.bank import draft_of, edit_item
from tradeshall.contests.enums import OutlierState
from tradeshall.contests.models import (
    AttemptResult,
    Entrant,
    Item,
    ItemStatistics,
    Outlier,
    Round,
    RoundPack,
    RoundStatistics,
)
from tradeshall.contests.queries.analysis import suggestion_for
from tradeshall.contests.queries.appeals import sealed_pack
from tradeshall.contests.queries.versions import current_version
from tradeshall.contests.rules import analysis, irt
from tradeshall.contests.rules.outliers import Found, outliers
from tradeshall.contests.rules.versions import ranges_for
from tradeshall.core import clock
from tradeshall.core.authority import Actor
from tradeshall.core.refusal import refuse, require
from tradeshall.engine.rescoring import Sat, ranges
from tradeshall.engine.rescoring_processes import job_of, laid_out_in
from tradeshall.journal.actions import record_change

MOST_ANALYSED = 100_000
"""Of more entrants so many are taken, those with the lowest tickets: tickets are random numbers."""

FEW_ATTEMPTS = 5_000
AT_ONCE = 500


def analyse_round(*, actor: Actor, round: Round, processes: int | None = None) -> RoundStatistics:
    """Work out and keep the statistics of a ranked round under the results in force, and what stands out in it.

    Statistics of before are replaced; what a person has said about an outlier stays. Refuses an actor who may not see
    statistics there, and a round whose ranks are not final.
    """
    require(
        permissions.refuse_unless_may(actor, permissions.ANALYSIS_VIEW, round),
        None if round.ranked_at is not None else refuse("contests:analysis:not_ranked"),
    )
    began = clock.now()
    version = current_version(round)
    corrections = version.corrections if version else {}
    attempts = AttemptResult.objects.filter(round=round).count()
    if processes is None:
        processes = 0 if attempts <= FEW_ATTEMPTS else os.cpu_count() or 1
    job = job_of(settings.LEDGER_URL, bytes(RoundPack.objects.get(round=round).sealed), corrections)
    sittings: list[Sat] = []
    for _count, found in laid_out_in(job, ranges(ranges_for(attempts)), ledger=ports.ledger(), processes=processes):
        sittings.extend(found)
        if len(sittings) >= MOST_ANALYSED:
            break
    keys = _keys_of(round, corrections)
    items, papers, fitted = _figures(sittings, round, keys) if sittings else ([], None, False)
    values: dict[str, Any] = {
        "version": version.number if version else 1,
        "made_at": began,
        "attempts": attempts,
        "analysed": papers.people if papers else 0,
        "mean": papers.mean if papers else 0.0,
        "deviation": papers.deviation if papers else 0.0,
        "reliability": papers.reliability if papers else None,
        "measurement_error": papers.measurement_error if papers else None,
        "same_papers": papers.same_papers if papers else True,
        "model_fitted": fitted,
    }
    strange = outliers(sittings, {item: sum(1 << place for place in key) for item, key in keys.items()})
    with transaction.atomic():
        known = set(Item.objects.filter(pk__in=[item.item_id for item in items]).values_list("pk", flat=True))
        ItemStatistics.objects.filter(round=round).delete()
        ItemStatistics.objects.bulk_create(
            [_under(item, values) for item in items if item.item_id in known], batch_size=AT_ONCE
        )
        _keep_outliers(round, strange)
        return RoundStatistics.objects.update_or_create(round=round, defaults=values)[0]


def _under(item: ItemStatistics, values: dict[str, Any]) -> ItemStatistics:
    item.version, item.made_at = values["version"], values["made_at"]
    return item


def _keys_of(round: Round, corrections: dict[str, Any]) -> dict[int, tuple[int, ...]]:
    found = {}
    for item in sealed_pack(round).items():
        corrected = corrections.get(str(item.number), {})
        key = corrected.get("key", item.key)
        if item.options and all(isinstance(place, int) for place in key):
            found[item.number] = tuple(key)
    return found


def _figures(
    sittings: list[Sat], round: Round, keys: dict[int, tuple[int, ...]]
) -> tuple[list[ItemStatistics], analysis.PaperFigures, bool]:
    answers = analysis.answers_of(sittings)
    options = {item.number: len(item.options) for item in sealed_pack(round).items() if item.number in keys}
    figures = analysis.figures_of_items(answers, options)
    fits = _model(answers, figures)
    rows = [
        ItemStatistics(
            round=round,
            item_id=one.number,
            n=one.n,
            exposure=one.exposure,
            facility=one.facility,
            discrimination=one.discrimination,
            omitted=one.omitted,
            shares=[{"all": share.all, "top": share.top, "bottom": share.bottom} for share in one.shares],
            flags=analysis.flags_of(one, keys.get(one.number, ())),
            **fits.get(one.number, {}),
        )
        for one in figures
    ]
    return rows, analysis.figures_of_papers(answers), bool(fits)


def _model(answers: analysis.Answers, figures: list[analysis.ItemFigures]) -> dict[int, dict[str, float]]:
    """Fit the 2PL to the items that enough have answered, some rightly and some wrongly."""
    right = (answers.points >= answers.most).astype("float32")
    fit_for = [
        at
        for at, one in enumerate(figures)
        if one.n >= analysis.FEWEST_FOR_MODEL and 0 < right[answers.item == at].mean() < 1
    ]
    if len(fit_for) < analysis.FEWEST_ITEMS_FOR_MODEL:
        return {}
    responses = irt.chosen(answers.people, answers.person, answers.item, right, fit_for)
    fit = irt.fit_2pl(responses)
    found = {}
    for at, item in enumerate(fit_for):
        values = {"irt_a": fit.a[at], "irt_b": fit.b[at], "se_a": fit.se_a[at], "se_b": fit.se_b[at]}
        if irt.LEAST_A * 1.01 < fit.a[at] < irt.MOST_A * 0.99 and abs(fit.b[at]) < irt.FARTHEST_B:
            found[figures[item].number] = {name: float(value) for name, value in values.items()}
    return found


def _keep_outliers(round: Round, found: Iterable[Found]) -> None:
    """Keep what stands out now; what nobody has looked at and stands out no more goes."""
    new = {one.fingerprint: one for one in found}
    Outlier.objects.filter(round=round, state=OutlierState.OPEN.value).exclude(fingerprint__in=list(new)).delete()
    known = set(Outlier.objects.filter(round=round).values_list("fingerprint", flat=True))
    numbers = {number for one in new.values() for number in one.participants}
    entrants: dict[int, int] = {}
    listed = sorted(numbers)
    for at in range(0, len(listed), AT_ONCE):
        rows = Entrant.objects.filter(contest=round.contest_id, number__in=listed[at : at + AT_ONCE])
        entrants.update(rows.values_list("number", "pk"))
    for fingerprint, one in new.items():
        if fingerprint in known or not all(number in entrants for number in one.participants):
            continue
        row = Outlier.objects.create(
            round=round,
            kind=one.kind,
            unit_id=one.unit,
            fingerprint=fingerprint,
            facts=one.facts,
            weight=one.weight,
        )
        row.entrants.set([entrants[number] for number in one.participants])


def judge_outlier(*, actor: Actor, outlier: Outlier, state: str, note: str = "") -> Outlier:
    """Say that somebody has looked at what stood out, and what came of it. Nothing else follows from it.

    Refuses an actor who may not judge in that unit, another state, and a note that is too long.
    """
    with transaction.atomic():
        require(
            permissions.refuse_unless_may(actor, permissions.OUTLIER_JUDGE, outlier.round),
            None
            if state in {one.value for one in OutlierState}
            else refuse("contests:outlier:state_unknown", field_name="state"),
            None if len(note) <= 500 else refuse("contests:outlier:note_too_long", field_name="note", most=500),
        )
        before = outlier.state
        Outlier.objects.filter(pk=outlier.pk).update(state=state, note=note.strip())
        record_change(
            actor=actor,
            verb="contests:outlier:judge",
            thing=outlier,
            acting_unit_code=outlier.round.contest.activity.unit.code,
            reason=note.strip(),
            changes={"state": [before, state]},
        )
        outlier.state, outlier.note = state, note.strip()
    return outlier


def accept_difficulties(*, actor: Actor, round: Round, item_ids: Iterable[int]) -> int:
    """Give items of the bank the difficulty that their newest statistics speak for; returns how many changed.

    Each becomes a new version of the item, as any edit. Refuses an actor who may not edit one of them.
    """
    changed = 0
    with transaction.atomic():
        rows = ItemStatistics.objects.filter(round=round, item__in=list(item_ids)).select_related("item__pool__unit")
        for row in rows:
            level = suggestion_for(row)
            if level is not None and level != row.item.difficulty:
                edit_item(actor=actor, item=row.item, draft=replace(draft_of(row.item), difficulty=level))
                changed += 1
    return changed
