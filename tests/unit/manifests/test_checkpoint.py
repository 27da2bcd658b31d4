"""The example of the C2SP specification, openssl's verdict, and what is refused."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from manifests import checkpoint, note
from manifests.checkpoint import Checkpoint
from manifests.errors import MalformedError
from manifests.keys import PublicKey
from tests.vectors import openssl
from tests.vectors.signer import SeedSigner

# c2sp.org/tlog-checkpoint, the example
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URY"
    "N7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
).encode()
SIGNER = SeedSigner(
    bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
)
ROOT = bytes(range(32))
ROOT_TEXT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
HEAD = Checkpoint("case.example/1", 42, ROOT)
TEXT = f"case.example/1\n42\n{ROOT_TEXT}\n".encode()


def test_the_example_of_the_specification() -> None:
    signed = note.read_note(EXAMPLE)
    head = checkpoint.read_checkpoint(signed.text)
    root = "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert head == Checkpoint(
        "example.com/behind-the-sofa", 20852163, bytes.fromhex(root)
    )
    assert head.text == signed.text
    assert signed.signatures[0].name == head.origin


def test_known_text() -> None:
    assert HEAD.text == TEXT
    assert checkpoint.read_checkpoint(TEXT) == HEAD
    longer = Checkpoint("a", 0, ROOT, ("one", "two"))
    assert longer.text == f"a\n0\n{ROOT_TEXT}\none\ntwo\n".encode()
    assert checkpoint.read_checkpoint(longer.text) == longer


def test_openssl_verifies_the_bytes_of_the_note(tmp_path: Path) -> None:
    """Text and signature are cut out of the note here, without the project."""
    data = checkpoint.sign_checkpoint(HEAD, SIGNER)
    cut = data.index(b"\n\n") + 1
    text, line = data[:cut], data[cut + 1 :].decode()
    dash, name, blob = line.rstrip("\n").split(" ")
    assert (text, dash, name) == (TEXT, "—", "case.example/1")
    signature = base64.b64decode(blob)[4:]
    spki = SIGNER.public.spki
    assert openssl.is_signed(tmp_path, spki, text, signature)
    assert not openssl.is_signed(tmp_path, spki, text[:-1], signature)


def test_the_signed_note_reads_back() -> None:
    signed = note.read_note(checkpoint.sign_checkpoint(HEAD, SIGNER))
    assert checkpoint.read_checkpoint(signed.text) == HEAD
    assert checkpoint.is_signed_by(signed, "case.example/1", SIGNER.public)


def test_whose_signature_it_is_not() -> None:
    signed = note.read_note(checkpoint.sign_checkpoint(HEAD, SIGNER))
    other = SeedSigner(bytes(32)).public
    assert not checkpoint.is_signed_by(signed, "case.example/1", other)
    assert not checkpoint.is_signed_by(signed, "case.example/2", SIGNER.public)
    assert not checkpoint.is_signed_by(signed, "", SIGNER.public)
    unsigned = note.SignedNote(signed.text, ())
    assert not checkpoint.is_signed_by(unsigned, "case.example/1", SIGNER.public)


def test_a_key_of_another_type_with_the_same_bytes_does_not_count() -> None:
    """A cosignature (type 4) covers another message and has another key id."""
    name = "case.example/1"
    number = note.note_key_id(name, SIGNER.public.raw, kind=0x04)
    line = note.NoteSignature(name, number, SIGNER.sign(TEXT))
    signed = note.SignedNote(TEXT, (line,))
    assert not checkpoint.is_signed_by(signed, name, SIGNER.public)


def test_a_checkpoint_is_no_entry() -> None:
    """One key signs both: neither message can be taken for the other."""
    assert not TEXT.startswith(b"DSSEv1 ")
    with pytest.raises(MalformedError, match="no key name"):
        checkpoint.sign_checkpoint(Checkpoint("DSSEv1 37 a", 1, ROOT), SIGNER)


def with_line(number: int, line: str) -> bytes:
    lines = ["case.example/1", "42", ROOT_TEXT]
    lines[number] = line
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"\n\n\n",
        b"case.example/1\n42\n",
        TEXT[:-1],
        TEXT + b"\n",
        TEXT + b"one\n\ntwo\n",
        TEXT + b"one",
        b"\n" + TEXT,
        b"\xff" + TEXT,
        with_line(0, ""),
        *(
            with_line(1, size)
            for size in (
                *("", "042", "00", "+42", "-42", "-0", " 42", "42 ", "4 2", "0x2a"),
                *("4_2", "42.0", "4e1", "٤٢", "４２", "²", "forty-two"),
                *("9007199254740993", "1000000000000000", "9" * 100_000),
            )
        ),
        *(
            with_line(2, root)
            for root in (
                *("", "AA==", ROOT_TEXT[:-1], ROOT_TEXT + "=", ROOT_TEXT[:-2] + "9="),
                *(ROOT.hex(), "*" * 44, "é" * 44, base64.b64encode(bytes(33)).decode()),
                "-" + ROOT_TEXT[1:],
            )
        ),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_other_texts_are_refused(text: bytes) -> None:
    with pytest.raises(MalformedError):
        checkpoint.read_checkpoint(text)


def test_sizes_up_to_fifteen_digits() -> None:
    for size in ("0", "9", "10", "999999999999999"):
        assert checkpoint.read_checkpoint(with_line(1, size)).size == int(size)


@pytest.mark.parametrize(
    "head",
    [
        Checkpoint("", 1, ROOT),
        Checkpoint("a b", 1, ROOT),
        Checkpoint("a+b", 1, ROOT),
        Checkpoint("\ud800", 1, ROOT),
        Checkpoint("a\n7", 1, ROOT),
        Checkpoint("a\u2028b", 1, ROOT),
        Checkpoint("a", -1, ROOT),
        Checkpoint("a", 10**15, ROOT),
        Checkpoint("a", 1, ROOT[:31]),
        Checkpoint("a", 1, b""),
        Checkpoint("a", 1, ROOT, ("",)),
        Checkpoint("a", 1, ROOT, ("x\ny",)),
        Checkpoint("a", 1, ROOT, ("x\ty",)),
    ],
    ids=ascii,
)
def test_what_would_read_differently_is_not_signed(head: Checkpoint) -> None:
    with pytest.raises(MalformedError):
        checkpoint.sign_checkpoint(head, SIGNER)


def test_the_key_is_named_by_the_origin() -> None:
    data = checkpoint.sign_checkpoint(HEAD, SIGNER)
    (line,) = note.read_note(data).signatures
    vkey = note.vkey("case.example/1", SIGNER.public.raw)
    assert line.key_id.hex() == vkey.split("+")[1]
    assert PublicKey(note.read_vkey(vkey)[2]) == SIGNER.public
