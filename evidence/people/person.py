"""A person as the register describes them, and the form of such a description.

Every field is sealed, the category too. Categories are those of Directive (EU)
2016/680 Art. 6: suspect (a), convicted (b), victim (c), other (d); and staff.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from evidence.people_errors import PersonRefusedError
from manifests.canonical import Json

MAX_VALUES = 200  # of one field
MAX_TEXT = 2000  # characters of one value
MAX_NOTE = 100_000
MAX_FILE_BYTES = 4 << 20
_ADULT = 18


class Category(StrEnum):
    """What a person is in the proceedings."""

    SUSPECT = "suspect"
    CONVICTED = "convicted"
    VICTIM = "victim"
    OTHER = "other"
    STAFF = "staff"


# Fields that hold a list of texts; each value identifies the person.
LISTS = (
    "names",
    "aliases",
    "phones",
    "emails",
    "handles",
    "accounts",
    "addresses",
    "places",
    "documents",
    "serials",
    "imeis",
    "keys",
)
# Fields that hold one text.
TEXTS = ("category", "birth_date", "note")
FIELDS = (*LISTS, *TEXTS)


@dataclass(frozen=True, slots=True)
class Person:
    """One person, as the newest entries about them say.

    Attributes:
        id: pseudonym, ``PE-0001``.
        fields: what is known now; {} when the sealed records are not available.
        former: values of lists that an alteration took away: they still identify.
        entries: sequence numbers of the entries about the person.
        merged_into: pseudonym of the person this one turned out to be; "" else.
    """

    id: str
    fields: Mapping[str, Json]
    former: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entries: tuple[int, ...] = ()
    merged_into: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """Return the present values of a field that is a list."""
        return texts(self.fields.get(name))

    @property
    def category(self) -> str:
        """The category, "" when it is not available."""
        return str(self.fields.get("category") or "")

    def is_minor(self, today: date) -> bool:
        """Tell whether the person is, or must be presumed, below 18.

        Whose age is unknown is presumed a minor (Directive 2011/36/EU Art. 13(2)),
        staff excepted.
        """
        try:
            born = date.fromisoformat(str(self.fields.get("birth_date") or ""))
        except ValueError:
            return self.category != Category.STAFF
        years = today.year - born.year
        return years - ((today.month, today.day) < (born.month, born.day)) < _ADULT


def texts(value: Json) -> tuple[str, ...]:
    """Return the texts in a list, () when it is none."""
    if not isinstance(value, list):
        return ()
    return tuple(member for member in value if isinstance(member, str))


def read_file(data: bytes) -> dict[str, Json]:
    """Return the fields a JSON file gives.

    Raises:
        PersonRefusedError: it is not an object of known fields.
    """
    if len(data) > MAX_FILE_BYTES:
        raise PersonRefusedError(reason="the file is too large")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise PersonRefusedError(reason="the file is not JSON") from error
    if not isinstance(value, dict):
        raise PersonRefusedError(reason="the file does not hold an object")
    return checked(value)


def checked(value: Mapping[str, Json]) -> dict[str, Json]:
    """Return the fields of a description, normalised (NFC, without outer space).

    Raises:
        PersonRefusedError: a field is unknown, or a value not of its form. The reason
            names the field, never the value.
    """
    found: dict[str, Json] = {}
    for name, given in value.items():
        if name in LISTS:
            found[name] = _list(name, given)
        elif name in TEXTS:
            found[name] = _text(name, given)
        else:
            raise PersonRefusedError(reason="it has a field that is not known")
    return found


def _list(name: str, given: Json) -> list[Json]:
    if not isinstance(given, list) or len(given) > MAX_VALUES:
        raise PersonRefusedError(reason=f"{name} is not a list, or too long")
    values = [_one(name, text, MAX_TEXT) for text in given]
    if name in ("phones", "imeis"):
        for text in values:
            if sum(char.isdigit() for char in text) < 5:
                raise PersonRefusedError(reason=f"a value of {name} is no number")
    if name == "emails" and not all("@" in text for text in values):
        raise PersonRefusedError(reason="an address of e-mail has no @")
    return list(dict.fromkeys(values))


def _text(name: str, given: Json) -> str:
    if name == "category" and given not in [c.value for c in Category]:
        known = ", ".join(c.value for c in Category)
        raise PersonRefusedError(reason=f"the category is none of {known}")
    if given == "" and name != "category":
        return ""
    text = _one(name, given, MAX_NOTE if name == "note" else MAX_TEXT)
    if name == "birth_date":
        try:
            date.fromisoformat(text)
        except ValueError as error:
            reason = "the date of birth is not of the form YYYY-MM-DD"
            raise PersonRefusedError(reason=reason) from error
    return text


def _one(name: str, given: Json, most: int) -> str:
    if not isinstance(given, str):
        raise PersonRefusedError(reason=f"a value of {name} is not text")
    try:
        text = unicodedata.normalize("NFC", given).strip()
        text.encode("utf-8")
    except UnicodeError as error:
        raise PersonRefusedError(reason=f"{name} is not Unicode text") from error
    if not text or len(text) > most:
        raise PersonRefusedError(reason=f"a value of {name} is empty or too long")
    return text
