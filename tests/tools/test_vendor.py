"""The browser files of others are those that were locked."""

from __future__ import annotations

import io
import json
import re
import tarfile
from pathlib import Path

import pytest

from tools import vendor

ICON = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256"><path d="M1 1"/></svg>'


def archive(**files: bytes) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return held.getvalue()


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(vendor, "TARGET", tmp_path / "vendor")
    monkeypatch.setattr(vendor, "FONTS", tmp_path / "fonts")
    monkeypatch.setattr(vendor, "LOCK", tmp_path / "lock.json")
    package = archive(**{"LICENSE": b"ours", "a.js": b"1"})
    monkeypatch.setattr(vendor, "pack", lambda name, version: package)
    entry = {"package": "a", "version": "1", "folder": "a", "licence": "LICENSE", "files": ["a.js"]}
    vendor.LOCK.write_text(json.dumps([entry]))
    assert vendor.main(["--lock"]) == 0
    return tmp_path


def test_vendored_files_are_the_locked_ones() -> None:
    assert vendor.main(["--check"]) == 0


def test_lock_file_names_no_address() -> None:
    assert "://" not in vendor.LOCK.read_text()


def test_files_are_written_with_their_licence(tree: Path) -> None:
    assert (tree / "vendor/a/a.js").read_bytes() == b"1"
    assert (tree / "vendor/a/LICENSE").read_bytes() == b"ours"
    assert vendor.main([]) == 0


def test_other_package_is_refused(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = archive(**{"LICENSE": b"ours", "a.js": b"2"})
    monkeypatch.setattr(vendor, "pack", lambda name, version: other)
    assert vendor.main([]) == 1
    assert (tree / "vendor/a/a.js").read_bytes() == b"1"


def test_changed_and_stray_files_are_found(tree: Path) -> None:
    (tree / "vendor/a/a.js").write_bytes(b"2")
    assert vendor.main(["--check"]) == 1
    assert vendor.main([]) == 0
    (tree / "vendor/stray.js").write_bytes(b"")
    assert vendor.main(["--check"]) == 1


def test_sprite_has_a_symbol_for_each_icon() -> None:
    drawn = vendor.sprite({"b": ICON, "a": ICON}).decode()
    assert drawn.index('id="a"') < drawn.index('id="b"')
    assert 'viewBox="0 0 256 256"' in drawn


def test_icons_named_in_templates_are_in_the_sprite() -> None:
    sprite = (vendor.TARGET / "phosphor/icons.svg").read_text()
    package = vendor.ROOT / "src/tradeshall"
    named = {
        name
        for path in package.rglob("*.html")
        for name in re.findall(r"(?:<c-icon\s+name|\sicon)=\"([a-z-]+)\"", path.read_text())
    }
    named |= {name for path in package.rglob("*.py") for name in re.findall(r"icon=\"([a-z-]+)\"", path.read_text())}
    assert sorted(name for name in named if f'id="{name}"' not in sprite) == []
