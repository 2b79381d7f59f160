from __future__ import annotations

from django.urls import URLPattern

from tradeshall.units import views
from tradeshall.web.access import route

app_name = "units"
urlpatterns: list[URLPattern] = [
    route("console/units/", views.unit_list, "unit_list"),
    route("console/units/<int:pk>/", views.unit_view, "unit_view"),
    route("console/units/<int:pk>/add/", views.unit_add, "unit_add"),
    route("console/units/<int:pk>/edit/", views.unit_edit, "unit_edit"),
    route("console/units/<int:pk>/end/", views.unit_end, "unit_end"),
    route("console/units/grants/<int:pk>/end/", views.grant_end, "grant_end"),
]
