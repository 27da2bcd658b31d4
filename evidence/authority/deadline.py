"""Something that falls due: what `authority.deadlines` and `retention.due` work out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from evidence.authority.register import moment
from evidence.clock import utc_text

GIVEN: Final = "as recorded"  # the rule of what nobody had to compute


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that falls due.

    Attributes:
        id: stable in a case, e.g. ``AU-0001-production``.
        about: what it belongs to: AU-0001, BR-0001, or an entry.
        title: what has to be done, without personal data.
        due: UTC, as `clock.utc_text` writes it; "" when its beginning is not recorded.
        law: the article.
        after: what happens, or may happen, when it passes.
        rule: how the period was computed.
        met: what ended it, in words; "" while it is open.
        ends: it is the end of something rather than a duty: once it has passed, it is
            over and nobody is late.
    """

    id: str
    about: str
    title: str
    due: str
    law: str
    after: str
    rule: str
    met: str = ""
    ends: bool = False

    def status(self, now: str, within: timedelta) -> str:
        """Return "met", "unknown", "passed", "over", "due" (in the window), "later"."""
        if self.met:
            return "met"
        if not self.due:
            return "unknown"
        if self.due < now:
            return "over" if self.ends else "passed"
        return "due" if self.due <= utc_text(moment(now) + within) else "later"
