"""Bundles of ProofMode, as its Android and iOS apps write them.

``HASH.proof.csv`` or ``.proof.json`` states ``File Hash SHA256`` and more of a medium;
``HASH.asc`` is a detached OpenPGP signature over the medium itself, ``X.asc`` one over
``X``; ``pubkey.asc`` is the key of the device.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from typing import Any, cast

from evidence.peers.claims import Claim, Form, Note, Reading, is_digest
from evidence.peers.members import Digests, View, Zip, read_small
from evidence.peers.openpgp import (
    MAX_KEYS_BYTES,
    MAX_SIGNATURE_BYTES,
    MAX_SIGNED_BYTES,
    Judged,
    Keys,
    Verdict,
    judge_detached,
)
from evidence.peers.signatures import weigh
from evidence.peers.sums import read_csv, text_of

_MAX_DOCUMENT = 32 << 20
_MAX_PROOFS = 10_000
_STATEMENT = re.compile(r"(.*)\.proof\.(csv|json)", re.DOTALL)
_HASH_FIELD = "File Hash SHA256"
_KEY, _SIGNED = "pubkey.asc", ".asc"
_PROOFS = (_SIGNED, ".ots", ".devicecheck", ".attest", ".gst", ".proof", ".c2pa")


def is_statement(name: str) -> bool:
    """Tell whether a file states what is known of a medium."""
    return _STATEMENT.fullmatch(name) is not None


def read_proofmode(view: Zip, keys: Keys, beside: View | None = None) -> Reading:
    """Read the digests a bundle states, and judge its signatures.

    Args:
        keys: those given from elsewhere; the bundle's own are added.
        beside: the exhibit a bundle lies beside; it may hold what is signed.

    Raises:
        ValueError: it holds too much.
    """
    reading = Reading(Form.PROOFMODE, inside=True)
    names = view.names()
    proofs = [name for name in names if is_statement(name)]
    if len(proofs) > _MAX_PROOFS:
        raise ValueError("the bundle holds too many proofs")
    own = {name: _digest(view, name) for name in names if not _is_proof(name)}
    stated: dict[str, list[str]] = {}
    for name in proofs:
        stated[name] = said = _stated(read_small(view, name, _MAX_DOCUMENT), name)
        if not said:
            reading.unread += 1
        for digest in said:
            # The name of a proof is the digest of its file; the file keeps its own.
            path = next((n for n, value in own.items() if value == digest), None)
            stem = _stem(name)
            if is_digest(stem, "sha256") and stem != digest:
                reading.faults.append("A proof is named after another file's digest.")
            reading.add(Claim("sha256", digest, path or f"(file of {name})"))
    covered = {claim.path for claim in reading.claims}
    media = [name for name in own if not name.lower().endswith((".txt", ".html"))]
    reading.unlisted += [name for name in media if name not in covered]
    if view.doubled:
        reading.faults.append("The archive holds two files of one name.")
    held = _judge_signatures(_Signed(view, own, beside), keys, reading)
    reached = {d for name in held for d in (*stated.get(name, ()), own.get(name, ""))}
    if held and any(own[name] not in reached for name in media):
        reading.notes.add(Note.PARTLY)
        reading.short = True
        reading.limits.append("No signature that holds reaches some of its files.")
    if any(name.endswith(".ots") for name in names):
        reading.notes.add(Note.TIME)
        reading.limits.append("Its OpenTimestamps proofs were not checked.")
    return reading


def _digest(view: Zip, name: str) -> str:
    with view.open(name) as stream:
        return hashlib.file_digest(cast("Any", stream), "sha256").hexdigest()


def _stem(name: str) -> str:
    return name.rpartition("/")[2].split(".")[0].lower()


def _is_proof(name: str) -> bool:
    return is_statement(name) or name.lower().endswith(_PROOFS)


class _Signed:
    """What signatures of a bundle can be over: its files, and those of the exhibit."""

    def __init__(self, view: Zip, own: dict[str, str], beside: View | None) -> None:
        self.view, self._own, self._beside = view, own, beside
        self._names = set(view.names())
        self._by_digest: dict[str, tuple[View, str]] = {
            digest: (view, name) for name, digest in own.items()
        }
        self._looked = beside is None

    def find(self, name: str) -> tuple[View, str] | None:
        """Return X of ``X.asc``, or the medium whose digest the name is."""
        plain = name[: -len(_SIGNED)]
        if plain in self._names:
            return self.view, plain
        found = self._by_digest.get(_stem(name))
        if found is None and not self._looked and self._beside is not None:
            self._looked = True
            digests = Digests(self._beside)
            for one in self._beside.names():
                digest = digests.of(one, ["sha256"])["sha256"]
                self._by_digest.setdefault(digest, (self._beside, one))
            found = self._by_digest.get(_stem(name))
        return found


def _judge_signatures(over: _Signed, keys: Keys, reading: Reading) -> set[str]:
    """Judge every signature; return the files of the bundle one holds over."""
    signed = [n for n in over.view.names() if n.lower().endswith(_SIGNED)]
    for name in [n for n in signed if _is_key(n)]:
        keys.add(_small(over.view, name, MAX_KEYS_BYTES) or b"")
    if keys.refused:
        reading.damaged = True
        reading.faults.append("A public key in it cannot be read.")
    told: list[tuple[str, Judged]] = []
    for name in signed:
        if not _is_key(name):
            place = over.find(name)
            shown = place[1] if place else name
            told += [(shown, one) for one in _judge(over.view, name, place, keys)]
    weigh(reading, told, keys)
    failed = {name for name, one in told if one.verdict is not Verdict.HOLDS}
    return {name for name, _ in told} - failed


def _is_key(name: str) -> bool:
    return name.lower().endswith(_KEY)


def _small(view: View, name: str, limit: int) -> bytes | None:
    """Return a file, or None when it is longer than `limit`."""
    if view.size(name) > limit:
        return None
    return read_small(view, name, limit)


def _judge(
    view: Zip, name: str, place: tuple[View, str] | None, keys: Keys
) -> list[Judged]:
    if place is None:
        return [Judged(Verdict.ABSENT, detail="what it signs is not here")]
    raw = _small(view, name, MAX_SIGNATURE_BYTES) or b""
    return judge_detached(_small(*place, MAX_SIGNED_BYTES), raw, keys)


def _stated(data: bytes, name: str) -> list[str]:
    """Return the SHA-256 digests a proof states of its file."""
    text = text_of(data)
    values: list[object] = []
    try:
        if name.endswith(".json"):
            value = json.loads(text)
            if isinstance(value, dict):
                values.append(value.get(_HASH_FIELD))
        else:
            rows = read_csv(text)
            if rows and _HASH_FIELD in rows[0]:
                column = rows[0].index(_HASH_FIELD)
                values += [row[column] for row in rows[1:] if len(row) > column]
            else:  # older builds write a name and a value a line
                values += [row[1] for row in rows if row[:1] == [_HASH_FIELD]]
    except (ValueError, RecursionError, csv.Error, IndexError):
        return []
    found = [v.strip().lower() for v in values if isinstance(v, str)]
    return list(dict.fromkeys(v for v in found if is_digest(v, "sha256")))
