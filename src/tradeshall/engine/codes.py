"""Every reason for which the engine says no, and the exceptions that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from tradeshall.core.refusal import Refusal, Refused


class Code(StrEnum):
    """`engine:<thing>:<why>`; the web side words each one in its texts."""

    REQUEST_MALFORMED = "engine:request:malformed"
    REQUEST_TOO_LARGE = "engine:request:too_large"
    REQUEST_TOO_SLOW = "engine:request:too_slow"
    REQUEST_UNKNOWN_PATH = "engine:request:unknown_path"
    REQUEST_WRONG_METHOD = "engine:request:wrong_method"
    SERVICE_UNAUTHORISED = "engine:service:unauthorised"
    PASS_INVALID = "engine:pass:invalid"  # noqa: S105
    PASS_EXPIRED = "engine:pass:expired"  # noqa: S105
    TOKEN_INVALID = "engine:token:invalid"  # noqa: S105
    ROUND_UNKNOWN = "engine:round:unknown"
    ROUND_NOT_OPEN = "engine:round:not_open"
    ROUND_CLOSED = "engine:round:closed"
    ATTEMPT_UNKNOWN = "engine:attempt:unknown"
    ATTEMPT_FINISHED = "engine:attempt:finished"
    ATTEMPT_TOO_LATE = "engine:attempt:too_late"
    ATTEMPT_NONE_LEFT = "engine:attempt:none_left"
    ATTEMPT_NONE_LEFT_TODAY = "engine:attempt:none_left_today"
    ATTEMPT_TOO_SOON = "engine:attempt:too_soon"
    RESPONSE_MALFORMED = "engine:response:malformed"
    RESPONSE_NOT_ON_PAPER = "engine:response:not_on_paper"
    RESPONSE_TOO_LONG = "engine:response:too_long"
    REVIEW_UNFINISHED = "engine:review:unfinished"
    REVIEW_WITHHELD = "engine:review:withheld"
    REVIEW_NEVER = "engine:review:never"
    PLACE_NONE = "engine:place:none"
    BUSY_STARTS = "engine:busy:starts"
    BUSY_READS = "engine:busy:reads"
    BUSY_SAVES = "engine:busy:saves"
    BUSY_NOT_COMMITTED = "engine:busy:not_committed"
    UNREACHABLE = "engine:process:unreachable"


HTTP_STATUS: dict[Code, int] = {
    Code.REQUEST_MALFORMED: 400,
    Code.REQUEST_TOO_LARGE: 413,
    Code.REQUEST_TOO_SLOW: 408,
    Code.REQUEST_UNKNOWN_PATH: 404,
    Code.REQUEST_WRONG_METHOD: 405,
    Code.SERVICE_UNAUTHORISED: 401,
    Code.PASS_INVALID: 403,
    Code.PASS_EXPIRED: 403,
    Code.TOKEN_INVALID: 403,
    Code.ROUND_UNKNOWN: 404,
    Code.ROUND_NOT_OPEN: 409,
    Code.ROUND_CLOSED: 409,
    Code.ATTEMPT_UNKNOWN: 404,
    Code.ATTEMPT_FINISHED: 409,
    Code.ATTEMPT_TOO_LATE: 409,
    Code.ATTEMPT_NONE_LEFT: 409,
    Code.ATTEMPT_NONE_LEFT_TODAY: 409,
    Code.ATTEMPT_TOO_SOON: 409,
    Code.RESPONSE_MALFORMED: 422,
    Code.RESPONSE_NOT_ON_PAPER: 422,
    Code.RESPONSE_TOO_LONG: 422,
    Code.REVIEW_UNFINISHED: 409,
    Code.REVIEW_WITHHELD: 403,
    Code.REVIEW_NEVER: 403,
    Code.PLACE_NONE: 404,
    Code.BUSY_STARTS: 503,
    Code.BUSY_READS: 503,
    Code.BUSY_SAVES: 503,
    Code.BUSY_NOT_COMMITTED: 503,
    Code.UNREACHABLE: 503,
}


class EngineRefused(Refused):
    """A 4xx: asking again unchanged will not help."""

    def __init__(self, status: int, code: str, details: Mapping[str, object] | None = None) -> None:
        self.status = status
        self.code = str(code)
        self.details = dict(details or {})
        super().__init__(Refusal(self.code, MappingProxyType(self.details)))


class EngineBusy(Exception):
    """A 503: nothing has been done or recorded; ask again after `retry_after_seconds`."""

    def __init__(self, retry_after_seconds: int, code: str = Code.BUSY_STARTS) -> None:
        self.retry_after_seconds = retry_after_seconds
        self.code = str(code)
        super().__init__(self.code)


class EngineUnreachable(Exception):
    """No answer came, so whether the request was carried out is unknown; it may safely be sent again."""


def refused(code: Code, **details: object) -> EngineRefused:
    """Return the exception for a code with its HTTP status."""
    return EngineRefused(HTTP_STATUS[code], code, details)
