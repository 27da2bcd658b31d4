"""What for somebody looks at sealed content: closed words, public facts.

Light, so that the command line offers them without loading what records a look. What
they mean stands in docs/reference/led-log.md.
"""

from __future__ import annotations

from typing import Final

PURPOSES: Final = (
    "investigation",
    "examination",
    "disclosure",
    "court",
    "protection",
    "quality",
    "data-subject",
    "supervision",
    "security",
)
