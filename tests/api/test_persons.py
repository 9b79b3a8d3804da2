"""Consent over HTTP: what is taken back leaves every feed, page, picture and ledger at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session, joinedload

from feeds.parse import parse
from hub.accounts import keys, users
from hub.accounts.users import Seat
from hub.actors import SYSTEM, Actor, Grant, Role
from hub.clock import FixedClock, local_day
from hub.config import Settings
from hub.db import Database
from hub.models import Person, Story
from hub.records import persons
from hub.records.consents import paper_of
from hub.records.disclosures import read
from hub.records.signing_keys import Signer
from hub.regulation.consent import consenting, erasing
from hub.worker import Worker
from tests.builders import ALL_SCOPES, INTERVIEW, Client, World, a_picture, a_story

CHANNELS = ["newspaper/column", "tv/segment", "public/all"]
FORMATS = ("rss", "atom", "json", "ninjs")
METHOD = "Ghi sổ giờ rời bến; trực bộ đàm theo ca."
GUEST = {"name": "Võ Hữu Lành", "role": "nhân chứng", "contact": {"phone": "0200 000 0777"}}


def _reader(world: World, channel: str) -> Client:
    return {"newspaper": world.newspaper, "tv": world.tv, "public": world.reader}[channel.split("/")[0]]


def _bytes(world: World, channel: str) -> str:
    """A channel in every format, and its ledger where it has readers with keys."""
    client = _reader(world, channel)
    texts = [client.get(f"/feeds/{channel}.{form}").text for form in FORMATS]
    if channel != "public/all":
        outlet, code = channel.split("/")
        texts.append(client.get(f"/api/v1/outlets/{outlet}/channels/{code}/changes").text)
    return "\n".join(texts)


def _proved(world: World, channel: str) -> str:
    """What the proofs of a channel's entries disclose."""
    items = _reader(world, channel).get(f"/feeds/{channel}.json").json["items"]
    disclosed = [encoded for item in items for encoded in item["_hub"]["proof"].split("~")[1:] if encoded]
    assert disclosed
    return "\n".join(str(read(encoded)) for encoded in disclosed)


def _kinds(world: World, channel: str) -> list[str]:
    outlet, code = channel.split("/")
    answer = _reader(world, channel).get(f"/api/v1/outlets/{outlet}/channels/{code}/changes")
    return [row["kind"] for row in answer.json["items"]]


def _person(world: World, story_id: str, name: str = "Nguyễn Văn Biển") -> str:
    found = world.editor.get(f"/api/v1/persons?story={story_id}").json["items"]
    (person,) = [row for row in found if row["name"] == name]
    text: str = person["id"]
    return text


def _act(client: Client, person: str, act: str, **said: Any) -> Any:
    answer = client.ask("POST", f"/api/v1/persons/{person}/acts", body={"act": act, **said})
    assert answer.status_code == 201, answer.text
    return answer.json


def _with_picture(world: World, **changes: Any) -> dict[str, Any]:
    upload = world.fishers.upload(a_picture()).json["id"]
    picture = {"kind": "picture", "upload": upload, "alt": "Bến lúc sáng", "credit": "Phan Thị Hòa"}
    return a_story(media=[picture], method=METHOD, **changes)


def _picture_addresses(world: World, channel: str) -> list[str]:
    feed = parse(_reader(world, channel).get(f"/feeds/{channel}.atom").data)
    return [
        enclosure.href.removeprefix("https://hub.example") for entry in feed.entries for enclosure in entry.enclosures
    ]


