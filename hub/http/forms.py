"""Forms read in memory alone: werkzeug lays uploads over half a megabyte into temporary files, this never does."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import IO, Any

from flask import request
from werkzeug.formparser import FormDataParser

from hub.errors import Malformed, TooLarge

MEDIA_TYPES = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})
MAX_PARTS = 20


def read_form(*, max_bytes: int) -> tuple[Mapping[str, str], list[tuple[str, bytes]]]:
    """The request's fields by name, and its files as (name, bytes). Raises TooLarge or Malformed."""
    if request.mimetype not in MEDIA_TYPES:
        raise Malformed()
    if (request.content_length or 0) > max_bytes:
        raise TooLarge(max_bytes=max_bytes)
    request.max_content_length = max_bytes  # for what comes without a length
    parser = FormDataParser(_in_memory, max_form_memory_size=max_bytes, max_form_parts=MAX_PARTS, silent=False)
    found = None
    with suppress(ValueError):  # and no error that carries what was sent
        found = parser.parse(request.stream, request.mimetype, request.content_length, request.mimetype_params)
    if found is None:
        raise Malformed()
    _, fields, files = found
    sent = [(file.filename or "", file.read()) for _, file in files.items(multi=True)]
    return fields.to_dict(), [(name, data) for name, data in sent if name or data]


def _in_memory(*_sizes_and_names: Any, **_more: Any) -> IO[bytes]:
    return BytesIO()
