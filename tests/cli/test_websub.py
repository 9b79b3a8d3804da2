"""`hub websub`: operators see who subscribes, and end subscriptions; callbacks and topics are never shown."""

from __future__ import annotations

from dataclasses import replace

from hub.app import create_app
from hub.background import create_postman
from hub.clock import FixedClock, SystemClock
from hub.config import Settings
from hub.db import Database
from tests.builders import World
from tests.cli.test_operating import run
from tests.delivery.press import Press
from tests.delivery.subscriber import Subscriber, listening


def test_subscriptions_are_listed_and_dropped(
    world: World, settings: Settings, database: Database, clock: FixedClock
) -> None:
    open_inside = replace(settings, allow_networks="127.0.0.0/8")
    world.reader.app = create_app(open_inside, clock=clock)
    postman = create_postman(open_inside, clock=clock)
    press = Press(world, database, clock, postman)
    one, two = Subscriber(path="/hush"), Subscriber(path="/hush2", secret="hush, too", status=500)
    with listening(one, two):
        press.subscribe(one, two)
        press.touch()
        press.round()
        listed = run(settings, "websub", "list")
        assert "hush" not in listed.output
        rows = [line.split("\t") for line in listed.stdout.splitlines()]
        lines = sorted(rows, key=lambda row: row[3], reverse=True)
        assert {line[4][-6:] for line in rows} == {"+07:00"}
        place = f"127.0.0.1:{one.port}"
        assert [[*line[1:4], *line[5:]] for line in lines] == [
            [place, "public/all.json", "unsigned", "0", "-"],
            [place, "public/all.json", "signed", "1", "HTTP 500"],
        ]
        assert run(settings, "websub", "drop", lines[0][0]).stdout == "1\n"
        assert run(settings, "websub", "drop", lines[0][0], "9999").exit_code == 1
        clock.at = SystemClock().now()  # as the command's own
        press.round()
        assert [told["hub.topic"] for told in one.denied] == [one.topic]
        assert [line.split("\t")[0] for line in run(settings, "websub", "list").stdout.splitlines()] == [lines[1][0]]
    postman.close()
    world.reader.app.extensions["hub"].database.engine.dispose()
