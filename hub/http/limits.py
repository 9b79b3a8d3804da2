"""Limits per key and address: so many pushes and reads a minute, then 429 with Retry-After."""

from __future__ import annotations

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from hub.accounts.keys import fingerprint
from hub.http.asking import known_keys, sent_secret
from hub.http.services import services

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
UNLIMITED = frozenset({"health.healthz", "health.readyz", "health.metrics"})


def make_limiter() -> Limiter:
    """A limiter for one application; counts in memory, since `hub serve` answers in one process."""
    return Limiter(
        key_func=_who,
        application_limits=[_limit],
        application_limits_exempt_when=_is_unlimited,
        storage_uri="memory://",
        strategy="moving-window",
        headers_enabled=False,
    )


def _limit() -> str:
    settings = services().settings
    count = settings.reads_per_minute if request.method in SAFE else settings.pushes_per_minute
    return f"{count} per minute"


def _who() -> str:
    doing = "read" if request.method in SAFE else "push"
    secret = sent_secret() or (request.view_args or {}).get("secret")
    if secret and (seal := fingerprint(secret)) in known_keys:
        return f"{doing} key {seal}"
    return f"{doing} address {get_remote_address()}"


def _is_unlimited() -> bool:
    return request.endpoint in UNLIMITED
