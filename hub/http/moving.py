"""What answers at an address that has moved: 308 to the new one, built from the settings, never from Host."""

from __future__ import annotations

from http import HTTPStatus
from typing import NoReturn

from flask import Response, abort

from hub.http.services import services

KEPT = "public, max-age=60"


def move_to(path: str, *, public: bool = False) -> NoReturn:
    """End the request with a redirect to a path of ours; who may know of it has been decided before."""
    address = services().settings.address(path)
    answer = Response(f"{address}\n", HTTPStatus.PERMANENT_REDIRECT, content_type="text/plain; charset=utf-8")
    answer.headers["Location"] = address
    answer.headers["Cache-Control"] = KEPT if public else "private, no-cache"
    if public:
        answer.headers["Access-Control-Allow-Origin"] = "*"
    else:
        answer.vary.add("Authorization")
    abort(answer)
