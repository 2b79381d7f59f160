from __future__ import annotations

from django.urls import URLPattern

from tradeshall.intake import views
from tradeshall.web.access import route

app_name = "intake"
urlpatterns: list[URLPattern] = [
    route("console/imports/", views.run_list, "run_list"),
    route("console/imports/<int:pk>/", views.run_view, "run_view"),
    route("console/imports/<int:pk>/report/", views.run_report, "run_report"),
    route("console/imports/<int:pk>/apply/", views.run_apply, "run_apply"),
    route("console/imports/<int:pk>/drop/", views.run_drop, "run_drop"),
    route("console/imports/<slug:kind>/", views.file_upload, "file_upload"),
    route("console/imports/<slug:kind>/template.<slug:form>", views.template_download, "template_download"),
]
