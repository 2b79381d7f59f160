"""The list and the draw in the public log: made by one program, held to be right by another."""

from __future__ import annotations

from typing import Any

import pytest
from tests.factories.draws import Played

from tradeshall.contests.actions.draw_files import publish_drawn, publish_list
from tradeshall.contests.enums import FileKind
from tradeshall.contests.models import PublishedFile, PublishedPart
from tradeshall.contests.queries.draws import draw_file, list_lines
from tradeshall.core.authority import OPERATOR
from tradeshall.engine.proofs.reading import Source
from tradeshall.engine.proofs.verify import verify

pytestmark = pytest.mark.django_db


def published(played: Played) -> dict[str, bytes]:
    publish_list(actor=OPERATOR, draw_id=played.draw.pk)
    publish_drawn(actor=OPERATOR, draw_id=played.draw.pk)
    return {"list": b"".join(list_lines(played.draw)), "draw": draw_file(played.draw)}


def failed(files: dict[str, bytes]) -> set[str]:
    report = verify([Source(f"{name}.txt", content) for name, content in files.items()])
    assert report.checks
    found = {check.code for check in report.checks if not check.holds}
    return found - {"file:in_log"}  # no log was given


def test_published_draw_is_found_right_by_the_verifier() -> None:
    played = Played()
    played.publish()
    files = published(played)
    assert failed(files) == set()
    assert set(PublishedFile.objects.values_list("kind", flat=True)) == {FileKind.LIST.value, FileKind.DRAW.value}


def test_published_draw_with_another_winner_is_found_out() -> None:
    """The control: what the verifier looks at is what was drawn."""
    played = Played()
    played.publish()
    files = published(played)
    tickets = files["list"].decode().split()
    for ticket in tickets:
        if ticket.encode() not in files["draw"]:
            drawn = played.draw.winners.order_by("place").first()
            assert drawn is not None
            files["draw"] = files["draw"].replace(drawn.ticket.ticket.encode(), ticket.encode())
            break
    else:
        raise AssertionError("everybody was drawn; take more people")
    assert failed(files)


def test_files_of_a_draw_are_published_once(django_assert_num_queries: Any) -> None:
    played = Played()
    played.publish()
    published(played)
    published(played)
    assert PublishedFile.objects.count() == 2
    assert PublishedPart.objects.count() == 2
