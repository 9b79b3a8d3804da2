"""The demo's province in the database: organizations, outlets, an editor, and a key for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from hub import migrations
from hub.accounts import keys, organizations
from hub.accounts.organizations import NewOrganization
from hub.config import Settings
from hub.db import Database, make_engine
from hub.demo import history, people
from hub.demo.people import SINCE, People
from hub.demo.stories import VIETNAM, load_province, load_stories
from hub.intake.media_store import MediaStore
from hub.models import Setting
from hub.outlets import catalog

DAY = "demo_day"  # the day the demo was made; a second run tells the same stories, so that nothing looks corrected


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody of the demo with their keys, and the day their stories count from."""

    organizations: dict[str, str]  # code to key
    outlets: dict[str, str]
    editor: str
    people: People
    feeds: tuple[tuple[str, str, str], ...]  # outlet, channel, audience
    day: date
    above: dict[str, str]  # an organization of the province's, to the one it stands below

    def line_of(self, code: str) -> list[str]:
        """An organization and those above it up to the province's level, which answers for its system."""
        line = [code]
        while (parent := self.above.get(line[-1])) and self.above.get(parent):
            line.append(parent)
        return line


def prepare(settings: Settings, *, now: datetime) -> Cast:
    """Make the province in `settings`' database, or take it up again; every run mints new keys and passwords."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.media_folder.mkdir(exist_ok=True)
    engine = make_engine(settings.database)
    migrations.upgrade(engine)
    province = load_province()
    chosen = people.choose_passwords(province)
    with Database(engine).writing() as session:
        kept = session.get(Setting, DAY)
        is_new = kept is None
        if kept is None:
            kept = Setting(name=DAY, value=now.astimezone(VIETNAM).date().isoformat())
            session.add(kept)
        rows = [
            organizations.find(session, said["code"])
            or organizations.add(session, NewOrganization(**said, valid_from=SINCE), now=now)
            for said in province["organizations"]
        ]
        channels = catalog.load(session, province["outlets"], now=now)
        outlets = {channel.outlet.code: channel.outlet for channel in channels if channel.audience != "public"}
        everybody = people.seat_all(session, province, chosen, now=now)
        cast = Cast(
            organizations={
                row.code: keys.mint(session, "organization", organization=row, now=now).secret for row in rows
            },
            outlets={code: keys.mint(session, "outlet", outlet=row, now=now).secret for code, row in outlets.items()},
            people=everybody,
            editor=everybody.by_role["editor"],  # one person, one key, by either name
            feeds=tuple((channel.outlet.code, channel.code, channel.audience) for channel in channels),
            day=date.fromisoformat(kept.value),
            above={said["code"]: said.get("parent", "") for said in province["organizations"]},
        )
        if is_new:
            _remember(session, settings, cast.day, now=now)
    engine.dispose()
    return cast


def _remember(session: Session, settings: Settings, day: date, *, now: datetime) -> None:
    """What happened before the demo's day; told once, in the order of time."""
    history.adopt_regulation(session, day)
    store = MediaStore(settings.media_folder)
    for story in load_stories(day):
        if story.late_since_days:
            history.tell_late_story(session, store, story, day)
    file = settings.data / "auditor.key"
    file.touch(mode=0o600)
    file.write_bytes(history.add_auditor(session, now=now))


def is_foreign(folder: Path) -> bool:
    """Does something lie in `folder` that no demo made?"""
    if not folder.exists():
        return False
    if not (folder / "hub.db").exists():
        return any(folder.iterdir())
    engine = make_engine(f"sqlite:///{folder / 'hub.db'}")
    try:
        if migrations.current_revision(engine) is None:
            return True
        with Database(engine).reading() as session:
            return session.get(Setting, DAY) is None
    finally:
        engine.dispose()