def test_a_withdrawn_picture_leaves_feeds_pages_addresses_and_ledgers_and_the_story_stays(
    world: World, clock: FixedClock
) -> None:
    story_id = world.release(_with_picture(world), channels=CHANNELS)
    addresses = {channel: _picture_addresses(world, channel) for channel in CHANNELS}
    assert all(len(found) == 1 for found in addresses.values())
    clock.forward(timedelta(seconds=1))
    done = _act(world.fishers, _person(world, story_id), "withdraw", scopes=["image"], story=story_id)
    assert {(loss["channel"], loss["task"]) for loss in done["losses"]} == {(channel, "reduce") for channel in CHANNELS}
    assert all(loss["fields"] == ["media"] for loss in done["losses"])
    for channel in CHANNELS:
        assert "Bến lúc sáng" not in _bytes(world, channel) + _proved(world, channel)
        assert METHOD in _bytes(world, channel)
        for address in addresses[channel]:
            assert world.reader.get(address).status_code == 410
    assert "Bến lúc sáng" not in world.reader.get(f"/stories/{story_id}").text
    assert _kinds(world, "newspaper/column") == ["released", "reduced"]
    assert world.editor.get(f"/api/v1/stories/{story_id}").json["state"] == "released"


def test_without_the_story_of_work_it_is_withdrawn_where_the_profile_needs_it(world: World, clock: FixedClock) -> None:
    story_id = world.release(_with_picture(world), channels=CHANNELS)
    clock.forward(timedelta(seconds=1))
    done = _act(world.editor, _person(world, story_id), "withdraw", scopes=["work_story"])
    tasks = {loss["channel"]: loss["task"] for loss in done["losses"]}
    assert tasks == {"newspaper/column": "withdraw", "public/all": "withdraw", "tv/segment": "reduce"}
    assert METHOD not in "".join(_bytes(world, channel) for channel in CHANNELS)
    assert _kinds(world, "newspaper/column") == ["released", "withdrawn"]
    assert _kinds(world, "tv/segment") == ["released", "reduced"]
    gone = world.reader.get(f"/stories/{story_id}")
    assert gone.status_code == 410
    assert "Biển" not in gone.text
    for form in FORMATS:
        feed = parse(world.reader.get(f"/feeds/public/all.{form}").data)
        assert len(feed.deleted) == 1
    again = world.editor.act(story_id, "release", channels=["public/all"])
    assert "taken_back_here" in {error["code"] for error in again.json["errors"]}


def test_a_name_without_consent_takes_down_whatever_texts_tell_it(world: World, clock: FixedClock) -> None:
    telling = world.release(a_story(summary="Ông Nguyễn Văn Biển lập trạm."), channels=["public/all"])
    silent = a_story(
        title="Bến", summary="Một ngư dân lập trạm.", subject={"type": "individual", "name": "Lê Ngọc Tuyết"}
    )
    quiet = world.release(silent, external_id="two", channels=["public/all"])
    clock.forward(timedelta(seconds=1))
    _act(world.editor, _person(world, telling), "withdraw", scopes=["name"])
    _act(world.editor, _person(world, quiet, "Lê Ngọc Tuyết"), "withdraw", scopes=["name"])
    feed = parse(world.reader.get("/feeds/public/all.atom").data)
    assert [entry.title for entry in feed.entries] == ["Bến"]
    assert "Tuyết" not in world.reader.get("/feeds/public/all.json").text
    assert world.editor.get(f"/api/v1/stories/{telling}").json["state"] == "withdrawn"


def test_a_name_that_is_taken_back_goes_with_the_given_name_that_texts_call(world: World, clock: FixedClock) -> None:
    telling = world.release(a_story(summary="Ông Biển lập trạm."), channels=["public/all"])
    silent = world.release(a_story(summary="Một người lập trạm."), external_id="two", channels=["public/all"])
    clock.forward(timedelta(seconds=1))
    for story_id in (telling, silent):
        _act(world.editor, _person(world, story_id), "withdraw", scopes=["name"], story=story_id)
    states = [world.editor.get(f"/api/v1/stories/{story_id}").json["state"] for story_id in (telling, silent)]
    assert states == ["withdrawn", "released"]


