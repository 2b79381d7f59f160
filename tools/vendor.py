"""Bring the browser files and fonts of other projects into the tree, exactly as locked.

    python tools/vendor.py            write the files, refusing any package whose digest is not the locked one
    python tools/vendor.py --lock     write the digests of the versions named in the lock file
    python tools/vendor.py --check    compare the files in the tree with the lock file; needs no network

The lock file names package, version, file and SHA-512, and no download address: packages come through `npm pack`,
from whichever registry that client is set up with. Licences are kept beside the files.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
LOCK = Path(__file__).with_name("vendor.lock.json")
TARGET = ROOT / "src/tradeshall/web/static/web/vendor"
FONTS = ROOT / "src/tradeshall/web/fonts"
SVG = "http://www.w3.org/2000/svg"


def digest(content: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def pack(package: str, version: str) -> bytes:
    """Return the tar archive of a package, as the registry serves it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            "npm",
            "pack",
            f"{package}@{version}",
            "--silent",
            "--ignore-scripts",
            "--pack-destination",
            folder,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)
        (archive,) = Path(folder).glob("*.tgz")
        return archive.read_bytes()


def members(archive: bytes, names: list[str]) -> dict[str, bytes]:
    """Return the named files of a package's archive."""
    with tempfile.TemporaryFile() as file:
        file.write(archive)
        file.seek(0)
        with tarfile.open(fileobj=file) as tar:
            return {name: tar.extractfile(f"package/{name}").read() for name in names}  # type: ignore[union-attr]


def sprite(icons: dict[str, bytes]) -> bytes:
    """Return one SVG file with a symbol for each icon."""
    lines = [f'<svg xmlns="{SVG}">']
    for name, content in sorted(icons.items()):
        root = ElementTree.fromstring(content)
        paths = "".join(f'<path d="{path.get("d")}"/>' for path in root.iter(f"{{{SVG}}}path"))
        lines.append(f'<symbol id="{name}" viewBox="{root.get("viewBox")}">{paths}</symbol>')
    return "\n".join([*lines, "</svg>", ""]).encode()


def letters() -> str:
    """Return the characters a font of ours keeps: Latin ones, signs of lists, and the 6,763 of GB 2312."""
    kept = {chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x180))} | set("—…‘’“”•№™℃‰✓✗○●□■★☆㎡")
    for row in range(0xA1, 0xF8):
        kept |= set(bytes(byte for cell in range(0xA1, 0xFF) for byte in (row, cell)).decode("gb2312", "ignore"))
    return "".join(sorted(kept))


def subset(font: bytes) -> bytes:
    """Return a font reduced to our letters."""
    from fontTools import subset as subsetting

    options = subsetting.Options(hinting=False, layout_features=["kern", "locl", "tnum", "lnum"], name_IDs=["*"])
    options.recalc_timestamp = False
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "whole.ttf", Path(folder) / "subset.ttf"
        source.write_bytes(font)
        loaded = subsetting.load_font(str(source), options)
        cutter = subsetting.Subsetter(options)
        cutter.populate(text=letters())
        cutter.subset(loaded)
        subsetting.save_font(loaded, str(target), options)
        return target.read_bytes()


def build(entry: dict[str, Any], archive: bytes) -> dict[str, bytes]:
    """Return what an entry of the lock file puts into the tree, by file name."""
    licence = str(entry["licence"])
    folder, icons = str(entry["folder"]), entry.get("sprite")
    if "font" in entry:
        found = members(archive, [licence, entry["font"]["from"]])
        return {
            f"{folder}/LICENSE": found[licence],
            f"{folder}/{entry['font']['file']}": subset(found[entry["font"]["from"]]),
        }
    if isinstance(icons, dict):
        paths = {name: str(icons["path"]).replace("*", name) for name in icons["icons"]}
        found = members(archive, [licence, *paths.values()])
        return {
            f"{folder}/LICENSE": found[licence],
            f"{folder}/{icons['file']}": sprite({name: found[path] for name, path in paths.items()}),
        }
    names = [str(name) for name in entry["files"]]  # type: ignore[attr-defined]
    found = members(archive, [licence, *names])
    return {
        f"{folder}/LICENSE": found[licence],
        **{f"{folder}/{Path(name).name}": found[name] for name in names},
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--lock", action="store_true", help="write the digests of the versions named")
    parser.add_argument("--check", action="store_true", help="compare the tree with the lock file")
    options = parser.parse_args(arguments)
    entries = json.loads(LOCK.read_text())
    if options.check:
        return check(entries)
    for entry in entries:
        archive = pack(entry["package"], entry["version"])
        if options.lock:
            entry["sha512"] = digest(archive)
        elif digest(archive) != entry["sha512"]:
            print(f"{entry['package']} {entry['version']}: not the package that was locked", file=sys.stderr)
            return 1
        built = build(entry, archive)
        if options.lock:
            entry["written"] = {name: digest(content) for name, content in built.items()}
        for name, content in built.items():
            path = (FONTS if "font" in entry else TARGET) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    if options.lock:
        LOCK.write_text(json.dumps(entries, indent=2) + "\n")
    return check(entries)


def check(entries: list[dict[str, Any]]) -> int:
    """Answer 0 when every vendored file is the locked one and there is no other."""
    wrong = []
    for base, fonts in ((TARGET, False), (FONTS, True)):
        ours = [entry for entry in entries if ("font" in entry) is fonts]
        locked = {name: sum512 for entry in ours for name, sum512 in entry["written"].items()}
        present = {
            str(path.relative_to(base)): digest(path.read_bytes()) for path in base.rglob("*") if path.is_file()
        }
        wrong += sorted(name for name in locked.keys() | present.keys() if locked.get(name) != present.get(name))
    for name in wrong:
        print(f"vendored file is not the locked one: {name}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
