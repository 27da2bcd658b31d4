"""Disclosures: the part of a case that one recipient gets. Only the forms are here.

A disclosure is a folder: ``disclosure.json`` (canonical JSON of the form `FORMAT`: the
disclosure's own entry with its inclusion proof, and which exhibits the folder holds),
and for each exhibit a proof file, its payload or not, and either its whole inventory
or chosen records of it, one `RecordLine` a line. Out of an encrypted exhibit goes the
recorded ciphertext with a key for the recipient, or an age file for the recipient with
the chosen records (`Enclosed`). Nothing in it is authenticated by itself;
`manifests.verifying.disclosures` judges it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from manifests import canonical
from manifests.canonical import Json
from manifests.entries import Entry, EntryType, read_entry
from manifests.errors import MalformedError, NewerFormatError
from manifests.proof import Placed, placed, read_placed
from manifests.sealing import MAX_RECORD_BYTES

NAME = "disclosure.json"
AGE = ".age"  # what the name of an encrypted file ends with
FORMAT = "custody-disclosure-1"
MAX_BYTES = 4 << 20
MAX_EXHIBITS = 1000
# A record is at most 8 MiB; as JSON text inside JSON it can double.
MAX_LINE_BYTES = 2 * MAX_RECORD_BYTES + 8192
# Chosen records that go encrypted are one age file, made and read in memory.
MAX_ENCLOSED_BYTES = 64 << 20
MAX_KEY_BYTES = 64 << 10
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_EXHIBIT = re.compile(r"EX-[0-9]{4,9}", re.ASCII)
_MEMBERS = {"entry", "exhibits", "format"}
_WHAT = "a disclosure"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What ``disclosure.json`` holds.

    Attributes:
        act: the disclose or transfer_out entry and its place in the checkpointed log.
        exhibits: numbers of the exhibits in the folder, in order.
    """

    act: Placed
    exhibits: tuple[str, ...]

    @property
    def entry(self) -> Entry:
        """The disclose entry, read."""
        return read_entry(self.act.line)


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What a disclosure's entry says of the encrypted files of one exhibit.

    Exactly one of them is given; SHA-256 in hex.

    Attributes:
        key: of the exhibit's key, encrypted to the recipient; "" without one.
        records: of the age file with the chosen records; "" without one.
    """

    key: str = ""
    records: str = ""

    @property
    def whole(self) -> bool:
        """Tell whether the recorded ciphertexts go, with the exhibit's key."""
        return bool(self.key)

    def facts(self) -> dict[str, Json]:
        """As it stands in the entry, among what is said of the exhibit."""
        names = {"key_sha256": self.key, "records_sha256": self.records}
        return {name: digest for name, digest in names.items() if digest}


def read_enclosed(told: Mapping[str, Json]) -> Enclosed | None:
    """Read what an entry says of one exhibit; None when nothing of it is encrypted.

    Raises:
        MalformedError: not of the form `Enclosed.facts`.
    """
    found = [told.get(name, "") for name in ("key_sha256", "records_sha256")]
    if found == ["", ""]:
        return None
    key, records = (text if isinstance(text, str) else "?" for text in found)
    if bool(key) == bool(records) or not _DIGEST.fullmatch(key or records):
        raise _malformed("its entry names no digest of an encrypted file")
    return Enclosed(key, records)


def given_of(entry: Entry) -> dict[str, Mapping[str, Json]]:
    """Return what an entry says was given of each exhibit, by its number."""
    told = entry.facts.get("exhibits")
    found: dict[str, Mapping[str, Json]] = {}
    for item in told if isinstance(told, list) else []:
        if isinstance(item, dict) and isinstance(item.get("exhibit"), str):
            found[str(item["exhibit"])] = item
    return found


def proof_name(exhibit: str) -> str:
    """Return the name of an exhibit's proof file in the folder."""
    return f"{exhibit}.tlog-proof"


def inventory_name(exhibit: str) -> str:
    """Return the name of a whole inventory in the folder."""
    return f"{exhibit}.inventory.jsonl"


def records_name(exhibit: str) -> str:
    """Return the name of the chosen records in the folder."""
    return f"{exhibit}.records.jsonl"


def key_name(exhibit: str) -> str:
    """Return the name of the exhibit's key, encrypted to the recipient."""
    return f"{exhibit}.key{AGE}"


def payload_name(exhibit: str, payload: str) -> str:
    """Return the name of a payload (``payload``, ``payload.tar``) in the folder."""
    return f"{exhibit}.{payload}"


def write_disclosure(disclosure: Disclosure) -> bytes:
    """Return the bytes of ``disclosure.json``.

    Raises:
        MalformedError: it would not be read back as given.
    """
    act = disclosure.act
    exhibits: list[Json] = list(disclosure.exhibits)
    value: dict[str, Json] = {
        "entry": placed(act, "entry"),
        "exhibits": exhibits,
        "format": FORMAT,
    }
    data = canonical.encode(value, what=_WHAT)
    if read_disclosure(data) != disclosure:
        raise MalformedError(what=_WHAT, reason="it would be read differently")
    return data


def write_record(record: Placed) -> bytes:
    """Return the line of a chosen record (no newline)."""
    return canonical.encode(placed(record, "record"), what="a disclosed record")


def read_disclosure(data: bytes) -> Disclosure:
    """Read ``disclosure.json`` without judging anything.

    Raises:
        MalformedError: not the prescribed form.
        NewerFormatError: of a newer version of this format.
    """
    value = canonical.decode_object(data, what=_WHAT, max_bytes=MAX_BYTES)
    form = value.get("format")
    if isinstance(form, str) and re.fullmatch(r"custody-disclosure-[0-9]{1,6}", form):
        found = int(form.rpartition("-")[2])
        if found > 1:
            raise NewerFormatError(what=_WHAT, found=found, known=1)
    if form != FORMAT or set(value) != _MEMBERS:
        raise _malformed(f"it is not of the form {FORMAT}")
    exhibits = value["exhibits"]
    if not isinstance(exhibits, list) or not 0 < len(exhibits) <= MAX_EXHIBITS:
        raise _malformed("it names no exhibits, or too many")
    names = [name for name in exhibits if isinstance(name, str)]
    whole = len(names) == len(exhibits) and all(map(_EXHIBIT.fullmatch, names))
    if not whole or names != sorted(set(names)):
        raise _malformed("its exhibits are not numbers in order")
    disclosure = Disclosure(
        read_placed(value["entry"], "entry", what=_WHAT), tuple(names)
    )
    if disclosure.entry.type not in (EntryType.DISCLOSE, EntryType.TRANSFER_OUT):
        raise _malformed("its entry does not disclose anything")
    return disclosure


def read_record(line: bytes) -> Placed:
    """Read the line of a chosen record (no newline).

    Raises:
        MalformedError: not the prescribed form.
    """
    value = canonical.decode_object(
        line, what="a disclosed record", max_bytes=MAX_LINE_BYTES
    )
    return read_placed(value, "record", what=_WHAT)


def _malformed(reason: str) -> MalformedError:
    return MalformedError(what=_WHAT, reason=reason)
