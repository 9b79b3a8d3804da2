"""`python -m hub.intake._mammoth`: reads one Word file in a process of its own; the only importer of mammoth.

Answers the HTML, what legacy text there is, the pictures' kinds and sizes and what was left out, and then the pictures'
bytes, one after the other. A picture stands in the HTML as `media:med_word-picture-0001`, until it has been uploaded.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ElementTree, register_namespace

from hub import apart
from hub.intake import _word_parts, _word_runs, legacy_text
from hub.intake._word_parts import VOID, plain
from hub.intake._word_runs import Found, Styles
from hub.intake.legacy_text import Encoding
from hub.packed import RELATIONSHIP, FileRefused, Package

MAIN = "word/"
STYLES = "word/styles.xml"
TEXT_PARTS = re.compile(r"word/(?:document\d*|footnotes|endnotes)\.xml")
KEPT_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|word/(?:_rels/)?(?:document\d*|footnotes|endnotes|styles|numbering)\.xml"
    r"(?:\.rels)?|word/media/[^/]+"
)
PICTURE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})
MAX_PICTURES = 40
MAX_PICTURE = 20 * 1024 * 1024  # bytes, as for any other upload
MAX_PICTURES_BYTES = 80 * 1024 * 1024
MAX_HTML = 250_000  # bytes of UTF-8, under what a body may have
MAX_TAGS = 8_000  # elements, under what the sanitizer takes
_TAG = re.compile(r"<(/?)([a-z0-9]+)[^>]*?(/?)>")


@dataclass(slots=True)
class _Pictures:
    """The pictures of a document, as mammoth comes to them."""

    data: list[bytes] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def take(self, image: Any) -> dict[str, str]:
        try:
            with image.open() as opened:
                data = opened.read(MAX_PICTURE + 1)
        except (KeyError, ValueError, OSError):
            self.left_out["word_pictures_external"] += 1
            return {}
        if image.content_type not in PICTURE_TYPES:
            self.left_out["word_pictures_kind"] += 1
            return {}
        size = sum(map(len, self.data)) + len(data)
        if len(data) > MAX_PICTURE or len(self.data) >= MAX_PICTURES or size > MAX_PICTURES_BYTES:
            self.left_out["word_pictures_many"] += 1
            return {}
        self.data.append(data)
        name = f"med_word-picture-{len(self.data):04}"
        self.told.append({"name": name, "type": image.content_type, "size": len(data), "alt": image.alt_text or ""})
        return {"src": f"media:{name}"}


def read(ask: dict[str, Any], body: bytes) -> apart.Answer:
    """`ask`: ``{"choice": "leave" | "recognised" | an encoding}``. Raises FileRefused."""
    apart.tell(step="check")
    package = Package(body, main=MAIN)
    package.check_xml()
    apart.tell(step="letters")
    notes = _notes(package)
    styles = Styles(package.tree(STYLES) if STYLES in package.names else None)
    slim, found = _slimmed(package, styles, ask["choice"])
    apart.tell(step="read", paragraphs=found.paragraphs)
    pictures = _Pictures()
    html = _converted(slim, pictures)
    notes += [{"code": code, "count": count} for code, count in sorted(pictures.left_out.items())]
    kept = cut(html)
    if len(kept) < len(html):
        notes.append({"code": "word_cut", "count": len(plain(html)) - len(plain(kept))})
    title, rest = _word_parts.take_title(kept)
    fields, rest = _word_parts.take_fields(rest)
    told = {"html": rest, "title": title, "fields": fields, "notes": notes, "pictures": pictures.told}
    return {**told, "legacy": _legacy(found)}, b"".join(pictures.data)


def _notes(package: Package) -> list[dict[str, Any]]:
    """What of the file is not taken, before anything of it is read."""
    counts = {
        "word_external": len(package.list_external()),
        "word_embedded": sum(name.startswith(("word/embeddings/", "word/activeX/")) for name in package.names),
        "word_comments": int("word/comments.xml" in package.names),
    }
    return [{"code": code, "count": count} for code, count in counts.items() if count]


def _slimmed(package: Package, styles: Styles, choice: str) -> tuple[bytes, Found]:
    """The file with what mammoth needs, nothing external in it, and its legacy text converted if that was chosen."""
    found = Found()
    trees = {name: package.tree(name) for name in package.names if TEXT_PARTS.fullmatch(name)}
    for root in trees.values():
        _word_runs.look(root, styles, found)
    if choice != _word_runs.LEAVE:
        others = _others(found, choice)
        for root in trees.values():
            _word_runs.convert(root, styles, others=others)
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as slim:
        for name in package.names:
            if not KEPT_PARTS.fullmatch(name):
                continue
            if name.endswith(".rels"):
                slim.writestr(name, _inner_relations(package, name))
            else:
                slim.writestr(name, _written(trees.pop(name)) if name in trees else package.read(name))
    return kept.getvalue(), found


def _others(found: Found, choice: str) -> Encoding | None:
    """What text in fonts of Unicode is converted from: what was chosen, or recognised by its letters."""
    if choice != _word_runs.RECOGNISED:
        return Encoding(choice)
    guess = legacy_text.recognise("\n".join(found.others))
    return guess.encoding if guess else None


def _inner_relations(package: Package, name: str) -> bytes:
    """A part's relationships; those that lead out of the file, hyperlinks apart, lead to nothing now."""
    outside = {place for part, place in package.list_external() if part == name}
    root = package.tree(name)
    for each in root.iter(RELATIONSHIP):
        if each.get("Id", "") in outside:  # it stays, as mammoth looks each up that the text names
            each.attrib.pop("TargetMode")
            each.set("Target", "nothing")
    return _written(root)