def test_a_story_that_can_stand_nowhere_is_withdrawn_by_an_act_of_its_own(world: World, clock: FixedClock) -> None:
    story_id = world.release(channels=["newspaper/column", "public/all"])
    clock.forward(timedelta(seconds=1))
    _act(world.fishers, _person(world, story_id), "withdraw")
    assert world.editor.get(f"/api/v1/stories/{story_id}").json["state"] == "withdrawn"
    newest = world.editor.get(f"/api/v1/stories/{story_id}/acts").json["items"][-1]
    assert (newest["act"], newest["reason"], newest["actor"]["role"]) == (
        "withdraw",
        "consent_withdrawn",
        "contributor",
    )
    assert world.fishers.put("one", a_story(title="Lại")).status_code == 409


def test_a_guest_who_says_no_leaves_the_card_and_the_others_stay(world: World, clock: FixedClock) -> None:
    story = a_story(interview={**INTERVIEW, "guests": [*INTERVIEW["guests"], GUEST]})  # type: ignore[misc]
    story_id = world.release(story, channels=CHANNELS)
    assert "Võ Hữu Lành" in _bytes(world, "tv/segment")
    assert "Võ Hữu Lành" in _proved(world, "tv/segment")
    clock.forward(timedelta(seconds=1))
    done = _act(world.editor, _person(world, story_id, "Võ Hữu Lành"), "withdraw")
    assert {loss["channel"] for loss in done["losses"]} == {"tv/segment"}
    assert "Võ Hữu Lành" not in _bytes(world, "tv/segment")
    assert "0200 000 0777" not in _bytes(world, "tv/segment")
    assert "Võ Hữu Lành" not in _proved(world, "tv/segment")
    assert "0200 000 0999" in _bytes(world, "tv/segment")  # the subject's own


def test_no_later_push_widens_what_was_taken_back(world: World, clock: FixedClock) -> None:
    story_id = world.release(_with_picture(world), channels=CHANNELS)
    clock.forward(timedelta(seconds=1))
    _act(world.editor, _person(world, story_id), "withdraw", scopes=["image"])
    world.fishers.put("one", {**_with_picture(world), "title": "Đã sửa"})
    assert world.editor.act(story_id, "approve", channels=CHANNELS).status_code == 201
    for channel in CHANNELS:
        assert "Đã sửa" in _bytes(world, channel)
        assert "Bến lúc sáng" not in _bytes(world, channel)


@pytest.mark.parametrize("versions", [2, 3])
def test_corrections_tell_an_outlet_no_more_than_consent_still_allows(
    world: World, clock: FixedClock, versions: int
) -> None:
    story_id = world.release(a_story(method="Cách làm 1"), channels=CHANNELS)
    for number in range(2, versions + 1):
        clock.forward(timedelta(seconds=1))
        world.fishers.put("one", a_story(method=f"Cách làm {number}", title=f"Bản {number}"))
        assert world.editor.act(story_id, "approve", channels=CHANNELS).status_code == 201
    corrections = f"/api/v1/stories/{story_id}/corrections"
    for client in (world.newspaper, world.tv):
        assert "Cách làm 1" in client.get(corrections).text
    clock.forward(timedelta(seconds=1))
    _act(world.editor, _person(world, story_id), "withdraw", scopes=["work_story"])
    told = world.newspaper.get(corrections).text + world.tv.get(corrections).text
    assert "Cách làm" not in told
    assert "Bản 2" in told  # the segment stands without, and its title was corrected


def test_an_older_paper_does_not_open_in_a_new_story_what_was_taken_back_in_all(
    world: World, clock: FixedClock
) -> None:
    story_id = world.release(_with_picture(world), channels=["public/all"])
    _act(world.editor, _person(world, story_id), "withdraw", scopes=["image"])
    same = world.push(_with_picture(world), external_id="two")
    assert _person(world, same) == _person(world, story_id)
    ledger = world.editor.get(f"/api/v1/persons/{_person(world, same)}").json["consents"]
    assert {row["scope"] for row in ledger if row["story"] == same} == set(ALL_SCOPES) - {"image"}
    clock.forward(timedelta(days=8))
    newer = {"scopes": ALL_SCOPES, "obtained_on": "2026-12-01"}
    third = world.push(_with_picture(world, consent=newer), external_id="three")
    ledger = world.editor.get(f"/api/v1/persons/{_person(world, third)}").json["consents"]
    assert "image" in {row["scope"] for row in ledger if row["story"] == third}


