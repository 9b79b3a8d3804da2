"""RSS 2.0 (https://www.rssboard.org/rss-specification) with the content, media, atom, dc and hub namespaces.

A fragment is one ``<item>`` without namespace declarations: the head declares every prefix, and the
same bytes serve the channel at all of its addresses.
"""

from __future__ import annotations

from collections.abc import Sequence

from feeds import _feedgen, media_rss, story_xml
from feeds.dates import rfc822, rfc3339
from feeds.document import Entry, Feed, Item, Items, Tombstone
from feeds.markup import Fragment, element, guarded, scrub
from feeds.tombstones import neutral_title

MEDIA_TYPE = "application/rss+xml; charset=utf-8"

_END = b"</item>"
# Atom's link, and no "alternate": some readers would open it as the article
_JSON_LINK = '<atom:link rel="describedby" type="application/json" href="%s"/>'


def render(feed: Feed, items: Items) -> bytes:
    """The whole document; `items` newest change first."""
    return assemble(feed, [render_entry(item) for item in items])


def render_entry(item: Item) -> bytes:
    """One ``<item>`` in UTF-8: independent of the feed's address, to be kept and used again."""
    try:
        return _render_item(item)
    except ValueError:  # a character that XML forbids: better an entry without it than no feed
        return _render_item(scrub(item))


def assemble(feed: Feed, fragments: Sequence[bytes]) -> bytes:
    """Head, kept fragments in the order given, tail."""
    try:
        head, tail = _feedgen.render_rss_head(feed)
    except ValueError:
        head, tail = _feedgen.render_rss_head(scrub(feed))
    return b"\n".join([head, *fragments, tail])


def _render_item(item: Item) -> bytes:
    if isinstance(item, Tombstone):
        return _tombstone(item)
    core = _feedgen.render_rss_item(entry_id=item.id, title=item.title, summary=item.summary)
    content = element("content:encoded", item.content)
    return b"".join((core[: -len(_END)], content, _extensions(item), _END))


def _extensions(entry: Entry) -> bytes:
    xml = Fragment()
    xml.add(entry.url and "<link>%s</link>")
    xml.add(entry.json_url and _JSON_LINK)
    xml.put((entry.url, entry.json_url))
    if entry.pack is not None:
        xml.add(f'<atom:link rel="related" type="{entry.pack.media_type}" href="%s"/>')
        xml.put((entry.pack.url,))
    for person in entry.authors:
        xml.add(person.name and "<dc:creator>%s</dc:creator>")
        xml.put((person.name,))
    for category in entry.categories:
        name = guarded(category.label or category.term)
        if name:
            domain = category.scheme and ' domain="%s"'
            xml.add(f"<category{domain}>%s</category>")
            xml.put((category.scheme, name))
    largest = [picture.renditions[0] for picture in entry.pictures if picture.renditions]
    if largest:  # RSS readers expect one enclosure at most; Media RSS holds them all
        url, kind = largest[0].url, largest[0].media_type
        xml.add(f'<enclosure url="{url and "%s"}" length="{largest[0].length}" type="{kind and "%s"}"/>')
        xml.put((url, kind))
    else:
        for film in [footage for footage in entry.story.footage if footage.length][:1]:
            xml.add(f'<enclosure url="%s" length="{film.length}" type="{film.media_type}"/>')
            xml.put((film.url,))
    _dates(xml, entry)
    media_rss.write_pictures(xml, entry.pictures)
    media_rss.write_films(xml, entry.story.footage)
    story_xml.write_entry_fields(xml, entry)
    return xml.finish()


def _tombstone(item: Tombstone) -> bytes:
    xml = Fragment()
    title = neutral_title(item.language)
    xml.add(f"<item><title>%s</title>{item.url and '<link>%s</link>'}<description>%s</description>")
    xml.add('<guid isPermaLink="false">%s</guid>')
    xml.put((title, item.url, title, item.id))
    _dates(xml, item)
    story_xml.write_tombstone_fields(xml, item)
    xml.add("</item>")
    return xml.finish()


def _dates(xml: Fragment, item: Item) -> None:
    xml.add(f"<pubDate>{rfc822(item.published)}</pubDate><atom:updated>{rfc3339(item.updated)}</atom:updated>")
    xml.add(item.language and "<dc:language>%s</dc:language>")
    xml.put((item.language,))
