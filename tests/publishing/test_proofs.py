"""What a proof discloses: every field that shows, and nothing else, for every profile, audience, variant and scope."""

from __future__ import annotations

import itertools
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

import schemas
from hub.intake.html import clean_html
from hub.outlets import catalog
from hub.publishing.proofs import shown_disclosures
from hub.publishing.visibility import Variant, prune, visible_paths
from hub.records.disclosures import disclose, read, reveal
from hub.records.grants import agreed_in
from hub.regulation.consent import consent_rules
from hub.regulation.release_rules import Target
from tests.builders import OUTLETS, Client, World, a_channel, a_picture, a_story
from tests.consent import parties_of

PROFILES = schemas.vocabulary("profiles")
SCOPES = schemas.vocabulary("consent_scopes").codes
PERSON, WORK = "med_" + "p" * 22, "med_" + "w" * 22
HIDDEN = "dau_kin"  # in every text of the picture that shows people
HTML = (
    f'<p>Mở đầu.</p><p><img src="media:{PERSON}" alt="{HIDDEN} 1"></p><p>Giữa.</p>'
    f'<img src="media:{WORK}" alt="Tủ phụ tùng"><p>Kết.</p>'
)
CONTACT = {"phone": "0200 000 0777", "email": "lien-he@example.org", "address": "số 5"}
SLOT = {"starts_at": "2026-12-01T08:00:00+07:00", "ends_at": "2026-12-01T11:00:00+07:00"}
STORY = a_story(
    movement="m",
    body={"html": HTML, "short": f'<p>Ngắn <img src="media:{PERSON}" alt="{HIDDEN} 2"></p>'},
    subject={
        "type": "individual",
        "name": "Nguyễn Văn Biển",
        "role": "r",
        "unit": "u",
        "birth_year": 1970,
        "priority_groups": ["nhan_dan_lao_dong"],
        "hazardous_work": False,
    },
    place={"commune": "xã Bến Lau", "province": "tỉnh Hải Sơn", "detail": "d"},
    evidence=[{"kind": "so_sach", "description": "d"}],
    claims=[{"text": "t", "source": "s"}],
    spokesperson={"name": "n", "role": "r", "contact": CONTACT},
    media=[
        {"kind": "picture", "upload": PERSON, "alt": f"{HIDDEN} 3", "caption": HIDDEN, "credit": HIDDEN},
        {"kind": "picture", "upload": WORK, "alt": "Tủ", "caption": "Tủ", "credit": "Hòa", "shows": "work"},
        {"kind": "footage", "url": "https://footage.example.org/1.mp4", "caption": "Trực đêm"},
    ],
    interview={
        "title": "t",
        "guests": [
            {"name": "Khách", "position": "p", "notes": "n", "contact": CONTACT, "off_limits": ["nhà"]},
            {"name": "Khách hai", "availability": [SLOT]},
        ],
        "slots": [SLOT],
        "suggested_questions": ["Vì sao?"],
        "notes_for_crew": "n",
        "visuals": [{"description": "d", "seconds": 3}],
        "contact": {"name": "n", **CONTACT},
    },
    commendation={"form": "f"},
    consent={"scopes": ["name"], "form": "f", "guardian": {"name": "g"}},
)  # fmt: skip
LEAVES = {encoded: read(encoded) for encoded in disclose(STORY, previous="").disclosures.values()}


def text_of(disclosures: Iterable[str]) -> str:
    return "\n".join(urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode() for text in disclosures)


def in_pieces(content: dict[str, Any], pictures: set[str]) -> dict[str, Any]:
    """`content` without the pictures that may not be seen, in `media` and in the body."""
    body = {name: _without_pictures(html, pictures) for name, html in content.get("body", {}).items()}
    media = [m for m in content.get("media", ()) if m.get("kind") != "picture" or m.get("upload") in pictures]
    kept = {**content, "body": body, "media": media}
    return {name: value for name, value in kept.items() if value not in ({}, [])}


def _without_pictures(html: str, pictures: set[str]) -> str:
    for upload, alt in ((PERSON, f"{HIDDEN} 1"), (PERSON, f"{HIDDEN} 2"), (WORK, "Tủ phụ tùng")):
        if upload not in pictures:
            html = html.replace(f'<img src="media:{upload}" alt="{alt}">', "")
    return html


def test_the_builder_is_what_the_sanitizer_lets_through() -> None:
    assert clean_html(HTML, own_media=[PERSON, WORK]).html == HTML


