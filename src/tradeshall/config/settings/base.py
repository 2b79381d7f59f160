"""What every installation shares. `embedded` and `scale` choose the databases, `test` the test's own."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF

from tradeshall.core.keys import read_or_make_key

DATA = Path(os.environ.get("DATA", "data")).resolve()
"""The one folder in which all state lives."""

DEMO = os.environ.get("TRADESHALL_DEMO") == "1"
"""A demonstration shows one-time codes on the page instead of sending them."""

SECRET_KEY = read_or_make_key(DATA, "pages").hex()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("TRADESHALL_HOSTS", "*").split(",")
SECURE = os.environ.get("TRADESHALL_HTTPS") == "1"

MEDIA_HOST = os.environ.get("TRADESHALL_MEDIA_HOST", "")
"""Another name of this host, for pictures and sounds alone: whatever a file turned out to be, no cookie is there."""

INSTALLED_APPS = [
    "tradeshall.contests",
    "tradeshall.campaigns",
    "tradeshall.record",
    "tradeshall.people",
    "tradeshall.units",
    "tradeshall.media",
    "tradeshall.intake",
    "tradeshall.journal",
    "tradeshall.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "tradeshall.web.middleware.PageMiddleware",
    "tradeshall.web.middleware.MediaHostMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tradeshall.web.middleware.ZoneMiddleware",
    "tradeshall.web.middleware.AccessMiddleware",
]

ROOT_URLCONF = "tradeshall.config.urls"
WSGI_APPLICATION = None
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tradeshall.web.context.shell",
            ],
        },
    }
]

COTTON_ISOLATE_BY_DEFAULT = True  # a component sees what it is given, not what its page happens to hold

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
SESSION_COOKIE_AGE = 30 * 24 * 60 * 60

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # Limits by phone are counted here. At the usual 300, a factory's rush would crowd them out, and so could
        # anyone who guesses codes.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

ACCOUNT_ADAPTER = "tradeshall.people.ports.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {  # by phone or account, never by address: a factory signs in from one
    "login": None,
    "signup": None,
    "login_failed": "5/5m/key",
    "request_login_code": "1/30s/key,5/h/key",
    "verify_phone": "1/30s/key,5/h/key",
    "reset_password": "5/m/key",
    "reset_password_from_key": None,
}
MFA_ADAPTER = "tradeshall.people.ports.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "tradeshall.people.forms.SecondFactorForm",
    "activate_totp": "tradeshall.people.forms.AddSecondFactorForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

TRADESHALL_SMS = os.environ.get("TRADESHALL_SMS", "tradeshall.people.ports.ConsoleSms")
"""The class that carries text messages; see `people/ports.py`."""

TRADESHALL_REQUIRE_TOTP = os.environ.get("TRADESHALL_REQUIRE_TOTP", "0" if DEMO else "1") == "1"
"""Whether the console opens only to sign-ins with an authenticator app."""
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parents[2] / "locale"]
FORMAT_MODULE_PATH = ["tradeshall.config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # the federation's own zone is chosen at `init` and activated by ZoneMiddleware

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "tradeshall.web.views.errors.csrf_failed"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", *([MEDIA_HOST] if MEDIA_HOST else [])],
        "media-src": [SELF, *([MEDIA_HOST] if MEDIA_HOST else [])],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "tradeshall.web.finders.StyleFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = DATA / "media"

STRICT_TEXTS = False
"""A refusal without a sentence raises instead of showing its code; the tests switch it on."""

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
REQUEST_BODY_MAX_BYTES = 64 * 1024 * 1024
"""The largest body of a request, files included; what is longer is refused before it is read."""

LEDGER_URL = os.environ.get("TRADESHALL_LEDGER", f"sqlite:///{DATA}/ledger.sqlite3")
"""Where the contest engine keeps its ledger: `sqlite:////path` or `postgresql://…`."""

ENGINE_URL = os.environ.get("TRADESHALL_ENGINE_URL", "")
"""Address of an engine in another process; empty when it runs in this one."""
