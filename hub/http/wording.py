"""What templates of all doors say: addresses, days, figures and codes in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from flask import Flask, request
from flask_babel import format_date, format_datetime, format_decimal
from flask_babel import gettext as _

import schemas
from feeds.document import Slot
from hub.clock import LOCAL
from hub.http.language import LANGUAGES, asked_language
from hub.http.services import services

STATIC = Path(__file__).parents[1] / "web" / "static"  # what browsers load, for the pages of every door
DAY = {"vi": "d/M/y", "en": "d MMMM y"}
MINUTE = {"vi": "HH:mm, EEEE, d/M/y", "en": "EEEE, d MMMM y, HH:mm"}
SHORT_MINUTE = {"vi": "HH:mm, d/M/y", "en": "d MMM y, HH:mm"}
HASH_LENGTH = 12


def install(app: Flask) -> None:
    """Let every template of this application use these words."""
    app.jinja_env.globals["language"] = asked_language
    app.jinja_env.globals.update({word.__name__: word for word in WORDS})


def local(address: str) -> str:
    """An address of ours without scheme and host, so that a page works by whatever name the hub is reached."""
    base = urlsplit(services().settings.base)
    return base.path + address if address.startswith("/") else address.removeprefix(f"{base.scheme}://{base.netloc}")


def link(address: str) -> str:
    """`local`, for links between pages: a language that was chosen stays chosen."""
    chosen = request.args.get("lang")
    if chosen not in LANGUAGES or "lang=" in address:
        return local(address)
    path, mark, fragment = local(address).partition("#")
    return f"{path}{'&' if '?' in path else '?'}lang={chosen}{mark}{fragment}"


def same_page(**changes: str) -> str:
    """The query of the page's own address with these changes, for links to the same page; empty ones leave it."""
    said = {name: value for name, value in {**request.args.to_dict(), **changes}.items() if value}
    return "?" + urlencode(said)


def label(vocabulary: str, code: str) -> str:
    """A code in the words of its vocabulary; the code itself when it has none."""
    known = schemas.vocabulary(vocabulary)
    return known.label(code, asked_language()) if code in known else code


def field_title(path: str) -> str:
    """A field of stories as people call it, by its dotted path."""
    return str(schemas.title_of_path(path, asked_language()))


def day(moment: date) -> str:
    """A day, of an instant as it is in Việt Nam."""
    if isinstance(moment, datetime):
        return str(format_datetime(moment, DAY[asked_language()]))
    return str(format_date(moment, DAY[asked_language()], rebase=False))


def day_in_words(moment: date) -> str:
    """A day as the head of a Vietnamese document has it: 01 to 09, 01 and 02 with their zero (Decree 30/2020/NĐ-CP)."""
    month = f"{moment.month:02}" if moment.month < 3 else str(moment.month)
    return f"ngày {moment.day:02} tháng {month} năm {moment.year}"


def machine(moment: date) -> str:
    """An instant or a day as the element `time` wants it: a fraction has three digits at most there."""
    return moment.isoformat(timespec="seconds") if isinstance(moment, datetime) else moment.isoformat()


def minute(moment: datetime) -> str:
    """An instant as people in Việt Nam would say it."""
    return str(format_datetime(moment, MINUTE[asked_language()]))


def span(slot: Slot) -> tuple[str, str]:
    """A window of time: its day, and from when to when on it; from when to when alone if it goes past midnight."""
    if day(slot.starts_at) != day(slot.ends_at):
        return f"{minute(slot.starts_at)} – {minute(slot.ends_at)}", ""
    hours = f"{format_datetime(slot.starts_at, 'HH:mm')}–{format_datetime(slot.ends_at, 'HH:mm')}"
    return str(format_datetime(slot.starts_at, f"EEEE, {DAY[asked_language()]}")), hours


def figure(number: float) -> str:
    """A figure as it was given, in the language's digits."""
    return str(format_decimal(number, "#,##0.######"))


def short_minute(moment: datetime) -> str:
    """An instant where there is little room: in tables and lists."""
    return str(format_datetime(moment, SHORT_MINUTE[asked_language()]))


def deadline(moment: datetime) -> str:
    """The end of a time limit as people count it: midnight is the end of the day before, any other by its minute."""
    at = moment.astimezone(LOCAL)
    if at.time() != time():
        return short_minute(moment)
    return str(_("the end of %(day)s", day=day((at - timedelta(days=1)).date())))


def lateness(moment: datetime) -> str:
    """Since when a passed time limit is late: the day alone where it ended at midnight."""
    at = moment.astimezone(LOCAL)
    return day(at.date()) if at.time() == time() else short_minute(moment)


def asset(name: str) -> str:
    """The address of a static file, with what it holds in it, so that browsers may keep it for ever."""
    return local(f"/static/{name}?v={hash_of(name)}")


def anchor(text: str) -> str:
    """An id for the element that shows this text, the same on every page."""
    return "a" + sha256(text.encode()).hexdigest()[:HASH_LENGTH]


def has_asset(name: str) -> bool:
    """Is there such a static file?"""
    return (STATIC / name).is_file()


@cache
def hash_of(name: str) -> str:
    """What a static file holds, in a few letters."""
    return sha256((STATIC / name).read_bytes()).hexdigest()[:HASH_LENGTH]


def clock_of(moment: datetime, *, seconds: bool = False) -> str:
    """The hour of an instant in Việt Nam, to the minute or to the second."""
    return str(format_datetime(moment, "HH:mm:ss" if seconds else "HH:mm"))


def weekday_of(moment: date) -> str:
    """The name of a day of the week."""
    return str(format_date(moment, "EEEE", rebase=False))


def length_of(seconds: int) -> str:
    """A length as producers write it: 3:20, or 1:03:20."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def span_of(window: Mapping[str, str]) -> str:
    """A window of an interview card, as one line."""
    starts_at, ends_at = (datetime.fromisoformat(window[name]) for name in ("starts_at", "ends_at"))
    when, hours = span(Slot(starts_at=starts_at, ends_at=ends_at))
    return f"{when}, {hours}" if hours else when


WORDS = (
    local,
    link,
    same_page,
    label,
    field_title,
    day,
    day_in_words,
    machine,
    minute,
    short_minute,
    deadline,
    lateness,
    span,
    figure,
    asset,
    has_asset,
    anchor,
    clock_of,
    weekday_of,
    length_of,
    span_of,
)
