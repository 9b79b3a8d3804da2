"""Is a copy what was released, whoever holds it? Pure: bytes and trusted keys in, verdicts out.

The signature proves the disclosures; what the copy shows is then compared, field by field, with what the disclosures
alone would show: the copy's item is rendered anew from them. Where an entry stands (id, dates, number, status, note of
the correction, addresses of pictures) is not the story's; a signed manifest of the channel proves that, and whether
the copy is the newest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import orjson

from feeds import jsonfeed, ninjs_hub
from feeds.dates import find_date
from feeds.document import Correction, Entry, Item, Rendition, Status, Tombstone
from hub.publishing import manifests
from hub.publishing.assemble import FILM, Frame, Media, entry_of
from hub.publishing.marks import ADDRESS
from hub.records import signatures, signing
from hub.records.disclosures import reveal
from hub.records.signing import BadSignature, Claims, Jwk

MAX_SHOWN = 20  # fields told of one item
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError, StopIteration)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a copy is not to be believed, or not the newest; `key` names the sentence in hub/i18n."""

    key: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A format that carries the proof: what it calls where an entry stands, and how it shows one."""

    id: str
    published: str
    updated: str
    render: Callable[[Item], bytes]
    without_proof: str  # the fault of an item that has none

    def find_url(self, item: Json) -> Any:
        """The address of the item's page."""
        if self is JSON_FEED:
            return item["url"]
        return next(each["href"] for each in item["renditions"] if each["name"] == "web")


