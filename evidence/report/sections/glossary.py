"""The words this report uses, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.i18n import N_, _
from evidence.report.sections.parts import pairs

if TYPE_CHECKING:
    from evidence.report.page import Flow

TERMS = (
    (
        N_("Acquisition"),
        N_(
            "Taking a copy of evidence, bit for bit, while computing its digest. The "
            "original is only read, never written to."
        ),
    ),
    (
        N_("Assessment"),
        N_("An opinion or conclusion somebody recorded. Kept apart from facts."),
    ),
    (
        N_("Authority"),
        N_(
            "The legal ground of an act: an order, a warrant, a request, a consent. "
            "Numbered AU-0001, AU-0002 and so on."
        ),
    ),
    (
        N_("Case"),
        N_(
            "One investigation or one file of an organisation, kept as one folder with "
            "one manifest."
        ),
    ),
    (
        N_("Checkpoint"),
        N_(
            "A short signed note that fixes how many entries the manifest had and "
            "their Merkle root. Removing, changing or reordering any of those entries "
            "no longer matches it."
        ),
    ),
    (
        N_("Commitment"),
        N_(
            "A digest that stands for a sealed record in the manifest. It reveals "
            "nothing about the record, but the record, once disclosed, can be shown to "
            "be the one that was committed to."
        ),
    ),
    (
        N_("Custodian"),
        N_(
            "Whoever holds an exhibit at a given time. The examiner is whoever acts on "
            "it."
        ),
    ),
    (
        N_("Digest (SHA-256)"),
        N_(
            "A fingerprint of 64 hexadecimal characters computed from all bytes of a "
            "file. The same bytes always give the same digest; it is not feasible to "
            "make different bytes with the same one."
        ),
    ),
    (
        N_("Entry"),
        N_(
            "One signed line of the manifest: who did what, when, on what ground. "
            "Entries are numbered without gaps and each names the one before it."
        ),
    ),
    (
        N_("Exhibit"),
        N_("One acquired thing, numbered EX-0001, EX-0002 and so on without gaps."),
    ),
    (
        N_("Inventory"),
        N_(
            "The list of what is inside an exhibit, for example its files or messages, "
            "one record each."
        ),
    ),
    (
        N_("Key, key id"),
        N_(
            "A person signs with a private key; anyone can check the signature with "
            "the matching public key. The key id is the digest of the public key."
        ),
    ),
    (
        N_("Log origin"),
        N_(
            "The name of this case's manifest, fixed when the case was opened and "
            "repeated in every entry and checkpoint."
        ),
    ),
    (
        N_("Manifest"),
        N_(
            "The append-only sequence of all signed entries of a case. It is the "
            "record; this report is a rendering of it."
        ),
    ),
    (
        N_("Merkle root"),
        N_(
            "One digest computed from all entries (or all inventory records) arranged "
            "as a tree. It changes if any of them changes, and allows proof of a "
            "single one without showing the others."
        ),
    ),
    (
        N_("Outcome"),
        N_(
            "What became of one item that was attempted: acquired, unreadable, changed "
            "while read, skipped, missing or refused."
        ),
    ),
    (
        N_("Payload"),
        N_("The exhibit's bytes as one file that is never changed."),
    ),
    (
        N_("Sealed record"),
        N_(
            "Details kept outside the manifest, for example names, and bound to it by "
            "a commitment. It can be disclosed, withheld or erased without breaking "
            "the manifest."
        ),
    ),
    (
        N_("Signature"),
        N_(
            "A value only the holder of a private key can compute over given bytes. It "
            "shows that this key signed these bytes; it does not by itself show who "
            "held the key."
        ),
    ),
    (
        N_("Time stamp"),
        N_(
            "A statement signed by an independent time-stamping service that certain "
            "bytes existed at a certain time."
        ),
    ),
    (
        N_("Verification"),
        N_(
            "Recomputing every digest, root and signature and comparing them with the "
            "manifest. Each axis of the result answers one question only."
        ),
    ),
    (
        N_("Witness"),
        N_(
            "Another party whose key countersigns checkpoints, so that the holder of "
            "the case alone cannot replace its history unnoticed."
        ),
    ),
)


def draw(flow: Flow) -> None:
    """Draw the chapter."""
    flow.chapter(Chapter.GLOSSARY)
    terms = [(_(word), _(meaning)) for word, meaning in TERMS]
    pairs(flow, terms, label_width=34 * st.MM, label=st.TERM)
