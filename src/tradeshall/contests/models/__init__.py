"""The bank, the contest and its rounds, who takes part, and what came back from the engine's ledger."""

from __future__ import annotations

from tradeshall.contests.models.bank import Item, Pool
from tradeshall.contests.models.rehearsals import Rehearsal
from tradeshall.contests.models.rounds import Contest, Round, RoundPack, Section
from tradeshall.contests.models.taking_part import AttemptResult, Entrant, LedgerWatermark, Standing

__all__ = [
    "AttemptResult",
    "Contest",
    "Entrant",
    "Item",
    "LedgerWatermark",
    "Pool",
    "Rehearsal",
    "Round",
    "RoundPack",
    "Section",
    "Standing",
]
