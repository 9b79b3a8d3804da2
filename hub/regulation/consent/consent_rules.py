"""What consent lets a channel show, and where it does not suffice. Pure.

Everything but the guests hangs on the subject's consent, what is told of a guest on the guest's own. Pictures and
footage of people need it of everybody the ledger knows. What falls away leaves the rest standing, unless the profile
cannot do without it or a text still tells what may not be told. Of a child, school, class, address and relatives are
told only when each was named.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import schemas
from feeds.text import fold
from hub.records import usage
from hub.records.disclosures import without
from hub.records.grants import NAME_SCOPES, Agreed, Given
from hub.regulation.consent import short_names
from hub.regulation.refusals import Refusal, Target, has

GUESTS = "interview.guests"
MEDIA_AT = {"picture": "media.upload", "film": "media.upload", "footage": "media.url"}  # the field that leads to it
SCHOOL, ADDRESS, RELATIVES = "school", "address", "relatives"
SCHOOLS = frozenset({"truong_hoc"})  # kinds of unit whose name is a school's
CLEARED_UNITS = frozenset({"luc_luong_vu_trang"})  # kinds of unit whose people need their unit's word
_INLINE_TAG = re.compile(r"</?(?:a|abbr|b|cite|code|del|em|i|ins|mark|q|s|small|strong|sub|sup|u)\b[^>]*>")
_ANY_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What may show: leaf paths, JSON pointers to members of lists that may not, and the uploads of pictures.

    Behind the paths stand the usages that were agreed to, such as ``usage.reuse``.
    """

    fields: list[str]
    hidden: list[str]
    pictures: list[str]


def allow(content: Mapping[str, Any], target: Target, agreed: Agreed) -> Allowed:
    """The leaf paths the channel lists, its audience reaches and consent allows there, and what else may not show."""
    reach = schemas.Audience.named(target.audience)
    fields = sorted(
        path
        for path, audience in schemas.fields().items()
        if audience <= reach and schemas.covers(target.fields, path) and _consented(path, content, agreed)
    )
    fields += _usages(agreed)
    hidden: list[str] = []
    if f"{GUESTS}.name" in fields:
        hidden += _hidden_guests(agreed)
    shown, hidden_media = _media(content, fields, agreed)
    pictures = [medium["upload"] for medium in shown if "upload" in medium]
    hidden += hidden_media
    return Allowed(fields=fields, hidden=hidden, pictures=pictures)


def find_refusals(content: Mapping[str, Any], target: Target, agreed: Agreed, allowed: Allowed) -> list[Refusal]:
    """Every reason of consent why this content may not be released into this channel with what is allowed."""
    return [*find_lapses(content, target, agreed, allowed), *_clearance(content, agreed.subject)]


def find_lapses(content: Mapping[str, Any], target: Target, agreed: Agreed, allowed: Allowed) -> list[Refusal]:
    """Why what was released may stand no longer; a unit's word was asked for when it was."""
    return [*_required(content, target, allowed), *_told(content, agreed, allowed), *_minor(agreed.subject)]


def _consented(path: str, content: Mapping[str, Any], agreed: Agreed) -> bool:
    if path.startswith(GUESTS + ".") and agreed.guests:
        return any(_opens(path, guest.scopes, child=guest.child) for guest in agreed.guests)
    subject = agreed.subject
    if path.startswith("unit.") and subject.child and content.get("unit", {}).get("kind") in SCHOOLS:
        return SCHOOL in subject.claimed_scopes
    return _opens(path, subject.claimed_scopes, child=subject.child)


def _opens(path: str, scopes: Collection[str], *, child: bool) -> bool:
    needed = [schemas.consent_needed(path)]
    if child:
        needed.append(schemas.child_consent_needed(path))
    return all(not any_of or not any_of.isdisjoint(scopes) for any_of in needed)


def _usages(agreed: Agreed) -> list[str]:
    """What everybody the ledger knows lets readers do with the story beside showing it."""
    scopes = [agreed.subject.claimed_scopes, *(guest.scopes for guest in agreed.guests if guest.party.known)]
    return [usage.path_of(code) for code in schemas.usages() if all(code in given for given in scopes)]


def _hidden_guests(agreed: Agreed) -> list[str]:
    needed = schemas.consent_needed(f"{GUESTS}.name")
    return [
        f"/interview/guests/{place}" for place, guest in enumerate(agreed.guests) if needed.isdisjoint(guest.scopes)
    ]


def _media(
    content: Mapping[str, Any], fields: Collection[str], agreed: Agreed
) -> tuple[list[Mapping[str, Any]], list[str]]:
    """The pictures and footage that may show, and pointers to those that may not, of what the channel reaches at all.

    Those of people need `image` of everybody, those of things `image_of_work` of the subject.
    """
    people = "image" in agreed.subject.claimed_scopes
    everybody = people and all("image" in guest.scopes for guest in agreed.guests if guest.party.known)
    work = people or "image_of_work" in agreed.subject.claimed_scopes
    shown: list[Mapping[str, Any]] = []
    hidden: list[str] = []
    for place, medium in enumerate(content.get("media", ())):
        if MEDIA_AT[medium["kind"]] not in fields:
            continue
        if work if medium.get("shows", "people") == "work" else everybody:
            shown.append(medium)
        else:
            hidden.append(f"/media/{place}")
    return shown, hidden


