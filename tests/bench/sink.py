"""Subscribers by the thousand in one process: every address of 127.0.0.0/8 at one port; some never answer.

`python -m tests.bench.sink` prints its port. ``POST /ok/…`` is answered 204 and noted with the instant; ``/hang/…`` is
not answered. ``GET /taken`` tells and forgets what was noted; ``GET /let-go`` hangs up on those who wait.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

LOOPBACK = "127."
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
LENGTH = b"content-length:"

noted: list[tuple[str, float]] = []
hanging: set[Connection] = set()


class Connection(asyncio.Protocol):
    """One connection, one request after the other."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.seen = transport, b""
        if not str(transport.get_extra_info("peername")[0]).startswith(LOOPBACK):
            transport.abort()  # this port is nobody else's business

    def connection_lost(self, _error: Exception | None) -> None:
        hanging.discard(self)

    def data_received(self, data: bytes) -> None:
        self.seen += data
        head, end, body = self.seen.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            self.seen = b""
            self._answer(head[: head.index(b"\r\n")].decode())

    def _answer(self, line: str) -> None:
        path = line.split(" ")[1]
        if path.startswith("/ok/"):
            noted.append((path, time.monotonic()))
            self.transport.write(TAKEN)
        elif path.startswith("/hang/"):
            hanging.add(self)
        else:
            self._tell(path)

    def _tell(self, path: str) -> None:
        body = b""
        if path == "/taken":
            body = json.dumps(noted).encode()
            noted.clear()
        if path == "/let-go":
            for one in list(hanging):
                one.transport.abort()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        self.transport.write(head.encode() + body)
        self.transport.close()


def _length(head: bytes) -> int:
    at = head.lower().find(LENGTH)
    return int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "0.0.0.0", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # until whoever started it is gone


if __name__ == "__main__":
    asyncio.run(main())
