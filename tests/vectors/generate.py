"""Writes the vectors of format version 1 (README.md); deterministic.

Imports nothing of the project: lines are put together from the format's description,
so that the project's writer can be compared with them.

Usage: python tests/vectors/generate.py [FOLDER]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from building import Vector, pack
from checkpoint_vectors import checkpoint_vectors
from entry_vectors import entry_vectors
from key_vectors import key_vectors

SALT = "000102030405060708090a0b0c0d0e0f"


def sealed_vectors() -> Iterator[Vector]:
    record = {"name": "Žana Example", "salt": SALT, "serial": "SN-77"}
    good = pack(record)

    def vector(name: str, fault: str, comment: str, data: bytes) -> Vector:
        commitment = sha256(b"\0" + (good if "other" in name else data)).hexdigest()
        return Vector(
            f"sealed-{name}", fault, comment, data, (("commitment", commitment),)
        )

    def salted(salt: object) -> bytes:
        return pack({**record, "salt": salt})

    unsalted = pack({"name": "Žana Example"})
    wrong = pack({**record, "serial": "SN-78"})
    yield vector("ok-plain", "none", "A record and its commitment.", good)
    yield vector("malformed-no-salt", "shape", "Could be guessed.", unsalted)
    yield vector("malformed-short-salt", "shape", "15 bytes.", salted(SALT[:-2]))
    yield vector("malformed-word-salt", "shape", "Not hex.", salted("z" * 32))
    yield vector("malformed-upper-salt", "shape", "Upper case.", salted(SALT.upper()))
    yield vector("malformed-number-salt", "shape", "A number.", salted(1))
    yield vector("malformed-list", "shape", "A list.", b"[" + good + b"]")
    yield vector("malformed-space", "not-canonical", "A space after.", good + b" ")
    yield vector("wrong-commitment-other", "commitment", "Another record.", wrong)


def main() -> None:
    """Write every vector into the folder given, or into v1."""
    default = Path(__file__).resolve().parent / "v1"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    folder.mkdir(parents=True, exist_ok=True)
    for group in (entry_vectors, sealed_vectors, checkpoint_vectors, key_vectors):
        for vector in group():
            (folder / f"{vector.name}.txt").write_bytes(vector.file())


if __name__ == "__main__":
    main()
