"""ninjs 3.1: one package, its entries as associations, and nothing that the published schema does not know."""

import os
from pathlib import Path

import jsonschema_rs
import orjson
import pytest
from feed_documents import NOON, OF_AN_ARCHIVE, TOPICS, a_feed, a_full_entry, a_tombstone, an_entry

from feeds import ninjs, ninjs_hub
from feeds.dates import rfc3339
from feeds.document import Interview, Status, Story
from feeds.parse import parse

SCHEMAS = Path(__file__).parents[2] / "schemas"
PLANNED = an_entry(7, status=Status.PLANNED, content="", story=Story(embargo_until=NOON))
ITEMS = [a_tombstone(), a_full_entry(2), an_entry(1), an_entry(3, content="", summary=""), PLANNED]


def rendered(items=ITEMS, renderer=ninjs, **changes) -> dict:
    return orjson.loads(renderer.render(a_feed("ninjs", **changes), items))


@pytest.fixture
def published() -> dict:
    folder = os.environ.get("HUB_TEST_STANDARDS")
    if not folder:
        pytest.skip("HUB_TEST_STANDARDS does not name the folder with ninjs-schema-3.1.json")
    return orjson.loads((Path(folder) / "ninjs-schema-3.1.json").read_bytes())


def faults(schema: dict, document: dict, published: dict) -> list[str]:
    def retrieve(uri: str) -> dict:
        if uri.startswith("http://www.iptc.org/std/ninjs/"):
            return published
        if uri.startswith("https://hub.example/schemas/"):
            return orjson.loads((SCHEMAS / uri.rpartition("/")[2]).read_bytes())
        return {}  # GeoJSON, which we never send

    validator = jsonschema_rs.validator_for(schema, validate_formats=True, retriever=retrieve)
    return [str(error) for error in validator.iter_errors(document)]


@pytest.mark.parametrize(
    "changes", [{}, {"author": None, "links": (), "alternates": (), "subtitle": "", "rights": ""}, OF_AN_ARCHIVE]
)
@pytest.mark.parametrize("items", [ITEMS, []])
def test_the_package_fits_the_published_schema(published, items, changes):
    assert faults(published, rendered(items, **changes), published) == []


def test_the_published_schema_would_find_what_is_not_in_it(published):
    assert faults(published, rendered(renderer=ninjs_hub), published) != []
    assert faults(published, {**rendered(), "urgency": "high"}, published) != []


@pytest.mark.parametrize("items", [ITEMS, []])
def test_with_the_hubs_fields_it_fits_the_schema_that_combines_both(published, items):
    ours = orjson.loads((SCHEMAS / "ninjs-hub.v1.json").read_bytes())
    package = rendered(items, ninjs_hub)
    assert faults(ours, package, published) == []
    assert faults(ours, rendered(items), published) == []
    assert faults(ours, {**package, "urgency": "high"}, published) != []
    for entry in package.get("associations", ()):
        assert faults(ours, {**package, "associations": [{**entry, "_hub": {"status": "gone"}}]}, published) != []


def test_the_schema_knows_every_member_that_ninjs_knows(published):
    ours = orjson.loads((SCHEMAS / "ninjs-hub.v1.json").read_bytes())["$defs"]["newsObject"]["properties"]
    assert set(ours) == {*published["$defs"]["ninjsType"]["properties"], "name", "rel", "_hub"}


def test_the_head_names_itself_its_other_formats_and_its_next_page():
    feed = a_feed("ninjs")
    package = rendered()
    assert package["standard"]["version"] == "3.1"
    assert (package["uri"], package["title"], package["language"]) == (feed.id, feed.title, "vi-VN")
    assert (package["type"], package["representationType"]) == ("composite", "partial")  # there is a next page
    named = {(each["name"], each["href"]) for each in package["renditions"]}
    assert {("self", feed.self_url), ("next", feed.links[1].href)} <= named
    assert {each["contentType"] for each in package["renditions"] if each["name"] == "alternate"} == {
        *("application/rss+xml", "application/atom+xml", "application/feed+json"),
    }
    assert rendered(links=())["representationType"] == "full"


def test_an_association_says_what_the_entry_says():
    entry = a_full_entry(2)
    item = rendered([entry])["associations"][0]
    assert (item["uri"], item["headlines"], item["language"]) == (entry.id, [{"value": entry.title}], "vi")
    assert (item["version"], item["urgency"], item["pubStatus"]) == ("3", 5, "usable")
    assert (item["firstCreated"], item["versionCreated"]) == (
        "2025-10-14T05:00:00.123456Z",
        "2025-10-14T05:02:00.123456Z",
    )
    assert item["embargoedUntil"] == "2025-10-14T04:00:00.123456Z"
    main, short = item["bodies"]
    assert (main["role"], main["contentType"], main["value"]) == ("main", "text/html", entry.content)
    assert (short["wordCount"], short["charCount"]) == (5, 21)
    told = {each["role"]: each["value"] for each in item["descriptions"]}
    assert (told["summary"], told["correction"], told["method"]) == (
        entry.summary,
        entry.correction,
        entry.story.method,
    )
    assert [(each["name"], each["rel"]) for each in item["people"]] == [
        *(("Trần Bá Khơi", "subject"), ("Trần Bá Khơi", "guest")),
        *(("Phan Thị Diệu Hòa", "guest"), ("Lê Thị Hạnh", "spokesperson")),
    ]
    assert item["places"][0]["name"] == "xã Bến Lau, tỉnh Hải Sơn"
    assert item["subjects"][0]["uri"] == f"{TOPICS}#tuong_than_tuong_ai"
    assert [each["name"] for each in item["infoSources"] if each["role"] == "supplier"] == [
        supplier.name for supplier in entry.suppliers
    ]
    assert {"Sổ sự cố 2018 – 2025, tr. 12"} < {each["name"] for each in item["infoSources"]}
    assert item["altIds"] == [{"role": "story", "value": entry.story_id}, {"role": "number", "value": "2"}]
    assert item["trustIndicators"][0]["href"] == entry.json_url
    assert item["by"] == "Phan Thị Diệu Hòa, Chủ tịch, Nghiệp đoàn, Lê Văn Bảy"


