"""Do pages of the editor's desk take the same time however many stories there are?

A large desk is compared with a small one: as many stories wait, and are searched for, as a share of all.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from hub.accounts import users
from hub.accounts.users import Seat
from hub.clock import SystemClock
from hub.models import Duty, Organization, Story, StoryWord, Version
from hub.records import story_words
from hub.records.disclosures import disclose
from hub.regulation.edition import editions
from tests.bench.measuring import Line, side_by_side
from tests.bench.worlds import CHUNK, Hub, a_hub, a_sized_story, clock_of_work, story_id_of, story_row
from tests.builders import FOUNDED
from tests.web.desks import Person

WANTED = 2.0  # times
ROUNDS = 9
FEW, MANY = 500, 50_000
QUICK_FEW, QUICK_MANY = 60, 240
WAITING = 10  # one story of so many waits for the desk
DISTINCT = 40  # contents that stories share
STATES = ("submitted", "approved", "correcting")


@dataclass(frozen=True, slots=True)
class Desk:
    """A hub with many stories, and the cookie of an editor."""

    hub: Hub
    stories: int
    cookie: str


PAGES = (
    ("the queue", "/desk/editor/"),
    ("all stories", "/desk/editor/?show=all"),
    ("search of a rare word", "/desk/editor/?q=hiem"),
    ("search of common words", "/desk/editor/?q=người giữ bến"),
    ("search of a beginning", "/desk/editor/?q=ng"),
    ("a topic", "/desk/editor/?show=all&topic=tuong_than_tuong_ai"),
    ("a unit and a state", "/desk/editor/?show=all&organization=nghe-ca&state=approved"),
    ("a story under review", f"/desk/editor/stories/{story_id_of(1)}"),
    ("corrections", "/desk/editor/corrections/"),
    ("withdrawals", "/desk/editor/withdrawals/"),
    ("embargoes", "/desk/editor/embargoes/"),
    ("silent units", "/desk/editor/duties/silent"),
)


def measure(*, quick: bool) -> list[Line]:
    few, many = (QUICK_FEW, QUICK_MANY) if quick else (FEW, MANY)
    with ExitStack() as stack:
        desks = [_a_desk(stack.enter_context(a_hub()), stories) for stories in (few, many)]
        return [_line(name, path, desks, rounds=1 if quick else ROUNDS) for name, path in PAGES]


def _line(name: str, path: str, desks: list[Desk], *, rounds: int) -> Line:
    times = side_by_side(*(_asking(desk, path) for desk in desks), rounds=rounds, clock=clock_of_work())
    return Line(
        measure=f"desk: {name}, {desks[1].stories:,} stories",
        ours=times[1],
        beside=f"{desks[0].stories:,} stories",
        theirs=times[0],
        limit=WANTED,
    )


def _asking(desk: Desk, path: str) -> Callable[[], None]:
    client = desk.hub.app.test_client()
    client.set_cookie("hub_session", desk.cookie)

    def ask() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text

    return ask


def _a_desk(hub: Hub, stories: int) -> Desk:
    now = SystemClock().now()
    with hub.database.writing() as session:
        editions.adopt(session, editions.default_text(), now=now)
        editor = users.add(session, name="Biên tập viên", email="editor@hub.example", now=now)
        users.seat(session, editor, Seat(role="editor", organization="ldld"), on=FOUNDED)
    _fill(hub, stories, now)
    return Desk(hub, stories, Person(hub.app).sign_in(editor.id).cookie())


def _fill(hub: Hub, count: int, now: datetime) -> None:
    """Stories of some years, as rows; a tenth waits for the desk, each under a duty."""
    contents = [a_sized_story(number) for number in range(DISTINCT)]
    disclosed = [disclose(content, previous="") for content in contents]
    words = [sorted({*story_words.words_of(each), *story_words.facts_of(each)}) for each in contents]
    with hub.database.writing() as session:
        organization = session.scalars(select(Organization.id).where(Organization.code == "nghe-ca")).one()
        edition = editions.edition_in_force(session, now).id
        for first in range(1, count + 1, CHUNK):
            numbers = range(first, min(first + CHUNK, count + 1))
            session.execute(insert(Story), [_story(number, organization, count, now) for number in numbers])
            session.execute(
                insert(Version),
                [
                    {
                        "story_id": story_id_of(number),
                        "number": 1,
                        "digest": disclosed[number % DISTINCT].digest,
                        "digests": disclosed[number % DISTINCT].digests,
                        "disclosures": disclosed[number % DISTINCT].disclosures,
                        "removed": [],
                        "created_at": now,
                    }
                    for number in numbers
                ],
            )
            rows = [
                {"word": word, "story_id": story_id_of(number)}
                for number in numbers
                for word in [*words[number % DISTINCT], *(["hiem"] if number == 1 else [])]
            ]
            session.execute(insert(StoryWord), rows)
            session.execute(insert(Duty), [_duty(number, edition, now) for number in numbers])


def _story(number: int, organization: int, count: int, now: datetime) -> dict[str, object]:
    waits = number % WAITING == 1
    came = now - timedelta(hours=3) * (count - number)  # eight a day: the large desk's are of seventeen years
    return {
        **story_row(story_id_of(number), organization, number),
        "state": STATES[number // WAITING % len(STATES)] if waits else "released",
        "released": None if waits else 1,
        "organization_name": "Nghiệp đoàn nghề cá Bến Lau",
        "created_at": came,
        "updated_at": came,
    }


def _duty(number: int, edition: int, now: datetime) -> dict[str, object]:
    runs = number % WAITING == 1
    due = now + timedelta(minutes=number % 977 - 300)
    return {
        "id": f"d{number}",
        "edition_id": edition,
        "clause": "13.1",
        "owner_kind": "desk",
        "owner": "",
        "story_id": story_id_of(number),
        "key": f"s:{story_id_of(number)}",
        "opened_by": 1,
        "opened_at": due - timedelta(days=2),
        "due_at": due,
        "next_due_at": None,
        "state": "open" if runs else "met",
        "evidence": [],
        "counted": [],
        "ended_at": None if runs else due,
    }