def test_what_is_recorded_counts_for_later_releases_only(world: World, clock: FixedClock) -> None:
    consent = {"scopes": ["name", "work_story"], "obtained_on": "2026-11-01"}
    story_id = world.release(_with_picture(world, consent=consent), channels=["public/all"])
    assert "Bến lúc sáng" not in _bytes(world, "public/all")
    clock.forward(timedelta(seconds=1))
    _act(world.fishers, _person(world, story_id), "record", scopes=["image"], obtained_on="2026-11-20", story=story_id)
    assert "Bến lúc sáng" not in _bytes(world, "public/all")
    assert world.editor.act(story_id, "release", channels=["newspaper/column"]).status_code == 201
    assert "Bến lúc sáng" in _bytes(world, "newspaper/column")


@pytest.mark.parametrize(
    ("said", "pointer", "code"),
    [
        ({"obtained_on": "2026-11-20", "expires_on": "2026-11-19"}, "/expires_on", "order"),
        ({"obtained_on": "2026-11-20", "expires_on": "2026-11-20"}, "/expires_on", "order"),
        ({"obtained_on": "2026-11-24"}, "/obtained_on", "agreed_to_come"),
        ({"guardian": {"name": "Lê Thị Hoa", "obtained_on": "2026-12-01"}}, "/guardian/obtained_on", "agreed_to_come"),
        ({"child_assent": {"obtained_on": "2026-12-01"}}, "/child_assent/obtained_on", "agreed_to_come"),
        ({"act": "clear", "clearance": {"by": "Lê A", "date": "2026-12-01"}}, "/clearance/date", "agreed_to_come"),
    ],
)
def test_the_ledger_takes_no_days_that_a_pushed_story_may_not_have(
    world: World, said: dict[str, Any], pointer: str, code: str
) -> None:
    story_id = world.push()
    acts = f"/api/v1/persons/{_person(world, story_id)}/acts"
    order = {"act": "record", "scopes": ["archive"], "story": story_id} | said
    if order["act"] == "clear":
        del order["scopes"]
    answer = world.fishers.ask("POST", acts, body=order)
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json["errors"]] == [(pointer, code)]


def test_a_scheduled_release_shrinks_before_anybody_sees_it(world: World, worker: Worker, clock: FixedClock) -> None:
    until = (clock.now() + timedelta(hours=1)).isoformat()
    story_id = world.release({**_with_picture(world), "embargo_until": until}, channels=CHANNELS)
    done = _act(world.editor, _person(world, story_id), "withdraw", scopes=["image"])
    assert (done["losses"], done["receipts"]) == ([], [])  # nobody had it
    clock.forward(timedelta(hours=1))
    worker.step()
    assert METHOD in _bytes(world, "public/all")
    assert "Bến lúc sáng" not in _bytes(world, "public/all")


@pytest.mark.parametrize(
    ("limits", "shown"),
    [
        ({"outlets": ["newspaper"]}, {"newspaper/column"}),
        ({"audience": "outlet"}, {"newspaper/column", "tv/segment"}),
        ({"audience": "public"}, set(CHANNELS)),
        ({"outlets": ["tv", "public"], "audience": "outlet"}, {"tv/segment"}),
    ],
)
def test_a_consent_holds_only_where_its_limits_admit_it(world: World, limits: dict[str, Any], shown: set[str]) -> None:
    consent = {"scopes": ALL_SCOPES, "obtained_on": "2026-11-01", "limited_to": limits}
    story_id = world.push(a_story(consent=consent))
    world.editor.act(story_id, "approve")
    for channel in CHANNELS:
        answer = world.editor.act(story_id, "release", channels=[channel])
        assert (answer.status_code == 201) is (channel in shown), (channel, answer.text)
        assert ("Đá Lau" in _bytes(world, channel)) is (channel in shown)


