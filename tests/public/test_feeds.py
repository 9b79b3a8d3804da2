"""The public door: who may read, and what caches and clients are told."""

from __future__ import annotations

import gzip
from base64 import b64encode
from datetime import timedelta

import pytest
from sqlalchemy import event

from feeds.dates import http_date
from feeds.parse import parse
from hub.accounts import keys
from hub.clock import FixedClock
from hub.db import Database
from hub.outlets import catalog
from tests.builders import Client, World, a_picture, a_story

FORMATS = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "ninjs": "application/json",
    "ninjs?profile=hub": "application/json",
}
ALL = "/feeds/public/all"
COLUMN = "/feeds/newspaper/column"
SEGMENT = "/feeds/tv/segment.json"


@pytest.mark.parametrize("form", FORMATS)
def test_a_feed_says_its_type_and_how_long_it_may_be_kept(world: World, form: str) -> None:
    world.release()
    public = world.reader.get(f"{ALL}.{form}")
    assert public.content_type == f"{FORMATS[form]}; charset=utf-8"
    assert public.headers["Cache-Control"] == "public, max-age=60"
    assert "Accept-Encoding" in public.headers["Vary"]
    column = world.newspaper.get(f"{COLUMN}.{form}")
    assert column.headers["Cache-Control"] == "private, no-cache"
    assert {"Accept-Encoding", "Authorization"} <= set(column.headers["Vary"].split(", "))


def test_whatever_is_published_is_not_sent_again_to_who_has_it(world: World) -> None:
    story_id = world.release()
    entry = world.newspaper.get(f"{COLUMN}.json").json["items"][0]["id"].removeprefix("urn:uuid:")
    everybody = [f"{ALL}.{form}" for form in FORMATS] + ["/feeds/index.opml", "/feeds/index.opml?format=ninjs"]
    everybody += [f"/stories/{story_id}.json", f"/stories/{story_id}", "/feeds/", ALL, "/robots.txt", "/sitemap.xml"]
    everybody += ["/sitemaps/public/all/0.xml", "/sitemaps/news.xml", "/.well-known/jwks.json"]
    everybody += [f"/feeds/k/{world.newspaper_address}{path}" for path in ("/index.opml", "/newspaper/column.ninjs")]
    own = [f"{COLUMN}.{form}" for form in FORMATS] + [f"{COLUMN}/{entry}.json", f"{COLUMN}/{entry}"]
    for client, path in [*((world.reader, path) for path in everybody), *((world.newspaper, path) for path in own)]:
        first = client.get(path)
        assert (first.status_code, first.headers["ETag"][:1]) == (200, '"'), path  # a strong one
        again = client.get(path, If_None_Match=first.headers["ETag"])
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"]), path
        assert client.get(path, If_None_Match='"other"').status_code == 200


@pytest.mark.parametrize("form", FORMATS)
def test_head_answers_as_get_does_without_a_body(world: World, clock: FixedClock, form: str) -> None:
    world.release()
    clock.forward(timedelta(seconds=2))
    got, head = world.reader.get(f"{ALL}.{form}"), world.reader.ask("HEAD", f"{ALL}.{form}")
    assert head.data == b""
    for name in ("ETag", "Last-Modified", "Content-Type", "Cache-Control", "Vary", "Content-Length"):
        assert head.headers[name] == got.headers[name]


def test_the_hubs_fields_come_with_ninjs_where_they_are_asked_for(world: World) -> None:
    world.release()
    plain, extended = world.newspaper.get(f"{COLUMN}.ninjs"), world.newspaper.get(f"{COLUMN}.ninjs?profile=hub")
    assert "_hub" not in plain.json["associations"][0]
    hub = extended.json["associations"][0]["_hub"]
    assert (hub["status"], bool(hub["proof"])) == ("released", True)
    assert plain.headers["ETag"] != extended.headers["ETag"]
    links = {each["name"]: each["href"] for each in extended.json["renditions"]}
    assert links["self"] == "https://hub.example/feeds/newspaper/column.ninjs?profile=hub"
    assert world.newspaper.get(f"{COLUMN}.ninjs?profile=unknown").data == plain.data  # RFC 6906 §3
    unchanged = world.newspaper.get(f"{COLUMN}.ninjs?profile=hub", If_None_Match=extended.headers["ETag"])
    assert unchanged.status_code == 304


