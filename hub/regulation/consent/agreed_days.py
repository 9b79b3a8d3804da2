"""The days on which people and units agreed: nobody has agreed tomorrow. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import schemas
from schemas.faults import pointer

AGREED = (("obtained_on",), ("guardian", "obtained_on"), ("child_assent", "obtained_on"), ("clearance", "date"))


def find_to_come(consent: Mapping[str, Any], *, today: date, at: tuple[str, ...] = ()) -> Iterator[schemas.Fault]:
    """Every day after `today` (of Việt Nam) in a consent that holds to its schema; `at` is where it stands."""
    for path in AGREED:
        said: Any = consent
        for name in path:
            said = said.get(name, {})
        if said and date.fromisoformat(said) > today:
            yield schemas.Fault(pointer((*at, *path)), "agreed_to_come", {"day": said})
