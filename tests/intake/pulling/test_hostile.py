"""Hostile feeds: bounded time and memory, a clear line in the log, old stories stay, other sources unharmed."""

from __future__ import annotations

import gzip
import resource
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from hub.clock import FixedClock
from hub.db import Database
from hub.delivery.transport import Limits
from hub.intake.pulling.isolation import Bounds, Unreadable, read_apart
from hub.models import SourceItem, Story
from tests.builders import World
from tests.delivery.sinks import Reply, Sink, a_sink
from tests.intake.pulling.sites import LIMITS, Site, a_feed, a_reply, an_item

MIB = 1024 * 1024
SMALL = Bounds(max_depth=50, memory_bytes=256 * MIB, cpu_seconds=10, seconds=30.0)
LAUGHS = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
RSS = "<rss version='2.0'><channel><title>T</title>"


def xml(text: str) -> Reply:
    return Reply(headers={"Content-Type": "application/rss+xml"}, body=text.encode())


def packed(body: bytes, coding: str) -> Reply:
    return Reply(headers={"Content-Encoding": coding}, body=body)


HOSTILE = {
    "an entity bomb": (xml(f"<!DOCTYPE rss [{LAUGHS}]>{RSS}<item><title>&l9;</title></item>"), "entities"),
    "an external entity": (
        xml(f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{{own}}/secret">]>{RSS}<item><title>&x;</title></item>'),
        "entities",
    ),
    "an external document type": (xml(f'<!DOCTYPE rss SYSTEM "{{own}}/dtd">{RSS}</channel></rss>'), ""),
    "more than is read": (Reply(body=b"<rss>" + b"a" * 300_000), "too_large"),
    "a gzip bomb": (packed(gzip.compress(b"<rss>" + b"a" * (50 * MIB)), "gzip"), "too_large"),
    "a deflate bomb": (packed(zlib.compress(b"a" * (50 * MIB)), "deflate"), "too_large"),
    "packed twice": (packed(gzip.compress(gzip.compress(a_feed())), "gzip"), "packed_twice"),
    "packed twice, and said so": (packed(gzip.compress(gzip.compress(a_feed())), "gzip, gzip"), "packed_twice"),
    "packed, and not said so": (Reply(body=gzip.compress(a_feed())), "encoding"),
    "packed by a coding of its own": (packed(a_feed(), "br"), "encoding"),
    "packed and broken off": (packed(gzip.compress(a_feed())[:-20], "gzip"), "broken"),
    "deep nesting": (xml(RSS + "<item>" + "<a>" * 20_000), "too_deep"),
    "a web page": (Reply(headers={"Content-Type": "text/html"}, body=b"<!doctype html><html><p>503"), "html"),
    "a picture": (
        Reply(headers={"Content-Type": "image/png"}, body=b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
        "not_a_feed",
    ),
    "nothing": (Reply(body=b""), "empty"),
    "JSON of nobody": (Reply(body=b'{"a": ' * 10_000), "not_a_feed"),
    "zeros": (Reply(body=bytes(100_000)), "empty"),
    "gone": (Reply(status=410), "gone"),
    "not there": (Reply(status=404), "missing"),
    "not allowed": (Reply(status=403), "refused"),
    "its own fault": (Reply(status=500), "server"),
    "a redirect to metadata": (Reply(302, {"Location": "http://169.254.169.254/latest/meta-data/"}), "address"),
    "a redirect inwards": (Reply(301, {"Location": "http://127.0.0.1:1/"}), "address"),
    "a redirect to a file": (Reply(302, {"Location": "file:///etc/passwd"}), "address"),
    "a redirect to itself": (Reply(302, {"Location": "/hook"}), "redirects"),
}


def test_whatever_a_source_sends_the_others_are_read_and_old_stories_stay(
    world: World, database: Database, clock: FixedClock
) -> None:
    """All at once, as they would come: each is flagged for what it does, and polled more rarely."""
    with ExitStack() as stack:
        good = stack.enter_context(a_sink(a_reply(an_item())))
        sinks = {name: stack.enter_context(a_sink(a_reply(an_item()), reply)) for name, (reply, _) in HOSTILE.items()}
        for name, sink in sinks.items():
            own = HOSTILE[name][0].body.replace(b"{own}", f"http://127.0.0.1:{sink.port}".encode())
            sink.replies[1] = Reply(HOSTILE[name][0].status, HOSTILE[name][0].headers, own)
        site = Site(database, clock, [good, *sinks.values()], bounds=SMALL)
        numbers = {name: site.add(sink) for name, sink in sinks.items()}
        numbers["good"] = site.add(good)
        before = site.pull()
        assert [report.fault for report in before] == [""] * len(before)
        stood, seen = _counts(database)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.monotonic()
        with capture_logs() as logs:
            reports = {report.source_id: report for report in site.pull()}
        assert time.monotonic() - began < 60
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 60 * 1024  # KiB
        expected = {name: fault for name, (_, fault) in HOSTILE.items()}
        assert {name: reports[numbers[name]].fault for name in HOSTILE} == expected
        assert reports[numbers["good"]].fault == ""
        assert _counts(database) == (stood, seen)
        flagged = {line["source"]: line["fault"] for line in logs if line["event"] == "source_flagged"}
        assert flagged == {numbers[name]: fault for name, fault in expected.items() if fault}
        asked = {name: [taken.path for taken in sink.taken[1:]] for name, sink in sinks.items()}
        assert asked["an external entity"] == asked["an external document type"] == ["/hook"]
        for name, fault in expected.items():
            row = site.row(numbers[name])
            assert (row.state, row.next_at) == (
                "live" if not fault else "paused" if name == "gone" else "flagged",
                clock.now() + timedelta(hours=2 if fault else 1),
            )


def _counts(database: Database) -> tuple[int, int]:
    with database.reading() as session:
        found = [session.scalar(select(func.count()).select_from(table)) for table in (Story, SourceItem)]
    return found[0] or 0, found[1] or 0


@contextmanager
def a_stream(chunk: bytes, *, pause: float, length: int | None = None) -> Iterator[Sink]:
    """A port that never stops sending; `length` is what it announces."""
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()
    said = f"Content-Length: {length}\r\n" if length else ""

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65_536)
                    connection.sendall(f"HTTP/1.1 200 OK\r\n{said}Connection: close\r\n\r\n<rss>".encode())
                    while not ended.wait(pause):
                        connection.sendall(chunk)
                except OSError:
                    continue  # the hub had enough

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Sink(port=listening.getsockname()[1])
    finally:
        ended.set()
        listening.close()


def test_endless_and_gigabyte_bodies_are_broken_off(world: World, database: Database, clock: FixedClock) -> None:
    with (
        a_stream(b"a", pause=0.05) as drip,
        a_stream(b"a" * 65_536, pause=0.0, length=2**30) as flood,
        a_sink(a_reply(an_item())) as good,
    ):
        site = Site(database, clock, [drip, flood, good], limits=Limits(seconds=4.0, max_bytes=2 * MIB))
        numbers = [site.add(sink) for sink in (drip, flood, good)]
        began, peak = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        reports = site.pull()
        assert time.monotonic() - began < 20
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 30 * 1024
        assert [(report.source_id, report.fault) for report in reports] == list(
            zip(numbers, ("no_answer", "too_large", ""), strict=True)
        )


def test_two_hundred_thousand_entries_cost_a_bounded_process_and_bring_the_newest() -> None:
    """The real size once: what an adversary can fit into the bytes that are read."""
    body = RSS.encode() + b"".join(b"<item><guid>urn:%d</guid></item>" % number for number in range(200_000))
    began = time.monotonic()
    found = read_apart(body + b"</channel></rss>", location="https://site.example/", bounds=Bounds(max_entries=100))
    assert (found.entries, len(found.feed.entries)) == (200_000, 100)
    assert time.monotonic() - began < 40
    assert found.peak_kib < 200 * 1024


@pytest.mark.parametrize(
    ("bounds", "fault"),
    [
        (Bounds(memory_bytes=48 * MIB), "too_heavy"),
        (Bounds(cpu_seconds=1, seconds=20.0), "too_slow"),
        (Bounds(seconds=0.7), "too_slow"),
    ],
)
def test_a_feed_that_takes_too_much_ends_its_own_process(bounds: Bounds, fault: str) -> None:
    body = RSS + "<item><description>" + "&lt;p&gt;a" * 400_000
    with pytest.raises(Unreadable, match=fault):
        read_apart(body.encode(), location="https://site.example/", bounds=bounds)


def test_the_process_that_parses_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """It inherits neither environment nor files: what it imports is the library of feeds."""
    monkeypatch.setenv("HUB_SECRET", "x" * 40)
    with socket.create_server(("127.0.0.1", 0)) as own:
        own.set_inheritable(True)
        found = read_apart(a_feed(an_item()), location="https://site.example/", bounds=Bounds())
    assert found.feed.entries[0].title == "Chuyện số 1"


def test_a_source_that_goes_on_failing_is_read_once_a_day_and_recovers(
    world: World, database: Database, clock: FixedClock
) -> None:
    busy = Reply(503, {"Retry-After": "172800"})
    with a_sink(*[Reply(status=500)] * 6, busy, a_reply(an_item())) as sink:
        site = Site(database, clock, [sink], limits=LIMITS)
        number = site.add(sink)
        waits = []
        for _ in range(7):
            site.pull()
            waits.append((site.row(number).next_at - clock.now()) / timedelta(hours=1))
        assert waits == [2, 4, 8, 16, 24, 24, 48]
        (report,) = site.pull()
        row = site.row(number)
        assert (report.fault, row.state, row.failures, row.fault) == ("", "live", 0, "")
