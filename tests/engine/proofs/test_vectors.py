"""The vectors of our own formats, which Python and the page both pass."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.engine.proofs.make_vectors import FOLDER, VECTORS

from tradeshall.engine.proofs.page import verifier_html

IN_THE_PAGE = """async ({ log, commitments, draws, papers }) => {
  const found = { roots: [], inclusion: [], consistency: [], commitments: [], draws: [], papers: [] };
  const leaves = log.entries.map((entry) => leafHash(unhex(entry)));
  const rootAt = (size) => {
    const tree = new Frontier();
    for (const leaf of leaves.slice(0, size)) tree.append(leaf);
    return tree.root();
  };
  for (const [size] of log.roots) found.roots.push([size, hex(rootAt(size))]);
  for (const [index, size, path] of log.inclusion) {
    found.inclusion.push(same(rootFromInclusion(leaves[index], index, size, path.map(unhex)), rootAt(size)));
  }
  for (const [before, after, path] of log.consistency) {
    found.consistency.push(isConsistent(before, rootAt(before), after, rootAt(after), path.map(unhex)));
  }
  found.checkpoint = await signed(readCheckpoint(log.checkpoint), { log: unhex(log.public_key) });
  for (const { value, nonce } of commitments) {
    found.commitments.push([canonicalText(value), hex(sha256(unhex(nonce), canonical(value)))]);
  }
  for (const { tickets, results } of draws) {
    const randomness = randomnessOf(results.map(([name, value]) => ({ name, value })));
    const file = new File([tickets.map((ticket) => `${ticket}\\n`).join("")], "list");
    const { root } = await readList(file, [], async () => {});
    const seed = seedOf(unhex(root), randomness);
    const lowest = new Lowest(seed, 10);
    const read = await readList(file, [lowest], async () => {});
    found.draws.push([root, hex(randomness), hex(seed), hex(lowest.rows[0][0]), read.lowest[0]]);
  }
  for (const vector of papers) {
    const key = paperKey(unhex(vector.secret), unhex(vector.content_hash), vector.participant,
      vector.attempt_number, vector.variant);
    const below = stream(key), numbers = vector.below.map(([n]) => [n, below(n)]);
    const items = vector.forms?.map(([form, options, matches]) => ({
      form, options: Array(options).fill(""), matches: Array(matches).fill(""),
    }));
    const optionsOf = (section, place) => items
      ? moved(items[place], vector.shuffle_options)
      : ((place + section) % 3 ? vector.option_count : 0);
    const made = makePaper(key, vector.sections, optionsOf);
    found.papers.push([hex(key), numbers, made.drawn, made.orders]);
  }
  return found;
}"""


def vectors(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


@pytest.mark.parametrize("name", VECTORS)
def test_what_the_code_makes_is_what_the_vectors_say(name: str) -> None:
    assert json.loads(json.dumps(VECTORS[name]())) == vectors(name)


@pytest.mark.browser
def test_the_page_passes_every_vector(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "verifier.html"
    path.write_bytes(verifier_html())
    page = chromium.new_page()
    page.goto(path.as_uri())
    log, commitments, draws, papers = map(vectors, ("log", "commitments", "draw-check", "paper"))
    given = {"log": log, "commitments": commitments, "draws": draws, "papers": papers}
    found = page.evaluate(IN_THE_PAGE, given)
    page.close()
    assert found["roots"] == log["roots"]
    assert all(found["inclusion"])
    assert all(found["consistency"])
    assert found["checkpoint"] is True
    assert found["commitments"] == [[one["canonical"], one["commitment"]] for one in commitments]
    names = ("root", "randomness", "seed", "first_score", "drawn")
    assert found["draws"] == [[one[name] for name in names] for one in draws]
    assert found["papers"] == [[one[name] for name in ("key", "below", "drawn", "orders")] for one in papers]
