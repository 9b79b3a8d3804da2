"""Organizations as people name them in a form: by code or by name, never by guessing.

A whole name is enough, whatever its marks and capitals; of a part of one the refusal says what it may mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from feeds.text import fold
from hub.accounts import browsing, organizations
from hub.actors import Actor
from hub.errors import Invalid
from schemas import Fault

CANDIDATES = 6  # that a refusal names
NAMED_AT_MOST = 200  # at once, by code or name


class Named(Protocol):
    """Something with a name and a code, as an organization."""

    @property
    def name(self) -> str: ...

    @property
    def code(self) -> str: ...


def code_of(session: Session, typed: str, *, actor: Actor, now: datetime, pointer: str) -> str:
    """The code of the organization that `typed` names; `typed` itself where the asker knows none like it.

    Raises Invalid at `pointer` where it is part of names only, or the name of several.
    """
    said = typed.strip()
    if not said or organizations.find(session, said) is not None:
        return said
    return choose(said, browsing.search(session, said, actor=actor, now=now, limit=CANDIDATES), pointer=pointer)


def choose(typed: str, found: Sequence[Named], *, pointer: str) -> str:
    """The code of the one that `typed` names among those whose names hold its words; `typed` where there are none.

    Raises Invalid at `pointer` where it is part of names only, or the name of several.
    """
    whole = [each for each in found if fold(each.name) == fold(typed)]
    if len(whole) == 1:
        return whole[0].code
    if not found:
        return typed
    names = "; ".join(f"{each.name} ({each.code})" for each in whole or found)
    raise Invalid(faults=[Fault(pointer, "which_one", {"names": names})])


def codes_of(session: Session, text: str, *, actor: Actor, now: datetime, pointer: str) -> list[str]:
    """The codes of all organizations that a text names: a name a line, or codes with spaces or commas between them.

    So a field of one line takes one name, or any number of codes. Codes are known by one statement, names are searched
    one by one. Raises Invalid at `pointer` where a text names more than NAMED_AT_MOST, or as `code_of` does.
    """
    lines = {line: line.replace(",", " ").split() for line in text.splitlines()}
    coded = {word for words in lines.values() if all(map(organizations.is_code, words)) for word in words}
    count = len(coded) + sum(not coded.issuperset(words) for words in lines.values())
    if count > NAMED_AT_MOST:
        raise Invalid(faults=[Fault(pointer, "too_many_named", {"count": count, "limit": NAMED_AT_MOST})])
    known = organizations.names_of(session, coded).keys()
    found: list[str] = []
    for line, words in lines.items():
        if known >= set(words):
            found += words
        else:
            found.append(code_of(session, line, actor=actor, now=now, pointer=pointer))
    return list(dict.fromkeys(found))
