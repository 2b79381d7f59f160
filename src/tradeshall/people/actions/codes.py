"""One-time codes: how a person proves that a phone is in their hand."""

from __future__ import annotations

import secrets

from django.utils.translation import gettext as _

from tradeshall.people.ports import send_sms
from tradeshall.people.queries import Openings
from tradeshall.people.rules import CODE_DIGITS, CODE_SECONDS


def send_code(*, phone: str) -> str:
    """Send a fresh code to a phone that opens something here, and return the code.

    A phone that opens nothing gets a code as well, which is sent to nobody: nothing that can be seen from outside
    tells the two apart. No actor: nobody is signed in yet, and nothing is written.
    """
    code = "".join(secrets.choice("0123456789") for _digit in range(CODE_DIGITS))
    text = _("%(code)s is your code to sign in. It is good for %(minutes)s minutes. Tell it to nobody.") % {
        "code": code,
        "minutes": CODE_SECONDS // 60,
    }
    if Openings(phone):
        send_sms(phone, text)
    return code
