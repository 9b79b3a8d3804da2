"""The default regulation at work, clause by clause: what each opens, for whom, until when, and what ends it."""

from __future__ import annotations

import json
from datetime import date

import pytest
from sqlalchemy import select

from hub.accounts import history, organizations
from hub.accounts.organizations import NewOrganization
from hub.models import Organization
from hub.regulation.duties import projector
from hub.regulation.duties.lookups import Lookups
from hub.regulation.edition import editions
from tests.regulation.scenes import Scene, at, local

MONDAY = "2026-11-16 10:00"


# --- clause 10: the unit confirms within three working days ---------------------------------------------------------


def test_clause_10_the_unit_owes_a_confirmation_within_three_working_days(scene: Scene) -> None:
    opened = scene.act(MONDAY, "submit")
    (duty,) = scene.duties("10")
    assert (duty.clause, duty.owner_kind, duty.owner, duty.story_id) == ("10.1", "organization", "nghe-ca", "st_1")
    assert (local(duty.opened_at), local(duty.due_at), duty.state) == (MONDAY, "2026-11-19 24:00", "open")
    assert (duty.opened_by, duty.evidence) == (opened, [])


@pytest.mark.parametrize(
    ("confirmed", "state"),
    [
        ("2026-11-17 09:00", "met"),
        ("2026-11-19 23:59", "met"),
        ("2026-11-20 00:00", "met"),
        ("2026-11-20 00:01", "met_late"),
    ],
)
def test_clause_10_is_kept_until_the_third_day_has_ended(scene: Scene, confirmed: str, state: str) -> None:
    scene.act(MONDAY, "submit")
    number = scene.act(confirmed, "confirm", step="unit")
    (duty,) = scene.duties("10")
    assert (duty.state, duty.evidence) == (state, [number])


def test_clause_10_a_return_answers_as_well(scene: Scene) -> None:
    scene.act(MONDAY, "submit")
    number = scene.act("2026-11-17 09:00", "return")
    (duty,) = scene.duties("10")
    assert (duty.state, duty.evidence) == ("met", [number])
    assert scene.duties("11") == scene.duties("13") == []


def test_clause_10_asks_nothing_of_a_province_level_organization(scene: Scene) -> None:
    scene.act(MONDAY, "submit", by="ldld")
    assert scene.duties("10") == scene.duties("11") == []
    assert scene.told_of("13") == [("", "2026-11-18 24:00", "open")]


@pytest.mark.parametrize(
    ("act", "state"), [("recall", "lapsed"), ("withdraw", "lapsed"), ("join", "lapsed"), ("approve", "lapsed")]
)
def test_clause_10_ends_where_nothing_is_left_to_confirm(scene: Scene, act: str, state: str) -> None:
    scene.act(MONDAY, "submit")
    scene.act("2026-11-17 09:00", act)
    assert [duty.state for duty in scene.duties("10")] == [state]


def test_clause_10_who_was_late_stays_late_when_the_story_is_recalled(scene: Scene) -> None:
    scene.act(MONDAY, "submit")
    scene.act("2026-11-20 09:00", "recall")
    (duty,) = scene.duties("10")
    assert (duty.state, duty.evidence, duty.next_due_at) == ("late", [], None)


def test_clause_10_counts_anew_for_a_new_version(scene: Scene) -> None:
    scene.act(MONDAY, "submit")
    scene.act("2026-11-18 10:00", "submit", version=2)
    assert scene.told_of("10") == [("nghe-ca", "2026-11-19 24:00", "lapsed"), ("nghe-ca", "2026-11-23 24:00", "open")]


@pytest.mark.parametrize("role", ["editor", "auditor"])
def test_clause_10_a_hold_stops_the_term_and_its_end_begins_another(scene: Scene, role: str) -> None:
    scene.act(MONDAY, "submit", before="draft", after="confirming")
    scene.act("2026-11-16 11:00", "hold", role=role, before="confirming", after="held")
    scene.time_passes("2026-11-23 10:00")  # nobody may confirm meanwhile
    assert scene.told_of("10") == [("nghe-ca", "2026-11-19 24:00", "lapsed")]
    scene.act("2026-11-23 11:00", "lift", role=role, step="unit", before="held", after="confirming")
    assert scene.told_of("10") == [("nghe-ca", "2026-11-19 24:00", "lapsed"), ("nghe-ca", "2026-11-27 24:00", "open")]
    number = scene.act("2026-11-27 11:00", "confirm", step="unit", before="confirming", after="confirming")
    assert [(duty.state, duty.evidence) for duty in scene.duties("10")] == [("lapsed", []), ("met", [number])]
    assert [duty.state for duty in scene.duties("11")] == ["open"]
    before = scene.table()
    scene.rebuild()
    assert scene.table() == before


def test_clause_10_a_hold_that_another_side_keeps_up_has_not_ended(scene: Scene) -> None:
    scene.act(MONDAY, "submit", after="confirming")
    scene.act("2026-11-16 11:00", "hold", role="editor", before="confirming", after="held")
    scene.act("2026-11-16 11:30", "hold", role="auditor", before="held", after="held")
    scene.act("2026-11-17 11:00", "lift", role="editor", step="unit", before="held", after="held")
    assert [duty.state for duty in scene.duties("10")] == ["lapsed"]