JSON_FEED = Shape(
    id="id",
    published="date_published",
    updated="date_modified",
    render=jsonfeed.render_entry,
    without_proof="error.copy_without_proof",
)
NINJS = Shape(
    id="uri",
    published="firstCreated",
    updated="versionCreated",
    render=ninjs_hub.render_entry,
    without_proof="error.copy_ninjs_without_proof",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be said of one item of a copy."""

    name: str  # story/version, or what the copy calls it
    title: str
    faults: tuple[Fault, ...]
    item: Item | None = None  # what was released, where it could be told
    picture_digests: tuple[str, ...] = ()
    is_withdrawn: bool = False  # it only says that the story was withdrawn
    shape: Shape = JSON_FEED
    is_proved: bool = False  # a signature says so: an entry's own; of a withdrawal, which has none, a manifest's


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whose signatures count: keys by kid, and the base address that must have signed.

    Without an `issuer` it is the one that the key names, else `home`, where the keys were found.
    """

    keys: Mapping[str, Jwk]
    issuer: str = ""
    home: str = ""

    @classmethod
    def read(cls, body: bytes, *, issuer: str = "", home: str = "") -> Trust:
        """A JWK Set. Raises BadSignature for anything else."""
        try:
            return cls(keys=signing.keys_of(orjson.loads(body)), issuer=issuer.rstrip("/"), home=home)
        except orjson.JSONDecodeError as exc:
            raise BadSignature(BadSignature.MALFORMED, "no JSON") from exc

    def find_fault(self, signed: signing.Signed) -> Fault | None:
        """Why a signature of a known key does not count all the same."""
        issuer = signed.claims.get("iss")
        expected = self.issuer or self.keys[signed.kid].get("iss") or self.home or issuer
        if issuer == expected:
            return None
        return Fault("error.copy_of_another_hub", {"issuer": _printable(issuer), "expected": expected})


@dataclass(frozen=True, slots=True)
class NewestState:
    """A manifest that holds."""

    claims: Claims

    @property
    def at(self) -> str:
        return str(self.claims["at"])

    def find(self, story_id: str) -> Mapping[str, Any] | None:
        """What it tells of a story, by the id that is signed: a copy may claim any other."""
        return next((told for told in self.claims["entries"] if told["story"] == story_id), None)

    def tells_withdrawn(self, verdict: Verdict) -> bool:
        """Does it prove what a mark only says? The marks of RSS and Atom name the entry, not the story."""
        told = self.find(verdict.item.story_id) if verdict.item is not None else self._find_entry(verdict.name)
        return told is not None and told["status"] == Status.WITHDRAWN.value

    def _find_entry(self, entry_id: str) -> Mapping[str, Any] | None:
        return next((told for told in self.claims["entries"] if told["id"] == entry_id), None)


def list_items(body: bytes) -> list[Json] | None:
    """The items of a JSON Feed or a ninjs package, or the one item that the body is; None when it is none of them."""
    document = _read(body)
    items = _items_of(document)
    if items is not None:
        return [item if isinstance(item, dict) else {} for item in items]
    return [document] if "id" in document else None


def is_feed(body: bytes) -> bool:
    """Is it a whole JSON Feed or ninjs package, so that an entry could be missing from it?"""
    return _items_of(_read(body)) is not None


def _read(body: bytes) -> Json:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _items_of(document: Json) -> list[Any] | None:
    standard = document.get("standard")
    is_package = isinstance(standard, dict) and standard.get("name") == "ninjs"
    items = document.get("associations", []) if is_package else document.get("items")
    return items if isinstance(items, list) else None


def judge(item: Json, trust: Trust) -> Verdict:
    """Is everything that this item shows what was released?"""
    told = item.get("_hub")
    hub: Json = told if isinstance(told, dict) else {}
    shape = NINJS if "uri" in item else JSON_FEED
    name = f"{_printable(hub.get('story') or item.get(shape.id))}/{_printable(hub.get('version', '-'))}"
    verdict = Verdict(name=name, title=_printable(item.get("title")), faults=(), shape=shape)
    try:
        if hub.get("status") == Status.WITHDRAWN.value:
            return _judge_tombstone(item, hub, verdict)
        return _judge_entry(item, hub, trust, verdict)
    except BadSignature as exc:
        return replace(verdict, faults=(fault_of(exc),))
    except UNREADABLE:  # StopIteration: a ninjs object without its page
        return replace(verdict, faults=(Fault("error.copy_unreadable"),))


def fault_of(exc: BadSignature) -> Fault:
    """A signature's fault as a sentence."""
    if exc.reason == BadSignature.UNKNOWN_KEY:
        return Fault("error.copy_key_unknown", {"kid": _printable(exc.detail)})
    return Fault("error.copy_signature_broken", {"reason": _printable(str(exc))})


def read_manifest(body: bytes, trust: Trust) -> NewestState | Fault:
    """A manifest whose signature counts, or why it does not."""
    try:
        signed = signing.verify(body.decode("ascii").strip(), trust.keys, kind=manifests.KIND)
    except UnicodeDecodeError:
        return Fault("error.copy_signature_broken", {"reason": "not ASCII"})
    except BadSignature as exc:
        return fault_of(exc)
    return trust.find_fault(signed) or NewestState(signed.claims)


def judge_by(verdict: Verdict, state: NewestState) -> Verdict:
    """The same verdict with what a manifest adds: whether it is the newest, and the proof of a withdrawal."""
    if verdict.faults:
        return verdict
    faults = tuple(find_age_faults(verdict, state))
    is_proved = verdict.is_proved or (verdict.is_withdrawn and state.tells_withdrawn(verdict))
    return replace(verdict, faults=faults, is_proved=is_proved)


def find_age_faults(verdict: Verdict, state: NewestState) -> Iterator[Fault]:
    """Why the item is not the newest of its story, or does not stand where it says, as the manifest knows it."""
    item = verdict.item
    if item is None:
        return
    told, is_newer = state.find(item.story_id), item.number > state.claims["head"]
    if told is None:
        if not is_newer:
            yield Fault("error.copy_not_in_manifest", {"at": state.at, "first": state.claims["first"]})
    elif told["status"] == Status.WITHDRAWN.value and isinstance(item, Entry):
        yield Fault("error.copy_withdrawn", {"at": state.at})  # and a withdrawn story never returns
    elif isinstance(item, Entry) and told.get("version", 0) > item.version:
        yield Fault("error.copy_older", {"at": state.at, "version": item.version, "newest": told.get("version")})
    elif is_newer:
        return  # what it says of itself is from after the manifest
    elif told["number"] > item.number:
        facts = {"at": state.at, "number": item.number, "newest": told["number"], "status": told["status"]}
        yield Fault("error.copy_state_older", facts)
    else:
        yield from (Fault("error.copy_tampered", {"field": name}) for name in _misplaced(verdict, told))


def list_untold(verdicts: Sequence[Verdict], state: NewestState) -> list[Verdict]:
    """Those whose standing began after the manifest was made: it cannot tell whether they are the newest."""
    head = state.claims["head"]
    return [verdict for verdict in verdicts if verdict.item is not None and verdict.item.number > head]


def find_gaps(verdicts: Sequence[Verdict], state: NewestState) -> Iterator[Fault]:
    """Entries that the manifest knows, newer than the oldest of this feed, and that the feed does not hold."""
    held = {verdict.item.story_id: verdict.item.number for verdict in verdicts if verdict.item is not None}
    named = {verdict.name for verdict in verdicts if verdict.item is None}  # RSS and Atom: by the entry alone
    lowest = min(held.values(), default=state.claims["first"])
    for told in state.claims["entries"]:
        if told["number"] >= lowest and told["story"] not in held and told["id"] not in named:
            yield Fault("error.copy_gap", {"at": state.at, "number": told["number"], "id": told["id"]})


# --- one item -------------------------------------------------------------------------------------------------------


def _judge_tombstone(item: Json, hub: Json, verdict: Verdict) -> Verdict:
    """A mark shows nothing of the story, and carries no signature: anybody can put one in a story's place."""
    shape = verdict.shape
    stone = Tombstone(
        id=item[shape.id],
        story_id=hub["story"],
        number=hub["number"],
        url=shape.find_url(item),
        updated=_instant(item, shape.updated),
        published=_instant(item, shape.published),
        language=item.get("language", ""),
    )
    faults = _differences(item, orjson.loads(shape.render(stone)))
    return replace(verdict, item=stone, faults=tuple(faults), is_withdrawn=True)


def _judge_entry(item: Json, hub: Json, trust: Trust, verdict: Verdict) -> Verdict:
    proof, shape = hub.get("proof"), verdict.shape
    if not isinstance(proof, str) or not proof:
        return replace(verdict, faults=(Fault(shape.without_proof),))
    signed, disclosures = signatures.read(proof, trust.keys)
    if (fault := trust.find_fault(signed)) is not None:
        return replace(verdict, faults=(fault,))
    issuer = str(signed.claims["iss"])
    frame = Frame(
        id=item[shape.id],
        story_id=signed.claims["sub"],
        version=signed.claims["version"],
        number=hub["number"],
        status=Status(hub["status"]),
        url=shape.find_url(item),
        json_url=f"{shape.find_url(item)}.json",
        published=_instant(item, shape.published),
        updated=_instant(item, shape.updated),
        correction=hub.get("correction", ""),
        corrected=_corrected(hub.get("corrected")),
        suppliers=tuple(said["name"] for said in hub.get("suppliers", ())),
        usages=tuple(hub.get("usages", ())),
        proof=proof,
        pack_url=_pack_url(hub, issuer),
    )
    media = _media(hub.get("pictures", ()), issuer) | _films(hub.get("footage", ()), issuer)
    entry = entry_of(reveal(disclosures), frame, media, lambda path: issuer + path)
    faults = _differences(item, orjson.loads(shape.render(entry)))
    pictures = tuple(manifests.picture_digest(upload, found.token) for upload, found in media.items())
    return replace(verdict, item=entry, faults=tuple(faults), picture_digests=pictures, is_proved=not faults)


def _corrected(said: Json | None) -> Correction | None:
    if said is None:
        return None
    at = _instant(said, "at") if "at" in said else None
    return Correction(severity=said["severity"], replaces=said.get("replaces"), at=at)


def _pack_url(hub: Json, issuer: str) -> str:
    """Where the copy says that the print pack is: each reader has another address, which must be of the issuer's."""
    url = hub["pack"]["url"] if "pack" in hub else ""
    return url if url.startswith(issuer) and ADDRESS.fullmatch(url, len(issuer)) else ""


def _media(pictures: Sequence[Json], issuer: str) -> dict[str, Media]:
    """What the copy says of each picture's addresses; they must be of the hub that signed, all under one token."""
    address = re.compile(re.escape(issuer) + r"/media/([A-Za-z0-9_-]+)/\d+")
    media = {}
    for picture in pictures:
        found = address.fullmatch(picture["renditions"][0]["url"])
        token = found[1] if found else ""  # the address built from it will not be the one that is shown
        renditions = [Rendition(**rendition) for rendition in picture["renditions"]]
        media[picture["upload"]] = Media(token, renditions)
    return media


def _films(footage: Sequence[Json], issuer: str) -> dict[str, Media]:
    """The same of its films; footage by reference is none of ours."""
    address = re.compile(re.escape(issuer) + rf"/media/([A-Za-z0-9_-]+)/{FILM}")
    media = {}
    for film in footage:
        if "upload" in film:
            found = address.fullmatch(film["url"])
            media_type, length = film.get("media_type", ""), film.get("length", 0)
            kept = Rendition(width=0, height=0, media_type=media_type, length=length, url=film["url"])
            media[film["upload"]] = Media(found[1] if found else "", [kept])
    return media


def _differences(shown: Json, released: Json) -> list[Fault]:
    """What the item shows otherwise than it was released, by pointer."""
    pointers = islice(_pointers(shown, released, ""), MAX_SHOWN)
    return [Fault("error.copy_tampered", {"field": _printable(pointer)}) for pointer in pointers]


def _pointers(shown: Any, released: Any, pointer: str) -> Iterator[str]:
    if isinstance(shown, dict) and isinstance(released, dict):
        for name in sorted(shown.keys() | released.keys()):
            if name in shown and name in released:
                yield from _pointers(shown[name], released[name], f"{pointer}/{name}")
            else:
                yield f"{pointer}/{name}"
    elif type(shown) is not type(released) or shown != released:
        yield pointer


def _misplaced(verdict: Verdict, told: Mapping[str, Any]) -> Iterator[str]:
    """What stands beside the story in the copy, and otherwise in the manifest."""
    item = verdict.item
    assert item is not None
    shape = verdict.shape
    stands = {
        f"/{shape.id}": (item.id, told["id"]),
        "/_hub/number": (item.number, told["number"]),
        f"/{shape.published}": (item.published, find_date(told["published"])),
        f"/{shape.updated}": (item.updated, find_date(told["updated"])),
    }
    stands["/_hub/status"] = (_status_of(item), told["status"])
    if isinstance(item, Entry):
        stands["/_hub/version"] = (item.version, told.get("version"))
        digest = manifests.correction_digest(item.correction) if item.correction else None
        stands["/_hub/correction"] = (digest, told.get("correction"))
        if "corrected" in told:  # manifests of before tell nothing of it
            stands["/_hub/corrected"] = (manifests.correction_of(item.corrected), told["corrected"])
        stands["/_hub/usages"] = (list(item.usages), told.get("usages", []))
        strange = set(verdict.picture_digests) - set(told.get("pictures", ()))
        stands["/_hub/pictures"] = (strange, set())
    yield from (name for name, (shown, due) in stands.items() if shown != due)


def _status_of(item: Item) -> str:
    return item.status.value if isinstance(item, Entry) else Status.WITHDRAWN.value


def _instant(item: Json, name: str) -> Any:
    instant = find_date(item[name])
    if instant is None:
        raise ValueError(name)
    return instant


def _printable(text: Any) -> str:
    """A text of a stranger, fit for a terminal."""
    return "".join(char for char in str(text if text is not None else "-")[:200] if char.isprintable())
