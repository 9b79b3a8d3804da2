"""What the bar of the desks calls this place: by the name of its portal, as the public knows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from hub.http.services import services
from hub.http.silence import without_values
from hub.outlets import catalog

KEPT = "hub.site"  # of app.extensions: the name and when it was read; every page of a desk says it
KEPT_FOR = timedelta(minutes=1)


class Site(NamedTuple):
    """The portal's name and its language; "" while there is none."""

    name: str
    language: str


NOTHING = Site("", "")
log = structlog.get_logger("hub.desks")


def site(*, asks: bool = True) -> Site:
    """The portal of this hub, at most KEPT_FOR old; where the database does not answer, as it was read last.

    Unless it `asks` the database it says what is kept, however old; NOTHING where nothing is.
    """
    now = services().clock.now()
    kept: tuple[Site, datetime] | None = current_app.extensions.get(KEPT)
    if kept is not None and (abs(now - kept[1]) < KEPT_FOR or not asks):
        return kept[0]
    if not asks:
        return NOTHING
    try:
        with services().database.reading() as session:
            found = catalog.find_site(session)
    except SQLAlchemyError as exc:  # a page must not fail for the name in its bar
        log.error("site_unknown", error=without_values(exc))
        return kept[0] if kept is not None else NOTHING
    here = Site(*found) if found is not None else NOTHING
    current_app.extensions[KEPT] = here, now
    return here
