"""Neutral wording: nothing here states that somebody is a victim or an offender.

Who is a victim, a trafficker or guilty is for courts and competent authorities. So the
closed words and titles this program prints or signs say "presumed", and data files a
user brings are held to the same. Free text is a person's own, sealed, and not judged.
"""

from __future__ import annotations

import re

_ROLE = (
    r"(?:victims?|trafficke(?:r|rs|d)|perpetrators?|offenders?|criminals?|pimps?|"
    r"prostitutes?|exploiters?|smugglers?|guilty|liars?)"
)
_CLAIM = re.compile(
    rf"\b(?:is|are|was|were|been|being|am|isn t|isnt|s|as)\s+"
    rf"(?:(?:a|an|the|not|no|our|clearly|certainly|proven|true|real)\s+)*{_ROLE}\b",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?:(?:a|the|not|non) )?{_ROLE}", re.IGNORECASE)


def is_neutral(text: str) -> bool:
    """Tell whether `text` neither calls somebody a victim or offender, nor denies it.

    "Presumed victim", "possible trafficker" and "statement of the presumed victim" are
    neutral; "is a victim", "was the trafficker" and the bare word "victim" are not.
    """
    plain = " ".join(re.split(r"[\W_]+", text)).strip()
    return not _CLAIM.search(plain) and not _BARE.fullmatch(plain)
