"""The closed words of hand-overs; they stand in public facts and travel."""

from __future__ import annotations

CUSTODY = "custody"  # the folder of a package that holds its proofs
# How a package travels (Implementing Regulation (EU) 2025/1550 Annex 3.3.3 (a)(4)).
CHANNELS = (
    "usb",
    "disc",
    "email",
    "post",
    "courier",
    "in-person",
    "secure-link",
    "dits",
    "e-codex",
    "other",
)
# Why an offer is declined.
REASONS = (
    "not-competent",
    "no-legal-ground",
    "out-of-scope",
    "damaged",
    "differences",
    "unreadable-format",
    "not-ordered",
    "too-large",
    "duplicate",
    "refused-to-register",
    "other",
)
# How what was received is given back.
RETURNS = ("sent-back", "destroyed")
# What became of an offer.
OFFERED, OVERDUE = "offered", "overdue"
ACCEPTED, DIFFERENCES = "accepted", "accepted-with-differences"
DECLINED, RETURNED = "declined", "returned"
ANSWERS = (ACCEPTED, DIFFERENCES, DECLINED, RETURNED)  # that somebody signs
INFORMAL, EMERGENCY = "informal", "emergency"
STATES = (
    OFFERED,
    ACCEPTED,
    DIFFERENCES,
    DECLINED,
    OVERDUE,
    RETURNED,
    INFORMAL,
    EMERGENCY,
)
PACKED = "transfer_packed"  # kinds of annotate entries
ANSWERED = "transfer_answered"
SWEPT = "open_package_removed"  # what a crash left beside the case
MIN_DAYS, MAX_DAYS = 10, 45  # 2025/1550 Annex 3.3.3 (b)
MAX_EXHIBITS = 200  # of one offer: its entry has to hold their digests
MAX_ENCRYPTED = 150  # the same, where digests of keys or records stand there, too
MAX_WHOLE = 5_000
