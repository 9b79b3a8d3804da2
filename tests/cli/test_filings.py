"""`hub pickup|filing|request list`: one line each, without the texts that are nobody else's business."""

from __future__ import annotations

from hub.config import Settings
from tests.api.test_filings import IDEA, REPORT, file
from tests.api.test_pickups import PRINTED, tell
from tests.api.test_requests import ASKED, ask
from tests.api.test_requests import answer as say
from tests.builders import World
from tests.cli.test_operating import run


def test_pickups_are_listed(world: World, settings: Settings) -> None:
    first = world.release(channels=["newspaper/column"])
    tell(world.newspaper, first, note="Xin thêm ảnh.", **PRINTED)
    second = world.release(external_id="two", channels=["tv/segment"])
    tell(world.tv, second)
    lines = [line.split("\t") for line in run(settings, "pickup", "list").stdout.splitlines()]
    assert [line[0:1] + line[2:] for line in lines] == [
        ["2", "tv", "declined", second, "1", "-", "-", "filed", "-"],
        ["1", "newspaper", "printed", first, "1", "2026-11-23", "Số 3127, trang 5", "filed", "-"],
    ]
    assert lines[1][1] == "2026-11-23T12:00:00+07:00"
    assert len(run(settings, "pickup", "list", "--story", first).stdout.splitlines()) == 1
    assert len(run(settings, "pickup", "list", "--limit", "1").stdout.splitlines()) == 1


def test_pickups_that_were_put_right_or_taken_back_say_so(world: World, settings: Settings) -> None:
    story = world.release(channels=["newspaper/column"])
    for said in ({}, {"replaces": 1}, {}):
        assert tell(world.newspaper, story, **PRINTED, **said).status_code == 201
    assert world.newspaper.ask("POST", "/api/v1/pickups/3/take-back").status_code == 201
    tell(world.newspaper, story)

    def listed(*said: str) -> list[tuple[str, ...]]:
        lines = run(settings, "pickup", "list", *said).stdout.splitlines()
        return [(line.split("\t")[0], *line.split("\t")[-2:]) for line in lines]

    declined, takes, taken = (
        ("5", "filed", "-"),
        ("4", "taken_back", "takes back 3"),
        ("3", "taken_back", "taken back by 4"),
    )
    right, replaced = ("2", "filed", "replaces 1"), ("1", "replaced", "replaced by 2")
    assert listed() == [declined, takes, taken, right, replaced]
    assert listed("--standing", "filed") == [declined, right]
    assert listed("--standing", "replaced") == [replaced]
    assert listed("--standing", "taken_back") == [takes, taken]
    assert listed("--standing", "proposed") == []


def test_filings_are_listed_without_their_texts(world: World, settings: Settings) -> None:
    file(world.fishers, REPORT)
    file(world.editor, IDEA, to="phu-nu")
    done = run(settings, "filing", "list")
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert [line[0:1] + line[2:] for line in lines] == [
        ["2", "idea", "desk", "phu-nu", "-"],
        ["1", "report", "nghe-ca", "-", "2026-Q3"],
    ]
    assert IDEA["text"] not in done.stdout
    assert len(run(settings, "filing", "list", "--kind", "report").stdout.splitlines()) == 1


def test_requests_are_listed_with_whom_they_went_to(world: World, settings: Settings) -> None:
    asked = [ask(world.tv), ask(world.tv, to="ldld", below=True), ask(world.newspaper, to=None, needed_by=None)]
    assert [answer.status_code for answer in asked] == [201, 201, 201]
    assert say(world.tv, 1, answer="closed").status_code == 201
    lines = [line.split("\t") for line in run(settings, "request", "list").stdout.splitlines()]
    told = [(line[0], *line[2:]) for line in lines]
    assert told == [
        ("3", "newspaper", "open", "*", "-", ASKED["title"]),
        ("2", "tv", "open", "ldld/*", "2026-12-15", ASKED["title"]),
        ("1", "tv", "closed", "nghe-ca", "2026-12-15", ASKED["title"]),
    ]
    assert len(run(settings, "request", "list", "--state", "closed").stdout.splitlines()) == 1
