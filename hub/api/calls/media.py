"""Pictures: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from feeds import package
from hub.api import media
from hub.api.calls.common import (
    ADDRESS_HOLDER,
    DESK,
    IF_NONE_MATCH,
    IMAGE,
    ORGANIZATION,
    PICTURE,
    UNCHANGED,
)
from hub.api.calls.shapes import Answer, Call, Text
from hub.errors import Gone, NotFound, TooLarge
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
    "packs.get_pack": Call(
        group="feeds",
        title=Text("Gói in của một mục tin", "The print pack of an entry"),
        about=Text(
            "Một tệp ZIP: văn bản Word, văn bản thuần, ảnh cỡ in, nguồn ảnh và entry.json. Địa chỉ có trong mục tin "
            "của kênh chuyên mục, của riêng mỗi khóa và mất hiệu lực cùng khóa; 410 khi bài đã rút.",
            "One ZIP: Word document, plain text, pictures in print size, credits and entry.json. Its address stands in "
            "the entry of a column's feed, is each key's own and dies with it; 410 once the story is withdrawn.",
        ),
        who=ADDRESS_HOLDER,
        headers=(IF_NONE_MATCH,),
        answers=(
            Answer(about=Text("Gói in.", "The pack."), media_types=(package.MEDIA_TYPE,), headers=("ETag",)),
            UNCHANGED,
        ),
        refusals=(NotFound, Gone),
    ),
}