def _required(content: Mapping[str, Any], target: Target, allowed: Allowed) -> list[Refusal]:
    shown = without(content, allowed.hidden)
    missing = sorted(
        path
        for path in target.required
        if has(content, path)
        and not (has(shown, path) and any(f == path or f.startswith(path + ".") for f in allowed.fields))
    )
    return [Refusal("no_consent", {"fields": ", ".join(missing)})] if missing else []


def _told(content: Mapping[str, Any], agreed: Agreed, allowed: Allowed) -> list[Refusal]:
    """Does a text tell what no consent lets it tell?"""
    texts = list(_shown_texts(without(content, allowed.hidden), "", set(allowed.fields)))
    refusals = []
    named = [(texts, content.get("subject", {}).get("name", ""), agreed.subject.claimed_scopes)]
    elsewhere = [(path, text) for path, text in texts if not path.startswith(GUESTS)]
    guests = content.get("interview", {}).get("guests", ())
    named += [
        (elsewhere, said.get("name", ""), given.scopes) for said, given in zip(guests, agreed.guests, strict=False)
    ]
    hidden = [(where, name) for where, name, scopes in named if NAME_SCOPES.isdisjoint(scopes)]
    told = {path for where, name in hidden for path in _telling(where, name)}
    agreeing = [name for _, name, scopes in named if not NAME_SCOPES.isdisjoint(scopes)]
    told |= {path for where, name in hidden for path in _calling(where, name, content, agreeing)}
    if told:
        refusals.append(Refusal("name_without_consent", {"fields": ", ".join(sorted(told))}))
    if agreed.subject.child:
        told = {path for detail in _untold(content, agreed.subject) for path in _telling(elsewhere, detail)}
        if told:
            refusals.append(Refusal("child_detail_without_consent", {"fields": ", ".join(sorted(told))}))
    return refusals


def _untold(content: Mapping[str, Any], subject: Given) -> Iterator[str]:
    """What the texts about a child may not tell: school, address, and the relative who agreed for it."""
    unit = content.get("unit", {})
    if SCHOOL not in subject.claimed_scopes:
        yield content["subject"].get("unit", "")
        yield unit["name"] if unit.get("kind") in SCHOOLS else ""
    if ADDRESS not in subject.claimed_scopes:
        yield content.get("place", {}).get("detail", "")
    if RELATIVES not in subject.claimed_scopes:
        yield from {grant.guardian for grant in subject.party.grants}


def _minor(subject: Given) -> list[Refusal]:
    refusals = []
    if not subject.guarded:
        refusals.append(Refusal("no_guardian_consent"))
    if not subject.assented:
        refusals.append(Refusal("no_child_assent", {"age": subject.limits.assent_age}))
    return refusals


def _clearance(content: Mapping[str, Any], subject: Given) -> list[Refusal]:
    """People of the armed forces and at hazardous posts are shown when their unit has said yes."""
    needed = content.get("subject", {}).get("hazardous_work") or content.get("unit", {}).get("kind") in CLEARED_UNITS
    return [Refusal("no_unit_clearance")] if needed and not subject.cleared else []


def _shown_texts(value: Any, path: str, shown: Collection[str]) -> Iterator[tuple[str, str]]:
    """Every text that would show, with its path; the body as one reads it."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _shown_texts(member, f"{path}.{name}" if path else name, shown)
    elif isinstance(value, list):
        for member in value:
            yield from _shown_texts(member, path, shown)
    elif isinstance(value, str) and path in shown and path != "subject.name":
        yield path, _visible(value) if path.startswith("body.") else value


def _telling(texts: Sequence[tuple[str, str]], told: str) -> Iterator[str]:
    """The paths of the texts that tell something, however it is written."""
    wanted = fold(told).strip()
    if wanted:
        pattern = re.compile(rf"\b{re.escape(wanted)}\b")
        yield from (path for path, text in texts if pattern.search(fold(text)))


def _calling(
    texts: Sequence[tuple[str, str]], name: str, content: Mapping[str, Any], agreeing: Sequence[str]
) -> Iterator[str]:
    """The paths of the texts that call somebody by the given name, as “bà Ngân” does, and may mean nobody else.

    Those who agreed to be named may be meant, and author and spokesperson, unless they are the very person.
    """
    subject = content.get("subject", {})
    if subject.get("type") == "collective" and subject.get("name") == name:
        return
    credited = [content.get(field, {}).get("name", "") for field in ("spokesperson", "byline")]
    others = [*agreeing, *(other for other in credited if fold(other) != fold(name))]
    yield from (path for path, text in texts if short_names.calls(text, name, others))


def _visible(fragment: str) -> str:
    """Sanitized HTML as one reads it: tags inside a line leave nothing behind, all others a space."""
    return unescape(_ANY_TAG.sub(" ", _INLINE_TAG.sub("", fragment)))
