"""What travels to a witness and back: a checkpoint with proofs; cosignature lines.

Two forms are read. The request file of this project begins with its name, then `key`
lines (the log's key, so that a person can compare it) and, for each size a witness may
have seen last, ``old N`` and the consistency proof from N, one base64 hash a line; an
empty line; the checkpoint note. The body of a C2SP tlog-witness add-checkpoint call is
one such block alone.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from manifests.canonical import base64_bytes
from manifests.checkpoint import Checkpoint, read_checkpoint
from manifests.errors import MalformedError
from manifests.keys import PublicKey
from manifests.merkle import HASH_BYTES
from manifests.note import (
    MAX_NOTE_BYTES,
    NoteSignature,
    SignedNote,
    read_note,
    write_note,
)

FORM = "custody.witness-request/v1"
MAX_PROOF = 63  # hashes of one proof (C2SP tlog-witness)
MAX_BLOCKS = 64
MAX_KEYS = 16
MAX_REQUEST_BYTES = MAX_NOTE_BYTES + (1 << 20)
_OLD = re.compile(r"old (0|[1-9][0-9]{0,14})")


@dataclass(frozen=True, slots=True)
class Request:
    """A checkpoint that asks to be cosigned.

    Attributes:
        note: the note's bytes; `signed` and `head` are what it says.
        proofs: old size to the consistency proof from it to the head.
        keys: keys the sender says the log has; nothing rests on them.
    """

    note: bytes
    signed: SignedNote
    head: Checkpoint
    proofs: Mapping[int, tuple[bytes, ...]]
    keys: tuple[PublicKey, ...] = ()


def write_request(
    note: bytes, proofs: Mapping[int, Sequence[bytes]], keys: Sequence[PublicKey]
) -> bytes:
    """Return the request file.

    Raises:
        MalformedError: it would not be read back.
    """
    lines = [FORM, *(f"key {key.text}" for key in keys)]
    for old in sorted(proofs):
        lines += _block(old, proofs[old])
    data = "".join(f"{line}\n" for line in lines).encode("ascii") + b"\n" + note
    read_request(data)
    return data


def add_checkpoint_body(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """Return the body of a C2SP add-checkpoint call."""
    lines = "".join(f"{line}\n" for line in _block(old, proof))
    return lines.encode("ascii") + b"\n" + note


def _block(old: int, proof: Sequence[bytes]) -> list[str]:
    return [f"old {old}", *(base64.b64encode(node).decode("ascii") for node in proof)]


def read_request(data: bytes) -> Request:
    """Read a request file or an add-checkpoint body. No proof is verified here.

    Raises:
        MalformedError: neither form.
    """
    if len(data) > MAX_REQUEST_BYTES:
        raise _refused("it is too long")
    if b"\r" in data:
        reason = "its line ends were changed on the way; send it as an attachment"
        raise _refused(reason)
    beginning, separator, note = data.partition(b"\n\n")
    if not separator or not beginning.isascii():
        raise _refused("it has no checkpoint")
    signed = read_note(note)
    head = read_checkpoint(signed.text)
    if head.size == 0:
        raise _refused("its checkpoint covers nothing")
    lines = beginning.decode("ascii").split("\n")
    keys: tuple[PublicKey, ...] = ()
    if lines[0] == FORM:
        end = next((n for n, line in enumerate(lines) if line[:4] == "old "), None)
        keys = _keys(lines[1:end])
        lines = [] if end is None else lines[end:]
    elif sum(line.startswith("old ") for line in lines) != 1:
        raise _refused("it is no request to a witness")
    return Request(note, signed, head, dict(_blocks(lines, head.size)), keys)


def _refused(reason: str) -> MalformedError:
    return MalformedError(what="The request to a witness", reason=reason)


def _keys(lines: list[str]) -> tuple[PublicKey, ...]:
    if len(lines) > MAX_KEYS or not all(line.startswith("key ") for line in lines):
        raise _refused("its key lines have not their form")
    return tuple(PublicKey.from_text(line.removeprefix("key ")) for line in lines)


def _blocks(lines: list[str], size: int) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    """Yield (old size, proof); the sizes grow, and none is above the head's."""
    starts = [n for n, line in enumerate(lines) if line.startswith("old ")]
    if len(starts) > MAX_BLOCKS or starts[:1] != [0]:
        raise _refused("it holds no proof, or too many")
    before = -1
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        match = _OLD.fullmatch(lines[start])
        if match is None or not before < int(match[1]) <= size:
            raise _refused("an old size is not right")
        before = int(match[1])
        proof = lines[start + 1 : end]
        if len(proof) > MAX_PROOF or (proof and before in (0, size)):
            raise _refused("a proof is too long")
        yield before, tuple(_hash(line) for line in proof)


def _hash(line: str) -> bytes:
    try:
        found = base64_bytes(line)
    except ValueError as error:
        raise _refused("a hash is not base64") from error
    if len(found) != HASH_BYTES:
        raise _refused("a hash is not 32 bytes")
    return found


def write_cosignatures(lines: list[NoteSignature]) -> bytes:
    """Return the bytes of a cosignature file.

    `manifests.verifying.heads.read_cosignatures` reads it.

    Raises:
        MalformedError: it would not be read back as given.
    """
    return write_note(b"-\n", lines).removeprefix(b"-\n\n")