def test_clause_10_what_is_sent_during_a_hold_waits_for_its_end(scene: Scene) -> None:
    scene.act(MONDAY, "submit", after="confirming")
    scene.act("2026-11-16 11:00", "hold", role="editor", before="confirming", after="held")
    scene.act("2026-11-17 10:00", "submit", version=2, before="held", after="held")
    assert [duty.state for duty in scene.duties("10")] == ["lapsed"]
    scene.act("2026-11-18 10:00", "lift", role="editor", step="unit", version=2, before="held", after="confirming")
    assert scene.told_of("10")[1:] == [("nghe-ca", "2026-11-23 24:00", "open")]


def test_clause_10_who_confirms_has_done_so_whatever_a_later_edition_calls_the_step(scene: Scene) -> None:
    for story in ("st_1", "st_2"):
        scene.act(MONDAY, "submit", story=story, after="confirming")
    other = editions.default_text().replace('"step": "unit"', '"step": "don_vi"')
    scene.adopt(other, when="2026-11-16 12:00")
    renamed = scene.act("2026-11-17 10:00", "confirm", step="don_vi", after="confirming")
    assert [(duty.state, duty.evidence) for duty in scene.duties("10", story="st_1")] == [("met", [renamed])]
    assert [duty.state for duty in scene.duties("11", story="st_1")] == ["open"]
    document = json.loads(other)
    for clause in (each for chapter in document["chapters"] for each in chapter["clauses"] if "rules" in each):
        clause["rules"] = [rule for rule in clause["rules"] if rule["what"].get("act") != "confirm"]
        if not clause["rules"]:
            del clause["rules"]
    scene.adopt(json.dumps(document), when="2026-11-17 12:00")
    dropped = scene.act("2026-11-18 10:00", "confirm", step="unit", story="st_2", after="submitted")
    assert [(duty.state, duty.evidence) for duty in scene.duties("10", story="st_2")] == [("met", [dropped])]
    assert [duty.state for duty in scene.duties("13", story="st_2")] == ["open"]


# --- clause 11: the province's check within five --------------------------------------------------------------------


def test_clause_11_begins_when_the_unit_has_confirmed(scene: Scene) -> None:
    scene.act(MONDAY, "submit")
    assert scene.duties("11") == []
    scene.act("2026-11-17 09:00", "confirm", step="unit")
    assert scene.told_of("11") == [("ldld", "2026-11-25 24:00", "open")]  # 24 November is off
    scene.act("2026-11-25 09:00", "confirm", step="province", actor="organization:ldld")
    assert scene.told_of("11") == [("ldld", "2026-11-25 24:00", "met")]


def test_clause_11_is_not_opened_for_a_unit_that_has_nobody_above_it(scene: Scene) -> None:
    scene.act(MONDAY, "submit", by="phu-nu")
    scene.act("2026-11-17 09:00", "confirm", step="unit", by="phu-nu")
    assert scene.told_of("11") == [("mttq", "2026-11-25 24:00", "open")]


def test_clause_11_a_confirmation_above_does_for_the_unit_that_sleeps(scene: Scene) -> None:
    scene.act(MONDAY, "submit")
    scene.act("2026-11-23 09:00", "confirm", step="province")
    assert scene.told_of("10") == [("nghe-ca", "2026-11-19 24:00", "late")]
    assert [duty.ended_at is not None for duty in scene.duties("10")] == [True]
    assert scene.told_of("13") == [("", "2026-11-26 24:00", "open")]


# --- clause 12: urgent deeds ----------------------------------------------------------------------------------------


def test_clause_12_an_urgent_deed_is_confirmed_within_24_hours_also_on_a_sunday(scene: Scene) -> None:
    scene.act("2026-11-21 22:00", "submit", urgency=1)
    assert scene.told_of("12") == [("nghe-ca", "2026-11-22 22:00", "open")]
    assert scene.duties("10") == []
    scene.act("2026-11-22 20:00", "confirm", step="unit", urgency=1)
    assert scene.told_of("12") == [("nghe-ca", "2026-11-22 22:00", "met"), ("", "2026-11-23 20:00", "open")]
    assert scene.duties("11") == []  # the unit alone
    scene.act("2026-11-23 20:01", "approve", urgency=1)
    assert [duty.state for duty in scene.duties("12.2")] == ["met_late"]


# --- clause 13: the editor reviews within two -----------------------------------------------------------------------


def test_clause_13_begins_with_the_last_confirmation(scene: Scene) -> None:
    scene.act(MONDAY, "submit")
    scene.act("2026-11-17 09:00", "confirm", step="unit")
    assert scene.duties("13") == []
    scene.act("2026-11-18 09:00", "confirm", step="province")
    assert scene.told_of("13") == [("", "2026-11-20 24:00", "open")]
    number = scene.act("2026-11-20 16:00", "approve", actor="editor:1")
    (duty,) = scene.duties("13")
    assert (duty.owner_kind, duty.state, duty.evidence) == ("desk", "met", [number])


