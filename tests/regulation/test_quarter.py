"""A simulated quarter of a province: what the hub says everybody owed is what a few lines read out of the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from hub.accounts import keys, organizations
from hub.app import create_app
from hub.cli import main
from hub.config import Settings
from hub.intake.media_store import MediaStore
from hub.models import Duty
from hub.operation.verifying import verification
from hub.regulation.duties import reading
from tests.builders import Client
from tests.regulation import quarter_script, recount
from tests.regulation.quarter import PERFORMED, Quarter
from tests.regulation.quarter_script import FRONT, GIVER, LOCAL, TAKER, Script
from tests.regulation.recount import Owed, Recount, Row

Figures = dict[tuple[str, str], Counter[str]]  # states of what an owner owes under a clause
SEED = 2027
WHOLE, PART = 2000, 120  # stories
IN_TET = datetime(2027, 2, 6, 10, tzinfo=LOCAL)
BEFORE_MERGER = datetime(2027, 2, 14, 23, 59, tzinfo=LOCAL)
QUARTERS_END = datetime(2027, 4, 1, tzinfo=LOCAL)
AFTER_REPORTS = datetime(2027, 4, 15, 12, tzinfo=LOCAL)
FAR_AHEAD = datetime(2100, 1, 1, tzinfo=LOCAL)
WHENEVER = (IN_TET, BEFORE_MERGER, QUARTERS_END, AFTER_REPORTS)
SAMPLED = (FRONT, "ldld", GIVER, TAKER, f"{TAKER}-hpn", "don-bien-phong-0")


# --- the script -----------------------------------------------------------------------------------------------------


def test_the_same_seed_tells_the_same_quarter() -> None:
    one, again, other = (quarter_script.write(seed=seed, units=40, stories=30) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_everything_that_can_happen_happens_in_the_quarter() -> None:
    script = quarter_script.write(seed=SEED, units=300, stories=WHOLE)
    assert len(script.units) == 300
    assert len({event.story for event in script.events if event.what == "submit"}) == WHOLE
    assert {event.what for event in script.events} == PERFORMED.keys()
    assert {unit.level for unit in script.units} == {"province", "commune", "grassroots"}


# --- its figures ----------------------------------------------------------------------------------------------------


@pytest.fixture
def stories(request: pytest.FixtureRequest) -> int:
    """The whole quarter for whoever asks for what is slow; a part of it otherwise."""
    return WHOLE if request.config.option.markexpr == "slow" else PART


@pytest.mark.parametrize(
    ("settings", "units"),
    [
        pytest.param("sqlite", 300, marks=pytest.mark.slow),
        ("postgresql", 40),
        pytest.param("postgresql", 300, marks=pytest.mark.slow),
    ],
    ids=["sqlite", "postgresql in part", "postgresql"],
    indirect=["settings"],
)
def test_what_a_quarter_made_everybody_owe_is_what_its_journal_tells(
    request: pytest.FixtureRequest, settings: Settings, units: int, stories: int
) -> None:
    if stories == PART and request.node.callspec.id == "postgresql":
        pytest.skip("its part runs beside it; the whole of it with -m slow")
    quarter = Quarter(settings, quarter_script.write(seed=SEED, units=units, stories=stories))
    quarter.perform()
    rows = quarter.rows()
    owed = {at: recounted(quarter.script, rows, at=at) for at in WHENEVER}
    assert {each.state for each in owed[AFTER_REPORTS]} == {"open", "late", "met", "met_late", "lapsed", "waived"}
    assert_told(quarter, rows, owed)
    assert find_faults(quarter) == []
    assert rebuild(settings) == len(told(quarter, at=FAR_AHEAD))
    assert_told(quarter, rows, owed)
    quarter.database.engine.dispose()


def assert_told(quarter: Quarter, rows: Sequence[Row], owed: Mapping[datetime, list[Owed]]) -> None:
    """The table of duties and the API tell what was recounted."""
    for at, expected in owed.items():
        found = told(quarter, at=at)
        assert figures(found) == figures(expected)
        assert sorted(found) == sorted(expected)  # and so does every duty, by its row and its deadline
    assert_answered(quarter, rows, owed)


def recounted(script: Script, rows: Sequence[Row], *, at: datetime) -> list[Owed]:
    """What was owed at an instant, by the few lines that know nothing of the hub."""
    tree = {unit.code: (unit.kind, unit.level, unit.parent) for unit in script.units}
    return Recount([row for row in rows if recount.at(row) <= at], tree, at).all()


def told(quarter: Quarter, *, at: datetime) -> list[Owed]:
    """What was owed at an instant, by the table of duties."""
    with quarter.database.reading() as session:
        rows = session.scalars(select(Duty).where(Duty.opened_at <= at))
        return [
            Owed(row.clause, row.owner, row.opened_by, row.opened_at, row.due_at, reading.state_at(row, at))
            for row in rows
        ]


def figures(owed: Sequence[Owed]) -> Figures:
    """How many are met, met late, late, open, waived and lapsed, for each owner and clause."""
    found: Figures = {}
    for each in owed:
        found.setdefault((each.owner, each.clause), Counter())[each.state] += 1
    return found


# --- through the doors ----------------------------------------------------------------------------------------------


def assert_answered(quarter: Quarter, rows: Sequence[Row], owed: Mapping[datetime, list[Owed]]) -> None:
    """What the API answers about sampled organizations, to the desk and to themselves, is what was recounted."""
    app = create_app(quarter.settings, clock=quarter.clock)
    desk, own = Client(app, quarter.editor_key), Client(app, _key_of(quarter, TAKER))
    for at in (BEFORE_MERGER, QUARTERS_END):
        known = Recount(rows, {}, at)
        for code in SAMPLED:
            theirs = [each for each in owed[at] if each.owner == code or code == known.heir(each.owner, at)]
            expected = Counter((each.owner, each.clause, each.state) for each in theirs)
            assert Counter(_asked(desk, code, at)) == expected
            if code == TAKER:
                assert Counter(_asked(own, code, at)) == expected
                assert {owner for owner, _, _ in expected} == ({TAKER} if at == BEFORE_MERGER else {GIVER, TAKER})
    app.extensions["hub"].database.engine.dispose()


def _asked(client: Client, code: str, at: datetime) -> Iterator[tuple[str, str, str]]:
    """Owner, clause and state of every duty that an organization answers for, page by page."""
    query = f"organization={code}&as_of={at.isoformat().replace('+', '%2B')}&limit=100"
    cursor = ""
    while True:
        answer = client.get(f"/api/v1/duties?{query}{cursor}")
        assert answer.status_code == 200, answer.text
        for item in answer.json["items"]:
            yield item["owner"]["code"], item["clause"]["number"], item["state"]
        if answer.json["next"] is None:
            return
        cursor = f"&cursor={answer.json['next'].replace('+', '%2B')}"


def _key_of(quarter: Quarter, code: str) -> str:
    with quarter.database.writing() as session:
        row = organizations.get(session, code)
        return keys.mint(session, "organization", organization=row, now=quarter.clock.now()).secret


def rebuild(settings: Settings) -> int:
    """`hub duties rebuild`; returns the number it tells."""
    env = {"HUB_DATA": str(settings.data), "HUB_DATABASE_URL": settings.database_url, "HUB_BASE_URL": settings.base_url}
    done = CliRunner().invoke(main, ["duties", "rebuild"], env=env)
    assert done.exit_code == 0, done.output
    return int(done.stdout)


def find_faults(quarter: Quarter) -> list[str]:
    """What `hub verify` says of it."""
    store = MediaStore(quarter.settings.media_folder)
    return list(
        verification.find_faults(quarter.database, store, quarter.settings.address, seen=lambda _what, _many: None)
    )
