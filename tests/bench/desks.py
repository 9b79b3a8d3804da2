"""Do pages of the desks take the same time however many stories there are?

A large province is compared with a small one: as many stories wait for the desk, and are searched for, as a share of
all. What one confirmer has before them does not grow with the province. Each released story stands in a channel of the
television's, of some the outlet has told a use or owes an answer, and each has its row in the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from hub.accounts import users
from hub.accounts.users import Seat
from hub.clock import SystemClock
from hub.models import (
    Change,
    Channel,
    Duty,
    Entry,
    JournalHead,
    JournalRow,
    Organization,
    Pickup,
    Receipt,
    Release,
    Story,
    StoryWord,
    Version,
)
from hub.outlets import catalog
from hub.records import story_words
from hub.records.disclosures import disclose
from hub.regulation.edition import editions
from tests.bench.measuring import Line, side_by_side
from tests.bench.worlds import (
    CHUNK,
    Hub,
    a_hub,
    a_sized_story,
    an_act,
    clock_of_work,
    entry_row,
    on_postgres,
    release_row,
    story_id_of,
    story_row,
)
from tests.builders import FOUNDED
from tests.web.desks import Person

WANTED = 2.0  # times
ROUNDS = 9
FEW, MANY = 500, 50_000
QUICK_FEW, QUICK_MANY = 60, 240
WAITING = 10  # one story of so many waits for the desk
TO_CONFIRM = 4  # stories that wait for the unit's confirmation
USED, OWES = 10, 5  # of one released story in so many the outlet told a use, or owes an answer
DISTINCT = 40  # contents that stories share
STATES = ("submitted", "approved", "correcting")


@dataclass(frozen=True, slots=True)
class Province:
    """A hub with many stories, and the cookies of those who work there, by their roles."""

    hub: Hub
    stories: int
    cookies: dict[str, str]


A_STORY = story_id_of(1)  # waits for the desk
AN_ENTRY = "/desk/outlet/tv/inbox/segment/00000000-0000-5000-8000-000000000005"
PAGES = (
    ("editor", "the queue", "/desk/editor/"),
    ("editor", "all stories", "/desk/editor/?show=all"),
    ("editor", "search of a rare word", "/desk/editor/?q=hiem"),
    ("editor", "search of common words", "/desk/editor/?q=người giữ bến"),
    ("editor", "search of a beginning", "/desk/editor/?q=ng"),
    ("editor", "a topic", "/desk/editor/?show=all&topic=tuong_than_tuong_ai"),
    ("editor", "a unit and a state", "/desk/editor/?show=all&organization=nghe-ca&state=approved"),
    ("editor", "a channel", "/desk/editor/?show=all&channel=tv/segment"),
    ("editor", "a story under review", f"/desk/editor/stories/{A_STORY}"),
    ("editor", "the form of an act", f"/desk/editor/stories/{A_STORY}/acts/approve"),
    ("editor", "corrections", "/desk/editor/corrections/"),
    ("editor", "withdrawals", "/desk/editor/withdrawals/?show=all"),
    ("editor", "embargoes", "/desk/editor/embargoes/"),
    ("editor", "duties", "/desk/editor/duties/"),
    ("editor", "silent units", "/desk/editor/duties/silent"),
    ("editor", "charts", "/desk/editor/charts/"),
    ("contributor", "a unit's stories", "/desk/unit/"),
    ("contributor", "a unit's story", f"/desk/unit/stories/{A_STORY}"),
    ("confirmer", "to confirm", "/desk/unit/confirm/"),
    ("outlet", "segments", "/desk/outlet/tv/segments/"),
    ("outlet", "inbox", "/desk/outlet/tv/inbox/segment/"),
    ("outlet", "an entry", AN_ENTRY),
    ("outlet", "uses", "/desk/outlet/tv/pickups/"),
    ("outlet", "receipts", "/desk/outlet/tv/receipts/"),
    ("outlet", "the week", "/desk/outlet/tv/week/"),
    ("admin", "overview", "/desk/admin/"),
    ("admin", "organizations", "/desk/admin/organizations/"),
    ("admin", "people", "/desk/admin/people/"),
    ("admin", "journal", "/desk/admin/journal/"),
    ("admin", "outbox", "/desk/admin/outbox/"),
    ("admin", "health", "/desk/admin/health/"),
)


def measure(*, quick: bool) -> list[Line]:
    few, many = (QUICK_FEW, QUICK_MANY) if quick else (FEW, MANY)
    with ExitStack() as stack:
        provinces = [_a_province(stack.enter_context(a_hub()), stories) for stories in (few, many)]
        return [_line(*page, provinces, rounds=1 if quick else ROUNDS) for page in PAGES]


def _line(role: str, name: str, path: str, provinces: list[Province], *, rounds: int) -> Line:
    times = side_by_side(*(_asking(each, role, path) for each in provinces), rounds=rounds, clock=clock_of_work())
    return Line(
        measure=f"{role}'s desk: {name}, {provinces[1].stories:,} stories",
        ours=times[1],
        beside=f"{provinces[0].stories:,} stories",
        theirs=times[0],
        limit=WANTED,
    )


def _asking(province: Province, role: str, path: str) -> Callable[[], None]:
    client = province.hub.app.test_client()
    client.set_cookie("hub_session", province.cookies[role])

    def ask() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text)

    return ask


def _a_province(hub: Hub, stories: int) -> Province:
    now = SystemClock().now()
    seats = {
        "editor": Seat(role="editor", organization="ldld"),
        "contributor": Seat(role="contributor", organization="nghe-ca"),
        "confirmer": Seat(role="confirmer", organization="nghe-ca"),
        "outlet": Seat(role="outlet", outlet="tv"),
        "admin": Seat(role="admin", organization="ldld"),
    }
    with hub.database.writing() as session:
        editions.adopt(session, editions.default_text(), now=now)
        people = {role: users.add(session, name=role, email=f"{role}@hub.example", now=now) for role in seats}
        for role, seat in seats.items():
            users.seat(session, people[role], seat, on=FOUNDED)
        known = {role: user.id for role, user in people.items()}
    _fill(hub, stories, now)
    cookies = {role: Person(hub.app).sign_in(user).cookie() for role, user in known.items()}
    return Province(hub, stories, cookies)


def _fill(hub: Hub, count: int, now: datetime) -> None:
    """Stories of some years, as rows; a tenth waits for the desk, each under a duty."""
    contents = [a_sized_story(number) for number in range(DISTINCT)]
    disclosed = [disclose(content, previous="") for content in contents]
    words = [sorted({*story_words.words_of(each), *story_words.facts_of(each)}) for each in contents]
    with hub.database.writing() as session:
        organization = session.scalars(select(Organization.id).where(Organization.code == "nghe-ca")).one()
        edition = editions.edition_in_force(session, now).id
        channel = catalog.get_channel(session, "tv/segment")
        for first in range(1, count + 1, CHUNK):
            numbers = range(first, min(first + CHUNK, count + 1))
            session.execute(insert(Story), [_story(number, organization, count, now) for number in numbers])
            session.execute(
                insert(Version),
                [
                    {
                        "id": number,
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
            _release(session, channel, [number for number in numbers if not _waits(number)], count, now)
            _tell(session, numbers, count, now)
        moved = {"head": count, "head_at": now, "modified_at": now, "revision": Channel.revision + 1}
        session.execute(update(Channel).where(Channel.id == channel.id).values(moved))
    if on_postgres():  # as its own vacuum would, sooner or later
        with hub.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _release(session: Session, channel: Channel, numbers: Sequence[int], count: int, now: datetime) -> None:
    """These stories stand in a channel; of one in USED the outlet told a use, of one in OWES it owes an answer."""
    act = an_act(session, story_id_of(numbers[0]))
    fields = list(channel.fields)
    releases = [release_row(number, number, channel.id, act=act, fields=fields) for number in numbers]
    session.execute(insert(Release), releases)
    session.execute(insert(Entry), [entry_row(channel.id, number) for number in numbers])
    told = {"channel_id": channel.id, "kind": "released"}
    changes = [{**told, "number": number, "entry_id": number, "at": _came(number, count, now)} for number in numbers]
    session.execute(insert(Change), changes)
    session.execute(insert(Pickup), [_use(number, channel, count, now) for number in numbers if number % USED == 0])
    asked = [number for number in numbers if number % OWES == 0]
    session.execute(insert(Receipt), [_receipt(number, channel, count, now) for number in asked])


def _use(number: int, channel: Channel, count: int, now: datetime) -> dict[str, object]:
    came = _came(number, count, now)
    return {
        "outlet_id": channel.outlet_id,
        "story_id": story_id_of(number),
        "version": 1,
        "use": "aired",
        "used_on": came.date(),
        "place": "Giao lưu tối thứ ba",
        "actor_name": "Truyền hình",
        "salt": "",
        "at": came,
    }


def _receipt(number: int, channel: Channel, count: int, now: datetime) -> dict[str, object]:
    came = _came(number, count, now)
    return {
        "outlet_id": channel.outlet_id,
        "story_id": story_id_of(number),
        "task": "reduce",
        "channels": ["tv/segment"],
        "fields": ["subject.age"],
        "asked_at": came,
        "due_at": came + timedelta(days=15),
    }


def _tell(session: Session, numbers: Sequence[int], count: int, now: datetime) -> None:
    """A row of the journal for each of these stories."""
    last = session.scalar(select(func.max(JournalRow.number))) or 0
    rows = [
        {
            "number": last + place + 1,
            "at": _came(number, count, now),
            "story_id": story_id_of(number),
            "body": f'{{"act":"submit","actor":"organization:nghe-ca","kind":"act","story":"{story_id_of(number)}"}}',
            "digest": f"{number:064d}",
        }
        for place, number in enumerate(numbers)
    ]
    session.execute(insert(JournalRow), rows)
    session.execute(update(JournalHead).values(number=last + len(rows)))


def _waits(number: int) -> bool:
    return number % WAITING == 1


def _came(number: int, count: int, now: datetime) -> datetime:
    """Eight a day: the large province's are of seventeen years."""
    return now - timedelta(hours=3) * (count - number)


def _story(number: int, organization: int, count: int, now: datetime) -> dict[str, object]:
    waits, came = _waits(number), _came(number, count, now)
    to_confirm = waits and number > count - WAITING * TO_CONFIRM
    return {
        **story_row(story_id_of(number), organization, number),
        "state": "confirming" if to_confirm else STATES[number // WAITING % len(STATES)] if waits else "released",
        "step": "unit" if to_confirm else "",
        "step_since": came if to_confirm else None,
        "released": None if waits else 1,
        "organization_name": "Nghiệp đoàn nghề cá Bến Lau",
        "created_at": came,
        "updated_at": came,
    }


def _duty(number: int, edition: int, now: datetime) -> dict[str, object]:
    runs = _waits(number)
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
