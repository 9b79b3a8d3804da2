"""The guarded transport, against real servers on 127.0.0.1: no address gets past, nothing lasts too long."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from hub.config import Settings
from hub.delivery import transport
from hub.delivery.addresses import Allowed
from hub.delivery.transport import Answer, AnswerTooLarge, Limits, NoAnswer, Request, Transport, fetch
from hub.delivery.urls import AddressRefused
from tests.delivery.sinks import Reply, Sink, a_silent_port, a_sink
from tests.serving import wait_until

EVERYWHERE = "127.0.0.0/8, ::1/128"


def allow(text: str) -> Allowed:
    return Settings(allow_networks=text).allowed_networks


def send(request: Request, allowed: str = EVERYWHERE, **options: Any) -> Answer:
    async def run() -> Answer:
        async with Transport(allow(allowed), **options) as made:
            return await made.send(request)

    return asyncio.run(run())


class NameServer:
    """A fake name server: answers one list after the other, and counts the questions."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def test_a_request_arrives_as_it_was_sent() -> None:
    with a_sink(Reply(202, {"X-Two": "b"}, b"thanks")) as sink:
        answer = send(Request(method="POST", url=sink.url, headers={"webhook-id": "msg_1"}, body=b"{}"))
    assert (answer.status, answer.headers["x-two"], answer.body, answer.cut) == (202, "b", b"thanks", False)
    (taken,) = sink.taken
    assert (taken.method, taken.path, taken.body) == ("POST", "/hook", b"{}")
    assert taken.headers["webhook-id"] == "msg_1"
    assert taken.headers["user-agent"] == transport.AGENT
    assert "content-type" not in taken.headers  # only what the sender says


REFUSED_URLS = [
    ("ftp://example.org/", "scheme"),
    ("file:///etc/passwd", "scheme"),
    ("gopher://127.0.0.1/", "scheme"),
    ("//127.0.0.1/", "scheme"),
    ("http:///x", "unreadable"),
    ("http://exa mple/", "unreadable"),
    ("http://127.0.0.1:80\\@example.org/", "unreadable"),
    ("http://a:b@example.org/", "credentials"),
    ("http://example.org/" + "x" * 2000, "unreadable"),
    ("http://127.0.0.1/", "loopback"),
    ("http://0x7f.1/", "odd"),
    ("http://0x7f000001/", "odd"),
    ("http://2130706433/", "odd"),
    ("http://017700000001/", "odd"),
    ("http://127.1/", "odd"),
    ("http://127.0.0.1./", "odd"),
    ("http://①②⑦.⓪.⓪.①/", "loopback"),
    ("http://127。0。0。1/", "loopback"),
    ("http://[::1]/", "loopback"),
    ("http://[::ffff:127.0.0.1]/", "mapped"),
    ("http://[64:ff9b::7f00:1]/", "nat64"),
    ("http://[2002:7f00:1::]/", "6to4"),
    ("http://[2001:0:7f00:1::]/", "teredo"),
    ("http://[fe80::1%25lo]/", "link_local"),
    ("http://169.254.169.254/latest/meta-data/", "link_local"),
    ("http://0/", "odd"),
]


