"""Two verifiers, one verdict: thousands of forgeries are caught by both, good files are accepted by both.

The page runs in a real browser, from a file, exactly as people download it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.engine.proofs.made import SETS, Files, files_of, forge, sources

from tradeshall.core.signing import canonical
from tradeshall.engine.proofs import attempts, logs
from tradeshall.engine.proofs.page import verifier_html
from tradeshall.engine.proofs.report import Check, Report, sentence
from tradeshall.engine.proofs.verify import verify

pytestmark = pytest.mark.timeout(1200)  # some minutes on a machine that does much else

FORGERIES = 10_000
GOOD = 1_000
CONTESTS = 40
AT_ONCE = 500
KINDS = list(SETS)

Verdict = tuple[str, list[list[Any]]]


def verdict_of(report: Report) -> Verdict:
    return report.verdict, [[check.file, check.code, check.holds, check.about] for check in report.checks]


def good_set(number: int) -> tuple[int, str]:
    return number // len(KINDS) % (GOOD // len(KINDS)), KINDS[number % len(KINDS)]


def forged_set(number: int) -> tuple[int, str, str, str, bytes]:
    """Return contest, set, file, kind of forgery and what the file was made into."""
    of, kind = number // len(KINDS) % CONTESTS, KINDS[number % len(KINDS)]
    return of, kind, *forge(number, kind, of)


def is_caught(report: Report, good: Report, name: str) -> bool:
    """Answer whether a forgery is caught: something is wrong, or its file is no longer vouched for as it was."""
    held = {check.code for check in good.checks if check.holds and check.file == name}
    holds = {check.code for check in report.checks if check.holds and check.file == name}
    return report.verdict == "bad" or bool(held - holds)


def test_every_forgery_is_caught_and_every_good_set_accepted() -> None:
    accepted = [number for number in range(GOOD) if verify(sources(files_of(*good_set(number)))).verdict == "good"]
    assert len(accepted) == GOOD
    missed, kinds, flatly = [], set(), 0
    for number in range(FORGERIES):
        of, kind, name, how, forged = forged_set(number)
        files = files_of(of, kind)
        report = verify(sources(files | {name: forged}))
        kinds.add((name, how))
        flatly += report.verdict == "bad"
        if not is_caught(report, verify(sources(files)), name):
            missed.append((number, name, how))
    assert missed == []
    assert (
        flatly > 0.999 * FORGERIES
    )  # the others are pages of another log, which nothing given speaks for or against
    assert len(kinds) > 60


@pytest.mark.parametrize(
    ("part", "name"),
    [(logs, "batch_signed"), (logs, "signed"), (logs, "is_consistent"), (logs.LogRead, "knows")],
)
def test_a_verifier_with_one_check_removed_lets_something_through(
    part: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without any one check, some forgery passes that was caught with it."""
    caught = [number for number in range(2_000) if not passes(number)]
    monkeypatch.setattr(part, name, lambda *arguments: True)
    assert any(passes(number) for number in caught)


def test_without_its_commitments_an_opening_could_say_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    files = files_of(1, "receipt")
    opening = json.loads(files["opening.json"])
    del opening["secret"]  # opened in part, so that no content hash speaks for it
    next(iter(opening["keys"].values()))["key"]["explanation"] = "another reason"
    forged = {"commitments.json": files["commitments.json"], "opening.json": canonical(opening)}
    assert verify(sources(forged)).verdict == "bad"
    monkeypatch.setattr(attempts, "_agree", lambda *arguments: True)
    assert verify(sources(forged)).verdict == "good"


def test_without_their_order_results_could_put_anybody_first(monkeypatch: pytest.MonkeyPatch) -> None:
    header, first, *others = files_of(1, "results")["results.jsonl"].splitlines(keepends=True)
    last = json.loads(others[-1]) | {"rank": 1}
    forged = {"results.jsonl": b"".join([header, canonical(last), b"\n", first, *others[:-1]])}
    assert verify(sources(forged)).verdict == "bad"
    monkeypatch.setattr(
        attempts._Sorted, "take", lambda self, *arguments: setattr(self, "place", self.place + 1) is None
    )
    assert verify(sources(forged)).verdict == "good"


def passes(number: int) -> bool:
    of, kind, name, _how, forged = forged_set(number)
    return verify(sources(files_of(of, kind) | {name: forged})).verdict == "good"


# in the browser ------------------------------------------------------------------------------------------------

