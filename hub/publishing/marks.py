"""Where the address of a print pack goes in bytes that all keys of a channel share."""

from __future__ import annotations

import re

from hub.models import Channel

PACKS = "/packs/"
PROFILE = "column"  # of the channels that print
MARK = "\u200b"  # hygiene lets it stand in no text, so nobody can write a mark of ours
ADDRESS = re.compile(r"/packs/[1-9][0-9]*-[0-9a-f]{32}-[0-9a-f]{40}\.zip")
MARKED = re.compile(MARK.encode() + rb"([0-9a-f]{32})" + MARK.encode())


def has_packs(channel: Channel) -> bool:
    """Is the channel one that an outlet prints from? Public ones have no key to derive an address for."""
    return channel.profile == PROFILE and channel.audience != "public"


def pack_path(ticket: str) -> str:
    """The path of a pack."""
    return f"{PACKS}{ticket}.zip"


def marked_path(uid: str) -> str:
    """The path of an entry's pack for whichever key will read it; `uid` is ``urn:uuid:…``."""
    return pack_path(f"{MARK}{uid.removeprefix('urn:uuid:').replace('-', '')}{MARK}")
