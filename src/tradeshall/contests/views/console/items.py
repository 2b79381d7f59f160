"""Items in the console: finding, writing, reviewing, retiring."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tradeshall.contests import permissions, texts
from tradeshall.contests.actions import bank as actions
from tradeshall.contests.enums import ItemForm, ItemState
from tradeshall.contests.forms import labels
from tradeshall.contests.forms.bank import ItemEditForm, ItemFilter, stored_item
from tradeshall.contests.models import Item, Pool
from tradeshall.contests.queries import bank as queries
from tradeshall.contests.rules import items as rules
from tradeshall.contests.rules.items import ItemDraft
from tradeshall.contests.views.console import history
from tradeshall.contests.views.console.pools import crumbs_of, load_pool
from tradeshall.contests.views.questions import question_of
from tradeshall.core import authority
from tradeshall.core.ids import parse_number
from tradeshall.core.refusal import Refused
from tradeshall.media.actions import store_media
from tradeshall.media.rules import MOST_SOUND_BYTES
from tradeshall.web.access import opens_to
from tradeshall.web.editing import posted
from tradeshall.web.forms import add_refusals, render_form
from tradeshall.web.texts import sentence

PAGE = 25
ENTRY = "contests:console_pool_list"
MOVES = {
    "review": (permissions.ITEM_REVIEW, actions.review_item),
    "reopen": (permissions.ITEM_REVIEW, actions.reopen_item),
    "retire": (permissions.ITEM_EDIT, actions.retire_item),
}


@opens_to(permissions.ITEM_VIEW)
def item_list(request: HttpRequest) -> HttpResponse:
    """List the items of every pool this person sees."""
    pools = queries.pools_visible_to(request.user)
    narrowed = ItemFilter(request.GET, pools=pools)
    context = listed(request, narrowed, queries.items_visible_to(request.user))
    context["crumbs"] = [*crumbs_of(), (_("Questions"), "")]
    return render(request, "contests/console/item_list.html", context)


@opens_to(permissions.ITEM_VIEW)
def pool_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a pool and its items."""
    pool = load_pool(request, pk, permissions.ITEM_VIEW)
    narrowed = ItemFilter(request.GET, pools=None)
    context = listed(request, narrowed, queries.items_visible_to(request.user).filter(pool=pool))
    context |= {
        "pool": pool,
        "crumbs": [*crumbs_of(), (pool.name, "")],
        "may_edit": authority.may(request.user, permissions.POOL_EDIT, pool),
        "may_export": authority.may(request.user, permissions.ITEM_EXPORT, pool),
        "may_import": authority.may(request.user, permissions.ITEM_IMPORT, pool),
    }
    return render(request, "contests/console/pool_show.html", context)


