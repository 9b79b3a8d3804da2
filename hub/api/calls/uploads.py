"""Uploads in pieces, and films: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.api import uploads
from hub.api.calls.common import FROM_ZERO, ORGANIZATION, UNREADABLE
from hub.api.calls.shapes import Answer, Body, Call, Parameter, Text
from hub.errors import Invalid, NotFound, TooLarge
from hub.intake import pictures, resumable

PIECE = "application/offset+octet-stream"
MEGABYTE = 2**20
OFFSET = Parameter(
    uploads.OFFSET,
    Text("Vị trí byte đầu tiên của mảnh này trong tệp.", "Where in the file this piece begins, in bytes."),
    FROM_ZERO,
    example="8388608",
    required=True,
)
STATE = Answer(schema="answers.v1.partial_upload", headers=(uploads.OFFSET, uploads.LENGTH, "Cache-Control"))

CALLS: Mapping[str, Call] = {
    "api.post_upload": Call(
        group="media",
        title=Text("Bắt đầu tải tệp lên từng mảnh", "Begin an upload in pieces"),
        about=Text(
            f"Dành cho ảnh lớn (tối đa {pictures.MAX_FILE_BYTES // MEGABYTE} MB) và video MP4, WebM (thường tối đa "
            "500 MB). Gửi tiếp từng mảnh bằng PATCH; sau 24 giờ không có mảnh mới thì tệp bị bỏ.",
            f"For large pictures (at most {pictures.MAX_FILE_BYTES // MEGABYTE} MB) and short films, MP4 or WebM "
            "(usually at most 500 MB). Send the pieces by PATCH; after 24 hours without a new one the file goes.",
        ),
        roles=ORGANIZATION,
        body=Body(schema=resumable.SCHEMA, examples={"film": "upload.v1/film.json"}),
        answers=(
            Answer(
                status=201,
                schema="answers.v1.partial_upload",
                headers=("Location", uploads.OFFSET, uploads.LENGTH, "Cache-Control"),
            ),
        ),
        refusals=(*UNREADABLE, Invalid, resumable.QuotaReached),
    ),
    "api.get_partial_upload": Call(
        group="media",
        title=Text("Đã nhận đến đâu", "Ask how much has come"),
        about=Text(
            "HEAD cho biết điều tương tự trong Upload-Offset. Sau khi mất kết nối, gửi tiếp từ đó.",
            "HEAD says the same in Upload-Offset. After a lost connection go on from there.",
        ),
        roles=ORGANIZATION,
        answers=(STATE,),
        refusals=(NotFound,),
    ),
    "api.patch_upload": Call(
        group="media",
        title=Text("Gửi một mảnh", "Send a piece"),
        about=Text(
            f"Mỗi mảnh tối đa {resumable.MAX_PIECE // MEGABYTE} MB. Gửi lại mảnh đã nhận không làm thay đổi gì. Mảnh "
            "cuối trả về upload: mã để bài ghi vào media.",
            f"A piece has at most {resumable.MAX_PIECE // MEGABYTE} MB. The same piece again changes nothing. The last "
            "one answers upload: what a story names in media.",
        ),
        roles=ORGANIZATION,
        headers=(OFFSET,),
        body=Body(media_types=(PIECE,)),
        answers=(STATE,),
        refusals=(
            uploads.BadOffset,
            NotFound,
            resumable.WrongOffset,
            resumable.PieceDiffers,
            resumable.Busy,
            TooLarge,
            resumable.NotTheFile,
        ),
    ),
    "api.delete_upload": Call(
        group="media",
        title=Text("Bỏ một tệp đang tải lên", "Give an upload in pieces up"),
        roles=ORGANIZATION,
        answers=(Answer(status=204, about=Text("Đã bỏ.", "It is gone."), media_types=()),),
        refusals=(NotFound, resumable.Busy),
    ),
}