VERIFY = """async ({ sets, cases, own }) => {
  if (own) ed25519.useOwn();
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const kept = sets.map((files) => Object.entries(files).map(([name, text]) => [name, bytes(text)]));
  const found = [];
  for (const [which, forgedName, forged] of cases) {
    const files = kept[which].map(([name, raw]) => new File([name === forgedName ? bytes(forged) : raw], name));
    const report = await verifyFiles(files);
    found.push([report.verdict, report.checks.map((check) => [check.file, check.code, check.holds, check.about])]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def verifier(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page, opened from a file with the network switched off."""
    path: Path = tmp_path_factory.mktemp("verifier") / "verifier.html"
    path.write_bytes(verifier_html())
    context = chromium.new_context(offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda request: complaints.append(request.url) if not request.url.startswith("file:") else None
    )
    page.goto(path.as_uri())
    yield page
    context.close()
    assert complaints == []


def in_browser(page: Page, cases: list[tuple[Files, str, bytes]], *, own: bool = False) -> Iterator[Verdict]:
    """Yield the page's verdicts; a set that several cases share is sent once."""
    for some in batched_cases(cases):
        shared: dict[int, int] = {}
        sets: list[Files] = []
        sent = []
        for files, name, forged in some:
            if id(files) not in shared:
                shared[id(files)] = len(sets)
                sets.append(files)
            sent.append([shared[id(files)], name, base64.b64encode(forged).decode()])
        encoded = [{name: base64.b64encode(raw).decode() for name, raw in files.items()} for files in sets]
        yield from map(tuple, page.evaluate(VERIFY, {"sets": encoded, "cases": sent, "own": own}))


def batched_cases(cases: list[tuple[Files, str, bytes]]) -> Iterator[list[tuple[Files, str, bytes]]]:
    for at in range(0, len(cases), AT_ONCE):
        yield cases[at : at + AT_ONCE]


def forged_cases(numbers: range) -> list[tuple[Files, str, bytes]]:
    sets: dict[tuple[int, str], Files] = {}
    made = []
    for number in numbers:
        of, kind, name, _how, forged = forged_set(number)
        made.append((sets.setdefault((of, kind), files_of(of, kind)), name, forged))
    return made


def assert_same(page: Page, cases: list[tuple[Files, str, bytes]], *, own: bool = False) -> list[str]:
    verdicts = []
    for at, ((files, name, forged), theirs) in enumerate(zip(cases, in_browser(page, cases, own=own), strict=True)):
        ours = verdict_of(verify(sources(files | {name: forged} if name else files)))
        assert theirs == ours, f"case {at}: {name}"
        verdicts.append(ours[0])
    return verdicts


@pytest.mark.browser
def test_the_page_agrees_on_every_good_set(verifier: Page) -> None:
    cases = [(files_of(*good_set(number)), "", b"") for number in range(GOOD)]
    assert set(assert_same(verifier, cases)) == {"good"}


@pytest.mark.browser
def test_the_page_agrees_on_every_forgery(verifier: Page) -> None:
    verdicts = assert_same(verifier, forged_cases(range(FORGERIES)))
    assert verdicts.count("bad") > 0.999 * FORGERIES


@pytest.mark.browser
def test_the_page_agrees_without_the_browsers_own_signatures(chromium: Browser, verifier: Page) -> None:
    """Old browsers have no Ed25519 in Web Crypto: the page's own few lines take its place."""
    assert_same(verifier, forged_cases(range(300)), own=True)


@pytest.mark.browser
def test_a_page_with_one_check_removed_lets_something_through(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "careless.html"
    path.write_bytes(verifier_html())
    page = chromium.new_page()
    page.goto(path.as_uri())
    page.evaluate("() => { ed25519.verify = async () => true; }")
    cases = forged_cases(range(400))
    caught = [verify(sources(files | {name: forged})).verdict == "bad" for files, name, forged in cases]
    careless = [verdict == "bad" for verdict, _checks in in_browser(page, cases)]
    page.close()
    assert sum(careless) < sum(caught)


def test_a_report_says_how_each_check_went_in_both_languages() -> None:
    report = verify(sources({name: content for kind in SETS for name, content in files_of(1, kind).items()}))
    for check in report.checks:
        for language in ("en", "zh"):
            words = sentence(check, language)
            assert words
            assert "{" not in words
    bad = Check("x", "receipt:path", False)
    assert "does not belong" in sentence(bad)


def test_a_paper_with_another_form_is_not_marked_rather_than_marked_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    files = files_of(1, "receipt")
    monkeypatch.setattr(attempts, "MARKED", ())
    report = verify(sources(files))
    assert report.verdict == "good"
    assert [check.holds for check in report.checks if check.code == "receipt:paper"] == [None]
