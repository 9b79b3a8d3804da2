"""Visits of a real browser: what people do on a page, and what the page must never do meanwhile.

A visit is one browser context (cookies, storage, language, width) on one site. When its test ends, the visit fails
it for everything that was written to the console as an error or a warning, for every uncaught error, and for every
request that went to another host; what a test provokes it announces beforehand with `expect`.

What a click or a key leads to comes when it comes. Tests wait for it (`wait_for_url`, `expect_navigation`, Playwright's
`expect`, `until`); `page.url`, `count()` and `all_inner_texts()` ask once, and only what has come can be asked so.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError, expect

PHONE = (360, 740)
DESK = (1440, 900)
WAIT_SECONDS = 30.0  # three browsers on two busy cores; who waits in vain has failed anyhow
AXE = Path(__file__).parents[1] / "web" / "vendor" / "axe.min.js"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # the browser's own errands end here
)
_ALOUD = {"error", "warning", "assert"}
expect.set_options(timeout=WAIT_SECONDS * 1000)


@dataclass
class Visit:
    """A browser context on one site, and what was wrong in it so far."""

    base: str  # "http://127.0.0.1:8000"
    context: BrowserContext
    page: Page = field(init=False)
    troubles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)  # "GET http://…", in order
    _expected: list[re.Pattern[str]] = field(default_factory=list)
    _tolerated: list[re.Pattern[str]] = field(default_factory=list)
    _cut: bool = False

    def __post_init__(self) -> None:
        self.context.set_default_timeout(WAIT_SECONDS * 1000)
        self.context.on("console", self._hear)
        self.context.on("weberror", self._catch)
        self.context.on("request", self._notice)
        self.page = self.context.new_page()

    def go(self, path: str = "/") -> Page:
        """Open a path of the site in the visit's page."""
        self.page.goto(self.base + path)
        return self.page

    def expect(self, pattern: str) -> None:
        """Announce a complaint that the test provokes, such as "status of 409": it must come, and may come again."""
        self._expected.append(re.compile(pattern))

    def tolerate(self, pattern: str) -> None:
        """Announce a complaint that may come: whether it is told without scripts hangs on the browser's hurry."""
        self._tolerated.append(re.compile(pattern))

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Without a connection inside; that the browser notes so is no complaint of the page."""
        self._cut = True
        self.context.set_offline(True)
        yield
        self.context.set_offline(False)

    def assert_clean(self, seconds: float = WAIT_SECONDS) -> None:
        """Nothing but what was expected, and all that was; what is yet to be told has some seconds to come."""
        deadline = time.monotonic() + seconds
        while self._missing() and not self.page.is_closed() and time.monotonic() < deadline:
            self.page.wait_for_timeout(20)
        known_ones = [*self._expected, *self._tolerated]
        unexpected = [each for each in self.troubles if not any(known.search(each) for known in known_ones)]
        assert not unexpected, "the page complained:\n" + "\n".join(unexpected)
        missing = self._missing()
        assert not missing, f"expected and never seen: {missing}"

    def _missing(self) -> list[str]:
        return [known.pattern for known in self._expected if not any(map(known.search, self.troubles))]

    def _hear(self, message: ConsoleMessage) -> None:
        if self._cut and "ERR_INTERNET_DISCONNECTED" in message.text:
            return
        if message.type in _ALOUD:
            self.troubles.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _catch(self, error: WebError) -> None:
        self.troubles.append(f"uncaught: {error.error}")

    def _notice(self, request: Request) -> None:
        self.requests.append(f"{request.method} {request.url}")
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != urlsplit(self.base).netloc:
            self.troubles.append(f"foreign request: {request.method} {request.url}")


@dataclass
class Visits:
    """Opens visits, and ends them all."""

    browser: Browser
    opened: list[Visit] = field(default_factory=list)

    def __call__(
        self, base: str, *, size: tuple[int, int] = DESK, language: str = "vi-VN", dark: bool = False, **context: Any
    ) -> Visit:
        """A new visit to the site at `base`, with nothing stored; `context` goes to Playwright's `new_context`."""
        made = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=language,
            timezone_id="Asia/Ho_Chi_Minh",
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            service_workers="block",
            **context,
        )
        visit = Visit(base, made)
        self.opened.append(visit)
        return visit

    def close(self) -> None:
        for visit in self.opened:
            visit.context.close()


@contextmanager
def aside() -> Iterator[None]:
    """Leave Playwright's event loop for a while: code of ours that calls `asyncio.run` may do so inside."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until that holds of what the page's server has seen; the page lives on meanwhile."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        page.wait_for_timeout(20)


def accessibility_faults(page: Page) -> list[str]:
    """What axe-core finds under WCAG 2.2 A and AA and its own best practice: a line for each rule and element."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags)
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:200]} {node['failureSummary']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def sideways_scroll(page: Page) -> int:
    """By how many CSS pixels the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width
