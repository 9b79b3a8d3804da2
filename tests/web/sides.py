"""A small province with two sides, for the walk through all routes: what is one's own, and the same of others.

Ours are the fishers (below the union) and the television station, theirs are the women (below nobody) and the radio.
Everybody who asks is on our side: a contributor, a confirmer and their deputy, an administrator of the fishers alone;
an editor, an auditor and an administrator of the union, from which the hub is run; somebody of the station.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import func, select

from hub import ids
from hub.accounts import drafts, invitations, keys, sessions, users
from hub.accounts.history import Decision
from hub.accounts.sessions import Device
from hub.accounts.users import Seat
from hub.background import create_worker
from hub.clock import FixedClock, local_day
from hub.config import Settings
from hub.db import Database
from hub.delivery import webhooks
from hub.http.services import EXTENSION
from hub.intake import form_drafts, word_readings
from hub.intake.tables import imports
from hub.intake.tables.reading import read_stories
from hub.intake.word import Choice
from hub.models import Act, Delegation, EmbargoTerm, Key, Membership, SignedIn, Story, User
from hub.outlets import catalog, terms
from hub.outlets.terms import Paper
from hub.publishing import parts, ranges
from hub.regulation.duties import projector
from hub.regulation.edition import editions
from tests.auditors import an_auditor
from tests.builders import Client, World, a_channel, a_picture, a_story, build_world
from tests.outlets.planning.scenes import Station, a_card
from tests.web.desks import Person

NOBODY = "nobody"
SUBADMIN = "subadmin"
SEATS = {
    "contributor": Seat(role="contributor", organization="nghe-ca"),
    "confirmer": Seat(role="confirmer", organization="nghe-ca"),
    "editor": Seat(role="editor", organization="ldld"),
    "auditor": Seat(role="auditor", organization="ldld"),
    "outlet": Seat(role="outlet", outlet="tv"),
    "admin": Seat(role="admin", organization="ldld"),
    SUBADMIN: Seat(role="admin", organization="nghe-ca"),
}
THEIRS = {
    "their contributor": Seat(role="contributor", organization="phu-nu"),
    "their outlet": Seat(role="outlet", outlet="radio"),
    "their admin": Seat(role="admin", organization="phu-nu"),
}
RADIO = {
    "agency": {"code": "dai-go-man", "name": "Đài Gò Mận"},
    "outlets": [
        {
            "code": "radio",
            "kind": "radio",
            "name": "Đài Gò Mận",
            "channels": [a_channel("talk", "Trò chuyện", profile="segment", audience="outlet")],
        }
    ],
}
DEPUTY = "deputy"
ROLES = (NOBODY, *SEATS, DEPUTY)
PAGE_OF_TOKENS = {NOBODY: "/sign-in"}
"""Where somebody finds a form with their token."""


class Two(NamedTuple):
    """An object of ours and one of theirs; `theirs` is None where there is but one."""

    ours: object
    theirs: object | None = None


@dataclass
class Pass:
    """What somebody asks with: the cookie of their session, the token of their forms, their key."""

    cookie: str = ""
    token: str = ""
    secret: str | None = None


@dataclass
class Sides:
    """The province: what stands for each argument of an address, and what everybody asks with."""

    values: dict[str, Two] = field(default_factory=dict)
    passes: dict[str, Pass] = field(default_factory=dict)


def build(settings: Settings, clock: FixedClock, app: Flask) -> Sides:
    """Fill an empty database with the province, and let everybody sign in."""
    database: Database = app.extensions[EXTENSION].database
    world = build_world(app, database, now=clock.now())
    radio = _add_radio(app, database, clock)
    _promise(database, clock)
    sides = Sides()
    _adopt(database, clock)
    _seat(sides, app, database, clock)
    sides.values |= _tell_stories(world)
    sides.values |= _publish(sides.values, world, radio, settings, clock)
    sides.values |= _plan(sides.values, world, radio)
    sides.values |= _consent(sides.values, world, radio)
    sides.values |= _write(sides.values, world, radio)
    sides.values |= _begin(sides.passes, app, database, clock)
    sides.values |= _keep_tables(sides.passes, database, clock)
    sides.values |= _add_webhooks(app, database, clock)
    sides.values |= _count(sides.values, database, world, clock)
    return sides


def _promise(database: Database, clock: FixedClock) -> None:
    """Both stations promise to keep embargoes."""
    day = local_day(clock.now())
    with database.writing() as session:
        for outlet in ("tv", "radio"):
            paper = Paper(number="3-CV", signed_on=day, valid_from=day)
            terms.add(session, outlet, paper, actor="system", now=clock.now())


def _add_radio(app: Flask, database: Database, clock: FixedClock) -> Client:
    """A second station, with a channel for segments; its key."""
    with database.writing() as session:
        catalog.load(session, RADIO, now=clock.now())
        outlet = catalog.get_outlet(session, "radio")
        return Client(app, keys.mint(session, "outlet", outlet=outlet, now=clock.now()).secret)


def _adopt(database: Database, clock: FixedClock) -> None:
    an_auditor(database, now=clock.now())
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())


def _seat(sides: Sides, app: Flask, database: Database, clock: FixedClock) -> None:
    """Seat everybody, sign them in, and give them keys."""
    now = clock.now()
    with database.writing() as session:
        made = {}
        for name, seat in (SEATS | THEIRS).items():
            made[name] = users.add(
                session, name=f"Người {name}", email=f"{name.replace(' ', '-')}@hub.example", now=now
            )
            users.seat(session, made[name], seat, on=local_day(now))
        made[DEPUTY] = users.add(session, name="Người thay mặt", email="deputy@hub.example", now=now)
        until = local_day(now) + timedelta(days=14)
        for absent, deputy in (("confirmer", DEPUTY), ("their contributor", "their outlet")):
            users.delegate(session, made[absent], made[deputy], on=local_day(now), until=until, now=now)
        invited = invitations.prepare(session, made["contributor"], invitations.INVITATION, now=now)
        welcome = invitations.mint(session, invited.id, now=now)
        ids = {name: user.id for name, user in made.items()}
        secrets = {name: keys.mint(session, "user", user=user, now=now).secret for name, user in made.items()}
        for user in made.values():
            sessions.begin(session, user.id, Device(agent="Safari, iPhone"), now=now)
    sides.values["welcome token"] = Two(welcome)
    for name in (NOBODY, *made):
        person = Person(app)
        if name in ids:
            person.sign_in(ids[name])
        token = person.token_of(PAGE_OF_TOKENS.get(name, "/desk/account/"))
        sides.passes[name] = Pass(person.cookie(), token, secrets.get(name))


def _tell_stories(world: World) -> dict[str, Two]:
    """Stories in several states, each with a twin of the other side."""
    ours, theirs = world.fishers, world.women
    uploads: list[str] = []

    def push(name: str, *, release: tuple[str, str] | None = None, **changes: Any) -> Two:
        ids = []
        for client, people, place in ((ours, "Nguyễn Văn Biển", "xã Bến Lau"), (theirs, "Trần Thị Đồi", "xã Gò Mận")):
            upload = client.upload(a_picture(640, 480)).json["id"]
            uploads.append(upload)
            media = [{"kind": "picture", "upload": upload, "alt": "Một buổi sáng", "credit": "Phan Thị Hòa"}]
            said = {
                "title": f"{name} {people}",
                "subject": {"type": "individual", "name": people, "birth_year": 1970, "role": "thợ máy"},
                "place": {"commune": place, "province": "tỉnh Hải Sơn"},
                "interview": a_card(people),
                "media": media,
                **changes,
            }
            ids.append(client.put(name, a_story(**said)).json["id"])
        for story, channels in zip(ids, release or (), strict=False):
            answer = world.editor.act(story, "approve", channels=channels.split())
            assert answer.status_code == 201, answer.text
        return Two(*ids)

    told = push("told", release=("tv/segment public/all", "radio/talk newspaper/column"), movement="Lao động giỏi")
    pictures = Two(*uploads[:2])
    gone = push("gone", release=("tv/segment public/all", "radio/talk"))
    for story in gone:
        assert world.editor.act(str(story), "withdraw", reason="other").status_code == 201
    back = push("back")
    for story in back:
        assert world.editor.act(str(story), "return", note="Xin bổ sung số liệu.").status_code == 201
    return {
        "told": told,
        "upload": pictures,
        "gone": gone,
        "back": back,
        "draft": push("draft", state="draft"),
        "waiting": push("waiting"),
        "external id": Two("waiting", "of-nobody-yet"),
    }


def _publish(
    known: Mapping[str, Two], world: World, radio: Client, settings: Settings, clock: FixedClock
) -> dict[str, Two]:
    """What stands in the channels: entries, pictures, print packs, manifests."""
    worker = create_worker(settings, clock=clock)
    worker.step()
    worker.database.engine.dispose()
    feeds = {
        name: client.get(f"/feeds/{name}.json").json
        for name, client in (
            ("tv/segment", world.tv),
            ("radio/talk", radio),
            ("public/all", world.reader),
            ("newspaper/column", world.newspaper),
        )
    }

    def find(name: str, story: object) -> dict[str, Any]:
        return next(item for item in feeds[name]["items"] if item["_hub"]["story"] == story)

    our, their = find("tv/segment", known["told"].ours), find("radio/talk", known["told"].theirs)
    public, printed = find("public/all", known["told"].ours), find("newspaper/column", known["told"].theirs)
    return {
        "entry": Two(*(item["id"].removeprefix("urn:uuid:") for item in (our, their))),
        "public entry": Two(public["id"].removeprefix("urn:uuid:"), their["id"].removeprefix("urn:uuid:")),
        "picture": Two(*(_picture(item).split("/")[-2] for item in (public, their))),
        "width": Two(_picture(public).split("/")[-1]),
        "pack": Two(printed["_hub"]["pack"]["url"].rpartition("/")[2].removesuffix(".zip")),
        "address": Two(world.tv_address),
        "day": Two(clock.now().date().isoformat()),
    }


def _picture(item: Mapping[str, Any]) -> str:
    """The address of an item's first picture."""
    found: str = next(each["url"] for each in item["attachments"] if "/media/" in each["url"])
    return found


