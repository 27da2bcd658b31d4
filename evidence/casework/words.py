"""The closed words of the decision log and of interference: public facts.

Light, so that the command line offers them without loading what records them.
"""

from __future__ import annotations

from typing import Final

DECISIONS: Final = (
    "strategy",
    "measure",
    "search",
    "arrest",
    "protection",
    "disclosure",
    "non-disclosure",
    "cooperation",
    "referral",
    "resources",
    "closure",
    "other",
)
# What a second person can say of a decision.
ANSWERS: Final = ("agrees", "disagrees", "noted")
INTERFERENCE: Final = {
    "threat": "presumed threat",
    "bribe": "presumed bribe or benefit offered",
    "retraction": "retraction of a statement",
    "contact": "unwanted contact",
    "surveillance": "presumed surveillance",
    "other": "other presumed interference",
}
