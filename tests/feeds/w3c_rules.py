"""The rules of the W3C feed validator that our feeds could break, written down from its behaviour.

`rss_problems` and `atom_problems` return one line per error or warning; an empty list is a clean feed. The
validator's complaints about namespaces it does not know (ours, and that of tombstones) are not among them.
Not here: HTTP (redirects, compression), dates in the future, formats other than RSS 2.0 and Atom 1.0.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from html import unescape
from html.parser import HTMLParser

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
XML = "{http://www.w3.org/XML/1998/namespace}"
PREFIXES = {
    "fh": "{http://purl.org/syndication/history/1.0}",
    "atom": ATOM,
    "content": CONTENT,
    "dc": DC,
    "media": MEDIA,
    "hub": "{tag:hub.example,2026:story:1}",
    "at": "{http://purl.org/atompub/tombstones/1.0}",
}

RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d?) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})"
    r" \d\d:\d\d:\d\d (GMT|[+-]\d\d[03]0)",
    re.ASCII,
)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
URI = re.compile(r"[a-zA-Z][0-9a-zA-Z+.-]*:(//)?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+")
HTTP = re.compile(r"https?://[^/]+\.[^/]+(/.*)?|https?://[^/]+:\d+(/.*)?")
UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
MIME = re.compile(r"[^\s()<>,;:\\\"/\[\]?=]+/[^\s()<>,;:\\\"/\[\]?=]+(\s*;\s*[^\s=]+=[^\s;]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_RELATIONS = """alternate current describedby edit enclosure first hub last license next next-archive payment
    prev-archive previous related replies search self service up via"""
RELATIONS = frozenset(_RELATIONS.split())
MEDIUMS = frozenset({"image", "audio", "video", "document", "executable"})
VOID = frozenset({"br", "hr", "img", "wbr", "col", "area", "input", "source", "track"})
_CONTAINERS = """a abbr b bdi bdo blockquote caption cite code dd del dfn div dl dt em figcaption figure h1 h2 h3 h4
    h5 h6 i ins kbd li mark ol p pre q rp rt ruby s samp small span strong sub sup table tbody td tfoot th thead tr u
    ul var"""
HTML_TAGS = VOID | frozenset(_CONTAINERS.split())
_ATTRIBUTES = "alt cite class colspan dir height href hreflang id lang rel rowspan scope src title width"
HTML_ATTRIBUTES = frozenset(_ATTRIBUTES.split())
END_TAG = re.compile(r"</(\w+)>")
REFERENCE = re.compile(r"&(#?\w+)")


def rss_problems(body: bytes, *, self_url: str) -> list[str]:
    """What the validator would say of an RSS 2.0 document served at `self_url`."""
    return list(_rss(body, self_url))


def atom_problems(body: bytes, *, self_url: str) -> list[str]:
    """What the validator would say of an Atom 1.0 document served at `self_url`."""
    return list(_atom(body, self_url))


def _rss(body: bytes, self_url: str) -> Iterator[str]:
    yield from _characters(body)
    root = ET.fromstring(body)
    hexes = _hexes(body)
    if root.tag != "rss" or root.get("version") != "2.0":
        yield "root is not <rss version='2.0'>"
    yield from _vocabulary(root)
    channel = root[0]
    yield from _once(channel, ("title", "link", "description", "language", "lastBuildDate", "ttl", "docs", "image"))
    yield from _present(channel, ("title", "link", "description", "language"))
    for name in ("title", "description", "copyright"):
        yield from _plain(channel.findtext(name, "x"), f"channel {name}", hexes=hexes)
    yield from _uri(channel.findtext("link", ""), "channel link")
    yield from _uri(channel.findtext(ATOM + "id", "urn:x:y"), "channel atom:id")
    if not LANGUAGE.fullmatch(channel.findtext("language", "")):
        yield "channel language is no language"
    if int(channel.findtext("ttl", "1")) <= 0:
        yield "ttl is not positive"
    yield from _rfc822(channel.findtext("lastBuildDate"), "lastBuildDate")
    links = channel.findall(ATOM + "link")
    yield from _links(links, "channel", self_url=self_url, kinds={"application/rss+xml"})
    image = channel.find("image")
    if image is not None:
        yield from _uri(image.findtext("url", ""), "image url")
        if image.findtext("url", "").rpartition(".")[2].lower() not in ("jpg", "jpeg", "gif", "png"):
            yield "image of a format that RSS does not know"
        if image.findtext("title") != channel.findtext("title") or image.findtext("link") != channel.findtext("link"):
            yield "image title or link differs from the channel's"
    tags = [child.tag for child in channel]
    if "item" in tags and set(tags[tags.index("item") :]) != {"item"}:
        yield "channel elements after the first item"
    items = channel.findall("item")
    yield from _unique([item.findtext("guid", "") for item in items], "guid")
    for item in items:
        yield from _item(item, hexes)


def _item(item: ET.Element, hexes: bool) -> Iterator[str]:
    once = ("title", "link", "description", "guid", "pubDate", "enclosure", "author", CONTENT + "encoded")
    yield from _once(item, (*once, ATOM + "updated", DC + "language"))
    yield from _present(item, ("title", "link", "description", "guid", "pubDate"))
    yield from _plain(item.findtext("title", "x"), "item title", hexes=hexes)
    yield from _uri(item.findtext("link", ""), "item link")
    guid = item.find("guid")
    if guid is not None and guid.get("isPermaLink") != "false":
        yield "guid claims to be a permalink"
    yield from _uri(item.findtext("guid", ""), "guid")
    yield from _rfc822(item.findtext("pubDate"), "pubDate")
    if not RFC3339.fullmatch(item.findtext(ATOM + "updated", "")):
        yield "atom:updated is no RFC 3339"
    tags = [child.tag for child in item]
    if CONTENT + "encoded" in tags and "description" not in tags[: tags.index(CONTENT + "encoded")]:
        yield "content:encoded before description"
    if "author" in tags and DC + "creator" in tags:
        yield "author and dc:creator"
    if item.find(ATOM + "id") is not None or item.find(ATOM + "published") is not None:
        yield "atom:id or atom:published beside guid and pubDate"
    for name in ("description", CONTENT + "encoded"):
        if item.find(name) is not None:
            yield from _html(item.findtext(name, ""), name)
    for category in item.findall("category"):
        yield from _plain(category.text or "", "category", hexes=hexes)
    enclosure = item.find("enclosure")
    if enclosure is not None:
        if not HTTP.fullmatch(enclosure.get("url", "")) or not URI.fullmatch(enclosure.get("url", "")):
            yield "enclosure url"
        if not enclosure.get("length", "").isdigit() or not MIME.fullmatch(enclosure.get("type", "")):
            yield "enclosure length or type"
    yield from _media(item, hexes)


def _atom(body: bytes, self_url: str) -> Iterator[str]:
    yield from _characters(body)
    root = ET.fromstring(body)
    hexes = _hexes(body)
    if root.tag != ATOM + "feed":
        yield "root is not atom:feed"
    if b"xmlns:atom=" in body:
        yield "a prefix for Atom's own namespace"
    yield from _vocabulary(root)
    if not LANGUAGE.fullmatch(root.get(XML + "lang", "")):
        yield "no language"
    yield from _present(root, tuple(ATOM + name for name in ("id", "title", "updated")))
    yield from _once(root, tuple(ATOM + name for name in ("id", "title", "updated", "subtitle", "icon", "rights")))
    yield from _uri(root.findtext(ATOM + "id", ""), "feed id")
    for name in ("title", "subtitle", "rights"):
        yield from _construct(root.find(ATOM + name), f"feed {name}", hexes=hexes)
    yield from _rfc3339(root, "updated")
    links = root.findall(ATOM + "link")
    yield from _links(links, "feed", self_url=self_url, kinds={"application/atom+xml"})
    yield from _unique([(ln.get("rel"), ln.get("type"), ln.get("hreflang")) for ln in links], "feed link")
    tags = [child.tag for child in root if child.tag.startswith(ATOM)]
    entries = root.findall(ATOM + "entry")
    if entries and set(tags[tags.index(ATOM + "entry") :]) != {ATOM + "entry"}:
        yield "feed elements after the first entry"
    has_author = root.find(ATOM + "author") is not None
    if not entries and not has_author:
        yield "no author"
    yield from _unique([entry.findtext(ATOM + "id", "") for entry in entries], "entry id")
    yield from _unique([entry.findtext(ATOM + "updated", "") for entry in entries], "updated")
    for entry in entries:
        if not has_author and entry.find(ATOM + "author") is None:
            yield "entry without author"
        yield from _entry(entry, hexes)


def _entry(entry: ET.Element, hexes: bool) -> Iterator[str]:
    yield from _present(entry, tuple(ATOM + name for name in ("id", "title", "updated")))
    names = ("id", "title", "updated", "published", "summary", "content", "rights")
    yield from _once(entry, tuple(ATOM + name for name in names))
    yield from _uri(entry.findtext(ATOM + "id", ""), "entry id")
    yield from _rfc3339(entry, "updated")
    yield from _rfc3339(entry, "published")
    for name in ("title", "summary", "content"):
        yield from _construct(entry.find(ATOM + name), f"entry {name}", hexes=hexes)
    content, summary = entry.find(ATOM + "content"), entry.find(ATOM + "summary")
    links = entry.findall(ATOM + "link")
    if content is None and summary is None:
        yield "neither content nor summary"
    if content is None and not [link for link in links if link.get("rel") == "alternate"]:
        yield "neither content nor alternate link"
    yield from _links(links, "entry", self_url=None, kinds=set())
    alternates = [(link.get("type"), link.get("hreflang")) for link in links if link.get("rel") == "alternate"]
    yield from _unique(alternates, "alternate link of an entry")
    for author in entry.findall(ATOM + "author"):
        yield from _plain(author.findtext(ATOM + "name", ""), "author name", hexes=hexes)
    for category in entry.findall(ATOM + "category"):
        if not category.get("term"):
            yield "category without term"
        if category.get("scheme") is not None:
            yield from _uri(category.get("scheme", ""), "category scheme")
    yield from _media(entry, hexes)


def _links(links: list[ET.Element], where: str, *, self_url: str | None, kinds: set[str]) -> Iterator[str]:
    selves = [link for link in links if link.get("rel") == "self"]
    if self_url is not None and [link.get("href") for link in selves] != [self_url]:
        yield f"{where}: no self, or not the address of the document"
    for link in selves:
        if link.get("type") not in kinds:
            yield f"{where}: type of self"
    for link in links:
        yield from _uri(link.get("href", ""), f"{where} link")
        if link.get("rel") not in RELATIONS and not URI.fullmatch(link.get("rel", "")):
            yield f"{where}: unregistered relation {link.get('rel')!r}"
        if link.get("type") is not None and not MIME.fullmatch(link.get("type", "")):
            yield f"{where}: link type"
        if link.get("length") is not None and not link.get("length", "").isdigit():
            yield f"{where}: link length"
        if link.get("title") is not None:
            yield from _plain(link.get("title", ""), f"{where} link title", hexes=False)
        if len(link) or (link.text or "").strip():
            yield f"{where}: link is not empty"


def _media(parent: ET.Element, hexes: bool) -> Iterator[str]:
    for group in parent.iter(MEDIA + "group"):
        if len(group.findall(MEDIA + "content")) < 2:
            yield "media:group without alternatives"
    for content in parent.iter(MEDIA + "content"):
        yield from _uri(content.get("url", ""), "media:content url")
        if content.get("medium") not in MEDIUMS:
            yield "media:content medium"
        if not MIME.fullmatch(content.get("type", "")):
            yield "media:content type"
        for name in ("fileSize", "width", "height"):
            if content.get(name) is not None and int(content.get(name, "0")) <= 0:
                yield f"media:content {name} is not positive"
    for holder in (*parent.iter(MEDIA + "group"), *parent.iter(MEDIA + "content")):
        yield from _once(holder, (MEDIA + "title", MEDIA + "description"))
    for name in ("title", "description"):
        for element in parent.iter(MEDIA + name):
            if element.get("type") not in (None, "plain", "html"):
                yield f"media:{name} type"
            if element.get("type") == "html":
                yield from _html(element.text or "", f"media:{name}")
            else:
                yield from _plain(element.text or "", f"media:{name}", hexes=hexes)


def _construct(element: ET.Element | None, where: str, *, hexes: bool) -> Iterator[str]:
    if element is None:
        return
    value = element.text or ""
    if not value.strip() or len(element):
        yield f"{where}: empty"
    if element.get("type") == "html":
        yield from _html(value, where)
    elif element.get("type") in (None, "text"):
        yield from _plain(value, where, hexes=hexes)
    else:
        yield f"{where}: type {element.get('type')!r}"


def _plain(value: str, where: str, *, hexes: bool) -> Iterator[str]:
    """Text that is not to look like HTML; `hexes`: the document writes its ampersands as &#x26;."""
    if not value.strip():
        yield f"{where}: blank"
    if [tag for tag in END_TAG.findall(value) if tag.lower() in HTML_TAGS]:
        yield f"{where}: contains HTML"
    references = [
        name for name in REFERENCE.findall(value) if not name.isalpha() or unescape(f"&{name};") != f"&{name};"
    ]
    if references and not hexes:
        yield f"{where}: contains character references"


