"""Description and operation: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.api.calls.common import (
    EVERYONE,
    IF_NONE_MATCH,
    KEPT_COPY,
    LANG,
    PAGE,
    UNCHANGED,
)
from hub.api.calls.shapes import Answer, Call, Text
from hub.errors import NotFound

CALLS: Mapping[str, Call] = {
    "docs.openapi_document": Call(
        group="operation",
        title=Text("Bản mô tả này, cho máy đọc", "This description, for machines"),
        who=EVERYONE,
        headers=(IF_NONE_MATCH,),
        answers=(Answer(about=Text("Tài liệu OpenAPI 3.1.", "OpenAPI 3.1."), headers=KEPT_COPY), UNCHANGED),
    ),
    "docs.api_docs": Call(
        group="operation",
        title=Text("Trang mô tả này", "This page"),
        who=EVERYONE,
        query=(LANG,),
        headers=(IF_NONE_MATCH,),
        answers=(PAGE, UNCHANGED),
    ),
    "health.healthz": Call(
        group="operation",
        title=Text("Máy chủ còn chạy không", "Is it alive"),
        who=EVERYONE,
        answers=(Answer(schema="answers.v1.alive"),),
    ),
    "health.readyz": Call(
        group="operation",
        title=Text("Hệ thống làm việc được chưa", "Can it work"),
        who=EVERYONE,
        answers=(Answer(schema="answers.v1.readiness"), Answer(status=503, schema="answers.v1.readiness")),
    ),
    "health.metrics": Call(
        group="operation",
        title=Text("Số đo vận hành", "Figures for operators"),
        about=Text(
            "Cần khóa trong HUB_METRICS_KEY; nếu không đặt khóa thì chỉ chính máy chủ hỏi được.",
            "Needs the key in HUB_METRICS_KEY; without one only the machine itself may ask.",
        ),
        who=Text("người vận hành", "operators"),
        key_optional=True,
        answers=(Answer(about=Text("Dạng của Prometheus.", "As Prometheus reads them."), media_types=("text/plain",)),),
        refusals=(NotFound,),
    ),
}
