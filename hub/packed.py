"""Office files are ZIPs of XML: what is refused before anything in one is parsed, and why.

Bombs (members, sizes, ratio), macros, encryption, XML with a document type or entities, and XML that nests too deep.
Nothing that a file names is ever fetched.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Collection
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.parsers import expat

import schemas
from hub.errors import Invalid

# what Python's ZIP reader says of a broken or foreign member; an unknown compression is a NotImplementedError to it
BROKEN = (
    *(zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError),
    *(zlib.error, lzma.LZMAError, struct.error),
)
MAX_MEMBERS = 2_000
MAX_UNPACKED = 200 * 1024 * 1024  # bytes, of all members
MAX_PART = 100 * 1024 * 1024  # bytes, of one
MAX_RATIO = 300  # unpacked to packed, of members over RATIO_FROM; office XML stays under a hundred
RATIO_FROM = 4 * 1024 * 1024
MAX_DEPTH = 200  # open elements
MAX_ELEMENTS = 3_000_000
XML_ENDS = (".xml", ".rels")
TYPES = "[Content_Types].xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # of Word and Excel before 2007, and of encrypted files of today
SEALED = "EncryptedPackage".encode("utf-16-le")  # MS-OFFCRYPTO §1.3.3: the stream that holds the real file
MACRO_PARTS = ("vbaproject.bin", "vbadata.xml", "vbaprojectsignature.bin")
MACRO_FOLDERS = ("/macrosheets/", "/dialogsheets/")
EXTERNAL, HYPERLINK = "External", "/hyperlink"
RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class FileRefused(Invalid):
    """A file that is not taken; `code` says why, and so does the one fault."""

    key = "error.file_refused"

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code=code, faults=[schemas.Fault("", code, facts)])
        self.code = code
        self.told = facts


class Package:
    """An office file whose members may be read. Raises FileRefused, also while they are."""

    def __init__(self, data: bytes, *, main: str) -> None:
        """`main`: the folder that its kind keeps its parts in, ``word/`` or ``xl/``."""
        if data.startswith(OLE):
            if SEALED in data:
                raise FileRefused("file_encrypted")
            code = "file_old_word" if main == "word/" else "file_old_excel"
            raise FileRefused(code)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as exc:
            raise FileRefused("file_not_office") from exc
        self._members = {member.filename: member for member in self._zip.infolist()}
        self._check_members()
        if TYPES not in self._members or not any(name.startswith(main) for name in self._members):
            raise FileRefused("file_not_office")
        if b"macroenabled" in self.read(TYPES).lower():
            raise FileRefused("file_macros")

    @property
    def names(self) -> Collection[str]:
        """The members' names."""
        return self._members

    def read(self, name: str) -> bytes:
        """One member whole; no more of it than it said."""
        try:
            return self._zip.read(self._members[name])
        except BROKEN as exc:
            raise FileRefused("file_broken", part=name[-80:]) from exc

    def check_xml(self) -> None:
        """Walk every XML member once, without keeping anything of it."""
        elements = 0
        for name in self._members:
            if name.lower().endswith(XML_ENDS):
                elements = _walk(self.read(name), name, elements)

    def tree(self, name: str) -> Element:
        """A member's XML; ask `check_xml` first."""
        parser = XMLParser(target=TreeBuilder())  # noqa: S314  no entities: `check_xml` has refused them
        try:
            parser.feed(self.read(name))
            root: Element = parser.close()
        except ParseError as exc:
            raise FileRefused("file_broken", part=name[-80:]) from exc
        return root

    def list_external(self) -> list[tuple[str, str]]:
        """What the file takes from elsewhere, hyperlinks apart: the part with the reference, and its id there."""
        found = []
        for name in self._members:
            if name.lower().endswith(".rels"):
                found += [
                    (name, each.get("Id", ""))
                    for each in self.tree(name).iter(RELATIONSHIP)
                    if each.get("TargetMode") == EXTERNAL and not each.get("Type", "").endswith(HYPERLINK)
                ]
        return found

    def _check_members(self) -> None:
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS or len(members) != len(self._members):  # a name twice: two readers, two files
            raise FileRefused("file_bomb")
        if sum(member.file_size for member in members) > MAX_UNPACKED:
            raise FileRefused("file_bomb")
        for member in members:
            name = member.filename.lower()
            ratio = member.file_size / max(1, member.compress_size)
            if member.file_size > MAX_PART or (member.file_size > RATIO_FROM and ratio > MAX_RATIO):
                raise FileRefused("file_bomb")
            if member.flag_bits & 0x1:
                raise FileRefused("file_encrypted")
            if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/"):
                raise FileRefused("file_broken", part=member.filename[-80:])
            if name.endswith(MACRO_PARTS) or any(folder in name for folder in MACRO_FOLDERS):
                raise FileRefused("file_macros")


def _walk(data: bytes, name: str, elements: int) -> int:
    """Raise FileRefused for a document type, an entity, depth, or too much; returns how many elements there were."""
    depth = 0

    def refuse(*_: Any) -> Any:
        raise FileRefused("file_entities", part=name[-80:])

    def begin(_name: str, _attributes: Any) -> None:
        nonlocal depth, elements
        depth, elements = depth + 1, elements + 1
        if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
            code = "file_too_deep" if depth > MAX_DEPTH else "file_bomb"
            raise FileRefused(code)

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as exc:
        raise FileRefused("file_broken", part=name[-80:]) from exc
    return elements
