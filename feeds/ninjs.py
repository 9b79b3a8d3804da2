"""ninjs 3.1 (IPTC, https://iptc.org/std/ninjs/): a channel's page as one package, its entries as associations.

Exactly what the published schema allows, which closes every object: the hub's own fields are in `feeds.ninjs_hub`.
A fragment is one object of ``associations``; the head of the package is joined to it per address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from feeds.dates import rfc3339
from feeds.document import (
    Category,
    Contact,
    Correction,
    Entry,
    Feed,
    Footage,
    Interview,
    Item,
    Items,
    Person,
    Picture,
    Place,
    Rendition,
    Slot,
    Status,
    Story,
    Tombstone,
)
from feeds.markup import scrub
from feeds.prose import count_words, text_of_html
from feeds.tombstones import neutral_title

MEDIA_TYPE = "application/json; charset=utf-8"
STANDARD = {"name": "ninjs", "version": "3.1", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"}
TRUST = "http://cv.iptc.org/newscodes/trustindicator/"
WITHHELD = frozenset({Status.PLANNED, Status.HELD, Status.WITHDRAWAL_REQUESTED})  # not to be used until they are lifted
NOTES = {  # what an editor has to know before using an entry; the word first is that of ``_hub.status``
    Status.PLANNED: ("Dự kiến: chưa được dùng trước giờ đã báo.", "Coming: not to be used before the announced time."),
    Status.CORRECTION_PENDING: ("Đang chờ đính chính.", "A correction waits for its release."),
    Status.HELD: ("Tạm dừng: chưa được dùng cho đến khi bỏ tạm dừng.", "On hold: not to be used until it is lifted."),
    Status.WITHDRAWAL_REQUESTED: ("Có yêu cầu rút: chưa được dùng.", "To be withdrawn, it is asked: not to be used."),
}
TEST_NOTE = "test: not for publication"
COUNTRY = "VN"


def render(feed: Feed, items: Items) -> bytes:
    """The whole package; `items` newest change first."""
    return assemble(feed, [render_entry(item) for item in items])


def render_entry(item: Item) -> bytes:
    """One object of ``associations`` in UTF-8: independent of the feed's address, to be kept and used again."""
    return dump(news_object, item)


def assemble(feed: Feed, fragments: Sequence[bytes]) -> bytes:
    """Head, kept fragments in the order given, tail."""
    head = dump(_package, feed)
    if not fragments:
        return head
    return b"".join((head.removesuffix(b"}"), b',"associations":[', b",\n".join(fragments), b"]}"))


def dump(told: Any, document: Any) -> bytes:
    """What `told` makes of a document as JSON; without its lone surrogates, where it has any."""
    try:
        return orjson.dumps(told(document))
    except TypeError:  # orjson names no narrower error
        return orjson.dumps(told(scrub(document)))


def news_object(item: Item) -> dict[str, Any]:
    """An entry, or what is left of one, as a news object."""
    return _tombstone(item) if isinstance(item, Tombstone) else _entry(item)


def _package(feed: Feed) -> dict[str, Any]:
    pages = {link.rel: link.href for link in feed.links}
    links = [("self", feed.self_url), *((link.rel, link.href) for link in feed.links if link.rel != "hub")]
    return _filled(
        uri=feed.id,
        type="composite",
        representationType="partial" if feed.is_archive or {"next", "prev-archive"} & pages.keys() else "full",
        profile="channel",
        versionCreated=rfc3339(feed.updated),
        pubStatus="usable",
        language=feed.language,
        title=feed.title,
        headlines=[{"value": feed.title}],
        descriptions=_texts(subtitle=feed.subtitle),
        by=feed.author.name if feed.author else "",
        copyrightNotice=feed.rights,
        infoSources=[{"name": feed.author.name, "role": "publisher"}] if feed.author else [],
        trustIndicators=[{"role": f"{TRUST}partyInfo", "title": feed.title, "href": feed.home_url}],
        renditions=[
            *({"name": rel, "href": href, "contentType": "application/json"} for rel, href in links),
            *(
                _filled(name="alternate", href=link.href, contentType=link.media_type, title=link.title)
                for link in feed.alternates
            ),
        ],
        standard=STANDARD,
    )


