"""No key and no person's data reaches a log."""

from __future__ import annotations

import pytest

from hub.operation import logs
from tests.builders import World, a_story


def test_no_key_and_no_phone_number_is_logged(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.publishing import documents

    logs.configure("json")  # on the stream that this test reads
    world.release()
    world.fishers.put("bad", a_story(kind="?"))
    world.reader.get(f"/feeds/k/{world.tv_address}/tv/segment.atom")
    world.reader.get(f"/feeds/k/{world.tv_address}x/tv/segment.atom")
    world.reader.ask("GET", "/feeds/tv/segment.rss", headers={"Authorization": "Bearer adr_wrong-secret"})
    monkeypatch.setattr(documents.FORMATS["rss"], "render_entry", lambda _item: 1 / 0)
    world.tv.get("/feeds/tv/segment.rss")
    monkeypatch.setattr(documents, "render_page", lambda *_a, **_k: 1 / 0)
    assert world.reader.get(f"/feeds/k/{world.tv_address}/tv/segment.rss").status_code == 500
    logged = capsys.readouterr()
    text = logged.out + logged.err
    assert "ZeroDivisionError" in text
    secrets = [world.fishers.secret, world.tv.secret, world.tv_address, world.editor.secret, "wrong-secret"]
    for secret in [*secrets, "0200 000 0999", "bien@example.org"]:
        assert str(secret) not in text
