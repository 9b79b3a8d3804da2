"""Health for those who run the hub: is it alive, can it work, and what do its numbers say."""

from __future__ import annotations

import hmac
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from hub.errors import NotFound
from hub.http.asking import sent_secret
from hub.http.services import services
from hub.operation import readiness

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@bp.get("/readyz")
def readyz() -> tuple[dict[str, Any], int]:
    parts = services()
    checks = readiness.check(parts.database, parts.settings, now=parts.clock.now())
    ready = all(check.ok for check in checks)
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return {"status": "ready" if ready else "not ready", "checks": {c.name: c.word for c in checks}}, status


@bp.get("/metrics")
def metrics() -> Response:
    settings = services().settings
    sent = sent_secret() or ""
    if settings.metrics_key:
        allowed = hmac.compare_digest(sent.encode(), settings.metrics_key.encode())
    else:
        forwarded = {"X-Forwarded-For", "Forwarded", "X-Real-IP"} & set(request.headers.keys())
        allowed = request.remote_addr in {"127.0.0.1", "::1"} and not forwarded
    if not allowed:
        raise NotFound()
    return Response(generate_latest(current_app.extensions["hub.registry"]), content_type=CONTENT_TYPE_LATEST)
