"""The bank, the contest and its rounds, who takes part, prize draws, and what came back from the engine's ledger."""

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
from tradeshall.contests.models.boards import (
    BoardDay,
    BoardState,
    ContestBoards,
    ContestStanding,
    UnitBoard,
    UnitTally,
)
from tradeshall.contests.models.draws import DrawClaim, DrawEvent, DrawPrize, DrawTicket, DrawWinner, PrizeDraw
from tradeshall.contests.models.keeping import ItemVersion, KeptApart
from tradeshall.contests.models.papers import Certificate, SharedResult
from tradeshall.contests.models.policies import Achievement, Finalist, TimeAllowance
from tradeshall.contests.models.proofs import Checkpoint, LogEntry, LogMark, LogTile, PublishedFile, PublishedPart
from tradeshall.contests.models.rehearsals import Rehearsal
from tradeshall.contests.models.rounds import Contest, Round, RoundPack, Section
from tradeshall.contests.models.taking_part import AttemptResult, Entrant, LedgerWatermark, Standing

__all__ = [
    "Achievement",
    "Appeal",
    "AttemptResult",
    "BoardDay",
    "BoardState",
    "Certificate",
    "Checkpoint",
    "Contest",
    "ContestBoards",
    "ContestStanding",
    "DrawClaim",
    "DrawEvent",
    "DrawPrize",
    "DrawTicket",
    "DrawWinner",
    "Entrant",
    "Finalist",
    "Item",
    "ItemRuling",
    "ItemStatistics",
    "ItemVersion",
    "KeptApart",
    "LedgerWatermark",
    "LogEntry",
    "LogMark",
    "LogTile",
    "Outlier",
    "Pool",
    "PrizeDraw",
    "PublishedFile",
    "PublishedPart",
    "Rehearsal",
    "RescoredAttempt",
    "ResultsVersion",
    "Round",
    "RoundPack",
    "RoundStatistics",
    "Section",
    "SharedResult",
    "Standing",
    "TimeAllowance",
    "UnitBoard",
    "UnitTally",
    "VersionStanding",
]
