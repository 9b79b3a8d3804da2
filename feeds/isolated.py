"""`python -m feeds.isolated`: reads one feed in a process of its own, which may die of it.

One line of JSON on stdin says what is asked (`Ask`), then come the bytes; one JSON value on stdout says what was read.
The process bounds its own memory and time before it loads a parser; whoever started it bounds the time of the clock.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from feeds.dates import find_date
from feeds.parsed import NotAFeed, ParsedCategory, ParsedEntry, ParsedFeed, ParsedLink

TITLE, TEXT, ADDRESS = 1_000, 300_000, 2_000  # characters
LINKS, CATEGORIES, AUTHORS = 30, 50, 10
MAX_ANSWER = 64 * 1024 * 1024  # bytes
KNOWN_FAULTS = frozenset({"html", "entities", "empty", "too_deep"})  # reasons that are told as they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What the process is told: where the bytes came from, what was said of them, and the limits."""

    location: str
    charset: str
    max_entries: int
    max_depth: int
    memory_bytes: int
    cpu_seconds: int


def main() -> None:
    """Answer on stdout: ``{"feed": …, "entries": n, "cut_off": bool}`` or ``{"fault": word}``, with what it took."""
    ask = Ask(**orjson.loads(sys.stdin.buffer.readline()))
    limited = _limit(ask)
    try:
        answer = _read(sys.stdin.buffer.read(), ask)
    except MemoryError:
        answer = {"fault": "too_heavy"}
    took = {"limited": limited, "peak_kib": _peak_kib()}
    said = orjson.dumps({**answer, **took})
    sys.stdout.buffer.write(said if len(said) <= MAX_ANSWER else orjson.dumps({"fault": "too_heavy", **took}))


def _read(body: bytes, ask: Ask) -> dict[str, Any]:
    from feeds.bounding import bound
    from feeds.decoding import is_cut_off, to_utf8
    from feeds.parse import parse

    try:
        plain, entries, cut_off = to_utf8(body, charset=ask.charset), 0, False
        if plain.startswith(b"<"):
            cut_off = is_cut_off(plain)
            bounded = bound(plain.decode(), max_entries=ask.max_entries, max_depth=ask.max_depth)
            plain, entries = bounded.text.encode(), bounded.entries
        found = parse(plain, location=ask.location)
    except NotAFeed as exc:
        return {"fault": str(exc) if str(exc) in KNOWN_FAULTS else "not_a_feed"}
    except (ValueError, RecursionError):
        return {"fault": "not_a_feed"}
    kept = tuple(_cut(entry) for entry in found.entries[: ask.max_entries])
    told = replace(found, entries=kept, deleted=(), links=found.links[:LINKS], title=found.title[:TITLE])
    return {"feed": asdict(told), "entries": max(entries, len(found.entries)), "cut_off": cut_off}


def _cut(entry: ParsedEntry) -> ParsedEntry:
    """An entry with no text longer than a story can be, and with what its content says and shows."""
    from feeds.plain import read_html

    html = (entry.content or entry.summary_html)[:TEXT]
    read = read_html(html)
    return replace(
        entry,
        id=entry.id[:ADDRESS],
        title=entry.title[:TITLE],
        summary=entry.summary[:TEXT],
        summary_html=entry.summary_html[:TEXT],
        content=entry.content[:TEXT],
        links=tuple(link for link in entry.links if len(link.href) <= ADDRESS)[:LINKS],
        enclosures=tuple(link for link in entry.enclosures if len(link.href) <= ADDRESS)[:LINKS],
        categories=entry.categories[:CATEGORIES],
        text=read.text or entry.summary[:TEXT],
        pictures=tuple(address for address in read.pictures if len(address) <= ADDRESS)[:LINKS],
        authors=tuple(name[:TITLE] for name in entry.authors[:AUTHORS]),
    )


def feed_of(told: Mapping[str, Any]) -> ParsedFeed:
    """A feed from the ``feed`` that `main` wrote. Raises TypeError, KeyError or ValueError for anything else."""
    entries = tuple(
        ParsedEntry(
            **{
                **entry,
                "links": _links(entry["links"]),
                "enclosures": _links(entry["enclosures"]),
                "categories": tuple(ParsedCategory(**category) for category in entry["categories"]),
                "authors": tuple(entry["authors"]),
                "pictures": tuple(entry["pictures"]),
                "published": find_date(entry["published"] or ""),
                "updated": find_date(entry["updated"] or ""),
            }
        )
        for entry in told["entries"]
    )
    whole = {"links": _links(told["links"]), "updated": find_date(told["updated"] or ""), "deleted": ()}
    return ParsedFeed(**{**told, **whole, "entries": entries})


def _links(told: Iterable[Mapping[str, Any]]) -> tuple[ParsedLink, ...]:
    return tuple(ParsedLink(**link) for link in told)


def _limit(ask: Ask) -> bool:
    """Bound this process's memory and processor time; says whether the system can."""
    try:
        import resource
    except ImportError:  # Windows has none: the clock alone bounds it there, and the answer says so
        return False
    resource.setrlimit(resource.RLIMIT_AS, (ask.memory_bytes, ask.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (ask.cpu_seconds, ask.cpu_seconds + 1))  # at the first SIGXCPU
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return True


def _peak_kib() -> int:
    """The most memory that this process had since it began, in KiB; 0 where the system does not say."""
    try:
        with Path("/proc/self/status").open(encoding="ascii") as status:  # getrusage counts what its parent had, too
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except (OSError, ValueError, StopIteration):
        return 0


if __name__ == "__main__":
    main()