def test_each_coding_has_a_strong_etag_of_its_own_and_answers_304(world: World) -> None:
    world.release()
    plain = world.reader.get(f"{ALL}.atom")
    packed = world.reader.get(f"{ALL}.atom", Accept_Encoding="gzip")
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Content-Encoding"] == "gzip"
    assert plain.headers["ETag"] != packed.headers["ETag"]
    assert not plain.headers["ETag"].startswith("W/")
    unchanged = world.reader.get(f"{ALL}.atom", If_None_Match=plain.headers["ETag"])
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert unchanged.headers["ETag"] == plain.headers["ETag"]
    assert world.reader.get(f"{ALL}.atom", If_None_Match=packed.headers["ETag"]).status_code == 200
    refused = world.reader.get(f"{ALL}.atom", Accept_Encoding="gzip;q=0")
    assert "Content-Encoding" not in refused.headers


def test_a_date_alone_answers_304_only_once_its_second_is_over(world: World, clock: FixedClock) -> None:
    world.release()
    stamp = http_date(clock.now() + timedelta(seconds=1))  # every revision has a second of its own
    first = world.reader.get(f"{ALL}.rss", If_Modified_Since=stamp)
    assert first.status_code == 200  # the same second as the rendering
    assert "Last-Modified" not in first.headers  # it could change once more under this date
    clock.forward(timedelta(seconds=2))
    assert world.reader.get(f"{ALL}.rss").headers["Last-Modified"] == stamp
    clock.forward(timedelta(seconds=3))
    world.release(a_story(title="Hai"), external_id="two")
    clock.forward(timedelta(seconds=5))
    assert world.reader.get(f"{ALL}.rss", If_Modified_Since=stamp).status_code == 200
    newest = world.reader.get(f"{ALL}.rss").headers["Last-Modified"]
    assert world.reader.get(f"{ALL}.rss", If_Modified_Since=newest).status_code == 304


def test_an_outlets_feed_wants_its_own_key(world: World) -> None:
    world.release()
    for path in (
        f"{COLUMN}.rss",
        "/feeds/newspaper/nothing.rss",
        "/feeds/nobody/nothing.rss",
        COLUMN,
        "/feeds/nobody/x",
    ):
        refused = world.reader.get(path)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Basic")
        assert world.tv.get(path).status_code == 404
    assert world.newspaper.get(f"{COLUMN}.rss").status_code == 200
    assert world.editor.get(f"{COLUMN}.rss").status_code == 404
    basic = b64encode(f"any:{world.newspaper.secret}".encode()).decode()
    assert world.reader.ask("GET", f"{COLUMN}.rss", headers={"Authorization": f"Basic {basic}"}).status_code == 200
    assert world.reader.get("/feeds/public/nothing.rss").status_code == 404


def test_an_unguessable_address_reads_without_a_login_and_tells_nothing_else(world: World) -> None:
    world.release()
    path = f"/feeds/k/{world.newspaper_address}/newspaper/column"
    answer = world.reader.get(f"{path}.atom")
    assert answer.status_code == 200
    assert parse(answer.data).self_url == f"https://hub.example{path}.atom"
    for wrong in (
        f"/feeds/k/{world.newspaper_address}/tv/segment.atom",
        f"/feeds/k/{world.newspaper_address}/newspaper/none.atom",
        "/feeds/k/adr_wrong/newspaper/column.atom",
        f"/feeds/k/{world.newspaper.secret}/newspaper/column.atom",
        "/feeds/k/adr_wrong/index.opml",
    ):
        assert world.reader.get(wrong).status_code == 404
    opml = world.reader.get(f"/feeds/k/{world.newspaper_address}/index.opml")
    assert opml.text.count(f"https://hub.example{path}.atom") == 1
    assert Client(world.reader.app, world.newspaper_address).get(f"{COLUMN}.atom").status_code == 401


