"""Files that mean harm are refused with a reason, soon, and without the memory they ask for."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
from collections.abc import Callable

import pytest

from tradeshall.contests.formats import archives, files, xml
from tradeshall.contests.formats.archives import Archive
from tradeshall.contests.formats.files import read_items
from tradeshall.contests.formats.xml import parse_xml
from tradeshall.core.spreadsheets import Unreadable

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE quiz [<!ENTITY a "ha">%s]><quiz>&k;</quiz>""" % b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(10)
)


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return file.getvalue()


def why(content: bytes, name: str = "x", format: str = "auto") -> str:
    with pytest.raises(Unreadable) as caught:
        list(read_items(io.BytesIO(content), name, format))
    return caught.value.code


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o120777 << 16
    return entry


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (LAUGHS, "contests:file:doctype"),
        (b'<!DOCTYPE quiz SYSTEM "http://elsewhere/x.dtd"><quiz/>', "contests:file:doctype"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>', "contests:file:doctype"),
        (b"<quiz>" + b"<a>" * 5000, "contests:file:xml_huge"),
        (b"<quiz><question", "contests:file:xml_damaged"),
        (b"<quiz>&unknown;</quiz>", "contests:file:xml_damaged"),
        (b'<?xml version="1.0" encoding="nonsense"?><quiz/>', "contests:file:xml_damaged"),
        (b'<?xml version="1.0" encoding="utf-8"?><quiz>\xff\xfe</quiz>', "contests:file:xml_damaged"),
        (b'<?xml version="1.0" encoding="gbk"?><quiz>\xff\xff</quiz>', "intake:file:encoding"),
        (b'<?xml version="1.0"?><questestinterop/>', "contests:file:qti_12"),
        (b'<?xml version="1.0"?><rss/>', "contests:file:not_qti"),
        (b"", "intake:file:empty"),
        (b"PK\x03\x04 and no more", "contests:file:archive_damaged"),
        (zipped(("../../etc/cron.d/x", b"x")), "contests:file:archive_unsafe"),
        (zipped(("/etc/passwd", b"x")), "contests:file:archive_unsafe"),
        (zipped(("C:/x.xml", b"x")), "contests:file:archive_unsafe"),
        (zipped(("a\\..\\x.xml", b"x")), "contests:file:archive_unsafe"),
        (zipped((link("imsmanifest.xml"), b"/etc/passwd")), "contests:file:archive_unsafe"),
        (zipped(("/".join("a" * 20) + "/x.xml", b"x")), "contests:file:archive_huge"),
        (zipped(("readme.txt", b"x")), "contests:file:package_without_items"),
        (zipped(("imsmanifest.xml", LAUGHS)), "contests:file:doctype"),
        (zipped(("imsmanifest.xml", b"")), "intake:file:empty"),
        (zipped(("imsmanifest.xml", b"<manifest><resources/></manifest>")), "contests:file:package_without_items"),
        (zipped(("imsmanifest.xml", bytes(40 * 1024 * 1024))), "contests:file:archive_huge"),
    ],
)  # fmt: skip
def test_harmful_files_are_refused(content: bytes, code: str) -> None:
    assert why(content) == code


def test_an_item_that_means_harm_is_refused_by_itself() -> None:
    manifest = b"""<manifest><resources>
      <resource identifier="a" type="imsqti_item_xmlv3p0" href="a.xml"/>
      <resource identifier="b" type="imsqti_item_xmlv3p0" href="../../b.xml"/>
      <resource identifier="c" type="imsqti_item_xmlv3p0" href="gone.xml"/></resources></manifest>"""
    found = list(read_items(io.BytesIO(zipped(("imsmanifest.xml", manifest), ("a.xml", LAUGHS))), "x.zip"))
    assert [one.problems[0].code for one in found] == [
        "contests:file:doctype", "contests:file:item_missing", "contests:file:item_missing",
    ]  # fmt: skip


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = zipped(("a.xml", b"<a/>"), ("a.xml", b"<b/>"))
    assert why(content) == "contests:file:archive_unsafe"


def test_too_many_files_are_refused_before_the_directory_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_FILES", 10)
    content = zipped(*((f"{n}.xml", b"<a/>") for n in range(20)))
    read: list[object] = []
    monkeypatch.setattr(archives.zipfile, "ZipFile", lambda *given: read.append(given))
    assert why(content) == "contests:file:archive_huge"
    assert read == []


def lying(content: bytes, claimed: int) -> bytes:
    """Return an archive whose directory and headers claim another size than what comes out."""
    changed = bytearray(content)
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = changed.find(mark)
        while place >= 0:
            struct.pack_into("<I", changed, place + at, claimed)
            place = changed.find(mark, place + 4)
    return bytes(changed)


def test_a_size_that_lies_unpacks_no_further_than_allowed() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    content = lying(zipped(("imsmanifest.xml", bytes(200 * 1024 * 1024))), 1000)
    assert why(content).startswith("contests:file:archive_")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * 1024


def test_the_whole_of_an_archive_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 3000)
    archive = Archive(io.BytesIO(zipped(("a", bytes(1000)), ("b", bytes(1500)))))
    assert archive.read("a") == bytes(1000)
    assert archive.read("b") == bytes(1500)
    with pytest.raises(Unreadable):
        archive.read("b")  # what is read twice counts twice
    with pytest.raises(Unreadable):
        Archive(io.BytesIO(zipped(("a", bytes(2000)), ("b", bytes(1500)))))


def test_a_protected_archive_is_refused() -> None:
    content = bytearray(zipped(("imsmanifest.xml", b"<manifest/>")))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + at] |= 1
    assert why(bytes(content)) == "contests:file:archive_protected"


@pytest.mark.parametrize("name", ["MOST_ELEMENTS", "MOST_BYTES"])
def test_huge_trees_are_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    content = b"<quiz>" + b"<a/>" * 100 + b"</quiz>"
    assert parse_xml(content).name == "quiz"  # the control: within the limits it is read
    monkeypatch.setattr(xml, name, 50)
    with pytest.raises(Unreadable):
        parse_xml(content)


def test_xml_in_a_chinese_encoding_is_read() -> None:
    text = '<?xml version="1.0" encoding="GB2312"?><quiz><question type="总工会"/></quiz>'
    root = parse_xml(text.encode("gb18030"))
    assert next(root.elements()).attributes == {"type": "总工会"}


def test_xml_in_utf16_is_told_and_read() -> None:
    content = '<?xml version="1.0" encoding="utf-16"?><quiz/>'.encode("utf-16")
    assert list(read_items(io.BytesIO(content), "x")) == []


@pytest.mark.parametrize("make", [lambda: b"\0" * 100, lambda: b"\xff\xd8\xff\xe0", lambda: b"%PDF-1.7 x"])
@pytest.mark.parametrize("format", files.READ)
def test_what_is_no_file_of_items_is_refused_in_every_format(make: Callable[[], bytes], format: str) -> None:
    try:
        found = list(read_items(io.BytesIO(make()), "x", format))
    except Unreadable:
        return
    assert all(one.draft is None for one in found)