def listed(request: HttpRequest, narrowed: ItemFilter, rows) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """Return a page of items, narrowed by what the filter says."""
    wanted = narrowed.cleaned_data if narrowed.is_valid() else {}
    rows = queries.search_items(
        rows,
        text=(wanted.get("q") or "").strip(),
        form=wanted.get("form") or "",
        state=wanted.get("state") or "",
        difficulty=int(wanted.get("difficulty") or 0),
        tag=(wanted.get("tag") or "").strip(),
    )
    if wanted.get("pool"):
        rows = rows.filter(pool=wanted["pool"])
    page = Paginator(rows.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    for item in page.object_list:
        label(item)
        item.may_review = authority.may(request.user, permissions.ITEM_REVIEW, item)
    return {
        "page": page,
        "filter": narrowed,
        "narrowed": any(request.GET.get(name) for name in narrowed.fields),
        "here": request.get_full_path(),
        "current_entry": ENTRY,
        "may_review_some": any(i.state == ItemState.DRAFT.value and i.may_review for i in page.object_list),
    }


@opens_to(permissions.ITEM_EDIT)
def item_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a new item into a pool."""
    pool = load_pool(request, pk, permissions.ITEM_EDIT)
    form = ItemEditForm(posted(request), initial={"difficulty": 3})
    if _attaches(request, form, pool):
        return _editor(request, form, pool, None)
    if _wants_only_rows(request, form):
        return _editor(request, form, pool, None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.create_item(actor=request.user, pool=pool, item=_draft(form))
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("The question is saved. Here is room for the next one."))
            if request.POST.get("action") == "save_and_next":
                return redirect("contests:console_item_create", pool.pk)
            return redirect("contests:console_pool_show", pool.pk)
    return _editor(request, form, pool, None)


@opens_to(permissions.ITEM_VIEW)
def item_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an item as the member sees it, and what may be done with it."""
    item = load_item(request, pk, permissions.ITEM_VIEW)
    label(item)
    moves = [
        verb
        for verb, (code, _action) in MOVES.items()
        if authority.may(request.user, code, item) and rules.ITEM.refuse_unless_possible(verb, item.state) is None
    ]
    context = {
        "item": item,
        "current_entry": ENTRY,
        "shown": question_of(rules.tidied(actions.draft_of(item))),
        "moves": moves,
        "statistics": history.statistics_told(queries.statistics_of(item)),
        "history": history.told(item),
        "may_edit": authority.may(request.user, permissions.ITEM_EDIT, item),
        "crumbs": [*crumbs_of(item.pool), (_("Question %(number)s") % {"number": item.pk}, "")],
    }
    return render(request, "contests/console/item_show.html", context)


@opens_to(permissions.ITEM_EDIT)
def item_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an item."""
    item = load_item(request, pk, permissions.ITEM_EDIT)
    form = ItemEditForm(posted(request), initial=stored_item(item))
    if _attaches(request, form, item.pool):
        return _editor(request, form, item.pool, item)
    if _wants_only_rows(request, form):
        return _editor(request, form, item.pool, item)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_item(actor=request.user, item=item, draft=_draft(form), version=item.version)
        except Refused as refused:
            add_refusals(form, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("contests:console_item_show", pk)
    return _editor(request, form, item.pool, item)


@opens_to(permissions.ITEM_EDIT)
def item_preview(request: HttpRequest) -> HttpResponse:
    """Show an item that is being written as the member would see it; nothing is stored."""
    form = ItemEditForm(request.POST if request.method == "POST" else QueryDict())
    preview = render(request, "contests/console/item_edit.html#preview", {"shown": question_of(_previewed(form))})
    answers = form.answers
    if form.form_code == ItemForm.FILL_IN and len(answers.gaps()) != len(answers.accepted):
        # A gap has come or gone: a box for each, put in place beside what was asked for.
        preview.write(render_to_string("contests/console/item_answers.html", {"form": form, "beside": True}, request))
    return preview


@opens_to(permissions.ITEM_VIEW)
def item_move(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Review, reopen or retire an item."""
    code, action = MOVES[verb]
    item = load_item(request, pk, code)
    if request.method == "POST":
        try:
            action(actor=request.user, item=item)
        except Refused as refused:
            for refusal in refused.refusals:
                messages.error(request, sentence(refusal))
        else:
            done = {
                "review": _("The question is reviewed and may be drawn."),
                "reopen": _("The question is a draft again."),
                "retire": _("The question is retired."),
            }
            messages.success(request, done[verb])
    return redirect("contests:console_item_show", pk)


@opens_to(permissions.ITEM_REVIEW)
def items_review(request: HttpRequest) -> HttpResponse:
    """Review the items that were ticked in a list."""
    if request.method == "POST":
        ticked = [key for text in request.POST.getlist("item") if (key := parse_number(text)) is not None]
        items = list(queries.items_visible_to(request.user, permissions.ITEM_REVIEW).filter(pk__in=ticked))
        if not items:
            messages.error(request, _("Tick the questions that you have reviewed."))
        else:
            try:
                count = actions.review_items(actor=request.user, items=items)
            except Refused as refused:
                for refusal in refused.refusals:
                    messages.error(request, sentence(refusal))
            else:
                words = ngettext("%(count)s question is reviewed.", "%(count)s questions are reviewed.", count)
                messages.success(request, words % {"count": count})
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else reverse("contests:console_item_list"))


