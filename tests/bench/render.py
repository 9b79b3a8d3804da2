"""How dear is rendering? CPU time of 50 full entries, against bare feedgen with the same entries.

Run from the root of the repository: ``python tests/bench/render.py``. Prints milliseconds of CPU and ratios:

- RSS, Atom: a full rendering over bare feedgen (wanted: at most 1.6);
- JSON Feed: a full rendering over that of RSS (wanted: at most 1);
- each format: one changed entry of 50 over a full rendering (wanted: at most 0.2).

Bare feedgen is given what it has words for (id, title, links, one picture, authors, categories, summary,
content, dates as datetime); the structured fields, Media RSS and every other link are ours alone.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from feedgen.feed import FeedGenerator

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "feeds")]

from feed_documents import MINUTE, a_feed, a_full_entry  # noqa: E402

from feeds import atom, jsonfeed, rss  # noqa: E402
from feeds.document import Entry, Feed  # noqa: E402

ENTRIES = 50
ROUNDS = 31


def bare_feedgen(feed: Feed, entries: list[Entry]) -> FeedGenerator:
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
        picture = entry.pictures[0].renditions[0]
        item.enclosure(picture.url, str(picture.length), picture.media_type)
        for person in entry.authors:
            item.author(name=person.name, email=person.email)
        for category in entry.categories:
            item.category(term=category.term, scheme=category.scheme, label=category.label)
        item.summary(entry.summary)
        item.content(entry.content, type="html")
        item.published(entry.published)
        item.updated(entry.updated)
    return generator


def measure(*jobs: Callable[[], object]) -> list[float]:
    """The median CPU milliseconds of each job; they take turns, so that a busy machine slows all alike."""
    for job in jobs:
        job()
    spent: list[list[float]] = [[] for _ in jobs]
    gc.collect()
    gc.disable()
    for _ in range(ROUNDS):
        for job, times in zip(jobs, spent, strict=True):
            start = time.process_time()
            job()
            times.append((time.process_time() - start) * 1000)
    gc.enable()
    return [statistics.median(times) for times in spent]


def ratios() -> dict[str, float]:
    entries = [a_full_entry(number) for number in range(1, ENTRIES + 1)]
    changed = replace(entries[0], title="Đã sửa", updated=entries[-1].updated + MINUTE)
    feeds = {"rss": a_feed("rss"), "atom": a_feed("atom"), "json": a_feed("json")}
    formats = {"rss": rss, "atom": atom, "json": jsonfeed}
    kept = {name: [form.render_entry(entry) for entry in entries] for name, form in formats.items()}

    def full(name: str) -> Callable[[], object]:
        return lambda: formats[name].render(feeds[name], entries)

    def one_changed(name: str) -> Callable[[], object]:
        form = formats[name]
        return lambda: form.assemble(feeds[name], [form.render_entry(changed), *kept[name][1:]])

    names = list(formats)
    times = measure(
        lambda: bare_feedgen(feeds["rss"], entries).rss_str(),
        lambda: bare_feedgen(feeds["atom"], entries).atom_str(),
        *(full(name) for name in names),
        *(one_changed(name) for name in names),
    )
    bare_rss, bare_atom, *ours = times
    whole, part = dict(zip(names, ours[:3], strict=True)), dict(zip(names, ours[3:], strict=True))
    print(f"bare feedgen: rss {bare_rss:.2f} ms, atom {bare_atom:.2f} ms")
    for name in names:
        size = len(formats[name].render(feeds[name], entries))
        print(f"{name}: full {whole[name]:.2f} ms ({size:,} bytes), one changed {part[name]:.2f} ms")
    return {
        "rss / bare feedgen": whole["rss"] / bare_rss,
        "atom / bare feedgen": whole["atom"] / bare_atom,
        "json / rss": whole["json"] / whole["rss"],
        **{f"{name}: one changed / full": part[name] / whole[name] for name in names},
    }


if __name__ == "__main__":
    for what, ratio in ratios().items():
        print(f"{what}: {ratio:.2f}")