def _entry(entry: Entry) -> dict[str, Any]:
    story = entry.story
    return _filled(
        name=entry.title,
        uri=entry.id,
        type="text",
        representationType="full" if entry.content else "partial",
        profile="story",
        version=str(entry.version),
        firstCreated=rfc3339(entry.published),
        versionCreated=rfc3339(entry.updated),
        embargoedUntil=rfc3339(story.embargo_until) if story.embargo_until else "",
        pubStatus="withheld" if entry.status in WITHHELD else "usable",
        urgency=story.urgency,
        edNote="\n".join(_notes(entry)),
        usageTerms=", ".join(entry.usages),
        language=entry.language,
        headlines=[{"value": entry.title}],
        descriptions=_texts(summary=entry.summary, standfirst=story.standfirst, correction=entry.correction)
        + _texts(deed=story.deed, method=story.method, result=story.result, lesson=story.lesson),
        bodies=[*_body("main", entry.content), *_body("short", story.short_body)],
        people=list(_people(story)),
        organisations=[{"name": story.unit.name, "rel": "unit"}] if story.unit else [],
        places=[_place(story.place)] if story.place else [],
        subjects=[_subject(category) for category in entry.categories],
        infoSources=list(_sources(entry)),
        title=entry.title,
        by=", ".join(_named(person) for person in entry.authors),
        located=story.place.commune if story.place else "",
        renditions=list(_places_of(entry)),
        associations=list(_associations(entry)),
        altIds=_alternative_ids(entry),
        trustIndicators=[{"role": f"{TRUST}pieceOfWorkInfo", "title": entry.title, "href": entry.json_url}]
        if entry.json_url
        else [],
        genres=[{"literal": story.kind}] if story.kind else [],
    )


def _subject(category: Category) -> dict[str, Any]:
    uri = f"{category.scheme}#{category.term}" if category.scheme else ""
    return _filled(name=category.label, rel="about", uri=uri, literal=category.term)


def _associations(entry: Entry) -> Iterator[dict[str, Any]]:
    """Pictures, footage and the interview card, each an item of its own."""
    yield from (_picture(entry, number, each) for number, each in enumerate(entry.pictures, 1) if each.renditions)
    yield from (_footage(entry, number, each) for number, each in enumerate(entry.story.footage, 1))
    if entry.story.interview:
        yield _interview_card(entry, entry.story.interview)


def _tombstone(item: Tombstone) -> dict[str, Any]:
    title = neutral_title(item.language)
    return _filled(
        name=title,
        uri=item.id,
        type="text",
        representationType="full",
        firstCreated=rfc3339(item.published),
        versionCreated=rfc3339(item.updated),
        pubStatus="canceled",
        edNote=TEST_NOTE if item.is_test else "",
        language=item.language,
        headlines=[{"value": title}],
        title=title,
        renditions=[{"name": "web", "href": item.url, "contentType": "text/html"}] if item.url else [],
        altIds=_alternative_ids(item),
    )


def _notes(entry: Entry) -> Iterator[str]:
    """What those who receive an entry should know, and nobody else reads."""
    if entry.is_test:
        yield TEST_NOTE
    if entry.corrected:
        yield _told_correction(entry.corrected)
    if entry.status in NOTES:
        vietnamese, english = NOTES[entry.status]
        yield f"{entry.status.value}: {english if entry.language.startswith('en') else vietnamese}"
    if entry.story.interview and entry.story.interview.notes_for_crew:
        yield entry.story.interview.notes_for_crew


def _told_correction(said: Correction) -> str:
    """ninjs has no member for a correction: its facts as a line that a program can take apart, too."""
    facts = {"severity": said.severity, "replaces version": said.replaces, "at": rfc3339(said.at) if said.at else None}
    told = "; ".join(f"{name} {fact}" for name, fact in facts.items() if fact)
    return f"correction: {told}"


def _alternative_ids(item: Item) -> list[dict[str, str]]:
    """The story, which every channel calls the same, and the number of the newest change in this one's ledger."""
    return [{"role": "story", "value": item.story_id}, {"role": "number", "value": str(item.number)}]


def _texts(**texts: str) -> list[dict[str, str]]:
    return [{"role": role, "contentType": "text/plain", "value": text} for role, text in texts.items() if text]


def _body(role: str, content: str) -> Iterator[dict[str, Any]]:
    if content:
        text = text_of_html(content)
        counted = {"charCount": len(" ".join(text.split())), "wordCount": count_words(text)}
        yield {"role": role, "contentType": "text/html", **counted, "value": content}


def _places_of(entry: Entry) -> Iterator[dict[str, Any]]:
    """Where an entry is found: its page, and its print pack."""
    if entry.url:
        yield {"name": "web", "href": entry.url, "contentType": "text/html"}
    if entry.pack is not None:
        yield {"name": "print-pack", "href": entry.pack.url, "contentType": entry.pack.media_type}


def _people(story: Story) -> Iterator[dict[str, Any]]:
    if story.subject and story.subject.name:
        rel = "subject" if story.subject.type in ("", "individual") else story.subject.type
        yield {"name": story.subject.name, "rel": rel}
    for guest in story.interview.guests if story.interview else ():
        yield _filled(name=guest.name, rel="guest", contactInfo=_contact(guest.contact))
    if story.spokesperson:
        contact = _contact(story.spokesperson_contact)
        yield _filled(name=story.spokesperson.name, rel="spokesperson", contactInfo=contact)


def _contact(contact: Contact | None) -> list[dict[str, Any]]:
    if contact is None:
        return []
    ways = {"phone": contact.phone, "email": contact.email}
    told: list[dict[str, Any]] = [
        _filled(type=way, name=contact.name, value=value) for way, value in ways.items() if value
    ]
    if contact.address:
        told.append(_filled(type="address", name=contact.name, address={"lines": [contact.address]}))
    return told


