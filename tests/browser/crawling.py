"""Finds the pages of the application: every route without arguments, and the others by the links that lead to them.

So a new page is walked without being named anywhere, with arguments that people would really come with.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect, Rule

from tests.web.desks import Person

OF_A_ROUTE = 3  # addresses of one route that are walked
WITH_A_QUERY = 3  # and questions put to it, each with other names
PAGE = "text/html"
WORD = "bến"  # what is looked for wherever something can be


Part = tuple[str, str, str]


class Links(HTMLParser):
    """Where the links of a page lead, and its forms that only ask: those with WORD in their fields for text.

    `parts` are what the page is made of: elements with their classes, and in forms their names.
    """

    def __init__(self, text: str, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.parts: set[Part] = set()
        self._page, self._action, self._fields = page, "", dict[str, str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.parts.add((tag, said.get("class", ""), re.sub(r"\d+", "", said.get("name", ""))))
        if tag == "a" and said.get("href"):
            self.found.append(said["href"])
        elif tag == "form" and said.get("method", "get").lower() == "get":
            self._action, self._fields = said.get("action", self._page), {}
        elif tag == "input" and self._action and said.get("name"):
            if said.get("type", "text") in {"text", "search"}:
                self._fields[said["name"]] = WORD
            elif said.get("type") == "hidden":
                self._fields[said["name"]] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._action:
            if self._fields:
                self.found.append(f"{self._action.partition('?')[0]}?{urlencode(self._fields)}")
            self._action = ""


def routes_of(app: Flask) -> list[Rule]:
    """Every route that answers GET."""
    return [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]


@dataclass
class Walk:
    """What was seen so far of the application's pages, by whomever."""

    app: Flask
    shapes: dict[str, set[Part]] = field(default_factory=lambda: defaultdict(set))  # by endpoint

    def of(self, person: Person, *, too: tuple[str, ...] = (), whole: bool = False) -> dict[str, str]:
        """The pages that somebody can reach and that show something which nobody's showed before: address to endpoint.

        Shallow ones come first. Addresses to which no link leads, or too many, are given in `too`. With `whole` they
        are all there: people with long names and nothing to show see the same parts otherwise filled.
        """
        adapter = self.app.url_map.bind("127.0.0.1")
        waiting = deque([*too, *(rule.rule for rule in routes_of(self.app) if not rule.arguments)])
        known, taken, pages = {_plain(each) for each in waiting}, Counter[tuple[str, str]](), dict[str, str]()
        while waiting:
            address = waiting.popleft()
            endpoint = _endpoint(adapter, address)
            if not endpoint or (address not in too and _is_enough(taken, endpoint, _names(address))):
                continue
            answer = person.get(address, Accept=PAGE)
            assert answer.status_code != 500, f"{address}: {answer.status_code}"
            leads = [answer.location] if answer.location else []
            if answer.mimetype == PAGE and answer.status_code in {200, 410}:
                taken[endpoint, _names(address)] += 1
                seen = Links(answer.text, address)
                leads = seen.found
                if whole or seen.parts - self.shapes[endpoint]:
                    pages[address] = endpoint
                self.shapes[endpoint] |= seen.parts
            for lead in _own(leads, address):
                if _plain(lead) not in known:
                    known.add(_plain(lead))
                    waiting.append(lead)
        return pages


def _is_enough(taken: Counter[tuple[str, str]], endpoint: str, names: str) -> bool:
    """Were as many addresses of a route seen as are walked?"""
    if not names:
        return taken[endpoint, names] >= OF_A_ROUTE
    asked = sum(name == endpoint and bool(query) for name, query in taken)
    return taken[endpoint, names] >= 1 or asked >= WITH_A_QUERY


def _endpoint(adapter: MapAdapter, address: str) -> str:
    try:
        return str(adapter.match(urlsplit(address).path, method="GET")[0])
    except (RequestRedirect, HTTPException):
        return ""


def _names(address: str) -> str:
    return ",".join(sorted(name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)))


def _plain(address: str) -> str:
    """An address as it is told from others: most routes answer with and without the slash at their end."""
    path, mark, query = address.partition("?")
    return path.rstrip("/") + mark + query


def _own(leads: list[str], page: str) -> Iterator[str]:
    """Addresses of this application, without its host, the language and the place in the page."""
    for lead in leads:
        parts = urlsplit(urljoin(f"http://127.0.0.1{page}", lead))
        if parts.scheme == "http" and parts.hostname == "127.0.0.1":
            said = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "lang"]
            yield parts.path + (f"?{urlencode(said)}" if said else "")