def _html(value: str, where: str) -> Iterator[str]:
    if not value.strip():
        yield f"{where}: blank"
    checker = _Balance()
    checker.feed(value)
    checker.close()
    if checker.open:
        yield f"{where}: <{checker.open[-1]}> is not closed"
    yield from (f"{where}: {problem}" for problem in checker.problems)
    if re.search(r"&(?!#\d+;|#x[0-9a-fA-F]+;|[A-Za-z]+;)[#A-Za-z]", value):
        yield f"{where}: a bare ampersand"


class _Balance(HTMLParser):
    """Tags that do not fit together, that nobody knows, or that point to relative addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in HTML_TAGS:
            self.problems.append(f"<{tag}>")
        for name, value in attrs:
            if name not in HTML_ATTRIBUTES:
                self.problems.append(f"attribute {name}")
            if name in ("href", "src") and not re.match(r"\w+:", value or ""):
                self.problems.append(f"relative address {value!r}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")


def _characters(body: bytes) -> Iterator[str]:
    text = body.decode("utf-8")
    if not re.match(r"<\?xml version=['\"]1\.0['\"] encoding=['\"]UTF-8['\"]\?>", text):
        yield "no XML 1.0 declaration with UTF-8"
    if re.search("[\x80-\x9f�]", text):
        yield "C1 controls or U+FFFD"


def _vocabulary(root: ET.Element) -> Iterator[str]:
    known = tuple(PREFIXES.values())
    for element in root.iter():
        if element.tag.startswith("{") and not element.tag.startswith(known):
            yield f"unknown element {element.tag}"
    for extension in root.iter():
        if extension.tag.startswith(PREFIXES["hub"]):
            yield from (f"{child.tag} has no namespace" for child in extension if not child.tag.startswith("{"))


def _hexes(body: bytes) -> bool:
    return b"&amp;" not in body and b"&#x26;" in body


def _once(parent: ET.Element, names: Iterable[str]) -> Iterator[str]:
    yield from (f"{name} more than once" for name in names if len(parent.findall(name)) > 1)


def _present(parent: ET.Element, names: Iterable[str]) -> Iterator[str]:
    yield from (f"{parent.tag} without {name}" for name in names if not (parent.findtext(name) or "").strip())


def _unique(values: Iterable[object], what: str) -> Iterator[str]:
    yield from (f"{what} twice: {value}" for value, count in Counter(values).items() if count > 1)


def _uri(value: str, where: str) -> Iterator[str]:
    if not URI.fullmatch(value):
        yield f"{where}: no absolute, percent-encoded address: {value!r}"
    if value.startswith("urn:uuid:") and not UUID.fullmatch(value):
        yield f"{where}: no UUID"


def _rfc3339(parent: ET.Element, name: str) -> Iterator[str]:
    value = parent.findtext(ATOM + name)
    if value is not None and not RFC3339.fullmatch(value):
        yield f"{name} is no RFC 3339: {value!r}"


def _rfc822(value: str | None, where: str) -> Iterator[str]:
    found = RFC822.fullmatch(value or "")
    if found is None:
        yield f"{where} is no RFC 822 date: {value!r}"
        return
    weekday, day, month, year, _zone = found.groups()
    if date(int(year), MONTHS.index(month) + 1, int(day)).weekday() != DAYS.index(weekday):
        yield f"{where}: wrong day of the week"
