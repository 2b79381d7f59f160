"""Forms say what is wrong, where, and in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django import forms as django_forms
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import translation

from tradeshall.core.refusal import Refused, refuse
from tradeshall.web import texts
from tradeshall.web.forms import Form, add_refusals, problems_of, render_form
from tradeshall.web.templatetags.web import control


class Sample(Form):
    secret = django_forms.CharField(widget=django_forms.HiddenInput, required=False)
    name = django_forms.CharField(label="Name")
    kind = django_forms.ChoiceField(label="Kind", choices=[("a", "A")], widget=django_forms.RadioSelect)
    on = django_forms.DateField(required=False)
    at = django_forms.DateTimeField(required=False)
    places = django_forms.IntegerField(required=False, min_value=1)


@pytest.fixture
def worded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(texts._registered, "test:form:taken", "The name %(name)s is taken.")


@pytest.fixture
def asked(db: None, rf: RequestFactory, settings: Any) -> HttpRequest:
    """A request of nobody in particular, with the pages of the tests beside our own."""
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [Path(__file__).parent / "templates"]}]
    request = rf.get("/x/")
    request.user = AnonymousUser()
    return request


def test_absent_value_is_named() -> None:
    with translation.override("en"):
        assert Sample({}).errors["name"] == ["Enter “Name”."]
        assert Sample({}).errors["kind"] == ["Choose “Kind”."]


def test_own_words_for_an_absent_value_are_kept() -> None:
    class Own(Form):
        name = django_forms.CharField(error_messages={"required": "Say who you are."})

    assert Own({}).errors["name"] == ["Say who you are."]


def test_problems_follow_the_order_of_the_fields() -> None:
    form = Sample({})
    form.add_error(None, "All of it.")
    assert [problem.anchor for problem in problems_of(form)] == ["id_name", "id_name", "id_kind_0"]


def test_refusal_stands_beside_the_field_it_names(worded: None) -> None:
    form = Sample({"name": "x", "kind": "a"})
    add_refusals(form, Refused(refuse("test:form:taken", field_name="name", name="x")))
    assert form.errors == {"name": ["The name x is taken."]}


def test_refusal_without_a_field_stands_above_them(worded: None) -> None:
    form = Sample({"name": "x", "kind": "a"})
    add_refusals(form, Refused(refuse("test:form:taken", field_name="elsewhere", name="x")))
    assert form.non_field_errors() == ["The name x is taken."]


def test_dates_are_given_to_browsers_as_they_read_them() -> None:
    form = Sample(initial={"on": datetime(2016, 9, 5, tzinfo=UTC).date(), "at": datetime(2016, 9, 5, 8, 30)})  # noqa: DTZ001
    with translation.override("zh-hans"):
        assert 'type="date"' in control(form["on"])
        assert 'value="2016-09-05"' in control(form["on"])
        assert 'value="2016-09-05T08:30"' in control(form["at"])


@pytest.mark.parametrize("written", ["2016-09-05", "2016年9月5日", "2016/9/5"])
def test_chinese_dates_are_understood(written: str) -> None:
    with translation.override("zh-hans"):
        form = Sample({"name": "x", "kind": "a", "on": written, "at": "2016-09-05T08:30"})
        assert form.is_valid(), form.errors
        assert form.cleaned_data["on"].isoformat() == "2016-09-05"


def test_numbers_are_typed_on_a_keypad() -> None:
    assert 'inputmode="numeric"' in control(Sample()["places"])
    assert 'type="text"' in control(Sample()["places"])


def test_control_points_to_its_error() -> None:
    assert 'aria-describedby="id_name_error"' in control(Sample({})["name"])
    assert 'aria-invalid="true"' in control(Sample({})["name"])


def test_form_with_errors_answers_422_and_keeps_what_was_typed(asked: HttpRequest) -> None:
    with translation.override("en"):
        form = Sample({"name": "kept & safe"})
        response = render_form(asked, "pages/form.html", {}, form=form)
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in page
    assert "kept &amp; safe" in page
    assert 'href="#id_kind_0"' in page


def test_form_without_errors_answers_200(asked: HttpRequest) -> None:
    assert render_form(asked, "pages/form.html", {}, form=Sample()).status_code == 200
