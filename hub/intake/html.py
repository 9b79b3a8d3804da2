"""Story HTML: what may pass, and the one function that decides it.

Two independent parsers judge under one table: bleach's (html5lib, in Python), whose token filter takes
script and style away with their text and records what went, then nh3 (ammonia and html5ever, in Rust),
which has the last word. bleach is end-of-life, so it never stands alone.

Bytes are never touched afterwards: NFC after sanitizing would join a `>` with a following U+0338 and open
a closed tag. So hygiene comes first, and once more inside the token filter on *decoded* text and attribute
values, because character references hide characters (`&#824;`, `&#1;`, `&#x202E;`).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape, unescape
from urllib.parse import quote

import nh3

from feeds.text import SafeHtml, clean_text, drop_leading_marks, has_forbidden, narrow_markup
from hub.errors import TooLarge
from hub.intake._bleach import Judge, Policy, Reader, Removal, Unclean
from hub.intake._parsing import ContentTooComplex

__all__ = [
    "ALLOWED",
    "Cleaned",
    "ContentTooComplex",
    "ContentTooLarge",
    "Removal",
    "Unclean",
    "clean_html",
    "plain_to_html",
    "visible_text",
]

MAX_BYTES = 256 * 1024  # of UTF-8, before and after
MAX_ADDRESS = 2_000  # characters of an address
MAX_MENDINGS = 4  # nh3's readings of its own output before we give up

START = r"-?[0-9]{1,6}"  # what an attribute of that name may say, in lower case
SPAN = r"[1-9][0-9]{0,2}"
SCOPE = r"(?:row|col)(?:group)?"

# The table: tag → attribute → rule (a rule returns the value to keep, or None). All else goes.
ALLOWED: dict[str, dict[str, Callable[[str], str | None]]] = {
    "a": {"href": lambda value: _link(value), "title": clean_text},
    "abbr": {"title": clean_text},
    "b": {},
    "blockquote": {"cite": lambda value: _web_address(value)},
    "br": {},
    "caption": {},
    "cite": {},
    "code": {},
    "dd": {},
    "del": {},
    "div": {},
    "dl": {},
    "dt": {},
    "em": {},
    "figcaption": {},
    "figure": {},
    "h2": {},
    "h3": {},
    "h4": {},
    "hr": {},
    "i": {},
    "img": {"src": lambda value: _own_picture(value), "alt": clean_text, "title": clean_text},
    "ins": {},
    "li": {},
    "mark": {},
    "ol": {"start": lambda value: _matching(START, value)},
    "p": {},
    "pre": {},
    "q": {},
    "s": {},
    "small": {},
    "strong": {},
    "sub": {},
    "sup": {},
    "table": {},
    "tbody": {},
    "td": {
        "colspan": lambda value: _matching(SPAN, value),
        "rowspan": lambda value: _matching(SPAN, value),
    },
    "tfoot": {},
    "th": {
        "colspan": lambda value: _matching(SPAN, value),
        "rowspan": lambda value: _matching(SPAN, value),
        "scope": lambda value: _matching(SCOPE, value),
    },
    "thead": {},
    "tr": {},
    "u": {},
    "ul": {},
}
ADDRESSES = frozenset({"href", "src", "cite"})
ALLOWED_PROTOCOLS = frozenset({"http", "https", "mailto"})
OWN_MEDIA_PROTOCOL = "media"  # `media:med_…` in img src: an upload of the story; publishing puts the address there
MEDIA_ID = r"med_[A-Za-z0-9_-]{16,64}"

# Tags that say what an allowed one says. The page has its own h1; blocks must go on separating their text.
RENAMED = {
    "acronym": "abbr", "dfn": "em", "dir": "ul", "h1": "h2", "h5": "h4", "h6": "h4", "kbd": "code", "menu": "ul",
    "samp": "code", "strike": "s", "tt": "code", "var": "code",
    **dict.fromkeys((
        "address", "article", "aside", "center", "details", "dialog", "fieldset", "footer", "form", "header", "hgroup",
        "legend", "main", "nav", "search", "section", "summary",
    ), "div"),
}  # fmt: skip
# Tags that go with everything inside them. Every other unknown tag goes alone, its text stays.
DROPPED = frozenset({
    "applet", "audio", "canvas", "datalist", "embed", "frame", "frameset", "iframe", "listing", "math", "noembed",
    "noframes", "noscript", "object", "optgroup", "option", "plaintext", "script", "select", "style", "svg", "template",
    "textarea", "title", "video", "xml", "xmp",
})  # fmt: skip
# Their tags end a line of the visible text; those of all others leave words whole.
BLOCKS = frozenset({
    "blockquote", "br", "caption", "dd", "div", "dl", "dt", "figcaption", "figure", "h2", "h3", "h4", "hr", "img", "li",
    "ol", "p", "pre", "table", "tbody", "tfoot", "thead", "tr", "ul",
})  # fmt: skip
CELLS = frozenset({"td", "th"})

_URI_SAFE = "%/?:@!$&'()*+,;=~-._"  # RFC 3986 §2: reserved and unreserved, without # and []
_WEB = re.compile(r"(https?)://([^/?#\\\s@]+)([/?][^#\\]*)?(?:#(.*))?", re.IGNORECASE)
_MAIL = re.compile(r"mailto:([A-Za-z0-9.!$*+/=^_{|}~-]+)@([^\s@?#%\\/]+)(\?[^#\\]*)?", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\]")
_PORT = re.compile(r"[0-9]{1,5}")
_OWN_PICTURE = re.compile(f"{OWN_MEDIA_PROTOCOL}:({MEDIA_ID})")
_PICTURES_KEPT = re.compile(f'<img [^>]*?src="{OWN_MEDIA_PROTOCOL}:({MEDIA_ID})"')
_TAG = re.compile(r"""</?([a-z][a-z0-9]*)[^>"]*(?:"[^"]*"[^>"]*)*>""")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


class ContentTooLarge(TooLarge, ValueError):
    """The fragment is over MAX_BYTES, as sent or as cleaned."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cleaned:
    """A story's HTML after cleaning."""

    html: SafeHtml
    text: str  # what one sees, a line for each block; empty when there is nothing to read
    media: tuple[str, ...]  # ids of the uploads its pictures show, in order
    removed: tuple[Removal, ...]


def clean_html(dirty: str, *, own_media: Collection[str] = ()) -> Cleaned:
    """Keep the allowed subset of story HTML: unwrap other tags, drop script and style whole.

    `dirty` is an untrusted fragment, at most MAX_BYTES of UTF-8; `own_media` holds the ids (`med_…`) of the
    uploads its pictures may show, as `<img src="media:med_…">`. The fragment that comes back is balanced,
    safe in pages and feeds, and in NFC; cleaning it again changes nothing. It may be empty.
    Raises ContentTooLarge, ContentTooComplex, Unclean.
    Source: RFC 4287 §8.1 (HTML in feeds is unsafe to show unfiltered).
    """
    _check_size(dirty)
    desk = _desk()
    html, removed = desk.reader.read(dirty, judge=_judge_for(frozenset(own_media)))
    html = _settle(desk.nh3, html)
    _check_size(html)
    media = tuple(_PICTURES_KEPT.findall(html)) if "<img" in html else ()
    if not set(media).issubset(own_media):
        raise Unclean(why="foreign_picture")
    return Cleaned(html=SafeHtml(html), text=visible_text(html), media=media, removed=removed)


def visible_text(html: str) -> str:
    """What one sees of cleaned HTML, as plain text: a line for each block, spaces collapsed."""
    spaced = _TAG.sub(_space_of, html.replace("\n", " "))
    lines = (" ".join(line.split()) for line in unescape(spaced).split("\n"))
    return "\n".join(line for line in lines if line)


def plain_to_html(text: str) -> str:
    """Plain text as HTML: blank lines part paragraphs, other line ends break lines. It still wants cleaning."""
    paragraphs = _BLANK_LINES.split(clean_text(text, multiline=True).strip())
    return "\n".join(f"<p>{_broken_lines(paragraph)}</p>" for paragraph in paragraphs if paragraph.strip())


def _space_of(tag: re.Match[str]) -> str:
    name = tag[1]
    return "\n" if name in BLOCKS else " " if name in CELLS else ""


def _broken_lines(paragraph: str) -> str:
    lines = (drop_leading_marks(line.strip()) for line in paragraph.split("\n"))
    return "<br>".join(escape(line, quote=False) for line in lines)


# --- the rules of the table ---------------------------------------------------------------------------------


def judge(tag: str, attribute: str, value: str) -> str | None:
    """The value to keep for an attribute, or None: asked by both parsers, so that they cannot differ."""
    rule = ALLOWED.get(tag, {}).get(attribute)
    if rule is None:
        return None
    kept = rule(drop_leading_marks(clean_text(narrow_markup(value))))
    return None if kept is not None and attribute in ADDRESSES and len(kept) > MAX_ADDRESS else kept


def _judge_for(own_media: frozenset[str]) -> Judge:
    def judge_own(tag: str, attribute: str, value: str) -> str | None:
        judged = judge(tag, attribute, value)
        if attribute == "src" and judged is not None and judged.partition(":")[2] not in own_media:
            return None
        return judged

    return judge_own


def _link(value: str) -> str | None:
    mail = _MAIL.fullmatch(value.strip())
    if mail is None:
        return _web_address(value)
    host = _host(mail[2])
    return None if host is None else f"mailto:{mail[1]}@{host}{_percent_encoded(mail[3] or '')}"


def _web_address(value: str) -> str | None:
    """An absolute http(s) address as a URI (RFC 3986); no user, no backslash, which browsers read as a slash."""
    web = _WEB.fullmatch(value.strip())
    if web is None:
        return None
    scheme, authority, path, fragment = web.groups()
    name, colon, port = authority.rpartition(":") if not authority.endswith("]") else (authority, "", "")
    host = _host(name if colon else authority)
    if host is None or (colon and _PORT.fullmatch(port) is None):
        return None
    origin = f"{scheme.lower()}://{host}{colon}{port if colon else ''}"
    tail = f"#{_percent_encoded(fragment)}" if fragment is not None else ""
    return f"{origin}{_percent_encoded(path or '')}{tail}" if _has_meaning(origin) else None


@lru_cache(maxsize=256)  # both parsers ask it of every link, and a story's links are of few places
def _has_meaning(origin: str) -> bool:
    """Whether nh3 can read it (WHATWG URL: ports to 65535, hosts that end in a number are IPv4). What it cannot
    read it would take out later, and leave a link to nowhere."""
    return "href" in _ORIGINS.clean(f'<a href="{origin}">')


def _host(name: str) -> str | None:
    try:
        host = name.lower() if name.isascii() else name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return host if _HOST.fullmatch(host) else None


def _percent_encoded(part: str) -> str:
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", part), safe=_URI_SAFE)


def _own_picture(value: str) -> str | None:
    return value if _OWN_PICTURE.fullmatch(value) else None


def _matching(pattern: str, value: str) -> str | None:
    found = re.fullmatch(pattern, value.strip().lower())
    return found.group() if found else None


# --- the last word ------------------------------------------------------------------------------------------


def _settle(cleaner: nh3.Cleaner, html: str) -> str:
    """nh3's reading of `html`, once it reads its own output the same way. It mends twice what is misnested twice."""
    for _ in range(MAX_MENDINGS):
        mended = cleaner.clean(html)
        if mended == html:
            break
        html = mended
    else:
        raise Unclean(why="no_fixed_point")
    if not unicodedata.is_normalized("NFC", html) or has_forbidden(html):
        raise Unclean(why="hidden_characters")
    return html


def _check_size(html: str) -> None:
    if 4 * len(html) <= MAX_BYTES:
        return
    size = len(html) if html.isascii() else len(html.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise ContentTooLarge(size=size, limit=MAX_BYTES)


_ORIGINS = nh3.Cleaner(tags={"a"}, attributes={"a": {"href"}}, url_relative="deny", link_rel=None)
_POLICY = Policy(
    attributes=ALLOWED,
    addresses=ADDRESSES,
    protocols=ALLOWED_PROTOCOLS | {OWN_MEDIA_PROTOCOL},
    renamed=RENAMED,
    dropped=DROPPED,
    max_address=MAX_ADDRESS,
)


def _new_nh3() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(ALLOWED),
        clean_content_tags=set(DROPPED),
        attributes={tag: set(rules) for tag, rules in ALLOWED.items()},
        attribute_filter=judge,
        url_schemes=set(_POLICY.protocols),
        url_relative="deny",
        link_rel=None,  # no target, so no opener; and an editor has read every link
    )


@dataclass(slots=True)
class _Desk:
    """What one thread works with: the parsers keep state while they read."""

    reader: Reader = field(default_factory=lambda: Reader(_POLICY))
    nh3: nh3.Cleaner = field(default_factory=_new_nh3)


_threads = threading.local()


def _desk() -> _Desk:
    desk: _Desk | None = getattr(_threads, "desk", None)
    if desk is None:
        desk = _threads.desk = _Desk()
    return desk
