"""Settings: one frozen value, read once from ``HUB_*``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

SECRET_LENGTH = 32
LEAST = {"port": 0, "threads": 1, "pushes_per_minute": 1, "reads_per_minute": 1, "trusted_proxies": 0, "max_film_mb": 0}
Network = tuple[IPv4Network | IPv6Network, int | None]  # and the one port meant, if any


def _(text: str) -> str:
    """Marks a text for the catalogues; the command line says it in the language of its run."""
    return text


class BadSetting(ValueError):
    """A setting cannot be used; `text` is English, with `facts` for its placeholders."""

    def __init__(self, text: str, **facts: object) -> None:
        super().__init__(text % facts)
        self.text = text
        self.facts = facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything an operator may set. Each field is read from ``HUB_`` + its name in capitals."""

    data: Path = field(default=Path("hub-data"), metadata={"help": "data directory: database, pictures, backups"})
    database_url: str = field(
        default="", metadata={"help": "SQLAlchemy address; empty: SQLite inside the data directory"}
    )
    base_url: str = field(
        default="", metadata={"help": "the public address every link is built from; empty: http://host:port"}
    )
    host: str = field(default="127.0.0.1", metadata={"help": "the address to listen on"})
    port: int = field(default=8480, metadata={"help": "the port to listen on; 0 takes a free one"})
    threads: int = field(default=8, metadata={"help": "requests answered at the same time"})
    pushes_per_minute: int = field(
        default=60, metadata={"help": "writes allowed per key, session or address, a minute"}
    )
    reads_per_minute: int = field(default=600, metadata={"help": "reads allowed per key, session or address, a minute"})
    max_film_mb: int = field(default=500, metadata={"help": "megabytes that an uploaded film may have; 0: no films"})
    trusted_proxies: int = field(default=0, metadata={"help": "reverse proxies in front whose X-Forwarded-For counts"})
    metrics_key: str = field(default="", metadata={"help": "key for /metrics; empty: only from this machine"})
    secret: str = field(
        default="",
        repr=False,
        metadata={
            "help": "encrypts signing keys in the database, 32 characters or more; empty: the file secret in HUB_DATA"
        },
    )
    allow_networks: str = field(
        default="",
        metadata={"help": "inner networks that requests may go out to: 10.1.0.0/16, 127.0.0.1:8480, [fd00::/8]:443"},
    )
    smtp: str = field(
        default="",
        repr=False,
        metadata={"help": "mail server: smtp://[user:password@]host[:port] or smtps://…; empty: mail waits"},
    )
    mail_from: str = field(
        default="", metadata={"help": "sender of mail: NAME <ADDRESS>; empty: hub@ the host of HUB_BASE_URL"}
    )
    oidc_issuer: str = field(
        default="", metadata={"help": "people may sign in by this OpenID Connect issuer, too: https://…; needs [oidc]"}
    )
    oidc_client_id: str = field(default="", metadata={"help": "what the hub is called at that issuer"})
    oidc_client_secret: str = field(default="", repr=False, metadata={"help": "its secret there, if it has one"})
    oidc_name: str = field(default="", metadata={"help": "what people call that issuer; empty: its host"})
    log_format: str = field(default="text", metadata={"help": "text or json, one line an event, on stderr"})

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
            raise BadSetting(_("HUB_BASE_URL must be http(s)://host[/path], not %(sent)s."), sent=self.base_url)
        if self.log_format not in {"text", "json"}:
            raise BadSetting(_("HUB_LOG_FORMAT must be text or json, not %(sent)s."), sent=self.log_format)
        if self.secret and len(self.secret) < SECRET_LENGTH:
            raise BadSetting(
                _("HUB_SECRET must have %(length)s characters or more, best chosen at random."), length=SECRET_LENGTH
            )
        if self.smtp and not _is_mail_server(self.smtp):  # its text is not told: it may hold a password
            raise BadSetting(_("HUB_SMTP must be smtp://[user:password@]host[:port] or smtps://…."))
        if self.oidc_issuer and not _is_issuer(self.oidc_issuer):
            raise BadSetting(_("HUB_OIDC_ISSUER must be https://host[/path], not %(sent)s."), sent=self.oidc_issuer)
        _read_networks(self.allow_networks)
        for name, least in LEAST.items():
            if getattr(self, name) < least:
                said = {"name": f"HUB_{name.upper()}", "least": least, "sent": getattr(self, name)}
                raise BadSetting(_("%(name)s must be %(least)s or more, not %(sent)s."), **said)

    @property
    def database(self) -> str:
        """The database's address as SQLAlchemy reads it."""
        return self.database_url or f"sqlite:///{self.data / 'hub.db'}"

    @property
    def media_folder(self) -> Path:
        """Where pictures lie, by hash."""
        return self.data / "media"

    @property
    def pieces_folder(self) -> Path:
        """Where files lie that have not come whole."""
        return self.data / "pieces"

    @property
    def max_film_bytes(self) -> int:
        """How long an uploaded film may be."""
        return self.max_film_mb * 1024 * 1024

    @property
    def allowed_networks(self) -> tuple[Network, ...]:
        """What `allow_networks` names."""
        return _read_networks(self.allow_networks)

    def check_single_sign_on(self) -> None:
        """Can people sign in by another house, where that is set? Raises BadSetting."""
        if self.oidc_issuer and not self.oidc_client_id:
            raise BadSetting(_("HUB_OIDC_ISSUER needs HUB_OIDC_CLIENT_ID beside it."))
        if self.oidc_issuer and find_spec("joserfc") is None:
            raise BadSetting(_("HUB_OIDC_ISSUER needs the extra “oidc”: pip install 'story-hub[oidc]'."))

    @property
    def sender(self) -> str:
        """Who mail comes from."""
        return self.mail_from or f"hub@{urlsplit(self.base).hostname}"

    @property
    def base(self) -> str:
        """The public address, without a slash at its end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    def address(self, path: str) -> str:
        """The absolute address of a path of ours; never built from the Host header."""
        return self.base + path


def read_settings(environ: Mapping[str, str], **chosen: object) -> Settings:
    """Settings from ``HUB_*`` in `environ`; `chosen` (command line options) come first, None means not chosen.

    Raises BadSetting, naming the variable, when a value cannot be read.
    """
    values: dict[str, object] = {}
    for known in fields(Settings):
        name = f"HUB_{known.name.upper()}"
        if name in environ:
            values[known.name] = _convert(name, environ[name], type(known.default))
    values.update({name: value for name, value in chosen.items() if value is not None})
    return Settings(**values)  # type: ignore[arg-type]


def _convert(name: str, text: str, kind: type) -> object:
    if issubclass(kind, Path):
        return Path(text)
    if kind is int:
        try:
            return int(text)
        except ValueError as exc:
            raise BadSetting(_("%(name)s must be a whole number, not %(sent)s."), name=name, sent=text) from exc
    return text


def _is_mail_server(address: str) -> bool:
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and port != 0 and not parts.path.strip("/")


def _is_issuer(address: str) -> bool:
    """An address as OpenID Connect Discovery §3 has it; without TLS only on this very machine."""
    parts = urlsplit(address)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1"))
    return secure and bool(parts.hostname) and not parts.query and not parts.fragment


def _read_networks(text: str) -> tuple[Network, ...]:
    """``10.1.0.0/16``, ``127.0.0.1:8480``, ``fd00::/8``, ``[::1]:443``, with commas between. Raises ValueError."""
    found: list[Network] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        place, port = part, ""
        if part.startswith("["):
            place, _end, port = part[1:].partition("]")
            port = port.removeprefix(":") if port.startswith(":") else port and "?"
        elif part.count(":") == 1:
            place, _colon, port = part.partition(":")
            port = port or "?"
        try:
            found.append((ip_network(place), _read_port(port) if port else None))
        except ValueError as exc:
            raise BadSetting(_("HUB_ALLOW_NETWORKS: %(sent)s is no network."), sent=part) from exc
    return tuple(found)


def _read_port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise ValueError(f"no port: {text!r}")
    return int(text)
