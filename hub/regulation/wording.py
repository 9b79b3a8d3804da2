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
VI, EN = ("trên", "mỗi"), ("of", "per")  # how a slash is read out between numbers, and elsewhere
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


def word(title: str, released_on: date, changes: Sequence[Corrected], *, language: str) -> Wording:
    """The correction of a story that was released on a day under `title`."""
    if language == "en":
        return _english(title, released_on, changes)
    return _vietnamese(title, released_on, changes)


def _vietnamese(title: str, released_on: date, changes: Sequence[Corrected]) -> Wording:
    day = f"{released_on.day}/{released_on.month}/{released_on.year}"
    spoken_day = f"ngày {released_on.day} tháng {released_on.month} năm {released_on.year}"
    printed = [f"ĐÍNH CHÍNH. Trong bài “{title}” (ngày {day}):"]
    spoken = [f"Thưa quý vị, chúng tôi xin đính chính bài {_plain(title, *VI)}, phát hành {spoken_day}."]
    for change in changes:
        field, before, after = change.field.lower(), _cut(change.before), _cut(change.after)
        why = f" Lý do: {_sentence(change.reason)}" if change.reason else ""
        if not before:
            printed.append(f"– Phần {field}, xin bổ sung: “{after}”.{why}")
            spoken.append(f"Phần {field}, xin bổ sung như sau: {_spoken(after, *VI)}")
        elif not after:
            printed.append(f"– Phần {field}, xin bỏ: “{before}”.{why}")
            spoken.append(f"Phần {field}, xin bỏ nội dung: {_spoken(before, *VI)}")
        else:
            printed.append(f"– Phần {field}, đã viết “{before}”, xin sửa thành “{after}”.{why}")
            spoken.append(f"Phần {field}, chúng tôi đã nói: {_spoken(before, *VI)}")
            spoken.append(f"Nay xin nói lại cho đúng: {_spoken(after, *VI)}")
    printed.append("Xin cáo lỗi cùng nhân vật và bạn đọc.")
    spoken.append("Xin cáo lỗi cùng nhân vật và quý vị.")
    return Wording("\n".join(printed), " ".join(spoken))


def _english(title: str, released_on: date, changes: Sequence[Corrected]) -> Wording:
    day = f"{released_on.day} {MONTHS[released_on.month - 1]} {released_on.year}"
    printed = [f"CORRECTION. In “{title}” ({day}):"]
    spoken = [f"A correction to our story {_plain(title, *EN)} of {day}."]
    for change in changes:
        field, before, after = change.field.lower(), _cut(change.before), _cut(change.after)
        why = f" Reason: {_sentence(change.reason)}" if change.reason else ""
        if not before:
            printed.append(f"– In the {field}, add: “{after}”.{why}")
            spoken.append(f"In the {field}, we should have said: {_spoken(after, *EN)}")
        elif not after:
            printed.append(f"– In the {field}, leave out: “{before}”.{why}")
            spoken.append(f"In the {field}, we take back what we said: {_spoken(before, *EN)}")
        else:
            printed.append(f"– In the {field}, for “{before}” read “{after}”.{why}")
            was, is_now = _spoken(before, *EN), _spoken(after, *EN)
            spoken.append(f"In the {field}, we said: {was} It should have been: {is_now}")
    printed.append("We apologize to those concerned and to our readers.")
    spoken.append("We apologize to those concerned and to you.")
    return Wording("\n".join(printed), " ".join(spoken))


def _cut(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= SHOWN:
        return text
    return text[: text.rfind(" ", 0, SHOWN)].rstrip(" ,;:") + " …"


def _plain(text: str, of: str, per: str) -> str:
    """A text as it is read out: 3/10 is three of ten, giờ/ngày is hours a day."""
    text = re.sub(r"(?<=\d)/(?=\d)", f" {of} ", _UNSPOKEN.sub(" ", text))
    return " ".join(text.replace("/", f" {per} ").split())


def _spoken(text: str, of: str, per: str) -> str:
    return _sentence(_plain(text, of, per))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else text + "."
