"""Which of the six verbs of LED Art. 25(1) each entry of a manifest is, as data.

Directive (EU) 2016/680 Art. 25(1): logs are kept for collection, alteration,
consultation, disclosure including transfers, combination and erasure. An entry that is
none of them (keys, seals, checks, decisions) has no verb. Total over the types of
entries and over the kinds of annotations this version writes; a kind it does not know
is `UNCLASSIFIED`, never left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from manifests.entries import Entry, EntryType


class LedVerb(StrEnum):
    """The verbs of Art. 25(1), and one for what cannot be told."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    UNCLASSIFIED = "unclassified"


_COLLECTION, _ALTERATION = LedVerb.COLLECTION, LedVerb.ALTERATION
_CONSULTATION, _DISCLOSURE = LedVerb.CONSULTATION, LedVerb.DISCLOSURE
_COMBINATION, _ERASURE = LedVerb.COMBINATION, LedVerb.ERASURE

# Every type of entry. An annotation's verb follows from its kind.
BY_TYPE: Final[Mapping[EntryType, LedVerb | None]] = MappingProxyType(
    {
        EntryType.CASE_OPEN: None,
        EntryType.KEY_ENROL: None,
        EntryType.KEY_REVOKE: None,
        EntryType.AUTHORITY_ADD: None,
        EntryType.CONSENT_ADD: None,
        EntryType.CONSENT_WITHDRAW: None,
        EntryType.IDENTIFY: _COLLECTION,
        EntryType.COLLECT: _COLLECTION,
        EntryType.ACQUIRE: _COLLECTION,
        EntryType.IMPORT: _COLLECTION,
        EntryType.VERIFY: None,
        EntryType.SEAL: None,
        EntryType.UNSEAL: None,
        # Handed out to somebody; coming back is nothing of its own.
        EntryType.CHECKOUT: _DISCLOSURE,
        EntryType.CHECKIN: None,
        EntryType.TRANSFER_OUT: _DISCLOSURE,
        EntryType.TRANSFER_IN: _COLLECTION,
        EntryType.CONSULT: _CONSULTATION,
        # A working copy is made, and an analysis run, to look at what is there.
        EntryType.COPY: _CONSULTATION,
        EntryType.DERIVE: _ALTERATION,
        EntryType.ANALYSE: _CONSULTATION,
        EntryType.ANNOTATE: None,
        EntryType.COMBINE: _COMBINATION,
        EntryType.DISCLOSE: _DISCLOSURE,
        EntryType.TRANSMIT: _DISCLOSURE,
        # Marking stored data is processing of them (Art. 3(3)).
        EntryType.RESTRICT: _ALTERATION,
        EntryType.LIFT_RESTRICTION: _ALTERATION,
        EntryType.RECTIFY: _ALTERATION,
        EntryType.REVIEW_RETENTION: None,
        EntryType.ERASE: _ERASURE,
        EntryType.RENEW: None,
        EntryType.CORRECTION_NOTICE: _DISCLOSURE,
        EntryType.RECOVERY: None,
        # A report is issued so that somebody gets it.
        EntryType.REPORT_ISSUE: _DISCLOSURE,
        EntryType.REPORT_SUPERSEDE: None,
        EntryType.CASE_CLOSE: None,
    }
)

# Every kind of annotation. "person" is told by its act, below.
BY_KIND: Final[Mapping[str, LedVerb | None]] = MappingProxyType(
    {
        "approval": None,
        "refusal": None,
        "assessment": _ALTERATION,
        "fact": _ALTERATION,
        "authority_clarification_answered": None,
        "authority_clarification_asked": None,
        "authority_confirmed": None,
        "authority_extended": None,
        "authority_validated": None,
        "authority_withdrawn": None,
        "breach": None,
        "breach_notified": None,
        "decision": None,
        "decision_endorsed": None,
        "deposit": None,
        "erasure_done": None,
        "legal_hold": None,
        "legal_hold_lifted": None,
        "deposit_lift": None,
        "harm": _COLLECTION,
        "interference": _COLLECTION,
        "proceeds": _COLLECTION,
        "label": _ALTERATION,
        "let_through": None,
        # What follows or precedes a transfer, which is an entry of its own.
        "transfer_answered": None,
        "transfer_packed": None,
        "transfer_told": None,
        "open_package_removed": None,
        "guided": None,
        "link": _COMBINATION,
        "link_withdrawn": _COMBINATION,
        "no_contact": None,
        "passage": _ALTERATION,
        "person": _ALTERATION,
        # Who may decrypt changes; nothing is shown by that.
        "recipient_add": None,
        "recipient_remove": None,
        "quality": _ALTERATION,
        "statement": _COLLECTION,
    }
)
_PERSON_ACTS: Final[Mapping[str, LedVerb]] = MappingProxyType(
    {"add": _COLLECTION, "alter": _ALTERATION, "merge": _COMBINATION}
)


def verb_of(entry: Entry) -> LedVerb | None:
    """Return the verb of an entry; None when it is none of the six."""
    try:
        kind = EntryType(entry.type)
    except ValueError:
        return LedVerb.UNCLASSIFIED
    if kind is not EntryType.ANNOTATE:
        return BY_TYPE[kind]
    word = entry.facts.get("kind")
    if word == "person":
        return _PERSON_ACTS.get(str(entry.facts.get("act")), LedVerb.UNCLASSIFIED)
    if not isinstance(word, str) or word not in BY_KIND:
        return LedVerb.UNCLASSIFIED
    return BY_KIND[word]