def test_an_organization_knows_its_own_persons_only(world: World) -> None:
    person = _person(world, world.push())
    assert world.women.get("/api/v1/persons").json["items"] == []
    for answer in (
        world.women.get(f"/api/v1/persons/{person}"),
        world.women.ask("POST", f"/api/v1/persons/{person}/acts", body={"act": "withdraw"}),
        world.women.ask("POST", f"/api/v1/persons/{person}/proofs", body=b"%PDF-1.7"),
    ):
        assert answer.status_code == 404
    assert world.newspaper.get("/api/v1/persons").status_code == 403
    assert world.reader.get("/api/v1/persons").status_code == 401


def test_the_editor_merges_doubles_and_either_id_leads_to_the_one_that_is_kept(world: World) -> None:
    without_year = {"type": "individual", "name": "Nguyễn Văn Biển"}
    kept = _person(world, world.push())
    double = _person(world, world.push(a_story(subject=without_year), external_id="two"))
    assert kept != double  # nobody knows that it is the same
    refused = world.fishers.ask("POST", f"/api/v1/persons/{kept}/acts", body={"act": "merge", "double": double})
    assert refused.status_code == 403
    _act(world.editor, kept, "merge", double=double)
    assert world.editor.get(f"/api/v1/persons/{double}").json["id"] == kept
    assert len(world.editor.get(f"/api/v1/persons/{kept}").json["stories"]) == 2
    again = world.editor.ask("POST", f"/api/v1/persons/{kept}/acts", body={"act": "merge", "double": double})
    assert again.status_code == 409


def test_one_withdrawal_takes_a_merged_person_out_of_all_their_stories(world: World, clock: FixedClock) -> None:
    without_year = {"type": "individual", "name": "Nguyễn Văn Biển"}
    first = world.release(channels=["public/all"])
    second = world.release(a_story(subject=without_year), external_id="two", channels=["public/all"])
    kept = _person(world, first)
    _act(world.editor, kept, "merge", double=_person(world, second))
    _act(world.editor, kept, "withdraw")
    assert parse(world.reader.get("/feeds/public/all.atom").data).entries == ()


def test_people_at_hazardous_posts_are_shown_when_their_unit_has_said_yes(world: World) -> None:
    subject = {"type": "individual", "name": "Kiều Đức Thịnh", "hazardous_work": True}
    story_id = world.push(a_story(subject=subject))
    world.editor.act(story_id, "approve")
    refused = world.editor.act(story_id, "release", channels=["public/all"])
    assert {error["code"] for error in refused.json["errors"]} == {"no_unit_clearance"}
    clearance = {"by": "Đại tá Lâm Văn Rạng", "role": "Chỉ huy trưởng", "date": "2026-11-02"}
    _act(world.editor, _person(world, story_id, "Kiều Đức Thịnh"), "clear", clearance=clearance)
    assert world.editor.act(story_id, "release", channels=["public/all"]).status_code == 201


def test_a_proof_is_sealed_and_opened_by_the_desk_alone(world: World) -> None:
    story_id = world.push()
    person = _person(world, story_id)
    sent = world.fishers.ask("POST", f"/api/v1/persons/{person}/proofs", body="%PDF-1.7 chữ ký".encode())
    assert (sent.status_code, sent.json["media_type"]) == (201, "application/pdf")
    proof = sent.json["id"]
    assert world.fishers.get(f"/api/v1/proofs/{proof}").status_code == 403
    opened = world.editor.get(f"/api/v1/proofs/{proof}")
    assert opened.data == "%PDF-1.7 chữ ký".encode()
    assert opened.headers["Content-Disposition"].startswith("attachment")
    _act(world.fishers, person, "record", scopes=["voice"], proof=proof, story=story_id)
    bad = world.fishers.ask("POST", f"/api/v1/persons/{person}/acts",
                            body={"act": "record", "scopes": ["voice"], "proof": "prf_" + "x" * 22})  # fmt: skip
    assert {error["code"] for error in bad.json["errors"]} == {"unknown_proof"}
    assert world.fishers.ask("POST", f"/api/v1/persons/{person}/proofs", body=b"GIF89a").status_code == 422


