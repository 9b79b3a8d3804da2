"""What every format tells of a correction: its note, how grave it is, which version it replaces, and since when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from lxml import etree

from hub.clock import FixedClock
from hub.operation import genuine
from hub.worker import Worker
from tests.builders import World, a_story
from tests.operation.test_genuine import keys_of, manifest_of, trust_of

ALL = "/feeds/public/all"
COLUMN = "/feeds/newspaper/column"
HUB = "{tag:hub.example,2026:story:1}"
NOTE = "Số lượt tàu là 173."


def corrected(world: World, clock: FixedClock, *, severity: str = "grave") -> str:
    story_id = world.release(a_story(urgency=3))
    clock.forward(timedelta(hours=1))
    world.push(a_story(urgency=3, result="173 lượt tàu được giúp."))
    assert world.editor.act(story_id, "approve").status_code == 201
    change = {"pointer": "/result", "reason": "Đọc nhầm sổ trực.", "severity": severity}
    answer = world.editor.act(story_id, "release", changes=[change], public_note=NOTE)
    assert answer.status_code == 201, answer.text
    return story_id


def test_every_format_tells_of_a_correction_and_how_urgent_a_story_is(world: World, clock: FixedClock) -> None:
    corrected(world, clock)
    item = world.newspaper.get(f"{COLUMN}.json").json["items"][0]
    told: dict[str, Any] = {"severity": "grave", "replaces": 1, "at": item["date_modified"]}
    for form in ("rss", "atom"):
        root = etree.fromstring(world.newspaper.get(f"{COLUMN}.{form}").data)
        (element,) = root.iter(f"{HUB}correction")
        assert (dict(element.attrib), element.text) == ({**told, "replaces": "1"}, NOTE)
        assert [found.text for found in root.iter(f"{HUB}urgency")] == ["3"]
    extended = world.newspaper.get(f"{COLUMN}.ninjs?profile=hub").json["associations"][0]
    for hub in (item["_hub"], extended["_hub"]):
        assert (hub["correction"], hub["corrected"], hub["urgency"]) == (NOTE, told, 3)
    plain = world.newspaper.get(f"{COLUMN}.ninjs").json["associations"][0]
    assert plain["edNote"] == f"correction: severity grave; replaces version 1; at {told['at']}"
    assert {"role": "correction", "contentType": "text/plain", "value": NOTE} in plain["descriptions"]
    assert plain["urgency"] == 3


def test_a_cosmetic_correction_has_no_date_since_nobody_is_told(world: World, clock: FixedClock) -> None:
    corrected(world, clock, severity="cosmetic")
    hub = world.reader.get(f"{ALL}.json").json["items"][0]["_hub"]
    assert hub["corrected"] == {"severity": "cosmetic", "replaces": 1}


def test_a_manifest_proves_what_is_told_of_a_correction(world: World, clock: FixedClock, worker: Worker) -> None:
    corrected(world, clock)
    worker.step()
    state, trust = manifest_of(world), trust_of(world)
    for path in (f"{ALL}.json", f"{ALL}.ninjs?profile=hub"):
        (item,) = genuine.list_items(world.reader.get(path).data) or []
        assert genuine.judge_by(genuine.judge(item, trust), state).faults == ()
        for change in ({"severity": "minor"}, {"replaces": 2}, {"at": "2026-11-23T06:00:00.000001Z"}):
            forged = orjson.loads(orjson.dumps(item))
            forged["_hub"]["corrected"] |= change
            assert keys_of(genuine.judge_by(genuine.judge(forged, trust), state)) == {"tampered"}
        del forged["_hub"]["corrected"]
        assert keys_of(genuine.judge_by(genuine.judge(forged, trust), state)) == {"tampered"}
