"""Lists of digests that somebody signed with OpenPGP: clear-signed, or beside."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from evidence.parsing.base import Json
from evidence.peers.claims import Form, Reading
from evidence.peers.openpgp import Judged, Keys, Verdict, clear_text, judge_detached
from evidence.peers.signatures import weigh
from evidence.peers.sums import read_sums

ENDINGS = (".asc", ".sig", ".gpg", ".sign")
KEY_FILES = ("pubkey.asc", "KEYS", "KEYS.asc")
_CLEAR_MARK = b"-----BEGIN PGP SIGNED MESSAGE-----"
Fetch = Callable[[str], bytes | None]


def unsigned(name: str) -> str:
    """Return ``SHA256SUMS`` of ``SHA256SUMS.asc``; other names as they are."""
    stem, dot, ending = name.rpartition(".")
    return stem if stem and dot + ending.lower() in ENDINGS else name


def read_signed(name: str, fetch: Fetch, keys: Keys, *, base: str = "") -> Reading:
    """Read a list and judge what signs it.

    Args:
        name: of the list, the clear-signed list, or a detached signature.
        fetch: returns the bytes of a file of that folder, or None if it is not there.
        keys: those given from elsewhere; `KEY_FILES` of the folder are added.
        base: folder its paths count from.
    """
    raw, plain = fetch(name) or b"", unsigned(name)
    clear = clear_text(raw)
    if clear is not None:
        data: bytes | None = clear[0]
        signatures = [clear[1]]
    elif plain != name:
        data, signatures = fetch(plain), [raw]
    else:
        found = (fetch(name + ending) for ending in ENDINGS)
        data = raw
        signatures = [one for one in found if one and clear_text(one) is None]
    reading = Reading(Form.SUMS)
    if data is not None:
        reading = read_sums(data, name=plain, base=base)
    if clear is None and _CLEAR_MARK in raw:
        reading.damaged = True
        reading.faults.append("It is clear-signed in part, or more than once.")
    if signatures or keys.expected:
        told = _judge(data, signatures, keys, fetch)
        weigh(reading, [(plain, one) for one in told], keys)
        if keys.refused:
            reading.limits.append("A public key beside it cannot be read.")
    return reading


def _judge(
    data: bytes | None, signatures: list[bytes], keys: Keys, fetch: Fetch
) -> list[Judged]:
    if data is None:
        return [Judged(Verdict.ABSENT, detail="what it signs is not here")]
    for name in KEY_FILES:
        content = fetch(name)
        if content:
            keys.add(content)
    return [one for raw in signatures for one in judge_detached(data, raw, keys)]


class Given:
    """OpenPGP keys given from elsewhere; a new set of keys for each proof."""

    def __init__(self, options: Mapping[str, Json]) -> None:
        self._expected = frozenset(_texts(options.get("expected")))
        self._data = _texts(options.get("keys"))

    def keys(self) -> Keys:
        """Return them; what comes with a proof is added to that proof's alone."""
        made = Keys(self._expected)
        for one in self._data:
            made.add(base64.b64decode(one))
        return made


def _texts(value: Json) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