def test_of_a_person_merged_across_organizations_each_sees_its_own_stories_and_either_may_withdraw(
    world: World, clock: FixedClock
) -> None:
    ours = world.release(channels=["public/all"])
    theirs = world.women.put("theirs", a_story(title="Chuyện của chị em")).json["id"]
    world.editor.act(theirs, "approve", channels=["public/all"])
    kept, double = _person(world, ours), _person(world, theirs)
    assert kept != double
    _act(world.editor, kept, "merge", double=double)
    for client, story in ((world.fishers, ours), (world.women, theirs)):
        seen = client.get(f"/api/v1/persons/{kept}").json
        assert seen["stories"] == [story]
        assert {row["story"] for row in seen["consents"]} == {story}
    clock.forward(timedelta(seconds=1))
    done = _act(world.women, kept, "withdraw")
    assert {loss["story"] for loss in done["losses"]} == {theirs}
    assert parse(world.reader.get("/feeds/public/all.atom").data).entries == ()


def test_the_editor_does_not_know_whom_a_draft_is_about(world: World) -> None:
    draft = world.push(a_story(state="draft"))
    assert world.editor.get("/api/v1/persons").json["items"] == []
    (person,) = world.fishers.get(f"/api/v1/persons?story={draft}").json["items"]
    assert world.editor.get(f"/api/v1/persons/{person['id']}").status_code == 404


