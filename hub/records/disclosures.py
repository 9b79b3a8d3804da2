"""A version as salted disclosures, so that a part of it can be proved and a part of it can be forgotten.

The form is that of SD-JWT, RFC 9901 §4.2: each leaf of the content becomes ``[salt, name, value]``, its digest is
the base64url SHA-256 of the base64url disclosure. The version's digest covers the sorted disclosure digests and
the digest of the version before, so erasing a disclosure (salt and value) leaves digests and chain valid.

A text with pictures is disclosed in pieces, each picture apart: a channel may show the text and not the picture.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from binascii import a2b_base64, b2a_base64
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

SALT_BYTES = 18  # over the 128 bits that RFC 9901 §9.3 asks for, and 24 characters without padding
SALT_LENGTH = 24
PICTURE = re.compile(r'(<img [^>]*?src="media:[^>]*>)')  # in sanitized HTML, where quotes hold no ">"
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_PADDING = (b"", b"===", b"==", b"=")
Content = dict[str, Any]
Leaf = tuple[str, Any]  # a field's JSON pointer, and its value


@dataclass(frozen=True, slots=True)
class Disclosed:
    """The disclosures of one version by digest, and the version's digest (lower-case hex SHA-256)."""

    digest: str
    disclosures: dict[str, str]

    @property
    def digests(self) -> list[str]:
        return sorted(self.disclosures)


def disclose(content: Content, *, previous: str) -> Disclosed:
    """Disclose every leaf of `content` under fresh salts; `previous` is the digest of the version before or ``""``."""
    leaves = list(_leaves(content, "")) if content else []
    salts = _base64url(secrets.token_bytes(SALT_BYTES * len(leaves)))
    disclosures = {}
    for place, (name, value) in enumerate(leaves):
        salt = salts[place * SALT_LENGTH : (place + 1) * SALT_LENGTH]
        encoded = _base64url(orjson.dumps([salt, name, value]))
        disclosures[_base64url(hashlib.sha256(encoded.encode()).digest())] = encoded
    return Disclosed(version_digest(disclosures, previous=previous), disclosures)


def digest_of(encoded: str) -> str:
    """The digest of one base64url disclosure, base64url without padding (RFC 9901 §4.2.3)."""
    return _base64url(hashlib.sha256(encoded.encode()).digest())


def version_digest(digests: Iterable[str], *, previous: str) -> str:
    """The digest of a version: over its sorted disclosure digests and the predecessor's digest."""
    return hashlib.sha256("\n".join([previous, *sorted(digests)]).encode()).hexdigest()


def digest_of_removed(removed: Iterable[Mapping[str, Any]]) -> str:
    """Hex SHA-256 of what the sanitizer took out of a version, without the samples: those an erasure may take away."""
    told = [{name: said for name, said in cut.items() if name != "sample"} for cut in removed]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def reveal(disclosures: Mapping[str, str]) -> Content:
    """The content that the given disclosures still tell; arrays close up over erased members."""
    return grow(read(encoded) for encoded in disclosures.values())


def read(encoded: str) -> Leaf:
    """The pointer and the value of one disclosure."""
    _salt, name, value = orjson.loads(a2b_base64(encoded.encode().translate(_STANDARD) + _PADDING[len(encoded) % 4]))
    return name, value


def grow(leaves: Iterable[Leaf]) -> Content:
    """The content that these leaves tell."""
    return _grow(dict(leaves))


def showing(disclosures: Mapping[str, str], hidden: Collection[str]) -> Mapping[str, str]:
    """The disclosures that tell nothing of the hidden members of lists.

    `hidden` are pointers into the revealed content, whose lists have closed up over what was erased.
    """
    if not hidden:
        return disclosures
    pointers = {digest: read(encoded)[0] for digest, encoded in disclosures.items()}
    kept = list_members(pointers.values())
    gone = set()
    for pointer in hidden:
        holder, _, place = pointer.rpartition("/")
        members = kept.get(holder, [])
        if int(place) < len(members):
            gone.add(f"{holder}/{members[int(place)]}")
    return {
        digest: disclosures[digest]
        for digest, pointer in pointers.items()
        if not any(pointer == member or pointer.startswith(member + "/") for member in gone)
    }


def list_members(pointers: Iterable[str]) -> dict[str, list[int]]:
    """The places that are left in each list, by the list's pointer, in order."""
    found: dict[str, set[int]] = {}
    for pointer in pointers:
        steps = pointer.split("/")
        for at, step in enumerate(steps):
            if step.isdigit():
                found.setdefault("/".join(steps[:at]), set()).add(int(step))
    return {holder: sorted(places) for holder, places in found.items()}


def without(content: Mapping[str, Any], pointers: Collection[str]) -> Content:
    """`content` without the members of lists that JSON pointers name (``/interview/guests/1``)."""
    kept: Content = dict(content)
    for pointer in sorted(pointers, key=lambda told: int(told.rpartition("/")[2]), reverse=True):
        kept = _cut(kept, pointer.split("/")[1:])
    return kept


def _base64url(data: bytes) -> str:
    """RFC 7515 §2: base64url without padding; called for every leaf, so without the detours of `base64`."""
    return b2a_base64(data, newline=False).translate(_URL_SAFE, b"=").decode()


def _leaves(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """Each field by its pointer. A flat object in an array (a metric, a slot) is one; a guest with contacts is not."""
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from _leaves(member, f"{pointer}/{name}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for place, member in enumerate(value):
            if any(isinstance(inner, dict) for inner in member.values()):
                yield from _leaves(member, f"{pointer}/{place}")
            else:
                yield f"{pointer}/{place}", member
    elif isinstance(value, str) and "<img " in value and len(pieces := PICTURE.split(value)) > 1:
        for place, piece in enumerate(pieces):
            if piece:
                yield f"{pointer}/{place}", piece
    else:
        yield pointer, value


def _grow(leaves: Mapping[str, Any]) -> Content:
    """Grow the tree back from pointers; numbers name members of an array (no field of a story is a number)."""
    root: Content = {}
    for pointer, value in leaves.items():
        *path, last = pointer[1:].split("/")
        node = root
        for step in path:
            node = node.setdefault(step, {})
        node[last] = value
    return {name: _with_arrays(member) for name, member in root.items()}


def _with_arrays(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(step.isdigit() for step in node):
        members = [_with_arrays(node[step]) for step in sorted(node, key=int)]
        # an array of texts is one leaf, so texts under numbers are the pieces of one text
        return "".join(members) if all(isinstance(member, str) for member in members) else members
    return {name: _with_arrays(member) for name, member in node.items()}


def _cut(node: Any, steps: Sequence[str]) -> Any:
    first, *rest = steps
    if isinstance(node, list):
        place = int(first)
        return [_cut(member, rest) if at == place else member for at, member in enumerate(node) if rest or at != place]
    if not isinstance(node, Mapping) or first not in node:
        return node
    return {name: _cut(member, rest) if name == first else member for name, member in node.items()}