def _plan(known: Mapping[str, Two], world: World, radio: Client) -> dict[str, Two]:
    """Broadcasts of both outlets with a guest of its side, and what a unit's calendar is called."""
    segments, etags, bookings, programmes, programme_etags = [], [], [], [], []
    for client, story, name in (
        (world.tv, known["told"].ours, "Nguyễn Văn Biển"),
        (radio, known["told"].theirs, "Trần Thị Đồi"),
    ):
        station = Station(client)
        segment = station.plan()
        bookings.append(station.book(segment, str(story), name)["id"])
        item = {"kind": "talk", "title": "Trò chuyện", "planned_seconds": 900, "guests": [bookings[-1]]}
        station.done(station.change(segment, "/rundown", "PUT", items=[item]))
        now = station.read(segment)
        segments.append(now["code"])
        etags.append(now["etag"])
        weekly = {"title": "Hằng tuần", "rule": "FREQ=WEEKLY;BYDAY=TU", "starts_at": "2026-12-01T19:30:00+07:00"}
        made = client.ask("POST", "/api/v1/programmes", body={**weekly, "planned_seconds": 1800})
        assert made.status_code == 201, made.text
        programmes.append(made.json["code"])
        programme_etags.append(made.json["etag"])
    calendar = world.fishers.ask("POST", "/api/v1/calendar-address", body={}).json["url"]
    return {
        "segment": Two(*segments),
        "segment etag": Two(*etags),
        "booking": Two(*bookings),
        "programme": Two(*programmes),
        "programme etag": Two(*programme_etags),
        "calendar": Two(calendar.rpartition("/")[2].removesuffix(".ics")),
    }


