"""Word files as they come in: a .docx's text as story HTML, its pictures to be uploaded, and what was left out.

The file is read in a process of its own (`_mammoth`); what comes back goes through the sanitizer as any other body.
Text of before Unicode is shown before and after, and converted only when that is chosen.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import schemas
from feeds.text import SafeHtml, clean_text
from hub import apart
from hub.errors import TooLarge
from hub.intake import html
from hub.intake.legacy_text import Encoding, Guess, Preview, Sample
from hub.packed import FileRefused

MAX_BYTES = 20 * 1024 * 1024
MODULE = "hub.intake._mammoth"
STEPS = ("check", "letters", "read", "convert")  # of the reading, in order, as `_mammoth` tells them
NOTES = frozenset({  # what may be told of a file that was taken
    "fault.word_comments", "fault.word_cut", "fault.word_embedded", "fault.word_external",
    "fault.word_pictures_external", "fault.word_pictures_kind", "fault.word_pictures_many",
})  # fmt: skip
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class Choice(StrEnum):
    """What to do with text in legacy encodings. Nothing is converted that nobody chose."""

    LEAVE = "leave"
    RECOGNISED = "recognised"  # as the previews say
    TCVN3 = Encoding.TCVN3.value  # the rest, too, whatever was recognised in it
    VNI = Encoding.VNI.value


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPicture:
    """A picture of the file; `name` stands for it in the HTML until it has an upload's id."""

    name: str
    media_type: str
    alt: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WordFile:
    """What a Word file holds for a story."""

    html: SafeHtml  # sanitized; pictures stand in it under their names
    title: str  # of Word's style Title, else the first heading, or the first line; may be empty
    fields: Mapping[str, str]  # what stood below headings that name a field of a story, such as "method"; plain text
    pictures: tuple[WordPicture, ...]
    previews: tuple[Preview, ...]  # of the legacy text in it: what a conversion would do, or has done
    notes: tuple[schemas.Fault, ...]  # what was left out and why, each with its `count`


def read_word(
    data: bytes,
    *,
    choice: Choice | str = Choice.LEAVE,
    seconds: float = apart.SECONDS,
    turn_seconds: float | None = None,
    told: apart.Told | None = None,
    stop: threading.Event | None = None,
) -> WordFile:
    """Read a .docx, at most MAX_BYTES, in `seconds`; `told` hears of each of STEPS, and how many paragraphs there are.

    Raises TooLarge; FileRefused with a reason for what is no .docx, holds macros or XML entities, is encrypted or
    broken, or too much to read; apart.Stopped soon after `stop` was set.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(max_bytes=MAX_BYTES)
    asked = {"choice": Choice(choice).value}
    answer, rest = apart.run(MODULE, asked, data, seconds=seconds, turn_seconds=turn_seconds, told=told, stop=stop)
    pictures = tuple(_pictures(answer["pictures"], rest))
    cleaned = html.clean_html(answer["html"], own_media=[picture.name for picture in pictures])
    if not cleaned.text and not pictures:
        raise FileRefused("file_empty")
    return WordFile(
        html=cleaned.html,
        title=clean_text(answer["title"]).strip(),
        fields={name: clean_text(text, multiline=True).strip() for name, text in answer["fields"].items()},
        pictures=pictures,
        previews=tuple(_preview(told) for told in answer["legacy"]),
        notes=tuple(_note(told) for told in answer["notes"] if f"fault.{told['code']}" in NOTES),
    )


def with_uploads(story_html: str, uploads: Mapping[str, str]) -> str:
    """The HTML with the pictures that were uploaded, by name; the sanitizer takes out those that were not."""
    for name, upload_id in uploads.items():
        story_html = story_html.replace(f"media:{name}", f"media:{upload_id}")
    return story_html


def _pictures(told: list[dict[str, Any]], rest: bytes) -> list[WordPicture]:
    found, start = [], 0
    for picture in told:
        data = rest[start : start + picture["size"]]
        start += picture["size"]
        alt = clean_text(picture["alt"])[:300].strip()
        found.append(WordPicture(name=picture["name"], media_type=picture["type"], alt=alt, data=data))
    return found


def _preview(told: dict[str, Any]) -> Preview:
    guess = Guess(Encoding(told["encoding"]), told["confidence"], told["by"])
    return Preview(guess, tuple(Sample(before, after) for before, after in told["samples"]))


def _note(told: dict[str, Any]) -> schemas.Fault:
    return schemas.Fault("", told["code"], {"count": told["count"]})
