"""Every request the hub sends out: the only importer of aiohttp, and a guard that no address gets past.

An address is looked at three times: as a literal in the URL, after every look-up of a name, and once more on the
socket that is about to be connected, whatever way led there. So a name server that answers differently the second
time (DNS rebinding) gains nothing: what was checked is what is connected to. Redirects are not followed unless a GET
asks for it, and then every hop is a new request under the same guard. No proxy, no cookie, no compressed answer.
"""

from __future__ import annotations

import asyncio
import io
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from hub.delivery import addresses
from hub.delivery.addresses import Allowed
from hub.delivery.urls import URL, AddressRefused, check_url
from hub.errors import TooLarge, Unavailable

AGENT = "story-hub/1"
LOOKUP_THREADS = 16  # a name server that hangs keeps a thread until it gives up
CHUNK = 65_536
WRITTEN_AT_ONCE = 262_144  # bytes of a body
REDIRECTS = frozenset({301, 302, 303, 307, 308})
KEPT_ON_REDIRECT = frozenset({"accept", "accept-language", "user-agent"})  # nothing that could be a secret

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]  # host and port in, literal addresses out


class NoAnswer(Unavailable):
    """Nothing, or nothing whole, came back; `reason`: lookup, connect, timeout, tls, broken, redirects."""

    key = "error.no_answer"