def _consent(known: Mapping[str, Two], world: World, radio: Client) -> dict[str, Two]:
    """The people of the stories, with a paper each, and what the outlets are to answer."""
    persons, proofs = [], []
    for client, story in ((world.fishers, known["told"].ours), (world.women, known["told"].theirs)):
        person = world.editor.get(f"/api/v1/persons?story={story}").json["items"][0]["id"]
        paper = client.ask("POST", f"/api/v1/persons/{person}/proofs", body=b"%PDF-1.7 paper")
        assert paper.status_code == 201, paper.text
        said = {"act": "record", "scopes": ["archive"], "proof": paper.json["id"], "story": story}
        assert client.ask("POST", f"/api/v1/persons/{person}/acts", body=said).status_code == 201
        persons.append(person)
        proofs.append(paper.json["id"])
    receipts = [client.get("/api/v1/receipts").json["items"][0]["id"] for client in (world.tv, radio)]
    return {"person": Two(*persons), "proof": Two(*proofs), "receipt": Two(*receipts)}


def _write(known: Mapping[str, Two], world: World, radio: Client) -> dict[str, Two]:
    """What outlets and units write to each other: requests, what was used, reports and ideas."""
    requests, pickups = [], []
    for client, story, to in (
        (world.tv, known["told"].ours, "nghe-ca"),
        (radio, known["told"].theirs, "phu-nu"),
    ):
        asked = client.ask("POST", "/api/v1/requests", body={"title": "Cần một bài", "to": to})
        used = {"story": story, "use": "declined", "reason": "Trùng nhân vật."}
        told = client.ask("POST", "/api/v1/pickups", body=used)
        assert (asked.status_code, told.status_code) == (201, 201), (asked.text, told.text)
        requests.append(asked.json["id"])
        pickups.append(told.json["id"])
    report = {"kind": "report", "quarter": "2026-Q3", "text": "Gửi 9 tin, bài."}
    for client in (world.fishers, world.women):
        assert client.ask("POST", "/api/v1/filings", body=report).status_code == 201
    sealed = world.reader.ask("POST", "/api/v1/reports", body={"text": "Khai khống."})
    return {"request": Two(*requests), "pickup": Two(*pickups), "receipt of a report": Two(sealed.json["receipt"])}


