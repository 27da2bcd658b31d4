"""The closed words of retention, restriction and erasure: all public facts."""

from __future__ import annotations

from typing import Final

# On what a time of keeping, or of review, rests (LED Art. 5; GDPR Art. 5(1)(e)).
RULES: Final = {
    "statute": "a law fixes the time",
    "court-order": "a court fixed it",
    "policy": "the organisation's retention schedule",
    "limitation-period": "until the offence is time-barred",
    "final-judgment": "counted from the final judgment",
    "consent": "as long as a person's consent lasts",
    "periodic-review": "no end is fixed; it is looked at again (LED Art. 5)",
}

# Why the use of an exhibit is restricted, with the source.
RESTRICTIONS: Final = {
    "accuracy-contested": "LED Art. 16(3)(a); GDPR Art. 18(1)(a)",
    "kept-as-evidence": "LED Art. 16(3)(b)",
    "erasure-opposed": "GDPR Art. 18(1)(b)",
    "legal-claims": "GDPR Art. 18(1)(c)",
    "objection-pending": "GDPR Art. 18(1)(d)",
    "validation-missing": "Regulation (EU) 2023/1543 Art. 4(5)",
}
# While one of these lasts, an exhibit is not to be erased either.
AGAINST_ERASING: Final = frozenset(RESTRICTIONS) - {"validation-missing"}

# For these purposes what is restricted may still be used: it is kept as evidence.
EVIDENCE_PURPOSES: Final = frozenset(
    {
        "court",
        "court-hearing",
        "defence",
        "examination",
        "investigation",
        "legal-claims",
        "prosecution",
    }
)

# Why something is erased, with the source.
REASONS: Final = {
    "retention-ended": "LED Art. 4(1)(e), 5, 16(2); GDPR Art. 17(1)(a)",
    "unlawful": "LED Art. 16(2); GDPR Art. 17(1)(d)",
    "court-order": "an order to destroy",
    "legal-obligation": "LED Art. 16(2); GDPR Art. 17(1)(e)",
    "consent-withdrawn": "GDPR Art. 17(1)(b)",
    "objection": "GDPR Art. 17(1)(c)",
    "validation-refused": "Regulation (EU) 2023/1543 Art. 4(5)",
    "not-relevant": "LED Art. 4(1)(c); GDPR Art. 5(1)(c)",
    "acquired-in-error": "LED Art. 4(1)(c); GDPR Art. 5(1)(c)",
}

# Kinds of annotate entries.
HOLD: Final = "legal_hold"
HOLD_LIFTED: Final = "legal_hold_lifted"
DONE: Final = "erasure_done"
