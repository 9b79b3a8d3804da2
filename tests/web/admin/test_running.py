"""How the hub runs, at the desk: what has not arrived, the journal with its chain, health, and the clock."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.intake.pulling import sources
from hub.models import (
    Channel,
    JournalHead,
    JournalRow,
    Letter,
    Membership,
    Notice,
    Source,
    Subscription,
    User,
    WebhookDelivery,
    WebhookEndpoint,
)
from hub.outlets import catalog
from hub.records import clock_trust
from hub.worker import Worker
from tests.builders import World, a_story
from tests.web.desks import Person

OUTBOX = "/desk/admin/outbox/"
JOURNAL = "/desk/admin/journal/"
HEALTH = "/desk/admin/health/"


@pytest.fixture
def letters(admin: Person, database: Database, clock: FixedClock) -> list[int]:
    """A dead letter, and one that waits."""
    with database.writing() as session:
        user = session.scalars(select(User)).first()
        assert user is not None
        said = {"user_id": user.id, "created_at": clock.now(), "next_try_at": clock.now() + timedelta(hours=1)}
        rows = [
            Letter(key="notice:1", state="dead", fault="no such mailbox", done_at=clock.now(), failures=3, **said),
            Letter(key="notice:2", state="waiting", **said),
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def test_the_overview_says_that_letters_wait_and_that_no_mail_server_is_set(admin: Person, letters: list[int]) -> None:
    page = admin.get("/desk/admin/?lang=en").text
    assert "No mail server is set (HUB_SMTP)" in page
    assert re.search(r"\b\d+ letters? waits?\.", page)


def test_the_overview_says_how_much_there_is_to_whoever_reaches_the_whole_hub(
    admin: Person, women: Person, letters: list[int], database: Database
) -> None:
    page = admin.get("/desk/admin/?lang=en").text
    with database.reading() as session:
        rows = session.scalar(select(JournalHead.number))
    found = dict(re.findall(r'href="/desk/admin/(\w+)/">[^<]+<span class="tile-number">([^<]+)</span>', page))
    assert found == {
        "organizations": "3 organizations",
        "people": "2 accounts",
        "outlets": "3 outlets",
        "regulation": "none in force",
        "outbox": "2 on their way",
        "journal": f"{rows} rows",
        "health": "1 thing to mind",  # no worker
    }
    assert "tile-number" not in women.get("/desk/admin/").text


def test_letters_are_tried_again_or_dropped_and_the_journal_says_so(
    admin: Person, letters: list[int], database: Database, clock: FixedClock
) -> None:
    page = admin.get(f"{OUTBOX}?lang=en").text
    assert "no such mailbox" in page
    assert "3 failures" in page
    assert "letters wait until there is one" in page
    assert admin.post(f"{OUTBOX}letters/{letters[0]}", {"step": "repeat"}, form=OUTBOX).status_code == 303
    assert admin.post(f"{OUTBOX}letters/{letters[1]}", {"step": "drop"}, form=OUTBOX).status_code == 303
    with database.reading() as session:
        first, second = (session.get_one(Letter, number) for number in letters)
        assert (first.state, first.next_try_at) == ("waiting", clock.now())
        assert second.state == "overtaken"
        told = [
            row
            for row in session.scalars(select(JournalRow.body).order_by(JournalRow.number))
            if '"kind":"delivery_act"' in row
        ]
        assert len(told) == 2
    assert admin.post(f"{OUTBOX}letters/{letters[1]}", {"step": "drop"}, form=OUTBOX).status_code == 404


def test_all_that_was_given_up_is_tried_again_at_once_and_told_once(
    admin: Person, letters: list[int], database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        user_id = session.scalars(select(User.id)).first()
        said = {"user_id": user_id, "created_at": clock.now(), "next_try_at": clock.now(), "done_at": clock.now()}
        session.add_all(
            [Letter(key="notice:3", state="dead", **said), Letter(key="notice:4", state="doubtful", **said)]
        )
    page = admin.get(f"{OUTBOX}?lang=en").text
    assert "Try all 2 dead letters again" in page
    once = re.search(r'name="once" value="([^"]+)"', page)
    assert once is not None
    refused = admin.post(f"{OUTBOX}letters/again?lang=en", form=OUTBOX)  # without its token it is not done
    assert refused.status_code == 403
    assert "This form is out of date" in refused.text
    assert "Try all 2 dead letters again" in refused.text
    for _twice in range(2):
        assert admin.post(f"{OUTBOX}letters/again", {"once": once[1]}, form=OUTBOX).status_code == 303
    with database.reading() as session:
        states = dict(session.execute(select(Letter.key, Letter.state)).all())
        assert {key: states[f"notice:{key}"] for key in (1, 2, 3, 4)} == {
            1: "waiting", 2: "waiting", 3: "waiting", 4: "doubtful",  # it may have arrived
        }  # fmt: skip
        told = [
            row
            for row in session.scalars(select(JournalRow.body).order_by(JournalRow.number))
            if '"kind":"delivery_act"' in row
        ]
        assert len(told) == 1
        assert '"count":2' in told[0]
    assert "Try all" not in admin.get(f"{OUTBOX}?lang=en").text
    assert admin.post(f"{OUTBOX}sources/again", {}, form=OUTBOX).status_code == 404


def test_each_letter_says_what_it_is_about_and_names_no_story(
    admin: Person, world: World, database: Database, clock: FixedClock
) -> None:
    story_id = world.release(a_story(title="Tên kín của bài"))
    with database.writing() as session:
        user_id, at = session.scalars(select(User.id)).first(), clock.now()
        said = {"user_id": user_id, "state": "waiting", "next_try_at": at, "created_at": at}
        one, many = Letter(key="notice:x", **said), Letter(key="digest:2026-11-24T07", **said)
        account = Letter(key="account:invitation:7", **said)
        session.add_all([one, many, account])
        session.flush()
        facts = {"story": story_id}
        for number, letter in enumerate((one, many, many)):
            told = {"event": f"e{number}", "kind": "released", "facts": facts, "created_at": at}
            session.add(Notice(letter_id=letter.id, user_id=user_id, **told))
    page = admin.get(f"{OUTBOX}?lang=en").text
    assert "A story was released" in page
    assert "Notices of 24 Nov 2026 (2)" in page
    assert "You are invited to the story hub" in page
    assert "Tên kín của bài" not in page


def test_dead_webhooks_failing_pushes_and_flagged_sources_are_listed_and_acted_on(
    admin: Person, database: Database, clock: FixedClock, world: World
) -> None:
    with database.writing() as session:
        channel = session.scalars(select(Channel)).first()
        outlet = catalog.get_outlet(session, "tv")
        assert channel is not None
        now, secret = clock.now(), "https://machine.example/secret-path-of-many-letters"
        session.add(WebhookEndpoint(id="whe_1", outlet_id=outlet.id, url=secret, kinds=[], secret="-", created_at=now))
        session.flush()
        session.add(
            WebhookDelivery(
                endpoint_id="whe_1", event="e", message_id="msg_1", body="{}", state="dead", status=500,
                next_try_at=now, created_at=now, done_at=now,
            )
        )  # fmt: skip
        session.add(
            Subscription(
                digest="d", channel_id=channel.id, format="rss", topic=secret, callback=secret,
                place="reader.example:443",
                mark=0, lease_until=now + timedelta(days=1), failures=4, fault="HTTP 503", created_at=now,
                renewed_at=now, next_try_at=now + timedelta(hours=4),
            )
        )  # fmt: skip
        source = sources.add(session, "https://paper.example/rss", outlet=outlet, allowed=(), now=now)
        source.state, source.fault = "flagged", "html"
    hooks, pushes = admin.get(f"{OUTBOX}?tab=webhooks").text, admin.get(f"{OUTBOX}?tab=pushes").text
    assert "HTTP 500" in hooks
    assert "reader.example:443" in pushes
    assert "secret-path" not in hooks + pushes
    assert "a web page, not a feed" in admin.get(f"{OUTBOX}?tab=sources&lang=en").text
    assert "Try 1 dead message again" in admin.get(f"{OUTBOX}?tab=webhooks&lang=en").text
    assert "Try 1 failing push again" in admin.get(f"{OUTBOX}?tab=pushes&lang=en").text
    for what in ("webhooks", "pushes"):
        assert admin.post(f"{OUTBOX}{what}/again", {"once": what}, form=OUTBOX).status_code == 303
    with database.writing() as session:
        assert session.scalar(select(WebhookDelivery.state)) == "waiting"
        assert session.scalar(select(Subscription.next_try_at)) == clock.now()
        session.execute(update(WebhookDelivery).values(state="dead"))
    for place, step in (("webhooks/1", "repeat"), ("pushes/1", "repeat"), ("sources/1", "drop")):
        assert admin.post(f"{OUTBOX}{place}", {"step": step}, form=OUTBOX).status_code == 303
    with database.reading() as session:
        assert session.scalar(select(WebhookDelivery.state)) == "waiting"
        assert session.scalar(select(Subscription.next_try_at)) == clock.now()
        assert session.scalar(select(Source.state)) == "paused"
    assert admin.post(f"{OUTBOX}pushes/1", {"step": "drop"}, form=OUTBOX).status_code == 303
    assert admin.post(f"{OUTBOX}pushes/1", {"step": "drop"}, form=OUTBOX).status_code == 404


def test_the_journal_is_filtered_and_goes_on_where_the_page_before_ended(admin: Person, world: World) -> None:
    first, *_more = [world.release(external_id=f"s{n}") for n in range(12)]
    page = admin.get(f"{JOURNAL}?story={first}").text
    numbers = re.findall(r'data-label="[^"]*">(\d+)</td>', page)
    assert numbers == sorted(numbers, key=int, reverse=True)
    assert "<code>act</code>" in page
    assert "<code>role_given</code>" not in page
    newest = admin.get(JOURNAL).text
    following = re.search(r'rel="next" href="([^"]+)"', newest)
    assert following is not None
    older = admin.get(following[1].replace("&amp;", "&")).text
    seen = [re.findall(r"<td[^>]*>(\d+)</td>", text) for text in (newest, older)]
    assert len(seen[0]) == 50
    assert int(seen[0][-1]) == int(seen[1][0]) + 1
    assert "<code>act</code>" in admin.get(f"{JOURNAL}?kind=act&day=2026-11-23").text
    assert "<code>act</code>" not in admin.get(f"{JOURNAL}?kind=act&day=2026-11-22").text


def test_a_row_that_was_rewritten_is_shown_as_broken(admin: Person, world: World, database: Database) -> None:
    story = world.release()
    assert "broken" not in admin.get(f"{JOURNAL}?lang=en").text
    with database.writing() as session:
        session.execute(update(JournalRow).where(JournalRow.story_id == story).values(body=JournalRow.body + " "))
    assert "broken" in admin.get(f"{JOURNAL}?lang=en").text


def test_health_says_who_works_what_is_late_and_what_was_never_done(
    admin: Person, worker: Worker, settings: Settings
) -> None:
    before = admin.get(f"{HEALTH}?lang=en").text
    assert "no worker is at work" in before
    assert "never; run `hub backup`" in before
    worker.step()
    after = admin.get(f"{HEALTH}?lang=en").text
    assert "no worker is at work" not in after
    assert "nobody holds it" not in after


def test_an_administrator_accepts_the_clock_and_the_journal_names_them(
    admin: Person, database: Database, auditor: Person
) -> None:
    with database.writing() as session:
        clock_trust.note_fault(session, "the clock jumped")
    assert "the clock jumped" in admin.get("/desk/admin/?lang=en").text
    assert "/health/clock" not in auditor.get(HEALTH).text
    assert auditor.post(f"{HEALTH}clock", form=HEALTH).status_code == 404
    assert admin.post(f"{HEALTH}clock", form=HEALTH).status_code == 303
    with database.reading() as session:
        assert clock_trust.find_fault(session) is None
        assert any(
            '"kind":"clock_accepted_by"' in body
            for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))
        )
    with database.writing() as session:
        seat = session.scalars(select(Membership).where(Membership.role == "admin")).one()
        session.get_one(User, seat.user_id).name = "Lê Thị Quản"
    mark = f"admin:{seat.user_id}"
    told = admin.get(f"{JOURNAL}?kind=clock_accepted_by").text
    assert f'Lê Thị Quản<p class="meta"><a href="{JOURNAL}?actor={mark}">{mark}</a></p>' in told
    assert "clock_accepted_by" in admin.get(f"{JOURNAL}?actor={mark}").text


def test_what_is_the_whole_hubs_is_not_there_for_an_administrator_of_a_part(women: Person) -> None:
    for path in (OUTBOX, JOURNAL, HEALTH):
        assert women.get(path).status_code == 404
    page = women.get("/desk/admin/")
    assert page.status_code == 200
    assert 'class="tile" href="/desk/admin/journal/"' not in page.text


@pytest.mark.parametrize("path", [f"{JOURNAL}?before=", f"{OUTBOX}?before=", "/desk/admin/people/?after="])
@pytest.mark.parametrize("number", ["99999999999999999999", "-1", "²", "x"])
def test_a_number_that_no_row_can_have_asks_for_nothing(admin: Person, path: str, number: str) -> None:
    assert admin.get(path + number).status_code == 200


def test_who_paused_a_source_stands_in_the_journal(
    admin: Person, world: World, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        tv = catalog.get_outlet(session, "tv")
        row = sources.add(session, "https://paper.example/rss", outlet=tv, allowed=(), now=clock.now())
    path = f"{OUTBOX}sources/{row.id}"
    assert admin.post(path, {"step": "whatever"}, form=f"{OUTBOX}?tab=sources").status_code == 404
    assert admin.post(path, {"step": "drop"}, form=f"{OUTBOX}?tab=sources").status_code == 303
    with database.reading() as session:
        told = [
            body
            for body in session.scalars(select(JournalRow.body).order_by(JournalRow.number))
            if '"kind":"source_paused"' in body
        ]
        assert ['"actor":"admin:' in body for body in told] == [True]
