"""Requests for coverage: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.actors import Role
from hub.api import reading
from hub.api.calls.common import DESK, IDEMPOTENCY_KEY, LIMIT, ORGANIZATION, OUTLET, TEXT, UNREADABLE, VERSION_CURSOR
from hub.api.calls.shapes import Answer, Body, Call, Parameter, Text
from hub.errors import Invalid, NotFound
from hub.intake import idempotency
from hub.regulation.filed import requests
from hub.regulation.filed.request_states import RequestState

STATE = Parameter(
    "state", Text("Chỉ đề nghị ở tình trạng này.", "Only requests in this state."), {**TEXT, "enum": list(RequestState)}
)
REQUEST = Body(
    schema=requests.SCHEMA,
    examples={"place_and_theme": "request.v1/place-and-theme.json", "to_all": "request.v1/to-all.json"},
)
ANSWER = Body(
    schema=requests.ANSWER_SCHEMA,
    examples={
        "accepted": "request-answer.v1/accepted.json",
        "declined": "request-answer.v1/declined.json",
        "closed": "request-answer.v1/closed.json",
    },
)

CALLS: Mapping[str, Call] = {
    "api.post_request": Call(
        group="requests",
        title=Text("Đề nghị tổ chức phản ánh một nơi, chủ đề, con người", "Ask organizations for coverage"),
        about=Text(
            "Gửi một tổ chức, cả cấp dưới (below), hoặc mọi tổ chức khi không ghi to. Nơi được đề nghị sẽ được báo.",
            "To one organization, to all below it too (below), or to all without to. Those who are asked are told.",
        ),
        roles=OUTLET,
        headers=(IDEMPOTENCY_KEY,),
        body=REQUEST,
        answers=(Answer(status=201, schema="answers.v1.coverage_request", headers=("Location",)),),
        refusals=(*UNREADABLE, reading.BadIdempotencyKey, Invalid, idempotency.KeyReused),
    ),
    "api.list_requests": Call(
        group="requests",
        title=Text("Danh sách đề nghị viết bài", "List requests for coverage"),
        about=Text(
            "Đơn vị nhận tin thấy đề nghị của mình; tổ chức thấy đề nghị gửi cho mình.",
            "An outlet sees its own, an organization those that went to it.",
        ),
        roles=(*DESK, Role.OUTLET),
        query=(STATE, LIMIT, VERSION_CURSOR),
        answers=(Answer(schema="answers.v1.coverage_requests", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.get_request": Call(
        group="requests",
        title=Text("Một đề nghị và các trả lời", "A request and what was said to it"),
        about=Text(
            "Đơn vị nhận tin thấy mọi trả lời; tổ chức thấy của phía mình và lời đáp cho mình.",
            "The outlet sees all answers, an organization those of its side and the replies to it.",
        ),
        roles=(*DESK, Role.OUTLET),
        answers=(Answer(schema="answers.v1.coverage_request_whole"),),
        refusals=(NotFound,),
    ),
    "api.post_answer": Call(
        group="requests",
        title=Text("Trả lời một đề nghị, hoặc khép lại", "Answer a request, or close it"),
        about=Text(
            "Tổ chức: nhận lời (accepted) kèm bài hoặc ngày hẹn, từ chối (declined) kèm lý do, hỏi lại (question). Đơn "
            "vị nhận tin: đáp lời (reply), khép lại (closed).",
            "Organizations: accept (accepted) with a story or a day, decline (declined) with a reason, ask back "
            "(question). The outlet: reply (reply), close (closed).",
        ),
        roles=(*ORGANIZATION, Role.CONFIRMER, Role.OUTLET),
        headers=(IDEMPOTENCY_KEY,),
        body=ANSWER,
        answers=(Answer(status=201, schema="answers.v1.request_answer"),),
        refusals=(
            *(*UNREADABLE, reading.BadIdempotencyKey, Invalid, idempotency.KeyReused, NotFound),
            *(requests.RequestClosed, requests.NotAsked, requests.OtherSide),
        ),
    ),
}
