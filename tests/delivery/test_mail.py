"""Mail, to a real SMTP server: what a letter looks like, how the line is secured, and what is known after a fault."""

from __future__ import annotations

import ssl
from dataclasses import replace
from urllib.parse import quote

import pytest

from hub.config import Settings
from hub.delivery import mail
from hub.delivery.mail import InDoubt, Letter, LetterRefused, MailDown, Post, compose, read_server
from tests.conftest import NOON
from tests.delivery.post_office import PASSWORD, USER, Office, a_post_office
from tests.delivery.sinks import a_silent_port

LETTER = Letter(
    to="hoa@example.org",
    name="Phan Thị Hòa",
    subject="Bài được trả lại: Người giữ bến Đá Lau",
    text="Chào chị Hòa,\nxin xem ghi chú.\n",
    html="<p>Chào chị Hòa</p>",
    language="vi",
    message_id="abc@hub.example",
    at=NOON,
)
SENDER = "Cổng nêu gương <hub@hub.example>"


def send(office_port: int, *letters: Letter, user: str = "", password: str = "", scheme: str = "smtp") -> None:
    who = f"{user}:{quote(password, safe='')}@" if user else ""
    with Post(read_server(f"{scheme}://{who}127.0.0.1:{office_port}"), own_name="hub.example") as post:
        for letter in letters or (LETTER,):
            post.send(compose(letter, sender=SENDER, list_id="notices.hub.example"))


def test_a_letter_arrives_with_both_parts_and_honest_headers() -> None:
    with a_post_office() as office:
        send(office.port)
    (message,) = office.mail
    assert office.recipients == ["hoa@example.org"]
    assert str(message["From"]) == "Cổng nêu gương <hub@hub.example>"
    assert str(message["To"]) == "Phan Thị Hòa <hoa@example.org>"
    assert message["Subject"] == LETTER.subject
    assert message["Message-ID"] == "<abc@hub.example>"
    assert message["Date"].datetime == NOON
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "<notices.hub.example>"
    assert message["Content-Language"] == "vi"
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().splitlines() == LETTER.text.splitlines()
    assert html.get_content().strip() == LETTER.html
    assert all(byte < 128 for byte in office.raw[0])  # no server is asked for 8BITMIME
    assert all(len(line) <= 998 for line in office.raw[0].splitlines())


def test_a_line_that_begins_with_a_dot_arrives_whole() -> None:
    text = "one\n.\n..\n.two\nthree\n"
    with a_post_office() as office:
        send(office.port, replace(LETTER, text=text), LETTER)
    parts = [next(iter(message.iter_parts())).get_content() for message in office.mail]
    assert parts[0].splitlines() == text.splitlines()
    assert len(parts) == 2


