"""`hub check` with a copy: plain sentences, a status that says it all, and no hub needed; and `hub signing`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from werkzeug.serving import make_server

from hub.cli import checking, main
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.records import signing_keys
from hub.worker import Worker
from tests.builders import World, a_story
from tests.cli.test_operating import run
from tests.operation.conftest import Hub


def check(*words: str | Path, **env: str) -> Result:
    """`hub check …` where there is no hub."""
    return CliRunner().invoke(main, ["check", *(str(word) for word in words)], env={"HUB_DATA": "/nowhere", **env})


@pytest.fixture
def kept(world: World, worker: Worker, tmp_path: Path) -> Path:
    """A folder in which an outlet keeps what it got: the feed, the keys, the manifest."""
    world.release()
    world.release(a_story(title="Bài hai"), external_id="two")
    worker.step()
    for name, path in {
        "feed.json": "/feeds/public/all.json",
        "feed.rss": "/feeds/public/all.rss",
        "jwks.json": "/.well-known/jwks.json",
        "manifest.jws": "/feeds/public/all/manifest.jws",
    }.items():
        (tmp_path / name).write_bytes(world.reader.get(path).data)
    return tmp_path


def test_a_genuine_copy_is_said_to_be_one(kept: Path) -> None:
    done = check(kept / "feed.json", "--trust", kept / "jwks.json")
    assert done.exit_code == 0, done.output
    first, second, last = done.stdout.splitlines()
    assert first.startswith("genuine\tst_")
    assert first.endswith("/1\tBài hai")
    assert second.startswith("genuine\tst_")
    assert last == "genuine: 2 entries"


def test_a_storys_json_is_a_copy_too(world: World, kept: Path) -> None:
    feed = json.loads((kept / "feed.json").read_bytes())
    (kept / "story.json").write_bytes(world.reader.get(f"/stories/{feed['items'][0]['_hub']['story']}.json").data)
    done = check(kept / "story.json", "--trust", kept / "jwks.json", "--manifest", kept / "manifest.jws")
    assert (done.exit_code, done.stdout.splitlines()[-2:]) == (
        0,
        ["genuine: 1 entry", "the newest as of 12:00 23 Nov 2026: 1 entry"],
    )


def test_of_what_came_after_the_manifest_nothing_is_said_and_the_status_tells_it(world: World, kept: Path) -> None:
    world.release(a_story(title="Bài ba"), external_id="three")
    (kept / "later.json").write_bytes(world.reader.get("/feeds/public/all.json").data)
    done = check(kept / "later.json", "--trust", kept / "jwks.json", "--manifest", kept / "manifest.jws")
    assert (done.exit_code, done.stdout.splitlines()[-2:], done.stderr) == (
        3,
        ["genuine: 3 entries", "the newest as of 12:00 23 Nov 2026: 2 entries"],
        "hub: newer than the manifest, which cannot say whether it is the newest: 1 entry\n",
    )


def _withdraw_one(world: World) -> None:
    story = world.editor.get("/api/v1/stories").json["items"][-1]["id"]
    world.editor.act(story, "withdraw", reason="other")


def test_the_mark_of_a_withdrawn_story_is_unproved_without_a_manifest(world: World, kept: Path) -> None:
    _withdraw_one(world)
    (kept / "feed.json").write_bytes(world.reader.get("/feeds/public/all.json").data)
    for keys in ("jwks.json", "none.jwks"):
        (kept / "none.jwks").write_text('{"keys": []}')
        done = check(kept / "feed.json", "--trust", kept / keys)
        assert done.exit_code == 1
        assert sum(line.startswith("withdrawn, unproved\tst_") for line in done.stdout.splitlines()) == 1
    done = check(kept / "feed.json", "--trust", kept / "jwks.json")
    assert done.stdout.splitlines()[-2:] == ["genuine: 1 entry", "withdrawn, unproved: 1 entry"]
    assert done.stderr == "hub: cannot be checked: 1 entry\n"
    done = check(kept / "feed.json", "--trust", kept / "jwks.json", "--manifest", kept / "manifest.jws")
    assert (done.exit_code, done.stderr) == (1, "hub: cannot be checked: 1 entry\n")  # it is from before


@pytest.mark.parametrize("form", ["json", "rss", "atom", "ninjs?profile=hub"])
def test_a_manifest_proves_a_withdrawal(world: World, worker: Worker, clock: FixedClock, kept: Path, form: str) -> None:
    _withdraw_one(world)
    clock.forward(timedelta(days=1))
    worker.step()
    (kept / "new.jws").write_bytes(world.reader.get("/feeds/public/all/manifest.jws").data)
    (kept / "feed").write_bytes(world.reader.get(f"/feeds/public/all.{form}").data)
    done = check(kept / "feed", "--trust", kept / "jwks.json", "--manifest", kept / "new.jws")
    assert "withdrawn, proved by the manifest: 1 entry" in done.stdout.splitlines()
    assert "withdrawn, unproved" not in done.stdout
    assert done.exit_code == (
        1 if form in ("rss", "atom") else 0
    )  # a saved RSS or Atom file leaves the other story unproved


def test_a_mark_in_the_place_of_a_live_story_never_passes_as_genuine(world: World, kept: Path) -> None:
    _withdraw_one(world)
    mark = next(
        item
        for item in json.loads(world.reader.get("/feeds/public/all.json").data)["items"]
        if item["_hub"]["status"] == "withdrawn"
    )

    def put_a_mark(item: Any) -> None:
        told = {"story": item["_hub"]["story"], "number": item["_hub"]["number"]}
        dates = {name: item[name] for name in ("id", "date_published", "date_modified")}
        url = mark["url"].replace(mark["_hub"]["story"], told["story"])
        item.clear()
        item.update(mark | dates | {"url": url, "_hub": mark["_hub"] | told})

    _change_item(kept, put_a_mark)
    done = check(kept / "feed.json", "--trust", kept / "jwks.json")
    assert (done.exit_code, done.stdout.splitlines()[-2:]) == (1, ["genuine: 1 entry", "withdrawn, unproved: 1 entry"])
    done = check(kept / "feed.json", "--trust", kept / "jwks.json", "--manifest", kept / "manifest.jws")
    assert done.exit_code == 1
    assert "What stands at /_hub/status is not what was released." in done.stdout


def test_an_empty_feed_holds_nothing_to_check(kept: Path) -> None:
    (kept / "feed.json").write_text(json.dumps({**json.loads((kept / "feed.json").read_bytes()), "items": []}))
    done = check(kept / "feed.json", "--trust", kept / "jwks.json")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "hub: it holds no entry, so nothing of it can be checked\n"
    done = check(kept / "feed.json", "--trust", kept / "jwks.json", "--manifest", kept / "manifest.jws")
    assert (done.exit_code, done.stderr) == (1, "hub: 2 faults\n")  # the manifest knows what is missing


def _change_item(kept: Path, change: Any) -> None:
    feed = json.loads((kept / "feed.json").read_bytes())
    change(feed["items"][0])
    (kept / "feed.json").write_text(json.dumps(feed))


def test_whether_it_is_genuine_is_said_in_vietnamese_too(kept: Path) -> None:
    def first() -> str:
        return check(kept / "feed.json", "--trust", kept / "jwks.json", LANG="vi_VN.UTF-8").stdout.splitlines()[0]

    assert first().startswith("đúng bản gốc\tst_")
    _change_item(kept, lambda item: item.update(title="Khác"))
    assert first().startswith("không đúng bản gốc\tst_")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda item: item.update(title="Khác\x1b[2J"), "What stands at /title is not what was released."),
        (lambda item: item["_hub"].update(deed="x"), "What stands at /_hub/deed is not what was released."),
        (lambda item: item["_hub"].pop("proof"), "It carries no signature, so nothing of it can be proved."),
        (lambda item: item["_hub"].update(proof="a.b.c~"), "Its signature does not hold (malformed: not base64url)."),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(kept: Path, change: Any, sentence: str) -> None:
    _change_item(kept, change)
    done = check(kept / "feed.json", "--trust", kept / "jwks.json")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0].startswith("not genuine\tst_")
    assert done.stdout.splitlines()[0].endswith(f"\t{sentence}")
    assert "\x1b" not in done.output
    assert done.stderr == "hub: 1 fault\n"


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_saved_feed_without_proofs_cannot_be_checked_and_is_not_called_false(
    world: World, kept: Path, form: str
) -> None:
    (kept / "feed.xml").write_bytes(world.reader.get(f"/feeds/public/all.{form}").data)
    done = check(kept / "feed.xml", "--trust", kept / "jwks.json")
    assert done.exit_code == 1
    assert all(line.startswith("unproved\t") for line in done.stdout.splitlines())
    assert done.stderr.startswith("hub: cannot be checked: ")


def test_keys_and_issuers_that_are_not_trusted(kept: Path) -> None:
    (kept / "other.json").write_text('{"keys": []}')
    unknown = check(kept / "feed.json", "--trust", kept / "other.json")
    assert (unknown.exit_code, "not among those you trust" in unknown.stdout) == (1, True)
    wrong = check(kept / "feed.json", "--trust", kept / "jwks.json", "--issuer", "https://other.example")
    assert (wrong.exit_code, "signed by https://hub.example, not by https://other.example" in wrong.stdout) == (1, True)


def test_an_older_copy_and_a_gap_are_found_by_the_manifest(
    world: World, worker: Worker, clock: FixedClock, kept: Path
) -> None:
    clock.forward(timedelta(days=1))
    world.push(a_story(title="Bản đính chính"))
    story = world.editor.get("/api/v1/stories").json["items"][-1]["id"]
    world.editor.act(story, "approve")
    world.editor.act(story, "release")
    worker.step()
    (kept / "new.jws").write_bytes(world.reader.get("/feeds/public/all/manifest.jws").data)
    old = check(kept / "feed.json", "--trust", kept / "jwks.json", "--manifest", kept / "new.jws")
    assert old.exit_code == 1
    assert "It is version 1; as of 12:00 24 Nov 2026 version 2 stands." in old.stdout
    feed = json.loads(world.reader.get("/feeds/public/all.json").data)
    (kept / "feed.json").write_text(json.dumps({**feed, "items": feed["items"][1:]}))
    done = check(kept / "feed.json", "--trust", kept / "jwks.json", "--manifest", kept / "new.jws")
    assert done.exit_code == 1
    assert "lists number 3 (" in done.stdout


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["feed.json"], 2, "--trust"),
        (["none.json", "--trust", "jwks.json"], 2, "none.json"),
        (["feed.json", "--trust", "none"], 2, "none"),
        (["feed.json", "--trust", "feed.rss"], 1, "a JWK Set is needed"),
        (["feed.json", "--trust", "jwks.json", "--manifest", "feed.rss"], 1, "feed.rss: Its signature does not hold"),
        (["jwks.json", "--trust", "jwks.json"], 1, "cannot be read as a feed or a story"),
        (["feed.rss", "--trust", "jwks.json"], 1, "RSS and Atom carry no signature. Give the address of the feed"),
    ],
)
def test_what_cannot_be_checked_is_said(kept: Path, words: list[str], status: int, said: str) -> None:
    done = check(*(kept / word if "." in word or word == "none" else word for word in words))
    assert done.exit_code == status, done.output
    assert said in done.output
    assert isinstance(done.exception, SystemExit)


# by URL


@pytest.fixture
def served(settings: Settings, free_tcp_port: int) -> Settings:
    return replace(settings, base_url=f"http://127.0.0.1:{free_tcp_port}")


@pytest.fixture
def server(served: Settings, clock: FixedClock, database: Database) -> Iterator[World]:
    """A province served on a port of this machine."""
    from hub.app import create_app
    from tests.builders import build_world

    app: Flask = create_app(served, clock=clock)
    made = make_server("127.0.0.1", int(served.base.rsplit(":", 1)[1]), app, threaded=True)
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield build_world(app, database, now=clock.now())
    made.shutdown()
    thread.join()
    app.extensions["hub"].marks.write()
    app.extensions["hub"].database.engine.dispose()


@pytest.mark.parametrize("form", ["json", "rss", "atom"])
def test_a_feed_is_checked_by_its_address(server: World, served: Settings, form: str) -> None:
    server.release()
    trust = f"{served.base}/.well-known/jwks.json"
    done = check(f"{served.base}/feeds/public/all.{form}", "--trust", trust)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "genuine: 1 entry"), done.output
    own = f"{served.base}/feeds/newspaper/column.{form}"
    refused = check(own, "--trust", trust)
    assert (refused.exit_code, "401" in refused.stderr) == (1, True)
    done = check(own, "--trust", trust, "--key", server.newspaper.secret or "")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "genuine: 1 entry"), done.output


def test_a_key_goes_to_the_host_of_the_copy_alone(server: World, served: Settings) -> None:
    fetch = checking.fetcher(
        "http://elsewhere.example/feed.json", server.newspaper.secret or "", allowed=[(ip_network("127.0.0.1"), None)]
    )
    with pytest.raises(SystemExit):
        fetch(f"{served.base}/feeds/newspaper/column.json")  # 401: no key came with it
    with pytest.raises(SystemExit):
        fetch("file:///etc/passwd")


# hub signing


def test_a_key_is_listed_and_rotated(world: World, settings: Settings, database: Database) -> None:
    world.release()
    (line,) = run(settings, "signing", "list").stdout.splitlines()
    kid, issuer, _since, retired, private, word = line.split("\t")
    assert (issuer, retired, private, word) == ("https://hub.example", "-", "opens", "signs")
    done = run(settings, "signing", "rotate")
    assert done.exit_code == 0, done.output
    new = done.stdout.strip()
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in run(settings, "signing", "list").stdout.splitlines()}
    assert (rows[kid][2] != "-", rows[new][2:]) == (True, ["-", "opens", "-"])
    at_once = run(settings, "signing", "rotate", "--now").stdout.strip()
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in run(settings, "signing", "list").stdout.splitlines()}
    assert rows[at_once][-1] == "signs"
    assert Hub(settings, database).find_faults() == []


def test_a_key_that_this_secret_does_not_open_is_listed_as_locked(world: World, settings: Settings) -> None:
    world.release()
    (settings.data / "secret").write_text("x" * 43)
    assert run(settings, "signing", "list").stdout.split("\t")[4] == "locked"


def test_init_makes_key_and_secret(settings: Settings, database: Database) -> None:
    done = run(settings, "init")
    assert done.exit_code == 0, done.output
    assert (settings.data / "secret").exists()
    with database.reading() as session:
        (row,) = signing_keys.list_keys(session)
    run(settings, "init")
    with database.reading() as session:
        assert [again.kid for again in signing_keys.list_keys(session)] == [row.kid]


def test_check_never_shows_the_secret(tmp_path: Path) -> None:
    done = run(Settings(data=tmp_path), "check", HUB_SECRET="geheim" * 8)
    assert "geheim" not in done.output
    assert "HUB_SECRET=(set)" in done.stdout


def test_a_restored_hub_goes_on_with_its_secret_or_with_a_new_key(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    world.release()
    (line,) = run(settings, "signing", "list").stdout.splitlines()
    assert run(settings, "backup", tmp_path / "hub.tar").exit_code == 0
    assert (settings.data / "secret").read_text().strip().encode() not in (tmp_path / "hub.tar").read_bytes()
    for name, with_secret in (("one", True), ("two", False)):
        target = Settings(data=tmp_path / name, base_url=settings.base_url)
        target.data.mkdir()
        if with_secret:
            (target.data / "secret").write_bytes((settings.data / "secret").read_bytes())
        assert run(target, "restore", tmp_path / "hub.tar").exit_code == 0
        assert run(target, "signing", "list").stdout.split("\t")[4] == ("opens" if with_secret else "locked")
        assert run(target, "init").exit_code == 0
        signing = [row for row in run(target, "signing", "list").stdout.splitlines() if row.endswith("\tsigns")]
        assert (signing[0].split("\t")[0] == line.split("\t")[0]) is with_secret
        assert run(target, "verify").exit_code == 0
