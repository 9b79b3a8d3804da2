"""The words that desks find stories by: the same from the migration as from a push, and gone with whoever they name."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import pytest
from sqlalchemy import select

from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.db import Database
from hub.demo.stories import load_stories
from hub.models import Person, StoryWord
from hub.records import story_words
from hub.records.disclosures import disclose
from hub.regulation.consent import erasing
from tests.builders import World, a_story

STORIES = load_stories(date(2026, 11, 23))


@pytest.mark.parametrize("told", STORIES, ids=lambda told: told.id)
def test_the_migration_finds_old_stories_by_the_words_a_push_would_have_given_them(told: object) -> None:
    content = told.story  # type: ignore[attr-defined]
    migrated = import_module("hub.migrations.versions.0027_desk")
    pushed = story_words.words_of(content, "demo-001") | story_words.facts_of(content)
    assert migrated._words("demo-001", disclose(content, previous="").disclosures) == pushed
    assert len(pushed) > 30


def test_an_erased_person_is_found_by_no_word_any_more(world: World, database: Database, clock: FixedClock) -> None:
    story = world.push(a_story(title="Người giữ bến", summary="Ông Biển trực bến."), external_id="nguyen-van-bien")
    assert {"bien", "nguyen", "tho", "topic:tuong_than_tuong_ai"} <= words_of(database, story)
    with world.fishers.app.extensions["hub"].database.writing() as session:
        person = session.scalars(select(Person).where(Person.name == "Nguyễn Văn Biển")).one()
        erasing.erase(session, person, actor=SYSTEM, now=clock.now())
    left = words_of(database, story)
    assert not {"bien", "nguyen", "tho"} & left
    assert "topic:tuong_than_tuong_ai" in left


def words_of(database: Database, story_id: str) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(StoryWord.word).where(StoryWord.story_id == story_id)))
