"""Kept files as answers: whole, or one range of them (RFC 9110 §14)."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path

from flask import Response, request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable

ONE_RANGE = re.compile(r"bytes[ \t]*=[ \t]*(?:(\d{1,18})-(\d{0,18})|-\d{1,18})[ \t]*", re.ASCII | re.IGNORECASE)


def send_kept(path: Path, *, media_type: str, etag: str | None = None) -> Response:
    """A file, for those who have it already (304), whole, or the one range of it that is asked for (206).

    A Range that is malformed, of another unit or of several pieces counts as none (§14.2). Past the end of the file
    it is 416, which says how long the file is (§15.5.17).
    """
    if request.method != "GET" or not is_one_range(request.headers.get("Range", "")):
        request.environ.pop("HTTP_RANGE", None)
    try:
        return send_file(path.absolute(), mimetype=media_type, conditional=True, etag=etag or False)
    except RequestedRangeNotSatisfiable as exc:
        answer = Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        answer.headers["Content-Range"] = f"bytes */{exc.length}"
        answer.headers["Accept-Ranges"] = "bytes"
        return answer


def is_one_range(said: str) -> bool:
    """Does a Range header ask for exactly one range of bytes, which is well formed?"""
    found = ONE_RANGE.fullmatch(said)
    return found is not None and not (found[1] and found[2] and int(found[2]) < int(found[1]))
