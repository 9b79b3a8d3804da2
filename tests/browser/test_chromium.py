"""A real browser on the portal: text stays text, nothing breaks the policy, nothing is asked of another host."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hub.config import Settings
from tests.browser.programs import find_program
from tests.builders import a_picture, a_story
from tests.serving import Served, a_served_world, serving

TITLE = 'Giữ bến <b>Đá Lau</b> & "tủ" <script>document.title="run"</script>'
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # the browser's own errands end here
)
PAGE_SECONDS = 60

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as the browser has it after loading."""

    dom: str
    console: list[str]  # what it complained of, policy violations among it
    hosts: set[str]  # host:port of the page and of every request that it made

    def text_of(self, element: str) -> str:
        """The text of the first such element."""
        found = re.search(rf"<{element}(?:\s[^>]*)?>(.*?)</{element}>", self.dom, re.DOTALL)
        assert found is not None, f"no <{element}> in {self.dom[:2000]}"
        assert "<" not in found[1], f"markup inside <{element}>: {found[1]}"
        return html.unescape(found[1])


@dataclass(frozen=True, slots=True)
class Browser:
    """A headless Chromium; every page gets a new profile."""

    program: str
    folder: Path

    def open(self, url: str) -> Seen:
        number = len(list(self.folder.iterdir()))
        log = self.folder / f"net-{number}.json"
        profile = self.folder / f"profile-{number}"
        done = subprocess.run(
            [self.program, *FLAGS, f"--user-data-dir={profile}", f"--log-net-log={log}", "--dump-dom", url],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PAGE_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
        return Seen(done.stdout, console, set(_hosts(log, url)))


def _hosts(log: Path, page: str) -> Iterator[str]:
    """Where requests went that the page began; the browser's own errands have no origin."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(page))
    for event in json.loads(log.read_text(encoding="utf-8"))["events"]:
        facts = event.get("params", {})
        url = facts.get("url", "")
        if url.startswith(page) or (url and facts.get("initiator") == origin):
            yield urlsplit(url).netloc


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    folder = tmp_path / "browser"
    folder.mkdir()
    return Browser(find_program("chromium", "chromium-browser", "google-chrome"), folder)


def assert_clean(served: Served, seen: Seen) -> None:
    """No complaint, and no request but to the hub itself."""
    assert seen.console == []
    assert seen.hosts == {urlsplit(served.base).netloc}
    assert "run" not in re.findall(r"<title>(.*?)</title>", seen.dom)


def test_a_browser_shows_a_story_literally_and_its_withdrawal(settings: Settings, browser: Browser) -> None:
    with serving(settings) as served:
        world: Any = a_served_world(served.settings)
        upload = world.fishers.upload(a_picture()).json["id"]
        caption = "Bến <i>lúc</i> bình minh"
        picture = {"kind": "picture", "upload": upload, "caption": caption, "alt": "Bến", "credit": "TH"}
        pushed = world.fishers.put("one", a_story(title=TITLE, media=[picture]))
        assert pushed.status_code == 201, pushed.text
        story_id = pushed.json["id"]
        assert world.editor.act(story_id, "approve", channels=["public/all"]).status_code == 201

        story = browser.open(f"{served.base}/stories/{story_id}")
        assert_clean(served, story)
        assert story.text_of("h1") == TITLE
        assert TITLE in story.text_of("title")
        assert "<h2>Cách làm</h2>" in story.dom

        for path in ("/", "/feeds/", "/feeds/public/all", "/?lang=en"):
            page = browser.open(served.base + path)
            assert_clean(served, page)
            if path != "/feeds/":
                assert html.escape(TITLE, quote=False) in page.dom

        withdrawn = world.editor.act(story_id, "withdraw", reason="factual_error", note="Sai số liệu")
        assert withdrawn.status_code == 201, withdrawn.text
        gone = browser.open(f"{served.base}/stories/{story_id}?lang=en")
        assert_clean_but_gone(served, gone)
        assert "withdrawn" in gone.text_of("h1")
        assert "Đá Lau" not in gone.dom
        assert "Biển" not in gone.dom


def assert_clean_but_gone(served: Served, seen: Seen) -> None:
    """The browser itself notes a 410; nothing else."""
    assert [line for line in seen.console if "410 (GONE)" not in line.upper()] == []
    assert seen.hosts == {urlsplit(served.base).netloc}
