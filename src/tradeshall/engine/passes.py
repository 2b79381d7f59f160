"""The three signed tokens: pass (web to engine, through the member), attempt token, service token.

Each is a list in canonical JSON under `core.signing`, with a key of its own purpose, so that one is never
taken for another. The engine checks signatures and keeps no sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from tradeshall.core import signing
from tradeshall.engine.codes import Code, refused

PASS_PURPOSE = "engine/pass"  # noqa: S105
ATTEMPT_PURPOSE = "engine/attempt"
SERVICE_PURPOSE = "engine/service"
RECEIPT_PURPOSE = "engine/receipt"
SCORE_SALT_PURPOSE = "engine/receipt/score"

METRICS = "metrics"
MAX_MULTIPLIER = 10.0


@dataclass(frozen=True, slots=True)
class Keys:
    """The engine's keys, each derived from the master key for one purpose."""

    passes: bytes
    attempts: bytes
    service: bytes
    receipt_seed: bytes
    score_salts: bytes

    @classmethod
    def derive(cls, master: bytes) -> Keys:
        """Return the keys under a 32-byte master key."""
        if len(master) != 32:
            raise ValueError("the master key has 32 bytes")
        return cls(
            signing.derive_key(master, PASS_PURPOSE),
            signing.derive_key(master, ATTEMPT_PURPOSE),
            signing.derive_key(master, SERVICE_PURPOSE),
            signing.derive_key(master, RECEIPT_PURPOSE),
            signing.derive_key(master, SCORE_SALT_PURPOSE),
        )


class Pass(NamedTuple):
    """Who may sit which round for which unit; `participant` is a random number of that contest alone."""

    round_id: int
    participant: int
    unit: int
    variant: str = ""
    time_multiplier: float = 1.0
    expires_at_ms: int = 0
    rehearsal: bool = False


class AttemptToken(NamedTuple):
    """What any engine process needs to serve an attempt: whose, which, from when until when."""

    round_id: int
    participant: int
    number: int
    unit: int
    variant: str
    started_at_ms: int
    deadline_ms: int
    rehearsal: bool


def issue_pass(key: bytes, granted: Pass) -> str:
    """Return the signed text of a pass, under the key of `PASS_PURPOSE`."""
    return signing.sign(
        [
            1,
            granted.round_id,
            granted.participant,
            granted.unit,
            granted.variant,
            float(granted.time_multiplier),
            granted.expires_at_ms,
            int(granted.rehearsal),
        ],
        key,
    )


def read_pass(key: bytes, token: Any, now_ms: int) -> Pass:
    """Return the pass in a token; refuses one we did not sign, or one that has expired."""
    if not isinstance(token, str):
        raise refused(Code.PASS_INVALID)
    try:
        version, round_id, participant, unit, variant, multiplier, expires_at_ms, rehearsal = signing.unsign(
            token, key
        )
    except (signing.BadToken, ValueError, TypeError) as error:
        raise refused(Code.PASS_INVALID) from error
    if version != 1 or not 0 < multiplier <= MAX_MULTIPLIER:
        raise refused(Code.PASS_INVALID)
    if now_ms >= expires_at_ms:
        raise refused(Code.PASS_EXPIRED, expires_at_ms=expires_at_ms, now_ms=now_ms)
    return Pass(round_id, participant, unit, variant, multiplier, expires_at_ms, bool(rehearsal))


def issue_attempt_token(key: bytes, attempt: AttemptToken) -> str:
    """Return the signed text of an attempt token; the same attempt always has the same one."""
    return signing.sign(
        [
            1,
            attempt.round_id,
            attempt.participant,
            attempt.number,
            attempt.unit,
            attempt.variant,
            attempt.started_at_ms,
            attempt.deadline_ms,
            int(attempt.rehearsal),
        ],
        key,
    )


def read_attempt_token(key: bytes, token: Any) -> AttemptToken:
    """Return the attempt in a token; refuses one we did not sign."""
    if not isinstance(token, str):
        raise refused(Code.TOKEN_INVALID)
    try:
        version, round_id, participant, number, unit, variant, started, deadline, rehearsal = signing.unsign(
            token, key
        )
    except (signing.BadToken, ValueError, TypeError) as error:
        raise refused(Code.TOKEN_INVALID) from error
    if version != 1:
        raise refused(Code.TOKEN_INVALID)
    return AttemptToken(round_id, participant, number, unit, variant, started, deadline, bool(rehearsal))


def issue_service_token(key: bytes, expires_at_ms: int, purpose: str = "") -> str:
    """Return the bearer token with which the web side asks for boards, places and the monitor.

    One for `METRICS` opens nothing else, since it is kept in a monitoring system.
    """
    return signing.sign({"exp_ms": expires_at_ms, **({"for": purpose} if purpose else {})}, key)


def check_service_token(key: bytes, token: str, now_ms: int, purpose: str = "") -> None:
    """Refuse a bearer token that we did not sign, that has expired, or that is for something else."""
    try:
        told = signing.unsign(token, key)
        expires_at_ms, meant = told["exp_ms"], told.get("for", "")
    except (signing.BadToken, ValueError, TypeError, KeyError, AttributeError) as error:
        raise refused(Code.SERVICE_UNAUTHORISED) from error
    if not isinstance(expires_at_ms, int) or now_ms >= expires_at_ms or meant not in ("", purpose):
        raise refused(Code.SERVICE_UNAUTHORISED)
