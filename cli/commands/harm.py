"""`custody harm`: what somebody is presumed to have lost or suffered."""

from __future__ import annotations

from cli.losses import verbs
from evidence.casework.words import HARM

command = verbs(
    "harm",
    HARM,
    "Presumed harm, for a claim of compensation.",
)
