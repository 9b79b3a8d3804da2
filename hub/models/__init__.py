"""Every table, in one place, so that rooms never import each other's tables in circles."""

from hub.db import Base
from hub.models.accounts import (
    Agency,
    Delegation,
    Key,
    Membership,
    Organization,
    OrganizationState,
    RegisterEvent,
    User,
)
from hub.models.administration import TableDraft
from hub.models.consent import Consent, Person, Proof, Receipt, StoryPerson
from hub.models.desk import Presence, StoryWord
from hub.models.drafts import FormDraft, FormDraftUpload
from hub.models.files import Import, ImportRow, PartialUpload, WordReading
from hub.models.filings import Filing, Pickup
from hub.models.likeness import Likeness, LikenessBand, LikenessRebuild, LikenessSignature, StorySupplier
from hub.models.listings import Listing, ListingMark
from hub.models.notices import Letter, Notice, NoticeChoices, WebhookDelivery, WebhookEndpoint
from hub.models.outlets import AgencyState, Change, Channel, EmbargoTerm, Entry, Outlet, OutletState, Release
from hub.models.planning import Booking, CrewMember, Programme, Segment
from hub.models.proof import Checkpoint, Manifest, Signature, SigningKey
from hub.models.publishing import Document, Fragment, Reading
from hub.models.push import Intent, Subscription
from hub.models.records import Idempotency, JournalHead, JournalRow, Lease, Outbox, Setting
from hub.models.regulation import Duty, Edition, Waiver
from hub.models.reports import AuditorKey, Report, ReportCopy, ReportPart
from hub.models.requests import CoverageRequest, RequestAnswer
from hub.models.signing_in import Invitation, Password, RecoveryCode, SecondFactor, SignedIn
from hub.models.sources import Source, SourceItem
from hub.models.stories import Act, ClaimCheck, Correction, MediaToken, Rendition, Story, Upload, UploadStory, Version
from hub.models.visits import ChannelVisit, InboxLine, InboxWord

__all__ = [
    "Act",
    "Agency",
    "AgencyState",
    "AuditorKey",
    "Base",
    "Booking",
    "Change",
    "Channel",
    "ChannelVisit",
    "Checkpoint",
    "ClaimCheck",
    "Consent",
    "Correction",
    "CoverageRequest",
    "CrewMember",
    "Delegation",
    "Document",
    "Duty",
    "Edition",
    "EmbargoTerm",
    "Entry",
    "Filing",
    "FormDraft",
    "FormDraftUpload",
    "Fragment",
    "Idempotency",
    "Import",
    "ImportRow",
    "InboxLine",
    "InboxWord",
    "Intent",
    "Invitation",
    "JournalHead",
    "JournalRow",
    "Key",
    "Lease",
    "Letter",
    "Likeness",
    "LikenessBand",
    "LikenessRebuild",
    "LikenessSignature",
    "Listing",
    "ListingMark",
    "Manifest",
    "MediaToken",
    "Membership",
    "Notice",
    "NoticeChoices",
    "Organization",
    "OrganizationState",
    "Outbox",
    "Outlet",
    "OutletState",
    "PartialUpload",
    "Password",
    "Person",
    "Pickup",
    "Presence",
    "Programme",
    "Proof",
    "Reading",
    "Receipt",
    "RecoveryCode",
    "RegisterEvent",
    "Release",
    "Rendition",
    "Report",
    "ReportCopy",
    "ReportPart",
    "RequestAnswer",
    "SecondFactor",
    "Segment",
    "Setting",
    "Signature",
    "SignedIn",
    "SigningKey",
    "Source",
    "SourceItem",
    "Story",
    "StoryPerson",
    "StorySupplier",
    "StoryWord",
    "Subscription",
    "TableDraft",
    "Upload",
    "UploadStory",
    "User",
    "Version",
    "Waiver",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WordReading",
]
