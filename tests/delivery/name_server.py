"""A real name server on 127.0.0.1 that changes its mind, and the look-up that asks it (RFC 1035)."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address

HEADER = struct.Struct("!6H")  # id, flags, and how many questions, answers, authorities, others
RECORD = struct.Struct("!3HIH4s")  # where the name stands, type, class, time to live, length, address
ANSWERED, A, INTERNET, NAME = 0x8180, 1, 1, 0xC00C
TIMEOUT = 5.0


@dataclass
class NameServer:
    """Answers every question with `addresses`, to be kept for no time at all; `asked` are the names."""

    addresses: list[str]
    port: int = 0
    asked: list[str] = field(default_factory=list)

    async def lookup(self, host: str, _port: int) -> Sequence[str]:
        """What the transport asks in place of the system."""
        return await asyncio.to_thread(self._ask, host)

    def answer(self, question: bytes) -> bytes:
        number = HEADER.unpack_from(question)[0]
        self.asked.append(_name_in(question))
        records = [
            RECORD.pack(NAME, A, INTERNET, 0, 4, IPv4Address(address).packed) for address in list(self.addresses)
        ]
        return HEADER.pack(number, ANSWERED, 1, len(records), 0, 0) + question[HEADER.size :] + b"".join(records)

    def _ask(self, host: str) -> list[str]:
        name = b"".join(bytes([len(part)]) + part.encode() for part in host.split(".")) + b"\0"
        question = HEADER.pack(7, 0x0100, 1, 0, 0, 0) + name + struct.pack("!2H", A, INTERNET)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(TIMEOUT)
            asking.sendto(question, ("127.0.0.1", self.port))
            told = asking.recv(4096)
        count, at = HEADER.unpack_from(told)[3], len(question)
        return [str(IPv4Address(RECORD.unpack_from(told, at + n * RECORD.size)[5])) for n in range(count)]


@contextmanager
def a_name_server(*addresses: str) -> Iterator[NameServer]:
    """A name server that knows one answer."""
    found = NameServer(list(addresses))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        found.port = listening.getsockname()[1]

        def serve() -> None:
            while (received := listening.recvfrom(4096))[0]:
                listening.sendto(found.answer(received[0]), received[1])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield found
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
            ending.sendto(b"", ("127.0.0.1", found.port))
        thread.join(TIMEOUT)


def _name_in(question: bytes) -> str:
    parts, at = [], HEADER.size
    while (length := question[at]) > 0:
        parts.append(question[at + 1 : at + 1 + length].decode())
        at += 1 + length
    return ".".join(parts)
