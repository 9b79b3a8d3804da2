"""From rows to documents: what a reader may see of a version, as `feeds.document` wants it. Pure, no session."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import schemas
from feeds.document import (
    WEB_WIDTH,
    Category,
    Claim,
    Contact,
    Correction,
    Entry,
    Feed,
    Footage,
    Guest,
    Interview,
    Item,
    Link,
    Metric,
    Pack,
    Person,
    Picture,
    Place,
    Rendition,
    Slot,
    Status,
    Story,
    Subject,
    Supplier,
    Tombstone,
    Unit,
    Visual,
    Words,
)
from feeds.prose import count_words, text_of_html
from hub import models
from hub.ids import ENTRY_NAMESPACE
from hub.outlets import catalog
from hub.publishing.proofs import shown_disclosures
from hub.publishing.visibility import Variant, prune, visible_paths
from hub.records import signatures, usage
from hub.records.disclosures import grow, read, showing

SCHEME = "tag:hub.example,2026:"  # of categories: SCHEME + vocabulary
FILM = "film"  # what stands in a film's address where a picture has its width
BODY_PICTURE = re.compile(r'<img [^>]*?src="(?P<source>media:(?P<upload>med_[A-Za-z0-9_-]+))"[^>]*>')
Address = Callable[[str], str]  # a path of ours to its absolute address


@dataclass(frozen=True, slots=True)
class Media:
    """The pictures and films of one release: renditions by upload, under the release's tokens."""

    token: str
    renditions: Sequence[models.Rendition | Rendition]  # largest first

    @property
    def in_body(self) -> models.Rendition | Rendition:
        """The size that stands in a body: the largest for screens."""
        return next((each for each in self.renditions if each.width <= WEB_WIDTH), self.renditions[-1])

    def for_screens(self) -> Media:
        """The same without sizes for print, which only outlets get."""
        return replace(self, renditions=[each for each in self.renditions if each.width <= WEB_WIDTH])


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What an entry says of itself beside the story: where it stands, since when, and its proof."""

    id: str
    story_id: str
    version: int
    number: int
    status: Status
    url: str
    published: datetime
    updated: datetime
    json_url: str = ""
    correction: str = ""
    corrected: Correction | None = None
    suppliers: tuple[str, ...] = ()
    usages: tuple[str, ...] = ()
    proof: str = ""
    pack_url: str = ""


def item_of(
    entry: models.Entry,
    channel: models.Channel,
    media: Mapping[str, Media],
    variant: Variant,
    address: Address,
    *,
    jws: str = "",
    corrected: Correction | None = None,
    pack_url: str = "",
) -> Item:
    """The entry or tombstone that stands for this row; needs `entry.release.version` and `channel.outlet` loaded.

    `jws` is the signature of the version, where the item shall carry its proof; `corrected` what is told of its newest
    correction; `pack_url` leads to its print pack.
    """
    path = page_path(entry, channel)
    if entry.state == Status.WITHDRAWN:
        return Tombstone(
            id=entry.uid,
            story_id=entry.story_id,
            number=entry.number,
            url=address(path),
            updated=entry.updated,
            published=entry.published,
        )
    if channel.audience == "public":
        media = {upload: found.for_screens() for upload, found in media.items()}
    release = entry.release
    disclosures = showing(release.version.disclosures, release.hidden)
    leaves = {encoded: read(encoded) for encoded in disclosures.values()}
    paths = visible_paths(release.fields, channel.fields, channel.audience, variant)
    seen = prune(grow(leaves.values()), paths, channel.audience)
    shown = _shown_media(seen, media)
    proof = signatures.present(jws, shown_disclosures(leaves, paths, channel.audience, shown)) if jws else ""
    frame = _frame(entry, address(path), address(f"{path}.json"), proof)
    frame = replace(frame, corrected=corrected, pack_url=pack_url)
    return entry_of(seen, frame, shown, address)


def _frame(entry: models.Entry, url: str, json_url: str, proof: str) -> Frame:
    release = entry.release
    return Frame(
        id=entry.uid,
        story_id=entry.story_id,
        version=release.version.number,
        number=entry.number,
        status=Status(entry.state),
        url=url,
        json_url=json_url,
        published=entry.published,
        updated=entry.updated,
        correction=release.note,
        suppliers=tuple(release.suppliers),
        usages=usage.codes_in(release.fields),
        proof=proof,
    )


def entry_of(seen: Mapping[str, Any], frame: Frame, media: Mapping[str, Media], address: Address) -> Entry:
    """The entry that shows exactly what is `seen`: content that is pruned already, or was disclosed."""
    return Entry(
        id=frame.id,
        story_id=frame.story_id,
        version=frame.version,
        number=frame.number,
        status=frame.status,
        title=seen.get("title", ""),
        url=frame.url,
        json_url=frame.json_url,
        published=frame.published,
        updated=frame.updated,
        summary=seen.get("summary", ""),
        content=_with_pictures(seen.get("body", {}).get("html", ""), media, address),
        language=seen.get("language", "vi"),
        authors=_authors(seen),
        categories=_categories(seen),
        pictures=_pictures(seen, media, address),
        correction=frame.correction,
        corrected=frame.corrected,
        suppliers=tuple(Supplier(name=name) for name in frame.suppliers),
        usages=frame.usages,
        story=replace(
            _story(seen, media, address),
            short_body=_with_pictures(seen.get("body", {}).get("short", ""), media, address),
        ),
        proof=frame.proof,
        words=_words(seen),
        pack=Pack(url=frame.pack_url) if frame.pack_url else None,
    )


def _shown_media(seen: Mapping[str, Any], media: Mapping[str, Media]) -> dict[str, Media]:
    """The pictures of the release that this reader may see; their place in the body hangs on it, too."""
    return {m["upload"]: media[m["upload"]] for m in seen.get("media", ()) if m.get("upload") in media}


def _words(seen: Mapping[str, Any]) -> Words:
    body = seen.get("body", {})
    return Words(
        standfirst=count_words(seen.get("standfirst") or seen.get("summary", "")),
        body=count_words(text_of_html(body.get("html", ""))),
        short=count_words(text_of_html(body.get("short", ""))),
    )


def feed_of(
    channel: models.Channel,
    *,
    self_path: str,
    home_path: str,
    alternates: Sequence[tuple[str, str]],
    address: Address,
    updated: datetime,
    links: Sequence[Link] = (),
    is_archive: bool = False,
) -> Feed:
    """The head of a channel's feed at one address; `alternates` are (path, media type) of the other formats."""
    outlet = channel.outlet
    return Feed(
        id=f"urn:uuid:{uuid.uuid5(ENTRY_NAMESPACE, catalog.address_of(channel))}",
        title=f"{channel.title} – {outlet.name}",
        subtitle=channel.description or channel.title,
        language=channel.language,
        self_url=address(self_path),
        home_url=address(home_path),
        updated=updated,
        author=Person(name=outlet.name),
        rights=outlet.name,
        alternates=tuple(
            Link(rel="alternate", href=address(path), media_type=media_type.partition(";")[0], title=channel.title)
            for path, media_type in alternates
        ),
        links=tuple(links),
        is_archive=is_archive,
    )


