"""Every table, in one place, so that rooms never import each other's tables in circles."""

from hub.db import Base
from hub.models.accounts import Agency, Key, Organization
from hub.models.outlets import Change, Channel, Entry, Outlet, Release
from hub.models.publishing import Document, Fragment
from hub.models.records import ConsentGrant, Idempotency, JournalHead, JournalRow, Lease, Outbox, Setting
from hub.models.stories import Act, MediaToken, Rendition, Story, Upload, Version

__all__ = [
    "Act",
    "Agency",
    "Base",
    "Change",
    "Channel",
    "ConsentGrant",
    "Document",
    "Entry",
    "Fragment",
    "Idempotency",
    "JournalHead",
    "JournalRow",
    "Key",
    "Lease",
    "MediaToken",
    "Organization",
    "Outbox",
    "Outlet",
    "Release",
    "Rendition",
    "Setting",
    "Story",
    "Upload",
    "Version",
]
