from __future__ import annotations

from django.urls import URLPattern

from tradeshall.web.access import route
from tradeshall.web.views import choices, gallery

app_name = "web"
urlpatterns: list[URLPattern] = [
    route("language/", choices.language_choose, "language_choose"),
    route("display/", choices.display_choose, "display_choose"),
    route("gallery/", gallery.gallery_list, "gallery_list"),
    route("gallery/<slug:component>/", gallery.gallery_view, "gallery_view"),
]