def test_clause_13_the_desk_reviews_anew_what_it_has_held(scene: Scene) -> None:
    scene.act(MONDAY, "submit", by="ldld", after="submitted")
    scene.act("2026-11-17 09:00", "hold", by="ldld", role="editor", before="submitted", after="held")
    scene.act("2026-11-24 09:00", "lift", by="ldld", role="editor", before="held", after="submitted")
    assert scene.told_of("13") == [("", "2026-11-18 24:00", "lapsed"), ("", "2026-11-26 24:00", "open")]


def test_clause_13_an_edition_that_lets_terms_go_on_during_a_hold_opens_none_anew(scene: Scene) -> None:
    scene.act(MONDAY, "submit", by="ldld", story="st_0", after="submitted")
    firm = editions.default_text().replace('"join",\n', '"join"\n').replace('                    "hold"\n', "")
    assert '"hold"' in firm
    scene.adopt(firm, when="2026-11-16 10:00")
    scene.act("2026-11-16 11:00", "submit", by="ldld", after="submitted")
    scene.act("2026-11-17 09:00", "hold", by="ldld", role="editor", before="submitted", after="held")
    scene.act("2026-11-17 10:00", "lift", by="ldld", role="editor", before="held", after="submitted")
    assert [duty.state for duty in scene.duties("13", story="st_1")] == ["open"]


# --- clause 20: two people for the armed forces ---------------------------------------------------------------------


def test_clause_20_asks_for_two_different_people(scene: Scene) -> None:
    scene.act(MONDAY, "submit", by="bien-phong")
    assert scene.duties("10") == []
    rows = [scene.act("2026-11-17 08:00", "confirm", step="unit", by="bien-phong", actor="person:1")]
    scene.act("2026-11-17 09:00", "confirm", step="unit", by="bien-phong", actor="person:1")  # the same one again
    assert [(duty.state, duty.evidence) for duty in scene.duties("20.1")] == [("open", rows)]
    assert scene.duties("11") == []
    rows.append(scene.act("2026-11-18 08:00", "confirm", step="unit", by="bien-phong", actor="person:2"))
    assert [(duty.state, duty.evidence) for duty in scene.duties("20.1")] == [("met", rows)]
    assert [duty.owner for duty in scene.duties("11")] == ["mttq"]


@pytest.mark.parametrize(("version", "needed"), [(1, 1), (2, 2)])
def test_clause_20_who_had_confirmed_before_a_hold_has_not_to_do_it_again(
    scene: Scene, version: int, needed: int
) -> None:
    post = {"by": "bien-phong"}
    scene.act(MONDAY, "submit", after="confirming", **post)
    first = scene.act("2026-11-17 08:00", "confirm", step="unit", after="confirming", actor="person:1", **post)
    scene.act("2026-11-17 09:00", "hold", role="editor", before="confirming", after="held", **post)
    lifted = {"step": "unit", "version": version, "before": "held", "after": "confirming"}
    scene.act("2026-11-18 09:00", "lift", role="editor", **lifted, **post)
    rows = [
        scene.act(f"2026-11-19 0{person}:00", "confirm", step="unit", version=version, actor=f"person:{person}", **post)
        for person in (2, 3)[:needed]
    ]
    stopped, anew = scene.duties("20.1")
    assert (stopped.state, stopped.evidence) == ("lapsed", [first])
    assert (anew.state, anew.evidence) == ("met", [first, *rows] if version == 1 else rows)
    assert [duty.state for duty in scene.duties("11")] == ["open"]


def test_clause_20_one_person_may_return_it(scene: Scene) -> None:
    scene.act(MONDAY, "submit", by="bien-phong")
    scene.act("2026-11-17 08:00", "return", by="bien-phong", actor="person:1")
    assert [duty.state for duty in scene.duties("20.1")] == ["met"]


# --- clause 22: withdrawal of consent -------------------------------------------------------------------------------


def test_clause_22_is_carried_out_at_once_and_reported_within_fifteen_days(scene: Scene) -> None:
    number = scene.happened(MONDAY, story="st_1", kind="consent_withdrawn", organization="nghe-ca", person="pe_1")
    (at_once,) = scene.duties("22.1")
    assert (at_once.state, at_once.evidence, local(at_once.due_at)) == ("met", [number], MONDAY)
    assert scene.told_of("22.3") == [("", "2026-12-01 24:00", "open")]
    scene.happened("2026-12-01 10:00", story="st_1", kind="consent_reported", person="pe_1")
    assert scene.told_of("22.3") == [("", "2026-12-01 24:00", "met")]


def test_clause_22_the_report_is_owed_to_whoever_took_consent_back_and_to_nobody_else(scene: Scene) -> None:
    for person in ("pe_1", "pe_2"):
        scene.happened(MONDAY, kind="consent_withdrawn", person=person)  # for every story
        scene.happened(MONDAY, story="st_1", kind="consent_withdrawn", persons=[])  # what was lost by it
    assert [state for *_, state in scene.told_of("22.3")] == ["open", "open"]
    scene.happened("2026-12-01 10:00", story="st_1", kind="consent_reported", person="pe_2")
    assert sorted(state for *_, state in scene.told_of("22.3")) == ["met", "open"]
    before = scene.table()
    scene.rebuild()
    assert scene.table() == before


