"""Atom 1.0 (RFC 4287) with the media and hub namespaces and with tombstones (RFC 6721).

A fragment is one ``<entry>`` or ``<at:deleted-entry/>`` without namespace declarations: the head declares
every prefix, and the same bytes serve the channel at all of its addresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from feeds import _feedgen, media_rss, story_xml
from feeds.dates import rfc3339
from feeds.document import Entry, Feed, Item, Items, Picture, Tombstone
from feeds.markup import Fragment, element, guarded, holds_markup, scrub, text_type

MEDIA_TYPE = "application/atom+xml; charset=utf-8"

_START, _END = b"<entry>", b"</entry>"
# not another "alternate": some readers would open it as the article
_JSON_LINK = '<link rel="describedby" type="application/json" href="%s"/>'


def render(feed: Feed, items: Items) -> bytes:
    """The whole document; `items` newest change first."""
    return assemble(feed, [render_entry(item) for item in items])


def render_entry(item: Item) -> bytes:
    """One ``<entry>`` or ``<at:deleted-entry/>`` in UTF-8: independent of the feed's address."""
    try:
        return _render_item(item)
    except ValueError:  # a character that XML forbids: better an entry without it than no feed
        return _render_item(scrub(item))


def assemble(feed: Feed, fragments: Sequence[bytes]) -> bytes:
    """Head, kept fragments in the order given, tail."""
    try:
        head, tail = _feedgen.render_atom_head(feed)
    except ValueError:
        head, tail = _feedgen.render_atom_head(scrub(feed))
    return b"\n".join([head, *fragments, tail])


def _render_item(item: Item) -> bytes:
    xml = Fragment()
    if isinstance(item, Tombstone):
        xml.add(f'<at:deleted-entry ref="%s" when="{rfc3339(item.updated)}"/>')
        xml.put((item.id,))
        return xml.finish()
    content = element('content type="html"', item.content)
    core = _feedgen.render_atom_entry(entry_id=item.id, title=item.title, updated=item.updated, content=content)
    return b"".join((_start_tag(item.language), core[len(_START) : -len(_END)], _extensions(item), _END))


@lru_cache(maxsize=64)
def _start_tag(language: str) -> bytes:
    xml = Fragment()
    words = language and ' xml:lang="%s"'
    xml.add(f"<entry{words}>")
    xml.put((language,))
    return xml.finish()


def _extensions(entry: Entry) -> bytes:
    xml = Fragment()
    summary = entry.summary if entry.content else entry.summary or entry.title  # one of the two an entry must have
    if summary:
        xml.add(f'<summary type="{text_type(summary)}">%s</summary>')
        xml.put((guarded(summary),))
    xml.add(f"<published>{rfc3339(entry.published)}</published>")
    xml.add(entry.url and '<link rel="alternate" type="text/html" href="%s"/>')
    xml.add(entry.json_url and _JSON_LINK)
    xml.put((entry.url, entry.json_url))
    if entry.pack is not None:  # no "enclosure": readers that fetch those would fetch megabytes unasked
        xml.add(f'<link rel="related" type="{entry.pack.media_type}" href="%s"/>')
        xml.put((entry.pack.url,))
    for picture in entry.pictures:
        if picture.renditions:
            _enclosure(xml, picture)
    for film in entry.story.footage:
        if film.length:
            xml.add(f'<link rel="enclosure" type="{film.media_type}" length="{film.length}" href="%s"/>')
            xml.put((film.url,))
    for person in entry.authors:
        if person.name:
            xml.add(f"<author><name>%s</name>{person.email and '<email>%s</email>'}</author>")
            xml.put((person.name, person.email))
    for category in entry.categories:
        scheme, label = category.scheme and ' scheme="%s"', category.label and ' label="%s"'
        xml.add(f'<category term="{category.term and "%s"}"{scheme}{label}/>')
        xml.put((category.term, category.scheme, category.label))
    media_rss.write_pictures(xml, entry.pictures)
    media_rss.write_films(xml, entry.story.footage)
    story_xml.write_entry_fields(xml, entry)
    return xml.finish()


def _enclosure(xml: Fragment, picture: Picture) -> None:
    """The largest size of one picture; Media RSS holds the others."""
    largest = picture.renditions[0]
    length = f' length="{largest.length}"' if largest.length else ""
    # Validators take a link's title for plain text and refuse markup in it; media:description has it all.
    title = "" if holds_markup(picture.alt) else picture.alt
    words = title and ' title="%s"'
    url, kind = largest.url, largest.media_type
    xml.add(f'<link rel="enclosure" type="{kind and "%s"}"{length} href="{url and "%s"}"{words}/>')
    xml.put((kind, url, title))
