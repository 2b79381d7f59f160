"""The verifier as one file: a page that needs no network and asks for none, put together from its parts.

Its policy allows its own script and style, by their hashes, and nothing else at all: not one request can leave it.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

SCRIPTS = ("sha2.js", "ed25519.js", "verify.js", "page.js")


@cache
def parts() -> tuple[str, str]:
    """Return the page's script and style."""
    texts = _read("texts.json").strip().replace("</", "<\\/")
    script = "\n".join(["'use strict';", f"const TEXTS = {texts};", *map(_read, SCRIPTS)])
    return script, _read("page.css")


@cache
def policy() -> str:
    """Return the Content-Security-Policy of the page."""
    script, style = parts()
    # The progress bar gets its width from the script, which this allows; style attributes in markup it does not.
    own = f"script-src '{_digest(script)}'; style-src '{_digest(style)}'"
    return f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"


@cache
def verifier_html() -> bytes:
    """Return the whole page."""
    script, style = parts()
    page = _read("page.html")
    return page.replace("{policy}", policy()).replace("{style}", style).replace("{script}", script).encode()


def _read(name: str) -> str:
    return files("tradeshall.engine.proofs").joinpath("static/verifier").joinpath(name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
