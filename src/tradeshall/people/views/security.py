"""What protects an account: password, authenticator app, sessions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.base.views import authenticate
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import generate_recovery_codes, view_recovery_codes
from allauth.mfa.totp.views import activate_totp, deactivate_totp
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from tradeshall.core.refusal import Refused
from tradeshall.people.actions import accounts
from tradeshall.people.forms import NewPasswordForm
from tradeshall.people.queries import holds_role, signed_in
from tradeshall.people.views.fresh import freshly_proven
from tradeshall.people.views.gate import has_shown_second_factor
from tradeshall.web.access import PUBLIC, SIGNED_IN, opens_to, safe_target
from tradeshall.web.forms import add_refusals, render_form

View = Callable[..., HttpResponse]


@opens_to(SIGNED_IN)
def security(request: HttpRequest) -> HttpResponse:
    """Show what protects the account, and lead to each change of it."""
    kinds = set(Authenticator.objects.filter(user=request.user.pk).values_list("type", flat=True))
    has_app = Authenticator.Type.TOTP in kinds
    target = safe_target(request, request.GET.get("next", ""), "")
    if has_app and target and has_shown_second_factor(request):
        return HttpResponseRedirect(target)
    context = {
        "has_app": has_app,
        "has_password": signed_in(request).has_usable_password(),
        "holds_role": holds_role(request.user.pk),
        "for_console": request.GET.get("why") == "console",
        "must_sign_in_again": has_app and not has_shown_second_factor(request),
    }
    return render(request, "people/security.html", context)


@freshly_proven
@sensitive_post_parameters("password")
def password_set(request: HttpRequest) -> HttpResponse:
    """Set a password, or another; other devices are signed out."""
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.set_password(actor=signed_in(request), password=form.cleaned_data["password"])
        except Refused as refused:
            add_refusals(form, refused)
        else:
            update_session_auth_hash(request, signed_in(request))
            messages.success(request, _("The password is set. Other devices have been signed out."))
            return HttpResponseRedirect(reverse("people:security"))
    return render_form(
        request, "people/password_set.html", {"again": signed_in(request).has_usable_password()}, form=form
    )


@freshly_proven
@require_POST
def password_drop(request: HttpRequest) -> HttpResponse:
    accounts.drop_password(actor=signed_in(request))
    update_session_auth_hash(request, signed_in(request))
    messages.success(request, _("The password is gone. You sign in by codes alone."))
    return HttpResponseRedirect(reverse("people:security"))


@opens_to(SIGNED_IN)
@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    """Sign out here and everywhere else."""
    accounts.end_sessions(actor=signed_in(request), account_id=signed_in(request).pk)
    logout(request)
    messages.success(request, _("You are signed out on every device."))
    return HttpResponseRedirect(reverse("account_login"))


def _page(view: Callable[..., Any]) -> View:
    """Return a page of the account library that answers 422 to what cannot be taken, as ours do."""

    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = view(request, *args, **kwargs)
        context: dict[str, Any] = getattr(response, "context_data", None) or {}
        form = context.get("form")
        if request.method == "POST" and response.status_code == 200 and form is not None and form.errors:
            response.status_code = 422
        return response

    page.__module__, page.__qualname__, page.__name__ = __name__, view.__name__, view.__name__
    return page


def _keep_target(view: View) -> View:
    """Return a page whose redirects carry on where the person was heading (decorator)."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        target = safe_target(request, request.GET.get("next", ""), "")
        if target and response.status_code == 302 and "?" not in response["Location"]:
            response["Location"] += f"?{urlencode({'next': target})}"
        return response

    return page


second_factor = opens_to(PUBLIC)(_page(authenticate))  # in the middle of signing in
second_factor_add = freshly_proven(_keep_target(_page(activate_totp)))
second_factor_drop = freshly_proven(_page(deactivate_totp))
recovery_codes = freshly_proven(_page(view_recovery_codes))
recovery_codes_renew = freshly_proven(_page(generate_recovery_codes))
