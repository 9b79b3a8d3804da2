"""Where an outgoing request may go: the one decision about addresses, for literals, look-ups and connections alike.

Pure. Whatever is not plain public unicast is refused, unless the operator names the network: loopback, private and
shared networks, link-local and metadata services, multicast, and every IPv6 form that carries an IPv4 address inside
(mapped, NAT64, 6to4, Teredo), since it would lead where the plain form may not.
Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Allowed = Sequence[tuple[IPv4Network | IPv6Network, int | None]]  # a network, and the one port in it that is meant

REFUSED_V4 = tuple(
    (IPv4Network(network), why)
    for network, why in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "metadata"),  # a public address that Azure answers inside each machine
        ("169.254.0.0/16", "link_local"),  # 169.254.169.254: metadata of most clouds
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmark"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
REFUSED_V6 = tuple(
    (IPv6Network(network), why)
    for network, why in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "mapped"),
        ("64:ff9b::/96", "nat64"),
        ("64:ff9b:1::/48", "nat64"),
        ("2001::/32", "teredo"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
        ("fc00::/7", "private"),  # fd00:ec2::254 among them
        ("fe80::/10", "link_local"),
        ("ff00::/8", "multicast"),
    )
)
UNICAST_V6 = IPv6Network("2000::/3")  # nothing else is given out
_NUMBER = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)")


def find_fault(address: str, port: int, allowed: Allowed) -> str | None:
    """Why nothing may be sent to this literal address: a word of the tables above; None when it may.

    A network that `allowed` names opens the address in exactly the form it is written in.
    """
    try:
        place = ip_address(address)
    except ValueError:
        return "odd"
    if any(place in network and which in (None, port) for network, which in allowed):
        return None
    if isinstance(place, IPv4Address):
        return next((why for network, why in REFUSED_V4 if place in network), None)
    why = next((why for network, why in REFUSED_V6 if place in network), None)
    return why or (None if place in UNICAST_V6 else "reserved")


def is_literal(host: str) -> bool:
    """Is this an address, not a name? Also one that only some readers take for an address (``0x7f.1``, ``2130706433``).

    Names whose last label is a number do not exist. Source: WHATWG URL, "ends in a number".
    """
    if ":" in host:
        return True
    last = host.rstrip(".").rpartition(".")[2]
    return _NUMBER.fullmatch(last) is not None
