"""Does the look-up of near-duplicates cost the same among many signatures as among few?

The index is filled with signatures that nothing is like, except that a quarter of the asked story's buckets are
crowded: a hundredth of all stories stands in each, as with the phrases that reports begin with. The newest of those
have texts, so that the look-up compares as many in full as it ever does.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from hub.intake.likeness import BINS, PERMUTATIONS, SIGNATURE_VERSION
from hub.intake.likeness_checks import COMPARED, Seen, candidates, find_likenesses, seen_of
from hub.models import LikenessBand, LikenessSignature, Organization, Story, Version
from hub.records.disclosures import disclose
from hub.records.likenesses import NEWEST_OF_BUCKET
from tests.bench.measuring import Line, side_by_side
from tests.bench.worlds import (
    CHUNK,
    LONG_AGO,
    Hub,
    a_hub,
    a_sized_story,
    clock_of_work,
    on_postgres,
    story_id_of,
    story_row,
)

WANTED = 2.0  # times
FEW, MANY = 10_000, 200_000
QUICK_FEW, QUICK_MANY = 500, 2_000
ROUNDS, CALLS = 15, 10
BANDS = PERMUTATIONS * BINS // 2
SCATTER = 7_919  # a prime, so that each signature gets as many buckets as any other
LOOK_UPS: dict[str, Callable[[Session, str, Seen], object]] = {
    "near-duplicates by the index": candidates,
    "near-duplicates, 20 texts compared": find_likenesses,
}
INDEX = "ix_likeness_bands_signature_id"
FILL = """
    WITH RECURSIVE rows (place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM rows WHERE place + 1 < :rows)
    INSERT INTO likeness_bands (bucket, signature_id)
    SELECT place * :step - 9000000000000000000, place * :scatter % :count + 1 FROM rows
"""


def measure(*, quick: bool) -> list[Line]:
    few, many = (QUICK_FEW, QUICK_MANY) if quick else (FEW, MANY)
    asked = seen_of(a_sized_story(0), 1)
    with ExitStack() as stack:
        hubs = [_an_index(stack.enter_context(a_hub()), asked, count) for count in (few, many)]
        sessions = [stack.enter_context(hub.database.reading()) for hub in hubs]
        lines = [_line(name, sessions, asked, (few, many), rounds=3 if quick else ROUNDS) for name in LOOK_UPS]
    signing = side_by_side(lambda: seen_of(a_sized_story(0), 1), rounds=ROUNDS, calls=CALLS)
    return [*lines, Line(measure="signing a story of 6 KB", ours=signing[0])]


def _line(name: str, sessions: Sequence[Session], asked: Seen, counts: tuple[int, int], *, rounds: int) -> Line:
    looking_up = (_looking_up(session, asked, LOOK_UPS[name]) for session in sessions)
    times = side_by_side(*looking_up, rounds=rounds, calls=CALLS, clock=clock_of_work())
    few, many = counts
    return Line(
        measure=f"{name}, {many:,} signatures",
        ours=times[1],
        beside=f"{few:,} signatures",
        theirs=times[0],
        limit=WANTED,
    )


def _looking_up(session: Session, asked: Seen, work: Callable[[Session, str, Seen], object]) -> Callable[[], None]:
    def look_up() -> None:
        work(session, story_id_of(0), asked)
        session.expunge_all()  # the next one reads its texts again

    return look_up


def _an_index(hub: Hub, asked: Seen, count: int) -> Hub:
    source = random.Random(count)
    crowded = asked.buckets.bands[: BANDS // 4]
    with hub.database.writing() as session:
        organization = session.scalars(select(Organization.id).where(Organization.code == "nghe-ca")).one()
        session.execute(text(f"DROP INDEX {INDEX}"))  # made at the end, as a database does for itself when restoring
        for first in range(1, count + 1, CHUNK):
            numbers = range(first, min(first + CHUNK, count + 1))
            session.execute(insert(Story), [story_row(story_id_of(n), organization, n) for n in numbers])
            session.execute(insert(LikenessSignature), [_signature_row(n, source) for n in numbers])
        step = 18_000_000_000_000_000_000 // (count * BANDS)
        session.execute(text(FILL), {"rows": count * BANDS, "step": step, "scatter": SCATTER, "count": count})
        for place, bucket in enumerate(crowded):
            members = range(count - place, 0, -100)
            session.execute(insert(LikenessBand), [{"bucket": bucket, "signature_id": n} for n in members])
        session.execute(text(f"CREATE INDEX {INDEX} ON likeness_bands (signature_id)"))
        newest = {n for place in range(len(crowded)) for n in list(range(count - place, 0, -100))[:NEWEST_OF_BUCKET]}
        session.execute(insert(Version), [_version_row(n) for n in sorted(newest)])
    if on_postgres():
        with hub.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    with hub.database.reading() as session:
        assert len(candidates(session, story_id_of(0), asked)) == COMPARED
    return hub


def _signature_row(number: int, source: random.Random) -> dict[str, Any]:
    return {
        "id": number,
        "story_id": story_id_of(number),
        "version": 1,
        "scheme": SIGNATURE_VERSION,
        "signature": source.randbytes(PERMUTATIONS * BINS * 4),
        "checked_at": LONG_AGO,
    }


def _version_row(number: int) -> dict[str, Any]:
    disclosed = disclose(a_sized_story(number), previous="")
    return {
        "story_id": story_id_of(number),
        "number": 1,
        "digest": disclosed.digest,
        "digests": disclosed.digests,
        "disclosures": disclosed.disclosures,
        "removed": [],
        "created_at": LONG_AGO,
    }
