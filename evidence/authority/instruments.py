"""The instruments an authority can be, as data: what each can ground, and its rules.

Sources: Regulation (EU) 2023/1543 (e-Evidence), Budapest Convention (CETS 185) and its
Second Additional Protocol (CETS 224), Directive 2014/41/EU (EIO). What national law
asks beyond that is not known here: an instrument that fits its data is not therefore
lawful, and nothing here says that evidence is admissible.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from evidence.scope import Touch

SUBSCRIBER: Final = "subscriber"
IDENTIFICATION: Final = "identification_only"
TRAFFIC: Final = "traffic"
CONTENT: Final = "content"
CATEGORIES: Final = (SUBSCRIBER, IDENTIFICATION, TRAFFIC, CONTENT)
_ALL = frozenset(CATEGORIES)
_LOW = frozenset({SUBSCRIBER, IDENTIFICATION})
_EVERY_TOUCH = frozenset(Touch)
_KEEPING = frozenset({Touch.COLLECT})  # preserved, not yet to be looked into
_OWN = frozenset(Touch) - {Touch.DISCLOSE}


class Instrument(StrEnum):
    """Closed set of instruments, as written in public facts."""

    EPOC = "epoc"
    EPOC_PR = "epoc-pr"
    EIO = "eio"
    WARRANT = "warrant"
    COURT_ORDER = "court-order"
    PRODUCTION = "production"
    MLA = "mla"
    LETTER_ROGATORY = "letter-rogatory"
    JIT = "jit"
    CONSENT = "consent"
    VOLUNTARY = "voluntary"
    OWN_INITIATIVE = "own-initiative"
    VITAL_INTEREST = "vital-interest"
    EMERGENCY = "emergency"
    CETS185_16 = "cets185-16"
    CETS185_17 = "cets185-17"
    CETS185_18 = "cets185-18"
    CETS185_19 = "cets185-19"
    CETS185_29 = "cets185-29"
    CETS185_31 = "cets185-31"
    CETS185_32 = "cets185-32"
    CETS224_6 = "cets224-6"
    CETS224_7 = "cets224-7"
    CETS224_8 = "cets224-8"
    CETS224_9 = "cets224-9"
    CETS224_10 = "cets224-10"
    CETS224_12 = "cets224-12"


@dataclass(frozen=True, slots=True)
class Rules:
    """What an instrument can ground.

    Attributes:
        title: for people.
        law: where it stands; "" for national law.
        categories: data categories it can ground (2023/1543 Art. 3(9)-(12)).
        touches: acts it can ground.
        prosecutor: categories a public prosecutor may ask for without a judge.
        emergency: it knows an emergency (2023/1543 Art. 3(18), CETS 224 Art. 3(2)(c)).
        ex_post: categories for which it may be issued first and validated afterwards.
        threshold: categories for which a threshold of the offence must be named.
        stored: only data already stored when it is received (2023/1543 Art. 3(8)).
        preserves: days of preservation it orders; 0 when it orders none.
        prolongs: days it can be prolonged by, once; 0 when the law fixes none.
    """

    title: str
    law: str = ""
    categories: frozenset[str] = _ALL
    touches: frozenset[Touch] = _EVERY_TOUCH
    prosecutor: frozenset[str] = _ALL
    emergency: bool = False
    ex_post: frozenset[str] = frozenset()
    threshold: frozenset[str] = frozenset()
    stored: bool = False
    preserves: int = 0
    prolongs: int = 0


_EU = "Regulation (EU) 2023/1543"
_BUDAPEST = "Budapest Convention (CETS 185)"
_SECOND = "Second Additional Protocol (CETS 224)"

RULES: Final[dict[Instrument, Rules]] = {
    Instrument.EPOC: Rules(
        "European Production Order (EPOC)",
        f"{_EU} Art. 4, 5 and Annex I",
        prosecutor=_LOW,
        emergency=True,
        ex_post=_LOW,
        threshold=frozenset({TRAFFIC, CONTENT}),
        stored=True,
    ),
    Instrument.EPOC_PR: Rules(
        "European Preservation Order (EPOC-PR)",
        f"{_EU} Art. 4(3), 6 and Annex II",
        touches=_KEEPING,
        emergency=True,
        ex_post=_ALL,
        stored=True,
        preserves=60,
        prolongs=30,
    ),
    Instrument.EIO: Rules("European Investigation Order", "Directive 2014/41/EU"),
    Instrument.WARRANT: Rules("Search or seizure warrant"),
    Instrument.COURT_ORDER: Rules("Court order"),
    Instrument.PRODUCTION: Rules("National production order"),
    Instrument.MLA: Rules("Mutual legal assistance"),
    Instrument.LETTER_ROGATORY: Rules("Letter rogatory"),
    Instrument.JIT: Rules("Joint investigation team agreement"),
    Instrument.CONSENT: Rules("Consent, on paper", touches=_OWN),
    Instrument.VOLUNTARY: Rules("Voluntary handing over"),
    Instrument.OWN_INITIATIVE: Rules("Own initiative", touches=_OWN),
    Instrument.VITAL_INTEREST: Rules(
        "Vital interest of a person", "GDPR Art. 6(1)(d), 9(2)(c)", emergency=True
    ),
    Instrument.EMERGENCY: Rules("Emergency measure of national law", emergency=True),
    Instrument.CETS185_16: Rules(
        "Expedited preservation",
        f"{_BUDAPEST} Art. 16",
        touches=_KEEPING,
        preserves=90,
    ),
    Instrument.CETS185_17: Rules(
        "Preservation and partial disclosure of traffic data",
        f"{_BUDAPEST} Art. 17",
        categories=frozenset({TRAFFIC}),
    ),
    Instrument.CETS185_18: Rules("Production order", f"{_BUDAPEST} Art. 18"),
    Instrument.CETS185_19: Rules("Search and seizure", f"{_BUDAPEST} Art. 19"),
    Instrument.CETS185_29: Rules(
        "Preservation for another State",
        f"{_BUDAPEST} Art. 29",
        touches=_KEEPING,
        preserves=60,
    ),
    Instrument.CETS185_31: Rules("Assistance in access", f"{_BUDAPEST} Art. 31"),
    Instrument.CETS185_32: Rules("Access across borders", f"{_BUDAPEST} Art. 32"),
    Instrument.CETS224_6: Rules(
        "Domain name registration information",
        f"{_SECOND} Art. 6",
        categories=frozenset({SUBSCRIBER}),
    ),
    Instrument.CETS224_7: Rules(
        "Direct disclosure of subscriber information",
        f"{_SECOND} Art. 7",
        categories=frozenset({SUBSCRIBER}),
    ),
    Instrument.CETS224_8: Rules(
        "Giving effect to orders of another Party",
        f"{_SECOND} Art. 8",
        categories=frozenset({SUBSCRIBER, TRAFFIC}),
    ),
    Instrument.CETS224_9: Rules(
        "Expedited disclosure in an emergency", f"{_SECOND} Art. 9", emergency=True
    ),
    Instrument.CETS224_10: Rules(
        "Emergency mutual assistance", f"{_SECOND} Art. 10", emergency=True
    ),
    Instrument.CETS224_12: Rules("Joint investigation team", f"{_SECOND} Art. 12"),
}


def rules_of(name: object) -> Rules | None:
    """Return the rules of an instrument as written; None for an unknown one."""
    try:
        return RULES[Instrument(str(name))]
    except ValueError:
        return None
