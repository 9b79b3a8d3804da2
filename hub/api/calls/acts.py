"""Acts, near-duplicates, corrections: the calls, as the API describes them."""

from __future__ import annotations

from collections.abc import Mapping

from hub.actors import Role
from hub.api.calls.common import (
    CHANNEL,
    DESK,
    JUDGES,
    ORDER,
    SAVED,
    UNREADABLE,
)
from hub.api.calls.shapes import Answer, Call, Text
from hub.errors import Invalid, NotFound
from hub.outlets.catalog import ChannelEnded
from hub.records import likenesses
from hub.regulation import chain, holds, joining, orders, releasing, workflow
from hub.regulation import reading as regulation_reading

CALLS: Mapping[str, Call] = {
    "api.act_on_story": Call(
        group="acts",
        title=Text("Làm một bước xử lý", "Do an act"),
        about=Text(
            "Tổ chức: nộp bài (submit), thu hồi bài đã nộp (recall), đính chính (correct), đề nghị rút bài "
            "(request_withdrawal). Biên tập viên: trả lại (return), duyệt (approve), phát hành (release), tạm dừng "
            "(hold), bỏ tạm dừng (lift), rút bài (withdraw), gộp bài (join). Duyệt có nêu kênh (channels) thì phát "
            "hành luôn. Không nêu kênh thì bài vào những kênh có tiêu chí hợp với bài; chọn thêm kênh khác phải ghi "
            "lý do (note). Gộp là đưa bài chưa phát hành vào bài khác kể cùng việc ấy (into); bài được giữ lại ghi "
            "tên cả hai đơn vị; khi bài ấy đã phát hành, đơn vị có bài được gộp cũng được đề nghị rút bài ấy.",
            "Organizations: submit it (submit), call it back (recall), correct it (correct), ask for its withdrawal "
            "(request_withdrawal). The editor: return, approve, release, hold, lift the hold (lift), withdraw, join. "
            "Approving with channels releases as well. Without channels the story goes where a selection proposes it; "
            "going beyond needs a note. Joining makes a story that was never released a part of another one that "
            "tells the same deed (into), which then credits both suppliers; once that is released, the supplier of "
            "the joined one may ask for its withdrawal, too.",
        ),
        roles=DESK,
        body=ORDER,
        answers=(Answer(status=201, schema="answers.v1.done", headers=SAVED),),
        refusals=(
            *(*UNREADABLE, NotFound, workflow.ActForbidden, workflow.ActNotYours, orders.VersionConflict),
            *(releasing.ReleaseRefused, releasing.NoChannel, releasing.AlreadyReleased, orders.NothingToCorrect),
            *(ChannelEnded, holds.HoldNotYours),
            *(chain.NotYourStep, chain.OwnStory, chain.SecondPersonNeeded, joining.CannotJoinInto, Invalid),
        ),
    ),
    "api.list_corrections": Call(
        group="acts",
        title=Text("Các lần đính chính của bài", "The corrections of a story"),
        about=Text(
            "Từng thay đổi: mục, trước, sau, lý do, mức độ, ai sửa; kèm lời đính chính viết sẵn để in và để đọc trên "
            "sóng. Đơn vị nhận tin thấy đúng phần mà kênh của mình đã hiện.",
            "Each change: field, before, after, reason, severity and who; with ready words to print and to read on "
            "air. An outlet sees what its own channels showed.",
        ),
        roles=(*DESK, Role.OUTLET),
        answers=(Answer(schema="answers.v1.corrections"),),
        refusals=(NotFound, regulation_reading.StoryClosed),
    ),
    "api.list_readers": Call(
        group="acts",
        title=Text("Những ai có thể đã có bài", "Who could have had a story"),
        about=Text(
            "Các kênh bài đã đứng, từ khi nào, những phiên bản nào; giữ lâu bằng chính bài, kể cả sau khi rút.",
            "The channels it stood in, since when, which versions; kept as long as the story, also once withdrawn.",
        ),
        roles=DESK,
        answers=(Answer(schema="answers.v1.readers"),),
        refusals=(NotFound,),
    ),
    "api.list_likenesses": Call(
        group="acts",
        title=Text("Các bài có vẻ kể cùng một việc", "Stories that seem to tell the same deed"),
        about=Text(
            "Được dò ít lâu sau khi bài đến (xem likeness của bài); kể cả những bài đã quyết định.",
            "Searched for soon after a story arrives (see its likeness); with those that were decided.",
        ),
        roles=JUDGES,
        answers=(Answer(schema="answers.v1.likenesses"),),
        refusals=(NotFound,),
    ),
    "api.dismiss_likeness": Call(
        group="acts",
        title=Text("Xác nhận hai bài kể hai việc khác nhau", "Say that two stories tell two deeds"),
        about=Text(
            "Hai bài không được nêu với nhau nữa. Làm lại lần nữa không thay đổi gì.",
            "They are not brought up together again. Saying it twice changes nothing.",
        ),
        roles=JUDGES,
        answers=(Answer(schema="answers.v1.likeness"),),
        refusals=(NotFound, likenesses.LikenessDecided),
    ),
    "api.list_acts": Call(
        group="acts",
        title=Text("Các bước đã làm với một bài", "What was done to a story"),
        roles=DESK,
        answers=(Answer(schema="answers.v1.acts"),),
        refusals=(NotFound,),
    ),
    "api.explain_channel": Call(
        group="acts",
        title=Text("Vì sao một kênh có hoặc không có bài", "Why a channel has a story or not"),
        roles=DESK,
        query=(CHANNEL,),
        answers=(Answer(schema="answers.v1.why"),),
        refusals=(NotFound,),
    ),
}
