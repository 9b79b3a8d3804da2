"""Print packs: what a newspaper makes a page of, in one ZIP that any editor's machine can open.

A Word document with named styles, the same as plain text, the pictures in print size, their credits, and `entry.json`
for programs. Says what the `Entry` says and nothing more. Equal entries and pictures give equal bytes: names, order and
times in the ZIP come from the entry.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import IO, Any

import orjson

from feeds import jsonfeed, ninjs
from feeds._docx import SANS, Paper, Style
from feeds.document import Contact, Entry, Metric, Person, Picture
from feeds.markup import scrub
from feeds.prose import Block, BlockKind, Run, blocks_of
from feeds.text import fold, words

MEDIA_TYPE = "application/zip"
VERSION = 1  # raise it when equal entries begin to give other packs
VIETNAM = timezone(timedelta(hours=7))
SLUG_AT_MOST = 60  # characters
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png"}
GREY = "EFEFEF"
STYLES = (
    Style(name="Headline", font=SANS, size=24, bold=True, after=6, keep_with_next=True, outline=1),
    Style(name="Standfirst", font=SANS, size=13, bold=True, after=8),
    Style(name="Byline", font=SANS, size=10, italic=True, after=10),
    Style(name="Editor's note", font=SANS, size=10, bold=True, after=8, shade=GREY),
    Style(name="Body", size=12, after=6),
    Style(name="Subheading", font=SANS, size=13, bold=True, before=10, after=4, keep_with_next=True, outline=2),
    Style(name="List", size=12, after=3, indent=18),
    Style(name="Quote box", size=12, italic=True, after=6, indent=24),
    Style(name="Box heading", font=SANS, size=11, bold=True, before=10, after=2, keep_with_next=True, shade=GREY),
    Style(name="Box text", font=SANS, size=10, after=4, shade=GREY),
    Style(name="Figures", font=SANS, size=10, after=0),
    Style(name="Caption text", font=SANS, size=10, after=0, keep_with_next=True),
    Style(name="Credit", font=SANS, size=9, italic=True, after=8),
)
STYLE_OF = {
    BlockKind.PARAGRAPH: "Body",
    BlockKind.HEADING: "Subheading",
    BlockKind.ITEM: "List",
    BlockKind.NUMBERED: "List",
    BlockKind.QUOTE: "Quote box",
}
LABELS: Mapping[str, tuple[str, str]] = {  # Vietnamese, English
    "method": ("Cách làm", "Method"),
    "result": ("Kết quả", "Result"),
    "lesson": ("Bài học", "Lesson"),
    "figures": ("Số liệu", "Figures"),
    "figure": ("Chỉ số", "Figure"),
    "before": ("Trước", "Before"),
    "after": ("Sau", "After"),
    "period": ("Thời gian", "Period"),
    "unit": ("Đơn vị cung cấp", "Supplied by"),
    "spokesperson": ("Người phát ngôn", "Spokesperson"),
    "short": ("Bản rút gọn", "Short version"),
    "pictures": ("Ảnh", "Pictures"),
    "caption": ("Chú thích", "Caption"),
    "credit": ("Tác giả ảnh", "Credit"),
    "rights": ("Quyền sử dụng", "Rights"),
    "alt": ("Mô tả ảnh", "Description"),
    "correction": ("Đính chính", "Correction"),
    "words": ("Số chữ", "Words"),
    "version": ("Phiên bản", "Version"),
    "source": ("Nguồn", "Source"),
}


@dataclass(frozen=True, slots=True)
class PackedPicture:
    """A picture of the entry with the bytes of the size that goes along."""

    picture: Picture
    media_type: str
    width: int
    height: int
    data: bytes


def slug_of(title: str) -> str:
    """The title as a file name that every system takes: folded words and hyphens, never empty."""
    joined = "-".join(words(fold(title)))
    safe = "".join(char if char.isascii() and char.isalnum() else "-" for char in joined)
    return "-".join(part for part in safe[:SLUG_AT_MOST].split("-") if part) or "story"


def write(file: IO[bytes], entry: Entry, pictures: Sequence[PackedPicture]) -> None:
    """Write an entry's pack to a file that can seek."""
    entry = scrub(entry)
    slug = slug_of(entry.title)
    at = entry.updated.astimezone(VIETNAM)
    files = dict(_files(entry, pictures, slug))
    files["entry.json"] = _machine_readable(entry, files, pictures)
    with zipfile.ZipFile(file, "w") as goal:
        for name, data in files.items():
            part = zipfile.ZipInfo(
                f"{slug}/{name}", (at.year, at.month, at.day, at.hour, at.minute, at.second // 2 * 2)
            )
            part.compress_type = (
                zipfile.ZIP_STORED if name.endswith((".jpg", ".png", ".docx")) else zipfile.ZIP_DEFLATED
            )
            part.external_attr = 0o644 << 16
            goal.writestr(part, data)


def _files(entry: Entry, pictures: Sequence[PackedPicture], slug: str) -> Iterator[tuple[str, bytes]]:
    names = [_name_of(number, each) for number, each in enumerate(pictures, 1)]
    yield f"{slug}.docx", _document(entry, list(zip(names, pictures, strict=True)))
    yield f"{slug}.txt", _plain(entry).encode()
    yield "credits.txt", _credits(entry, list(zip(names, pictures, strict=True))).encode()
    for name, each in zip(names, pictures, strict=True):
        yield name, each.data


def _name_of(number: int, packed: PackedPicture) -> str:
    return f"pictures/{number:02d}.{EXTENSIONS.get(packed.media_type, 'bin')}"


def _machine_readable(entry: Entry, files: Mapping[str, bytes], pictures: Sequence[PackedPicture]) -> bytes:
    """The entry as the JSON Feed has it, and what lies beside it; a picture says which of `_hub.pictures` it is."""
    shown = {_name_of(number, each): each for number, each in enumerate(pictures, 1)}
    listed = [
        {
            "name": name,
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            **(_told(shown[name]) if name in shown else {}),
        }
        for name, data in files.items()
    ]
    document = {"pack": VERSION, "version": entry.version, "entry": orjson.Fragment(jsonfeed.render_entry(entry))}
    written: bytes = orjson.dumps(orjson.loads(orjson.dumps({**document, "files": listed})), option=orjson.OPT_INDENT_2)
    return written


def _told(packed: PackedPicture) -> dict[str, Any]:
    picture = packed.picture
    texts = {name: getattr(picture, name) for name in ("upload", "caption", "credit", "rights", "alt")}
    return {"media_type": packed.media_type, "width": packed.width, "height": packed.height, **texts}


# --- for people -----------------------------------------------------------------------------------------------------


def _document(entry: Entry, pictures: Sequence[tuple[str, PackedPicture]]) -> bytes:
    say = _labels(entry)
    paper = Paper(
        STYLES,
        title=entry.title,
        author=", ".join(_named(person) for person in entry.authors),
        subject=entry.story_id,
        language="en-GB" if entry.language.startswith("en") else "vi-VN",
        at=entry.updated,
        revision=entry.version,
    )
    for style, runs in _head(entry, say):
        paper.add(style, *runs)
    _add_blocks(paper, blocks_of(entry.content))
    for heading, text in _box(entry, say):
        paper.add("Box heading", heading)
        paper.add("Box text", text)
    if entry.story.metrics:
        paper.add("Box heading", say["figures"])
        paper.add_table(_figures(entry.story.metrics, say), style="Figures", head="Figures")
    for heading, text in _people(entry, say):
        paper.add("Box heading", heading)
        paper.add("Box text", text)
    if entry.story.short_body:
        paper.add("Box heading", say["short"])
        _add_blocks(paper, blocks_of(entry.story.short_body))
    if pictures:
        paper.add("Box heading", say["pictures"])
    for name, packed in pictures:
        paper.add("Caption text", Run(f"{name}: ", bold=True), packed.picture.caption or packed.picture.alt)
        paper.add("Credit", "; ".join(_credit_lines(packed, say)))
    return paper.finish()


def _add_blocks(paper: Paper, blocks: Sequence[Block]) -> None:
    for block in blocks:
        paper.add(STYLE_OF[block.kind], *([f"{_mark(block)} "] if _mark(block) else []), *block.runs)


def _mark(block: Block) -> str:
    return {BlockKind.ITEM: "–", BlockKind.NUMBERED: f"{block.number}."}.get(block.kind, "")


def _plain(entry: Entry) -> str:
    """The same words, empty lines between paragraphs, for systems that take nothing else."""
    say = _labels(entry)
    parts = ["".join(run.text if isinstance(run, Run) else run for run in runs) for _, runs in _head(entry, say)]
    parts += [_written(block) for block in blocks_of(entry.content)]
    parts += [f"{heading.upper()}\n{text}" for heading, text in _box(entry, say)]
    if entry.story.metrics:
        rows = _figures(entry.story.metrics, say)
        parts.append("\n".join([say["figures"].upper(), *("\t".join(row) for row in rows)]))
    parts += [f"{heading.upper()}\n{text}" for heading, text in _people(entry, say)]
    if entry.story.short_body:
        short = [_written(block) for block in blocks_of(entry.story.short_body)]
        parts.append("\n\n".join([say["short"].upper(), *short]))
    return "\n\n".join(parts) + "\n"


def _written(block: Block) -> str:
    return " ".join(filter(None, (_mark(block), block.text)))


def _credits(entry: Entry, pictures: Sequence[tuple[str, PackedPicture]]) -> str:
    say = _labels(entry)
    lines = [entry.title, f"{say['source']}: {entry.url}", f"{say['version']}: {entry.version}"]
    lines += [f"{heading}: {text}" for heading, text in _people(entry, say)[:1]]
    for name, packed in pictures:
        told = [f"{say['caption']}: {packed.picture.caption}"] if packed.picture.caption else []
        told += [f"{say['alt']}: {packed.picture.alt}"] if packed.picture.alt else []
        lines += ["", f"{name} ({packed.width} × {packed.height})", *told, *_credit_lines(packed, say)]
    return "\n".join(lines) + "\n"


def _credit_lines(packed: PackedPicture, say: Mapping[str, str]) -> list[str]:
    told = {"credit": packed.picture.credit, "rights": packed.picture.rights}
    return [f"{say[name]}: {text}" for name, text in told.items() if text]


def _head(entry: Entry, say: Mapping[str, str]) -> Iterator[tuple[str, Sequence[Run | str]]]:
    """Headline, standfirst and byline, and before them what an editor has to know, each with its style."""
    if entry.status in ninjs.NOTES:
        vietnamese, english = ninjs.NOTES[entry.status]
        yield "Editor's note", (english if entry.language.startswith("en") else vietnamese,)
    if entry.correction:
        yield "Editor's note", (f"{say['correction']}: {entry.correction}",)
    yield "Headline", (entry.title,)
    if standfirst := entry.story.standfirst or entry.summary:
        yield "Standfirst", (standfirst,)
    if entry.authors:
        yield "Byline", (" · ".join(_named(person) for person in entry.authors),)


def _box(entry: Entry, say: Mapping[str, str]) -> list[tuple[str, str]]:
    """The box of method, result and lesson."""
    told = {"method": entry.story.method, "result": entry.story.result, "lesson": entry.story.lesson}
    return [(say[name], text) for name, text in told.items() if text]


def _figures(metrics: Sequence[Metric], say: Mapping[str, str]) -> list[list[str]]:
    head = [say["figure"], say["before"], say["after"], say["period"]]
    return [
        head,
        *([each.label, _figure(each.before, each), _figure(each.value, each), each.period] for each in metrics),
    ]


def _figure(value: float | None, metric: Metric) -> str:
    """A number as Vietnamese papers print it: a comma before decimals, points between thousands."""
    if value is None:
        return ""
    whole = f"{value:,}".translate(str.maketrans(",.", ".,"))
    return f"{whole} {metric.unit}".strip()


def _people(entry: Entry, say: Mapping[str, str]) -> list[tuple[str, str]]:
    """Who supplied the story, first, and who answers questions."""
    suppliers = [supplier.name for supplier in entry.suppliers] or ([entry.story.unit.name] if entry.story.unit else [])
    found = [(say["unit"], ", ".join(suppliers))] if suppliers else []
    if entry.story.spokesperson is not None:
        contact = _reached(entry.story.spokesperson_contact)
        found.append((say["spokesperson"], "\n".join(filter(None, (_named(entry.story.spokesperson), contact)))))
    return found


def _reached(contact: Contact | None) -> str:
    return " · ".join(filter(None, (contact.phone, contact.email, contact.address))) if contact is not None else ""


def _named(person: Person) -> str:
    return ", ".join(filter(None, (person.name, person.role, person.organization)))


def _labels(entry: Entry) -> dict[str, str]:
    place = 1 if entry.language.startswith("en") else 0
    return {name: texts[place] for name, texts in LABELS.items()}
