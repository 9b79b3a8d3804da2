"""The words that desks find stories by: the same from the migration as from a push, and gone with whoever they name."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import pytest
from sqlalchemy import delete, select

from hub.actors import SYSTEM
from hub.clock import FixedClock
from hub.db import Database
from hub.demo.stories import load_stories
from hub.intake import likeness_checks
from hub.models import Person, StoryWord
from hub.records import outbox, story_words
from hub.records.disclosures import disclose
from hub.regulation.consent import erasing
from hub.worker import Worker
from tests.builders import World, a_story

STORIES = load_stories(date(2026, 11, 23))


@pytest.mark.parametrize("told", STORIES, ids=lambda told: told.id)
def test_the_migration_finds_old_stories_by_the_words_a_push_would_have_given_them(told: object) -> None:
    content = told.story  # type: ignore[attr-defined]
    migrated = import_module("hub.migrations.versions.0027_desk")
    pushed = story_words.words_of(content, "demo-001") | story_words.facts_of(content)
    assert migrated._words("demo-001", disclose(content, previous="").disclosures) == pushed
    assert len(pushed) > 30


def test_the_worker_lets_a_story_be_found_by_its_newest_version(
    world: World, database: Database, worker: Worker
) -> None:
    story = world.push(a_story(title="Người giữ bến"))
    assert words_of(database, story) == set()  # nobody who sends waits for it
    worker.step()
    assert {"nguoi", "giu", "ben", "topic:tuong_than_tuong_ai"} <= words_of(database, story)
    world.push(a_story(title="Người giữ đèn"))
    worker.step()
    assert {"giu", "den"} <= words_of(database, story)
    assert world.push(a_story(title="Người giữ đèn")) == story


@pytest.mark.parametrize("found_before", [True, False])
def test_an_erased_person_is_found_by_no_word_any_more(
    world: World, database: Database, worker: Worker, clock: FixedClock, found_before: bool
) -> None:
    story = world.push(a_story(title="Người giữ bến", summary="Ông Biển trực bến."), external_id="nguyen-van-bien")
    if found_before:
        worker.step()
        assert {"bien", "nguyen", "tho", "topic:tuong_than_tuong_ai"} <= words_of(database, story)
    with world.fishers.app.extensions["hub"].database.writing() as session:
        person = session.scalars(select(Person).where(Person.name == "Nguyễn Văn Biển")).one()
        erasing.erase(session, person, actor=SYSTEM, now=clock.now())
    for _ in range(2):  # at once, and when the worker comes to what waited
        left = words_of(database, story)
        assert not {"bien", "nguyen", "tho"} & left
        assert "topic:tuong_than_tuong_ai" in left
        worker.step()


def test_the_words_of_all_come_before_the_first_is_compared_and_once(
    world: World, database: Database, worker: Worker, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = [world.push(a_story(title=f"Bến số {number}"), external_id=f"s-{number}") for number in range(3)]
    monkeypatch.setattr(likeness_checks, "BUSY_SECONDS", 0.0)  # as in the midst of an import
    worker.step()
    assert all("ben" in words_of(database, story) for story in stories)
    with database.writing() as session:
        waiting = outbox.list_waiting(session, kinds=[outbox.CHECK_LIKENESS])
        assert {row.payload["story"] for row in waiting} == set(stories)
        session.execute(delete(StoryWord))
    worker.step()
    assert not any(words_of(database, story) for story in stories)


def test_a_killed_worker_goes_on_with_the_words(world: World, database: Database, worker: Worker) -> None:
    story = world.push(a_story(title="Người giữ bến"))
    with database.reading() as session:
        rows = outbox.list_waiting(session, kinds=[outbox.CHECK_LIKENESS])
    worker.handlers[outbox.CHECK_LIKENESS](rows)  # and killed before the rows are removed
    before = words_of(database, story)
    worker.step()
    assert words_of(database, story) == before
    assert "ben" in before


def words_of(database: Database, story_id: str) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(StoryWord.word).where(StoryWord.story_id == story_id)))
