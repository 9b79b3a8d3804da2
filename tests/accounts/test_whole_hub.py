"""The seat of the hub: the organization that it is run from, whatever becomes of the tree."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.accounts import history, organizations, whole_hub
from hub.accounts.history import Decision
from hub.accounts.organizations import NewOrganization
from hub.db import Database
from hub.models import Setting
from tests.builders import FOUNDED
from tests.conftest import NOON

TODAY = NOON.date()
DECISION = Decision(on=TODAY, number="12-QĐ/TU")


def add(session: Session, code: str, parent: str | None = None) -> None:
    new = NewOrganization(code=code, name=f"Tổ chức {code}", kind="mat_tran", valid_from=FOUNDED, parent=parent)
    organizations.add(session, new, now=NOON)


def seat(session: Session, *, days: int = 0, ahead: bool = False) -> str:
    found = whole_hub.find_seat(session, now=NOON + timedelta(days=days), ahead=ahead)
    assert found is not None
    return found.code


def test_a_hub_without_organizations_is_run_from_nowhere(database: Database) -> None:
    with database.reading() as session:
        assert whole_hub.find_seat(session, now=NOON) is None


def test_the_first_organization_becomes_the_seat_and_stays_it_below_another(database: Database) -> None:
    with database.writing() as session:
        add(session, "mat-tran")
        add(session, "tinh-uy")
        assert session.get_one(Setting, organizations.SEAT).value == "mat-tran"
        history.move(session, "mat-tran", "tinh-uy", DECISION, now=NOON)
        assert seat(session) == "mat-tran"


def test_whoever_succeeds_the_seat_is_the_seat_from_that_day_on(database: Database) -> None:
    with database.writing() as session:
        add(session, "mat-tran")
        add(session, "hoi-moi")
        later = Decision(on=TODAY + timedelta(days=3), number="12")
        history.merge(session, ["mat-tran"], "hoi-moi", later, now=NOON)
        assert [seat(session, days=days, ahead=days > 0) for days in (0, 2, 3)] == ["mat-tran", "mat-tran", "hoi-moi"]


def test_where_the_seat_was_closed_for_good_it_is_the_oldest_of_the_others(database: Database) -> None:
    with database.writing() as session:
        for code in ("mat-tran", "hoi-mot", "hoi-hai"):
            add(session, code)
        history.close(session, "mat-tran", DECISION, now=NOON)
        assert seat(session) == "hoi-mot"
        assert session.scalars(select(Setting.value).where(Setting.name == organizations.SEAT)).one() == "mat-tran"