@pytest.mark.parametrize("evil", ["\r\nBcc: eve@example.org", "\nBcc: eve@example.org", "\r\n\r\n<script>", "\0"])
def test_no_text_becomes_a_header(evil: str) -> None:
    letter = replace(LETTER, subject=f"Tin{evil}", name=f"Hòa{evil}")
    message = compose(letter, sender=f"Cổng{evil} <hub@hub.example>" if "\n" not in evil else SENDER, list_id="n.e")
    assert message["Bcc"] is None
    head = message.as_bytes().split(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    assert b"\0" not in head


@pytest.mark.parametrize(
    "address",
    ["", "hoa", "a@b@c", "a b@c.vn", "a@c.vn,d@e.vn", "a@c.vn\r\nBcc: d@e.vn", "<a@c.vn>", "hòa@c.vn", "@c.vn"],
)
def test_what_is_not_one_address_is_refused_for_ever(address: str) -> None:
    with pytest.raises(LetterRefused) as refused:
        compose(replace(LETTER, to=address), sender=SENDER, list_id="n.e").as_bytes()
    assert refused.value.for_ever


def test_one_connection_carries_many_letters_and_survives_a_refused_one() -> None:
    with a_post_office() as office:
        office.of_recipient = lambda address: "250 fine" if address.startswith("hoa") else "550 nobody here"
        with Post(read_server(f"smtp://127.0.0.1:{office.port}"), own_name="hub.example") as post:
            post.send(compose(LETTER, sender=SENDER, list_id="n.e"))
            with pytest.raises(LetterRefused) as refused:
                post.send(compose(replace(LETTER, to="x@example.org"), sender=SENDER, list_id="n.e"))
            post.send(compose(LETTER, sender=SENDER, list_id="n.e"))
    assert (refused.value.for_ever, refused.value.facts) == (True, {"reason": "RCPT 550"})
    assert len(office.raw) == 2


@pytest.mark.parametrize(
    ("place", "answer", "error", "for_ever"),
    [
        ("of_sender", "550 not you", MailDown, None),  # the hub's fault, no letter's
        ("of_sender", "451 later", MailDown, None),
        ("of_recipient", "450 later", LetterRefused, False),
        ("of_recipient", "452 full", LetterRefused, False),
        ("of_recipient", "550 nobody", LetterRefused, True),
        ("of_recipient", "421 closing", MailDown, None),
        ("of_message", "451 later", LetterRefused, False),
        ("of_message", "554 spam", LetterRefused, True),
        ("of_message", "421 closing", MailDown, None),
    ],
)
def test_each_answer_says_who_has_to_wait(
    place: str, answer: str, error: type[Exception], for_ever: bool | None
) -> None:
    with a_post_office() as office:
        setattr(office, place, (lambda _: answer) if place == "of_recipient" else answer)
        with pytest.raises(error) as told:
            send(office.port)
    assert office.raw == []
    assert getattr(told.value, "for_ever", None) is for_ever


def test_a_line_that_breaks_after_the_final_dot_leaves_doubt() -> None:
    with a_post_office(office=Office(hang_up=True)) as office, pytest.raises(InDoubt):
        send(office.port)
    assert len(office.raw) == 1


def test_a_server_that_is_away_or_says_nothing_is_down(free_tcp_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "SECONDS", 0.2)
    with pytest.raises(MailDown):
        send(free_tcp_port)
    with a_silent_port() as port, pytest.raises(MailDown) as silent:
        send(port)
    assert silent.value.facts == {"reason": "timeout"}


Contexts = tuple[str, ssl.SSLContext, ssl.SSLContext]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_credentials_go_over_verified_tls(certificate: Contexts, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    file, own, _ = certificate
    how = {"starttls": own} if scheme == "smtp" else {"tls": own}
    with a_post_office(**how) as office:
        with pytest.raises(MailDown) as refused:
            send(office.port, user=USER, password=PASSWORD, scheme=scheme)
        assert refused.value.facts == {"reason": "tls"}  # nobody vouches for this certificate
        assert office.logins == []
        monkeypatch.setenv("SSL_CERT_FILE", file)
        send(office.port, user=USER, password=PASSWORD, scheme=scheme)
        assert office.logins == [USER.encode()]
        with pytest.raises(MailDown) as wrong:
            send(office.port, user=USER, password="wrong", scheme=scheme)
        assert wrong.value.facts == {"reason": "AUTH 535"}
    assert len(office.raw) == 1


def test_without_starttls_no_password_is_sent() -> None:
    with a_post_office() as office, pytest.raises(MailDown) as refused:
        send(office.port, user=USER, password=PASSWORD)
    assert "STARTTLS" in refused.value.facts["reason"]
    assert office.logins == []


def test_tls_is_taken_where_it_is_offered(certificate: Contexts) -> None:
    with a_post_office(starttls=certificate[1]) as office:
        send(office.port)
    assert office.encrypted == [True]


@pytest.mark.parametrize(
    ("address", "host", "port", "tls"),
    [
        ("smtp://mail.example", "mail.example", 25, False),
        ("smtp://a:b@mail.example", "mail.example", 587, False),
        ("smtps://a:b@mail.example", "mail.example", 465, True),
        ("smtp://[::1]:2525", "::1", 2525, False),
    ],
)
def test_the_server_s_address_is_read(address: str, host: str, port: int, tls: bool) -> None:
    server = read_server(address)
    assert (server.host, server.port, server.tls) == (host, port, tls)


@pytest.mark.parametrize("address", ["mail.example", "http://a", "smtp://", "smtp://hush:hush@a:b", "smtp://a/hush"])
def test_a_server_that_cannot_be_read_is_refused_without_telling_the_secret(address: str) -> None:
    with pytest.raises(ValueError, match="HUB_SMTP") as refused:
        read_server(address)
    assert "hush" not in str(refused.value)
    assert "hush" not in repr(read_server("smtp://a:hush@b"))
    with pytest.raises(ValueError, match="HUB_SMTP"):
        Settings(smtp="mail.example")