def test_clause_22_the_report_on_one_story_is_not_the_report_on_another(scene: Scene) -> None:
    for story in ("st_1", "st_2"):
        scene.happened(MONDAY, story=story, kind="consent_withdrawn", person="pe_1")
    scene.happened("2026-11-17 10:00", story="st_1", kind="consent_reported", person="pe_1")
    assert {duty.story_id: duty.state for duty in scene.duties("22.3")} == {"st_1": "met", "st_2": "open"}
    scene.happened("2026-11-18 10:00", kind="consent_reported", person="pe_1")  # of whatever is left
    assert {duty.state for duty in scene.duties("22.3")} == {"met"}


def test_clause_22_each_outlet_owes_its_own_receipt(scene: Scene) -> None:
    due = "2026-11-17 10:00"
    for number, outlet in enumerate(("newspaper", "tv", "tv"), 1):
        asked = {"receipt": number, "outlet": outlet, "reason": "consent"}
        scene.happened(MONDAY, story="st_1", kind="receipt_asked", **asked)
    assert sorted(scene.told_of("22.2")) == [("newspaper", due, "open"), ("tv", due, "open"), ("tv", due, "open")]
    scene.happened("2026-11-17 09:00", story="st_1", kind="receipt", receipt=2, outlet="tv", status="done")
    assert sorted(scene.told_of("22.2")) == [("newspaper", due, "open"), ("tv", due, "met"), ("tv", due, "open")]


# --- clause 23: corrections -----------------------------------------------------------------------------------------


def test_clause_23_the_desk_deals_with_a_correction_within_24_hours(scene: Scene) -> None:
    scene.act("2026-11-21 10:00", "correct", before="released", after="correcting")
    assert scene.told_of("23.2") == [("", "2026-11-22 10:00", "open")]
    scene.act("2026-11-22 10:01", "approve", before="correcting", after="correction_approved")
    assert scene.told_of("23.2") == [("", "2026-11-22 10:00", "met_late")]


@pytest.mark.parametrize("answer", ["return", "recall"])
def test_clause_23_a_correction_still_waits_when_nothing_came_of_a_request_to_withdraw(
    scene: Scene, answer: str
) -> None:
    scene.act(MONDAY, "correct", before="released", after="correcting")
    scene.act("2026-11-16 12:00", "request_withdrawal", before="correcting", after="withdrawal_requested")
    scene.act("2026-11-16 14:00", answer, before="withdrawal_requested", after="correcting")
    assert scene.told_of("23.2") == [("", "2026-11-17 10:00", "open")]
    scene.act("2026-11-17 11:00", answer, before="correcting")
    ((_, _, state),) = scene.told_of("23.2")
    assert state == {"return": "met_late", "recall": "late"}[answer]


def test_clause_23_a_correction_that_came_during_a_hold_is_owed_an_answer_from_its_end_on(scene: Scene) -> None:
    scene.act(MONDAY, "hold", role="editor", before="released", after="held")
    scene.act("2026-11-16 11:00", "correct", before="held", after="held")
    assert scene.told_of("23.2") == []
    scene.act("2026-11-18 10:00", "lift", role="editor", before="held", after="correcting")
    assert scene.told_of("23.2") == [("", "2026-11-19 10:00", "open")]


def test_clause_23_a_hold_stops_the_term_and_its_end_begins_another(scene: Scene) -> None:
    scene.act(MONDAY, "correct", after="correcting")
    scene.act("2026-11-16 11:00", "hold", role="editor", before="correcting", after="held")
    assert scene.told_of("23.2") == [("", "2026-11-17 10:00", "lapsed")]
    scene.act("2026-11-18 10:00", "lift", role="editor", before="held", after="correcting")
    scene.act("2026-11-18 11:00", "approve", role="editor", before="correcting")
    assert scene.told_of("23.2") == [("", "2026-11-17 10:00", "lapsed"), ("", "2026-11-19 10:00", "met")]


CORRECTED = {"before": "correction_approved", "channels": ["newspaper/column"], "version": 2}


@pytest.mark.parametrize("use", ["printed", "aired", "published", "declined"])
@pytest.mark.parametrize("severity", ["minor", "substantive", "grave"])
def test_clause_23_an_outlet_says_a_correction_within_24_hours(scene: Scene, use: str, severity: str) -> None:
    scene.act(MONDAY, "release", severity=severity, **CORRECTED)
    assert scene.told_of("23.3") == [("newspaper", "2026-11-17 10:00", "open")]
    assert scene.duties("35") == []
    told = {"story": "st_1", "kind": "pickup", "outlet": "newspaper"}
    scene.happened("2026-11-16 20:00", use="planned", version=2, **told)
    assert scene.told_of("23.3") == [("newspaper", "2026-11-17 10:00", "open")]
    scene.happened("2026-11-17 07:00", use=use, version=2, **told)
    assert scene.told_of("23.3") == [("newspaper", "2026-11-17 10:00", "met")]


@pytest.mark.parametrize(("use", "state"), [("printed", "open"), ("declined", "met")])
def test_clause_23_what_was_printed_of_the_old_version_is_no_notice_of_its_correction(
    scene: Scene, use: str, state: str
) -> None:
    scene.act(MONDAY, "release", severity="grave", **CORRECTED)
    told = {"story": "st_1", "kind": "pickup", "outlet": "newspaper"}
    scene.happened("2026-11-16 11:00", use=use, version=1, **told)
    assert [duty.state for duty in scene.duties("23.3")] == [state]
    number = scene.happened("2026-11-17 07:00", use="printed", version=3, **told)
    assert scene.duties("23.3")[0].evidence[-1:] == [number - (use == "declined")]


