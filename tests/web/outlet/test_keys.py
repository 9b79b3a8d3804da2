"""Keys and addresses that an outlet makes at its desk: shown once, renewed, revoked, tested."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.models import Key, WebhookDelivery, WebhookEndpoint
from tests.api.test_pickups import rows_of
from tests.builders import Client, World
from tests.web.desks import Person

KEYS = "/desk/outlet/newspaper/keys/"
SECRET = re.compile(r'id="secret"[^>]*>([^<]+)<')


def make(paper: Person, kind: str = "address", **fields: str) -> str:
    """Make a key; the secret as the page shows it."""
    answer = paper.post(KEYS, {"kind": kind, "label": "FreshRSS", **fields}, form=KEYS)
    assert answer.status_code == 200, answer.text
    found = SECRET.search(answer.text)
    assert found is not None
    return found[1]


def newest(database: Database) -> Key:
    with database.reading() as session:
        return session.scalars(select(Key).order_by(Key.id.desc())).first()  # type: ignore[return-value]


def test_an_address_is_shown_once_and_opens_the_channel(
    paper: Person, world: World, app: Flask, database: Database
) -> None:
    world.release()
    secret = make(paper)
    assert world.reader.get(f"/feeds/k/{secret}/newspaper/column.atom").status_code == 200
    for path in (KEYS, f"{KEYS}{newest(database).id}/test"):
        page = paper.get(path).text
        assert secret not in page
        assert secret[:9] in page
    assert [row["of"] for row in rows_of(database, "outlet_key")] == ["address"]
    assert secret not in str(rows_of(database, "outlet_key"))


def test_telephone_numbers_show_at_an_address_only_where_that_was_asked_for(producer: Person, world: World) -> None:
    world.release()
    path = "/desk/outlet/tv/keys/"
    shown = []
    for sent in ({}, {"with_contacts": "yes"}):
        page = producer.post(path, {"kind": "address", **sent}, form=path).text
        found = SECRET.search(page)
        assert found is not None
        shown.append("0200 000 0999" in world.reader.get(f"/feeds/k/{found[1]}/tv/segment.json").text)
    assert shown == [False, True]


def test_a_double_click_makes_one_key(paper: Person, database: Database) -> None:
    make(paper, once="a")
    again = paper.post(KEYS, {"kind": "address", "label": "FreshRSS", "once": "a"}, form=KEYS)
    assert again.headers["Location"] == KEYS + "?made=before"
    assert len(rows_of(database, "outlet_key")) == 1


def test_a_renewed_key_goes_on_for_a_day_and_a_revoked_one_not_a_moment(
    paper: Person, world: World, app: Flask, database: Database, clock: FixedClock
) -> None:
    old = make(paper, kind="outlet")
    answer = paper.post(f"{KEYS}{newest(database).id}/renew", {"once": "r"}, form=KEYS)
    found = SECRET.search(answer.text)
    assert found is not None
    new = found[1]
    feed = "/feeds/newspaper/column.atom"
    assert [Client(app, secret).get(feed).status_code for secret in (old, new)] == [200, 200]
    clock.forward(timedelta(hours=24))
    paper.come_back()
    assert [Client(app, secret).get(feed).status_code for secret in (old, new)] == [401, 200]
    assert paper.post(f"{KEYS}{newest(database).id}/revoke", {"once": "v"}, form=KEYS).status_code == 303
    assert Client(app, new).get(feed).status_code == 401


def test_a_test_tells_what_the_hub_saw_of_a_key(paper: Person, world: World, app: Flask, database: Database) -> None:
    world.release(external_id="one")
    secret = make(paper)
    path = f"{KEYS}{newest(database).id}/test"
    assert "Chưa từng dùng" in paper.get(path).text
    agent = {"User-Agent": "FreshRSS/1.24.1 (Linux)"}
    read = world.reader.ask("GET", f"/feeds/k/{secret}/newspaper/column.atom", headers=agent)
    assert read.status_code == 200
    page = paper.get(path).text
    assert "FreshRSS/1.24" in page
    assert "1 / 1" in page
    world.release(external_id="two")
    assert "còn thiếu" in paper.get(path).text


def test_keys_of_others_are_not_there(paper: Person, producer: Person, database: Database) -> None:
    make(paper)
    mine = newest(database).id
    for rest in ("renew", "revoke"):
        path = f"/desk/outlet/tv/keys/{mine}/{rest}"
        assert producer.post(path, form="/desk/outlet/tv/keys/").status_code == 404
    assert producer.get(f"/desk/outlet/tv/keys/{mine}/test").status_code == 404
    assert paper.post(KEYS, {"kind": "editor"}, form=KEYS).status_code == 404


def test_a_webhook_is_added_tested_and_switched_off(
    paper: Person, producer: Person, database: Database, settings: Settings
) -> None:
    refused = paper.post("/desk/outlet/newspaper/webhooks/", {"url": "http://127.0.0.1:1/x"}, form=KEYS)
    assert refused.status_code == 403
    assert 'value="http://127.0.0.1:1/x"' in refused.text
    url = "https://toa-soan.example/hooks/bi-mat"
    made = paper.post("/desk/outlet/newspaper/webhooks/", {"url": url, "label": "CMS"}, form=KEYS)
    assert "whsec_" in made.text
    page = paper.get(KEYS).text
    assert "toa-soan.example" in page
    assert "bi-mat" not in page
    with database.reading() as session:
        endpoint = session.scalars(select(WebhookEndpoint)).one()
    base = f"/desk/outlet/newspaper/webhooks/{endpoint.id}/"
    assert producer.post(base.replace("newspaper", "tv") + "disable", form="/desk/outlet/tv/keys/").status_code == 404
    assert paper.post(base + "test", {"once": "t"}, form=KEYS).status_code == 303
    with database.reading() as session:
        sent = session.scalars(select(WebhookDelivery)).one()
    assert '"type":"test"' in sent.body
    assert "whsec_" in paper.post(base + "rotate", {"once": "s"}, form=KEYS).text
    assert paper.post(base + "disable", {"once": "d"}, form=KEYS).status_code == 303
    assert "Đã tắt" in paper.get(KEYS).text
    assert paper.post(base + "enable", {"once": "e"}, form=KEYS).status_code == 303
    assert "Đã tắt" not in paper.get(KEYS).text


def test_an_outlet_has_ten_webhooks_in_use_at_most(paper: Person, database: Database) -> None:
    def add(number: int, once: str = "") -> TestResponse:
        url = f"https://toa-soan.example/hooks/{number}"
        return paper.post("/desk/outlet/newspaper/webhooks/", {"url": url, "once": once or str(number)}, form=KEYS)

    for number in range(10):
        assert "whsec_" in add(number).text
    refused = add(10)
    assert refused.status_code == 409
    assert "Đã có 10 địa chỉ webhook đang dùng" in refused.text
    assert 'value="https://toa-soan.example/hooks/10"' in refused.text  # what was typed is kept
    with database.reading() as session:
        first = session.scalars(select(WebhookEndpoint.id).order_by(WebhookEndpoint.created_at)).first()
    base = f"/desk/outlet/newspaper/webhooks/{first}/"
    assert paper.post(base + "disable", {"once": "d"}, form=KEYS).status_code == 303
    assert "whsec_" in add(10, "again").text
    back = paper.post(base + "enable", {"once": "e"}, form=KEYS)
    assert back.status_code == 409
    assert "Đã có 10 địa chỉ webhook đang dùng" in back.text


@pytest.mark.parametrize("path", ["", "inbox/column/", "receipts/", "pickups/", "requests/", "keys/", "week/"])
def test_nobody_enters_without_a_seat(app: Flask, world: World, path: str) -> None:
    assert Person(app).get(f"/desk/outlet/newspaper/{path}").status_code == 302
