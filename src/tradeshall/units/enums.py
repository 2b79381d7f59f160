from __future__ import annotations

from enum import StrEnum


class UnitKind(StrEnum):
    """What a unit of the tree is; the Chinese words are those of the glossary."""

    FEDERATION = "federation"
    INDUSTRY_UNION = "industry_union"
    REGIONAL = "regional"
    BRANCH = "branch"
    GROUP = "group"


MOST_LEVELS = 20
