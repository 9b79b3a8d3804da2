"""A feed to test readers with: one entry for each thing that readers trip over. Pure, takes `now`.

Nothing of it is a story, and no ledger knows of it. Every PERIOD, at the very minute that was announced, an entry
appears; the one before it is then corrected, and the one before that withdrawn: whoever watches for a quarter of an
hour sees each change happen, and whoever looks once finds one of each. The other cases stand for a week.
"""

from __future__ import annotations

import html
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feeds.document import Category, Correction, Entry, Feed, Item, Link, Person, Picture, Rendition, Status, Tombstone
from hub.clock import LOCAL
from hub.ids import ENTRY_NAMESPACE
from hub.publishing.assemble import SCHEME

CODE = "test"  # where a channel's code stands in the addresses of others
PERIOD = timedelta(minutes=5)
STEP = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
MARK = "THỬ NGHIỆM"
LONG_PARAGRAPHS = 400
LAST_WORDS = "HẾT. Thấy dòng này là không bị cắt."
PICTURES = ((1280, 720, "test-card-1280.png"), (640, 360, "test-card-640.png"))  # width, height, file
APPEARS = "appears"  # the place on the page of what appears, is corrected and withdrawn: links never move
CATEGORY = Category(term="test", scheme=f"{SCHEME}test", label="Thử nghiệm")
# the letters and marks that get lost, one line each, with what has to be seen
TRAPS = (
    "Dấu chồng: ẫ ặ ể ỗ ợ ữ ỵ – Ẫ Ặ Ể Ỗ Ợ Ữ Ỵ",
    "Chữ đ Đ của tiếng Việt, không phải ð Ð của tiếng Iceland",
    "Nghiêng ngả, ngoằn ngoèo, khúc khuỷu, ưỡn ẹo, quằn quại",
    "Dựng sẵn (NFC): “Tiếng Việt” có đúng 10 ký tự; m̀ và n̄ không có chữ dựng sẵn, dấu đứng riêng",
    "Ngoặc: “kép” ‘đơn’ \"thẳng\" 'thẳng' «góc»",
    "Và: Ấp Đông & Ấp Tây; chữ viết ra là &amp; thì phải thấy là &amp;",
    "Nhỏ hơn: 3 < 5 > 2; <b>không đậm</b>; <script>alert(1)</script> chỉ là chữ",
    "Hình: 🌾 🐟 🇻🇳; tiền: 1.250.000 ₫; diện tích: 360 m²; ba chấm… gạch – dài —",
)
HARD_TITLE = "“Nghiêng ngả” ở Đắk R'Lấp & Ấp Đông: <b>3 < 5</b> &amp; lúa 🌾 trĩu hạt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Whose readers are tested, and where everything stands."""

    code: str
    name: str
    page_url: str  # that lists the cases
    picture_base: str  # the folder of PICTURES, without a slash at its end
    picture_bytes: tuple[int, ...]  # of each of PICTURES


def slot_of(now: datetime) -> datetime:
    """The minute that was announced last."""
    return datetime.fromtimestamp(now.timestamp() // PERIOD.total_seconds() * PERIOD.total_seconds(), UTC)


def monday_of(moment: datetime) -> datetime:
    """When the week of an instant began in Việt Nam."""
    local = moment.astimezone(LOCAL)
    begun = local.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=local.weekday())
    return begun.astimezone(UTC)


def id_of(outlet: Outlet, name: str) -> str:
    """The permanent id of what bears a name in an outlet's test."""
    return f"urn:uuid:{uuid.uuid5(ENTRY_NAMESPACE, f'{outlet.code}/{CODE} {name}')}"


def feed_of(outlet: Outlet, *, self_url: str, alternates: tuple[tuple[str, str], ...], now: datetime) -> Feed:
    """The head at one address; `alternates` are (address, media type) of the other formats."""
    title = f"{MARK} – {outlet.name}"
    return Feed(
        id=id_of(outlet, "feed"),
        title=title,
        subtitle="Kênh để thử phần mềm đọc tin. Không phải tin, không được đăng, phát.",
        self_url=self_url,
        home_url=outlet.page_url,
        updated=slot_of(now),
        author=Person(name=title),
        rights=MARK,
        alternates=tuple(
            Link(rel="alternate", href=url, media_type=kind.partition(";")[0], title=title) for url, kind in alternates
        ),
    )


def list_items(outlet: Outlet, *, now: datetime) -> list[Item]:
    """Every case as it is at this instant, newest change first."""
    slot = slot_of(now)
    return [
        _appeared(outlet, slot),
        _announcement(outlet, slot),
        _corrected(outlet, slot - PERIOD),
        _withdrawn(outlet, slot - 2 * PERIOD),
        *_standing(outlet, slot),
    ]


def _appeared(outlet: Outlet, slot: datetime) -> Entry:
    return _entry(
        outlet,
        APPEARS,
        f"slot {slot.isoformat()}",
        title=f"Tin hiện đúng {_clock(slot)}",
        number=_number(slot),
        published=slot,
        paragraphs=(
            f"Tin này đã được báo trước và chỉ hiện từ {_clock(slot)}. Con số trong tin: 137 lượt tàu.",
            f"Lúc {_clock(slot + PERIOD)} tin này được đính chính, lúc {_clock(slot + 2 * PERIOD)} thì bị rút.",
        ),
        pictured=True,
    )


