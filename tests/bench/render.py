"""How dear is rendering? 50 full entries with all extensions, against bare feedgen with the same entries.

Bare feedgen is given what it has words for (id, title, links, one picture, authors, categories, summary,
content, dates as datetime); the structured fields, Media RSS and every other link are ours alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from feedgen.feed import FeedGenerator

from feeds import atom, jsonfeed, rss
from feeds.document import Entry, Feed
from tests.bench.measuring import Line, side_by_side
from tests.feeds.feed_documents import MINUTE, a_feed, a_full_entry

ENTRIES = 50
ROUNDS = 15
CALLS = 4
WANTED = {"rss": 1.6, "atom": 1.6, "json": 1.0}  # times bare feedgen; JSON Feed: times RSS
WANTED_FOR_ONE = 0.2  # one changed entry of 50, of a full rendering
NAMES = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}


def bare_feedgen(feed: Feed, entries: Sequence[Entry]) -> Any:
    """A feed with these entries as the manual of feedgen makes it."""
    generator = FeedGenerator()
    generator.id(feed.id)
    generator.title(feed.title)
    generator.description(feed.subtitle)
    generator.language(feed.language)
    generator.updated(feed.updated)
    generator.link(href=feed.self_url, rel="self")
    generator.link(href=feed.home_url, rel="alternate", type="text/html")
    for entry in entries:
        item = generator.add_entry(order="append")
        item.id(entry.id)
        item.title(entry.title)
        item.link(href=entry.url, rel="alternate", type="text/html")
        for picture in entry.pictures[:1]:
            largest = picture.renditions[0]
            item.enclosure(largest.url, str(largest.length), largest.media_type)
        for person in entry.authors:
            item.author(name=person.name, email=person.email)
        for category in entry.categories:
            item.category(term=category.term, scheme=category.scheme, label=category.label)
        item.summary(entry.summary)
        item.content(entry.content, type="html")
        item.published(entry.published)
        item.updated(entry.updated)
    return generator


def measure(*, quick: bool) -> list[Line]:
    entries = [a_full_entry(number) for number in range(1, ENTRIES + 1)]
    changed = replace(entries[0], title="Đã sửa", updated=entries[-1].updated + MINUTE)
    formats: dict[str, Any] = {"rss": rss, "atom": atom, "json": jsonfeed}
    feeds = {name: a_feed(name) for name in formats}
    kept = {name: [form.render_entry(entry) for entry in entries] for name, form in formats.items()}

    def full(name: str) -> Callable[[], object]:
        return lambda: formats[name].render(feeds[name], entries)

    def one_changed(name: str) -> Callable[[], object]:
        form = formats[name]
        return lambda: form.assemble(feeds[name], [form.render_entry(changed), *kept[name][1:]])

    bare_rss, bare_atom, *ours = side_by_side(
        lambda: bare_feedgen(feeds["rss"], entries).rss_str(),
        lambda: bare_feedgen(feeds["atom"], entries).atom_str(),
        *(full(name) for name in formats),
        *(one_changed(name) for name in formats),
        rounds=2 if quick else ROUNDS,
        calls=CALLS,
    )
    whole, part = dict(zip(formats, ours[:3], strict=True)), dict(zip(formats, ours[3:], strict=True))
    beside = {"rss": ("bare feedgen", bare_rss), "atom": ("bare feedgen", bare_atom), "json": ("RSS", whole["rss"])}
    return [
        *(
            Line(
                measure=f"rendering {ENTRIES} full entries, {NAMES[name]}",
                ours=whole[name],
                beside=beside[name][0],
                theirs=beside[name][1],
                limit=WANTED[name],
            )
            for name in formats
        ),
        *(
            Line(
                measure=f"one of {ENTRIES} changed, {NAMES[name]}",
                ours=part[name],
                beside="rendering all",
                theirs=whole[name],
                limit=WANTED_FOR_ONE,
            )
            for name in formats
        ),
    ]
