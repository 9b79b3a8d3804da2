"""What somebody may read of many stories at once is what they may read of each."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from sqlalchemy import select

from hub.accounts import history, organizations
from hub.accounts.history import Decision
from hub.accounts.organizations import NewOrganization
from hub.actors import Actor, Grant, Role
from hub.clock import FixedClock
from hub.db import Database
from hub.models import Organization, Story
from hub.regulation import reading
from hub.regulation.workflow import State
from tests.builders import FOUNDED, World, a_story

MERGED, CLOSED = Decision(date(2026, 11, 2), "12-QĐ"), Decision(date(2026, 11, 3), "13-QĐ")
ROLES = (Role.CONTRIBUTOR, Role.EDITOR, Role.AUDITOR)


@pytest.fixture
def handed_in(world: World, database: Database, clock: FixedClock) -> Database:
    """Stories of two units, one of each withdrawn; then one unit is merged into a third, and a fourth is closed."""
    for number, (client, withdrawn) in enumerate(product((world.fishers, world.women), (False, True))):
        story = client.put(f"s{number}", a_story(title=f"Bài {number}")).json["id"]
        for act, order in (("approve", {}), ("release", {}), ("withdraw", {"reason": "legal"})):
            if withdrawn:
                assert world.editor.act(story, act, **order).status_code == 201
    with database.writing() as session:
        for code in ("heir", "closed"):
            new = NewOrganization(code=code, name=f"Tổ {code}", kind="cong_doan", parent="ldld", valid_from=FOUNDED)
            organizations.add(session, new, now=clock.now())
        history.merge(session, ["nghe-ca"], "heir", MERGED, now=clock.now())
        history.close(session, "closed", CLOSED, now=clock.now())
    return database


def test_views_of_many_are_those_of_each(handed_in: Database, clock: FixedClock) -> None:
    now = clock.now()
    with handed_in.reading() as session:
        stories = session.scalars(select(Story).order_by(Story.id)).all()
        ids = dict(session.execute(select(Organization.code, Organization.id)).all())
        seats = [Grant(role, organization_id=ids[code]) for role in ROLES for code in sorted(ids)]
        pairs = [(one, other) for one in seats for other in seats]
        seen = set()
        for grants in [*pairs, (Grant(Role.EDITOR),), (Grant(Role.AUDITOR),)]:
            asker = Actor(name="Ai đó", grants=grants)
            known = list(session.scalars(reading.visible(asker, now)))
            each = {story.id: reading.view_of(session, story, asker=asker, now=now) for story in known}
            assert reading.views_of(session, known, asker=asker, now=now) == each, grants
            seen |= {(view.is_open, view.is_whole) for view in each.values()}
    assert len(stories) == 4
    assert seen == {(True, True), (True, False), (False, True), (False, False)}


@pytest.mark.parametrize("few", [1, 1_000])
def test_lists_hold_the_same_stories_whichever_index_drives_them(
    handed_in: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(reading, "FEW", few)
    now = clock.now()
    with handed_in.reading() as session:
        ids = dict(session.execute(select(Organization.code, Organization.id)).all())
        everybody = list(session.scalars(select(Story).order_by(Story.id.desc())))
        for code, states in (("ldld", ()), ("heir", ()), ("phu-nu", ()), ("ldld", (State.WITHDRAWN,))):
            asker = Actor(name="Ai đó", grants=(Grant(Role.EDITOR, organization_id=ids[code]),))
            known = set(session.scalars(reading.visible(asker, now).with_only_columns(Story.id)))
            wanted = [row.id for row in everybody if row.id in known and (not states or row.state in states)]
            found: list[str] = []
            before = None
            while page := reading.list_stories(
                session, asker=asker, state=None, states=states, before=before, limit=1, now=now
            ):
                found += [story.id for story, _ in page]
                assert all(version.story_id == story.id for story, version in page)
                before = found[-1]
            assert found == wanted
            assert wanted
