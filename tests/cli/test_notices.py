"""`hub notice` and `hub webhook`: what operators see and do; secrets are shown once, paths of addresses never."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from hub.background import create_postman
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.delivery import signatures
from hub.models import Letter, WebhookDelivery
from hub.records import outbox
from tests.builders import World
from tests.cli.test_operating import run
from tests.delivery.people import email_of, seat_people
from tests.delivery.post_office import a_post_office
from tests.delivery.sinks import Reply, a_sink

HOA = email_of("hoa")


@pytest.fixture
def people(world: World, database: Database, clock: FixedClock) -> World:
    seat_people(database, clock)
    return world


def test_a_choice_is_shown_and_changed(people: World, settings: Settings) -> None:
    shown = run(settings, "notice", "choose", HOA)
    assert shown.exit_code == 0
    assert "returned\tat_once" in shown.stdout
    changed = run(settings, "notice", "choose", HOA, "--kind", "released=daily", "--language", "en", "--hour", "18")
    assert {"released\tdaily", "language\ten", "digest_hour\t18"} <= set(changed.stdout.splitlines())
    assert run(settings, "notice", "choose", HOA).stdout == changed.stdout
    assert run(settings, "notice", "choose", HOA, "--kind", "released=often").exit_code == 1
    assert run(settings, "notice", "choose", HOA, "--kind", "released").exit_code == 2
    assert run(settings, "notice", "choose", "nobody@example.org").exit_code == 1


def test_letters_are_listed_and_repeated(
    people: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    people.editor.act(people.push(), "return", note="Thiếu số liệu.")
    create_postman(settings, clock=clock).clerk.round()
    done = run(settings, "notice", "list", "--user", HOA, LANG="vi")
    assert done.stderr.startswith("số\ttrạng thái\t")
    lines = done.stdout.splitlines()
    assert all(line.split("\t")[2].endswith("+07:00") for line in lines)
    assert [line.split("\t")[1::3] for line in lines] == [["waiting", HOA]]
    with database.writing() as session:
        session.execute(update(Letter).values(state="doubtful", fault="timeout"))
    listed = run(settings, "notice", "list", "--state", "doubtful").stdout.splitlines()
    assert {tuple(line.split("\t")[5:]) for line in listed} == {("returned", "timeout"), ("waiting", "timeout")}
    numbers = [line.split("\t")[0] for line in listed]
    assert run(settings, "notice", "repeat", *numbers).exit_code == 0
    with database.reading() as session:
        assert set(session.scalars(select(Letter.state))) == {"waiting"}
    again = run(settings, "notice", "repeat", *numbers, LANG="en")
    assert (again.exit_code, "still waits" in again.stderr) == (1, True)
    with database.writing() as session:
        session.execute(update(Letter).values(state="sent"))
    assert "was sent" in run(settings, "notice", "repeat", *numbers, LANG="en").stderr


def test_a_test_letter_says_whether_mail_works(people: World, settings: Settings) -> None:
    without = run(settings, "notice", "send-test", HOA, LANG="vi")
    assert (without.exit_code, "(chưa đặt HUB_SMTP)" in without.stderr) == (1, True)
    with a_post_office() as office:
        sent = run(settings, "notice", "send-test", HOA, HUB_SMTP=f"smtp://127.0.0.1:{office.port}")
        assert sent.exit_code == 0, sent.stderr
        assert office.mail[0]["Subject"] == "Thư thử của hệ thống tin bài"
        office.of_recipient = lambda _: "550 no"
        assert run(settings, "notice", "send-test", HOA, HUB_SMTP=f"smtp://127.0.0.1:{office.port}").exit_code == 1


def test_a_mail_password_is_never_shown(settings: Settings) -> None:
    shown = run(settings, "check", HUB_SMTP="smtp://hub:hush@mail.example:587", HUB_SECRET="h" * 40).stdout
    assert "hush" not in shown
    assert "h" * 40 not in shown
    assert "HUB_SMTP=smtp://hub:***@mail.example:587" in shown
    refused = run(settings, "check", HUB_SMTP="smtp://hub:hush@mail:x")
    assert (refused.exit_code, "hush" in refused.stderr) == (2, False)


def test_a_webhook_from_its_birth_to_a_replay(
    people: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    with a_sink(Reply(200)) as sink:
        allowed = {"HUB_ALLOW_NETWORKS": sink.allowed}
        url = sink.url + "/hush"
        assert run(settings, "webhook", "add", url, "--organization", "nghe-ca").exit_code == 1  # an inner address
        assert run(settings, "webhook", "add", url, **allowed).exit_code == 2  # nobody's
        made = run(settings, "webhook", "add", url, "--organization", "nghe-ca", "--kind", "returned", **allowed)
        endpoint, secret = made.stdout.strip().split("\t")
        listed = run(settings, "webhook", "list").stdout
        assert listed == f"{endpoint}\tlive\tnghe-ca\treturned\t127.0.0.1:{sink.port}\t-\t-\n"
        tested = run(settings, "webhook", "test", endpoint, **allowed)
        assert (tested.exit_code, tested.stdout) == (0, "200\n")
        assert b'"type":"test"' in sink.taken[0].body
        rotated = run(settings, "webhook", "rotate", endpoint).stdout.strip()
        assert rotated.startswith("whsec_")
        assert rotated != secret

        people.editor.act(people.push(), "return", note="Thiếu số liệu.")
        with database.writing() as session:  # not among the kinds it wants
            outbox.add_notice(session, "late", at=clock.now(), organization="nghe-ca", duty=1)
        create_postman(settings, clock=clock).clerk.round()
        assert run(settings, "webhook", "disable", endpoint).exit_code == 0
        (dead,) = run(settings, "webhook", "dead").stdout.splitlines()
        assert run(settings, "webhook", "replay", endpoint).exit_code == 1
        assert run(settings, "webhook", "enable", endpoint).exit_code == 0
        assert run(settings, "webhook", "replay", endpoint, dead.split("\t")[0]).stdout == "1\n"
        assert run(settings, "worker", "--once", **allowed).exit_code == 0
        taken = sink.taken[-1]
        assert taken.headers["webhook-id"] == dead.split("\t")[2]
        for key in (secret, rotated):
            at = int(taken.headers["webhook-timestamp"])
            now = clock.now().fromtimestamp(at, clock.now().tzinfo)
            signatures.verify(taken.body, taken.headers, key=key, now=now)
        assert b"story.returned" in taken.body
        assert "Người giữ bến" not in taken.body.decode()
    with database.reading() as session:
        assert list(session.scalars(select(WebhookDelivery.state))) == ["sent"]
