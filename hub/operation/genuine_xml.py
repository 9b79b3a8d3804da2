"""The same question for RSS and Atom, which carry no proof: their entries' JSON does, and they are compared with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from lxml import etree

from feeds import atom, media_rss, parse, rss
from feeds.document import Entry, Feed, Item
from feeds.parsed import NotAFeed, ParsedEntry, ParsedFeed
from feeds.story_xml import NAMESPACE as STORY
from feeds.tombstones import NEUTRAL_TITLES
from hub.operation.genuine import Fault, Trust, Verdict, judge, list_items

RENDERERS: Mapping[str, Any] = {"rss": rss, "atom": atom}
OURS = (f"{{{STORY}}}", f"{{{media_rss.NAMESPACE}}}")  # the parser reads little of these
OF_THE_FEED = frozenset({"links"})  # what the parser makes of a page's address differs with the feed's own
WITHOUT_JSON = "error.copy_without_json"  # what is in a file says where the proof is, and not more
Fetch = Callable[[str], bytes]
Verdicts = list[Verdict]


def judge_feed(body: bytes, trust: Trust, fetch: Fetch | None) -> Verdicts | None:
    """A verdict on every entry of an RSS or Atom feed; None when the body is none.

    `fetch` gets the JSON that an entry links to; without it nothing can be proved.
    """
    try:
        feed = parse.parse(body)
    except NotAFeed:
        return None
    if feed.format not in RENDERERS:
        return None
    elements = _story_elements(body, feed.format)
    verdicts = [_judge(entry, feed, elements.get(entry.id, []), trust, fetch) for entry in feed.entries]
    judged = {verdict.name for verdict in verdicts if verdict.is_withdrawn}
    marks = (deleted for deleted in feed.deleted if deleted not in judged)  # Atom's own stand beside the entries
    return verdicts + [Verdict(name=deleted, title="-", faults=(), is_withdrawn=True) for deleted in marks]


def _judge(entry: ParsedEntry, feed: ParsedFeed, elements: Sequence[str], trust: Trust, fetch: Fetch | None) -> Verdict:
    verdict = Verdict(name=entry.id, title=entry.title, faults=())
    address = next((link.href for link in entry.links if _is_proof(link)), None)
    if entry.withdrawn:
        silent = {entry.title, entry.summary or entry.title} <= set(NEUTRAL_TITLES.values()) and not entry.content
        faults = () if silent else (Fault("error.copy_tampered", {"field": "title"}),)
        return replace(verdict, is_withdrawn=True, faults=faults)
    if address is None or fetch is None:
        key = "error.copy_without_proof" if address is None else WITHOUT_JSON
        return replace(verdict, faults=(Fault(key),))
    items = list_items(fetch(address))
    if not items:
        return replace(verdict, faults=(Fault("error.copy_unreadable"),))
    found = judge(items[0], trust)
    if found.faults:
        return found
    if not isinstance(found.item, Entry):
        return replace(found, faults=(Fault("error.copy_withdrawn", {"at": _at(found.item)}),))
    differing = tuple(_differences(entry, elements, found.item, address, feed.format))
    return replace(found, faults=differing, is_proved=not differing)


def _is_proof(link: Any) -> bool:
    return bool(link.rel == "describedby" and link.media_type == "application/json")


def _at(item: Item | None) -> str:
    return item.updated.isoformat() if item is not None else "-"


def _differences(
    entry: ParsedEntry, elements: Sequence[str], released: Entry, address: str, form: str
) -> Iterator[Fault]:
    """What the entry shows otherwise than its JSON, read by the same parser from the same renderer."""
    frame = Feed(id=address, title="-", self_url=address, home_url=address, updated=released.updated)
    body = RENDERERS[form].render(frame, [replace(released, json_url=address)])
    (due,) = parse.parse(body).entries
    for known in fields(ParsedEntry):
        if known.name not in OF_THE_FEED and getattr(entry, known.name) != getattr(due, known.name):
            yield Fault("error.copy_tampered", {"field": known.name})
    if entry.url != due.url:
        yield Fault("error.copy_tampered", {"field": "link"})
    if list(elements) != _story_elements(body, form).get(released.id, []):
        yield Fault("error.copy_tampered", {"field": "hub:…"})


def _story_elements(body: bytes, form: str) -> dict[str, list[str]]:
    """The elements of each entry for the story and its pictures, in canonical form, by the entry's id."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(body, parser)
    if root is None:
        return {}
    entries, name = ("{*}entry", "{*}id") if form == "atom" else ("{*}item", "guid")
    found = {}
    for entry in root.iter(entries):
        ours = [child for child in entry if isinstance(child.tag, str) and child.tag.startswith(OURS)]
        found[(entry.findtext(name) or "").strip()] = [
            etree.tostring(child, method="c14n", exclusive=True, with_tail=False).decode() for child in ours
        ]
    return found
