"""Witnesses in a report that names nobody who acted."""

from __future__ import annotations

import hashlib

from evidence.keyfile import FileSigner, new_signer
from evidence.report.unnamed import unnamed
from manifests.keys import PostQuantumKey
from manifests.verifying.anchors import Anchors
from manifests.verifying.witnesses import Witness


def pair(name: str, signer: FileSigner) -> tuple[Witness, Witness]:
    assert signer.post_quantum is not None
    return Witness(name, signer.public), Witness(name, signer.post_quantum.public)


def test_persons_are_called_by_their_keys_and_both_keys_alike() -> None:
    one, other = new_signer(), new_signer()
    # Two persons of one name stay two.
    told = unnamed(Anchors(witnesses=(*pair("Ada", one), *pair("Ada", other))))
    labels = [witness.label for witness in told.witnesses]
    ids = [hashlib.sha256(s.public.spki).hexdigest()[:16] for s in (one, other)]
    assert labels == [f"key {ids[0]}"] * 2 + [f"key {ids[1]}"] * 2
    assert [w.key for w in told.witnesses] == [
        w.key for s in (one, other) for w in pair("Ada", s)
    ]


def test_a_post_quantum_key_alone_is_called_by_itself() -> None:
    key = PostQuantumKey(bytes(range(256)) * 5 + bytes(32))
    (told,) = unnamed(Anchors(witnesses=(Witness("Ada", key),))).witnesses
    assert told.label == "key 0001020304050607"


def test_names_that_stand_in_notes_stay() -> None:
    named = Witness(
        "court.example/witness", new_signer().public, "court.example/witness"
    )
    assert unnamed(Anchors(witnesses=(named,))).witnesses == (named,)
