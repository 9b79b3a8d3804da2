"""The default regulation read by machine: what it asks of whom, and what a regulation may not say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from hub.api.calls import FAULT_CODES
from hub.regulation.edition import clauses, gaps, positions
from hub.regulation.edition.clauses import EMPTY, StoryFacts, Unit
from hub.regulation.edition.drafting import RegulationRefused, parse
from hub.regulation.workflow import ActKind
from tests.regulation.provinces import (
    BORDER_POST,
    FISHERS,
    FRONT,
    PROVINCE,
    WOMEN,
    changed,
    clause,
    default,
    sent_by,
    text,
)

Change = Callable[[dict[str, Any]], object]


# --- the default regulation -----------------------------------------------------------------------------------------


def test_the_default_regulation_is_whole() -> None:
    assert [len(chapter.clauses) > 0 for chapter in default().chapters] == [True] * 7
    assert 30 <= len(default().clauses) <= 60
    assert list(default().clauses) == [str(number) for number in range(1, len(default().clauses) + 1)]
    for each in default().clauses.values():
        assert each.dated <= date(2026, 6, 15)
        assert each.title != each.gloss


def test_what_a_clause_rests_on_holds_or_was_replaced_by_what_holds() -> None:
    bases = default().legal_bases
    cited = {basis for each in default().clauses.values() for basis in each.based_on}
    assert {"luat-tre-em-2016", "nghi-dinh-56-2017", "luat-bvdlcn-2025", "thong-bao-404", "luat-bao-chi-2025"} <= cited
    assert all(bases[basis].status != "repealed" for basis in cited)
    assert bases["nghi-dinh-13-2023"].replaced_by == "luat-bvdlcn-2025"
    assert bases["luat-bao-chi-2016"].replaced_by == "luat-bao-chi-2025"


@pytest.mark.parametrize("act", [*ActKind, "confirm", "join", "verify_claim", "erase", "waive"])
def test_every_act_names_its_clause(act: str) -> None:
    found = clauses.clause_for_act(default(), str(act), sent_by(FISHERS, PROVINCE))
    assert found is not None


def test_every_refusal_of_a_release_names_its_clause() -> None:
    (codes,) = (codes for title, codes in FAULT_CODES if title.en == "Rules of release")
    for code in codes.split():
        assert clauses.clause_for_refusal(default(), code) is not None, code


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("no_method_or_lesson", "7"),
        ("field_missing", "7"),
        ("embargo_too_early", "15"),
        ("already_released", "15"),
        ("unverified_claim", "16"),
        ("no_consent", "18"),
        ("name_without_consent", "18"),
        ("consent_not_yet", "18"),
        ("no_guardian_consent", "19"),
        ("no_child_assent", "19"),
        ("no_unit_clearance", "20"),
        ("no_guest", "21"),
        ("unexplained_change", "23"),
    ],
)
def test_a_refusal_rests_on_the_clause_that_asks_for_it(code: str, number: str) -> None:
    found = clauses.clause_for_refusal(default(), code)
    assert found is not None
    assert found.number == number


@pytest.mark.parametrize(
    ("facts", "route"),
    [
        (sent_by(FISHERS, PROVINCE, FRONT), [("unit", "10.1", "nghe-ca"), ("province", "11.1", "ldld")]),
        (sent_by(WOMEN, FRONT), [("unit", "10.1", "phu-nu"), ("province", "11.1", "mttq")]),
        (sent_by(PROVINCE, FRONT), []),  # answers for itself
        (sent_by(FISHERS, PROVINCE, urgency=3), [("unit", "12.1", "nghe-ca")]),
        (sent_by(FISHERS, PROVINCE, urgency=4), [("unit", "10.1", "nghe-ca"), ("province", "11.1", "ldld")]),
        (sent_by(FISHERS), [("unit", "10.1", "nghe-ca")]),  # nobody above it at that level
        (sent_by(BORDER_POST, FRONT), [("unit", "20.1", "bien-phong"), ("province", "11.1", "mttq")]),
        (sent_by(BORDER_POST, FRONT, urgency=1), [("unit", "20.2", "bien-phong")]),
        (sent_by(Unit(code="x", kind="khac")), []),  # of no level
        (StoryFacts(), []),
    ],
)
def test_the_clauses_that_apply_form_the_route(facts: StoryFacts, route: list[tuple[str, str, str]]) -> None:
    found = clauses.route_of(default(), facts)
    units = [step.unit_of(facts) for step in found]
    told = [(step.name, step.rule.number, unit.code if unit else "-") for step, unit in zip(found, units, strict=True)]
    assert told == route


def test_only_the_armed_forces_need_two_people() -> None:
    assert [step.two_people for step in clauses.route_of(default(), sent_by(BORDER_POST, FRONT))] == [True, False]
    assert [step.two_people for step in clauses.route_of(default(), sent_by(FISHERS, FRONT))] == [False, False]


def test_a_confirmation_rests_on_the_clause_of_its_step() -> None:
    facts = sent_by(FISHERS, PROVINCE)
    steps = {step: clauses.clause_for_act(default(), "confirm", facts, step=step) for step in ("unit", "province")}
    assert {step: found and found.number for step, found in steps.items()} == {"unit": "10", "province": "11"}
    urgent = clauses.clause_for_act(default(), "confirm", sent_by(FISHERS, PROVINCE, urgency=1), step="unit")
    assert urgent is not None
    assert urgent.number == "12"


@pytest.mark.parametrize(
    ("kind", "urgency", "barred"),
    [
        ("dien_hinh_tien_tien", 5, True),
        ("mo_hinh_cach_lam_hay", 5, True),
        ("guong_nguoi_tot_viec_tot", 5, False),
        ("mo_hinh_cach_lam_hay", 2, False),  # clause 16, paragraph 3
    ],
)
def test_an_unverified_claim_bars_the_release_where_clause_16_says_so(kind: str, urgency: int, barred: bool) -> None:
    facts = sent_by(FISHERS, PROVINCE, story_kind=kind, urgency=urgency)
    found = clauses.clause_for_refusal(default(), "unverified_claim", facts)
    assert (found is not None) is barred
    assert found is None or found.number == "16"


def test_other_rules_read_their_limits_from_the_edition() -> None:
    assert (default().limits.assent_age, default().limits.minor_age) == (7, 16)
    assert clauses.hours_to_answer(default(), "receipt") == 24
    assert clauses.hours_to_answer(default(), "idea") is None
    own = parse(changed(lambda said: said.update(limits={"assent_age": 9, "minor_age": 18})))
    assert (own.limits.assent_age, own.limits.minor_age) == (9, 18)


def test_without_a_regulation_nothing_is_asked() -> None:
    facts = sent_by(FISHERS, PROVINCE)
    assert clauses.route_of(EMPTY, facts) == ()
    assert clauses.clause_for_act(EMPTY, "approve", facts) is None
    assert clauses.clause_for_refusal(EMPTY, "no_guest") is None
    assert (EMPTY.limits.assent_age, EMPTY.limits.minor_age) == (7, 16)


# --- what a regulation may not say ----------------------------------------------------------------------------------


def rule(document: dict[str, Any], number: str, place: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = clause(document, number)["rules"][place]
    return found


def basis(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in document["legal_bases"] if each["id"] == name)


BAD: list[tuple[str, Change, str]] = [
    ("unknown_duty", lambda d: rule(d, "13")["what"].update(act="applaud"), "/rules/0/what/act"),
    ("unknown_duty", lambda d: rule(d, "32")["what"].update(answer="poem"), "/rules/0/what/answer"),
    ("unknown_duty", lambda d: rule(d, "7")["what"].update(field="horoscope"), "/rules/0/what/field"),
    ("unknown_duty", lambda d: rule(d, "13")["evidence"][0].update(act=["approve", "nod"]), "/rules/0/evidence/0/act"),
    ("unknown_duty", lambda d: rule(d, "32")["evidence"][0].update(kind="rumour"), "/rules/0/evidence/0/kind"),
    ("unknown_duty", lambda d: rule(d, "13")["what"].update(answer="use"), "/rules/0/what"),
    ("unknown_owner", lambda d: rule(d, "11")["who"].pop("level"), "/rules/0/who"),
    ("unknown_owner", lambda d: rule(d, "30")["who"].update(of="sender"), "/rules/0/who/of"),
    ("impossible_deadline", lambda d: rule(d, "10").update(deadline={"working_days": 0}), "/deadline/working_days"),
    ("impossible_deadline", lambda d: rule(d, "10").update(deadline={"working_days": 900}), "/deadline/working_days"),
    ("impossible_deadline", lambda d: rule(d, "42").update(deadline={"day_after_period": 31}), "/day_after_period"),
    ("deadline_without_period", lambda d: rule(d, "13").update(deadline={"period_end": True}), "/deadline/period_end"),
    ("deadline_without_period", lambda d: rule(d, "42").update(deadline={"days": 10}), "/deadline/days"),
    ("reminder_too_early", lambda d: rule(d, "12").update(reminders=[{"days": 1}]), "/rules/0/reminders/0"),
    ("unknown_refusal", lambda d: rule(d, "10").update(refuses=["no_guest", "nonsense"]), "/rules/0/refuses/1"),
    ("assent_after_childhood", lambda d: d.update(limits={"assent_age": 16, "minor_age": 7}), "/limits/assent_age"),
    ("assent_after_childhood", lambda d: d.update(limits={"assent_age": 16, "minor_age": 16}), "/limits/assent_age"),
    ("assent_after_childhood", lambda d: d.update(limits={"minor_age": 7}), "/limits/minor_age"),
    ("assent_after_childhood", lambda d: d.update(limits={"assent_age": 17}), "/limits/assent_age"),
    (
        "empty_range",
        lambda d: rule(d, "10").update(applies_to={"urgency": {"from": 9, "to": 4}}),
        "/applies_to/urgency",
    ),
    (
        "no_version_to_compare",
        lambda d: rule(d, "22", 2)["evidence"][0].update(version="not_older"),
        "/rules/2/evidence/0/version",
    ),
    (
        "no_version_to_compare",
        lambda d: rule(d, "23", 2)["trigger"]["on"][0].update(version="not_older"),
        "/rules/2/trigger/on/0/version",
    ),
    ("enum", lambda d: rule(d, "23", 2)["evidence"][0].update(version="newest"), "/rules/2/evidence/0/version"),
    (
        "enum",
        lambda d: rule(d, "23", 2)["trigger"]["on"][0].update(severity=["minor", "huge"]),
        "/rules/2/trigger/on/0/severity/1",
    ),
    (
        "day_off_and_worked",
        lambda d: d.update(calendar={"off": ["2026-12-24"], "working": ["2026-12-23", "2026-12-24"]}),
        "/calendar/working/1",
    ),
    ("unknown_clause", lambda d: clause(d, "10").update(cites=["6", "77"]), "/cites/1"),
    ("unknown_clause", lambda d: d["forms"][0].update(clause="77"), "/forms/0/clause"),
    ("unknown_paragraph", lambda d: rule(d, "13").update(paragraph=9), "/rules/0/paragraph"),
    ("unknown_legal_basis", lambda d: clause(d, "19").update(based_on=["luat-rung"]), "/based_on/0"),
    ("unknown_legal_basis", lambda d: basis(d, "luat-bao-chi-2016").update(replaced_by="no-law"), "/replaced_by"),
    ("repealed_legal_basis", lambda d: basis(d, "luat-bao-chi-2016").pop("replaced_by"), "/status"),
    ("repealed_legal_basis", lambda d: basis(d, "luat-tre-em-2016").update(status="repealed"), "/status"),
    ("duplicate_number", lambda d: clause(d, "11").update(number="10"), "/number"),
    ("duplicate_number", lambda d: d["chapters"][1].update(number=1), "/chapters/1/number"),
    ("duplicate_number", lambda d: d["forms"][1].update(number="01"), "/forms/1/number"),
    ("duplicate_number", lambda d: d["legal_bases"][1].update(id="thong-bao-404"), "/legal_bases/1/id"),
    ("duplicate_number", lambda d: rule(d, "12", 1).update(paragraph=1), "/rules/1/paragraph"),
    ("enum", lambda d: rule(d, "10")["who"].update(role="chief"), "/who/role"),
    ("required", lambda d: rule(d, "10").pop("evidence"), "/evidence"),
    ("unknown_field", lambda d: rule(d, "10").update(deadlin={}), "/rules/0/deadlin"),
]


@pytest.mark.parametrize(("code", "change", "ending"), BAD, ids=[f"{n}-{bad[0]}" for n, bad in enumerate(BAD)])
def test_a_regulation_that_does_not_hold_is_refused_with_a_pointer(code: str, change: Change, ending: str) -> None:
    with pytest.raises(RegulationRefused) as refused:
        parse(changed(change))
    assert (code, True) in [(fault.code, fault.pointer.endswith(ending)) for fault in refused.value.faults]


def test_an_unknown_refusal_comes_with_the_one_that_may_be_meant() -> None:
    with pytest.raises(RegulationRefused) as refused:
        parse(changed(lambda d: rule(d, "18").update(refuses=["no_concent"])))
    (fault,) = refused.value.faults
    assert "no_consent" in fault.facts["suggestion"].split(", ")


def test_what_no_clause_speaks_of_is_found() -> None:
    assert gaps.find(default()) == gaps.Gaps(acts=(), refusals=(), unasked=())
    left = parse(changed(lambda d: [each.pop("rules", None) for each in (clause(d, "16"), clause(d, "18"))]))
    found = gaps.find(left)
    assert (found.acts, found.unasked) == (("verify_claim",), ("unverified_claim",))
    assert found.refusals == ("consent_not_yet", "name_without_consent", "no_consent")


def test_two_laws_that_replace_each_other_hold_nothing_up() -> None:
    def circle(document: dict[str, Any]) -> None:
        basis(document, "luat-bao-chi-2025").update(status="repealed", replaced_by="luat-bao-chi-2016")

    with pytest.raises(RegulationRefused) as refused:
        parse(changed(circle))
    assert [fault.code for fault in refused.value.faults] == ["repealed_legal_basis"] * 2


@pytest.mark.parametrize("document", [None, [], "quy chế", {}, {"chapters": 1}])
def test_what_is_no_regulation_at_all_is_refused_too(document: Any) -> None:
    with pytest.raises(RegulationRefused):
        parse(document)


# --- lines ----------------------------------------------------------------------------------------------------------


def test_every_value_of_the_file_is_found_by_its_line() -> None:
    source = positions.read(text())
    lines = text().splitlines()
    for pointer, said in (
        ("/number", '"number": "08-QC/TU"'),
        ("/chapters/1/clauses/3/title", "Xác nhận của đơn vị"),
        ("/chapters/1/clauses/3/rules/0/deadline/working_days", '"working_days": 3'),
    ):
        assert said in lines[source.line_of(pointer) - 1]
    assert source.line_of("/chapters/1/clauses/3/rules/0/nothing/there") == source.line_of(
        "/chapters/1/clauses/3/rules/0"
    )


@pytest.mark.parametrize(
    ("said", "code", "line"),
    [
        ('{"a": 1,\n"b": }', "not_json", 2),
        ('{"a": 1,\n\n"a": 2}', "duplicate_key", 3),
        ('{"a": {"b": [1, {"c": 1,\n"c": 2}]}}', "duplicate_key", 2),
        ('{"a": NaN}', "not_a_number", 1),
        ("[" * 60 + "]" * 60, "too_deep", 1),
        ("[" * 100_000, "too_deep", 1),
    ],
)
def test_a_file_that_is_no_json_is_told_by_its_line(said: str, code: str, line: int) -> None:
    with pytest.raises(positions.BadText) as refused:
        positions.read(said)
    assert (refused.value.fault.code, refused.value.line) == (code, line)


@pytest.mark.parametrize("said", ["{}", "[]", "1", '"a"', ' {"a\\"": [ 1 , {"b" : null} ] } ', '{"a/b~": {"": true}}'])
def test_any_json_text_can_be_walked(said: str) -> None:
    source = positions.read(said)
    assert source.line_of("") == 1
    assert source.line_of("/a~1b~0/") == 1
