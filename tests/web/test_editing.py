"""Editors: what a choice of rows says."""

from __future__ import annotations

import pytest
from django.utils import translation
from tests.factories.contests import make_campaign
from tests.factories.units import make_unit

from tradeshall.campaigns.models import Campaign
from tradeshall.units.models import Unit
from tradeshall.web.editing import chooser

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "title", "name"), [("en", "Season", "Mill"), ("zh-hans", "读书季", "纺织厂")])
def test_choose_says_what_rows_are_called_in_the_readers_language(language: str, title: str, name: str) -> None:
    campaign = make_campaign(title="读书季", title_en="Season")
    unit = make_unit(code="HC-9", name="纺织厂", name_en="Mill")

    with translation.override(language):
        campaigns = list(chooser(Campaign.objects.all(), by="number").choices)
        units = dict(chooser(Unit.objects.filter(pk=unit.pk), by="code").choices)

    assert (campaign.number, f"{campaign.number} {title}") in campaigns
    assert units["HC-9"] == f"HC-9 {name}"
