"""The API's description: sound as OpenAPI, complete, true of what the calls answer; its page needs no other host."""

from __future__ import annotations

import inspect
import json
import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema_rs
import pytest
from babel.messages.pofile import read_po
from flask import Flask
from werkzeug.test import TestResponse

import schemas
from feeds import websub
from hub import i18n
from hub.api import calls, docs, openapi
from hub.api import media as api_media
from hub.api import persons as api_persons
from hub.api import reading as api_reading
from hub.api import receipts as api_receipts
from hub.api import stories as api_stories
from hub.api.calls.common import BY_AUDIENCE
from hub.app import create_app
from hub.clock import FixedClock
from hub.config import Settings
from hub.db import Database
from hub.errors import HubError, Unconditional
from hub.http import problems
from hub.intake import submissions
from hub.outlets.ledgers import ChangeKind
from hub.regulation import acts, workflow
from hub.regulation.duties import projector
from hub.regulation.edition import editions
from hub.regulation.workflow import PASSED, ActKind, State
from tests.api.registers import a_province
from tests.auditors import an_auditor
from tests.builders import World, a_picture, a_story
from tests.outlets.mergers import Weekly, weekly

__all__ = ["weekly"]
LANGUAGES = ("vi", "en")
BASE = "https://hub.example"
CONTRACT = (  # the calls of the contract's first version, as its table names them
    "PUT /api/v1/stories/{}",
    "POST /api/v1/stories",
    "GET /api/v1/stories",
    "GET /api/v1/stories/{}",
    "GET /api/v1/stories/{}/versions",
    "GET /api/v1/stories/{}/versions/{}",
    "GET /api/v1/stories/{}/changes",
    "POST /api/v1/stories/{}/acts",
    "GET /api/v1/stories/{}/why",
    "GET /api/v1/regulation",
    "GET /api/v1/duties",
    "POST /api/v1/media",
    "GET /media/{}/{}",
    "GET /api/v1/outlets/{}/channels/{}/changes",
    "POST /api/v1/pickups",
    "GET /feeds/{}/{}.{}",
    "GET /feeds/k/{}/{}/{}.{}",
    "GET /feeds/k/{}/index.opml",
    "GET /feeds/",
    "GET /feeds/index.opml",
    "GET /feeds/{}/{}",
    "POST /websub",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /api/v1/openapi.json",
    "GET /api/docs",
)
FULL_STORY = a_story(
    claims=[{"text": "137 lượt tàu.", "source": "sổ trực trạm", "source_kind": "so_sach"}],
    evidence=[{"kind": "so_sach", "description": "Sổ trực trạm cứu hộ.", "reference": "Quyển 2"}],
    spokesperson={"name": "Phan Thị Hòa", "contact": {"phone": "0200 000 0111"}},
    consent={"scopes": ["name", "image", "voice", "work_story"], "guardian": {"name": "Nguyễn Thị Hậu"}},
)


@pytest.fixture(scope="module")
def plain_app() -> Flask:
    """An application whose database nobody asks."""
    return create_app(Settings(base_url=BASE))


@pytest.fixture(scope="module")
def document(plain_app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = plain_app.test_client().get("/api/v1/openapi.json").json
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(child)


def at(document: dict[str, Any], reference: str) -> Any:
    node = document
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


# --- sound as OpenAPI 3.1 -------------------------------------------------------------------------------------------


def test_the_document_has_what_openapi_3_1_requires(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.1"
    assert {"title", "version"} <= set(document["info"])
    assert document["servers"] == [{"url": BASE}]
    tags = {tag["name"] for tag in document["tags"]}
    schemes = set(document["components"]["securitySchemes"])
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids)) == len(calls.CALLS)
    for path, _, operation in operations(document):
        assert path.startswith("/")
        assert set(operation["tags"]) <= tags
        assert {scheme for needed in operation["security"] for scheme in needed} <= schemes
        assert operation["summary"]
        assert operation["x-summary-vi"]
        assert all(re.fullmatch(r"[1-5]\d\d|default", status) for status in operation["responses"])
        for response in operation["responses"].values():
            assert response.get("description") or set(response) == {"$ref"}


def test_every_parameter_stands_once_and_those_of_the_path_are_all_there(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        known = [(parameter["in"], parameter["name"]) for parameter in operation["parameters"]]
        assert len(known) == len(set(known))
        assert {name for place, name in known if place == "path"} == set(re.findall(r"{(\w+)}", path))
        for parameter in operation["parameters"]:
            assert parameter["description"]
            assert parameter["x-description-vi"]
            assert parameter["required"] or parameter["in"] != "path"


def test_every_reference_leads_somewhere_inside_the_document(document: dict[str, Any]) -> None:
    references = [node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)]
    assert len(references) > 100
    for reference in references:
        assert reference.startswith("#/components/")
        assert at(document, reference) is not None


