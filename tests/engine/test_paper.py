from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import orjson
import playwright
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.make_vectors import cases

from tradeshall.engine.paper import draw, make_paper, paper_key, shuffle, stream_below

VECTORS = Path(__file__).parent / "vectors"


def test_paper_matches_the_published_vectors() -> None:
    assert orjson.loads(orjson.dumps(cases())) == orjson.loads((VECTORS / "paper.json").read_bytes())


def test_paper_matches_an_implementation_in_javascript() -> None:
    bundled = Path(playwright.__file__).parent / "driver" / "node"  # playwright brings its own
    node = shutil.which("node") or (bundled if bundled.exists() else None)
    if node is None:
        if os.environ.get("CI") == "true":
            pytest.fail("node is not installed")
        pytest.skip("node is not installed")
    done = subprocess.run([node, VECTORS / "paper.mjs", VECTORS / "paper.json"], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, str(len(cases()))), done.stderr


@given(st.binary(min_size=32, max_size=32), st.integers(1, 400), st.data())
def test_draw_takes_different_places_and_as_a_plain_shuffle_would(key: bytes, size: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, size))
    drawn = draw(stream_below(key), size, count)
    below, places = stream_below(key), list(range(size))
    for i in range(count):
        j = i + below(size - i)
        places[i], places[j] = places[j], places[i]
    assert drawn == places[:count]
    assert len(set(drawn)) == count


@given(st.binary(min_size=32, max_size=32), st.lists(st.integers(0, 12), min_size=1, max_size=30))
def test_make_paper_shuffles_as_specified(key: bytes, options: list[int]) -> None:
    options = [0 if n == 1 else n for n in options]
    drawn, orders = make_paper(key, [(len(options), len(options))], [options])
    below = stream_below(key)
    assert [place for _, place in drawn] == draw(below, len(options), len(options))
    for (_, place), order in zip(drawn, orders, strict=True):
        assert order == (shuffle(below, options[place]) if options[place] else None)


@given(st.integers(1, 2**32 - 1), st.binary(min_size=32, max_size=32))
def test_below_stays_below(n: int, key: bytes) -> None:
    below = stream_below(key)
    assert all(0 <= below(n) < n for _ in range(20))


def test_below_is_even() -> None:
    below = stream_below(bytes(32))
    seen = Counter(below(6) for _ in range(60_000))
    assert all(9_600 < seen[n] < 10_400 for n in range(6))


def test_key_differs_with_each_part() -> None:
    usual = (bytes(32), bytes(32), 1, 1, "")
    keys = {
        paper_key(*usual),
        paper_key(b"\x01" * 32, *usual[1:]),
        paper_key(usual[0], b"\x01" * 32, 1, 1, ""),
        paper_key(*usual[:2], 2, 1, ""),
        paper_key(*usual[:2], 1, 2, ""),
        paper_key(*usual[:2], 1, 1, "a"),
    }
    assert len(keys) == 6