def _begin(passes: Mapping[str, Pass], app: Flask, database: Database, clock: FixedClock) -> dict[str, Two]:
    """What the contributors have sent or begun: stories, films in pieces, drafts in the form, tables of stories."""
    partials, begun, sent, letters = [], [], [], []
    for name in ("contributor", "their contributor"):
        film = {"name": "lop.mp4", "media_type": "video/mp4", "length": 1000}
        partials.append(Client(app, passes[name].secret).ask("POST", "/api/v1/uploads", body=film).json["id"])
        with database.writing() as session:
            actor = keys.find_actor(session, str(passes[name].secret), now=clock.now())
            assert actor is not None
            draft = form_drafts.begin(session, a_story(), actor=actor, now=clock.now(), draft_id=ids.new_draft_id())
            read = read_stories("Tiêu đề\nMột gương ở bến\n".encode(), name="bai.csv", choice=Choice.LEAVE)
            table = imports.begin(session, read, name="bai.csv", actor=actor, now=clock.now())
            letter = word_readings.begin(
                session, digest="0" * 64, name="bai.docx", length=1000, actor=actor, now=clock.now()
            )
            letters.append(letter.id)
            begun.append(draft.id)
            sent.append(table.id)
    unconfirmed = [
        Client(app, passes[name].secret).put("unconfirmed", a_story(title="Chờ xác nhận")).json["id"]
        for name in ("contributor", "their contributor")
    ]
    return {
        "unconfirmed": Two(*unconfirmed),
        "partial": Two(*partials),
        "draft in the form": Two(*begun),
        "import": Two(*sent),
        "Word file": Two(*letters),
    }


