from __future__ import annotations

from django.urls import URLPattern

from tradeshall.media import views
from tradeshall.web.access import route

app_name = "media"
urlpatterns: list[URLPattern] = [route("media/<str:name>", views.media_file, "media_file")]
