"""May this version be released into this channel? Pure; every refusal has a name.

The clauses: who is shown must have agreed to it; a minor's guardian must have agreed, and from seven years on the
child; an embargo of the act is never earlier than the story's; the newspaper's column lives from method and lesson;
the live-exchange segment needs somebody to talk to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from html import unescape
from typing import Any

import schemas
from feeds.text import fold

ASSENT_AGE = 7  # from seven years on the child is asked, too (Law on Children 2016, art. 21; Decree 56/2017, art. 33)
MINOR_AGE = 16  # a child is a person under sixteen (Law on Children 2016, art. 1)
_INLINE_TAG = re.compile(r"</?(?:a|abbr|b|cite|code|del|em|i|ins|mark|q|s|small|strong|sub|sup|u)\b[^>]*>")
_ANY_TAG = re.compile(r"<[^>]*>")
NAME_SCOPES = frozenset({"name", "collective_name"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a release is refused: a code, whose sentence stands in ``hub/i18n`` under ``refusal.<code>``."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the rules need to know of a channel."""

    profile: str
    audience: str
    fields: Sequence[str]
    required: Sequence[str]


def consented_fields(target: Target, scopes: Collection[str]) -> list[str]:
    """The leaf paths the channel lists, its audience reaches and consent allows there, sorted."""
    reach = schemas.Audience.named(target.audience)
    return sorted(
        path
        for path, audience in schemas.fields().items()
        if audience <= reach and schemas.covers(target.fields, path) and _consented(path, scopes)
    )


def allowed_pictures(content: Mapping[str, Any], scopes: Collection[str], fields: Collection[str]) -> list[str]:
    """The uploads whose pictures consent lets this channel show: people need `image`, things `image_of_work`."""
    if "media.upload" not in fields:
        return []
    return [
        medium["upload"]
        for medium in content.get("media", ())
        if medium["kind"] == "picture"
        and ("image" in scopes or (medium.get("shows", "people") == "work" and "image_of_work" in scopes))
    ]


def find_refusals(
    content: Mapping[str, Any],
    target: Target,
    *,
    scopes: Collection[str],
    act_embargo: datetime | None,
    today: date,
) -> list[Refusal]:
    """Every reason why this content may not be released into this channel; none when it may."""
    fields = consented_fields(target, scopes)
    return [
        *_consent_refusals(content, target, fields, scopes),
        *_date_refusals(content["consent"], today=today),
        *_minor_refusals(content, today=today),
        *_embargo_refusals(content, act_embargo),
        *_profile_refusals(content, target),
    ]


def embargo_of(content: Mapping[str, Any]) -> datetime | None:
    """The story's own embargo."""
    said = content.get("embargo_until")
    return datetime.fromisoformat(said) if said else None


def _consented(path: str, scopes: Collection[str]) -> bool:
    needed = schemas.consent_needed(path)
    return not needed or not needed.isdisjoint(scopes)


def _consent_refusals(
    content: Mapping[str, Any], target: Target, fields: Collection[str], scopes: Collection[str]
) -> list[Refusal]:
    wanted = {path for path in target.required if has(content, path)}
    missing = sorted(path for path in wanted if not any(f == path or f.startswith(path + ".") for f in fields))
    refusals = [Refusal("no_consent", {"fields": ", ".join(missing)})] if missing else []
    if not NAME_SCOPES & set(scopes):
        told = sorted({path for path, text in _shown_texts(content, "", set(fields)) if _tells(content, text)})
        if told:
            refusals.append(Refusal("name_without_consent", {"fields": ", ".join(told)}))
    return refusals


def _date_refusals(consent: Mapping[str, Any], *, today: date) -> list[Refusal]:
    """A consent of another day is none yet."""
    said = consent.get("obtained_on")
    return [Refusal("consent_not_yet", {"date": said})] if said and date.fromisoformat(said) > today else []


def _given(said: Mapping[str, str], *, today: date) -> bool:
    return "obtained_on" in said and date.fromisoformat(said["obtained_on"]) <= today


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


def _tells(content: Mapping[str, Any], text: str) -> bool:
    """Does a text tell the name of the subject, however it is written?"""
    return re.search(rf"\b{re.escape(fold(content['subject']['name']))}\b", fold(text)) is not None


def _visible(fragment: str) -> str:
    """Sanitized HTML as one reads it: tags inside a line leave nothing behind, all others a space."""
    return unescape(_ANY_TAG.sub(" ", _INLINE_TAG.sub("", fragment)))


def _minor_refusals(content: Mapping[str, Any], *, today: date) -> list[Refusal]:
    subject, consent = content["subject"], content["consent"]
    if subject["type"] != "individual" and not subject.get("minor", False):
        return []  # a household or collective has no age; where a child stands in it, the sender says so
    birth_year = subject.get("birth_year") if subject["type"] == "individual" else None
    youngest = today.year - birth_year - 1 if birth_year else None  # the birthday may still be to come
    if not subject.get("minor", False) and (youngest is None or youngest >= MINOR_AGE):
        return []
    refusals = []
    if not _given(consent.get("guardian", {}), today=today):
        refusals.append(Refusal("no_guardian_consent"))
    asked = youngest is None or youngest + 1 >= ASSENT_AGE
    if asked and not _given(consent.get("child_assent", {}), today=today):
        refusals.append(Refusal("no_child_assent", {"age": ASSENT_AGE}))
    return refusals


def _embargo_refusals(content: Mapping[str, Any], act_embargo: datetime | None) -> list[Refusal]:
    own = embargo_of(content)
    if own is not None and act_embargo is not None and act_embargo < own:
        return [Refusal("embargo_too_early", {"earliest": own.isoformat()})]
    return []


def _profile_refusals(content: Mapping[str, Any], target: Target) -> list[Refusal]:
    missing = [path for path in target.required if not has(content, path)]
    if target.profile == "segment" and "interview.guests" in missing:
        return [Refusal("no_guest")]
    if target.profile == "column" and {"method", "lesson"} & set(missing):
        return [Refusal("no_method_or_lesson", {"fields": ", ".join(missing)})]
    return [Refusal("field_missing", {"fields": ", ".join(missing)})] if missing else []


def has(content: Any, path: str) -> bool:
    """Is something there at this dotted path? An empty text or list is nothing."""
    for step in path.split("."):
        if not isinstance(content, Mapping):
            return False
        content = content.get(step)
    return bool(content)