def test_clause_23_nobody_owes_a_notice_of_what_only_looks_otherwise(scene: Scene) -> None:
    scene.act(MONDAY, "release", severity="cosmetic", **CORRECTED)
    assert scene.duties("23.3") == []


# --- clauses 24 and 25: holds and withdrawals -----------------------------------------------------------------------


def test_clause_24_a_hold_comes_to_an_end_within_ten_working_days(scene: Scene) -> None:
    scene.act(MONDAY, "hold", role="editor")
    assert scene.told_of("24") == [("", "2026-12-01 24:00", "open")]
    scene.act("2026-11-20 10:00", "lift", role="editor")
    assert scene.told_of("24") == [("", "2026-12-01 24:00", "met")]


def test_clause_24_the_desk_owes_the_end_of_its_own_hold_and_not_of_the_auditors(scene: Scene) -> None:
    scene.act(MONDAY, "hold", role="auditor", actor="auditor:None")
    assert scene.duties("24") == []
    scene.act(MONDAY, "hold", role="editor", before="held", after="held")
    scene.act("2026-11-20 10:00", "lift", role="auditor", actor="auditor:None")
    assert scene.told_of("24") == [("", "2026-12-01 24:00", "open")]
    scene.act("2026-11-21 10:00", "withdraw", role="contributor")
    assert scene.told_of("24") == [("", "2026-12-01 24:00", "met")]


@pytest.mark.parametrize(("act", "state"), [("withdraw", "met"), ("return", "met"), ("recall", "lapsed")])
def test_clause_25_a_request_is_decided_within_a_working_day(scene: Scene, act: str, state: str) -> None:
    scene.act(MONDAY, "request_withdrawal")
    scene.act("2026-11-17 17:00", act)
    assert scene.told_of("25.2") == [("", "2026-11-17 24:00", state)]


# --- clause 30: quotas ----------------------------------------------------------------------------------------------


def test_clause_30_a_quarter_asks_every_organization_for_its_number_of_stories(scene: Scene) -> None:
    scene.time_passes("2026-10-01 00:00")
    quotas = {duty.owner: (duty.clause, duty.period, local(duty.due_at)) for duty in scene.duties("30")}
    end = "2026-12-31 24:00"
    assert quotas == {
        "mttq": ("30.1", "2026-Q4", end),
        "ldld": ("30.1", "2026-Q4", end),
        "phu-nu": ("30.3", "2026-Q4", end),
        "nghe-ca": ("30.4", "2026-Q4", end),
        "bien-phong": ("30.5", "2026-Q4", end),
    }


def test_clause_30_counts_each_story_once_however_often_it_is_sent(scene: Scene) -> None:
    scene.time_passes("2026-10-01 00:00")
    rows = [scene.act("2026-10-05 10:00", "submit", story="st_1", by="phu-nu")]
    scene.act("2026-10-06 10:00", "submit", story="st_1", by="phu-nu", version=2)
    (quota,) = scene.duties("30.3")
    assert (quota.state, quota.evidence) == ("open", rows)
    rows.append(scene.act("2026-12-31 23:59", "submit", story="st_2", by="phu-nu"))
    (quota,) = scene.duties("30.3")
    assert (quota.state, quota.evidence) == ("met", rows)


def test_clause_30_a_story_of_the_new_year_does_not_fill_the_old_quarter(scene: Scene) -> None:
    scene.act("2027-01-01 00:00", "submit", by="phu-nu")
    states = {(duty.period, duty.clause): len(duty.evidence) for duty in scene.duties("30.3")}
    assert states == {("2026-Q4", "30.3"): 0, ("2027-Q1", "30.3"): 1}


# --- clause 31: no long silence -------------------------------------------------------------------------------------


def test_clause_31_a_unit_that_falls_silent_shows_up_after_sixty_days(scene: Scene) -> None:
    scene.act("2026-09-28 10:00", "submit")
    scene.act("2026-10-05 10:00", "submit", story="st_2")
    states = [(local(duty.due_at), duty.state) for duty in scene.duties("31")]
    assert states == [("2026-11-27 24:00", "met"), ("2026-12-04 24:00", "open")]
    scene.time_passes("2026-12-05 00:00")
    silent = scene.duties("31", when="2026-12-05 08:00", state="late")
    assert [(duty.owner, duty.story_id) for duty in silent] == [("nghe-ca", None)]


# --- clause 32: ideas -----------------------------------------------------------------------------------------------


def test_clause_32_each_idea_is_answered_for_itself_within_ten_days(scene: Scene) -> None:
    scene.happened(MONDAY, kind="idea", idea=7, organization="phu-nu")
    scene.happened("2026-11-17 10:00", kind="idea", idea=8, organization="phu-nu")
    answered = scene.happened("2026-11-18 10:00", kind="idea_answered", idea=8, organization="phu-nu")
    found = [(local(duty.due_at), duty.state, duty.evidence) for duty in scene.duties("32")]
    assert found == [("2026-11-26 24:00", "open", []), ("2026-11-27 24:00", "met", [answered])]


# --- clause 35: use or not ------------------------------------------------------------------------------------------