def test_telephone_numbers_reach_only_the_stations_own_feed(
    world: World, database: Database, clock: FixedClock
) -> None:
    world.release()
    with database.writing() as session:
        outlet = catalog.get_outlet(session, "tv")
        trusted = keys.mint(session, "address", outlet=outlet, now=clock.now(), with_contacts=True).secret
    for form in FORMATS:
        assert "0200 000 0999" in world.tv.get(f"/feeds/tv/segment.{form}").text
        assert "0200 000 0999" not in world.newspaper.get(f"{COLUMN}.{form}").text
        assert "0200 000 0999" not in world.reader.get(f"{ALL}.{form}").text
        by_address = world.reader.get(f"/feeds/k/{world.tv_address}/tv/segment.{form}").text
        assert "Nguyễn Văn Biển" in by_address
        assert "0200 000 0999" not in by_address
        assert "0200 000 0999" in world.reader.get(f"/feeds/k/{trusted}/tv/segment.{form}").text


def test_a_revoked_or_expired_key_reads_nothing(world: World, database: Database, clock: FixedClock) -> None:
    with database.writing() as session:
        outlet = catalog.get_outlet(session, "newspaper")
        until = clock.now() + timedelta(hours=1)
        short = keys.mint(session, "address", outlet=outlet, now=clock.now(), expires_at=until).secret
    path = f"/feeds/k/{short}/newspaper/column.rss"
    assert world.reader.get(path).status_code == 200
    clock.forward(timedelta(hours=1))
    assert world.reader.get(path).status_code == 404
    assert world.newspaper.get(f"{COLUMN}.rss").status_code == 200
    with database.writing() as session:
        keys.revoke(session, str(world.newspaper.secret)[:9], now=clock.now())
    assert world.newspaper.get(f"{COLUMN}.rss").status_code == 401


def test_a_keys_last_use_is_written_in_batches(world: World, database: Database) -> None:
    world.newspaper.get(f"{COLUMN}.rss")
    world.newspaper.app.extensions["hub"].marks.write()
    with database.reading() as session:
        key = keys.find(session, keys.fingerprint(str(world.newspaper.secret)))
        assert key is not None
        assert key.last_used_at is not None