def _announcement(outlet: Outlet, slot: datetime) -> Entry:
    coming = slot + PERIOD
    return _entry(
        outlet,
        "announcement",
        f"announcement {monday_of(slot).isoformat()}",
        title=f"Sắp có tin: {_clock(coming)}",
        number=_number(slot) - 1,
        published=monday_of(slot),
        updated=slot - STEP,
        version=_number(slot) // 5,
        paragraphs=(
            f"Đúng {_clock(coming)} kênh này có thêm một tin. Thấy sớm hơn hoặc không thấy là phần mềm có lỗi.",
            "Mục báo trước này cũng thay đổi theo, dưới cùng một mã: phần mềm phải thay bản cũ, không thêm bản mới.",
        ),
        pictured=True,
    )


def _corrected(outlet: Outlet, slot: datetime) -> Entry:
    at = slot + PERIOD - 2 * STEP
    return _entry(
        outlet,
        APPEARS,
        f"slot {slot.isoformat()}",
        title=f"Tin hiện đúng {_clock(slot)} (đã đính chính)",
        number=_number(slot + PERIOD) - 2,
        published=slot,
        updated=at,
        version=2,
        status=Status.CORRECTED,
        correction="Con số đúng là 173 lượt tàu, không phải 137.",
        corrected=Correction(severity="minor", replaces=1, at=at),
        paragraphs=("Con số trong tin: 173 lượt tàu. Nếu còn thấy 137, phần mềm đang giữ bản cũ.",),
        pictured=True,
    )


def _withdrawn(outlet: Outlet, slot: datetime) -> Tombstone:
    gone = slot + 2 * PERIOD
    return Tombstone(
        id=id_of(outlet, f"slot {slot.isoformat()}"),
        story_id=_story(f"slot {slot.isoformat()}"),
        number=_number(gone) - 3,
        url=f"{outlet.page_url}#{APPEARS}",
        updated=gone - 3 * STEP,
        published=slot,
        is_test=True,
    )


def _standing(outlet: Outlet, slot: datetime) -> Iterator[Entry]:
    """The cases that only have to be shown well; each stands for a week, so that readers do not hide it as old."""
    monday = monday_of(slot)
    cases: tuple[tuple[str, str, tuple[str, ...], bool], ...] = (
        ("vietnamese", HARD_TITLE, TRAPS, True),
        ("no-picture", "Tin không có ảnh", ("Tin này không có ảnh: không được mượn ảnh của tin khác.",), False),
        ("long", _long_title(), _long_paragraphs(), True),
        ("new", "Một tin bình thường", ("Tin mới, không có gì lạ: tiêu đề, tóm tắt, một ảnh, một đoạn.",), True),
    )
    for place, (case, title, paragraphs, pictured) in enumerate(cases):
        yield _entry(
            outlet,
            case,
            f"{case} {monday.isoformat()}",
            title=title,
            number=_number(monday) - 10 - place,
            published=monday - (place + 1) * SECOND,
            paragraphs=paragraphs,
            pictured=pictured,
        )


def _entry(
    outlet: Outlet,
    case: str,
    name: str,
    *,
    title: str,
    number: int,
    published: datetime,
    paragraphs: tuple[str, ...],
    pictured: bool,
    updated: datetime | None = None,
    version: int = 1,
    status: Status = Status.RELEASED,
    correction: str = "",
    corrected: Correction | None = None,
) -> Entry:
    return Entry(
        id=id_of(outlet, name),
        story_id=_story(name),
        version=version,
        number=number,
        status=status,
        title=f"[{MARK}] {title}",
        url=f"{outlet.page_url}#{case}",
        published=published,
        updated=updated or published,
        summary=f"{MARK}. {paragraphs[0]}",
        content="".join(f"<p>{html.escape(text, quote=False)}</p>" for text in paragraphs),
        language="vi",
        authors=(Person(name=f"{MARK} – {outlet.name}"),),
        categories=(CATEGORY,),
        pictures=(_picture(outlet),) if pictured else (),
        correction=correction,
        corrected=corrected,
        is_test=True,
    )


def _picture(outlet: Outlet) -> Picture:
    return Picture(
        renditions=tuple(
            Rendition(
                url=f"{outlet.picture_base}/{file}", width=width, height=height, length=length, media_type="image/png"
            )
            for (width, height, file), length in zip(PICTURES, outlet.picture_bytes, strict=True)
        ),
        alt="Bảng màu thử: bảy sọc màu, một vòng tròn trắng",
        caption="Bảng màu thử",
        credit=MARK,
        rights="Dùng để thử",
    )


def _long_title() -> str:
    return "Tiêu đề rất dài " + "và còn dài nữa, qua dòng thứ hai, thứ ba, " * 5 + "đến đây mới hết"


def _long_paragraphs() -> tuple[str, ...]:
    words = "Bài rất dài để thử: đọc được đến cuối, cuộn được, không bị cắt, không làm chậm phần mềm. " * 3
    return (*(f"Đoạn {number}/{LONG_PARAGRAPHS}. {words.strip()}" for number in range(1, LONG_PARAGRAPHS)), LAST_WORDS)


def _story(name: str) -> str:
    """What stands for the story's id: no story has such a one, and every outlet's is the same."""
    return "st_test_" + "".join(char if char.isalnum() else "-" for char in name.lower())


def _number(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _clock(moment: datetime) -> str:
    return moment.astimezone(LOCAL).strftime("%H:%M")
