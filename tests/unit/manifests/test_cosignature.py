"""Cosignatures against the example and the layouts of C2SP tlog-cosignature."""

from __future__ import annotations

import base64
import struct

import pytest

from manifests import cosignature
from manifests.checkpoint import read_checkpoint
from manifests.cosignature import Cosigner
from manifests.errors import MalformedError
from manifests.keys import PublicKey
from manifests.note import NoteSignature, read_note, vkey

# c2sp.org/tlog-cosignature: the example, and the message its time gives. The witness's
# key is not published with it, so the signature itself cannot be verified.
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URY"
    "N7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWX"
    "EhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
).encode()
MESSAGE = (
    b"cosignature/v1\n"
    b"time 1679315147\n"
    b"example.com/behind-the-sofa\n"
    b"20852163\n"
    b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
)


def test_the_example_of_the_specification() -> None:
    signed = read_note(EXAMPLE)
    line = signed.signatures[1]
    (time,) = struct.unpack(">Q", line.signature[:8])
    assert (line.name, line.key_id.hex()) == ("witness.example.com/w1", "8d66cf3f")
    assert len(line.signature) == 72
    assert cosignature.classical_message(time, signed.text) == MESSAGE


def test_the_post_quantum_structure() -> None:
    head = read_checkpoint(read_note(EXAMPLE).text)
    message = cosignature.post_quantum_message(
        "witness.example.com/w1", 1679315147, head
    )
    assert message == (
        b"subtree/v1\n\x00"
        b"\x16witness.example.com/w1"
        b"\x00\x00\x00\x00\x64\x18\x50\xcb"
        b"\x1bexample.com/behind-the-sofa"
        b"\x00\x00\x00\x00\x00\x00\x00\x00"
        b"\x00\x00\x00\x00\x01\x3e\x2d\xc3"
        + base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    )


def test_a_time_beyond_2_to_the_63() -> None:
    signed = read_note(EXAMPLE)
    cosigner = Cosigner("w", PublicKey(bytes(31) + b"\x09"))
    line = NoteSignature("w", cosigner.note_id, struct.pack(">Q", 2**63) + bytes(64))
    head = read_checkpoint(signed.text)
    assert cosigner.time_of(line, signed.text, head) == -1


@pytest.mark.parametrize("kind", [0x01, 0x02, 0x05, 0xFF])
def test_keys_that_are_no_cosigner_s(kind: int) -> None:
    with pytest.raises(MalformedError):
        Cosigner.from_vkey(vkey("w.example", bytes(32), kind=kind))
