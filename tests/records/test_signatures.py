"""Released versions as SD-JWT: what any library of others makes of the proof that stands in a feed."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from hub.clock import FixedClock
from hub.db import Database
from hub.models import Signature, Version
from hub.records import journal, signatures, signing, signing_keys
from hub.records.disclosures import disclose, reveal
from hub.records.erasing import erase
from hub.records.signing import BadSignature
from hub.records.signing_keys import Signer
from tests.builders import World, a_story
from tests.operation.conftest import Hub


def item_of(world: World, channel: str = "public/all") -> dict[str, Any]:
    client = {"public": world.reader, "newspaper": world.newspaper, "tv": world.tv}[channel.split("/")[0]]
    item: dict[str, Any] = json.loads(client.get(f"/feeds/{channel}.json").data)["items"][0]
    return item


def key_named(world: World, kid: str) -> dict[str, Any]:
    keys = json.loads(world.reader.get("/.well-known/jwks.json").data)["keys"]
    (found,) = [key for key in keys if key["kid"] == kid]
    return dict(found)


def test_the_sd_jwt_package_verifies_what_a_feed_carries(world: World) -> None:
    verifier = pytest.importorskip("sd_jwt.verifier")
    jwk = pytest.importorskip("jwcrypto.jwk")
    story_id = world.release()
    item = item_of(world)
    checked = verifier.SDJWTVerifier(
        item["_hub"]["proof"], lambda _issuer, header: jwk.JWK(**key_named(world, header["kid"]))
    )
    payload = checked.get_verified_payload()
    assert (payload["iss"], payload["sub"], payload["version"]) == ("https://hub.example", story_id, 1)
    assert (payload["/title"], payload["/body/html"]) == (item["title"], item["content_html"])
    assert payload["/metrics/0"] == item["_hub"]["metrics"][0]


def test_jwcrypto_alone_verifies_the_signature(world: World) -> None:
    jwk, jws = pytest.importorskip("jwcrypto.jwk"), pytest.importorskip("jwcrypto.jws")
    world.release()
    signed = jws.JWS()
    signed.deserialize(item_of(world)["_hub"]["proof"].split("~")[0])
    signed.verify(jwk.JWK(**key_named(world, signed.jose_header["kid"])), alg="EdDSA")
    assert signed.jose_header["typ"] == "story+sd-jwt"
    assert signed.is_valid


def test_a_page_of_code_verifies_it_by_the_rfcs_alone(world: World) -> None:
    def bytes_of(text: str) -> bytes:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))

    world.release()
    jwt, *disclosures, empty = item_of(world, "newspaper/column")["_hub"]["proof"].split("~")
    header, payload, signature = jwt.split(".")
    key = key_named(world, json.loads(bytes_of(header))["kid"])
    public = Ed25519PublicKey.from_public_bytes(bytes_of(key["x"]))
    public.verify(bytes_of(signature), f"{header}.{payload}".encode())
    claims = json.loads(bytes_of(payload))
    digests = {sha256(text.encode()).digest() for text in disclosures}
    assert (empty, claims["_sd_alg"]) == ("", "sha-256")
    assert digests < {bytes_of(digest) for digest in claims["_sd"]}
    shown = {name: value for _salt, name, value in (json.loads(bytes_of(text)) for text in disclosures)}
    assert shown["/method"] == a_story()["method"]


def test_a_version_is_signed_once_and_a_correction_gets_its_own(world: World, database: Database) -> None:
    story_id = world.release(channels=["public/all"])
    world.editor.act(story_id, "release", channels=["newspaper/column"])
    world.push(a_story(title="Bản đính chính"))
    world.editor.act(story_id, "approve")
    assert world.editor.act(story_id, "release").status_code == 201
    with database.reading() as session:
        keys = signing_keys.public_keys(session)
        rows = session.scalars(select(Signature).order_by(Signature.version_id)).all()
        versions = session.scalars(select(Version).order_by(Version.number)).all()
    claims = [signing.verify(row.jws, keys, kind=signatures.KIND).claims for row in rows]
    assert [said["version"] for said in claims] == [1, 2]
    assert [said["digest"] for said in claims] == [version.digest for version in versions]


def test_what_is_not_released_is_not_signed(world: World, database: Database) -> None:
    world.editor.act(world.push(), "approve")
    with database.reading() as session:
        assert session.scalars(select(Signature)).all() == []


def test_an_erased_field_is_gone_and_the_signature_holds(
    world: World, database: Database, settings: Any, clock: FixedClock
) -> None:
    story_id = world.release()
    with Database(database.engine, info=Signer.of(settings).info).writing() as session:
        version = session.scalars(select(Version)).one()
        named = [
            d for d, text in version.disclosures.items() if "Biển" in json.dumps(reveal({d: text}), ensure_ascii=False)
        ]
        record = erase(session, version, named, now=clock.now())
        assert erase(session, version, named, now=clock.now()) != record  # nothing was left to erase
        jws = session.scalars(select(Signature.jws)).one()
        keys = signing_keys.public_keys(session)
        signed, left = signatures.read(signatures.present(jws, version.disclosures.values()), keys)
        journal.append(session, record, at=clock.now(), story_id=story_id)
    assert signed.claims["digest"] == version.digest
    assert "name" not in reveal(left)["subject"]
    assert "Biển" not in json.dumps(record, ensure_ascii=False)
    assert Hub(settings, database).find_faults() == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda proof: proof.rstrip("~"), "malformed"),
        (lambda proof: proof + "e30.e30.AA", "malformed"),  # a key binding JWT, which nobody asked for
        (lambda proof: proof + "WyJhIiwiL3RpdGxlIiwiYiJd~", "broken"),
        (lambda proof: proof + proof.split("~")[1] + "~", "broken"),
        (lambda proof: proof.replace("~", "~~", 1), "broken"),
    ],
)
def test_a_disclosure_that_was_not_signed_is_refused(
    world: World, database: Database, change: Any, reason: str
) -> None:
    world.release()
    with database.reading() as session:
        keys = signing_keys.public_keys(session)
    with pytest.raises(BadSignature) as caught:
        signatures.read(change(item_of(world)["_hub"]["proof"]), keys)
    assert caught.value.reason == reason


def test_a_text_with_pictures_is_disclosed_in_pieces_and_read_as_one() -> None:
    html = '<p>a</p><img src="media:med_x" alt="b"><p>c</p><img src="media:med_y">'
    disclosed = disclose({"body": {"html": html, "short": "<p>s</p>"}, "title": "<img "}, previous="")
    assert len(disclosed.disclosures) == 6
    assert reveal(disclosed.disclosures) == {"body": {"html": html, "short": "<p>s</p>"}, "title": "<img "}
