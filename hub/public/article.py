"""A story as schema.org's NewsArticle, for search engines: nothing but what its page shows. Pure."""

from __future__ import annotations

from typing import Any

from feeds.document import Entry, Person

MAX_HEADLINE = 110  # characters that search engines show


def news_article(story: Entry, *, canonical: str, site: str, home: str) -> dict[str, Any]:
    """The JSON-LD of a story; `site` publishes it, at `home`. Source: https://schema.org/NewsArticle."""
    told = story.story
    publisher = {"@type": "Organization", "name": site, "url": home}
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title[:MAX_HEADLINE],
        "description": story.summary,
        "inLanguage": story.language,
        "datePublished": story.published.isoformat(timespec="seconds"),
        "dateModified": story.updated.isoformat(timespec="seconds"),
        "mainEntityOfPage": canonical,
        "url": story.url,
        "image": [picture.for_screens[0].url for picture in story.pictures],
        "author": [_author(person, told.unit.name if told.unit else "") for person in story.authors] or [publisher],
        "publisher": publisher,
        "articleSection": [each.label for each in story.categories if each.scheme.endswith("topics")],
        "isAccessibleForFree": True,
    }
    if told.place is not None:
        place = ", ".join(filter(None, (told.place.commune, told.place.province)))
        found["contentLocation"] = {"@type": "Place", "name": place}
    if story.correction:
        found["correction"] = story.correction
    return {name: value for name, value in found.items() if value not in ("", [])}


def _author(person: Person, unit: str) -> dict[str, str]:
    """A person, unless the unit itself stands where an author would."""
    return {"@type": "Organization" if person.name == unit else "Person", "name": person.name}
