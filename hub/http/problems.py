"""Every refusal as RFC 9457 ``application/problem+json``, from one place, in the language asked for."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from hub import errors, i18n
from hub.http.language import asked_language
from hub.http.silence import is_silent, without_values


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


MEDIA_TYPE = "application/problem+json"
TYPE = "tag:hub.example,2026:problem/"
RETRY_SECONDS = 5
DISK_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EACCES, errno.EMFILE})
STATUSES: dict[type[errors.HubError], HTTPStatus] = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Gone: HTTPStatus.GONE,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Stale: HTTPStatus.PRECONDITION_FAILED,
    errors.Unconditional: HTTPStatus.PRECONDITION_REQUIRED,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
TITLES = {  # as RFC 9110 calls them, whatever a Python calls them; their Vietnamese stands in the catalogue
    HTTPStatus.BAD_REQUEST: _("Bad Request"),
    HTTPStatus.UNAUTHORIZED: _("Unauthorized"),
    HTTPStatus.FORBIDDEN: _("Forbidden"),
    HTTPStatus.NOT_FOUND: _("Not Found"),
    HTTPStatus.METHOD_NOT_ALLOWED: _("Method Not Allowed"),
    HTTPStatus.CONFLICT: _("Conflict"),
    HTTPStatus.GONE: _("Gone"),
    HTTPStatus.PRECONDITION_FAILED: _("Precondition Failed"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("Content Too Large"),
    HTTPStatus.UNPROCESSABLE_ENTITY: _("Unprocessable Content"),
    HTTPStatus.PRECONDITION_REQUIRED: _("Precondition Required"),
    HTTPStatus.TOO_MANY_REQUESTS: _("Too Many Requests"),
    HTTPStatus.INTERNAL_SERVER_ERROR: _("Internal Server Error"),
    HTTPStatus.SERVICE_UNAVAILABLE: _("Service Unavailable"),
}
SECRET_PATHS = ("/feeds/k/", "/calendars/", "/packs/", "/welcome/")
REALM = 'Basic realm="hub", charset="UTF-8"'

log = structlog.get_logger(__name__)


def install(app: Flask) -> None:
    """Answer every error of this application with a problem."""
    app.register_error_handler(errors.HubError, answer)
    app.register_error_handler(DBAPIError, _database_failed)
    app.register_error_handler(PoolTimeout, _pool_exhausted)
    app.register_error_handler(OSError, _disk_failed)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def sentence_of(refused: errors.HubError) -> str:
    """A refusal in the language of the page."""
    return i18n.sentence(refused.key, asked_language(), **refused.facts)


def status_of(refused: errors.HubError) -> HTTPStatus:
    """The status of a refusal's family."""
    return next(STATUSES[kind] for kind in type(refused).__mro__ if kind in STATUSES)


def title(status: int, language: str) -> str:
    """What a problem of this status is called: no other words for the same one, only another language."""
    known = HTTPStatus(status)
    return i18n.sentence(TITLES.get(known, known.phrase), language)


def type_of(key: str) -> str:
    """The name of a kind of problem, as programs compare it."""
    return TYPE + key.removeprefix("error.")


def problem(
    status: int, key: str, *, facts: dict[str, Any] | None = None, faults: Iterable[Any] = (), retry_after: int = 0
) -> Response:
    """A problem document; `key` names its sentence, `facts` stand beside it as extension members."""
    language = asked_language()
    facts = facts or {}
    body = {
        **{name: value for name, value in facts.items() if isinstance(value, str | int | float | list)},
        "type": type_of(key),
        "title": title(status, language),
        "status": status,
        "detail": i18n.sentence(key, language, **facts),
        "instance": _instance(request.path),
    }
    listed = [_fault(fault, language) for fault in faults]
    if listed:
        body["errors"] = listed
    told = Response(orjson.dumps(body), status, content_type=MEDIA_TYPE)
    told.headers["Content-Language"] = language
    told.headers["Cache-Control"] = "no-store"
    told.vary.add("Accept-Language")
    if status == HTTPStatus.UNAUTHORIZED:
        told.headers["WWW-Authenticate"] = REALM
        told.headers.add("WWW-Authenticate", 'Bearer realm="hub"')
    if retry_after:
        told.headers["Retry-After"] = str(retry_after)
    return told


def _instance(path: str) -> str:
    """The path asked for, without the unguessable part of an address."""
    return next((secret for secret in SECRET_PATHS if path.startswith(secret)), path)


def _fault(fault: Any, language: str) -> dict[str, str]:
    said = {"pointer": fault.pointer, "code": fault.code, "detail": i18n.fault_sentence(fault, language)}
    return said | {name: fault.facts[name] for name in ("channel", "clause") if fault.facts.get(name)}


def answer(refused: errors.HubError) -> Response:
    """The problem that a refusal is told as."""
    return problem(
        status_of(refused),
        refused.key,
        facts=refused.facts,
        faults=refused.faults,
        retry_after=_seconds_to_wait(refused),
    )


def _seconds_to_wait(refused: errors.HubError) -> int:
    if isinstance(refused, errors.TooMany):
        return int(refused.facts["seconds"])
    return RETRY_SECONDS if isinstance(refused, errors.Unavailable) else 0


def _database_failed(failed: DBAPIError) -> Response:
    if isinstance(failed, OperationalError | InterfaceError | InternalError) or failed.connection_invalidated:
        log.error("database_unavailable", error=without_values(failed) if is_silent() else str(failed.orig))
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "error.unavailable", retry_after=RETRY_SECONDS)
    return _unexpected(failed)


def _pool_exhausted(_failed: PoolTimeout) -> Response:
    log.error("database_unavailable", error="no connection became free")
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "error.unavailable", retry_after=RETRY_SECONDS)


def _disk_failed(failed: OSError) -> Response:
    if failed.errno not in DISK_FAULTS:
        return _unexpected(failed)
    log.error("disk_failed", error=failed.strerror or without_values(failed))
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "error.unavailable", retry_after=RETRY_SECONDS)


def _http_error(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    key = {400: "error.malformed", 404: "error.not_found", 405: "error.method_not_allowed", 413: "error.too_large"}
    told = problem(status, key.get(status, "error.unexpected"))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        told.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    return told


def _unexpected(error: Exception) -> Response:
    if is_silent():
        log.error("unexpected_error", error=without_values(error))
    else:
        log.error("unexpected_error", path=request.endpoint, exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "error.unexpected")
