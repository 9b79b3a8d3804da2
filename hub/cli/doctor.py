"""`hub outlet doctor`: how outlets do with what they receive."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from feeds.dates import rfc3339
from hub.cli.common import open_database, speaking
from hub.cli.settings import settings_of
from hub.cli.speech import _, language
from hub.clock import SystemClock
from hub.i18n.words import CHANGES, format_instant
from hub.outlets import catalog, doctor
from hub.outlets.doctor import ChannelState, Diagnosis, Reader
from hub.outlets.readings import CALENDAR
from hub.outlets.readings import CHANGES as LIST_OF_CHANGES


@click.command("doctor")
@click.argument("code", metavar="[OUTLET]", required=False)
@click.option("--json", "as_json", is_flag=True, help="as JSON, one outlet a line")
@click.pass_context
def doctor_command(context: click.Context, code: str | None, as_json: bool) -> None:
    """Tell what an OUTLET reads, when last and with which reader, whether it answers, and what it has not read.

    Of all outlets without one. What was read is known a quarter of a minute later, and for outlets' own keys only:
    nobody is asked who reads a public channel.
    """
    now = SystemClock().now()
    with speaking(), open_database(settings_of(context)).reading() as session:
        outlets = [catalog.get_outlet(session, code)] if code else doctor.list_open(session)
        if not outlets:
            click.echo(_("There is no outlet yet: `hub outlet load` makes one."), err=True)
        for outlet in outlets:
            found = doctor.examine(session, outlet, now=now)
            for line in [_as_json(found)] if as_json else _told(found):
                click.echo(line)
    if outlets and not as_json:
        click.echo(_("A reading is written down up to a quarter of a minute after it happened."), err=True)


def _as_json(found: Diagnosis) -> str:
    def written(value: Any) -> str:
        assert isinstance(value, datetime)
        return rfc3339(value)

    return json.dumps(asdict(found), ensure_ascii=False, default=written)


def _told(found: Diagnosis) -> Iterator[str]:
    yield f"{found.code}: {found.name}"
    for line in [*_reading(found), *_answering(found)]:
        yield f"  {line}"


def _reading(found: Diagnosis) -> Iterator[str]:
    if not found.channels:
        yield _("It has no channel: add one to its file and run `hub outlet load`.")
    if not found.live_keys and not all(state.public for state in found.channels):
        yield _("It has no key that opens anything: `hub key new --outlet %(code)s` makes one.", code=found.code)
    for state in found.channels:
        yield from _channel(found, state)
    for other in sorted({reader.channel for reader in found.readers} - {state.channel for state in found.channels}):
        yield from _readers(found, other)


def _channel(found: Diagnosis, state: ChannelState) -> Iterator[str]:
    read: Sequence[str] = list(_readers(found, state.channel))
    yield from read
    if state.public:
        yield _("%(channel)s: public, so nobody is asked who reads it; number %(head)s.", **_facts(state))
    elif not read:
        yield _("%(channel)s: nobody has read it yet.", **_facts(state))
    if state.unread is not None:
        facts = {**_facts(state), "number": state.unread.number, "count": state.unread.count}
        facts |= {"kind": _(CHANGES[state.unread.kind]), "at": format_instant(state.unread.at, language())}
        yield _(
            "%(channel)s: oldest unread change: number %(number)s (%(kind)s) of %(at)s; %(count)s of %(head)s unread.",
            **facts,
        )
    elif not state.public:
        yield _("%(channel)s: all %(head)s changes are read.", **_facts(state))


def _readers(found: Diagnosis, channel: str) -> Iterator[str]:
    for reader in found.readers:
        if reader.channel == channel:
            yield _reader(reader)


def _reader(reader: Reader) -> str:
    facts = {
        "channel": reader.channel,
        "reader": reader.reader or _("a reader that does not say its name"),
        "at": format_instant(reader.at, language()),
        "key": reader.key,
    }
    if reader.format == CALENDAR:
        return _("%(channel)s: reads the calendar with %(reader)s, last at %(at)s (key %(key)s…).", **facts)
    return _(
        "%(channel)s: reads %(form)s with %(reader)s, last at %(at)s, up to number %(number)s (key %(key)s…).",
        form=_("the list of changes") if reader.format == LIST_OF_CHANGES else reader.format,
        number=reader.number,
        **facts,
    )


def _answering(found: Diagnosis) -> Iterator[str]:
    said = found.answers
    if not said.asked:
        yield _("It was never asked to take anything down.")
    elif said.oldest_open is None:
        yield _("It has answered every request to take something down: %(asked)s.", asked=said.asked)
    else:
        yield _(
            "It has answered %(answered)s of %(asked)s requests to take something down; the oldest waits since "
            "%(since)s, %(overdue)s are overdue.",
            answered=said.answered,
            asked=said.asked,
            since=format_instant(said.oldest_open, language()),
            overdue=said.overdue,
        )
    if found.uses:
        yield _("Uses that it told of in the last %(days)s days: %(uses)s.", days=doctor.LATELY.days, uses=found.uses)
    else:
        yield _("It told of no use in the last %(days)s days.", days=doctor.LATELY.days)


def _facts(state: ChannelState) -> dict[str, Any]:
    return {"channel": state.channel, "head": state.head}