class AnswerTooLarge(TooLarge):
    """The answer is over what the asker wanted to read."""

    key = "error.answer_too_large"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much. Waiting for a turn at a busy host does not count as time."""

    seconds: float = 15.0  # from the look-up to the last byte
    connect_seconds: float = 5.0  # look-up, connection and TLS
    max_bytes: int = 65_536  # of the body; of none: the answer is its status and headers, the body is not waited for
    per_host: int = 4  # requests at the same time to one host and port
    idle_seconds: float = 5.0  # a connection is kept for the next request; of none: it is closed at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent. `redirects`: how many hops a GET may follow."""

    method: str = "GET"
    url: str = field(repr=False)  # may be a secret by itself
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    redirects: int = 0

    def __post_init__(self) -> None:
        if self.redirects and self.method != "GET":
            raise ValueError("only a GET follows redirects")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `body` ends at `max_bytes`; `cut` says that there was more."""

    status: int
    headers: Mapping[str, str]  # names in lower case; of repeated ones the last
    body: bytes
    cut: bool
    url: str  # where it came from in the end


class Transport:
    """Sends requests inside one event loop; `async with` opens and closes it.

    `lookup` is for tests; `trust` is the TLS context, by default the system's authorities.
    """

    def __init__(
        self,
        allowed: Allowed,
        *,
        limits: Limits | None = None,
        lookup: Lookup | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed = allowed
        self._limits = limits or Limits()
        self._lookup = lookup
        self._trust = trust
        self._session: aiohttp.ClientSession | None = None
        self._turns: dict[tuple[str, int], tuple[asyncio.Semaphore, list[None]]] = {}

    async def __aenter__(self) -> Transport:
        connector = aiohttp.TCPConnector(
            resolver=_GuardedResolver(self._allowed, self._lookup),
            use_dns_cache=False,  # each connection looks up and checks for itself
            socket_factory=self._make_socket,
            limit=0,  # by turns below
            force_close=not self._limits.idle_seconds,
            keepalive_timeout=self._limits.idle_seconds or None,
            ssl=self._trust or True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._limits.seconds, connect=self._limits.connect_seconds),
            headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
            skip_auto_headers=("Content-Type",),
            auto_decompress=False,  # what was not asked for is not unpacked
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, request: Request) -> Answer:
        """Send `request`; any status is an answer. Raises AddressRefused or NoAnswer."""
        url, headers = check_url(request.url, self._allowed), dict(request.headers)
        for _ in range(request.redirects + 1):
            answer = await self._once(request, url, headers)
            if not request.redirects or answer.status not in REDIRECTS or "location" not in answer.headers:
                return answer
            url, headers = self._next_hop(url, headers, answer.headers["location"])
        raise NoAnswer(host=url.host or "", reason="redirects")

    async def _once(self, request: Request, url: URL, headers: Mapping[str, str]) -> Answer:
        assert self._session is not None, "use `async with`"
        async with self._turn(url):
            try:
                async with self._session.request(
                    request.method, url, headers=headers, data=_payload(request.body), allow_redirects=False
                ) as response:
                    body, cut = await self._read(response)
                    found = {name.lower(): value for name, value in response.headers.items()}
                    return Answer(status=response.status, headers=found, body=body, cut=cut, url=str(url))
            except (aiohttp.ClientError, TimeoutError, ValueError) as exc:
                raise _explain(exc, url) from exc

    async def _read(self, response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
        if not self._limits.max_bytes:
            cut = not response.content.is_eof()
            if cut:
                response.close()
            return b"", cut
        body = bytearray()
        async for chunk in response.content.iter_chunked(CHUNK):
            body += chunk
            if len(body) > self._limits.max_bytes:
                response.close()  # the rest is not waited for
                return bytes(body[: self._limits.max_bytes]), True
        return bytes(body), False

    def _next_hop(self, url: URL, headers: Mapping[str, str], location: str) -> tuple[URL, dict[str, str]]:
        try:
            goal = check_url(str(url.join(URL(location))), self._allowed)
        except ValueError as exc:
            raise AddressRefused(host=url.host or "", reason="unreadable") from exc
        if url.scheme == "https" and goal.scheme == "http":
            raise AddressRefused(host=goal.host or "", reason="downgrade")
        kept = {name: value for name, value in headers.items() if name.lower() in KEPT_ON_REDIRECT}
        return goal, dict(headers) if goal.origin() == url.origin() else kept

    @asynccontextmanager
    async def _turn(self, url: URL) -> AsyncIterator[None]:
        """Wait until fewer than `per_host` requests go to this host and port; forget places nobody waits at."""
        place = (url.raw_host or "", url.port or 0)
        turns, waiting = self._turns.setdefault(place, (asyncio.Semaphore(self._limits.per_host), []))
        waiting.append(None)
        try:
            async with turns:
                yield
        finally:
            waiting.pop()
            if not waiting:
                self._turns.pop(place, None)

    def _make_socket(self, found: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """The last look: the very address that the socket is for."""
        family, kind, protocol, _, address = found
        _check(str(address[0]), int(str(address[1])), self._allowed)
        return socket.socket(family, kind, protocol)


def fetch(
    url: str,
    *,
    allowed: Allowed,
    max_bytes: int,
    seconds: float,
    redirects: int = 0,
    headers: Mapping[str, str] | None = None,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """GET for commands, outside of any event loop. Raises AddressRefused, NoAnswer, AnswerTooLarge."""
    request = Request(url=url, headers=headers or {}, redirects=redirects)
    return send_alone(request, allowed=allowed, max_bytes=max_bytes, seconds=seconds, trust=trust)


def send_alone(
    request: Request, *, allowed: Allowed, max_bytes: int, seconds: float, trust: ssl.SSLContext | None = None
) -> Answer:
    """One request outside of any event loop. Raises AddressRefused, NoAnswer, AnswerTooLarge."""
    limits = Limits(max_bytes=max_bytes, seconds=seconds, connect_seconds=min(seconds, Limits().connect_seconds))

    async def run() -> Answer:
        async with Transport(allowed, limits=limits, trust=trust) as transport:
            return await transport.send(request)

    answer = asyncio.run(run())
    if answer.cut:
        raise AnswerTooLarge(max_bytes=max_bytes)
    return answer


def _payload(body: bytes | None) -> bytes | io.BytesIO | None:
    """A body as aiohttp wants it: a large one would otherwise be written at once, while the loop waits."""
    return io.BytesIO(body) if body is not None and len(body) > WRITTEN_AT_ONCE else body


class _Refused(OSError):
    """An address that is not for us, where aiohttp waits for an OSError."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _GuardedResolver(AbstractResolver):
    """Looks a name up in threads of its own, and hands on the addresses that may be connected to."""

    def __init__(self, allowed: Allowed, lookup: Lookup | None) -> None:
        self._allowed = allowed
        self._threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="lookup")
        self._lookup = lookup or self._ask_system

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        good: list[ResolveResult] = []
        refused = None
        for address in await self._lookup(host, port):
            try:
                _check(address, port, self._allowed)
            except _Refused as exc:
                refused = exc
                continue
            found = socket.AF_INET6 if ":" in address else socket.AF_INET
            good.append(
                ResolveResult(
                    hostname=host, host=address, port=port, family=found, proto=0, flags=socket.AI_NUMERICHOST
                )
            )
        if not good and refused is not None:
            raise refused
        if not good:
            raise OSError(f"no address for {host}")
        return good

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask_system(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        )
        return [str(address[0]) for *_, address in found]


def _check(address: str, port: int, allowed: Allowed) -> None:
    why = addresses.find_fault(address, port, allowed)
    if why is not None:
        raise _Refused(why)


def _explain(exc: Exception, url: URL) -> AddressRefused | NoAnswer:
    """Our own words for what aiohttp met; of the URL only the host is told."""
    host = url.host or ""
    cause = getattr(exc, "os_error", exc)
    if isinstance(cause, _Refused):
        return AddressRefused(host=host, reason=cause.reason)
    reasons: tuple[tuple[type[Exception], str], ...] = (
        (TimeoutError, "timeout"),
        (aiohttp.ClientConnectorDNSError, "lookup"),
        (aiohttp.ClientSSLError, "tls"),
        (aiohttp.ClientConnectorError, "connect"),
    )
    reason = next((word for kind, word in reasons if isinstance(exc, kind)), None)
    if reason is None and isinstance(exc, ValueError):  # aiohttp's InvalidURL among them
        return AddressRefused(host=host, reason="unreadable")
    return NoAnswer(host=host, reason=reason or "broken")
