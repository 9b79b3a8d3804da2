"""Ready words for a correction: one text to print, one to read on air, in Vietnamese and English. Pure.

On air nobody hears quotation marks, brackets or a slash, so that text goes without them and says which was which.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

SHOWN = 400  # characters of a text before it is cut at a word
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_UNSPOKEN = re.compile(r"[“”\"«»()\[\]{}]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """One change as people read it: the field's title, its texts before and after (empty: not there), and why."""

    field: str
    before: str
    after: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The two texts."""

    print: str
    air: str


@dataclass(frozen=True, slots=True)
class _Phrases:
    """What a correction says in one language, printed and spoken; a slash is read out as `of` or `per`."""

    opening: tuple[str, str]
    added: tuple[str, str]
    dropped: tuple[str, str]
    changed: tuple[str, str]
    closing: tuple[str, str]
    reason: str
    of: str
    per: str


_PHRASES = {
    "vi": _Phrases(
        opening=(
            "ĐÍNH CHÍNH. Trong bài “{title}” (ngày {day}):",
            "Thưa quý vị, chúng tôi xin đính chính bài {title}, phát hành {day}.",
        ),
        added=("– Phần {field}, xin bổ sung: “{after}”.", "Phần {field}, xin bổ sung như sau: {after}"),
        dropped=("– Phần {field}, xin bỏ: “{before}”.", "Phần {field}, xin bỏ nội dung: {before}"),
        changed=(
            "– Phần {field}, đã viết “{before}”, xin sửa thành “{after}”.",
            "Phần {field}, chúng tôi đã nói: {before} Nay xin nói lại cho đúng: {after}",
        ),
        closing=("Xin cáo lỗi cùng nhân vật và bạn đọc.", "Xin cáo lỗi cùng nhân vật và quý vị."),
        reason=" Lý do: {reason}",
        of="trên",
        per="mỗi",
    ),
    "en": _Phrases(
        opening=("CORRECTION. In “{title}” ({day}):", "A correction to our story {title} of {day}."),
        added=("– In the {field}, add: “{after}”.", "In the {field}, we should have said: {after}"),
        dropped=("– In the {field}, leave out: “{before}”.", "In the {field}, we take back what we said: {before}"),
        changed=(
            "– In the {field}, for “{before}” read “{after}”.",
            "In the {field}, we said: {before} It should have been: {after}",
        ),
        closing=(
            "We apologize to those concerned and to our readers.",
            "We apologize to those concerned and to you.",
        ),
        reason=" Reason: {reason}",
        of="of",
        per="per",
    ),
}


def word(title: str, released_on: date, changes: Sequence[Corrected], *, language: str) -> Wording:
    """The correction of a story that was released on a day under `title`; no words where there is nothing to say."""
    if not changes:
        return Wording("", "")
    phrases = _PHRASES["en" if language == "en" else "vi"]
    printed_day, spoken_day = _days(released_on, language)
    printed = [phrases.opening[0].format(title=title, day=printed_day)]
    spoken = [phrases.opening[1].format(title=_plain(title, phrases), day=spoken_day)]
    for change in changes:
        pair = phrases.changed if change.before and change.after else phrases.added if change.after else phrases.dropped
        field, before, after = change.field.lower(), _cut(change.before), _cut(change.after)
        why = phrases.reason.format(reason=_sentence(change.reason)) if change.reason else ""
        printed.append(pair[0].format(field=field, before=before, after=after) + why)
        said = {name: _sentence(_plain(text, phrases)) for name, text in (("before", before), ("after", after))}
        spoken.append(pair[1].format(field=field, **said))
    return Wording("\n".join([*printed, phrases.closing[0]]), " ".join([*spoken, phrases.closing[1]]))


def _days(day: date, language: str) -> tuple[str, str]:
    if language == "en":
        return (f"{day.day} {MONTHS[day.month - 1]} {day.year}",) * 2
    return f"{day.day}/{day.month}/{day.year}", f"ngày {day.day} tháng {day.month} năm {day.year}"


def _cut(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= SHOWN:
        return text
    return text[: text.rfind(" ", 0, SHOWN)].rstrip(" ,;:") + " …"


def _plain(text: str, phrases: _Phrases) -> str:
    """A text as it is read out: 3/10 is three of ten, giờ/ngày is hours a day."""
    text = re.sub(r"(?<=\d)/(?=\d)", f" {phrases.of} ", _UNSPOKEN.sub(" ", text))
    return " ".join(text.replace("/", f" {phrases.per} ").split())


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else text + "."


def differing(before: str, after: str) -> tuple[str, str]:
    """Of two long texts the sentences that differ."""
    old, new = _sentences(before), _sentences(after)
    if len(old) < 2 and len(new) < 2:
        return before, after
    gone, come = [one for one in old if one not in new], [one for one in new if one not in old]
    return " ".join(gone), " ".join(come)


def _sentences(text: str) -> list[str]:
    marked = text.replace("\n", "\0")
    for end in (". ", "! ", "? ", "… "):
        marked = marked.replace(end, end.strip() + "\0")
    return [" ".join(part.split()) for part in marked.split("\0") if part.strip()]
