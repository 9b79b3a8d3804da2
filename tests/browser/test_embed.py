"""A frame on another organization's site: it may stand there, keeps itself up to date, and obeys withdrawal."""

from __future__ import annotations

import pytest
from flask import Flask

from hub.public import embedding
from tests.browser.desks import served
from tests.browser.site import Reply, Site
from tests.browser.visits import Visits
from tests.builders import World, a_story

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


def test_a_frame_on_another_site_loads_itself_anew_and_takes_a_withdrawn_story_away(
    app: Flask, world: World, site: Site, visits: Visits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "RELOAD_SECONDS", 1)
    kept = world.release(a_story(title="Chuyện ở lại"), external_id="kept")
    taken = world.release(a_story(title="Chuyện bị rút"), external_id="taken")
    with served(app) as base:
        visit = visits(base)
        page = visit.page
        own = (
            f'<!doctype html><h1>Trang của đơn vị khác</h1><iframe src="{base}/embed/stories" title="Chuyện"></iframe>'
        )
        site.answers["GET", "/don-vi"] = lambda _: Reply(
            200, own.encode(), {"Content-Type": "text/html; charset=utf-8"}
        )
        visit.expect(f"foreign request: GET {site.base}/don-vi")
        page.goto(f"{site.base}/don-vi")
        frame = page.frame_locator("iframe")
        frame.get_by_text("Chuyện bị rút").wait_for()
        assert world.editor.act(taken, "withdraw", reason="other").status_code == 201
        frame.get_by_text("Chuyện bị rút").wait_for(state="detached")
        assert frame.locator(f'a[href$="/stories/{kept}"]').count() == 1
