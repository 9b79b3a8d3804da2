"""The chain as the regulation tells it: each level confirms, nobody their own story, and a sleeping level is passed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hub.accounts import history, keys, users
from hub.clock import FixedClock, local_day
from hub.db import Database
from hub.models import Act, JournalRow, Organization, Story
from hub.regulation.edition import editions
from tests.builders import Client, World, a_story

DAY = date(2026, 1, 1)
CLAIM = {"text": "137 lượt tàu được giúp", "source": "Sổ trực của nghiệp đoàn", "source_kind": "so_sach"}


@dataclass
class Chain:
    """A grassroots union below a provincial federation, under the default regulation, and its people."""

    world: World
    database: Database
    clock: FixedClock

    def user(self, email: str, role: str, organization: str) -> Client:
        with self.database.writing() as session:
            user = users.find(session, email) or users.add(session, name=email, email=email, now=self.clock.now())
            users.seat(session, user, users.Seat(role=role, organization=organization), on=DAY)
            secret = keys.mint(session, "user", user=user, now=self.clock.now()).secret
        return Client(self.world.editor.app, secret)

    def row(self, story_id: str) -> Story:
        with self.database.reading() as session:
            return session.get_one(Story, story_id)


@pytest.fixture
def chain(world: World, database: Database, clock: FixedClock) -> Chain:
    with database.writing() as session:
        for code, level in (("ldld", "province"), ("nghe-ca", "grassroots")):
            session.scalars(select(Organization).where(Organization.code == code)).one().level = level
        editions.adopt(session, editions.default_text(), now=clock.now())
    clock.forward(timedelta(seconds=1))
    return Chain(world, database, clock)


def test_a_story_climbs_from_its_unit_to_the_province_and_then_to_the_desk(chain: Chain) -> None:
    unit, province = chain.user("u@x.vn", "confirmer", "nghe-ca"), chain.user("p@x.vn", "confirmer", "ldld")
    story_id = chain.world.push()
    assert (chain.row(story_id).state, chain.row(story_id).step) == ("confirming", "unit")
    first = unit.act(story_id, "confirm")
    assert (first.status_code, first.json["state"], first.json["step"], first.json["clause"]) == (
        *(201, "confirming", "unit", "10"),
    )
    assert chain.row(story_id).step == "province"
    second = province.act(story_id, "confirm")
    assert (second.json["state"], second.json["step"], second.json["clause"]) == ("submitted", "province", "11")
    approved = chain.world.editor.act(story_id, "approve", channels=["public/all"])
    assert (approved.json["state"], approved.json["clause"]) == ("released", "15")


def test_an_act_cites_what_its_clause_rested_on_when_it_was_done(chain: Chain) -> None:
    sender = chain.user("s@x.vn", "contributor", "ldld")
    story_id = sender.put("own", a_story()).json["id"]
    chain.world.editor.act(story_id, "approve", channels=["public/all"])
    sender.put("own", a_story(result="173 lượt tàu được giúp."))
    chain.clock.forward(timedelta(days=1))
    _adopt(chain, _without_bases)
    told = {
        act["act"]: act["legal_bases"]
        for act in chain.world.editor.get(f"/api/v1/stories/{story_id}/acts").json["items"]
    }
    assert told["correct"] == ["126/2025/QH15"]  # the press law, by the edition that was in force then


def _without_bases(document: dict[str, Any]) -> None:
    for chapter in document["chapters"]:
        for clause in chapter["clauses"]:
            clause.pop("based_on", None)


def test_who_confirms_what_an_edition_asks_for_no_more_confirms_the_step_it_waited_for(chain: Chain) -> None:
    unit = chain.user("u@x.vn", "confirmer", "nghe-ca")
    story_id = chain.world.push()
    document = json.loads(editions.default_text())
    for clause in (each for chapter in document["chapters"] for each in chapter["clauses"] if "rules" in each):
        clause["rules"] = [rule for rule in clause["rules"] if rule["what"].get("act") != "confirm"]
        if not clause["rules"]:
            del clause["rules"]
    chain.clock.forward(timedelta(hours=1))
    with chain.database.writing() as session:
        editions.adopt(session, json.dumps(document, ensure_ascii=False), now=chain.clock.now())
    chain.clock.forward(timedelta(hours=1))
    answer = unit.act(story_id, "confirm")
    assert (answer.status_code, answer.json["state"], answer.json["step"]) == (201, "submitted", "unit")


def test_the_end_of_a_hold_names_the_step_it_goes_on_with_and_gives_it_all_its_term(chain: Chain) -> None:
    chain.user("u@x.vn", "confirmer", "nghe-ca")
    above = chain.user("p@x.vn", "confirmer", "ldld")
    story_id = chain.world.push()
    chain.world.editor.act(story_id, "hold", reason="being_checked")
    chain.clock.forward(timedelta(days=8))
    lifted = chain.world.editor.act(story_id, "lift")
    assert (lifted.json["state"], lifted.json["step"]) == ("confirming", "unit")
    assert chain.row(story_id).step_since == chain.clock.now()
    chain.clock.forward(timedelta(hours=1))
    early = above.act(story_id, "confirm")
    assert (early.status_code, early.json["step"]) == (409, "unit")  # the unit has not slept


def test_the_desk_waits_for_the_chain_and_the_refusal_names_the_clause(chain: Chain) -> None:
    story_id = chain.world.push()
    refused = chain.world.editor.act(story_id, "approve")
    assert (refused.status_code, refused.json["state"], refused.json["clause"]) == (409, "confirming", "13")


def test_whoever_answers_for_themselves_needs_no_confirmation(chain: Chain) -> None:
    sender = chain.user("s@x.vn", "contributor", "ldld")
    answer = sender.put("own", a_story())
    assert answer.json["state"] == "submitted"


def test_an_urgent_deed_needs_its_unit_only(chain: Chain) -> None:
    unit = chain.user("u@x.vn", "confirmer", "nghe-ca")
    story_id = chain.world.push(a_story(urgency=1))
    answer = unit.act(story_id, "confirm")
    assert (answer.json["state"], answer.json["clause"]) == ("submitted", "12")


def test_a_level_confirms_its_own_step_and_no_other(chain: Chain) -> None:
    province, sibling = chain.user("p@x.vn", "confirmer", "ldld"), chain.user("w@x.vn", "confirmer", "phu-nu")
    story_id = chain.world.push()
    early = province.act(story_id, "confirm")
    assert (early.status_code, early.json["step"], early.json["unit"], early.json["clause"]) == (
        *(409, "unit", "nghe-ca", "10"),
    )
    assert sibling.act(story_id, "confirm").status_code == 404


def test_nobody_confirms_their_own_story_not_even_by_a_deputy(chain: Chain) -> None:
    both = chain.user("both@x.vn", "contributor", "nghe-ca")
    chain.user("both@x.vn", "confirmer", "nghe-ca")
    deputy = chain.user("deputy@x.vn", "contributor", "nghe-ca")
    with chain.database.writing() as session:
        absent, stands_in = users.get(session, "both@x.vn"), users.get(session, "deputy@x.vn")
        until = date(2027, 1, 1)
        users.delegate(session, absent, stands_in, on=DAY, until=until, now=chain.clock.now())
    story_id = both.put("mine", a_story()).json["id"]
    for who in (both, deputy):
        refused = who.act(story_id, "confirm")
        assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (409, "own_story")
    other = deputy.put("theirs", a_story(title="Bài của người thay")).json["id"]
    assert both.act(other, "confirm").status_code == 201


def test_what_a_deputy_sends_is_also_the_story_of_whoever_is_away(chain: Chain) -> None:
    away = chain.user("away@x.vn", "contributor", "nghe-ca")
    chain.user("away@x.vn", "confirmer", "nghe-ca")
    deputy, other = chain.user("deputy@x.vn", "confirmer", "phu-nu"), chain.user("o@x.vn", "confirmer", "nghe-ca")
    with chain.database.writing() as session:
        absent, stands_in = users.get(session, "away@x.vn"), users.get(session, "deputy@x.vn")
        users.delegate(session, absent, stands_in, on=DAY, until=date(2026, 11, 25), now=chain.clock.now())
    story_id = deputy.put("theirs", a_story()).json["id"]
    chain.clock.forward(timedelta(days=3))  # they are back
    refused = away.act(story_id, "confirm")
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (409, "own_story")
    assert other.act(story_id, "confirm").status_code == 201


def test_nobody_confirms_their_own_story_when_no_step_is_open_any_more(chain: Chain) -> None:
    sender = chain.user("s@x.vn", "contributor", "nghe-ca")
    chain.user("s@x.vn", "confirmer", "nghe-ca")
    other = chain.user("o@x.vn", "confirmer", "nghe-ca")
    story_id = sender.put("mine", a_story()).json["id"]
    _adopt(chain, _without_a_chain)
    refused = sender.act(story_id, "confirm")
    assert (refused.status_code, refused.json["type"].rpartition("/")[2]) == (409, "own_story")
    assert other.act(story_id, "confirm").json["state"] == "submitted"


def _without_a_chain(document: dict[str, Any]) -> None:
    for chapter in document["chapters"]:
        for clause in chapter["clauses"]:
            rules = clause.get("rules", [])
            clause["rules"] = [rule for rule in rules if rule.get("trigger", {}).get("chain") != "step"]


def test_a_deputy_confirms_while_somebody_is_away(chain: Chain) -> None:
    chain.user("away@x.vn", "confirmer", "nghe-ca")
    deputy = chain.user("deputy@x.vn", "contributor", "phu-nu")
    story_id = chain.world.push()
    assert deputy.act(story_id, "confirm").status_code == 404
    with chain.database.writing() as session:
        away, stands_in = users.get(session, "away@x.vn"), users.get(session, "deputy@x.vn")
        users.delegate(session, away, stands_in, on=DAY, until=date(2027, 1, 1), now=chain.clock.now())
    assert deputy.act(story_id, "confirm").status_code == 201


def test_a_level_that_sleeps_past_its_clause_is_passed_by_the_one_above(chain: Chain) -> None:
    province = chain.user("p@x.vn", "confirmer", "ldld")
    story_id = chain.world.push()  # Monday noon, and Tuesday is the Day of Culture: until the end of Friday
    chain.clock.forward(timedelta(days=4, hours=11))
    assert province.act(story_id, "confirm").status_code == 409
    chain.clock.forward(timedelta(hours=2))
    answer = province.act(story_id, "confirm")
    assert (answer.status_code, answer.json["step"]) == (201, "unit")


def test_a_new_version_gives_its_unit_the_whole_term_again(chain: Chain) -> None:
    province = chain.user("p@x.vn", "confirmer", "ldld")
    story_id = chain.world.push()
    chain.clock.forward(timedelta(days=3))  # Thursday; the term of the first version ends on Friday
    chain.world.push(a_story(deed="Lập trạm, trực cả đêm."))
    chain.clock.forward(timedelta(days=3))  # Sunday; that of the second ends on Tuesday
    refused = province.act(story_id, "confirm")
    assert (refused.status_code, refused.json["unit"]) == (409, "nghe-ca")
    chain.clock.forward(timedelta(days=3))
    assert province.act(story_id, "confirm").status_code == 201


def test_a_new_version_begins_the_chain_anew(chain: Chain) -> None:
    unit = chain.user("u@x.vn", "confirmer", "nghe-ca")
    story_id = chain.world.push()
    unit.act(story_id, "confirm")
    assert chain.row(story_id).step == "province"
    chain.world.push(a_story(title="Người giữ bến Đá Lau, sửa lại"))
    assert (chain.row(story_id).state, chain.row(story_id).step) == ("confirming", "unit")
    assert unit.act(story_id, "confirm", version=2).status_code == 201


def test_a_return_names_the_fields_and_teaches(chain: Chain) -> None:
    unit = chain.user("u@x.vn", "confirmer", "nghe-ca")
    story_id = chain.world.push()
    fault = {"pointer": "/metrics/0", "code": "no_source", "note": "Sổ nào?"}
    answer = unit.act(story_id, "return", faults=[fault])
    assert (answer.json["state"], answer.json["clause"]) == ("returned", "14")
    seen = chain.world.fishers.get(f"/api/v1/stories/{story_id}/acts").json["items"][-1]["faults"][0]
    assert seen == {**fault, "label": "Số liệu chưa có nguồn", "hint": seen["hint"]}
    assert "sổ" in seen["hint"]
    silent = unit.act(story_id, "return", faults=[{"pointer": "/title", "code": "other"}])
    assert (silent.status_code, silent.json["errors"][0]["pointer"]) == (422, "/note")
    refused = unit.act(story_id, "return", faults=[{"pointer": "/title", "code": "ugly"}])
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/faults/0/code")


@pytest.mark.parametrize(
    ("pointer", "status"),
    [
        ("/title", 201),
        ("/interview/guests/0/name", 201),
        ("/evidence", 201),  # not in this story, and it should be
        ("/consent/guardian/name", 201),
        ("/metrics/7", 422),
        ("/metrics/²", 422),
        ("/evidence/0", 422),
        ("/sumary", 422),
        ("/title/length", 422),
    ],
)
def test_a_return_points_to_what_the_story_has_or_should_have(chain: Chain, pointer: str, status: int) -> None:
    story_id = chain.world.push()
    faults = [{"pointer": "/summary", "code": "too_general"}, {"pointer": pointer, "code": "no_source"}]
    answer = chain.user("u@x.vn", "confirmer", "nghe-ca").act(story_id, "return", faults=faults)
    assert answer.status_code == status, answer.text
    if status == 422:
        (error,) = answer.json["errors"]
        assert (error["pointer"], error["code"]) == ("/faults/1/pointer", "no_such_field")
        assert pointer in error["detail"]


def test_for_a_unit_that_was_closed_those_above_confirm_at_once(chain: Chain) -> None:
    province = chain.user("p@x.vn", "confirmer", "ldld")
    story_id = chain.world.push()
    assert province.act(story_id, "confirm").status_code == 409
    chain.clock.forward(timedelta(hours=1))
    with chain.database.writing() as session:
        decision = history.Decision(local_day(chain.clock.now()), "9-QĐ")
        history.close(session, "nghe-ca", decision, now=chain.clock.now())
    answer = province.act(story_id, "confirm")
    assert (answer.status_code, answer.json["step"], answer.json["clause"]) == (201, "unit", "10")
    assert chain.row(story_id).step == "province"


def test_the_sender_recalls_before_release_and_an_edition_is_judged_by_its_time(chain: Chain) -> None:
    story_id = chain.world.push()
    answer = chain.world.fishers.act(story_id, "recall")
    assert (answer.json["state"], answer.json["clause"]) == ("draft", "9")
    assert chain.row(story_id).step == ""


@pytest.mark.parametrize(("kind", "status"), [("mo_hinh_cach_lam_hay", 409), ("guong_nguoi_tot_viec_tot", 201)])
def test_where_a_clause_asks_for_it_an_unverified_claim_cannot_be_released(
    chain: Chain, kind: str, status: int
) -> None:
    sender = chain.user("s@x.vn", "contributor", "ldld")
    story_id = sender.put("claims", a_story(kind=kind, claims=[CLAIM])).json["id"]
    answer = chain.world.editor.act(story_id, "approve", channels=["public/all"])
    assert answer.status_code == status
    if status == 409:
        error = answer.json["errors"][0]
        assert (error["code"], error["clause"]) == ("unverified_claim", "16")
        checked = chain.world.editor.act(story_id, "verify_claim", claims=[0])
        assert (checked.json["state"], checked.json["clause"]) == ("submitted", "16")
        assert chain.world.editor.act(story_id, "approve", channels=["public/all"]).status_code == 201


def test_nobody_verifies_a_claim_or_approves_a_story_of_their_own(chain: Chain) -> None:
    both = chain.user("both@x.vn", "contributor", "ldld")
    chain.user("both@x.vn", "editor", "ldld")
    other = chain.user("o@x.vn", "editor", "ldld")
    story_id = both.put("mine", a_story(kind="mo_hinh_cach_lam_hay", claims=[CLAIM])).json["id"]
    for act, clause, told in (("verify_claim", "16", {"claims": [0]}), ("approve", "13", {})):
        refused = both.act(story_id, act, **told)
        kind = refused.json["type"].rpartition("/")[2]
        assert (refused.status_code, kind, refused.json["clause"]) == (409, "own_work", clause)
    assert other.act(story_id, "verify_claim", claims=[0]).status_code == 201
    assert other.act(story_id, "approve").status_code == 201


def test_a_verified_claim_stays_verified_while_it_says_the_same(chain: Chain) -> None:
    sender = chain.user("s@x.vn", "contributor", "ldld")
    told: dict[str, Any] = {"kind": "mo_hinh_cach_lam_hay", "claims": [CLAIM]}
    story_id = sender.put("claims", a_story(**told)).json["id"]
    assert chain.world.editor.act(story_id, "verify_claim", claims=[0]).status_code == 201
    sender.put("claims", a_story(**told, title="Tiêu đề khác"))
    assert chain.world.editor.act(story_id, "approve", channels=["public/all"]).status_code == 201
    other = {**told, "claims": [{**CLAIM, "text": "173 lượt tàu được giúp"}]}
    second = sender.put("more", a_story(**other)).json["id"]
    refused = chain.world.editor.act(second, "verify_claim", claims=[0, 3])
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "unknown_claim")


def _with_two_people(act: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for chapter in document["chapters"]:
            for clause in chapter["clauses"]:
                for rule in clause.get("rules", ()):
                    if rule["what"].get("act") == act:
                        rule["two_people"] = True

    return change


def _adopt(chain: Chain, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(editions.default_text())
    change(document)
    with chain.database.writing() as session:
        editions.adopt(session, json.dumps(document, ensure_ascii=False), now=chain.clock.now())
    chain.clock.forward(timedelta(seconds=1))


def test_two_people_confirm_where_the_clause_says_so(chain: Chain) -> None:
    _adopt(chain, _with_two_people("confirm"))
    one, two = chain.user("1@x.vn", "confirmer", "nghe-ca"), chain.user("2@x.vn", "confirmer", "nghe-ca")
    story_id = chain.world.push()
    assert one.act(story_id, "confirm").status_code == 201
    assert chain.row(story_id).step == "unit"
    again = one.act(story_id, "confirm")
    assert (again.status_code, again.json["type"].rpartition("/")[2]) == (409, "second_person_needed")
    assert two.act(story_id, "confirm").status_code == 201
    assert chain.row(story_id).step == "province"


def test_whoever_approved_does_not_release_where_two_people_are_needed(chain: Chain) -> None:
    _adopt(chain, _with_two_people("release"))
    sender, second = chain.user("s@x.vn", "contributor", "ldld"), chain.user("e@x.vn", "editor", "ldld")
    story_id = sender.put("two", a_story()).json["id"]
    assert chain.world.editor.act(story_id, "approve", channels=["public/all"]).status_code == 409
    assert chain.world.editor.act(story_id, "approve").status_code == 201
    assert chain.world.editor.act(story_id, "release").status_code == 409
    assert second.act(story_id, "release", channels=["public/all"]).status_code == 201


def test_the_journal_tells_step_clause_and_who_for_each_act(chain: Chain) -> None:
    unit = chain.user("u@x.vn", "confirmer", "nghe-ca")
    story_id = chain.world.push()
    unit.act(story_id, "confirm")
    with chain.database.reading() as session:
        body = session.scalars(select(JournalRow.body).order_by(JournalRow.number.desc()).limit(1)).one()
        act = session.scalars(select(Act).order_by(Act.id.desc()).limit(1)).one()
    for said in ('"step":"unit"', '"clause":"10"', '"organization":"nghe-ca"', '"by":"nghe-ca"', '"urgency":5'):
        assert said in body
    assert "u@x.vn" not in body
    assert (act.actor_kind, act.actor_name) == ("confirmer", "u@x.vn")


def test_of_two_confirmations_at_one_moment_one_wins_and_the_other_hears_of_it(chain: Chain) -> None:
    one, two = chain.user("1@x.vn", "confirmer", "nghe-ca"), chain.user("2@x.vn", "confirmer", "nghe-ca")
    province = chain.user("p@x.vn", "confirmer", "ldld")
    story_id = chain.world.push()
    assert one.act(story_id, "confirm", version=1).status_code == 201
    assert two.act(story_id, "confirm", version=1).status_code == 409
    province.act(story_id, "confirm")
    late = two.act(story_id, "confirm", version=1)
    assert (late.status_code, late.json["winner"]) == (409, "confirm")


def test_a_confirmer_of_a_closed_organization_confirms_no_more(chain: Chain) -> None:
    unit, province = chain.user("u@x.vn", "confirmer", "nghe-ca"), chain.user("p@x.vn", "confirmer", "ldld")
    story_id = chain.world.push()
    with chain.database.writing() as session:
        decision = history.Decision(local_day(chain.clock.now()), "16-QĐ")
        history.close(session, "nghe-ca", decision, now=chain.clock.now())
    assert unit.act(story_id, "confirm").status_code == 401
    assert province.get(f"/api/v1/stories/{story_id}").status_code == 200  # whoever stands above still answers for it
