"""Every route. Those of libraries are declared in LIBRARY_ACCESS; a route in neither place stays closed."""

from __future__ import annotations

from django.urls import include, path

LIBRARY_ACCESS: dict[str, str] = {}

urlpatterns = [
    path("", include("tradeshall.web.urls")),
    path("", include("tradeshall.media.urls")),
    path("", include("tradeshall.intake.urls")),
    path("", include("tradeshall.units.urls")),
    path("", include("tradeshall.people.urls")),
    path("", include("tradeshall.campaigns.urls")),
    path("", include("tradeshall.contests.urls")),
]

handler400 = "tradeshall.web.views.errors.bad_request"
handler403 = "tradeshall.web.views.errors.forbidden"
handler404 = "tradeshall.web.views.errors.not_found"
handler500 = "tradeshall.web.views.errors.broken"
