"""The kinds of the journal's records, each with the sentence that people read for it.

English sentences stand here and their Vietnamese in the catalogue. What they name in %(…)s are members of the record;
`hub.records.journal_reading` puts names for the codes and rows there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub import i18n


def _(text: str) -> str:
    """Marks a text for the catalogues."""
    return text


SENTENCES: Mapping[str, str] = {
    "act": _("Something was done with a story."),
    "agency_event": _("What a press agency is was changed."),
    "calendar_address": _("The calendar address of a unit was made or ended."),
    "checkpoint": _("The journal up to row %(of)s was signed."),
    "clock_accepted": _("Whoever runs the server accepted its clock."),
    "clock_accepted_by": _("An administrator accepted the server's clock."),
    "consent_cleared": _("Consent was cleared for a person."),
    "consent_expired": _("The consent of a person came to its end."),
    "consent_narrowed": _("A person's consent covers less than before."),
    "consent_recorded": _("The consent of a person was recorded."),
    "consent_reported": _("It was reported that a person takes consent back."),
    "consent_withdrawn": _("A person's consent was taken back."),
    "contacts_read": _("Somebody read how to reach people."),
    "correction_cancelled": _("A correction that waited was given up."),
    "coverage_request": _("%(outlet)s asked for coverage."),
    "delegated": _("%(user)s named %(deputy)s as deputy."),
    "delegation_ended": _("%(user)s's deputy acts no more."),
    "delivery_act": _("An administrator decided on something in the outbox."),
    "edition_adopted": _("Edition %(edition)s of the regulation was adopted."),
    "embargo_ended": _("An embargo ended, and the story came out."),
    "embargo_term": _("%(outlet)s agreed to keep embargoes."),
    "embargo_term_end": _("The agreement of %(outlet)s to keep embargoes ended."),
    "erasure": _("Words of a story were erased."),
    "hub_begun": _("The hub began, with %(user)s as its first administrator."),
    "idea": _("An idea was sent to %(organization)s."),
    "idea_answered": _("An idea was answered."),
    "key_made": _("A key was made for %(user)s."),
    "key_revoked": _("A key was revoked."),
    "likeness_dismissed": _("Two stories were said to tell two deeds."),
    "manifest": _("The list of a channel was signed for the day."),
    "organization_event": _("What an organization is was changed."),
    "outlet_act": _("An administrator changed an outlet or a channel."),
    "outlet_event": _("What an outlet is was changed."),
    "outlet_key": _("A key of %(outlet)s was made or revoked."),
    "password_set": _("%(user)s has a new password."),
    "person_erased": _("The data of a person was erased."),
    "person_exported": _("The data of a person was handed out."),
    "persons_merged": _("Two entries of one person were joined."),
    "pickup": _("%(outlet)s said what it made of a story."),
    "pickup_taken_back": _("What %(outlet)s had said of a story was taken back."),
    "programme": _("A programme was planned or changed."),
    "proof_read": _("Somebody looked at a sealed paper of consent."),
    "proof_sealed": _("A paper of consent was sealed."),
    "pulled": _("A feed of others was read."),
    "receipt": _("%(outlet)s answered what it was asked to do."),
    "receipt_asked": _("%(outlet)s was asked to confirm something."),
    "register_act": _("An administrator changed the organizations."),
    "register_table": _("Organizations were read in from a table: %(steps)s steps."),
    "register_told": _("The register's rows were told."),
    "releases": _("The channels that get a story were written down."),
    "report": _("A quarter's report was sent."),
    "request_answered": _("A request for coverage was answered."),
    "role_ended": _("A role of %(user)s ended."),
    "role_given": _("%(user)s was given a role."),
    "second_factor_off": _("%(user)s signs in without a second step again."),
    "second_factor_on": _("%(user)s signs in with a second step."),
    "segment": _("A broadcast was planned or changed."),
    "session_ended": _("A session of %(user)s was ended."),
    "sessions_ended": _("All sessions of %(user)s were ended."),
    "signing_key_rotated": _("The hub signs with a new key."),
    "source_added": _("A feed of others is read from now on."),
    "source_paused": _("A feed of others is not read for now."),
    "source_removed": _("A feed of others is read no more."),
    "source_resumed": _("A feed of others is read again."),
    "suppliers": _("Who supplied a story was written down."),
    "user_added": _("%(user)s was added."),
    "user_closed": _("%(user)s may not sign in any more."),
    "user_invited": _("%(user)s was invited."),
    "version": _("A text of a story came in from %(organization)s."),
    "waived": _("An editor forgave a duty."),
}
ACTS: Mapping[str, str] = {  # of records of the kind "act"
    "submit": _("A story was handed in."),
    "recall": _("A story was called back by its unit."),
    "confirm": _("A story was confirmed."),
    "verify_claim": _("A claim of a story was verified."),
    "return": _("A story was returned to be mended."),
    "approve": _("A story was approved."),
    "release": _("A story was released."),
    "hold": _("A story was put on hold."),
    "lift": _("The hold on a story was lifted."),
    "correct": _("A correction of a story was begun."),
    "request_withdrawal": _("A unit asked to withdraw a story."),
    "withdraw": _("A story was withdrawn."),
    "join": _("A story was joined into another one."),
    "erase": _("What a story says of a person was erased."),
}
KINDS = tuple(SENTENCES)


def sentence_of(record: Mapping[str, Any], language: str) -> str:
    """A record as a sentence in ``vi`` or ``en``; its kind as it is where there is no sentence for it."""
    kind = str(record.get("kind", ""))
    text = ACTS.get(str(record.get("act", "")), SENTENCES["act"]) if kind == "act" else SENTENCES.get(kind, kind)
    return i18n.sentence(text, language, **{str(name): value for name, value in record.items()})


def title_of(kind: str, language: str) -> str:
    """A kind as a choice in a list: its sentence without names."""
    return i18n.sentence(SENTENCES.get(kind, kind), language)