def _place(place: Place) -> dict[str, Any]:
    name = ", ".join(filter(None, (place.commune, place.province)))
    address = _filled(
        lines=[place.detail] if place.detail else [], locality=place.commune, area=place.province, country=COUNTRY
    )
    return {"name": name, "rel": "located", "contactInfo": [{"type": "address", "address": address}]}


def _sources(entry: Entry) -> Iterator[dict[str, str]]:
    """Who told of the deed, and on what its claims rest."""
    told = [supplier.name for supplier in entry.suppliers]
    if not told and entry.story.unit:
        told = [entry.story.unit.name]
    yield from ({"name": name, "role": "supplier"} for name in told)
    for source in dict.fromkeys(claim.source for claim in entry.story.claims):
        yield {"name": source, "role": "source"}


def _picture(entry: Entry, number: int, picture: Picture) -> dict[str, Any]:
    last = len(picture.renditions) - 1
    return _filled(
        name=picture.caption or picture.alt,
        rel="picture",
        uri=f"{entry.id}#{picture.upload or f'picture-{number}'}",
        type="picture",
        pubStatus="usable",
        copyrightNotice=picture.rights,
        descriptions=_texts(caption=picture.caption, alt=picture.alt),
        by=picture.credit,
        renditions=[_rendition(each, place, last) for place, each in enumerate(picture.renditions)],
    )


def _rendition(rendition: Rendition, place: int, last: int) -> dict[str, Any]:
    """Named as http://cv.iptc.org/newscodes/rendition/ does: the largest, the smallest of several, those between."""
    between = "thumbnail" if place == last else "preview" if last == 2 else f"preview-{rendition.width}"
    return {
        "name": "main" if place == 0 else between,
        "href": rendition.url,
        "contentType": rendition.media_type,
        "width": rendition.width,
        "height": rendition.height,
        "sizeInBytes": rendition.length,
    }


def _footage(entry: Entry, number: int, footage: Footage) -> dict[str, Any]:
    moving = _filled(
        name="main",
        href=footage.url,
        contentType=footage.media_type,
        sizeInBytes=footage.length,
        duration=footage.duration_seconds,
        videoCodec=footage.codec,
    )
    return _filled(
        name=footage.caption or footage.alt or f"footage {number}",
        rel="footage",
        uri=f"{entry.id}#footage-{number}",
        type="video",
        copyrightNotice=footage.rights,
        descriptions=_texts(caption=footage.caption, alt=footage.alt),
        by=footage.credit,
        renditions=[moving],
    )


def _interview_card(entry: Entry, card: Interview) -> dict[str, Any]:
    """What a segment is made from, as texts by role: ninjs has no words of its own for it."""
    title = card.title or entry.title
    minutes = "" if card.duration_minutes is None else f"{card.duration_minutes} min"
    told = {
        "format": ", ".join(filter(None, (card.format, minutes))),
        "guests": "\n".join(_told(guest.name, guest.role, guest.position, guest.notes) for guest in card.guests),
        "availability": "\n".join(
            _told(guest.name, _slot(slot)) for guest in card.guests for slot in guest.availability
        ),
        "slots": "\n".join(map(_slot, card.slots)),
        "questions": "\n".join(filter(None, card.suggested_questions)),
        "visuals": "\n".join(
            _told(visual.description, "" if visual.seconds is None else f"{visual.seconds} s")
            for visual in card.visuals
        ),
        "offLimits": "\n".join(
            (*card.off_limits, *(_told(guest.name, subject) for guest in card.guests for subject in guest.off_limits))
        ),
    }
    return _filled(
        name=title,
        rel="interviewCard",
        uri=f"{entry.id}#interview",
        type="text",
        profile="interview",
        pubStatus="usable",
        edNote=card.notes_for_crew,
        language=entry.language,
        headlines=[{"value": title}],
        bodies=[{"role": role, "contentType": "text/plain", "value": text} for role, text in told.items() if text],
        people=[
            *(_filled(name=guest.name, rel="guest", contactInfo=_contact(guest.contact)) for guest in card.guests),
            *(
                [_filled(name=card.contact.name, rel="contact", contactInfo=_contact(card.contact))]
                if card.contact
                else []
            ),
        ],
    )


def _told(who: str, *facts: str) -> str:
    said = ", ".join(filter(None, facts))
    return f"{who}: {said}" if said else who


def _slot(slot: Slot) -> str:
    """When, as an interval of ISO 8601, and where and what for."""
    where = "; ".join(filter(None, (slot.place, slot.purpose)))
    return _told(f"{rfc3339(slot.starts_at)}/{rfc3339(slot.ends_at)}", where)


def _named(person: Person) -> str:
    """A byline as it is printed: the name, and what somebody is where."""
    return ", ".join(filter(None, (person.name, person.role, person.organization)))


def _filled(**members: Any) -> dict[str, Any]:
    """An object without the members that say nothing."""
    return {name: value for name, value in members.items() if value is not None and value != "" and value != []}
