"""A story as people at the unit's desk read it, sent or not: text, pictures, figures, people, and what it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

import schemas
from feeds.text import SafeHtml
from hub.http.language import asked_language
from hub.http.wording import local
from hub.i18n import sentence
from hub.intake.advice import SENTENCES, advise, advise_on_faces
from hub.models import Version
from hub.records.disclosures import reveal
from hub.records.grants import Limits

OWN_PICTURE = re.compile(r'src="media:(med_[A-Za-z0-9_-]+)"')
PARTS = ("deed", "method", "result", "lesson")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A story's content, ready for a page."""

    content: Mapping[str, Any]
    language: str
    body: SafeHtml
    short: SafeHtml
    parts: Sequence[tuple[str, str]]  # label and text
    pictures: Sequence[Mapping[str, Any]]
    films: Sequence[Mapping[str, Any]]
    footage: Sequence[Mapping[str, Any]]

    @property
    def title(self) -> str:
        return str(self.content.get("title", ""))


def paper_of(content: Mapping[str, Any]) -> Paper:
    """A clean content (of a version, or prepared) as a page shows it."""
    body = content.get("body") or {}
    media = [each for each in content.get("media", ()) if isinstance(each, Mapping)]
    return Paper(
        content=content,
        language=str(content.get("language", "vi")),
        body=_shown(body.get("html", "")),
        short=_shown(body.get("short", "")),
        parts=[(schemas.title_of(f"/{name}", asked_language()), content[name]) for name in PARTS if content.get(name)],
        pictures=[each for each in media if each.get("upload") and each.get("kind") != "film"],
        films=[each for each in media if each.get("kind") == "film"],
        footage=[each for each in media if each.get("url")],
    )


def paper_of_version(version: Version) -> Paper:
    """A version as a page shows it; an erasure may have left little of it."""
    return paper_of(reveal(version.disclosures))


def advice_on(content: Mapping[str, Any], *, today: date, limits: Limits) -> list[tuple[str, str]]:
    """What would make a story better, as pointers and sentences: what `advise` says, and what a unit should mind."""
    given = [*advise(content), *advise_on_faces(content, today=today, limits=limits)]
    found = [(each.pointer, sentence(SENTENCES[each.code], asked_language(), **each.facts)) for each in given]
    for at, medium in enumerate(content.get("media", ())):
        if medium.get("kind") == "picture" and not medium.get("caption"):
            found.append((f"/media/{at}", _("Picture %(number)s has no caption.", number=at + 1)))
    return found


def _shown(html: str) -> SafeHtml:
    """Stored or freshly sanitized HTML, its pictures led to this desk's."""
    return SafeHtml(OWN_PICTURE.sub(lambda found: f'src="{local(f"/desk/unit/pictures/{found[1]}")}"', html))