def _keep_tables(passes: Mapping[str, Pass], database: Database, clock: FixedClock) -> dict[str, Two]:
    """Tables of organizations that administrators look at before they agree."""
    kept = {}
    for name, parent in (("admin", "nghe-ca"), (SUBADMIN, "nghe-ca"), ("their admin", "phu-nu")):
        rows = f"code,name,kind,parent,valid_from\nchi-hoi-moi,Chi hội mới,mat_tran,{parent},2026-01-01\n"
        sent = drafts.Sent("bang.csv", rows.encode(), Decision(local_day(clock.now()), "12-QĐ"))
        with database.writing() as session:
            actor = keys.find_actor(session, str(passes[name].secret), now=clock.now())
            assert actor is not None
            kept[name] = drafts.keep(session, sent, actor=actor, now=clock.now()).id
    return {
        "table of organizations": Two(kept["admin"], kept["their admin"]),
        "table of the subadmin": Two(kept[SUBADMIN], kept["admin"]),
    }


def _add_webhooks(app: Flask, database: Database, clock: FixedClock) -> dict[str, Two]:
    parts, made = app.extensions[EXTENSION], []
    with database.writing() as session:
        for code in ("tv", "radio"):
            outlet = catalog.get_outlet(session, code)
            url, allowed = f"https://{code}.example/hook", parts.settings.allowed_networks
            found = webhooks.add(session, parts.secret, url=url, allowed=allowed, outlet=outlet, now=clock.now())
            made.append(found.endpoint.id)
    return {"webhook": Two(*made)}


def _count(known: Mapping[str, Two], database: Database, world: World, clock: FixedClock) -> dict[str, Two]:
    """What only rows say: duties, sessions, keys, seats, users."""
    projector.catch_up(database)

    def duty(owner: str) -> str:
        items = world.editor.get("/api/v1/duties?limit=200").json["items"]
        return next(item["id"] for item in items if item["owner"]["code"] == owner)

    with database.reading() as session:
        named = {user.email.partition("@")[0]: user.id for user in session.scalars(select(User))}
        seats = {row.user_id: row.id for row in session.scalars(select(Membership))}
        found: dict[str, Two] = {
            "user": Two(named["contributor"], named["their-contributor"]),
            "seat": Two(seats[named["contributor"]], seats[named["their-contributor"]]),
            "delegation": Two(*session.scalars(select(Delegation.id).order_by(Delegation.id))),
            "term": Two(*session.scalars(select(EmbargoTerm.id).order_by(EmbargoTerm.id))),
        }
        for name, user_id in named.items():
            of = session.scalars(select(SignedIn.id).where(SignedIn.user_id == user_id).order_by(SignedIn.id)).first()
            key = session.scalars(select(Key.id).where(Key.user_id == user_id)).one()
            found |= {f"session_id of {name}": Two(of), f"key_id of {name}": Two(key)}
        for name in ("told", "waiting"):
            both = [session.get_one(Story, str(story)) for story in known[name]]
            acts = [session.scalar(select(func.max(Act.id)).where(Act.story_id == story.id)) for story in both]
            found |= {
                f"revision of {name}": Two(*(story.revision for story in both)),
                f"last act of {name}": Two(*(act or 0 for act in acts)),
            }
        found["key"] = Two(*(found[f"key_id of {name}"].ours for name in ("contributor", "their-contributor")))
        outlets = [catalog.get_outlet(session, code).id for code in ("tv", "radio")]
        of_outlets = select(Key.outlet_id, Key.id).where(Key.outlet_id.in_(outlets), Key.kind == "outlet")
        keys_of = dict(session.execute(of_outlets).all())
        found["outlet key"] = Two(*(keys_of[each] for each in outlets))
    found["archive"] = Two(*(archive_of(database, name) for name in ("tv/segment", "radio/talk")))
    found["public archive"] = Two(archive_of(database, "public/all"), found["archive"].theirs)
    found["duty of units"] = Two(duty("nghe-ca"), duty("phu-nu"))
    found["duty of outlets"] = Two(duty("tv"), duty("radio"))
    return found


def archive_of(database: Database, channel: str) -> str:
    """The name of the part of a channel's archive that ends with its newest number."""
    with database.reading() as session:
        row = catalog.get_channel(session, channel)
        span = ranges.part_below(row.head)
        return ranges.Part(span, ranges.digest_of(parts.list_standing(session, row.id, span))).name