def test_pictures_and_footage_are_associations_with_their_renditions():
    (entry,) = rendered([a_full_entry(2)])["associations"]
    first, second, footage, _card = entry["associations"]
    assert [each["name"] for each in first["renditions"]] == ["main", "preview", "thumbnail"]
    assert (first["type"], first["by"], first["copyrightNotice"]) == (
        *("picture", "Nghiệp đoàn nghề cá xã Bến Lau", "Được dùng kèm tên tác giả"),
    )
    assert first["uri"].endswith("#med_0000000000000000000004")
    assert [each["name"] for each in second["renditions"]] == ["main"]
    assert (footage["type"], footage["renditions"][0]["duration"]) == ("video", 48)
    assert "associations" not in rendered([an_entry(1)])["associations"][0]


def test_the_interview_card_is_an_association_that_tells_all_of_it(published):
    entry = a_full_entry()
    card = next(each for each in rendered([entry])["associations"][0]["associations"] if each["rel"] == "interviewCard")
    assert (card["uri"], card["name"]) == (f"{entry.id}#interview", "Người trực trên bờ")
    bodies = {body["role"]: body["value"] for body in card["bodies"]}
    assert bodies["questions"].split("\n") == list(entry.story.interview.suggested_questions)
    assert bodies["guests"].split("\n")[1] == "Phan Thị Diệu Hòa: cán bộ, Chủ tịch nghiệp đoàn"
    assert bodies["offLimits"].split("\n") == ["thu nhập", "Trần Bá Khơi: chuyện gia đình"]
    assert bodies["format"] == "đối thoại trực tiếp, 15 min"
    assert bodies["visuals"].split("\n") == ["Căn lán lúc bốn giờ sáng: 20 s", "Sổ bìa xanh"]
    slot = entry.story.interview.slots[0]
    assert bodies["slots"] == f"{rfc3339(slot.starts_at)}/{rfc3339(slot.ends_at)}: Bến Đá Lau; Ghi hình"
    assert bodies["availability"] == f"Trần Bá Khơi: {bodies['slots']}"
    assert card["edNote"] == entry.story.interview.notes_for_crew
    assert [(each["rel"], each["name"]) for each in card["people"]] == [
        ("guest", "Trần Bá Khơi"), ("guest", "Phan Thị Diệu Hòa"), ("contact", "Đỗ Văn An")
    ]  # fmt: skip
    bare = rendered([an_entry(story=Story(interview=Interview()))])
    assert faults(published, bare, published) == []  # a card that names nothing borrows the entry's title


def test_contacts_are_told_where_the_entry_has_them_and_nowhere_else():
    assert "+84" in str(rendered([a_full_entry(2)]))
    assert "+84" not in str(rendered([an_entry(2)]))


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.RELEASED, "usable"),
        (Status.CORRECTED, "usable"),
        (Status.CORRECTION_PENDING, "usable"),
        (Status.HELD, "withheld"),
        (Status.WITHDRAWAL_REQUESTED, "withheld"),
    ],
)
def test_the_status_says_whether_it_may_be_used(status, told):
    item = rendered([an_entry(1, status=status)])["associations"][0]
    assert item["pubStatus"] == told
    assert item.get("edNote", "").partition(":")[0] == ("" if status in (Status.RELEASED, Status.CORRECTED) else status)


def test_a_withdrawn_story_is_canceled_and_says_nothing_of_itself():
    item = rendered([a_tombstone()])["associations"][0]
    assert (item["pubStatus"], item["title"]) == ("canceled", "Tin đã được rút")
    assert set(item) <= {
        *("name", "uri", "type", "representationType", "firstCreated", "versionCreated", "pubStatus", "language"),
        *("headlines", "title", "renditions", "altIds"),
    }


def test_a_story_without_a_body_is_a_partial_one():
    full, partial = rendered([an_entry(1), an_entry(2, content="")])["associations"]
    assert (full["representationType"], partial["representationType"]) == ("full", "partial")


def test_it_is_read_back_as_it_was_written():
    entry = a_full_entry(2)
    read = parse(ninjs.render(a_feed("ninjs"), [a_tombstone(), entry]))
    assert (read.format, read.id, read.self_url) == ("ninjs", a_feed("ninjs").id, a_feed("ninjs").self_url)
    gone, back = read.entries
    assert read.deleted == (gone.id,)
    assert (back.id, back.title, back.url) == (entry.id, entry.title, entry.url)
    assert (back.summary, back.content) == (entry.summary, entry.content.strip())
    assert (back.published, back.updated) == (entry.published, entry.updated)
    assert [link.href for link in back.enclosures] == [each.renditions[0].url for each in entry.pictures] + [
        entry.story.footage[0].url
    ]


def test_a_lone_surrogate_costs_a_character_and_no_feed():
    assert "x" in rendered([an_entry(1, title="x\ud800")])["associations"][0]["title"]


def test_fragments_join_to_the_same_bytes():
    fragments = [ninjs.render_entry(item) for item in ITEMS]
    assert ninjs.assemble(a_feed("ninjs"), fragments) == ninjs.render(a_feed("ninjs"), ITEMS)
