"""What the bar of the desks calls this place: by the name of its portal, as the public knows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app

from hub.http.services import services
from hub.outlets import catalog

KEPT = "hub.site"  # of app.extensions: the name and when it was read; every page of a desk says it
KEPT_FOR = timedelta(minutes=1)


class Site(NamedTuple):
    """The portal's name and its language; "" while there is none."""

    name: str
    language: str


NOTHING = Site("", "")


def site() -> Site:
    """The portal of this hub, at most KEPT_FOR old; NOTHING where the database does not answer."""
    now = services().clock.now()
    kept: tuple[Site, datetime] | None = current_app.extensions.get(KEPT)
    if kept is not None and abs(now - kept[1]) < KEPT_FOR:
        return kept[0]
    try:
        with services().database.reading() as session:
            found = catalog.find_site(session)
    except Exception:  # noqa: BLE001  the page may be the one that tells of the database; its fault is logged there
        return kept[0] if kept is not None else NOTHING
    here = Site(*found) if found is not None else NOTHING
    current_app.extensions[KEPT] = here, now
    return here
