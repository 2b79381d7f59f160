from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from tradeshall.people.views import fresh, me, members, security, sign_in
from tradeshall.web.access import route

library: list[URLPattern] = [
    # Under the names by which the account library knows them; its other routes do not exist here.
    route("sign-in/", sign_in.sign_in, "account_login"),
    route("sign-in/second/", security.second_factor, "mfa_authenticate"),
    route("sign-in/again/", fresh.prove_again, "account_reauthenticate"),
    route("sign-out/", sign_in.sign_out, "account_logout"),
    route("me/security/", security.security, "mfa_index"),
    route("me/security/app/", security.second_factor_add, "mfa_activate_totp"),
    route("me/security/app/drop/", security.second_factor_drop, "mfa_deactivate_totp"),
    route("me/security/recovery-codes/", security.recovery_codes, "mfa_view_recovery_codes"),
    route("me/security/recovery-codes/new/", security.recovery_codes_renew, "mfa_generate_recovery_codes"),
]

pages: list[URLPattern] = [
    route("sign-in/code/", sign_in.code, "code"),
    route("sign-in/who/", sign_in.choose, "choose"),
    route("sign-in/password/", sign_in.password_sign_in, "password_sign_in"),
    route("me/", me.me, "me"),
    route("me/membership/", me.membership_choose, "membership_choose"),
    route("me/membership/claim/", me.membership_claim, "membership_claim"),
    route("me/consent/", me.consent_change, "consent_change"),
    route("me/export/", me.export, "export"),
    route("me/erase/", me.erase, "erase"),
    route("me/security/", security.security, "security"),
    route("me/security/password/", security.password_set, "password_set"),
    route("me/security/password/drop/", security.password_drop, "password_drop"),
    route("me/security/sessions/end/", security.sessions_end, "sessions_end"),
    route("console/people/", members.member_list, "member_list"),
    route("console/people/add/", members.member_add, "member_add"),
    route("console/people/<int:pk>/", members.member_view, "member_view"),
    route("console/people/<int:pk>/edit/", members.member_edit, "member_edit"),
    route("console/people/<int:pk>/end/", members.member_end, "member_end"),
    route("console/people/<int:pk>/resume/", members.member_resume, "member_resume"),
    route("console/people/<int:pk>/roles/give/", members.role_give, "role_give"),
    route("console/people/<int:pk>/roles/<int:grant>/end/", members.role_end, "role_end"),
    route("console/people/<int:pk>/await-phone/", members.phone_await, "phone_await"),
]

urlpatterns: list[URLPattern | URLResolver] = [*library, path("", include((pages, "people")))]
