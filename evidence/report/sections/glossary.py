"""The words this report uses, in plain English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.report import style as st
from evidence.report.chapters import Chapter
from evidence.report.sections.parts import pairs

if TYPE_CHECKING:
    from evidence.report.page import Flow

TERMS = (
    (
        "Acquisition",
        "Taking a copy of evidence, bit for bit, while computing its digest. The "
        "original is only read, never written to.",
    ),
    (
        "Assessment",
        "An opinion or conclusion somebody recorded. Kept apart from facts.",
    ),
    (
        "Authority",
        "The legal ground of an act: an order, a warrant, a request, a consent. "
        "Numbered AU-0001, AU-0002 and so on.",
    ),
    (
        "Case",
        "One investigation or one file of an organisation, kept as one folder with one "
        "manifest.",
    ),
    (
        "Checkpoint",
        "A short signed note that fixes how many entries the manifest had and their "
        "Merkle root. Removing, changing or reordering any of those entries no longer "
        "matches it.",
    ),
    (
        "Commitment",
        "A digest that stands for a sealed record in the manifest. It reveals nothing "
        "about the record, but the record, once disclosed, can be shown to be the one "
        "that was committed to.",
    ),
    (
        "Custodian",
        "Whoever holds an exhibit at a given time. The examiner is whoever acts on it.",
    ),
    (
        "Digest (SHA-256)",
        "A fingerprint of 64 hexadecimal characters computed from all bytes of a file. "
        "The same bytes always give the same digest; it is not feasible to make "
        "different bytes with the same one.",
    ),
    (
        "Entry",
        "One signed line of the manifest: who did what, when, on what ground. Entries "
        "are numbered without gaps and each names the one before it.",
    ),
    (
        "Exhibit",
        "One acquired thing, numbered EX-0001, EX-0002 and so on without gaps.",
    ),
    (
        "Inventory",
        "The list of what is inside an exhibit, for example its files or messages, one "
        "record each.",
    ),
    (
        "Key, key id",
        "A person signs with a private key; anyone can check the signature with the "
        "matching public key. The key id is the digest of the public key.",
    ),
    (
        "Log origin",
        "The name of this case's manifest, fixed when the case was opened and repeated "
        "in every entry and checkpoint.",
    ),
    (
        "Manifest",
        "The append-only sequence of all signed entries of a case. It is the record; "
        "this report is a rendering of it.",
    ),
    (
        "Merkle root",
        "One digest computed from all entries (or all inventory records) arranged as a "
        "tree. It changes if any of them changes, and allows proof of a single one "
        "without showing the others.",
    ),
    (
        "Outcome",
        "What became of one item that was attempted: acquired, unreadable, changed "
        "while read, skipped, missing or refused.",
    ),
    (
        "Payload",
        "The exhibit's bytes as one file that is never changed.",
    ),
    (
        "Sealed record",
        "Details kept outside the manifest, for example names, and bound to it by a "
        "commitment. It can be disclosed, withheld or erased without breaking the "
        "manifest.",
    ),
    (
        "Signature",
        "A value only the holder of a private key can compute over given bytes. It "
        "shows that this key signed these bytes; it does not by itself show who held "
        "the key.",
    ),
    (
        "Time stamp",
        "A statement signed by an independent time-stamping service that certain bytes "
        "existed at a certain time.",
    ),
    (
        "Verification",
        "Recomputing every digest, root and signature and comparing them with the "
        "manifest. Each axis of the result answers one question only.",
    ),
    (
        "Witness",
        "Another party whose key countersigns checkpoints, so that the holder of the "
        "case alone cannot replace its history unnoticed.",
    ),
)


def draw(flow: Flow) -> None:
    """Draw the chapter."""
    flow.chapter(Chapter.GLOSSARY)
    pairs(flow, TERMS, label_width=34 * st.MM, label=st.TERM)