def test_clause_35_every_outlet_with_the_story_says_within_seven_days_whether_it_uses_it(scene: Scene) -> None:
    channels = ["newspaper/column", "tv/segment", "public/all", "public/green"]
    scene.act(MONDAY, "release", before="approved", channels=channels)
    due = "2026-11-23 24:00"
    assert sorted(scene.told_of("35")) == [("newspaper", due, "open"), ("tv", due, "open")]
    scene.happened("2026-11-20 10:00", story="st_1", kind="pickup", outlet="newspaper", use="planned")
    scene.happened("2026-11-24 10:00", story="st_1", kind="pickup", outlet="tv", use="declined")
    assert sorted(scene.told_of("35")) == [("newspaper", due, "met"), ("tv", due, "met_late")]


def test_clause_35_nobody_uses_what_was_withdrawn(scene: Scene) -> None:
    scene.act(MONDAY, "release", before="approved", channels=["newspaper/column"])
    scene.act("2026-11-18 10:00", "withdraw", reason="legal")
    assert scene.told_of("35") == [("newspaper", "2026-11-23 24:00", "lapsed")]


def test_clause_35_a_hold_stops_the_term_and_its_end_begins_another_for_whoever_has_not_said(scene: Scene) -> None:
    scene.act(MONDAY, "release", before="approved", channels=["newspaper/column", "tv/segment"])
    scene.happened("2026-11-17 10:00", story="st_1", kind="pickup", outlet="tv", use="planned", version=1)
    scene.act("2026-11-18 10:00", "hold", role="editor", before="released", after="held")
    scene.time_passes("2026-11-30 10:00")
    assert sorted(scene.told_of("35")) == [
        ("newspaper", "2026-11-23 24:00", "lapsed"),
        ("tv", "2026-11-23 24:00", "met"),
    ]
    scene.act("2026-11-30 11:00", "lift", role="editor", before="held", after="released")
    assert scene.told_of("35")[2:] == [("newspaper", "2026-12-07 24:00", "open")]
    scene.act("2026-12-01 11:00", "hold", role="editor", before="released", after="held")
    scene.act("2026-12-02 11:00", "lift", role="editor", before="held", after="correcting")
    scene.happened("2026-12-03 10:00", story="st_1", kind="pickup", outlet="newspaper", use="declined", version=1)
    assert [duty.state for duty in scene.duties("35", outlet="newspaper")] == ["lapsed", "lapsed", "met"]
    before = scene.table()
    scene.rebuild()
    assert scene.table() == before


@pytest.mark.parametrize(
    ("task", "channels", "state"),
    [
        ("reduce", ["newspaper/column", "newspaper/web"], "open"),
        ("withdraw", ["newspaper/column"], "open"),
        ("withdraw", ["newspaper/column", "newspaper/web"], "lapsed"),
    ],
)
def test_clause_35_an_outlet_that_has_lost_a_story_says_nothing_of_it(
    scene: Scene, task: str, channels: list[str], state: str
) -> None:
    scene.act(MONDAY, "release", before="approved", channels=["newspaper/column", "newspaper/web", "tv/segment"])
    asked = {"kind": "receipt_asked", "receipt": 1, "outlet": "newspaper", "reason": "consent"}
    scene.happened("2026-11-18 10:00", story="st_1", task=task, channels=channels, **asked)
    assert [(duty.owner, duty.state) for duty in scene.duties("35")] == [("newspaper", state), ("tv", "open")]


# --- clause 42: quarterly reports -----------------------------------------------------------------------------------


def test_clause_42_the_report_is_due_on_the_tenth_of_the_next_quarter(scene: Scene) -> None:
    scene.time_passes("2026-10-01 00:00")
    assert sorted(scene.told_of("42")) == [
        ("ldld", "2027-01-11 24:00", "open"),  # the tenth is a Sunday
        ("mttq", "2027-01-11 24:00", "open"),
    ]
    scene.happened("2027-01-08 10:00", kind="report", organization="ldld", quarter="2026-Q4")
    scene.happened("2027-01-12 10:00", kind="report", organization="mttq", quarter="2026-Q4")
    states = {(duty.owner, duty.period): duty.state for duty in scene.duties("42")}
    assert states == {
        ("ldld", "2026-Q4"): "met",
        ("mttq", "2026-Q4"): "met_late",
        ("ldld", "2027-Q1"): "open",  # the new quarter's own is not answered by the old one's report
        ("mttq", "2027-Q1"): "open",
    }


# --- clause 44: reminders, the level above, waivers -----------------------------------------------------------------


def test_clause_44_reminds_before_the_deadline_and_at_it_and_tells_the_level_above(scene: Scene) -> None:
    scene.act(MONDAY, "submit")
    assert said_of(scene, "10.1", until="2026-11-18 07:59") == []
    assert said_of(scene, "10.1", until="2026-11-18 08:00") == [("due_soon", "nghe-ca")]
    assert said_of(scene, "10.1", until="2026-11-19 23:59") == []
    assert said_of(scene, "10.1", until="2026-11-20 00:00") == [("late", "nghe-ca")]
    assert said_of(scene, "10.1", until="2026-11-20 23:59") == []
    assert said_of(scene, "10.1", until="2026-11-21 00:00") == [("late", "ldld")]
    assert said_of(scene, "10.1", until="2026-12-21 00:00") == []