def page_path(entry: models.Entry, channel: models.Channel) -> str:
    """The path of the page that shows an entry: the portal's for public channels, the outlet's own otherwise."""
    if channel.audience == "public":
        return f"/stories/{entry.story_id}"
    return f"/feeds/{channel.outlet.code}/{channel.code}/{entry.uid.removeprefix('urn:uuid:')}"


def _with_pictures(html: str, media: Mapping[str, Media], address: Address) -> str:
    """Sanitized HTML whose pictures point at this release's tokens; a picture the release may not show goes."""

    def shown(tag: re.Match[str]) -> str:
        found = media.get(tag["upload"])
        if found is None:
            return ""
        return tag[0].replace(tag["source"], address(f"/media/{found.token}/{found.in_body.width}"))

    return BODY_PICTURE.sub(shown, html) if "<img" in html else html


def _authors(seen: Mapping[str, Any]) -> tuple[Person, ...]:
    if seen.get("byline", {}).get("name"):
        return (Person(**seen["byline"]),)
    return (Person(name=seen["unit"]["name"]),) if "name" in seen.get("unit", {}) else ()


def _categories(seen: Mapping[str, Any]) -> tuple[Category, ...]:
    terms = [("topics", code) for code in seen.get("topics", ())]
    terms += [("kinds", seen["kind"])] if "kind" in seen else []
    return tuple(
        Category(term=code, scheme=SCHEME + name, label=schemas.vocabulary(name).label(code, "vi"))
        for name, code in terms
    )


