"""What the scripts of the form say, in the language of the page; and which scripts those are."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask_babel import gettext as _

from hub.intake import editor_schema as schema

SCRIPTS = (
    *("drafts.js", "uploads.js"),
    *("vendor/tiptap.min.js", "editor-schema.js", "editor-acts.js", "editor.js"),
)


@cache
def editor_schema() -> dict[str, Any]:
    """What the editor lets into a text: the sanitizer's own table."""
    return schema.editor_schema()


def of_drafts() -> dict[str, str]:
    """The words of `drafts.js`."""
    return {
        "saving": _("Saving…"),
        "saved": _("Saved at {time}."),
        "kept": _("Not saved yet: the hub cannot be reached. What you typed is kept on this device."),
        "wait": _("Not saved yet: too much at once. What you typed is kept on this device and is sent in a moment."),
        "offline": _("No connection. What you typed is kept on this device and is sent once there is one."),
        "signed_out": _("You have been signed out; what you typed is kept. Sign in again and go on."),
        "sign_in": _("Sign in in a new window"),
        "conflict": _("Somebody has saved this draft from another device meanwhile."),
        "take_theirs": _("Take what was saved there"),
        "keep_mine": _("Keep what stands here"),
        "found": _("On this device there is something that was typed at {time} and never sent."),
        "restore": _("Put it back"),
        "discard": _("Throw it away"),
        "refused": _("This could not be saved. Press “Save” to see why."),
        "unkept": _("No connection, and on a shared device nothing is kept. Stay on this page until it is saved."),
    }


def of_uploads() -> dict[str, str]:
    """The words of `uploads.js`."""
    return {
        "progress": _("{name}: {percent} percent"),
        "pause": _("Pause"),
        "resume": _("Go on"),
        "waiting": _("{name}: no connection; it goes on by itself."),
        "signed_out": _("{name}: sign in again in another window; it goes on where it stopped."),
        "failed": _("{name}: {reason}"),
        "done": _("{name} has arrived."),
        "remove": _("Take out"),
        "caption": _("Caption"),
        "alt": _("What it shows, for people who cannot see it"),
        "restored": _("It had arrived already and is back."),
        "alt_hint": _("One sentence: who does what, where."),
    }


def of_editor() -> dict[str, str]:
    """The words of `editor.js`."""
    return {
        "toolbar": _("How the text looks"),
        "bold": _("Bold"),
        "italic": _("Italic"),
        "heading2": _("Heading"),
        "heading3": _("Smaller heading"),
        "heading4": _("Smallest heading"),
        "bullets": _("List"),
        "numbers": _("Numbered list"),
        "quote": _("Quotation"),
        "link": _("Link"),
        "picture": _("Picture"),
        "table": _("Table"),
        "row_add": _("One row more"),
        "row_remove": _("Take the row out"),
        "column_add": _("One column more"),
        "column_remove": _("Take the column out"),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "link_address": _("Address of the link"),
        "link_bad": _("A link begins with https://, http:// or mailto:."),
        "apply": _("Insert"),
        "remove": _("Take out"),
        "cancel": _("Cancel"),
        "picture_alt": _("What the picture shows, for people who cannot see it"),
        "picture_none": _("There are no pictures yet: add them at “Pictures and footage”."),
    }
