"""The closed words of the decision log, of interference, and of harm and proceeds.

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
# What was lost or gained, and how somebody knows it: sealed.
HARM: Final = {
    "wages": "wages not paid",
    "earnings": "other earnings lost",
    "medical": "cost of treatment and care",
    "property": "property lost or damaged",
    "non-material": "non-material harm",
    "other": "other harm",
}
PROCEEDS: Final = {
    "cash": "cash",
    "transfer": "transfer of money",
    "crypto-asset": "crypto-asset",
    "goods": "goods or services",
    "property": "land or other property",
    "other": "other proceeds",
}
KNOWN: Final = ("document", "statement", "calculation", "estimate", "other")
