"""Closed words of orders that the command line offers, too; light for its sake.

"" stands for what is not recorded.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

Kind = Literal["", "judge", "court", "investigating-judge", "prosecutor", "other"]
Threat = Literal["", "life", "physical-integrity", "safety", "critical-infrastructure"]
Deadline = Literal["", "10-days", "10-days-notified", "8-hours"]
Threshold = Literal[
    "",
    "max-3-years",
    "directive-2019-713",
    "directive-2011-93",
    "directive-2013-40",
    "directive-2017-541",
    "sentence-4-months",
]


def choices(words: Any) -> list[str]:
    """Return the words of one of these types, without ""."""
    return [word for word in get_args(words) if word]
