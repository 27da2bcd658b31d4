"""Terms of CASE/UCO 1.4 JSON-LD: namespaces, typed values, words out of entries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha1

import msgspec

from evidence.authority import register
from manifests.canonical import Json
from manifests.entries import Entry

_UCO = "https://ontology.unifiedcyberontology.org/uco"
CONTEXT = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "kb": "urn:uuid:",
    "uco-action": f"{_UCO}/action/",
    "uco-core": f"{_UCO}/core/",
    "uco-identity": f"{_UCO}/identity/",
    "uco-observable": f"{_UCO}/observable/",
    "uco-role": f"{_UCO}/role/",
    "uco-tool": f"{_UCO}/tool/",
    "uco-types": f"{_UCO}/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MAX_WORD = 200
_SHA256 = re.compile(r"[0-9a-f]{64}")
Node = dict[str, object]
VALID = {
    "startTime": ("valid_from", "issued_at", "given_at"),
    "endTime": ("valid_until",),
}


def facts_ground(entry: Entry) -> Mapping[str, Json]:
    """Return the first ground inside a case_open entry, or nothing."""
    ground = entry.facts.get("ground")
    return ground if isinstance(ground, dict) else {}


def word(value: Json) -> str:
    """Return text cut to `MAX_WORD` characters, "" for anything else."""
    return value[:MAX_WORD] if isinstance(value, str) else ""


def is_digest(text: str) -> bool:
    """Tell whether a text is a SHA-256 in hex."""
    return _SHA256.fullmatch(text) is not None


_ENCODER = msgspec.json.Encoder(order="sorted")


def encoded(value: object) -> bytes:
    """Return JSON with sorted keys, UTF-8, without spaces."""
    return _ENCODER.encode(value)


def uuid5(space: bytes, name: str) -> str:
    """Return a UUID of version 5 (RFC 9562 section 5.5) as text.

    As `uuid.uuid5`, in a fifth of the time: an entry takes twenty.
    """
    told = sha1(space + name.encode("utf-8"), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(told[16], 16) & 3]
    rest = f"5{told[13:16]}-{variant}{told[17:20]}-{told[20:32]}"
    return f"{told[:8]}-{told[8:12]}-{rest}"


@lru_cache(maxsize=64)
def is_time(text: str) -> bool:
    """As `evidence.authority.register.is_time`; one entry asks several times."""
    return register.is_time(text)


def typed(value: str, kind: str) -> Node:
    """Return a literal of a type of XML Schema."""
    return {"@type": f"xsd:{kind}", "@value": value}


def time_value(text: str) -> Node:
    """Return an xsd:dateTime."""
    return typed(text, "dateTime")


def hash_value(digest: str) -> Node:
    """Return an xsd:hexBinary."""
    return typed(digest, "hexBinary")
