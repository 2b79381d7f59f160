"""Translations: `extract` the sentences, `compile` them in Python, `check` that none is missing.

python tools/translations.py extract|compile|check
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "tradeshall"
CATALOGUES = {
    "django": PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po",
    "djangojs": PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "djangojs.po",
}


def extract(folder: Path = PACKAGE) -> None:
    """Bring the catalogues up to the sentences in the code; needs GNU gettext."""
    for domain in CATALOGUES:
        extensions = ["html", "txt", "py"] if domain == "django" else ["js"]
        arguments = ["makemessages", "-l", "zh_Hans", "-d", domain, "--no-location", "--no-obsolete", "--no-wrap"]
        for extension in extensions:
            arguments += ["-e", extension]
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "tradeshall.config.settings.test",
        }
        subprocess.run([sys.executable, "-m", "django", *arguments, "-v0"], cwd=folder, env=environment, check=True)


def compile_all() -> None:
    """Write the .mo files beside their catalogues, where those are newer."""
    for path in CATALOGUES.values():
        compiled = path.with_suffix(".mo")
        if path.exists() and (not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime):
            polib.pofile(str(path)).save_as_mofile(str(compiled))


def problems_in(path: Path, wanted: set[tuple[str, str | None]] | None) -> list[str]:
    catalogue = polib.pofile(str(path))
    found = {(entry.msgid, entry.msgctxt) for entry in catalogue if not entry.obsolete}
    problems = [f"missing: {msgid!r}" for msgid, _ in sorted((wanted or set()) - found, key=str)]
    for entry in catalogue:
        if entry.obsolete:
            problems.append(f"obsolete: {entry.msgid!r}")
        elif entry.fuzzy:
            problems.append(f"fuzzy: {entry.msgid!r}")
        elif not entry.translated():
            problems.append(f"untranslated: {entry.msgid!r}")
    return problems


def check() -> int:
    """Say what is missing, fuzzy or left over; returns how many problems there are."""
    sentences: dict[str, set[tuple[str, str | None]] | None] = dict.fromkeys(CATALOGUES)
    if shutil.which("xgettext"):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "tradeshall"
            shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("locale", "__pycache__"))
            (copy / "locale" / "zh_Hans" / "LC_MESSAGES").mkdir(parents=True)
            extract(copy)
            for domain, path in CATALOGUES.items():
                fresh = copy / path.relative_to(PACKAGE)
                entries = polib.pofile(str(fresh)) if fresh.exists() else []
                sentences[domain] = {(entry.msgid, entry.msgctxt) for entry in entries}
    else:
        print("GNU gettext is absent: sentences not yet in the catalogues are not looked for")
    count = 0
    for domain, path in CATALOGUES.items():
        if not path.exists():
            lines = [f"missing: {msgid!r}" for msgid, _ in sentences[domain] or ()]
        else:
            lines = problems_in(path, sentences[domain])
        for line in lines:
            print(f"{path.name}: {line}")
        count += len(lines)
    print(f"translations: {count} problems" if count else "translations: complete")
    return count


if __name__ == "__main__":
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    if command == "extract":
        extract()
    elif command == "compile":
        compile_all()
    elif command == "check":
        raise SystemExit(1 if check() else 0)
    else:
        raise SystemExit(__doc__)
