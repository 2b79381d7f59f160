"""Freezing a round into the pack the engine plays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from tradeshall.contests.models import Item, Round, Section
from tradeshall.contests.queries.rounds import terms_of
from tradeshall.core.signing import canonical
from tradeshall.engine.pack import SealedPack, seal_pack
from tradeshall.engine.wire import ItemSpec, RoundRules, SectionSpec
from tradeshall.units.queries import federation_zone


def ms_of(moment: datetime) -> int:
    """Return a moment as the engine counts: whole milliseconds since 1970-01-01T00:00Z."""
    return round(moment.timestamp() * 1000)


def seal(
    row: Round,
    sections: Sequence[Section],
    shares: Sequence[Sequence[int]],
    local: Mapping[int, Sequence[Sequence[int] | None]],
) -> SealedPack:
    """Seal a round: its rules and terms, what each section draws from, and what for units in `local`."""
    own = [number for lines in local.values() for line in lines for number in line or ()]
    numbers = sorted({*own, *(number for share in shares for number in share)})
    terms = terms_of(row)
    return seal_pack(
        RoundRules(
            round_id=row.pk,
            title=row.title,
            opens_at_ms=ms_of(row.opens_at),
            closes_at_ms=ms_of(row.closes_at),
            time_limit_seconds=row.time_limit_seconds,
            grace_seconds=row.grace_seconds,
            attempts_per_day=row.attempts_per_day,
            attempts_total=row.attempts_total,
            counting=row.counting,
            tie_breaks=tuple(row.tie_breaks),
            practice=row.practice,
            results=row.results,
            review=row.review,
            shuffle_options=row.shuffle_options,
            zone=str(federation_zone()),
            pass_points=row.pass_points,
            cap_per_day=row.cap_per_day,
            cap_total=row.cap_total,
            rank_style=row.rank_style,
            terms=canonical(terms).decode() if terms else "",
        ),
        [
            SectionSpec(
                section.title,
                tuple(share),
                section.count,
                section.points,
                section.scoring,
                tuple((str(unit), tuple(lines[at] or ())) for unit, lines in sorted(local.items()) if lines[at]),
            )
            for at, (section, share) in enumerate(zip(sections, shares, strict=True))
        ],
        [
            ItemSpec(
                number=item.pk,
                form=item.form,
                stem=item.stem,
                options=tuple(item.options),
                key=tuple(item.key),
                explanation=item.explanation,
                source=item.source,
                difficulty=item.difficulty,
                tags=tuple(item.tags),
                accepted=tuple(tuple(texts) for texts in item.accepted),
                matches=tuple(item.matches),
                media=tuple((one["name"], one["kind"], one["alt"]) for one in item.media),
            )
            for item in Item.objects.filter(pk__in=numbers)
        ],
    )