def test_clause_44_over_the_head_of_the_province_the_desk_is_told(scene: Scene) -> None:
    scene.happened(MONDAY, kind="idea", idea=1, organization="mttq")
    said = scene.time_passes("2026-12-30 00:00")
    told = [(each["kind"], each["organization"], each["outlet"]) for each in said if each["clause"] == "32.1"]
    assert told == [("late", "mttq", ""), ("late", "", "")]


def test_clause_44_nothing_is_said_once_a_recorded_act_has_ended_it(scene: Scene) -> None:
    scene.act(MONDAY, "submit")
    scene.act("2026-11-17 10:00", "return")
    assert said_of(scene, "10.1", until="2026-12-21 00:00") == []


def test_clause_44_only_what_was_missed_last_is_said_after_the_hub_stood_still(scene: Scene) -> None:
    scene.act(MONDAY, "submit")
    assert said_of(scene, "10.1", until="2026-11-20 12:00") == [("late", "nghe-ca")]


def said_of(scene: Scene, clause: str, *, until: str) -> list[tuple[str, str]]:
    return [(said["kind"], said["organization"]) for said in scene.time_passes(until) if said["clause"] == clause]


def test_clause_31_who_sends_again_what_came_from_a_merged_unit_is_not_silent(scene: Scene) -> None:
    scene.act(MONDAY, "submit", story="st_1", by="phu-nu")
    with scene.database.writing() as session:
        decision = history.Decision(date(2026, 11, 18), "12-QĐ/TU")
        history.merge(session, ["phu-nu"], "mttq", decision, now=at("2026-11-18 08:00"))
    scene.act("2026-11-19 10:00", "submit", story="st_2", by="mttq")
    again = scene.act("2026-12-21 10:00", "submit", story="st_1", by="phu-nu")  # returned, mended by the successor
    found = [(duty.owner, duty.state, duty.evidence[-1:]) for duty in scene.duties("31")]
    assert found == [("phu-nu", "met", [again - 1]), ("mttq", "met", [again]), ("mttq", "open", [])]


def test_clause_44_whoever_comes_after_an_organization_answers_for_its_duties(scene: Scene) -> None:
    scene.time_passes("2026-10-01 00:00")
    rows = [scene.act("2026-11-16 10:00", "submit", by="phu-nu")]
    with scene.database.writing() as session:
        decision = history.Decision(date(2026, 11, 18), "12-QĐ/TU")
        history.merge(session, ["phu-nu"], "mttq", decision, now=at("2026-11-18 08:00"))
    scene.act("2026-11-17 10:00", "submit", story="st_2", by="mttq")  # before the day it has effect
    assert [duty.evidence for duty in scene.duties("30.3") if duty.owner == "phu-nu"] == [[*rows, rows[0] + 1]]
    scene.act("2026-11-19 10:00", "submit", story="st_3", by="mttq")  # counts for the heir's own number, and once
    (quota,) = scene.duties("30.3")
    merged = rows[0] + 1
    assert (quota.owner, quota.state, quota.evidence) == ("phu-nu", "lapsed", [*rows, merged])
    (heirs,) = [duty for duty in scene.duties("30.1") if duty.owner == "mttq"]
    assert heirs.counted == ["st_2", "st_3"]
    told = [said["organization"] for said in scene.time_passes("2026-11-20 00:00") if said["clause"] == "10.1"]
    assert told == ["mttq"]  # that the confirmation of before is late
    scene.act("2026-11-20 10:00", "confirm", step="unit", by="mttq")
    assert [duty.state for duty in scene.duties("10")] == ["met_late"]
    assert {duty.owner for duty in scene.duties(organization="mttq")} == {"phu-nu", "mttq"}
    assert {duty.owner for duty in scene.duties(organization="mttq", when="2026-11-17 12:00")} == {"mttq"}
    before = scene.table()
    scene.rebuild()
    assert scene.table() == before


def test_clause_44_what_is_told_late_of_a_merger_changes_nobodys_duties_of_before(scene: Scene) -> None:
    scene.time_passes("2026-10-01 00:00")
    scene.act(MONDAY, "submit", by="phu-nu")
    scene.act(MONDAY, "submit", by="mttq", story="st_2")
    scene.act("2026-11-17 10:00", "submit", by="nghe-ca", story="st_3")
    scene.act("2026-11-18 10:00", "confirm", by="nghe-ca", story="st_3", step="unit")
    with scene.database.writing() as session:
        now = at("2026-12-10 08:00")
        decision = history.Decision(date(2026, 11, 1), "12-QĐ/TU")
        history.merge(session, ["phu-nu"], "mttq", decision, now=now)
        history.move(session, "nghe-ca", "mttq", history.Decision(date(2026, 11, 2), "13-QĐ/TU"), now=now)
    scene.act("2026-12-11 10:00", "confirm", step="unit", by="mttq")
    scene.time_passes("2027-01-20 09:00")
    assert {duty.owner for duty in scene.duties("10")} == {"phu-nu", "nghe-ca"}
    assert scene.told_of("11", when="2026-11-20 00:00") == [("ldld", "2026-11-26 24:00", "open")]
    before = scene.table()
    scene.rebuild()
    assert scene.table() == before


