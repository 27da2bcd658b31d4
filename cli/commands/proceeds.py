"""`custody proceeds`: what somebody is presumed to have gained."""

from __future__ import annotations

from cli.losses import verbs

command = verbs(
    "proceeds",
    ("cash", "transfer", "crypto-asset", "goods", "property", "other"),
    "Presumed proceeds, for confiscation and compensation.",
)
