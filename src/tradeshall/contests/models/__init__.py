"""The bank, the contest and its rounds, who takes part, and what came back from the engine's ledger."""

from __future__ import annotations

from tradeshall.contests.models.after import (
    Appeal,
    ItemRuling,
    ItemStatistics,
    Outlier,
    RescoredAttempt,
    ResultsVersion,
    RoundStatistics,
    VersionStanding,
)
from tradeshall.contests.models.bank import Item, Pool
from tradeshall.contests.models.rounds import Contest, Round, RoundPack, Section
from tradeshall.contests.models.taking_part import AttemptResult, Entrant, LedgerWatermark, Standing

__all__ = [
    "Appeal",
    "AttemptResult",
    "Contest",
    "Entrant",
    "Item",
    "ItemRuling",
    "ItemStatistics",
    "LedgerWatermark",
    "Outlier",
    "Pool",
    "RescoredAttempt",
    "ResultsVersion",
    "Round",
    "RoundPack",
    "RoundStatistics",
    "Section",
    "Standing",
    "VersionStanding",
]