@pytest.mark.parametrize(("closes", "late"), [("2026-11-20", "lapsed"), ("2027-01-20", "late")])
def test_clause_44_nobody_owes_the_numbers_and_the_next_story_of_a_closed_organization(
    scene: Scene, closes: str, late: str
) -> None:
    scene.time_passes("2026-10-01 00:00")
    scene.act(MONDAY, "submit", before="draft", after="confirming", by="phu-nu")
    with scene.database.writing() as session:
        decision = history.Decision(date.fromisoformat(closes), "16-QĐ/TU")
        history.close(session, "phu-nu", decision, now=at("2026-11-20 09:00"))
    projector.catch_up(scene.database)
    scene.time_passes("2027-02-10 10:00")
    found = {
        (duty.clause, duty.period): (duty.state, local(duty.ended_at))
        for duty in scene.duties(None)
        if duty.owner == "phu-nu"
    }
    assert found.pop(("10.1", "")) == ("late", "")  # whoever stands above it may still confirm
    ended = "2026-11-20 09:00" if late == "lapsed" else ""
    assert found == {("30.3", "2026-Q4"): (late, ended), ("31.1", ""): (late, ended)}
    before = scene.table()
    scene.rebuild()
    assert scene.table() == before


def test_clause_44_what_opens_between_the_decision_and_its_day_is_not_owed_after_it(scene: Scene) -> None:
    with scene.database.writing() as session:
        decision = history.Decision(date(2026, 11, 30), "16-QĐ/TU")
        history.close(session, "phu-nu", decision, now=at("2026-11-16 09:00"))
    scene.act("2026-11-20 10:00", "submit", before="draft", after="confirming", by="phu-nu")
    assert scene.duties("31") == []  # its 60 days end when there is nobody any more


def test_clause_30_nobody_owes_the_numbers_of_a_period_before_they_were_known(scene: Scene) -> None:
    scene.time_passes("2026-10-01 00:00")
    with scene.database.writing() as session:
        late = NewOrganization(
            code="phu-nu-moi", name="Hội mới", kind="hoi_phu_nu", level="commune", valid_from=date(2020, 1, 1)
        )
        organizations.add(session, late, now=at("2026-11-20 09:00"))
    scene.act("2026-11-20 10:00", "submit")
    scene.time_passes("2027-01-04 00:00")
    owed = {duty.period for duty in scene.duties(None) if duty.owner == "phu-nu-moi"}
    assert owed == {"2027-Q1"}
    before = scene.table()
    scene.rebuild()
    assert scene.table() == before


def test_clause_44_a_closed_organization_leaves_the_row_that_says_so(scene: Scene) -> None:
    number = scene.act(MONDAY, "submit")
    with scene.database.writing() as session:
        decision = history.Decision(date(2026, 11, 20), "16-QĐ/TU")
        history.close(session, "nghe-ca", decision, now=at("2026-11-20 09:00"))
    scene.happened("2026-11-20 10:00", kind="idea", idea=1, organization="mttq")
    assert [(duty.state, duty.evidence) for duty in scene.duties("31")] == [("lapsed", [number + 1])]


def test_clause_44_whoever_stands_above_a_closed_organization_answers_for_it(scene: Scene) -> None:
    scene.time_passes("2026-10-01 00:00")
    scene.act("2026-11-16 10:00", "submit", story="st_0", by="nghe-ca")
    (waiting,) = [duty.owner for duty in scene.duties("10.1")]
    assert waiting == "nghe-ca"
    with scene.database.writing() as session:
        now = at("2026-11-18 08:00")
        history.close(session, "nghe-ca", history.Decision(date(2026, 11, 18), "16-QĐ/TU"), now=now)
    told = [said["organization"] for said in scene.time_passes("2026-11-20 00:00") if said["clause"] == "10.1"]
    assert told == ["ldld"]
    with scene.database.reading() as session:
        lookups = Lookups(session)
        before, after = at("2026-11-17 08:00"), at("2026-11-19 08:00")
        assert [lookups.who_answers("nghe-ca", when)[0] for when in (before, after)] == ["nghe-ca", "ldld"]
        session.scalars(select(Organization).where(Organization.code == "ldld")).one().ended_on = date(2026, 11, 18)
        units = [[unit.code for unit in Lookups(session).lineage("nghe-ca", when)] for when in (before, after)]
        assert units[0][:2] == ["nghe-ca", "ldld"]
        assert "ldld" not in units[1]
        session.rollback()


# --- clause 47: which edition judges --------------------------------------------------------------------------------


def test_clause_47_what_was_opened_under_the_old_edition_keeps_its_deadline(scene: Scene) -> None:
    milder = editions.default_text().replace('"working_days": 3', '"working_days": 4', 1)
    scene.adopt(milder, when="2026-11-10 08:00", effective_on=date(2026, 11, 17))
    scene.act("2026-11-16 23:59", "submit", story="st_old")
    scene.act("2026-11-17 00:00", "submit", story="st_new")
    found = {duty.story_id: (local(duty.due_at), duty.edition_id) for duty in scene.duties("10")}
    assert found == {"st_old": ("2026-11-19 24:00", 1), "st_new": ("2026-11-23 24:00", 2)}
