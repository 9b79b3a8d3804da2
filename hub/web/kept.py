"""What somebody typed, kept while they sign in again: the fields of a post that met a session that is over.

They are shown again as one hidden field, and sent on once somebody says so. Passwords, codes and files are never kept.
Only what comes from a page of ours is: a post that a foreign page makes browsers send must not come to life by this.
It belongs to whoever the page was made for: on a device of several people nobody sends another one's text.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import orjson
from flask import request

from hub.web import protection

FIELD = "kept"
MAX_BYTES = 2 * protection.MAX_FORM_BYTES  # whatever a form may hold, with what JSON adds to it
NEVER = frozenset({protection.FIELD, FIELD, "code"})
HOME = "/desk/"
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


@dataclass(frozen=True, slots=True)
class Kept:
    """A post that waits: whose it is, where it goes, its fields in their order, and whether files were left out."""

    user: int  # the id of whoever typed it
    path: str
    fields: tuple[tuple[str, str], ...]
    had_files: bool = False

    def as_text(self) -> str:
        """One text for a hidden field."""
        said = {"user": self.user, "path": self.path, "fields": self.fields, "files": self.had_files}
        return orjson.dumps(said).decode()


def take() -> Kept | None:
    """What this post brought; None where it is not from a page of ours, nobody's, or too large."""
    if request.method != "POST" or request.mimetype not in FORMS or not protection.is_own_post():
        return None
    user = protection.owner_of_form()
    if user is None:
        return None
    fields = tuple((name, value) for name, value in request.form.items(multi=True) if not _is_never_kept(name))
    path = request.full_path.rstrip("?")
    had_files = any(file.filename for file in request.files.values())
    return _checked(Kept(user, path, fields, had_files))


def read() -> Kept | None:
    """What a form of ours carries on in its hidden field; of a foreign one nothing."""
    text = request.form.get(FIELD, "")
    if not text or len(text) > MAX_BYTES or not protection.is_own_post():
        return None
    try:
        said = orjson.loads(text)
        fields = tuple((str(name), str(value)) for name, value in said["fields"])
        return _checked(Kept(int(said["user"]), str(said["path"]), fields, bool(said["files"])))
    except (ValueError, KeyError, TypeError):
        return None


def only_of(waiting: Kept | None, user_id: int | None) -> Kept | None:
    """What waits, if this user typed it; of another one's nothing."""
    return waiting if waiting is not None and waiting.user == user_id else None


def make_room() -> None:
    """Let the forms that carry on what waits be as large as that is, and hold as little else as ever."""
    request.max_form_memory_size = MAX_BYTES + protection.MAX_FORM_BYTES


def safe_next(path: str | None) -> str:
    """Where somebody goes after signing in: a page of a desk of this hub, and nowhere else."""
    return path if path and is_local(path) else HOME


def is_local(path: str) -> bool:
    """Is it the path of a desk page here, whatever browsers make of it?"""
    if not path.startswith(HOME) or "\\" in path or not path.isprintable():
        return False
    parts = urlsplit(path)
    plain = unquote(parts.path)
    if "\\" in plain or not {".", ".."}.isdisjoint(plain.split("/")):  # browsers would go up from the desks
        return False
    return not parts.scheme and not parts.netloc


def _checked(kept: Kept) -> Kept | None:
    sound = is_local(kept.path) and len(kept.as_text()) <= MAX_BYTES
    return kept if sound else None


def _is_never_kept(name: str) -> bool:
    return name in NEVER or "password" in name.casefold()
