"""What would make a submission better without being a fault: told with the answer, and refused by nobody. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from feeds.prose import count_words
from hub.records.grants import Limits, Party


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


SENTENCES = {  # what each code says, to be looked up in the catalogues with the advice's facts
    "standfirst_words": _(
        "The lines under a newspaper's headline should have %(least)s to %(most)s words; here are %(count)s."
    ),
    "child_pictured": _(
        "%(name)s is a child, and this picture may show the face. The guardian and, from %(age)s years on, the child "
        "have to agree; choose a picture of the work instead where they have not."
    ),
    "children_pictured": _(
        "The story is about children, and this picture may show their faces. Ask the guardians of each of them, or "
        "choose a picture in which nobody can be recognized."
    ),
}
CHILDREN = "thieu_nien"  # of the vocabulary priority_groups
STANDFIRST_WORDS = (30, 60)  # least and most, of what stands under a newspaper's headline


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to make better: where, what, and its numbers."""

    pointer: str
    code: str
    facts: Mapping[str, Any]


def advise(content: Mapping[str, Any]) -> list[Advice]:
    """Advice on a clean submission: the standfirst, or the summary that serves where there is none, in print."""
    least, most = STANDFIRST_WORDS
    name = "standfirst" if content.get("standfirst") else "summary"
    count = count_words(content.get(name, ""))
    if least <= count <= most:
        return []
    return [Advice(f"/{name}", "standfirst_words", {"count": count, "least": least, "most": most})]


def advise_on_faces(content: Mapping[str, Any], *, today: date, limits: Limits) -> list[Advice]:
    """A warning for each picture, film or footage that may show a minor's face; one of work alone shows none.

    `content` may be an unfinished draft; `limits` are the ages of the regulation in force.
    """
    subject = content.get("subject")
    if not isinstance(subject, Mapping):
        return []
    code = _whose_face(subject, today=today, limits=limits)
    if code is None:
        return []
    facts = {"name": subject.get("name", ""), "age": limits.assent_age}
    return [
        Advice(f"/media/{place}", code, facts)
        for place, medium in enumerate(content.get("media") or ())
        if isinstance(medium, Mapping) and medium.get("shows", "people") != "work"
    ]


def _whose_face(subject: Mapping[str, Any], *, today: date, limits: Limits) -> str | None:
    """Is the subject a child, or are there children among those whom the story is about?

    What a draft holds that is no year or no yes is for the check to tell; here it says nothing.
    """
    year, minor = subject.get("birth_year"), subject.get("minor") is True
    if subject.get("type") == "individual":
        party = Party(
            name=str(subject.get("name", "")),
            kind="individual",
            birth_year=year if isinstance(year, int) else None,
            minor=minor,
        )
        if party.is_child(today=today, limits=limits):
            return "child_pictured"
    groups = subject.get("priority_groups")
    of_children = minor or (isinstance(groups, list) and CHILDREN in groups)
    return "children_pictured" if of_children else None
