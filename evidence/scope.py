"""What an act is about, so that a legal ground can be asked whether it covers it.

Every act that touches evidence names its ground (`authority` of the entry): an
authority ``AU-0001`` or a consent ``CO-0001``. A ground answers with refusals, each
with a stable code; an act with refusals happens only with an override, whose codes are
public facts of the entry and whose reason is sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Touch(StrEnum):
    """How an act touches evidence: the verbs of LED Art. 25(1) that need a ground."""

    COLLECT = "collect"
    ALTER = "alter"
    CONSULT = "consult"
    DISCLOSE = "disclose"
    COMBINE = "combine"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody is about to do.

    Attributes:
        touch: the verb.
        at: UTC time of the act, RFC 3339 with six fractional digits and ``Z``.
        exhibits: exhibits concerned; empty for an exhibit not yet acquired.
        categories: data categories of Regulation (EU) 2023/1543 Art. 3(9)-(12).
        data_from, data_to: UTC times the data spans; "" when unknown.
        recipient: pseudonym or key name of who receives; "" when nobody does.
        purpose: word for the purpose, from the ground's own list; "" when none given.
    """

    touch: Touch
    at: str
    exhibits: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    data_from: str = ""
    data_to: str = ""
    recipient: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a ground does not cover an act.

    Attributes:
        code: stable, upper case with underscores, e.g. ``AUTHORITY_EXPIRED``.
        text: one sentence without personal data.
    """

    code: str
    text: str


class Ground(Protocol):
    """A legal ground as recorded in a case."""

    @property
    def id(self) -> str:
        """Its number in the case, e.g. ``AU-0001`` or ``CO-0001``."""

    def refusals(self, scope: Scope) -> Sequence[Refusal]:
        """Return why it does not cover `scope`; empty when it does."""
