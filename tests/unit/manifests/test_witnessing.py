"""Requests to a witness: one spelling each, bounded, and nothing else."""

from __future__ import annotations

import base64

import pytest

from manifests.checkpoint import Checkpoint, sign_checkpoint
from manifests.errors import MalformedError
from manifests.merkle import consistency_proof, leaf_hash, tree_root
from manifests.witnessing import (
    FORM,
    add_checkpoint_body,
    read_request,
    write_request,
)
from tests.vectors.signer import SeedSigner

LEAVES = [leaf_hash(bytes([n])) for n in range(7)]
SIGNER = SeedSigner(bytes(32))
HEAD = Checkpoint("log.example/x", 7, tree_root(LEAVES))
NOTE = sign_checkpoint(HEAD, SIGNER)
HASH = base64.b64encode(LEAVES[0]).decode()


def lines(*words: str) -> bytes:
    return "".join(f"{word}\n" for word in words).encode() + b"\n" + NOTE


def test_what_is_written_is_what_the_specification_shows() -> None:
    """The example body of C2SP tlog-witness, line by line."""
    proof = [base64.b64decode(HASH)] * 4
    body = add_checkpoint_body(20852014, proof, b"(note)")
    assert body == b"old 20852014\n" + f"{HASH}\n".encode() * 4 + b"\n(note)"


def test_read_back() -> None:
    proofs = {n: consistency_proof(LEAVES, n) if n else [] for n in (0, 3, 6, 7)}
    data = write_request(NOTE, proofs, [SIGNER.public])
    request = read_request(data)
    assert {n: list(p) for n, p in request.proofs.items()} == proofs
    assert (request.note, request.head, request.keys) == (NOTE, HEAD, (SIGNER.public,))
    assert data.startswith(f"{FORM}\nkey {SIGNER.public.text}\nold 0\nold 3\n".encode())


def test_a_protocol_body_is_read() -> None:
    proof = consistency_proof(LEAVES, 3)
    request = read_request(add_checkpoint_body(3, proof, NOTE))
    assert request.proofs == {3: tuple(proof)}
    assert request.keys == ()


BAD = {
    "nothing": b"",
    "a note alone": NOTE,
    "no note": b"old 0\n\n",
    "no old": lines(FORM),
    "no old, key only": lines(FORM, f"key {SIGNER.public.text}"),
    "other form": lines("custody.witness-request/v2", "old 0"),
    "old twice in a body": lines("old 0", "old 3", HASH),
    "old falls": lines(FORM, "old 3", HASH, "old 0"),
    "old repeats": lines(FORM, "old 3", HASH, "old 3", HASH),
    "old above": lines("old 8", HASH),
    "old zero with a proof": lines("old 0", HASH),
    "old size with a proof": lines("old 7", HASH),
    "leading zero": lines("old 03", HASH),
    "sign": lines("old +3", HASH),
    "no number": lines("old ", HASH),
    "two spaces": lines("old  3", HASH),
    "other digits": "old ３\n".encode() + b"\n" + NOTE,
    "huge": lines("old " + "9" * 5000, HASH),
    "64 hashes": lines("old 3", *[HASH] * 64),
    "short hash": lines("old 3", HASH[:40]),
    "unpadded": lines("old 3", HASH.rstrip("=")),
    "unused bits": lines("old 3", HASH[:-2] + "9="),
    "space": lines("old 3", HASH + " "),
    "line before": lines("hello", "old 3", HASH),
    "key after old": lines(FORM, "old 3", HASH, f"key {SIGNER.public.text}"),
    "key of another form": lines(FORM, "key AAAA", "old 0"),
    "17 keys": lines(FORM, *[f"key {SIGNER.public.text}"] * 17, "old 0"),
    "65 blocks": lines(FORM, *(f"old {n}" for n in range(65))),
    "carriage returns": lines("old 0").replace(b"\n", b"\r\n"),
    "byte order mark": b"\xef\xbb\xbf" + lines("old 0"),
    "too long": lines("old 0") + b"x" * (1 << 22),
    "empty line in the block": lines("old 3", "", HASH),
}


@pytest.mark.parametrize("what", BAD)
def test_refused(what: str) -> None:
    with pytest.raises(MalformedError):
        read_request(BAD[what])


def test_63_hashes_are_a_proof_that_may_come() -> None:
    assert len(read_request(lines("old 3", *[HASH] * 63)).proofs[3]) == 63
