"""What must not leave: one identifier, whose it is, and what kind of thing it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an identifier is; decides in which forms it is looked for."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"
    HANDLE = "handle"
    ACCOUNT = "account"
    ADDRESS = "address"
    PLACE = "place"
    BIRTH_DATE = "birth_date"
    DOCUMENT = "document"
    REFERENCE = "reference"
    DEVICE = "device"
    POSITION = "position"
    PARTICIPANT = "participant"
    FILE_NAME = "file_name"
    HOST = "host"
    USER = "user"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One thing to look for.

    Attributes:
        of: whose: ``PE-0001``, ``EX-0002``, ``case`` or ``machine``; never a name.
        number: counts the identifiers of one owner and kind from 1, in the order in
            which they were gathered, so that a finding can name one without showing it.
        value: as recorded. A position is ``latitude longitude`` in decimal degrees.
    """

    kind: Kind
    of: str
    number: int
    value: str
