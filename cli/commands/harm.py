"""`custody harm`: what somebody is presumed to have lost or suffered."""

from __future__ import annotations

from cli.losses import verbs

command = verbs(
    "harm",
    ("wages", "earnings", "medical", "property", "non-material", "other"),
    "Presumed harm, for a claim of compensation.",
)
