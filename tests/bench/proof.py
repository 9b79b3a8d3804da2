"""What proofs cost: signing beside the whole release; a page from rows to JSON with proofs, without, and beside RSS."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.clock import SystemClock
from hub.models import Entry, Signature, Version
from hub.outlets import catalog
from hub.publishing import documents
from hub.publishing.visibility import Variant
from hub.records import signatures
from tests.bench.measuring import Line, side_by_side
from tests.bench.worlds import Hub, a_hub, a_sized_story, clock_of_work

RELEASED = 10  # a round
ROUNDS = 9
CHANNEL = "newspaper/column"


def measure(*, quick: bool) -> list[Line]:
    rounds = 2 if quick else ROUNDS
    with a_hub() as hub:
        numbers = itertools.count()
        waiting: list[str] = []

        def push(place: int) -> None:
            """Stories for the next round, approved."""
            for number in range(RELEASED if place == 0 else 0):
                story_id = hub.world.push(a_sized_story(number), external_id=f"bench-{next(numbers)}")
                hub.world.editor.act(story_id, "approve")
                waiting.append(story_id)

        def release() -> None:
            while waiting:
                assert hub.world.editor.act(waiting.pop(), "release").status_code == 201

        def sign() -> None:
            with hub.app.extensions["hub"].database.writing() as session:
                version_ids = session.scalars(select(Signature.version_id).limit(RELEASED)).all()
                session.execute(delete(Signature).where(Signature.version_id.in_(version_ids)))
                for version in session.scalars(select(Version).where(Version.id.in_(version_ids))):
                    signatures.sign(session, version, now=SystemClock().now())
                session.flush()
                session.rollback()

        whole, signed = side_by_side(release, sign, rounds=rounds, clock=clock_of_work(), before=push)
        return [
            Line(measure="signing a release", ours=signed / RELEASED, beside="the release", theirs=whole / RELEASED),
            *_rendering(hub, rounds=rounds),
        ]


def _rendering(hub: Hub, *, rounds: int) -> list[Line]:
    with hub.database.reading() as session:
        channel = catalog.get_channel(session, CHANNEL)
        rows = documents.list_page(session, channel.id)
        measure = f"{len(rows)} entries from rows, JSON Feed with proofs"

        def render(name: str, *, proved: bool) -> None:
            jws = documents.jws_of
            documents.jws_of = jws if proved else _no_jws
            try:
                documents.fragments_of(session, rows, channel, name, Variant.FULL, hub.settings.address, fresh=True)
            finally:
                documents.jws_of = jws

        rss, bare, proved = side_by_side(
            lambda: render("rss", proved=False),
            lambda: render("json", proved=False),
            lambda: render("json", proved=True),
            rounds=rounds,
        )
    return [
        Line(measure=measure, ours=proved, beside="without", theirs=bare),
        Line(measure=measure, ours=proved, beside="RSS", theirs=rss),
    ]


def _no_jws(session: Session, entries: Sequence[Entry]) -> dict[int, str]:
    return {}
