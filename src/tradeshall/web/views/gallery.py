"""The gallery: every component in every state, for those who build pages."""

from __future__ import annotations

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from tradeshall.core import clock
from tradeshall.web.access import opens_to
from tradeshall.web.forms import FilterForm, GalleryForm
from tradeshall.web.queries import gallery_pages


@opens_to("web:gallery:view")
def gallery_list(request: HttpRequest) -> HttpResponse:
    return render(request, "web/gallery_list.html", {"pages": gallery_pages()})


@opens_to("web:gallery:view")
def gallery_view(request: HttpRequest, component: str) -> HttpResponse:
    if component not in gallery_pages():
        raise Http404
    if request.GET.get("part") == "live":
        return HttpResponse()
    return render(request, f"web/gallery/{component}.html", {"component": component, "samples": samples()})


def samples() -> dict[str, object]:
    """Return what the gallery's pages show in their components."""
    now = clock.now()
    pages = Paginator(range(100), 20)
    labels = [_("Prove the phone"), _("Choose the roster line"), _("Set a password")]
    steps = [{"label": label, "state": state} for label, state in zip(labels, ("done", "current", ""), strict=True)]
    return {
        "tomorrow": now + timedelta(days=1),
        "form": GalleryForm(auto_id="free_%s"),
        "wrong": wrong_form(),
        "filter": FilterForm(auto_id="filter_%s"),
        "crumbs": [(_("Units"), "#main"), (_("Machinery works"), "#main"), (_("Foundry"), "")],
        "first_page": pages.page(1),
        "middle_page": pages.page(3),
        "steps": steps,
        "moments": [
            {"at": now - timedelta(days=40), "label": _("Published")},
            {"at": now - timedelta(days=1), "label": _("Opened"), "text": _("3 attempts a day")},
            {"at": now + timedelta(days=1), "label": _("Closes")},
        ],
        "checklist": [
            {"label": _("Import the units"), "done": True},
            {"label": _("Import the roster"), "url": "#main", "text": _("A spreadsheet with one line a member.")},
        ],
        "points": [(f"{9 + place // 60}:{place % 60:02}", 3 + (place * place) % 47) for place in range(30)],
        "none": [],
    }


def wrong_form() -> GalleryForm:
    """Return a form after someone sent it with nothing right in it."""
    form = GalleryForm({"joined_on": "-", "opens_at": "-", "places": "0"}, auto_id="wrong_%s")
    for name in ("story", "days", "agree", "file", "code", "word"):
        form.add_error(name, _("This is an example of an error."))
    return form
