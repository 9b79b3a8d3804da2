"""What channels would have let in, before somebody saves them: the same as `hub outlet preview`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from hub.actors import Role
from hub.api import bp, present
from hub.api.reading import read_checked, read_number
from hub.http.asking import require
from hub.http.services import services
from hub.regulation import previewing

OUTLETS = "outlet.v1"
DAYS, MOST_DAYS = 90, 3_660


@bp.post("/outlets/preview")
def preview_outlets() -> dict[str, Any]:
    """Nothing is saved: a file of outlets in, each story with what its channels would have made of it out."""
    require(Role.EDITOR, Role.ADMIN)
    said = read_checked(OUTLETS)
    days = read_number("days", DAYS, least=1, most=MOST_DAYS)
    with services().database.reading() as session:
        return present.page(list(_previewed(session, said, days=days)), None)


def _previewed(session: Session, said: dict[str, Any], *, days: int) -> Iterator[dict[str, Any]]:
    now = services().clock.now()
    for outlet in said["outlets"]:
        for channel in outlet["channels"]:
            found = previewing.preview(session, outlet["code"], channel, since=now - timedelta(days=days), now=now)
            address = f"{outlet['code']}/{channel['code']}"
            yield from (present.preview(address, each) for each in found)