def test_every_shape_is_valid_json_schema_under_a_name_openapi_allows(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        jsonschema_rs.meta.validate({"$schema": document["jsonSchemaDialect"], **schema})
        assert re.fullmatch(r"[a-zA-Z0-9._-]+", name)
        assert not {"$id", "$defs", "x-content-of"} & set(schema)


def test_the_shapes_are_the_schema_files_with_their_vocabularies(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    for name in ("story.v1", "act.v1", "outlet.v1", "problem.v1"):
        assert set(shapes[name]["properties"]) == set(schemas.load(name)["properties"])
    assert shapes["story.v1"]["properties"]["kind"]["enum"] == list(schemas.vocabulary("kinds").codes)


def test_every_example_holds(document: dict[str, Any]) -> None:
    seen = 0
    for _, _, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for example in content.get("examples", {}).values():
                name = content["schema"]["$ref"].rpartition("/")[2]
                assert schemas.check(name, example["value"]) == []
                seen += 1
    assert seen >= 3


def test_stored_content_is_described_as_it_is_kept(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    sent, kept = shapes["story.v1"]["properties"], shapes["story.v1.content"]["properties"]
    assert set(sent) - set(kept) == {"state"}
    assert set(kept["body"]["properties"]) == {"html", "short"}
    assert set(kept["claims"]["items"]["properties"]) == set(sent["claims"]["items"]["properties"])
    assert not any(
        "required" in node for name, shape in shapes.items() if name.endswith(".content") for node in nodes(shape)
    )


def test_numbers_in_paths_have_the_bounds_of_their_routes(document: dict[str, Any]) -> None:
    asked = document["paths"][VERSION]["get"]["parameters"]
    (number,) = [parameter for parameter in asked if parameter["name"] == "number"]
    assert number["schema"] == {"type": "integer", "minimum": 1, "maximum": 2147483647}
    for node in nodes(document["paths"]):
        words = node["enum"] if isinstance(node.get("enum"), list) else []
        assert not [word for word in words if "=" in word]


def test_calls_that_are_refused_without_if_match_require_it(document: dict[str, Any]) -> None:
    needing = {name for name, call in calls.CALLS.items() if Unconditional in call.refusals}
    requiring = {
        f"api.{operation['operationId']}"
        for _, _, operation in operations(document)
        for parameter in operation["parameters"]
        if parameter["name"] == "If-Match" and parameter["required"]
    }
    assert len(needing) >= 5
    assert requiring == needing


# --- as command lines -----------------------------------------------------------------------------------------------


def options(words: list[str], name: str) -> list[str]:
    """What follows an option of a command line, each time that it stands there."""
    return [words[place + 1] for place, word in enumerate(words) if word == name]


def test_every_example_of_the_page_can_be_run_as_printed(plain_app: Flask, document: dict[str, Any]) -> None:
    for route in openapi.list_routes(plain_app.url_map):
        words = shlex.split(docs.curl(route, base=BASE).replace("\\\n", " "))
        operation = document["paths"][route.path][route.method.lower()]
        address = next(word for word in words if word.startswith(BASE))
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked == {parameter.name: parameter.example for parameter in route.call.query if parameter.example}
        assert "{" not in address
        sent = dict(line.split(": ", 1) for line in options(words, "-H"))
        assert sent.get("If-Match") == ('"…"' if Unconditional in route.call.refusals else None), route.path
        content = operation.get("requestBody", {}).get("content", {})
        assert set(options(words, "--data-binary")) == wanted_files(sent.get("Content-Type", ""), content), route.path
        for order in options(words, "--data"):
            name = content[sent["Content-Type"]]["schema"]["$ref"].rpartition("/")[2]
            assert schemas.check(name, json.loads(order)) == [], route.path


FILES = {"image/jpeg": "picture.jpg", "application/offset+octet-stream": "piece"}


def wanted_files(media_type: str, content: dict[str, Any]) -> set[str]:
    """The file that a command line has to send, by the media type that it says it sends."""
    if media_type in (*FILES, "application/pdf"):
        return {f"@{FILES.get(media_type, 'consent.pdf')}"}
    is_story = content.get(media_type, {}).get("schema") == {"$ref": "#/components/schemas/story.v1"}
    return {"@story.json"} if is_story else set()


def test_the_example_of_a_subscription_is_a_form_that_the_hub_takes(plain_app: Flask, document: dict[str, Any]) -> None:
    (route,) = [route for route in openapi.list_routes(plain_app.url_map) if route.path == "/websub"]
    words = shlex.split(docs.curl(route, base=BASE))
    fields = dict(field.split("=", 1) for field in options(words, "--data-urlencode"))
    asked = websub.read_request({name: [value] for name, value in fields.items()})
    assert (asked.mode, asked.topic) == ("subscribe", f"{BASE}/feeds/public/all.atom")
    (content,) = document["paths"]["/websub"]["post"]["requestBody"]["content"].values()
    assert set(content["schema"]["required"]) == set(fields) < set(content["schema"]["properties"])


def test_sentences_about_calls_say_in_words_what_a_code_means() -> None:
    """A code may follow its word in brackets, never stand there for it: "(voice or live_appearance)"."""
    texts = [(name, text) for name, call in calls.CALLS.items() if call.about for text in call.about]
    bare = re.compile(r"\([a-z_]+(?:(?:, | or | hoặc )[a-z_]+)+\)|(?:^|\. )[a-z_]+: ")
    assert [name for name, text in texts if bare.search(text)] == []


def test_everything_about_broadcasts_stands_in_one_group() -> None:
    about = {
        name
        for name in calls.CALLS
        if name.startswith(("api.", "calendars."))
        and re.search("segment|rundown|guest|programme|booking|straps|calendar", name)
    }
    assert len(about) >= 20
    assert {name for name, call in calls.CALLS.items() if call.group == "planning"} == about
    assert {call.group for call in calls.CALLS.values()} == set(calls.GROUPS)


# --- complete -------------------------------------------------------------------------------------------------------


def test_every_route_for_machines_is_described_and_nothing_else_is(plain_app: Flask) -> None:
    rules = {rule.endpoint: rule.rule for rule in plain_app.url_map.iter_rules()}
    for_machines = {
        endpoint
        for endpoint, rule in rules.items()
        if rule.startswith(("/api/", "/feeds/", "/calendars/", "/media/", "/packs/"))
        or endpoint.startswith(("health.", "proofs.", "websub."))
    }
    assert for_machines - {"docs.static"} == set(calls.CALLS)


def test_every_call_of_the_contract_is_described(document: dict[str, Any]) -> None:
    described = {f"{method} {re.sub(r'{[^}]*}', '{}', path)}" for path, method, _ in operations(document)}
    assert set(CONTRACT) <= described


def test_methods_and_formats_are_those_of_the_routes(document: dict[str, Any]) -> None:
    assert set(document["paths"]["/api/v1/stories/{story_id}"]) == {"put", "get"}
    operation = document["paths"]["/feeds/{outlet}/{channel}.{format_name}"]["get"]
    (format_name,) = [parameter for parameter in operation["parameters"] if parameter["name"] == "format_name"]
    assert {"rss", "atom", "json", "ninjs"} <= set(format_name["schema"]["enum"])
    assert {"application/atom+xml", "application/feed+json"} <= set(operation["responses"]["200"]["content"])


def test_what_a_channels_audience_decides_may_be_asked_for_with_a_key_and_without(
    plain_app: Flask, document: dict[str, Any]
) -> None:
    routes = [route for route in openapi.list_routes(plain_app.url_map) if route.call.who == BY_AUDIENCE]
    assert len(routes) > 10
    for route in routes:
        said = document["paths"][route.path][route.method.lower()]["security"]
        assert said == [{}, {"bearer": []}, {"basic": []}], route.name


def test_websub_refuses_in_plain_text(document: dict[str, Any]) -> None:
    answers = document["paths"]["/websub"]["post"]["responses"]
    refusals = {status: set(answer["content"]) for status, answer in answers.items() if status.startswith("4")}
    assert refusals == {status: {"text/plain"} for status in ("400", "403", "404", "413", "429")}


def test_words_that_answers_list_are_those_of_the_program() -> None:
    shapes = schemas.load("answers.v1")["$defs"]
    assert set(shapes["state"]["enum"]) == set(State) - PASSED
    assert set(shapes["change"]["properties"]["kind"]["enum"]) == set(ChangeKind)
    assert set(schemas.load("act.v1")["properties"]["act"]["enum"]) == set(ActKind)


def test_every_answer_and_each_of_its_fields_is_said_in_both_languages() -> None:
    shapes = schemas.load("answers.v1")["$defs"]
    fields = [field for node in nodes(shapes) for field in node.get("properties", {}).values()]
    assert len(fields) > 60
    for node in (*shapes.values(), *(field for field in fields if "$ref" not in field)):
        for keyword in ("title", "x-title-vi", "description", "x-description-vi"):
            assert node.get(keyword, "").strip(), node


def test_every_fault_of_the_catalogue_is_listed() -> None:
    with (Path(i18n.FOLDER) / "vi" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        known = {str(message.id) for message in read_po(file)}
    listed = [f"fault.{code}" for _, codes in calls.FAULT_CODES for code in codes.split()]
    assert len(set(listed)) == len(listed)
    assert set(listed) == {key for key in known if key.startswith("fault.")}


def test_every_refusal_that_a_view_can_name_is_in_the_table() -> None:
    """A class of refusal that nothing in the table mentions would be a problem without a description."""
    described = {kind for call in calls.CALLS.values() for kind in call.refusals}
    named = {
        kind
        for module in (
            api_stories,
            api_persons,
            api_receipts,
            api_reading,
            api_media,
            submissions,
            acts,
            workflow,
        )
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, HubError) and kind.__module__ == module.__name__
    }
    assert named <= described


# --- true -----------------------------------------------------------------------------------------------------------


class Described:
    """Holds real answers against the document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def check(self, answer: TestResponse, method: str, path: str) -> Any:
        """Status, media type, headers and body of `answer` are as the call's description says; returns the body."""
        responses = self.document["paths"][path][method.lower()]["responses"]
        assert str(answer.status_code) in responses, (answer.status_code, answer.text[:300])
        response = responses[str(answer.status_code)]
        if "$ref" in response:
            response = at(self.document, response["$ref"])
        assert set(response.get("headers", {})) - {"Link"} <= set(answer.headers.keys())
        if not response["content"]:
            assert answer.data == b""
            return None
        content = response["content"][answer.mimetype]
        if "schema" not in content:
            return None
        body = json.loads(answer.data)
        root = {
            "$schema": self.document["jsonSchemaDialect"],
            **content["schema"],
            "components": self.document["components"],
        }
        errors = [error.message for error in jsonschema_rs.Draft202012Validator(root).iter_errors(body)]
        assert errors == []
        if answer.mimetype == "application/json":
            assert list(self.undescribed(content["schema"], body)) == []
        if answer.mimetype == problems.MEDIA_TYPE:
            assert body["type"] in response["x-problems"]
        return body

    def undescribed(self, node: dict[str, Any], value: Any, path: str = "") -> Iterator[str]:
        """The members of a body that its schema does not name."""
        shapes = list(self.shapes(node))
        if isinstance(value, dict):
            for name, member in value.items():
                found = [shape["properties"][name] for shape in shapes if name in shape.get("properties", {})]
                found += [shape["additionalProperties"] for shape in shapes if shape.get("additionalProperties")]
                if not found and any("properties" in shape for shape in shapes):
                    yield f"{path}/{name}"
                elif found:
                    yield from self.undescribed(found[0], member, f"{path}/{name}")
        elif isinstance(value, list):
            for element in (shape["items"] for shape in shapes if "items" in shape):
                for number, member in enumerate(value):
                    yield from self.undescribed(element, member, f"{path}/{number}")

    def shapes(self, node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """A node, what it refers to, and its branches."""
        yield node
        parts = [*node.get("allOf", ()), *node.get("anyOf", ()), *node.get("oneOf", ())]
        if "$ref" in node:
            parts.append(at(self.document, node["$ref"]))
        if "then" in node:
            parts.append(node["then"])
        for part in parts:
            yield from self.shapes(part)


STORY, STORIES = "/api/v1/stories/{story_id}", "/api/v1/stories"
VERSION, CHANGES = f"{STORY}/versions/{{number}}", "/api/v1/outlets/{outlet}/channels/{channel}/changes"
FEED, ADDRESS = "/feeds/{outlet}/{channel}.{format_name}", "/feeds/k/{secret}/{outlet}/{channel}.{format_name}"


@pytest.fixture
def described(document: dict[str, Any]) -> Described:
    return Described(document)


def test_a_story_is_pushed_read_and_compared_as_described(world: World, described: Described) -> None:
    upload = described.check(world.fishers.upload(a_picture()), "POST", "/api/v1/media")
    picture = {"kind": "picture", "upload": upload["id"], "alt": "Bến lúc sáng", "credit": "Phan Thị Hòa"}
    footage = {"kind": "footage", "url": "https://video.example/ben.mp4", "duration_seconds": 30}
    story = {**FULL_STORY, "media": [picture, footage]}
    pushed = described.check(world.fishers.put("one", story), "PUT", STORY)
    changed = {**story, "title": "Giữ bến", "deed": "Trực trạm.", "body": {"html": "<p>Khác</p><script>x</script>"}}
    described.check(world.fishers.put("one", changed, If_Match=pushed["etag"]), "PUT", STORY)
    posted = world.fishers.ask("POST", STORIES, body=FULL_STORY, headers={"Idempotency-Key": "k"})
    described.check(posted, "POST", STORIES)
    page = world.fishers.get(f"{STORIES}?limit=1&state=submitted")
    assert described.check(page, "GET", STORIES)["next"]
    assert 'rel="next"' in page.headers["Link"]
    address = f"{STORIES}/{pushed['id']}"
    for asker in (world.fishers, world.editor):
        described.check(asker.get(address), "GET", STORY)
        described.check(asker.get(f"{address}/versions"), "GET", f"{STORY}/versions")
        described.check(asker.get(f"{address}/versions/1"), "GET", VERSION)
        compared = described.check(asker.get(f"{address}/changes?from=1&to=2"), "GET", f"{STORY}/changes")
        assert {change["path"] for change in compared["changes"]} >= {"/title", "/body/html"}
        seen = asker.get(f"/api/v1/media/{upload['id']}/{upload['renditions'][0]['width']}")
        described.check(seen, "GET", "/api/v1/media/{upload_id}/{width}")


def test_acts_and_what_follows_from_them_are_as_described(
    world: World, clock: FixedClock, described: Described
) -> None:
    story_id = world.push(FULL_STORY)
    acts = f"{STORIES}/{story_id}/acts"
    why = world.editor.get(f"{STORIES}/{story_id}/why?channel=public/green")
    assert described.check(why, "GET", f"{STORY}/why")["mismatch"] == "topics"
    done = world.editor.act(story_id, "approve", channels=["newspaper/column", "public/all"])
    assert len(described.check(done, "POST", f"{STORY}/acts")["before"]) == 1
    described.check(world.fishers.get(acts), "GET", f"{STORY}/acts")
    ledger = "/api/v1/outlets/newspaper/channels/column/changes"
    (row,) = described.check(world.newspaper.get(ledger), "GET", CHANGES)["items"]
    assert row["entry"]["_hub"]["status"] == "released"
    clock.forward(timedelta(seconds=3))  # Last-Modified is sent once its second is over
    feed = world.newspaper.get("/feeds/newspaper/column.json")
    described.check(feed, "GET", FEED)
    unchanged = world.newspaper.get("/feeds/newspaper/column.json", If_None_Match=feed.headers["ETag"])
    assert unchanged.status_code == 304
    described.check(unchanged, "GET", FEED)
    described.check(world.reader.get("/feeds/public/all.atom"), "GET", FEED)
    described.check(world.reader.get(f"/feeds/k/{world.newspaper_address}/newspaper/column.rss"), "GET", ADDRESS)
    entry = feed.json["items"][0]["id"].removeprefix("urn:uuid:")
    column = "/feeds/{outlet}/{channel}"
    described.check(world.newspaper.get(f"/feeds/newspaper/column/{entry}.json"), "GET", f"{column}/{{entry}}.json")
    described.check(world.reader.get(f"/stories/{story_id}.json"), "GET", "/stories/{story_id}.json")
    described.check(world.reader.get("/.well-known/jwks.json"), "GET", "/.well-known/jwks.json")
    described.check(world.reader.get("/feeds/public/all/manifest.jws"), "GET", f"{column}/manifest.jws")
    described.check(world.editor.act(story_id, "withdraw", reason="legal"), "POST", f"{STORY}/acts")
    rows = described.check(world.newspaper.get(ledger), "GET", CHANGES)["items"]
    assert [row["kind"] for row in rows] == ["released", "withdrawn"]
    described.check(world.reader.get("/healthz"), "GET", "/healthz")
    described.check(world.reader.get("/readyz"), "GET", "/readyz")


def test_reports_are_taken_and_told_as_described(
    world: World, described: Described, database: Database, clock: FixedClock
) -> None:
    reports, status = "/api/v1/reports", "/api/v1/reports/status"
    described.check(world.reader.ask("POST", reports, body={"text": "Khai khống."}), "POST", reports)  # no auditor yet
    an_auditor(database, now=clock.now())
    taken = described.check(world.reader.ask("POST", reports, body={"text": "Khai khống."}), "POST", reports)
    told = world.reader.ask("POST", status, body={"receipt": taken["receipt"]})
    assert described.check(told, "POST", status)["status"] == "received"
    described.check(world.reader.ask("POST", status, body={"receipt": "no-such"}), "POST", status)
    for path in (reports, status):
        for body in (b"{", {"unknown": 1}):
            described.check(world.reader.ask("POST", path, body=body), "POST", path)
    described.check(world.reader.ask("POST", status, body=b" " * 1_048_577), "POST", status)


def test_pickups_and_filings_are_as_described(world: World, described: Described) -> None:
    pickups, filings = "/api/v1/pickups", "/api/v1/filings"
    story_id = world.release(channels=["newspaper/column"])
    no = {"use": "declined", "reason": "Trùng nhân vật."}
    for said in (no, {"use": "printed"}, {**no, "version": 7}):
        described.check(world.newspaper.ask("POST", pickups, body={"story": story_id, **said}), "POST", pickups)
    described.check(world.tv.ask("POST", pickups, body={"story": story_id, **no}), "POST", pickups)
    described.check(world.newspaper.ask("POST", pickups, body=b"{"), "POST", pickups)
    again = {"story": story_id, **no, "replaces": 1}
    described.check(world.newspaper.ask("POST", pickups, body=again), "POST", pickups)
    described.check(world.newspaper.ask("POST", pickups, body=again), "POST", pickups)
    for call in ("take-back", "confirm", "reject"):
        path = f"{pickups}/{{pickup_id}}/{call}"
        described.check(world.tv.ask("POST", f"{pickups}/3/{call}", body={}), "POST", path)
    assert described.check(world.fishers.get(f"{pickups}?limit=1"), "GET", pickups)["items"]
    report = {"kind": "report", "quarter": "2026-Q3", "text": "Gửi 9 tin, bài."}
    idea = {"kind": "idea", "to": "nghe-ca", "text": "Mở tủ sách."}
    reply = {"kind": "idea_answer", "answers": 2, "text": "Thực hiện."}
    for client, said in ((world.fishers, report), (world.editor, idea), (world.editor, report), (world.fishers, reply)):
        described.check(client.ask("POST", filings, body=said), "POST", filings)
    described.check(world.women.ask("POST", filings, body=reply), "POST", filings)
    described.check(world.women.ask("POST", filings, body={"kind": "letter"}), "POST", filings)
    assert len(described.check(world.fishers.get(filings), "GET", filings)["items"]) == 2
    described.check(world.fishers.get(f"{filings}?kind=letter"), "GET", filings)


def test_refusals_are_as_described(world: World, described: Described) -> None:
    story_id = world.push()
    address = f"{STORIES}/{story_id}"
    described.check(world.reader.get(STORIES), "GET", STORIES)
    described.check(world.tv.get(STORIES), "GET", STORIES)
    described.check(world.fishers.get(f"{STORIES}?limit=x"), "GET", STORIES)
    described.check(world.women.get(address), "GET", STORY)
    described.check(world.fishers.put("a b", a_story()), "PUT", STORY)
    described.check(world.fishers.put("one", b"{"), "PUT", STORY)
    described.check(world.fishers.put("one", {"title": 1}), "PUT", STORY)
    described.check(world.fishers.put("one", a_story(title="Mới"), If_Match='"old"'), "PUT", STORY)
    described.check(world.fishers.act(story_id, "approve"), "POST", f"{STORY}/acts")
    described.check(world.editor.act(story_id, "lift"), "POST", f"{STORY}/acts")
    described.check(world.editor.act(story_id, "approve", version=7), "POST", f"{STORY}/acts")
    described.check(world.editor.act(story_id, "return"), "POST", f"{STORY}/acts")
    described.check(world.fishers.upload(b"no picture"), "POST", "/api/v1/media")
    described.check(world.tv.get("/api/v1/outlets/newspaper/channels/column/changes"), "GET", CHANGES)
    described.check(world.reader.get("/feeds/newspaper/column.rss"), "GET", FEED)
    described.check(world.tv.get("/feeds/newspaper/column.rss"), "GET", FEED)
    described.check(world.reader.get("/feeds/k/adr_no/newspaper/column.rss"), "GET", ADDRESS)
    assert world.editor.act(story_id, "withdraw", reason="legal").status_code == 201
    described.check(world.fishers.put("one", a_story(title="Mới")), "PUT", STORY)


PERSON, PROOF, RECEIPT = "/api/v1/persons/{person_id}", "/api/v1/proofs/{proof_id}", "/api/v1/receipts/{receipt_id}"


def test_the_consent_ledger_answers_as_described(world: World, clock: FixedClock, described: Described) -> None:
    story_id = world.release(FULL_STORY, channels=["newspaper/column", "tv/segment"])
    clock.forward(timedelta(seconds=1))
    listed = described.check(world.editor.get(f"/api/v1/persons?story={story_id}&limit=1"), "GET", "/api/v1/persons")
    address = f"/api/v1/persons/{listed['items'][0]['id']}"
    acts = f"{address}/acts"
    sealed = world.fishers.ask("POST", f"{address}/proofs", body=b"%PDF-1.7")
    proof = described.check(sealed, "POST", f"{PERSON}/proofs")["id"]
    described.check(world.fishers.ask("POST", f"{address}/proofs", body=b"GIF"), "POST", f"{PERSON}/proofs")
    described.check(world.editor.get(f"/api/v1/proofs/{proof}"), "GET", PROOF)
    for order in (
        {"act": "record", "scopes": ["archive"], "expires_on": "2027-01-01", "proof": proof},
        {"act": "clear", "clearance": {"by": "Chỉ huy", "date": "2026-11-01"}},
        {"act": "withdraw", "scopes": ["image"]},
        {"act": "withdraw", "scopes": ["voice"], "story": story_id},
    ):
        described.check(world.editor.ask("POST", acts, body=order), "POST", f"{PERSON}/acts")
    double = {"type": "individual", "name": "Nguyễn Văn Biển"}
    world.push(a_story(subject=double), external_id="two")
    other = world.editor.get("/api/v1/persons?limit=1").json["items"][0]["id"]
    for _ in ("merged", "not again"):
        merged = world.editor.ask("POST", acts, body={"act": "merge", "double": other})
        described.check(merged, "POST", f"{PERSON}/acts")
    for bad in ({"act": "record"}, {"act": "forget"}, {"act": "withdraw", "story": "st_" + "0" * 26}):
        described.check(world.editor.ask("POST", acts, body=bad), "POST", f"{PERSON}/acts")
    for asker in (world.fishers, world.editor, world.women):
        described.check(asker.get(address), "GET", PERSON)
    asked = described.check(world.tv.get("/api/v1/receipts?state=open"), "GET", "/api/v1/receipts")["items"]
    described.check(world.editor.get("/api/v1/receipts?limit=1"), "GET", "/api/v1/receipts")
    described.check(world.tv.get("/api/v1/receipts?state=x"), "GET", "/api/v1/receipts")
    receipt = f"/api/v1/receipts/{asked[0]['id']}"
    for body in ({"answer": "cannot"}, {"answer": "done"}, {"answer": "done"}):
        described.check(world.tv.ask("POST", receipt, body=body), "POST", RECEIPT)
    described.check(world.newspaper.ask("POST", receipt, body={"answer": "done"}), "POST", RECEIPT)


def test_registers_are_told_and_kept_as_described(
    world: World, described: Described, database: Database, clock: FixedClock
) -> None:
    province = a_province(world.reader.app, database, clock)
    admin, confirmer = province.person("admin", "xa-a"), province.person("confirmer", "xa-a")
    api = "/api/v1"
    made = described.check(
        admin.ask("POST", f"{api}/users", body={"name": "Phan Thị Hòa", "email": "hoa@example.org"}),
        "POST",
        f"{api}/users",
    )
    path, shape = f"{api}/users/{made['id']}/memberships", f"{api}/users/{{user_id}}/memberships"
    for seat in ({"role": "auditor", "organization": "thon-a"}, {"role": "auditor", "organization": "tinh"}, {}):
        described.check(admin.ask("POST", path, body=seat), "POST", shape)
    event = {"event": "merge", "on": "2026-11-23", "decision": "12-QĐ", "into": ["xa-a"]}
    path, shape = f"{api}/organizations/thon-a/events", f"{api}/organizations/{{code}}/events"
    for _ in range(2):
        described.check(admin.ask("POST", path, body=event), "POST", shape)
    delegation = {"deputy": "hoa@example.org", "until": "2026-12-01"}
    described.check(confirmer.ask("POST", f"{api}/me/delegations", body=delegation), "POST", f"{api}/me/delegations")
    for client in (admin, confirmer, world.fishers, world.newspaper, world.editor):
        described.check(client.get(f"{api}/me"), "GET", f"{api}/me")
        for name in ("organizations", "users", "outlets"):
            described.check(client.get(f"{api}/{name}?limit=1"), "GET", f"{api}/{name}")
        described.check(client.get(f"{api}/organizations/thon-a"), "GET", f"{api}/organizations/{{code}}")


def test_a_merged_outlets_addresses_answer_as_described(weekly: Weekly, described: Described) -> None:
    weekly.world.release(channels=["weekly/notes"])
    weekly.merge()
    described.check(weekly.paper.get("/feeds/weekly/notes.rss"), "GET", FEED)
    described.check(weekly.paper.get("/feeds/weekly/notes"), "GET", "/feeds/{outlet}/{channel}")
    described.check(weekly.world.reader.get(f"/feeds/k/{weekly.address}/weekly/notes.rss"), "GET", ADDRESS)
    described.check(weekly.paper.get("/api/v1/outlets/weekly/channels/notes/changes"), "GET", CHANGES)


# --- served, and as a page ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/v1/openapi.json", "/api/docs", "/api/docs?lang=en"])
def test_the_description_may_be_kept_a_minute_and_is_asked_for_by_etag(plain_app: Flask, path: str) -> None:
    answer = plain_app.test_client().get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    again = plain_app.test_client().get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


class _Page(HTMLParser):
    """A page's language, ids, addresses and visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.add(tag)
        self.attributes |= set(values)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.addresses += [values[name] or "" for name in ("href", "src", "action") if name in values]
        if tag == "html":
            self.language = values.get("lang") or ""

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request: pytest.FixtureRequest, plain_app: Flask) -> _Page:
    answer = plain_app.test_client().get("/api/docs", headers={"Accept-Language": request.param})
    assert answer.headers["Content-Language"] == request.param
    found = _Page(answer.text)
    assert found.language == request.param
    return found


def test_the_page_speaks_vietnamese_first_and_english_when_asked(plain_app: Flask) -> None:
    ask = plain_app.test_client().get
    assert "Mô tả API" in ask("/api/docs").text
    assert "API description" in ask("/api/docs?lang=en", headers={"Accept-Language": "vi"}).text
    assert ask("/api/docs", headers={"Accept-Language": "fr"}).headers["Content-Language"] == "vi"


def test_the_page_needs_no_other_host_no_script_and_no_inline_style(page: _Page, plain_app: Flask) -> None:
    for address in page.addresses:
        assert re.match(r"#|\?lang=|docs/|v1/|\.\./static/favicon\.svg$", address), address
    assert not {"script", "style", "iframe", "img"} & page.tags
    assert not {name for name in page.attributes if name == "style" or name.startswith("on")}
    css = plain_app.test_client().get("/api/docs/static/api_docs.css")
    assert css.mimetype == "text/css"
    assert not re.search(r"url\(|@import|//", css.text)
    assert "style-src 'self'" in plain_app.test_client().get("/api/docs").headers["Content-Security-Policy"]


def test_every_link_of_the_page_has_its_target_and_no_two_have_one(page: _Page) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.ids)


def test_the_page_tells_every_call_field_code_and_problem(page: _Page, document: dict[str, Any]) -> None:
    words = {word.strip() for word in page.words}
    for path, method, operation in operations(document):
        assert {path, method} <= words
        assert operation["operationId"] in page.ids
    assert {path.rpartition(".")[2] for path in schemas.fields()} <= words
    assert {item.code for name in ("topics", "consent_scopes", "faults") for item in schemas.vocabulary(name)} <= words
    codes = {type_.rpartition("/")[2] for node in nodes(document) for type_ in node.get("x-problems", ())}
    assert {f"problem-{code}" for code in codes} <= set(page.ids)


def test_fields_of_the_page_name_the_consent_that_opens_them(plain_app: Flask) -> None:
    html = plain_app.test_client().get("/api/docs?lang=en").text
    story = html[html.index('<section class="shape" id="story.v1">') : html.index('id="act.v1"')]
    row = story[story.index("<code>birth_year</code>") :].partition("</tr>")[0]
    assert "1900 – 2100" in row
    assert 'class="audience outlet"' in row
    assert "<code>age</code>" in row


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_and_fault_of_the_page_has_its_sentence(plain_app: Flask, language: str) -> None:
    routes = openapi.list_routes(plain_app.url_map)
    keys = [*openapi.list_problems(routes)]
    keys += [f"fault.{code}" for _, codes in calls.FAULT_CODES for code in codes.split()]
    assert [key for key in keys if not openapi.sentence(key, language)] == []


def test_the_regulation_and_its_duties_are_as_described(
    world: World, described: Described, database: Database, clock: FixedClock
) -> None:
    with database.writing() as session:
        editions.adopt(session, editions.default_text(), now=clock.now())
    world.release(FULL_STORY, channels=["newspaper/column"])
    projector.catch_up(database)
    described.check(world.reader.get("/api/v1/regulation"), "GET", "/api/v1/regulation")
    page = described.check(world.editor.get("/api/v1/duties?limit=1"), "GET", "/api/v1/duties")
    assert page["next"]
    described.check(world.editor.get("/api/v1/duties?state=x"), "GET", "/api/v1/duties")
    (duty,) = world.newspaper.get("/api/v1/duties").json["items"]
    shown = described.check(world.newspaper.get(f"/api/v1/duties/{duty['id']}"), "GET", "/api/v1/duties/{duty_id}")
    assert [row["act"] for row in shown["rows"]] == ["release"]
    waive = "/api/v1/duties/{duty_id}/waive"
    for note in ("Bão số 9", "Lần nữa"):
        answer = world.editor.ask("POST", waive.format(duty_id=duty["id"]), body={"note": note})
        described.check(answer, "POST", waive)
