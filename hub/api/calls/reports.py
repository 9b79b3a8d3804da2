"""Sealed reports: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.api.calls.common import (
    EVERYONE,
    RECEIPT,
    REPORT,
    UNREADABLE,
)
from hub.api.calls.shapes import Answer, Call, Text
from hub.errors import Invalid, Unavailable
from hub.regulation.sealed import reports

CALLS: Mapping[str, Call] = {
    "api.post_report": Call(
        group="reports",
        title=Text("Báo tin về sai phạm", "Report wrongdoing"),
        about=Text(
            "Nội dung được niêm phong ngay bằng khóa công khai của người giám sát; hệ thống không đọc lại được, không "
            "ghi vào nhật ký, không đếm. Không xem khóa đăng nhập. Mã nhận tin chỉ hiện một lần.",
            "Sealed at once to the auditors' public keys; the hub cannot read it again and neither logs nor counts it. "
            "No key is looked at. The receipt is shown once.",
        ),
        who=EVERYONE,
        body=REPORT,
        answers=(Answer(status=201, schema="answers.v1.report_received", headers=("Cache-Control",)),),
        refusals=(*UNREADABLE, Invalid, reports.NoAuditor, Unavailable),
    ),
    "api.ask_report": Call(
        group="reports",
        title=Text("Hỏi kết quả bằng mã nhận tin", "Ask what became of a report"),
        about=Text(
            "Mã nằm trong nội dung gửi đi, không bao giờ nằm trong địa chỉ.",
            "The receipt stands in the body, never in an address.",
        ),
        who=Text("người giữ mã nhận tin", "whoever holds the receipt"),
        body=RECEIPT,
        answers=(Answer(schema="answers.v1.report_told", headers=("Cache-Control",)),),
        refusals=(*UNREADABLE, Invalid, reports.NoSuchReceipt),
    ),
}
