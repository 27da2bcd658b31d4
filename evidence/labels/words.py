"""The closed words of labels: purposes, kinds of recipients, words of quality.

They stand in public facts and travel. The purposes are those of the consent ledger, and
`INTELLIGENCE`, which no consent names.
"""

from __future__ import annotations

INTELLIGENCE = "intelligence"
JUDICIAL = ("prosecution", "court-hearing", "defence", "compensation")
PURPOSES = (
    INTELLIGENCE,
    "own-copy",
    "support",
    "legal-advice",
    "safekeeping",
    "identification",
    "protection",
    "investigation",
    *JUDICIAL,
    "residence-asylum",
    "public-report",
)
RECIPIENTS = (
    "police",
    "prosecutor",
    "court",
    "defence",
    "victim-counsel",
    "ngo",
    "other-authority",
    "foreign-authority",
    "public",
)
# LED Art. 7(2): what is told of the quality of what is transmitted.
QUALITY = {
    "accuracy": ("accurate", "partly-accurate", "inaccurate", "unknown"),
    "completeness": ("complete", "partial", "unknown"),
    "reliability": ("reliable", "partly-reliable", "unreliable", "unknown"),
}
