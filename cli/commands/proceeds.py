"""`custody proceeds`: what somebody is presumed to have gained."""

from __future__ import annotations

from cli.losses import verbs
from evidence.casework.words import PROCEEDS

command = verbs(
    "proceeds",
    PROCEEDS,
    "Presumed proceeds, for confiscation and compensation.",
)
