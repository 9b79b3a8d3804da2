"""Every call of the API as one table, keyed by endpoint: texts, roles, parameters, schemas, refusals."""

from __future__ import annotations

from collections.abc import Mapping

from hub.api.calls import (
    acts,
    calendars,
    consent,
    feeds,
    media,
    notices,
    operation,
    outlets,
    registers,
    regulation,
    reports,
    requests,
    segments,
    stories,
    uploads,
)
from hub.api.calls.common import GROUPS, HEADERS, IDEMPOTENCY_KEY, PATH, ROLES, TOO_MANY_REQUESTS, UNEXPECTED
from hub.api.calls.faults import FAULT_CODES
from hub.api.calls.shapes import FORM, JSON, URLENCODED, Answer, Body, Call, Parameter, Route, Text

__all__ = [
    "CALLS",
    "FAULT_CODES",
    "FORM",
    "GROUPS",
    "HEADERS",
    "IDEMPOTENCY_KEY",
    "JSON",
    "PATH",
    "ROLES",
    "TOO_MANY_REQUESTS",
    "UNEXPECTED",
    "URLENCODED",
    "Answer",
    "Body",
    "Call",
    "Parameter",
    "Route",
    "Text",
]

CALLS: Mapping[str, Call] = {
    **stories.CALLS,
    **acts.CALLS,
    **regulation.CALLS,
    **media.CALLS,
    **uploads.CALLS,
    **reports.CALLS,
    **outlets.CALLS,
    **requests.CALLS,
    **segments.CALLS,
    **consent.CALLS,
    **notices.CALLS,
    **registers.CALLS,
    **feeds.CALLS,
    **calendars.CALLS,
    **operation.CALLS,
}
