"""A story as people at the unit's desk read it, sent or not: text, pictures, figures, people, and what it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

import schemas
from feeds.text import SafeHtml
from hub.http.language import asked_language
from hub.http.wording import local
from hub.intake.advice import Advice, advise
from hub.models import Version
from hub.records.disclosures import reveal

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
        pictures=[each for each in media if each.get("upload")],
        footage=[each for each in media if each.get("url")],
    )


def paper_of_version(version: Version) -> Paper:
    """A version as a page shows it; an erasure may have left little of it."""
    return paper_of(reveal(version.disclosures))


def advice_on(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What would make a story better, as pointers and sentences: what `advise` says, and what a unit should mind."""
    found = [(each.pointer, _sentence(each)) for each in advise(content)]
    if not content.get("consent", {}).get("scopes"):
        found.append(("/consent", _("Nothing is ticked at the consent: nobody may be named or shown then.")))
    for at, medium in enumerate(content.get("media", ())):
        if medium.get("kind") == "picture" and not medium.get("caption"):
            found.append((f"/media/{at}", _("Picture %(number)s has no caption.", number=at + 1)))
    if content.get("subject", {}).get("minor") and any(m.get("shows") != "work" for m in content.get("media", ())):
        found.append(("/media", _("The story is about a child, and a picture may show a face that can be recognized.")))
    return found


def _shown(html: str) -> SafeHtml:
    """Stored or freshly sanitized HTML, its pictures led to this desk's."""
    return SafeHtml(OWN_PICTURE.sub(lambda found: f'src="{local(f"/desk/unit/pictures/{found[1]}")}"', html))


def _sentence(given: Advice) -> str:
    return str(
        _(
            "The lines under a newspaper's headline should have %(least)s to %(most)s words; here are %(count)s.",
            **given.facts,
        )
    )
