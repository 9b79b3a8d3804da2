"""The organization that a list of the desk is narrowed to: by name or code, as people type it.

A province has hundreds, so that none but a small hub offers all of them to choose from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from flask import request
from sqlalchemy.orm import Session

from hub import i18n
from hub.accounts import naming
from hub.actors import Actor
from hub.errors import Invalid
from hub.http.language import asked_language
from hub.regulation import desk_senders

OFFERED = 50  # beyond, one types
TYPED_AT_MOST = 300  # characters


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What was `typed` and the `code` that it means (itself, where it means none): "" narrows nothing.

    `name` is the organization's; `faults` say in words why it is not clear which one is meant. `offered` are names that
    can be chosen, each with its code; empty where there are too many.
    """

    typed: str
    code: str
    name: str
    offered: list[tuple[str, str]]
    faults: list[str] = field(default_factory=list)


def read(session: Session, *, asker: Actor, now: datetime) -> Narrowed:
    """The organization in the query of the page, of those that the asker reaches as an editor or auditor."""
    typed = request.args.get("organization", "").strip()[:TYPED_AT_MOST]
    offered = [
        (row.name, row.code) for row in desk_senders.list_senders(session, asker=asker, limit=OFFERED + 1, now=now)
    ]
    if len(offered) > OFFERED:
        offered = []
    try:
        code = _code_of(session, typed, asker=asker, now=now)
    except Invalid as exc:
        return Narrowed(typed, typed, "", offered, [i18n.fault_sentence(each, asked_language()) for each in exc.faults])
    row = desk_senders.find(session, code, asker=asker, now=now) if code else None
    return Narrowed(typed, code, row.name if row is not None else "", offered)


def _code_of(session: Session, typed: str, *, asker: Actor, now: datetime) -> str:
    if not typed or desk_senders.find(session, typed, asker=asker, now=now) is not None:
        return typed
    found = desk_senders.search(session, typed, asker=asker, limit=naming.CANDIDATES, now=now)
    return naming.choose(typed, found, pointer="/organization")
