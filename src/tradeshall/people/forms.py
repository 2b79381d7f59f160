"""The shapes of what people type: phones, codes, passwords, lines of the roster."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy as _

from tradeshall.people.enums import MembershipState
from tradeshall.people.rules import CODE_DIGITS, normal_phone
from tradeshall.people.texts import ROLE_NOTES, STATES
from tradeshall.units.texts import ROLES
from tradeshall.web.forms import Form, suit


class PhoneField(forms.CharField):
    """A phone number, in whichever way people write it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone number"))
        kwargs.setdefault("max_length", 32)
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel", "spellcheck": "false"})
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        phone = normal_phone(typed)
        if typed and not phone:
            raise forms.ValidationError(_("Enter a phone number, such as 13800138000."))
        return phone


class CodeField(forms.CharField):
    """A one-time code; spaces and full-width digits are taken as they come."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", super().clean(value)))


class PhoneForm(Form):
    phone = PhoneField(help_text=_("The one your unit has on its roster. We send a code to it."))


class CodeForm(Form):
    code = CodeField(label=_("One-time code"))

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", code):
            raise forms.ValidationError(_("The code has six digits."))
        return code


class PasswordSignInForm(Form):
    phone = PhoneField()
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class NewPasswordForm(Form):
    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least ten characters, not only digits. Three words you remember are better than one."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class LineForm(Form):
    """Which line of the roster is mine."""

    line = forms.ChoiceField(label=_("Which of these are you?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, lines: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["line"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(row.pk), label) for row, label in lines]


class SecondFactorForm(AuthenticateForm):
    """A code of the authenticator app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = CodeField(
            label=_("Code from the app"),
            help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
        )
        suit(self.fields["code"], "code")


class AddSecondFactorForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = CodeField(
            label=_("Code from the app"), help_text=_("Six digits; a new code every 30 seconds.")
        )
        suit(self.fields["code"], "code")


class SearchForm(Form):
    """What a list of people is narrowed by."""

    q = forms.CharField(label=_("Number, name or phone"), required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("Memberships"), required=False, choices=[(state.value, label) for state, label in STATES.items()]
    )

    @property
    def chosen_state(self) -> MembershipState:
        return MembershipState(self.cleaned_data.get("state") or MembershipState.CURRENT.value)


class MemberForm(Form):
    """A line of the roster, by hand."""

    member_no = forms.CharField(
        label=_("Member number"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=_("Full name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("Phone number"),
        required=False,
        max_length=64,
        help_text=_("With it they sign in."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    joined_on = forms.DateField(label=_("Joined on"), widget=forms.DateInput)


class MemberEditForm(MemberForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["member_no"]


class EndForm(Form):
    """The end of a membership."""

    ended_on = forms.DateField(label=_("First day on which they are no member"), widget=forms.DateInput)
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=200, help_text=_("The journal keeps it. Write nothing private.")
    )


class RoleForm(Form):
    """A role for a member."""

    role = forms.ChoiceField(
        label=_("Role"),
        widget=forms.RadioSelect,
    )
    unit = forms.ChoiceField(label=_("In which unit, with everything beneath it"))
    until_on = forms.DateField(
        label=_("Last day"),
        required=False,
        validators=[MaxValueValidator(date(9998, 12, 31))],  # there is a day after it, in every time zone
        widget=forms.DateInput,
        help_text=_("Leave empty for no end."),
    )

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, role = self.fields["unit"], self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        assert isinstance(role, forms.ChoiceField)
        field.choices = units
        role.choices = [(one.value, f"{ROLES[one.value]} — {note}") for one, note in ROLE_NOTES.items()]
