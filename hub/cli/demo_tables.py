"""What `hub demo` shows on the terminal: feeds, the regulation at work, a rundown, uses of stories, keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.table import Table

import schemas
from feeds.planning import ItemKind
from feeds.planning_words import words_of
from hub.cli.segments import rundown_table
from hub.cli.speech import _, language
from hub.clock import LOCAL
from hub.demo.province import Cast
from hub.demo.telling import ReadBack
from hub.i18n import words
from hub.publishing.documents import FORMATS

LAST = list(FORMATS)[-1]  # after which another channel begins


def feeds(read: Iterable[ReadBack]) -> Table:
    """The feeds that were read back, each outlet's formats together."""
    table = Table(_("Outlet"), _("Channel"), _("Format"), _("Entries"), _("Address"))
    for feed in read:
        end = feed.format == LAST
        table.add_row(feed.outlet, feed.channel, feed.format, str(feed.entries), feed.url, end_section=end)
    return table


def work(at_work: Iterable[tuple[str, str]]) -> Table:
    """What the regulation made of the stories."""
    table = Table(_("The regulation at work"), "", show_edge=False)
    for what, told in at_work:
        table.add_row(what, told)
    return table


def rundown(segment: Mapping[str, Any]) -> Table:
    """The rundown of the planned broadcast, as its producers read it; `segment` is as the API tells it."""
    names = {guest["id"]: guest["name"] for guest in segment["guests"]}
    rows = [
        (
            str(item["number"]),
            f"{datetime.fromisoformat(item['starts_at']).astimezone(LOCAL):%H:%M:%S}",
            str(item["planned_seconds"]),
            words_of(language())[ItemKind(item["kind"])],
            item["title"],
            ", ".join(names[guest] for guest in item.get("guests", ())) or "-",
        )
        for item in segment["rundown"]["items"]
    ]
    at = words.format_instant(datetime.fromisoformat(segment["starts_at"]), language())
    return rundown_table(_("Rundown of “%(title)s”, on air at %(at)s", title=segment["title"], at=at), rows)


def uses(told: Iterable[Mapping[str, Any]]) -> Table:
    """The pick-ups: who did what with which story, when and where; `told` is as the API tells it, with titles."""
    known = schemas.vocabulary("pickup_uses")
    heads = (_("Outlet"), _("Use"), _("Day"), _("Page or programme"), _("Story"))
    table = Table(*heads, show_edge=False, title=_("Pick-ups"), title_justify="left")
    for use in told:
        place = use["place"] or use["url"] or use["reason"]
        table.add_row(use["outlet"], known.label(use["use"], language()), *_when_and_where(use, place), use["title"])
    return table


def _when_and_where(use: Mapping[str, Any], place: str) -> tuple[str, str]:
    """The day with its minute; of a plan without a day the minute stands beside the programme."""
    if not use["used_on"]:
        return "-", ", ".join(filter(None, (place, use["time"])))
    at = datetime.fromisoformat(f"{use['used_on']}T{use['time'] or '00:00'}").replace(tzinfo=LOCAL)
    return (words.format_instant if use["time"] else words.format_day)(at, language()), place


def keys(cast: Cast) -> Table:
    """Who holds which key."""
    table = Table(_("Holder"), _("Key (shown once)"), show_edge=False)
    roles = schemas.vocabulary("roles")
    for role, key in {"editor": cast.editor, **cast.people.by_role}.items():
        table.add_row(roles.label(role, language()), key)
    for code, key in {**cast.outlets, **cast.organizations}.items():
        table.add_row(code, key)
    return table


def logins(cast: Cast) -> Table:
    """Who signs in at a desk with what."""
    table = Table(_("At a desk"), _("E-mail address"), _("Password (of this run)"), show_edge=False)
    roles = schemas.vocabulary("roles")
    for login in cast.people.logins:
        table.add_row(roles.label(login.role, language()), login.email, login.password)
    return table