@pytest.mark.parametrize("audience", ["public", "outlet", "desk"])
@pytest.mark.parametrize("profile", PROFILES.codes)
def test_exactly_what_shows_is_disclosed(profile: str, audience: str) -> None:
    extras = PROFILES[profile].extras
    target = Target(profile=profile, audience=audience, fields=extras["fields"], required=extras["required"])
    for scopes in ([], *([scope] for scope in SCOPES), *map(list, itertools.combinations(SCOPES, 2)), list(SCOPES)):
        parties = parties_of({**STORY, "consent": {"scopes": scopes}})
        agreed = agreed_in(parties, outlet="", audience=audience, today=date(2026, 11, 23))
        allowed = consent_rules.allow(STORY, target, agreed)
        release, pictures = allowed.fields, set(allowed.pictures)
        for variant in Variant:
            paths = visible_paths(release, extras["fields"], audience, variant)
            shown = list(shown_disclosures(LEAVES, paths, audience, pictures))
            due = in_pieces(prune(STORY, paths, audience), pictures)
            assert reveal(dict(enumerate(shown))) == due, (scopes, variant)  # type: ignore[arg-type]
            said = text_of(shown)
            if variant is Variant.NO_CONTACTS:
                assert not any(detail in said for detail in CONTACT.values()), scopes
            if PERSON not in pictures:
                assert HIDDEN not in said
                assert PERSON not in said


def test_a_field_that_the_release_does_not_name_is_never_disclosed() -> None:
    for path in schemas.fields():
        shown = text_of(shown_disclosures(LEAVES, frozenset({path}), "sealed", {PERSON, WORK}))
        pointers = {json.loads(line)[1] for line in shown.splitlines()}
        told = {".".join(step for step in pointer[1:].split("/") if not step.isdigit()) for pointer in pointers}
        assert told <= {path}, path


def test_an_object_that_shows_in_part_is_not_disclosed_at_all() -> None:
    paths = frozenset({"metrics.label", "title"})
    shown = reveal(dict(enumerate(shown_disclosures(LEAVES, paths, "public", ()))))  # type: ignore[arg-type]
    assert shown == {"title": STORY["title"]}


def proof_in(client: Client, path: str) -> dict[str, Any]:
    """What the proofs under a path disclose, of the feed's one entry."""
    (item,) = json.loads(client.get(path).data)["items"]
    return reveal(dict(enumerate(item["_hub"]["proof"].split("~")[1:-1])))  # type: ignore[arg-type]


def test_the_feeds_carry_the_disclosures_of_their_readers(world: World) -> None:
    world.release(a_story(spokesperson={"name": "n", "contact": CONTACT}))
    for client, path in (
        (world.tv, "/feeds/tv/segment.json"),
        (world.reader, f"/feeds/k/{world.tv_address}/tv/segment.json"),
    ):
        guests = proof_in(client, path)["interview"]["guests"]
        assert ("contact" in guests[0]) is (client is world.tv)
    public = proof_in(world.reader, "/feeds/public/all.json")
    assert "interview" not in public
    assert "birth_year" not in public["subject"]
    assert "consent" not in public


def test_a_picture_that_a_channel_may_not_show_leaves_no_trace_in_its_proof(world: World) -> None:
    work, person = (world.fishers.upload(a_picture(600 + n)).json["id"] for n in range(2))
    body = "".join(
        f'<p>Đoạn.</p><p><img src="media:{u}" alt="{alt}"></p>' for u, alt in ((work, "Tủ"), (person, HIDDEN))
    )
    media = [
        {"kind": "picture", "upload": work, "alt": "Tủ", "caption": "c", "credit": "c", "shows": "work"},
        {"kind": "picture", "upload": person, "alt": HIDDEN, "caption": HIDDEN, "credit": "c"},
    ]
    consent = {"scopes": ["name", "work_story", "image_of_work"], "obtained_on": "2026-11-01"}
    world.release(a_story(body={"html": body}, media=media, consent=consent), channels=["public/all"])
    feed = world.reader.get("/feeds/public/all.json").text
    (item,) = json.loads(feed)["items"]
    proof = text_of(item["_hub"]["proof"].split("~")[1:-1])
    assert "Tủ" in proof
    assert work in proof
    for text in (feed, proof):
        assert HIDDEN not in text
        assert person not in text
    assert item["content_html"].count("<img") == 1


def test_a_channel_that_lists_no_pictures_any_more_shows_none_in_the_body(
    world: World, database: Any, clock: Any
) -> None:
    upload = world.fishers.upload(a_picture(600)).json["id"]
    media = [{"kind": "picture", "upload": upload, "alt": "Bến", "caption": "c", "credit": "c"}]
    body = {"html": f'<p>Đoạn.</p><p><img src="media:{upload}" alt="Bến"></p>'}
    world.release(a_story(body=body, media=media), channels=["public/all"])
    assert "<img" in json.loads(world.reader.get("/feeds/public/all.json").data)["items"][0]["content_html"]
    fields = [path for path in PROFILES["public"].extras["fields"] if path != "media"]
    outlet = {**OUTLETS["outlets"][2], "channels": [a_channel("all", "Tất cả", fields=fields)]}  # type: ignore[index]
    with database.writing() as session:
        catalog.load(session, {**OUTLETS, "outlets": [outlet]}, now=clock.now())
    (item,) = json.loads(world.reader.get("/feeds/public/all.json").data)["items"]
    assert "<img" not in item["content_html"]
    assert upload not in text_of(item["_hub"]["proof"].split("~")[1:-1])
