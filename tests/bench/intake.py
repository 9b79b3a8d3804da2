"""Taking in one story of 6 KB, commit included, beside bleach, nh3 and the schema check alone on the same bodies."""

from __future__ import annotations

import itertools
import json
from functools import partial

import schemas
from hub.clock import SystemClock
from hub.intake import strict_json, submissions
from tests.bench.clean import bare
from tests.bench.measuring import Line, side_by_side
from tests.bench.worlds import a_hub, a_sized_story, organization_actor

WANTED = 2.0  # times
STORIES = 20
ROUNDS = 9


def measure(*, quick: bool) -> list[Line]:
    with a_hub() as hub:
        documents = [a_sized_story(number) for number in range(STORIES)]
        bodies = [json.dumps(document, ensure_ascii=False).encode() for document in documents]
        actor, clock, numbers = organization_actor(hub), SystemClock(), itertools.count()

        def alone() -> None:
            for document in documents:
                bare(document["body"]["html"])
                assert not schemas.check_story(document)

        def prepare() -> None:
            for body in bodies:
                submissions.prepare(strict_json.parse(body))

        def service() -> None:
            for body in bodies:
                prepared = submissions.prepare(strict_json.parse(body))
                with hub.database.writing() as session:
                    submissions.submit(
                        session, prepared, actor=actor, external_id=f"service-{next(numbers)}", now=clock.now()
                    )

        def put(client: bool) -> None:
            for body in bodies:
                answer = hub.world.fishers.put(f"put-{next(numbers)}", body)
                assert answer.status_code == 201, answer.text

        times = side_by_side(alone, prepare, service, partial(put, True), rounds=2 if quick else ROUNDS)
    base, prepared, served, pushed = (milliseconds / STORIES for milliseconds in times)
    beside, size = "bleach + nh3 + schema", len(bodies[0])
    return [
        Line(measure=f"intake of {size:,} bytes: check and clean", ours=prepared, beside=beside, theirs=base),
        Line(measure="intake: the service, with its commit", ours=served, beside=beside, theirs=base, limit=WANTED),
        Line(measure="intake: PUT, the test client's own cost included", ours=pushed, beside=beside, theirs=base),
    ]
