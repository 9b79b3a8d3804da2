"""A rundown as a sheet for people: the DOCX that lies on the desk of director, presenter and graphics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from feeds._docx import MEDIA_TYPE, SANS, Paper, Style
from feeds.planning import BookedGuest, BookingState, Question, RundownItem, Segment, Visual
from feeds.planning_words import Words, clock, moment, running_time, window, words_of
from feeds.prose import Run

__all__ = ["MEDIA_TYPE", "render"]

GONE = frozenset({BookingState.DECLINED, BookingState.EXPIRED, BookingState.RELEASED})
COLUMNS = ("number", "start", "kind", "title", "guests", "planned", "real")
NO_LABELS: Mapping[str, str] = MappingProxyType({})
WIDTHS_MM = (12, 22, 32, 100, 41, 20, 20)  # 247, what is left of A4 across
TITLE, PROGRAMME, HEADING, GUEST, TEXT, LISTED, NOTICE, CELL, HEAD = (
    *("Title", "Subtitle", "Heading 1", "Heading 2", "Normal", "List Bullet", "Notice", "Table Text", "Table Head"),
)
STYLES = (
    Style(name=TITLE, font=SANS, size=20, bold=True, outline=1),
    Style(name=PROGRAMME, font=SANS, size=13, after=8),
    Style(name=HEADING, font=SANS, size=14, bold=True, before=12, keep_with_next=True, outline=1),
    Style(name=GUEST, font=SANS, size=12, bold=True, before=8, keep_with_next=True, outline=2),
    Style(name=LISTED, after=2),
    Style(name=NOTICE, bold=True, shade="FFF2B3"),
    Style(name=CELL, size=11, after=0),
    Style(name=HEAD, font=SANS, size=10, bold=True, after=0),
)


def render(segment: Segment, *, language: str = "vi-VN", crew_roles: Mapping[str, str] = NO_LABELS) -> bytes:
    """The sheet as a .docx file: what and when, who comes, what runs; equal segments give equal bytes.

    `crew_roles` are the words for the codes of the crew's roles; a code without one stands for itself.
    """
    words = words_of(language)
    sheet = Paper(
        STYLES,
        title=segment.title,
        author=segment.programme,
        subject=words["rundown"],
        language=language,
        at=segment.updated_at,
        revision=segment.sequence,
        landscape=True,
    )
    sheet.add(TITLE, segment.title)
    if segment.programme:
        sheet.add(PROGRAMME, segment.programme)
    if segment.notice:
        sheet.add(NOTICE, f"{words['notice']}: {segment.notice}")
    for label, text in _facts(segment, words):
        sheet.add(TEXT, Run(f"{label}: ", bold=True), text)
    if segment.guests:
        sheet.add(HEADING, words["guests"])
        for guest in segment.guests:
            _guest(sheet, guest, words)
    if segment.crew:
        sheet.add(HEADING, words["crew"])
        for each in segment.crew:
            sheet.add(LISTED, f"{each.name}, {crew_roles.get(each.role, each.role)}")
    if segment.rundown is not None:
        sheet.add(HEADING, words["rundown"])
        rows = [_row(item, segment.time_zone, words) for item in segment.rundown.items]
        named = [words[column] for column in COLUMNS]
        sheet.add_table([named, *rows], style=CELL, head=HEAD, widths_mm=WIDTHS_MM)
        sheet.add(TEXT, _balance(segment.rundown.planned_seconds, segment.rundown.over_seconds, words))
    return sheet.finish()


def _facts(segment: Segment, words: Words) -> Iterator[tuple[str, str]]:
    yield words["air_time"], f"{moment(segment.starts_at, segment.time_zone)} ({segment.time_zone})"
    if segment.recording is not None:
        yield words["recording"], window(segment.recording, segment.time_zone)
    yield words["duration"], running_time(segment.planned_seconds)
    yield words["state"], ", ".join(words[each] for each in (segment.state, segment.transmission, segment.setting))
    for name, text in (("place", segment.place), ("theme", segment.theme), ("code", segment.code)):
        if text:
            yield words[name], text


def _guest(sheet: Paper, guest: BookedGuest, words: Words) -> None:
    instead = f", {words['fallback']}" if guest.fallback_for else ""
    sheet.add(GUEST, f"{guest.name} ({words[guest.state]}{instead})")
    if guest.state in GONE:
        return
    windows = (f"{window(slot, guest.time_zone)} ({guest.time_zone})" for slot in guest.availability)
    for name, text in (
        ("role", guest.role),
        ("name_strap", guest.name_strap),
        ("pronunciation", guest.pronunciation),
        ("contact", _contact(guest)),
        ("availability", "\n".join(windows)),
        ("travel", guest.travel),
        ("access_needs", guest.access_needs),
        ("fallback", guest.fallback),
        ("topics", "; ".join(guest.consented_topics)),
        ("off_limits", "; ".join(guest.off_limits)),
    ):
        if text:
            sheet.add(TEXT, Run(f"{words[name]}: ", bold=True), text)


def _contact(guest: BookedGuest) -> str:
    if guest.contact is None:
        return ""
    told = guest.contact
    return ", ".join(filter(None, (told.name, told.phone, told.email, told.address)))


def _row(item: RundownItem, zone: str, words: Words) -> Sequence[str]:
    told = [item.title]
    told += [f"? {_question(question)}" for question in item.questions]
    told += [f"▶ {_visual(visual, words)}" for visual in item.visuals]
    if item.note:
        told.append(f"{words['note']}: {item.note}")
    real = "" if item.real_seconds is None else running_time(item.real_seconds)
    return (
        str(item.number),
        clock(item.starts_at, zone, seconds=True),
        words[item.kind],
        "\n".join(told),
        "\n".join(item.guests),
        running_time(item.planned_seconds),
        real,
    )


def _question(question: Question) -> str:
    length = "" if question.answer_seconds is None else f" ({running_time(question.answer_seconds)})"
    return question.text + length


def _visual(visual: Visual, words: Words) -> str:
    facts = (
        "" if visual.seconds is None else running_time(visual.seconds),
        f"{visual.width}×{visual.height}" if visual.width and visual.height else "",
        visual.codec,
        visual.rights and f"{words['rights']}: {visual.rights}",
        visual.credit and f"{words['credit']}: {visual.credit}",
        visual.url,
    )
    return "; ".join(filter(None, (visual.description, *facts)))


def _balance(planned_seconds: int, over_seconds: int, words: Words) -> str:
    said = f"{words['planned']}: {running_time(planned_seconds)}"
    if over_seconds:
        said += f". {words['over' if over_seconds > 0 else 'under']}: {running_time(abs(over_seconds))}"
    return said
