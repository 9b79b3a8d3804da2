"""newsboat, a real feed reader: what it keeps of our feeds, from the first reload to a withdrawal."""

from __future__ import annotations

import html
import os
import re
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from feeds.parse import parse
from feeds.parsed import ParsedEntry
from hub.config import Settings
from tests.browser.programs import find_program
from tests.builders import a_picture, a_story
from tests.serving import Served, a_served_world, serving

TITLE = 'Giữ bến <b>Đá Lau</b> & "tủ"'
RELOAD_SECONDS = 60

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


@dataclass(frozen=True, slots=True)
class Newsboat:
    """A newsboat with a home, a list of feeds and a cache of its own."""

    program: str
    home: Path

    def reload(self, *urls: str) -> None:
        """Read the feeds, as its user's `R` does."""
        feeds = self.home / "urls"
        feeds.write_text("".join(f"{url}\n" for url in urls))
        config = self.home / "config"
        config.write_text("")
        done = subprocess.run(
            [self.program, "-C", config, "-u", feeds, "-c", self.home / "cache.db", "-x", "reload"],
            env={**os.environ, "HOME": str(self.home), "LC_ALL": "C.UTF-8", "no_proxy": "127.0.0.1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RELOAD_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def items(self, url: str) -> list[tuple[str, str, str, str]]:
        """What it keeps of a feed: guid, title, link, content."""
        cache = sqlite3.connect(self.home / "cache.db")
        try:
            query = "SELECT guid, title, url, content FROM rss_item WHERE feedurl = ? AND deleted = 0 ORDER BY id"
            return list(cache.execute(query, (url,)))
        finally:
            cache.close()

    def read(self, url: str) -> dict[str, tuple[str, str, str]]:
        """Title, link and enclosure of each item by its guid."""
        cache = sqlite3.connect(self.home / "cache.db")
        try:
            query = "SELECT guid, title, url, enclosure_url FROM rss_item WHERE feedurl = ?"
            return {guid: (title, link, enclosure) for guid, title, link, enclosure in cache.execute(query, (url,))}
        finally:
            cache.close()

    def title(self, url: str) -> str:
        return self._of_feed("title", url)

    def tag(self, url: str) -> str:
        """The ETag that it will ask with."""
        return self._of_feed("etag", url)

    def _of_feed(self, column: str, url: str) -> str:
        cache = sqlite3.connect(self.home / "cache.db")
        try:
            found: str = cache.execute(f"SELECT {column} FROM rss_feed WHERE rssurl = ?", (url,)).fetchone()[0]
            return found
        finally:
            cache.close()


@pytest.fixture
def newsboat(tmp_path: Path) -> Newsboat:
    home = tmp_path / "newsboat"
    home.mkdir()
    return Newsboat(find_program("newsboat"), home)


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_newsboat_reads_a_story_its_correction_and_its_withdrawal(
    settings: Settings, newsboat: Newsboat, form: str
) -> None:
    with serving(settings) as served:
        world: Any = a_served_world(served.settings)
        url = f"{served.base}/feeds/public/all.{form}"
        secret = f"{served.base}/feeds/k/{world.newspaper_address}/newspaper/column.{form}"
        both = ["public/all", "newspaper/column"]
        upload = world.fishers.upload(a_picture(600, 400)).json["id"]
        media = [{"kind": "picture", "upload": upload, "alt": "Bến", "credit": "Nghiệp đoàn", "shows": "work"}]
        first = world.fishers.put("one", a_story(title=TITLE, media=media)).json["id"]
        world.fishers.put("two", a_story(title="Bài thứ hai"))
        for external_id in ("one", "two"):
            story_id = world.fishers.get(f"/api/v1/stories/{external_id}").json["id"]
            assert world.editor.act(story_id, "approve", channels=both).status_code == 201

        newsboat.reload(url, secret)
        assert [newsboat.tag(address) for address in (url, secret)] == ["", ""]  # it keeps none of a feed new to it
        newsboat.reload(url, secret)
        assert all(newsboat.tag(address).startswith('"') for address in (url, secret))
        newsboat.reload(url, secret)
        assert statuses(served, "/feeds/<outlet>/") == statuses(served, "/feeds/k/<secret>/") == [200, 200, 304]
        for address in (url, secret):
            assert newsboat.read(address) == as_feedparser_reads(address, form)
            (enclosure,) = [each for entry in entries_of(address) for each in entry.enclosures]
            with urlopen(enclosure.href, timeout=RELOAD_SECONDS) as picture:
                assert (picture.headers["Content-Type"], len(picture.read())) == (
                    enclosure.media_type,
                    enclosure.length,
                )
        assert newsboat.title(url).startswith("Tất cả")
        for address in (url, secret):
            items = newsboat.items(address)
            assert sorted(_shown(item, form) for item in items) == ["Bài thứ hai", TITLE]
            assert len({guid for guid, *_ in items}) == 2
        (_, _, link, content) = next(item for item in newsboat.items(url) if _shown(item, form) == TITLE)
        assert link == f"{served.base}/stories/{first}"
        assert "<h2>Cách làm</h2>" in content
        assert all("0200 000 0999" not in item[3] for item in newsboat.items(secret))  # no telephone by this address

        corrected = f"{TITLE} (đã sửa)"
        world.fishers.put("one", a_story(title=corrected))
        assert world.editor.act(first, "approve").status_code == 201
        assert world.editor.act(first, "release").status_code == 201
        newsboat.reload(url, secret)
        for address in (url, secret):
            assert sorted(_shown(item, form) for item in newsboat.items(address)) == ["Bài thứ hai", corrected]

        withdrawn = world.editor.act(first, "withdraw", reason="factual_error", note="Sai số liệu")
        assert withdrawn.status_code == 201, withdrawn.text
        newsboat.reload(url, secret)
        for address in (url, secret):
            shown = newsboat.items(address)
            assert len({item[0] for item in shown}) == len(shown)
            if form == "rss":  # RSS has no tombstones: the same guid says that it was withdrawn
                assert len(shown) == 2
                assert all("Đá Lau" not in item[1] for item in shown)


def statuses(served: Served, rule: str) -> list[int]:
    """What the server answered to GETs under a rule, as its log tells it."""
    told = served.log.read_text(encoding="utf-8")
    return [int(status) for status in re.findall(rf'method=GET rule="{re.escape(rule)}[^"]*" status=(\d+)', told)]


def as_feedparser_reads(url: str, form: str) -> dict[str, tuple[str, str, str]]:
    """The same as `Newsboat.read`, by feedparser; newsboat keeps enclosures that can be played, and no pictures."""
    found = {}
    for entry in entries_of(url):
        played = [each.href for each in entry.enclosures if each.media_type.startswith(("audio/", "video/"))]
        title = html.escape(entry.title, quote=False) if form == "rss" else entry.title  # as `_shown` says
        found[entry.id] = (title, entry.url, "".join(played))
    return found


def entries_of(url: str) -> tuple[ParsedEntry, ...]:
    with urlopen(url, timeout=RELOAD_SECONDS) as answer:
        return parse(answer.read()).entries


def _shown(item: tuple[str, str, str, str], form: str) -> str:
    """Its title as text. RSS titles are HTML to some readers and text to others: ours are escaped for the former, and
    newsboat, one of the latter, keeps the references. Atom says which it is."""
    return html.unescape(item[1]) if form == "rss" else item[1]
