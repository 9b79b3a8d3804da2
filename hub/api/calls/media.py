"""Pictures: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.api import media
from hub.api.calls.common import (
    DESK,
    IMAGE,
    ORGANIZATION,
    PICTURE,
)
from hub.api.calls.shapes import Answer, Call, Text
from hub.errors import NotFound, TooLarge
from hub.intake import pictures

CALLS: Mapping[str, Call] = {
    "api.post_media": Call(
        group="media",
        title=Text("Tải ảnh lên", "Upload a picture"),
        about=Text(
            f"Gửi chính tệp ảnh, hoặc biểu mẫu với phần tên là file; tối đa {pictures.MAX_BYTES // 2**20} MB và "
            f"{pictures.MAX_PIXELS // 10**6} triệu điểm ảnh.",
            f"Send the file itself, or a form whose part is named file; at most {pictures.MAX_BYTES // 2**20} MB and "
            f"{pictures.MAX_PIXELS // 10**6} million pixels.",
        ),
        roles=ORGANIZATION,
        body=PICTURE,
        answers=(Answer(status=201, schema="answers.v1.upload", headers=("Location",)),),
        refusals=(media.NotAPicture, TooLarge),
    ),
    "api.get_media": Call(
        group="media",
        title=Text("Xem ảnh đã tải lên", "Look at an upload"),
        about=Text(
            "Trước khi phát hành: tổ chức xem ảnh của mình, biên tập viên xem ảnh mà bài có dùng.",
            "Before any release: an organization its own pictures, the editor those that stories name.",
        ),
        roles=DESK,
        answers=(IMAGE,),
        refusals=(NotFound,),
    ),
}