@pytest.mark.parametrize(("url", "reason"), REFUSED_URLS)
def test_a_url_that_leads_nowhere_good_is_refused(url: str, reason: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        send(Request(url=url), allowed="")
    assert refused.value.facts["reason"] == reason


def test_a_name_of_an_inner_address_is_refused_after_the_look_up() -> None:
    with a_sink() as sink:
        for url in (f"http://localhost:{sink.port}/", f"http://LOCALHOST:{sink.port}/"):
            with pytest.raises(AddressRefused) as refused:
                send(Request(url=url), allowed="")
            assert refused.value.facts["reason"] == "loopback"
    assert sink.taken == []


def test_the_system_s_own_look_up_leads_to_what_is_allowed() -> None:
    with a_sink() as sink:
        assert send(Request(url=f"http://localhost:{sink.port}/"), allowed=sink.allowed).status == 200


@pytest.mark.parametrize("second", ["169.254.169.254", "10.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"])
def test_a_name_server_that_changes_its_mind_gains_nothing(second: str) -> None:
    """DNS rebinding: the first answer is allowed, the next one would lead inside."""
    names = NameServer(["127.0.0.1"], [second])

    async def twice(port: int, allowed: str) -> None:
        async with Transport(allow(allowed), lookup=names) as made:
            request = Request(url=f"http://rebinding.example:{port}/", headers={"Connection": "close"})
            assert (await made.send(request)).status == 200
            assert names.asked == 1  # what was checked is what was connected to: nobody asked again in between
            with pytest.raises(AddressRefused):
                await made.send(request)

    with a_sink(Reply(headers={"Connection": "close"})) as sink:
        asyncio.run(twice(sink.port, sink.allowed))
        assert len(sink.taken) == 1


def test_of_several_addresses_only_good_ones_are_tried() -> None:
    with a_sink() as sink:
        request = Request(url=f"http://mixed.example:{sink.port}/")
        names = NameServer(["10.0.0.1", "127.0.0.1", "::1"])
        assert send(request, allowed=sink.allowed, lookup=names).status == 200


def test_a_name_without_an_address_has_no_answer() -> None:
    with pytest.raises(NoAnswer) as silent:
        send(Request(url="http://empty.example/"), lookup=NameServer([]))
    assert silent.value.facts == {"host": "empty.example", "reason": "lookup"}


def test_the_socket_itself_is_guarded() -> None:
    made = Transport(allow("127.0.0.1:81"))
    with pytest.raises(OSError, match="loopback"):
        made._make_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80)))
    made._make_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 81))).close()


def test_a_redirect_is_an_answer_unless_it_was_asked_for() -> None:
    with a_sink(Reply(302, {"Location": "http://10.0.0.1/"})) as sink:
        answer = send(Request(url=sink.url))
        assert (answer.status, answer.headers["location"]) == (302, "http://10.0.0.1/")
    with pytest.raises(ValueError, match="GET"):
        Request(method="POST", url=sink.url, redirects=1)


@pytest.mark.parametrize("place", ["http://10.0.0.1/", "http://[::1]:{port}/", "http://0x7f.1:{port}/", "file:///x"])
def test_every_hop_of_a_redirect_is_checked(place: str) -> None:
    with a_sink() as sink:
        sink.replies = [Reply(302, {"Location": place.format(port=sink.port)}), Reply()]
        with pytest.raises(AddressRefused):
            send(Request(url=sink.url, redirects=3), allowed=sink.allowed)
        assert len(sink.taken) == 1


def test_a_redirect_is_followed_and_carries_no_secret_to_another_place() -> None:
    with a_sink() as goal, a_sink(Reply(301, {"Location": "/again"}), Reply(307, {"Location": goal.url})) as sink:
        headers = {"Authorization": "Bearer x", "Accept": "text/xml"}
        answer = send(Request(url=sink.url, redirects=2, headers=headers))
    assert (answer.status, answer.url) == (200, goal.url)
    assert [taken.headers.get("authorization") for taken in sink.taken] == ["Bearer x", "Bearer x"]
    assert "authorization" not in goal.taken[0].headers
    assert goal.taken[0].headers["accept"] == "text/xml"


def test_a_chain_of_redirects_ends() -> None:
    with a_sink() as sink:
        sink.replies = [Reply(302, {"Location": "/again"})]
        with pytest.raises(NoAnswer) as ended:
            send(Request(url=sink.url, redirects=3))
        assert ended.value.facts["reason"] == "redirects"
        assert len(sink.taken) == 4


def test_a_long_answer_is_cut_and_fetch_refuses_it() -> None:
    with a_sink(Reply(body=b"x" * 200_000)) as sink:
        answer = send(Request(url=sink.url), limits=Limits(max_bytes=1000))
        assert (len(answer.body), answer.cut) == (1000, True)
        with pytest.raises(AnswerTooLarge):
            fetch(sink.url, allowed=allow(sink.allowed), max_bytes=199_999, seconds=10)
        found = fetch(sink.url, allowed=allow(sink.allowed), max_bytes=200_000, seconds=10)
        assert (len(found.body), found.cut) == (200_000, False)


