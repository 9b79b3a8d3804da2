"""Where an outgoing request may go, as a table."""

from __future__ import annotations

import pytest

from hub.config import Settings
from hub.delivery import addresses

REFUSED = [
    ("0.0.0.0", "unspecified"),
    ("0.1.2.3", "unspecified"),
    ("10.0.0.1", "private"),
    ("100.64.0.1", "shared"),
    ("100.100.100.200", "shared"),  # metadata of Alibaba
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("168.63.129.16", "metadata"),
    ("169.254.169.254", "link_local"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.192", "reserved"),  # metadata of Oracle
    ("192.88.99.1", "6to4"),
    ("192.168.1.1", "private"),
    ("198.18.0.1", "benchmark"),
    ("203.0.113.9", "documentation"),
    ("224.0.0.1", "multicast"),
    ("255.255.255.255", "reserved"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("::127.0.0.1", "reserved"),
    ("::ffff:127.0.0.1", "mapped"),
    ("::ffff:8.8.8.8", "mapped"),
    ("64:ff9b::7f00:1", "nat64"),
    ("64:ff9b:1::1", "nat64"),
    ("2001:0:7f00:1::1", "teredo"),
    ("2001:2::1", "reserved"),
    ("2001:db8::1", "documentation"),
    ("2002:7f00:1::1", "6to4"),
    ("3fff::1", "documentation"),
    ("fd00:ec2::254", "private"),
    ("fe80::1", "link_local"),
    ("fe80::1%eth0", "link_local"),
    ("fec0::1", "reserved"),
    ("ff02::1", "multicast"),
    ("0x7f.1", "odd"),
    ("2130706433", "odd"),
    ("017700000001", "odd"),
    ("127.1", "odd"),
    ("127.0.0.1.", "odd"),
    ("127.0.0.01", "odd"),
]


@pytest.mark.parametrize(("address", "why"), REFUSED)
def test_what_is_not_public_unicast_is_refused(address: str, why: str) -> None:
    assert addresses.find_fault(address, 443, ()) == why


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "203.162.4.191", "2606:4700::1111"])
def test_public_addresses_pass(address: str) -> None:
    assert addresses.find_fault(address, 443, ()) is None


@pytest.mark.parametrize(
    ("setting", "address", "port", "passes"),
    [
        ("127.0.0.1:8480", "127.0.0.1", 8480, True),
        ("127.0.0.1:8480", "127.0.0.1", 8481, False),
        ("127.0.0.1:8480", "127.0.0.2", 8480, False),
        ("127.0.0.1", "127.0.0.1", 1, True),
        ("127.0.0.1", "::ffff:127.0.0.1", 1, False),  # in exactly the form it is named in
        ("10.1.0.0/16, fd00::/8", "10.1.255.1", 80, True),
        ("10.1.0.0/16, fd00::/8", "10.2.0.1", 80, False),
        ("10.1.0.0/16, fd00::/8", "fd12::1", 80, True),
        ("[::1]:443", "::1", 443, True),
        ("[::1]:443", "::1", 80, False),
        ("", "127.0.0.1", 80, False),
    ],
)
def test_an_operator_opens_a_network_or_one_port_of_it(setting: str, address: str, port: int, passes: bool) -> None:
    allowed = Settings(allow_networks=setting).allowed_networks
    assert (addresses.find_fault(address, port, allowed) is None) is passes


@pytest.mark.parametrize(
    "setting", ["localhost", "10.1.0.0/16:0", "10.1.0.1/16", "127.0.0.1:", "[::1]x", "1.2.3.4:99999"]
)
def test_a_network_that_cannot_be_read_stops_the_start(setting: str) -> None:
    with pytest.raises(ValueError, match="HUB_ALLOW_NETWORKS"):
        Settings(allow_networks=setting)


@pytest.mark.parametrize(
    ("host", "literal"),
    [
        ("127.0.0.1", True),
        ("0x7f.1", True),
        ("0x7f000001", True),
        ("2130706433", True),
        ("a.b.0x", True),
        ("127.1.", True),
        ("::1", True),
        ("example.org", False),
        ("1.example.org", False),
        ("0x.example", False),
    ],
)
def test_what_any_reader_takes_for_an_address_is_no_name(host: str, literal: bool) -> None:
    assert addresses.is_literal(host) is literal
