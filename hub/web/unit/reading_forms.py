"""What the forms of the unit's desk bring: fields by name, groups to add or take out, and pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from flask import request

from hub.errors import HubError, NotFound
from hub.http.services import services
from hub.intake import pictures, uploads
from hub.models import Rendition
from hub.web.unit import mapping
from hub.web.unit.steps import BY_SLUG, EAGER, Step

MAX_REVISION = 2**31 - 1
GROUP_NAME = re.compile(r"[a-z0-9_/]{1,120}")


def read_step(slug: str) -> Step:
    """The step of an address. Raises NotFound."""
    if slug not in BY_SLUG:
        raise NotFound(what=slug[:40], kind="page")
    return BY_SLUG[slug]


def read_document() -> dict[str, Any]:
    """What the fields of the form say, without the group that is to be taken out."""
    removed = read_group("remove")
    fields = {name: values for name, values in request.form.lists() if not removed or not _is_within(name, removed)}
    return without_untouched(mapping.to_document(fields))


def read_group(name: str) -> str:
    """The name of a group that is to be added or taken out; empty for what is no name."""
    sent = request.form.get(name, "")
    return sent if GROUP_NAME.fullmatch(sent) else ""


def read_revision() -> int:
    """The revision of the draft that the form knows; 0 for a draft that nobody has saved yet."""
    sent = request.form.get("revision", "")
    return min(int(sent), MAX_REVISION) if sent.isascii() and sent.isdigit() and len(sent) < 11 else 0


def keep_pictures() -> tuple[list[list[Rendition]], list[HubError]]:
    """The pictures of the form as files on disk that no row names yet, and what was refused."""
    kept, refused = list[list[Rendition]](), list[HubError]()
    for sent in request.files.getlist("pictures"):
        if not sent.filename:
            continue
        try:
            picture = pictures.process(sent.read(), declared_type=sent.mimetype)
        except pictures.NotAPicture as exc:
            refused.append(exc)
            continue
        kept.append(uploads.keep(services().store, picture))
    return kept, refused


def read_uploaded() -> list[dict[str, str]]:
    """The pictures and films that came in pieces while the form was open, each with its caption and its words."""
    lists = (request.form.getlist(name) for name in ("uploaded", "uploaded_caption", "uploaded_alt"))
    found = []
    for upload, caption, alt in zip_longest(*lists, fillvalue=""):
        if upload:
            said = {"upload": upload, "caption": caption.strip(), "alt": alt.strip()}
            found.append({name: value for name, value in said.items() if value})
    return found


def without_bare_media(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without media that say nothing but their kind: the form of one that nobody filled in."""
    media = document.get("media")
    if not isinstance(media, list):
        return dict(document)
    said = [each for each in media if not isinstance(each, Mapping) or set(each) - {"kind", "shows"}]
    found = {**document, "media": said}
    if not said:
        del found["media"]
    return found


def without_untouched(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document without the groups that stand ready in the form and that nobody filled in.

    Such a group brings no more than its empty lists; kept, it would be a guest without a name that the check demands,
    or a consent to nothing that nobody gave or refused.
    """
    found = dict(document)
    if "consent" in found and not _says(found["consent"]):
        del found["consent"]
    for path in EAGER:
        names = path.split("/")
        holders = [found]
        for name in names[:-1]:
            inner = holders[-1].get(name)
            if not isinstance(inner, dict):
                break
            holders.append(inner)
        groups = holders[-1].get(names[-1]) if len(holders) == len(names) else None
        if not isinstance(groups, list):
            continue
        holders[-1][names[-1]] = [each for each in groups if _says(each)]
        for holder, name in zip(reversed(holders), reversed(names), strict=True):
            if not _says(holder[name]):
                del holder[name]
    return found


def _says(value: Any) -> bool:
    """Does a value say anything, or hold only what is empty?"""
    if isinstance(value, Mapping):
        return any(map(_says, value.values()))
    return any(map(_says, value)) if isinstance(value, list) else value is not None


def _is_within(name: str, holder: str) -> bool:
    return name == holder or name.startswith((holder + "/", holder + mapping.WAS))
