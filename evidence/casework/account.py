"""An account: what an item says, and the exhibits, people and statements it rests on.

Interference, harm and proceeds are told alike. Only the exhibits are public.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evidence.casework.decisions import check_exhibits
from evidence.casework.numbers import STATEMENT, check_people, numbered
from manifests.canonical import Json
from manifests.entries import Entry


@dataclass(frozen=True, slots=True)
class Account:
    """What is told of an item.

    Attributes:
        exhibits: that show it (public); people: whom it is about, ``PE-0001``;
        statements: that tell of it, ``ST-0001``.
        fact: what was observed or reported; assessment: what somebody makes of it.
    """

    exhibits: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    fact: str = ""
    assessment: str = ""

    def sealed(self) -> dict[str, Json]:
        """Return what is sealed of it."""
        return {
            "assessment": self.assessment,
            "fact": self.fact,
            "people": list(self.people),
            "statements": list(self.statements),
        }

    def check(self, entries: Sequence[Entry]) -> None:
        """Refuse an account that names what the case has not.

        Raises:
            CaseworkUnknownError, ExhibitUnknownError: it does.
        """
        check_exhibits(entries, self.exhibits)
        check_people(entries, self.people)
        known = numbered(entries, STATEMENT)
        for number in self.statements:
            known.entry(number)
