"""The bank, the contest and its rounds, who takes part, prize draws, and what came back from the engine's ledger."""

from __future__ import annotations

from tradeshall.contests.models.bank import Item, Pool
from tradeshall.contests.models.draws import DrawClaim, DrawEvent, DrawPrize, DrawTicket, DrawWinner, PrizeDraw
from tradeshall.contests.models.rounds import Contest, Round, RoundPack, Section
from tradeshall.contests.models.taking_part import AttemptResult, Entrant, LedgerWatermark, Standing

__all__ = [
    "AttemptResult",
    "Contest",
    "DrawClaim",
    "DrawEvent",
    "DrawPrize",
    "DrawTicket",
    "DrawWinner",
    "Entrant",
    "Item",
    "LedgerWatermark",
    "Pool",
    "PrizeDraw",
    "Round",
    "RoundPack",
    "Section",
    "Standing",
]
