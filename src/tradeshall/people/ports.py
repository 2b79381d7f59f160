"""Outside services: text messages, and what the account library asks of us."""

from __future__ import annotations

import logging
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from io import BytesIO
from typing import Any, Protocol

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from tradeshall.core.keys import read_or_make_key

log = logging.getLogger(__name__)


class Sms(Protocol):
    """What carries a text message. `remote` ones reach over a network: they are called outside the request,
    so that neither their slowness nor their failure tells anyone whether a message was sent."""

    remote: bool

    def send(self, phone: str, text: str) -> None: ...


class ConsoleSms:
    """Writes messages to the log of the process, for an installation that has no carrier yet."""

    remote = False

    def send(self, phone: str, text: str) -> None:
        log.warning("SMS to %s: %s", phone, text)


class NullSms:
    """Sends nothing."""

    remote = False

    def send(self, phone: str, text: str) -> None:
        pass


class MemorySms:
    """Keeps messages in memory; the tests read them."""

    remote = False
    sent: list[tuple[str, str]] = []

    def send(self, phone: str, text: str) -> None:
        self.sent.append((phone, text))


@cache
def _carrier(name: str) -> Sms:
    made: Sms = import_string(name)()
    return made


_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="sms")


def send_sms(phone: str, text: str) -> None:
    """Send a text message through the installation's carrier; a failure is logged, never raised."""
    carrier = _carrier(settings.TRADESHALL_SMS)
    if carrier.remote:
        _threads.submit(_send, carrier, phone, text)
    else:
        _send(carrier, phone, text)


def _send(carrier: Sms, phone: str, text: str) -> None:
    try:
        carrier.send(phone, text)
    except Exception:
        log.exception("a text message could not be sent")


class AccountAdapter(DefaultAccountAdapter):
    """What the account library asks of us. Codes, roster lines and fresh proofs are our own pages; of the library
    we use the sign-in itself with its stages, passwords, limits and second factors."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "phone_password_mismatch": _("The phone number or the password is wrong."),
        "incorrect_code": _("That code is not right. Look at the newest message and type its digits."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
        "code_just_sent": _("A code is on its way. You can ask for another in half a minute, five times an hour."),
        "rate_limited": _("Too many attempts. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["allauth.mfa.stages.AuthenticateStage"]

    def get_user_by_phone(self, phone: str) -> Any:
        return get_user_model()._default_manager.filter(phone=phone).first()

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        return (user.phone, True) if user.phone else None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        raise NotImplementedError("a phone comes to an account by proof alone")

    def set_phone_verified(self, user: Any, phone: str) -> None:
        raise NotImplementedError("a phone comes to an account by proof alone")

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        raise NotImplementedError("codes are sent by people.actions.codes")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return False  # each of those pages stands behind our own `freshly_proven`

    def get_client_ip(self, request: HttpRequest) -> str:
        return "-"  # no limit and no record is kept by address

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # The library's own key knows no phones: all of them would share one limit.
        return f"phone:{credentials.get('phone', '')}"

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("message"):
            super().add_message(request, level, *args, **kwargs)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        pass


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps encrypted under a key outside the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That code is not right. Type the six digits the app shows now, or a recovery code."),
    }

    def _box(self) -> Fernet:
        return Fernet(urlsafe_b64encode(read_or_make_key(settings.DATA, "second_factor")))

    def encrypt(self, text: str) -> str:
        return self._box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return self._box().decrypt(encrypted_text.encode()).decode()

    def get_totp_label(self, user: Any) -> str:
        return user.phone or user.email or str(user)

    def get_totp_issuer(self) -> str:
        return "Tradeshall"

    def build_totp_svg(self, url: str) -> str:
        picture = BytesIO()
        segno.make(url).save(picture, kind="svg", scale=5, border=4, light="#fff", xmldecl=False)
        return picture.getvalue().decode()
