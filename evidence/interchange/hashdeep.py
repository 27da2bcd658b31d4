"""The files of a case's exhibits as a list of known hashes for hashdeep and md5deep.

Format: ``%%%% HASHDEEP-1.0`` (hashdeep 4). Names are relative to the case folder, so
that `cd CASE; hashdeep -r -l -a -k LIST exhibits` audits it. They are made of exhibit
numbers and fixed words: none needs escaping, which the format has not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evidence.interchange.source import Source
from manifests.canonical import Json
from manifests.verifying.expected import ExpectedExhibit


def hashdeep(source: Source) -> Iterator[bytes]:
    """Yield the list; exhibits erased under a tombstone stand in a comment only.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    yield b"%%%% HASHDEEP-1.0\n%%%% size,sha256,filename\n"
    yield f"## {source.origin}\n".encode("ascii")
    if source.head is not None:
        told = f"## {source.head.size} entries, root {source.head.root}\n"
        yield told.encode("ascii")
    yield b"## $ hashdeep -c sha256 -r -l -a -k LIST exhibits    (in the case folder)\n"
    for entry, expected in source.exhibits():
        if source.erased(expected.id):
            yield f"## {expected.id} was erased\n".encode("ascii")
            continue
        folder = f"exhibits/{expected.id}"
        size, digest = expected.payload_bytes, expected.payload_sha256
        yield f"{size},{digest},{folder}/{expected.payload_name}\n".encode("ascii")
        inventory = entry.facts.get("inventory")
        if isinstance(inventory, dict):
            yield _inventory(folder, expected, inventory)


def _inventory(
    folder: str, expected: ExpectedExhibit, told: Mapping[str, Json]
) -> bytes:
    size, digest = told.get("bytes"), told.get("sha256")
    if not isinstance(size, int) or not isinstance(digest, str):
        return f"## {expected.id}: no digest of its inventory\n".encode("ascii")
    name = f"{folder}/{expected.inventory_name}"
    return f"{size},{digest[:64]},{name}\n".encode("ascii", "replace")