def _pictures(seen: Mapping[str, Any], media: Mapping[str, Media], address: Address) -> tuple[Picture, ...]:
    shown = [m for m in seen.get("media", ()) if m.get("kind") == "picture" and m.get("upload") in media]
    return tuple(
        Picture(
            renditions=tuple(
                Rendition(
                    url=address(f"/media/{media[m['upload']].token}/{r.width}"),
                    width=r.width,
                    height=r.height,
                    length=r.length,
                    media_type=r.media_type,
                )
                for r in media[m["upload"]].renditions
            ),
            alt=m.get("alt", ""),
            caption=m.get("caption", ""),
            credit=m.get("credit", ""),
            rights=m.get("rights", ""),
            upload=m["upload"],
        )
        for m in shown
    )


def _story(seen: Mapping[str, Any], media: Mapping[str, Media], address: Address) -> Story:
    spokesperson = seen.get("spokesperson", {})
    return Story(
        kind=seen.get("kind", ""),
        stage=seen.get("stage", ""),
        standfirst=seen.get("standfirst", ""),
        subject=_subject(seen["subject"]) if "subject" in seen else None,
        unit=Unit(**seen["unit"]) if "name" in seen.get("unit", {}) else None,
        place=Place(**seen["place"]) if "commune" in seen.get("place", {}) else None,
        movement=seen.get("movement", ""),
        deed=seen.get("deed", ""),
        method=seen.get("method", ""),
        result=seen.get("result", ""),
        metrics=tuple(Metric(**metric) for metric in seen.get("metrics", ())),
        lesson=seen.get("lesson", ""),
        occurred_from=_day(seen.get("occurred_from")),
        occurred_to=_day(seen.get("occurred_to")),
        claims=tuple(Claim(**claim) for claim in seen.get("claims", ())),
        spokesperson=_person(spokesperson),
        spokesperson_contact=_contact(spokesperson),
        interview=interview_of(seen["interview"]) if "interview" in seen else None,
        footage=tuple(_footage(seen, media, address)),
        embargo_until=_instant(seen.get("embargo_until")),
        urgency=seen.get("urgency"),
    )


def _footage(seen: Mapping[str, Any], media: Mapping[str, Media], address: Address) -> Iterator[Footage]:
    """Footage by reference, and films, which stand at their release's own address."""
    for m in seen.get("media", ()):
        said = {name: value for name, value in m.items() if name not in ("kind", "shows")}
        if m.get("kind") == "footage" and "url" in m:
            yield Footage(**said)
        elif m.get("kind") == "film" and m.get("upload") in media and media[m["upload"]].renditions:
            film = media[m["upload"]]
            kept = film.renditions[0]
            url = address(f"/media/{film.token}/{FILM}")
            yield Footage(**said, url=url, media_type=kept.media_type, length=kept.length)


def _subject(said: Mapping[str, Any]) -> Subject:
    return Subject(**{**said, "priority_groups": tuple(said.get("priority_groups", ()))})


def _person(said: Mapping[str, Any]) -> Person | None:
    return Person(name=said["name"], role=said.get("role", "")) if said.get("name") else None


def _contact(said: Mapping[str, Any]) -> Contact | None:
    return Contact(**said["contact"]) if said.get("contact") else None


def interview_of(said: Mapping[str, Any]) -> Interview:
    """The interview card that shows what is said."""
    return Interview(
        title=said.get("title", ""),
        format=said.get("format", ""),
        duration_minutes=said.get("duration_minutes"),
        guests=tuple(_guest(guest) for guest in said.get("guests", ()) if "name" in guest),
        suggested_questions=tuple(said.get("suggested_questions", ())),
        visuals=tuple(Visual(**visual) for visual in said.get("visuals", ())),
        slots=tuple(_slot(slot) for slot in said.get("slots", ())),
        off_limits=tuple(said.get("off_limits", ())),
        notes_for_crew=said.get("notes_for_crew", ""),
        contact=_contact(said),
    )


def _guest(said: Mapping[str, Any]) -> Guest:
    return Guest(
        name=said["name"],
        role=said.get("role", ""),
        position=said.get("position", ""),
        notes=said.get("notes", ""),
        contact=_contact(said),
        availability=tuple(_slot(slot) for slot in said.get("availability", ())),
        off_limits=tuple(said.get("off_limits", ())),
    )


def _slot(said: Mapping[str, str]) -> Slot:
    return Slot(
        starts_at=datetime.fromisoformat(said["starts_at"]).astimezone(UTC),
        ends_at=datetime.fromisoformat(said["ends_at"]).astimezone(UTC),
        place=said.get("place", ""),
        purpose=said.get("purpose", ""),
    )


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _instant(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said).astimezone(UTC) if said else None
