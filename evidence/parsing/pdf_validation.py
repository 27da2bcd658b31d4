"""Validation data a signed PDF carries: certificates, CRLs and OCSP responses.

The document security store (ETSI EN 319 142-1 5.4.2) may be appended by anybody after
the signature, so nothing may stand in it but what belongs there: `odd` names what else
does. Its values are sent as they are; they are judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pikepdf import Array, Dictionary, Stream

MAX_VALUES = 1000
MAX_BYTES = 16 << 20  # of all values together, decoded
_KINDS = {"/Certs": "certificate", "/CRLs": "crl", "/OCSPs": "response"}
_RELATED = {"/Cert": "certificate", "/CRL": "crl", "/OCSP": "response"}
_STREAM_KEYS = {"/Length", "/Filter", "/DecodeParms", "/Type"}
_PLAIN = (Dictionary, Array, Stream)


class StoreError(ValueError):
    """It holds more than is looked at; the text says what."""


def odd(store: Any) -> bool:
    """Tell whether a store holds what is no validation data."""
    if not isinstance(store, Dictionary) or set(store.keys()) - {
        "/Type", "/VRI", *_KINDS,
    }:  # fmt: skip
        return True
    related = store.get("/VRI", Dictionary())
    if not isinstance(related, Dictionary):
        return True
    for one in (related[key] for key in related.keys() if key != "/Type"):  # noqa: SIM118 - no mapping
        if not isinstance(one, Dictionary) or set(one.keys()) - {
            "/Type", "/TU", "/TS", *_RELATED,
        }:  # fmt: skip
            return True
        if isinstance(one.get("/TU"), _PLAIN) or _is_odd_stream(one.get("/TS")):
            return True
    return any(_is_odd_stream(stream) for _, stream in _values(store))


def values(store: Any) -> Iterator[tuple[str, bytes]]:
    """Yield kind (certificate, crl, response) and bytes of each value, each once.

    Raises:
        StoreError: too many, or too long.
    """
    seen: set[tuple[str, tuple[int, int]]] = set()
    total = 0
    for kind, stream in _values(store):
        if not isinstance(stream, Stream) or (kind, stream.objgen) in seen:
            continue
        seen.add((kind, stream.objgen))
        data = stream.read_bytes()
        total += len(data)
        if len(seen) > MAX_VALUES or total > MAX_BYTES:
            raise StoreError("it carries too much validation data")
        yield kind, data


def _values(store: Any) -> Iterator[tuple[str, Any]]:
    for key, kind in _KINDS.items():
        for one in _members(store, key):
            yield kind, one
    related = store.get("/VRI", Dictionary())
    if not isinstance(related, Dictionary):
        return
    for name in related.keys():  # noqa: SIM118 - no mapping
        for key, kind in _RELATED.items():
            for one in _members(related[name], key):
                yield kind, one


def _members(holder: Any, key: str) -> list[Any]:
    found = holder.get(key) if isinstance(holder, Dictionary) else None
    if found is None:
        return []
    return [*found] if isinstance(found, Array) else [found]


def _is_odd_stream(value: Any) -> bool:
    if value is None:
        return False
    return not isinstance(value, Stream) or bool(set(value.keys()) - _STREAM_KEYS)