def test_a_packed_answer_stays_packed() -> None:
    """A few bytes cannot become gigabytes."""
    import gzip

    packed = gzip.compress(b"\0" * 1_000_000)
    with a_sink(Reply(headers={"Content-Encoding": "gzip"}, body=packed)) as sink:
        assert send(Request(url=sink.url)).body == packed
        assert sink.taken[0].headers["accept-encoding"] == "identity"


def test_a_server_that_never_answers_is_left() -> None:
    with a_silent_port() as port, pytest.raises(NoAnswer) as silent:
        send(Request(url=f"http://127.0.0.1:{port}/"), limits=Limits(seconds=0.2))
    assert silent.value.facts == {"host": "127.0.0.1", "reason": "timeout"}


def test_a_body_that_never_ends_is_left() -> None:
    release = threading.Event()
    with a_sink(Reply(headers={"Content-Length": "50"}, body=b"x" * 49)) as sink:
        with pytest.raises(NoAnswer):
            send(Request(url=sink.url), limits=Limits(seconds=0.3))
        release.set()


def test_nobody_listening_and_nonsense_are_no_answers(free_tcp_port: int) -> None:
    with pytest.raises(NoAnswer) as silent:
        send(Request(url=f"http://127.0.0.1:{free_tcp_port}/"))
    assert silent.value.facts["reason"] == "connect"
    with a_sink() as sink, pytest.raises(NoAnswer) as spoiled:
        send(Request(url=f"https://127.0.0.1:{sink.port}/"))
    assert spoiled.value.facts["reason"] == "tls"


def test_a_certificate_nobody_vouches_for_is_refused(certificate: tuple[str, ssl.SSLContext, ssl.SSLContext]) -> None:
    _, own, trusting = certificate

    async def serve(ask: Callable[[int], Coroutine[Any, Any, None]]) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=own)
        async with server:
            await ask(server.sockets[0].getsockname()[1])

    async def ask(port: int) -> None:
        request = Request(url=f"https://127.0.0.1:{port}/")
        async with Transport(allow(EVERYWHERE)) as made:
            with pytest.raises(NoAnswer) as refused:
                await made.send(request)
            assert refused.value.facts["reason"] == "tls"
        async with Transport(allow(EVERYWHERE), trust=trusting) as made:
            assert (await made.send(request)).status == 204

    asyncio.run(serve(ask))


def test_one_host_gets_a_few_requests_at_a_time_and_others_do_not_wait() -> None:
    held = threading.Event()

    async def crowd(sink: Sink, quick: str) -> None:
        async with Transport(allow(EVERYWHERE), limits=Limits(per_host=2)) as made:
            waiting = [asyncio.create_task(made.send(Request(url=sink.url))) for _ in range(6)]
            await asyncio.to_thread(wait_until, lambda: len(sink.taken) == 2, 10, lambda: f"{sink.taken}")
            await made.send(Request(url=quick))
            assert len(sink.taken) == 2  # the others wait for a turn
            assert not any(task.done() for task in waiting)
            held.set()
            assert {answer.status for answer in await asyncio.gather(*waiting)} == {200}
            assert made._turns == {}

    with a_sink(Reply(wait=held)) as slow, a_sink() as quick:
        asyncio.run(crowd(slow, quick.url))
        assert slow.most_at_once == 2


def test_no_fault_tells_the_path_of_an_address(free_tcp_port: int) -> None:
    """The path of a webhook's address may be its secret."""
    for allowed in ("", EVERYWHERE):
        with pytest.raises((AddressRefused, NoAnswer)) as told:
            send(Request(url=f"http://127.0.0.1:{free_tcp_port}/hush?token=hush"), allowed=allowed)
        assert "hush" not in f"{told.value} {told.value.facts}"
    assert "hush" not in repr(Request(url="http://example.org/hush"))