def _written(root: Any) -> bytes:
    buffer = io.BytesIO()
    ElementTree(root).write(buffer, encoding="utf-8", xml_declaration=True)
    return buffer.getvalue()


def _converted(docx: bytes, pictures: _Pictures) -> str:
    import mammoth

    try:
        result = mammoth.convert_to_html(
            io.BytesIO(docx),
            convert_image=mammoth.images.img_element(pictures.take),
            transform_document=_now_convert,
            style_map=f"p[style-name='Title'] => h1.{_word_parts.TITLE_CLASS}:fresh",
            include_embedded_style_map=False,
            external_file_access=False,
            id_prefix="word-",
        )
    except (MemoryError, RecursionError):
        raise
    except Exception as exc:  # mammoth stumbles over broken files in as many ways as there are
        raise FileRefused("file_broken", part="word/document.xml") from exc
    return str(result.value)


def _now_convert(document: Any) -> Any:
    """Mammoth has read the document, and makes HTML of it from here on."""
    apart.tell(step="convert")
    return document


def cut(html: str, *, max_bytes: int = MAX_HTML, max_tags: int = MAX_TAGS) -> str:
    """The whole blocks at the beginning of `html` that a body has room for."""
    depth = tags = end = size = 0
    for found in _TAG.finditer(html):
        closes, name, empty = found.groups()
        tags += not closes
        if not closes and not empty and name not in VOID:
            depth += 1
        depth -= bool(closes)
        if depth:
            continue
        size += len(html[end : found.end()].encode())
        if size > max_bytes or tags > max_tags:
            return html[:end]
        end = found.end()
    return html[:end]


def _legacy(found: Found) -> list[dict[str, Any]]:
    """Each encoding that the document holds, how that shows, and lines before and after."""
    by_font: list[tuple[Encoding, float, str, list[str]]] = [
        (encoding, 0.95, "font", lines) for encoding, lines in found.lines.items()
    ]
    guess = legacy_text.recognise("\n".join(found.others))
    if guess is not None:
        by_font.append((guess.encoding, guess.confidence, "letters", found.others))
    return [
        {
            "encoding": encoding.value,
            "confidence": confidence,
            "by": by,
            "fonts": sorted(found.fonts) if by == "font" else [],
            "samples": [
                [sample.before, sample.after]
                for sample in legacy_text.samples(lines, encoding, by=legacy_text.convert_mixed)
            ],
        }
        for encoding, confidence, by, lines in by_font
    ]


register_namespace("w", _word_runs.W.strip("{}"))

if __name__ == "__main__":
    apart.serve(read)