def _at_once(*calls: Callable[[], Any]) -> list[Any]:
    barrier = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def make(place: int) -> None:
        barrier.wait()
        answers[place] = calls[place]()

    threads = [threading.Thread(target=make, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_a_release_and_a_withdrawal_at_the_same_moment_leave_nothing_standing(world: World) -> None:
    stories = [world.push(external_id=f"race-{number}") for number in range(5)]  # all by a paper from before
    for story_id in stories:
        world.editor.act(story_id, "approve")
        acts, order = f"/api/v1/persons/{_person(world, story_id)}/acts", {"act": "withdraw", "story": story_id}
        _released, withdrawn = _at_once(
            partial(world.editor.act, story_id, "release", channels=["public/all"]),
            partial(world.fishers.ask, "POST", acts, body=order),
        )
        assert withdrawn.status_code == 201
    assert parse(world.reader.get("/feeds/public/all.atom").data).entries == ()


def _merged(world: World) -> tuple[str, str, str]:
    """One person of two organizations: their id, and a story of each."""
    ours = world.push()
    theirs = world.women.put("theirs", a_story(title="Chuyện của chị em")).json["id"]
    kept = _person(world, ours)
    _act(world.editor, kept, "merge", double=_person(world, theirs))
    return kept, ours, theirs


def test_a_sibling_widens_no_consent_but_in_a_story_of_its_own(world: World) -> None:
    kept, ours, theirs = _merged(world)
    acts = f"/api/v1/persons/{kept}/acts"
    clearance = {"by": "Chỉ huy", "date": "2026-11-01"}
    for order in ({"act": "record", "scopes": ["archive"]}, {"act": "clear", "clearance": clearance}):
        assert world.women.ask("POST", acts, body=order).status_code == 403
        assert world.women.ask("POST", acts, body={**order, "story": ours}).status_code == 404
        assert world.women.ask("POST", acts, body={**order, "story": theirs}).status_code == 201
        assert world.editor.ask("POST", acts, body=order).status_code == 201


def test_an_editor_of_one_branch_merges_nobody_and_reports_for_its_own_story_only(
    world: World, database: Database, clock: FixedClock
) -> None:
    kept, ours, theirs = _merged(world)
    double = _person(
        world, world.push(a_story(subject={"type": "individual", "name": "Lê A"}), external_id="two"), "Lê A"
    )
    with database.writing() as session:
        home = session.get_one(Story, ours, options=[joinedload(Story.organization)]).organization.code
        user = users.add(session, name="Biên tập", email="bt@example.org", now=clock.now())
        users.seat(session, user, Seat(role=Role.EDITOR, organization=home), on=local_day(clock.now()))
        branch = Client(world.editor.app, keys.mint(session, "user", user=user, now=clock.now()).secret)
    acts = f"/api/v1/persons/{kept}/acts"
    asked = [
        ({"act": "merge", "double": double}, 403),
        ({"act": "report"}, 403),
        ({"act": "report", "story": theirs}, 404),
        ({"act": "report", "story": ours}, 201),
        ({"act": "record", "scopes": ["archive"]}, 403),
    ]
    for order, status in asked:
        answer = branch.ask("POST", acts, body=order)
        assert answer.status_code == status, answer.text
    other_way = branch.ask("POST", f"/api/v1/persons/{double}/acts", body={"act": "merge", "double": kept})
    assert other_way.status_code == 403


def test_an_editor_acts_on_a_whole_person_only_where_every_story_is_within_reach(
    world: World, database: Database, clock: FixedClock
) -> None:
    kept, ours, theirs = _merged(world)
    with database.writing() as session:
        person = persons.get(session, kept)
        homes = [session.get_one(Story, story_id).organization_id for story_id in (ours, theirs)]
        here = Grant(Role.EDITOR, organization_id=homes[0])
        elsewhere = Grant(Role.EDITOR, organization_id=homes[1])
        contributes = Grant(Role.CONTRIBUTOR, organization_id=homes[1])
        paper = paper_of({"scopes": ["archive"]})
        for grants, whole in (((here,), False), ((here, contributes), False), ((here, elsewhere), True)):
            actor = Actor(name="B", grants=grants, user_id=1, organization_id=homes[1])
            record = partial(consenting.record, session, person, paper, actor=actor, now=clock.now())
            assert record(story_id=ours)
            for act in (partial(record, story_id=None), partial(_require, session, person, actor, clock)):
                with nullcontext() if whole else pytest.raises(consenting.BeyondReach):
                    act()


def _require(session: Session, person: Person, actor: Actor, clock: FixedClock) -> None:
    consenting.require_editor(session, person, actor=actor, now=clock.now())


def test_nothing_is_written_about_somebody_who_was_erased(
    world: World, database: Database, settings: Settings, clock: FixedClock
) -> None:
    story_id = world.push()
    person = _person(world, story_id)
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        erasing.erase(session, persons.get(session, person), actor=SYSTEM, now=clock.now())
    clearance = {"by": "Chỉ huy", "date": "2026-11-01"}
    for order in ({"act": "record", "scopes": ["archive"]}, {"act": "clear", "clearance": clearance}):
        for client in (world.editor, world.fishers):
            refused = client.ask("POST", f"/api/v1/persons/{person}/acts", body={**order, "story": story_id})
            assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (409, "person_erased")
    proof = world.fishers.ask("POST", f"/api/v1/persons/{person}/proofs", body=b"%PDF-1.7")
    assert proof.status_code == 409
    assert world.editor.get(f"/api/v1/persons/{person}").json["consents"][0]["end_reason"] == "erased"


def test_a_withdrawal_that_waited_for_a_merge_takes_back_all_of_the_one_who_was_kept(
    world: World, database: Database, clock: FixedClock
) -> None:
    without_year = {"type": "individual", "name": "Nguyễn Văn Biển"}
    first = world.release(channels=["public/all"])
    second = world.release(a_story(subject=without_year), external_id="two", channels=["public/all"])
    kept, double = _person(world, first), _person(world, second)
    with database.reading() as session:
        stale = persons.get(session, double)
    _act(world.editor, kept, "merge", double=double)
    with database.writing() as session:
        ended = consenting.withdraw(session, stale, story_id=None, actor=SYSTEM, now=clock.now())
        assert {row.person_id for row in ended.consents} == {kept}
        assert {loss.story_id for loss in ended.outcome.losses} == {first, second}
    assert parse(world.reader.get("/feeds/public/all.atom").data).entries == ()
