"""A Chromium for the whole run, and visits with it that fail their test for whatever the page complains of."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.programs import find_program
from tests.browser.province import Province, open_province
from tests.browser.site import Site
from tests.browser.visits import FLAGS, Visits, aside


@pytest.fixture(scope="session")
def browser_and_loop() -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """Debian's Chromium under Playwright, and the loop that Playwright believes to run from now on."""
    program = find_program("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        loop = asyncio.get_running_loop()
        with aside():  # other tests of this run have loops of their own
            yield browser, loop
        browser.close()


@pytest.fixture
def browser(browser_and_loop: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """The run's one Chromium."""
    found, loop = browser_and_loop
    asyncio._set_running_loop(loop)
    yield found
    asyncio._set_running_loop(None)


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    """`visit = visits(base)`, then `visit.go("/path")`; each is held to `Visit.assert_clean` at the end."""
    opened = Visits(browser)
    try:
        yield opened
        for visit in opened.opened:
            visit.assert_clean()
    finally:
        opened.close()


@pytest.fixture
def site() -> Iterator[Site]:
    """A small site of the test's own pages, under the strictest policy, with the desks' static files."""
    with Site() as served:
        yield served


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """The demo's province with all its people, served; made once for all processes of a run."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if own.name.startswith("popen-") else own  # the name that xdist gives
    with open_province(shared, own / "province-served") as found:
        yield found
