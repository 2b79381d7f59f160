"""IMS content packages of QTI items: a zip with a manifest, items and their pictures; single items too."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO
from urllib.parse import unquote

from tradeshall.contests.formats.archives import Archive
from tradeshall.contests.formats.carried import Carried, Notes
from tradeshall.contests.formats.qti.reading import Metadata, canonical, read_item
from tradeshall.contests.formats.qti.writing import write_item
from tradeshall.contests.formats.xml import Node, element, parse_xml, said, tag
from tradeshall.contests.rules.items import ItemDraft, Media
from tradeshall.core.spreadsheets import Problem, Unreadable

MANIFEST = "imsmanifest.xml"
DIFFICULTIES = ("very easy", "easy", "medium", "difficult", "very difficult")
CP = "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"
LOM = "http://ltsc.ieee.org/xsd/LOM"
_THE_SAME_DAY = (1980, 1, 1, 0, 0, 0)  # the same items make the same file


def root_name(root: Node) -> str:
    """Return the name of a document's root as it is compared."""
    return root.name.removeprefix("qti-").replace("-", "").casefold()


def read_qti_item(content: bytes) -> Iterator[Carried]:
    """Yield the item of a document that stands alone; its pictures cannot be with it."""
    root = parse_xml(content)
    _refuse_other(root_name(root))
    yield read_item(root, root.line, Metadata(), lambda address: None)


def _refuse_other(name: str) -> None:
    if name == "questestinterop":
        raise Unreadable("contests:file:qti_12")
    if name != "assessmentitem":
        raise Unreadable("contests:file:not_qti", {"root": name[:40]})


def manifest_of(archive: Archive) -> str:
    """Return the name of the manifest nearest to the top, "" if there is none."""
    found = [name for name in archive.names if name.rpartition("/")[2] == MANIFEST]
    return min(found, key=lambda name: (name.count("/"), name), default="")


def read_qti_package(archive: Archive) -> Iterator[Carried]:
    """Yield every item of a package in the order of its manifest; what else it holds is noted."""
    name = manifest_of(archive)
    if not name:
        yield from _without_manifest(archive)
        return
    manifest = canonical(parse_xml(archive.read(name) or b""))
    folder = posixpath.dirname(name)
    resources = list(manifest.all("resource"))
    kinds = [resource.attributes.get("type", "").casefold() for resource in resources]
    if any("v1p2" in kind or "v1p1" in kind for kind in kinds) and not any("item" in kind for kind in kinds):
        raise Unreadable("contests:file:qti_12")
    if not any("qti_item" in kind for kind in kinds):
        raise Unreadable("contests:file:package_without_items")
    for place, (resource, kind) in enumerate(zip(resources, kinds, strict=True), start=1):
        if "qti_item" in kind:
            yield _resource(archive, folder, resource, place)
        elif "qti_test" in kind or "qti_section" in kind:
            notes = Notes()
            notes.add("test_passed_over", "form")
            yield Carried(place, None, (), notes.all(), resource.attributes.get("identifier", ""))


def _resource(archive: Archive, folder: str, resource: Node, place: int) -> Carried:
    href = resource.attributes.get("href", "")
    if not href:
        file = resource.first("file")
        href = file.attributes.get("href", "") if file is not None else ""
    path = posixpath.normpath(posixpath.join(folder, unquote(href)))
    return _read(archive, path, place, _metadata(resource), resource.attributes.get("identifier", href))


def _without_manifest(archive: Archive) -> Iterator[Carried]:
    names = sorted(name for name in archive.names if name.endswith(".xml"))
    if not names:
        raise Unreadable("contests:file:package_without_items")
    for place, name in enumerate(names, start=1):
        yield _read(archive, name, place, Metadata(), name)


def _read(archive: Archive, path: str, place: int, metadata: Metadata, named: str) -> Carried:
    content = archive.read(path)
    if content is None:
        problem = Problem("stem", "contests:file:item_missing", {"name": path[:80]})
        return Carried(place, None, (problem,), text=named)
    try:
        root = parse_xml(content)
        _refuse_other(root_name(root))
    except Unreadable as error:
        return Carried(place, None, (Problem("stem", error.code, error.details),), text=f"{named}: {path}")
    beside = posixpath.dirname(path)
    return read_item(
        root, place, metadata, lambda address: archive.read(posixpath.normpath(posixpath.join(beside, address)))
    )


def _metadata(resource: Node) -> Metadata:
    lom = next(resource.all("lom"), None)
    if lom is None:
        return Metadata()
    tags = tuple(word.text().strip() for word in lom.all("keyword"))
    words = [value.text().strip().casefold() for one in lom.all("difficulty") for value in one.elements("value")]
    difficulty = DIFFICULTIES.index(words[0]) + 1 if words and words[0] in DIFFICULTIES else 0
    source = ""
    for relation in lom.all("relation"):
        if "basedon" in relation.text_of("kind").casefold().replace(" ", "") and not source:
            described = next(relation.all("description"), None)
            source = described.text().strip() if described is not None else ""
    return Metadata(tuple(tag for tag in tags if tag), difficulty, source)


# Writing


def write_qti_package(
    items: Iterable[tuple[int, ItemDraft]], file: BinaryIO, content_of: Callable[[Media], bytes | None]
) -> None:
    """Write items as a content package of QTI 3.0 with their pictures."""
    resources: list[str] = []
    kept: set[str] = set()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, item in items:
            path = f"items/item-{number}.xml"
            names = [f"items/media/{one.name}" for one in item.media]
            _put(archive, path, write_item(number, item).encode())
            for one, name in zip(item.media, names, strict=True):
                content = content_of(one) if name not in kept else None
                if content is not None:
                    _put(archive, name, content)
                    kept.add(name)
            resources.append(
                element(
                    "resource",
                    {"identifier": f"item-{number}", "type": "imsqti_item_xmlv3p0", "href": path},
                    tag("metadata", _lom(item)),
                    *(tag("file", href=name) for name in (path, *names)),
                )
            )
        head = tag("metadata", tag("schema", "QTI Package"), tag("schemaversion", "3.0.0"))
        manifest = element(
            "manifest",
            {"xmlns": CP, "xmlns:lom": LOM, "identifier": "items"},
            head,
            tag("organizations"),
            tag("resources", "\n", "\n".join(resources), "\n"),
        )
        _put(archive, MANIFEST, b'<?xml version="1.0" encoding="UTF-8"?>\n' + manifest.encode())


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _THE_SAME_DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _lom(item: ItemDraft) -> str:
    def string(text: str) -> str:
        return tag("lom:string", said(text))

    def vocabulary(name: str, value: str) -> str:
        return tag(name, tag("lom:source", "LOMv1.0"), tag("lom:value", value))

    parts = []
    if item.tags:
        parts.append(tag("lom:general", *(tag("lom:keyword", string(word)) for word in item.tags)))
    parts.append(tag("lom:educational", vocabulary("lom:difficulty", DIFFICULTIES[item.difficulty - 1])))
    if item.source:
        described = tag("lom:resource", tag("lom:description", string(item.source)))
        parts.append(tag("lom:relation", vocabulary("lom:kind", "isbasedon"), described))
    return tag("lom:lom", *parts)