def load_item(request: HttpRequest, pk: int, code: str) -> Item:
    """Return an item with which this person may do what `code` names, or 404."""
    return get_object_or_404(queries.items_visible_to(request.user, code), pk=pk)


def label(item: Item) -> None:
    """Give an item the words its form and state are shown with."""
    item.form_label = texts.FORMS[item.form]  # type: ignore[attr-defined]
    item.state_label = texts.ITEM_STATES[item.state]  # type: ignore[attr-defined]
    item.state_tag = labels.TAGS[item.state]  # type: ignore[attr-defined]


def _previewed(form: ItemEditForm) -> ItemDraft:
    """Return what is being written, tidied so far that it can be shown."""
    draft = _draft(form)
    return rules.tidied(draft) if draft.form in set(ItemForm) else draft


def _draft(form: ItemEditForm) -> ItemDraft:
    values = form.cleaned_data if form.is_valid() else {}
    return ItemDraft(
        form=form.form_code,
        stem=values.get("stem") or form.data.get("stem", ""),
        **form.answers.answer(),
        explanation=values.get("explanation") or form.data.get("explanation", ""),
        difficulty=values.get("difficulty") or 3,
        tags=tuple(values.get("tags") or ()),
        source=values.get("source") or form.data.get("source", ""),
        media=form.media_rows.answer(),
    )


def _attaches(request: HttpRequest, form: ItemEditForm, pool: Pool) -> bool:
    """Take in a picture or sound that came along; answer whether the editor is to be shown again for it."""
    file = request.FILES.get("media_file")
    if file is not None:
        try:
            content = file.read(MOST_SOUND_BYTES + 1)
            form.media_rows.add(store_media(actor=request.user, unit_path=pool.unit.path, content=content).name)
        except Refused as refused:
            form.media_error = sentence(refused.refusals[0])
    elif request.POST.get("action") == "attach":
        form.media_error = _("Choose a file first.")
    if not form.media_error and request.POST.get("action") != "attach":
        return False
    form.asked_for_rows = True
    return True


def _wants_only_rows(request: HttpRequest, form: ItemEditForm) -> bool:
    """Answer whether a button only asked for another form or one more option; nothing is to be stored then."""
    verb, _space, argument = request.POST.get("action", "").partition(" ")
    if verb == "switch" and argument in texts.FORMS:
        form.switch(argument)
        return True
    if verb == "more":
        form.add_row()
        return True
    return False


def _editor(request: HttpRequest, form: ItemEditForm, pool: Pool, item: Item | None) -> HttpResponse:
    crumbs = [*crumbs_of(pool)]
    cancel_url = reverse("contests:console_pool_show", args=[pool.pk])
    if item is not None:
        cancel_url = reverse("contests:console_item_show", args=[item.pk])
        crumbs.append((_("Question %(number)s") % {"number": item.pk}, cancel_url))
    crumbs.append((_("Edit") if item else _("New question"), ""))
    draft = (
        _previewed(form)
        if form.is_bound
        else rules.tidied(actions.draft_of(item))
        if item
        else ItemDraft(form=form.form_code, stem="", options=(), key=())
    )
    if getattr(form, "asked_for_rows", False):
        form.forgive()
    context = {
        "pool": pool,
        "item": item,
        "current_entry": ENTRY,
        "shown": question_of(draft),
        "crumbs": crumbs,
        "cancel_url": cancel_url,
        "forms": [
            {"code": code, "label": words, "current": code == form.form_code} for code, words in texts.FORMS.items()
        ],
    }
    return render_form(request, "contests/console/item_edit.html", context, form=form)