@pytest.mark.parametrize("form", FORMATS)
def test_a_feed_from_kept_bytes_asks_the_database_once(world: World, form: str) -> None:
    world.release()
    world.reader.get(f"{ALL}.{form}")
    world.newspaper.get(f"{COLUMN}.{form}")
    engine = world.reader.app.extensions["hub"].database.engine
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    for client, path in ((world.reader, ALL), (world.newspaper, COLUMN)):
        asked.clear()
        assert client.get(f"{path}.{form}").status_code == 200
        assert len(asked) == 1
    world.reader.app.extensions["hub.ready"].forget()
    asked.clear()
    assert world.reader.get(f"{ALL}.{form}").status_code == 200
    assert len(asked) == 1  # another process's first reader finds the kept document with the same statement
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("form", FORMATS)
def test_one_story_that_cannot_be_rendered_stays_out_and_the_feed_goes_on(
    world: World, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.publishing import documents, soundness

    world.release()
    broken = world.release(a_story(title="Không vẽ được"), external_id="two")
    renderer = documents.RENDERERS[documents.NINJS_HUB if "?" in form else form]
    render_entry = renderer.render_entry

    def fail(item: object) -> bytes:
        if getattr(item, "story_id", "") == broken:
            raise ValueError("ink is out")
        return render_entry(item)

    monkeypatch.setattr(renderer, "render_entry", fail)
    feed = parse(world.reader.get(f"{ALL}.{form}").data)
    assert [entry.title for entry in feed.entries] == ["Người giữ bến Đá Lau"]
    metrics = world.reader.get("/metrics").text
    assert "hub_entries_not_rendered 1.0" in metrics
    with world.reader.app.extensions["hub"].database.reading() as session:
        (fault,) = list(soundness.list_faults(session, world.reader.app.extensions["hub"].settings.address))
    assert broken in fault
    assert "ink is out" in fault


def test_pictures_come_by_token_and_go_with_their_release(world: World, clock: FixedClock) -> None:
    upload = world.fishers.upload(a_picture(2400, 1600)).json
    assert [rendition["width"] for rendition in upload["renditions"]] == [2400, 1920, 960, 480]
    picture = {"kind": "picture", "upload": upload["id"], "alt": "Bến", "credit": "Nghiệp đoàn"}
    body = {"html": f'<p>Chuyện</p><p><img src="media:{upload["id"]}" alt="Bến"></p>'}
    story_id = world.release(a_story(media=[picture], body=body))
    (entry,) = parse(world.reader.get(f"{ALL}.atom").data).entries
    enclosure = next(link for link in entry.links if link.rel == "enclosure")
    assert (enclosure.media_type, enclosure.length) == ("image/jpeg", upload["renditions"][1]["length"])
    path = enclosure.href.removeprefix("https://hub.example")
    assert f'src="{enclosure.href}"' in entry.content
    shown = world.reader.get(path)
    assert (shown.status_code, shown.content_type, len(shown.data)) == (200, "image/jpeg", enclosure.length)
    assert shown.headers["Cache-Control"] == "public, max-age=60"
    assert upload["id"] not in world.reader.get(f"{ALL}.atom").text
    assert world.reader.get(path.replace("/1920", "/2400")).status_code == 404  # sizes for print are for outlets
    (printed,) = parse(world.newspaper.get("/feeds/newspaper/column.atom").data).entries
    large = next(link for link in printed.links if link.rel == "enclosure").href.removeprefix("https://hub.example")
    assert large.endswith("/2400")
    assert f'src="https://hub.example{large.replace("/2400", "/1920")}"' in printed.content
    assert len(world.newspaper.get(large).data) == upload["renditions"][0]["length"]
    world.editor.act(story_id, "hold")
    assert world.reader.get(path).status_code == 404
    world.editor.act(story_id, "lift")
    assert world.reader.get(path).status_code == 200
    clock.forward(timedelta(seconds=1))
    world.fishers.put("one", a_story(media=[picture], body=body, title="Đính chính"))
    world.editor.act(story_id, "approve", channels=["public/all"])
    assert world.reader.get(path).status_code == 410
    (entry,) = parse(world.reader.get(f"{ALL}.atom").data).entries
    newer = next(link for link in entry.links if link.rel == "enclosure").href.removeprefix("https://hub.example")
    assert world.reader.get(newer).status_code == 200
    world.editor.act(story_id, "withdraw", reason="subject_request")
    assert world.reader.get(newer).status_code == 410


@pytest.mark.parametrize(
    ("scopes", "shown"), [(["name", "work_story"], False), (["name", "work_story", "image"], True)]
)
def test_a_picture_needs_consent(world: World, scopes: list[str], shown: bool) -> None:
    upload = world.fishers.upload(a_picture()).json["id"]
    picture = {"kind": "picture", "upload": upload, "alt": "Ông Biển cười", "credit": "Nghiệp đoàn"}
    world.release(a_story(media=[picture], consent={"scopes": scopes}), channels=["public/all"])
    for form in FORMATS:
        text = world.reader.get(f"{ALL}.{form}").text
        assert ("/media/" in text) is shown
        assert ("Ông Biển cười" in text) is shown


def test_withdrawn_stories_leave_public_pages_after_thirty_days(world: World, clock: FixedClock) -> None:
    from hub.outlets import releases

    story_id = world.release()
    world.editor.act(story_id, "withdraw", reason="other")
    for days, left in ((29, 1), (2, 0)):
        clock.forward(timedelta(days=days))
        with world.reader.app.extensions["hub"].database.writing() as session:
            releases.unlist_old_tombstones(session, now=clock.now())
        assert len(parse(world.reader.get(f"{ALL}.atom").data).deleted) == left
    assert len(parse(world.newspaper.get(f"{COLUMN}.atom").data).deleted) == 1
    assert world.reader.get(f"/stories/{story_id}").status_code == 410


def test_equal_data_gives_equal_bytes_however_they_came_about(world: World, clock: FixedClock) -> None:
    from hub.models import Document, Fragment

    for number in range(3):
        clock.forward(timedelta(seconds=1))
        world.release(a_story(title=f"Chuyện {number}"), external_id=f"s{number}")
    before = {form: world.reader.get(f"{ALL}.{form}").data for form in FORMATS}
    parts = world.reader.app.extensions["hub"]
    clock.forward(timedelta(days=1))
    with parts.database.writing() as session:
        session.query(Document).delete()
        session.query(Fragment).delete()
    world.reader.app.extensions["hub.ready"].forget()
    assert {form: world.reader.get(f"{ALL}.{form}").data for form in FORMATS} == before


def test_no_address_comes_from_the_host_header(world: World) -> None:
    world.release()
    for path in ("/feeds", "/", "/feeds/", f"{ALL}.atom", "/feeds/index.opml", "/api/docs"):
        answer = world.reader.get(path, Host="evil.example")
        assert "evil.example" not in answer.text + str(answer.headers)


def test_too_many_reads_are_told_when_to_come_back(settings, clock) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    from hub.app import create_app

    app = create_app(replace(settings, reads_per_minute=3, pushes_per_minute=2), clock=clock)
    reader = Client(app)
    assert [reader.get("/feeds/").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    limited = reader.get("/feeds/")
    assert int(limited.headers["Retry-After"]) > 0
    assert limited.content_type == "application/problem+json"
    assert "Đã quá 3 lượt đọc trong một phút. Xin đợi " in limited.json["detail"]
    assert [reader.put("a", {}).status_code for _ in range(3)] == [401, 401, 429]
    assert "Đã quá 2 lượt gửi hoặc sửa trong một phút. " in reader.put("a", {}).json["detail"]
    assert reader.get("/healthz").status_code == 200


def test_an_address_sent_along_as_a_key_does_not_show_in_a_public_feed(world: World) -> None:
    world.release()
    secret = world.newspaper_address
    assert secret in world.reader.get(f"/feeds/k/{secret}/public/all.json").text
    answer = Client(world.reader.app, secret).get(f"{ALL}.json")
    assert answer.json["feed_url"] == f"https://hub.example{ALL}.json"
    assert secret not in f"{answer.text}{answer.headers}"
    assert secret in world.reader.get(f"/feeds/k/{secret}/public/all.json").text


def test_readers_of_an_outlet_share_a_kept_document_unless_it_holds_addresses_of_their_own(
    world: World, database: Database, clock: FixedClock
) -> None:
    world.release()
    with database.writing() as session:
        outlets = [catalog.get_outlet(session, code) for code in ("tv", "newspaper")]
        second = [keys.mint(session, "outlet", outlet=outlet, now=clock.now()).secret for outlet in outlets]
    tv, newspaper = (Client(world.reader.app, secret) for secret in second)
    found = {path: client.get(path) for client, path in ((world.tv, SEGMENT), (world.newspaper, f"{COLUMN}.json"))}
    statements: list[str] = []
    engine = world.reader.app.extensions["hub"].database.engine
    event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_: statements.append(statement))
    assert tv.get(SEGMENT).data == found[SEGMENT].data
    assert [statement for statement in statements if "documents" in statement] == []  # from memory
    assert newspaper.get(f"{COLUMN}.json").data != found[f"{COLUMN}.json"].data  # the packs' addresses differ
    assert [statement for statement in statements if "documents" in statement] != []
    assert world.reader.get(SEGMENT).status_code == 401
    assert world.newspaper.get(SEGMENT).status_code == 404
