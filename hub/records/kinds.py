"""The kinds of the journal's records, as people may ask for them."""

from __future__ import annotations

KINDS = (
    "act", "agency_event", "calendar_address", "checkpoint", "clock_accepted", "clock_accepted_by", "consent_cleared",
    "consent_expired", "consent_narrowed", "consent_recorded", "consent_reported", "consent_withdrawn",
    "contacts_read", "correction_cancelled", "coverage_request", "delegated", "delegation_ended", "delivery_act",
    "edition_adopted", "embargo_ended", "embargo_term", "embargo_term_end", "erasure", "hub_begun", "idea",
    "idea_answered", "key_made", "key_revoked", "likeness_dismissed", "manifest", "organization_event", "outlet_act",
    "outlet_event", "outlet_key", "password_set", "person_erased", "person_exported", "persons_merged", "pickup",
    "pickup_taken_back", "programme", "proof_read", "proof_sealed", "pulled", "receipt", "receipt_asked",
    "register_act", "register_table", "register_told", "releases", "report", "request_answered", "role_ended",
    "role_given", "second_factor_off", "second_factor_on", "segment", "session_ended", "sessions_ended",
    "signing_key_rotated", "source_added", "source_paused", "source_removed", "source_resumed", "suppliers",
    "user_added", "user_closed", "user_invited", "version", "waived",
)  # fmt: skip
