"""What shows where: for every field, profile, audience, consent scope and format, with two outlets."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import schemas
from hub.publishing.visibility import Variant, prune, visible_paths
from hub.records import usage
from hub.records.grants import Parties, Party, agreed_in
from hub.regulation.consent import consent_rules
from hub.regulation.release_rules import Target
from tests.builders import World, a_story
from tests.consent import grants_of

PROFILES = schemas.vocabulary("profiles")
SCOPES = schemas.vocabulary("consent_scopes").codes
PATHS = sorted(schemas.fields())
CHANNELS = {"public": "/feeds/public/all", "newspaper": "/feeds/newspaper/column", "tv": "/feeds/tv/segment"}


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _leaves(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for member in value:
            yield from _leaves(member, path)
    else:
        yield path


def _fields(
    profile: str, audience: str, scopes: list[str], *, limits: Mapping[str, Any] | None = None, outlet: str = ""
) -> list[str]:
    extras = PROFILES[profile].extras
    target = Target(profile=profile, audience=audience, fields=extras["fields"], required=extras["required"])
    consent = {"scopes": scopes, "limited_to": limits or {}}
    party = Party(name="", grants=grants_of(consent))
    agreed = agreed_in(Parties(subject=party), outlet=outlet, audience=audience, today=date(2026, 11, 23))
    return consent_rules.allow({}, target, agreed).fields


@pytest.mark.parametrize("path", PATHS)
def test_a_field_shows_only_where_audience_profile_and_consent_all_allow_it(path: str) -> None:
    for profile, audience in itertools.product(PROFILES.codes, ("public", "outlet")):
        reaches = schemas.fields()[path] <= schemas.Audience.named(audience)
        listed = schemas.covers(PROFILES[profile].extras["fields"], path)
        for scopes in ([], *([scope] for scope in SCOPES), list(SCOPES)):
            needed = schemas.consent_needed(path)
            allowed = not needed or bool(needed & set(scopes))
            release = _fields(profile, audience, scopes)
            shown = visible_paths(release, PROFILES[profile].extras["fields"], audience, Variant.FULL)
            assert (path in shown) is (reaches and listed and allowed), (profile, audience, scopes)
            kept_out = _fields(profile, audience, scopes, limits={"outlets": ["other"]}, outlet="this")
            assert (path in kept_out) is (reaches and listed and not needed)
            limited = _fields(profile, audience, scopes, limits={"audience": "outlet"})
            assert (path in limited) is (reaches and listed and (not needed or (allowed and audience == "outlet")))
            without = visible_paths(release, PROFILES[profile].extras["fields"], audience, Variant.NO_CONTACTS)
            assert (path in without) is (path in shown and "contact" not in path.split("."))


@given(scopes=st.sets(st.sampled_from(SCOPES)), profile=st.sampled_from(PROFILES.codes))
def test_what_is_not_on_the_release_row_never_shows(scopes: set[str], profile: str) -> None:
    everything = visible_paths(PATHS, PATHS, "outlet", Variant.FULL)
    release = _fields(profile, "outlet", sorted(scopes))
    shown = visible_paths(release, PATHS, "outlet", Variant.FULL)
    usages = {usage.path_of(code) for code in schemas.usages()}  # beside the paths, and none of them
    assert shown <= set(release) - usages <= everything | set(PATHS)
    seen = prune(a_story(), shown, "outlet")
    assert set(_leaves(seen)) <= shown


def _marked(story: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The story with a mark of its own in every free text, and the path of each mark."""
    marks: dict[str, str] = {}
    free = {
        "deed",
        "method",
        "result",
        "lesson",
        "movement",
        "unit.name",
        "subject.role",
        "subject.unit",
        "place.detail",
    }
    free |= {"claims.text", "claims.source", "spokesperson.name", "spokesperson.contact.address", "byline.role"}
    free |= {"interview.title", "interview.guests.notes", "interview.guests.contact.address", "interview.contact.name"}
    free |= {"interview.notes_for_crew", "interview.visuals.description", "evidence.description", "consent.form"}
    free |= {"commendation.form", "consent.guardian.name", "metrics.label", "interview.guests.position"}

    def marked(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            return {name: marked(member, f"{path}.{name}" if path else name) for name, member in value.items()}
        if isinstance(value, list):
            return [marked(member, path) for member in value]
        if path in free:
            mark = f"dau{len(marks):03d}x"
            marks[mark] = path
            return mark
        return value

    return marked(story, ""), marks


FULL = a_story(
    movement="m",
    subject={"type": "individual", "name": "Nguyễn Văn Biển", "role": "r", "unit": "u", "birth_year": 1970},
    place={"commune": "xã Bến Lau", "province": "tỉnh Hải Sơn", "detail": "d"},
    evidence=[{"kind": "so_sach", "description": "d"}],
    claims=[{"text": "t", "source": "s"}],
    spokesperson={"name": "n", "role": "r", "contact": {"address": "a"}},
    byline={"name": "Phan Thị Hòa", "role": "r"},
    interview={
        "title": "t",
        "guests": [{"name": "Khách", "position": "p", "notes": "n", "contact": {"address": "a"}}],
        "notes_for_crew": "n",
        "visuals": [{"description": "d"}],
        "contact": {"name": "n"},
    },
    commendation={"form": "f"},
)


def _pack_of(world: World, path: str) -> str:
    """Everything that the newest entry's print pack says: its text, credits and JSON, and the words of its document."""
    url = world.newspaper.get(f"{path}.json").json["items"][0]["_hub"]["pack"]["url"]
    answer = world.reader.get(url.removeprefix("https://hub.example"))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as pack:
        files = {name: pack.read(name) for name in pack.namelist()}
    (written,) = (data for name, data in files.items() if name.endswith(".docx"))
    with zipfile.ZipFile(io.BytesIO(written)) as document:
        parts = [document.read(name) for name in document.namelist()]
    return b"\n".join([*files.values(), *parts]).decode(errors="replace")


LIMITS: tuple[dict[str, Any], ...] = (
    {},
    {"outlets": ["newspaper"]},
    {"outlets": ["tv", "public"]},
    {"audience": "outlet"},
)


@settings(max_examples=16, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scopes=st.sets(st.sampled_from(["name", "voice", "work_story", "testimony", "image"])),
    limits=st.sampled_from(LIMITS),
)
def test_the_bytes_of_every_format_hold_exactly_what_may_show(
    world: World, scopes: set[str], limits: dict[str, Any]
) -> None:
    consent = {"scopes": sorted(scopes), "form": "f", "guardian": {"name": "g"}}
    consent |= {"limited_to": limits} if limits else {}
    story, marks = _marked({**FULL, "consent": consent})
    story_id = world.push(story, external_id=uuid4().hex)
    world.editor.act(story_id, "approve")
    for outlet, path in CHANNELS.items():
        client = {"public": world.reader, "newspaper": world.newspaper, "tv": world.tv}[outlet]
        channel = path.removeprefix("/feeds/")
        released = world.editor.act(story_id, "release", channels=[channel]).status_code == 201
        profile = {"public": "public", "newspaper": "column", "tv": "segment"}[outlet]
        audience = "public" if outlet == "public" else "outlet"
        allowed = set(_fields(profile, audience, sorted(scopes), limits=limits, outlet=outlet))
        for form in ("rss", "atom", "json", "ninjs?profile=hub", "ninjs"):
            text = client.get(f"{path}.{form}").text
            for mark, field in marks.items():
                may = released and field in allowed
                if (
                    form != "ninjs" or not may
                ):  # plain ninjs has no place for some fields, and for none that may not show
                    assert (mark in text) is may, (field, channel, form)
        if outlet == "newspaper" and released:
            held = _pack_of(world, path)
            for mark, field in marks.items():
                assert (mark in held) is (field in allowed), (field, channel, "pack")
    if world.editor.get(f"/api/v1/stories/{story_id}").json["state"] == "released":
        world.editor.act(story_id, "withdraw", reason="other")
