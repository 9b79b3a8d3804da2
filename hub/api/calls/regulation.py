"""The regulation, its duties, and what is filed under it: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.actors import Role
from hub.api import reading
from hub.api.calls.common import (
    ABOUT_DUTIES,
    AS_OF,
    CURSOR,
    DESK,
    EVERYONE,
    FILING,
    FILING_KIND,
    IDEMPOTENCY_KEY,
    LIMIT,
    UNREADABLE,
    VERSION_CURSOR,
    WAIVER,
)
from hub.api.calls.shapes import Answer, Call, Text
from hub.errors import Invalid, NotFound
from hub.intake import idempotency
from hub.regulation.duties import waiving
from hub.regulation.filed import filings

CALLS: Mapping[str, Call] = {
    "api.get_regulation": Call(
        group="regulation",
        title=Text("Quy chế đang có hiệu lực", "The regulation in force"),
        about=Text(
            "Mỗi việc được xét theo bản có hiệu lực khi việc đó xảy ra.",
            "What happens is judged by the edition in force when it happened.",
        ),
        who=EVERYONE,
        query=(AS_OF,),
        answers=(Answer(schema="answers.v1.edition"),),
        refusals=(reading.BadQuery, NotFound),
    ),
    "api.list_duties": Call(
        group="regulation",
        title=Text("Việc phải làm: đến hạn, quá hạn, đã làm, được miễn", "What is due, late, met or waived"),
        about=Text(
            "Tổ chức thấy việc của mình và của đơn vị trực thuộc; đơn vị nhận tin thấy việc của mình; biên tập viên "
            "thấy tất cả. Mỗi dòng dẫn điều khoản và các dòng nhật ký chứng minh.",
            "An organization sees what it and all below it owe, an outlet its own, the editor all. Each line names its "
            "clause and the journal rows that prove it.",
        ),
        roles=(*DESK, Role.OUTLET),
        query=(*ABOUT_DUTIES, AS_OF, LIMIT, CURSOR),
        answers=(Answer(schema="answers.v1.duties", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
    "api.get_duty": Call(
        group="regulation",
        title=Text("Một nghĩa vụ và bằng chứng của nó", "A duty with its evidence"),
        roles=(*DESK, Role.OUTLET),
        answers=(Answer(schema="answers.v1.proved_duty"),),
        refusals=(NotFound,),
    ),
    "api.waive_duty": Call(
        group="regulation",
        title=Text("Miễn một nghĩa vụ", "Waive a duty"),
        about=Text("Phải ghi lý do; được ghi nhật ký.", "Needs a reason; it is journalled."),
        roles=(Role.EDITOR,),
        body=WAIVER,
        answers=(Answer(schema="answers.v1.duty"),),
        refusals=(*UNREADABLE, NotFound, waiving.DutyEnded, Invalid),
    ),
    "api.post_filing": Call(
        group="regulation",
        title=Text("Gửi báo cáo quý, ý tưởng, kiến nghị hoặc lời trả lời", "File a report, an idea, or an answer"),
        about=Text(
            "Báo cáo quý (report): tổ chức báo cáo quý đã kết thúc. Ý tưởng, kiến nghị (idea): tổ chức gửi tổ chức "
            "khác, hoặc biên tập viên gửi thay; tổ chức nhận phải trả lời trong thời hạn của quy chế. Trả lời "
            "(idea_answer): một lần, do người xác nhận của tổ chức nhận hoặc của cấp trên. Nhật ký chỉ giữ cam kết "
            "của nội dung.",
            "A report (report): an organization's, on a quarter that is over. An idea (idea): to an organization, from "
            "another one or from the editor for somebody; it owes an answer within the regulation's term. Its answer "
            "(idea_answer): once, by a confirmer of the organization that was asked or of one above it. The journal "
            "keeps commitments only.",
        ),
        roles=filings.FILERS,
        headers=(IDEMPOTENCY_KEY,),
        body=FILING,
        answers=(Answer(status=201, schema="answers.v1.filing"),),
        refusals=(
            *(
                reading.BadIdempotencyKey,
                idempotency.KeyReused,
                *UNREADABLE,
                NotFound,
                filings.FilesForNobody,
                filings.AnswerNotYours,
                filings.IdeaAnswered,
            ),
            Invalid,
        ),
    ),
    "api.list_filings": Call(
        group="regulation",
        title=Text("Danh sách báo cáo, ý tưởng, kiến nghị và lời trả lời", "List reports, ideas and answers"),
        about=Text(
            "Tổ chức thấy những gì mình và đơn vị trực thuộc gửi hoặc nhận; biên tập viên thấy tất cả.",
            "An organization sees what it and all below it sent or were sent; the editor all.",
        ),
        roles=DESK,
        query=(FILING_KIND, LIMIT, VERSION_CURSOR),
        answers=(Answer(schema="answers.v1.filings", headers=("Link",)),),
        refusals=(reading.BadQuery,),
    ),
}
