"""The consent ledger: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.actors import Role
from hub.api import reading
from hub.api.calls.common import (
    CONSENT_ACT,
    CURSOR,
    DESK,
    LEDGER,
    LIMIT,
    OF_STORY,
    OPEN,
    OUTLET,
    RECEIPT_ANSWER,
    UNREADABLE,
    VERSION_CURSOR,
)
from hub.api.calls.shapes import FORM, Answer, Body, Call, Text
from hub.errors import Invalid, NotFound, TooLarge
from hub.outlets.receipts import ReceiptAnswered
from hub.records.persons import NotMergeable, PersonErased
from hub.records.proofs import BEGINNINGS, MAX_BYTES, NotAProof
from hub.regulation.consent.consenting import BeyondReach, NothingOpen

CALLS: Mapping[str, Call] = {
    "api.list_persons": Call(
        group="consent",
        title=Text("Danh sách người mà các bài nói tới", "List the persons that stories are about"),
        about=Text(
            "Người, tập thể, hộ gia đình. Tổ chức thấy người trong bài của mình; biên tập viên thấy tất cả.",
            "Persons, collectives, households. An organization sees those of its own stories; the editor all.",
        ),
        roles=DESK,
        query=(OF_STORY, LIMIT, CURSOR),
        answers=(Answer(schema="answers.v1.persons", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.get_person": Call(
        group="consent",
        title=Text("Đọc sổ đồng ý của một người", "Read a person's ledger"),
        about=Text(
            "Người đã gộp dẫn tới người còn lại. Họ tên người giám hộ được niêm phong.",
            "Whoever was merged leads to the one who was kept. A guardian's name is sealed.",
        ),
        roles=DESK,
        answers=(Answer(schema="answers.v1.person_whole"),),
        refusals=(NotFound,),
    ),
    "api.act_on_person": Call(
        group="consent",
        title=Text("Ghi, rút sự đồng ý; gộp người bị ghi trùng", "Record or withdraw consent, merge a double"),
        about=Text(
            "Rút có hiệu lực ngay ở mọi nguồn tin, trang và ảnh; đơn vị đã nhận bài được yêu cầu gỡ và trả lời. Ghi "
            "thêm chỉ có tác dụng với lần phát hành sau; đơn vị gửi bài chỉ ghi cho bài của mình. Chỉ biên tập viên "
            "phụ trách mọi bài của người đó mới ghi chung cho tất cả, gộp người và ghi đã báo kết quả.",
            "A withdrawal acts at once in every feed, page and picture; outlets that had the story are asked to act "
            "and answer. What is recorded counts for later releases only; a contributor records for a story of its "
            "own. Only an editor over all stories of the person records for all of them, merges and reports.",
        ),
        roles=LEDGER,
        body=CONSENT_ACT,
        answers=(Answer(status=201, schema="answers.v1.consent_done"),),
        refusals=(*UNREADABLE, NotFound, NotMergeable, NothingOpen, PersonErased, BeyondReach, Invalid),
    ),
    "api.post_proof": Call(
        group="consent",
        title=Text("Gửi giấy tờ chứng minh sự đồng ý", "Send the paper behind a consent"),
        about=Text(
            f"PDF hoặc ảnh, tối đa {MAX_BYTES // 2**20} MB; niêm phong ngay khi nhận.",
            f"A PDF or a picture, at most {MAX_BYTES // 2**20} MB; sealed as it comes in.",
        ),
        roles=LEDGER,
        body=Body(media_types=(*BEGINNINGS, FORM)),
        answers=(Answer(status=201, schema="answers.v1.proof", headers=("Location",)),),
        refusals=(NotFound, PersonErased, NotAProof, TooLarge),
    ),
    "api.get_proof": Call(
        group="consent",
        title=Text("Mở giấy tờ đã niêm phong", "Open a sealed paper"),
        about=Text("Mỗi lần mở được ghi vào nhật ký.", "Every opening is journalled."),
        roles=(Role.EDITOR, Role.AUDITOR),
        answers=(Answer(about=Text("Tệp.", "The file."), media_types=tuple(BEGINNINGS), headers=("Cache-Control",)),),
        refusals=(NotFound,),
    ),
    "api.list_receipts": Call(
        group="consent",
        title=Text("Danh sách phiếu yêu cầu gỡ", "List what outlets are asked to do"),
        about=Text(
            "Đơn vị nhận tin thấy phiếu của mình; biên tập viên thấy tất cả, kèm số ngày còn lại.",
            "An outlet sees its own; the editor all of them, with the days that are left.",
        ),
        roles=(Role.OUTLET, Role.EDITOR),
        query=(OPEN, LIMIT, VERSION_CURSOR),
        answers=(Answer(schema="answers.v1.receipts", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.answer_receipt": Call(
        group="consent",
        title=Text("Trả lời một phiếu yêu cầu", "Answer a receipt"),
        roles=OUTLET,
        body=RECEIPT_ANSWER,
        answers=(Answer(status=201, schema="answers.v1.receipt"),),
        refusals=(*UNREADABLE, NotFound, ReceiptAnswered, Invalid),
    ),
}
