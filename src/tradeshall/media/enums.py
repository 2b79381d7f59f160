from __future__ import annotations

from enum import StrEnum


class MediaKind(StrEnum):
    PICTURE = "picture"
    SOUND = "sound"
