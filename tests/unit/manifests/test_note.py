"""The examples of the C2SP specification and of Go's note package, and what is not."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from manifests import note
from manifests.checkpoint import is_signed_by
from manifests.errors import MalformedError
from manifests.keys import PublicKey
from manifests.note import NoteSignature, SignedNote
from tests.vectors import openssl

# c2sp.org/signed-note, the example
SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1"
    "Yu72IneyaQM=\n"
).encode()
# golang.org/x/mod/sumdb/note, the example and its second signer
GO_VKEYS = [
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop",
]
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKv"
    "qfqdngotpRZb6KE6RyyBwJnAM=\n"
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01o"
    "OTGwnWLox33WWd1RvMc+QQ=\n"
).encode()


def test_the_key_of_the_specification() -> None:
    name, kind, public = note.read_vkey(SPEC_VKEY)
    assert (name, kind, len(public)) == ("example.com/foo", 0x01, 32)
    assert note.note_key_id(name, public).hex() == "530d903a"
    assert note.vkey(name, public) == SPEC_VKEY


def test_the_note_of_the_specification(tmp_path: Path) -> None:
    signed = note.read_note(SPEC_NOTE)
    assert signed.text == b"This is an example message.\n"
    (line,) = signed.signatures
    assert (line.name, line.key_id.hex()) == ("example.com/foo", "530d903a")
    key = PublicKey(note.read_vkey(SPEC_VKEY)[2])
    assert key.is_signed(signed.text, line.signature)
    assert is_signed_by(signed, "example.com/foo", key)
    assert openssl.is_signed(tmp_path, key.spki, signed.text, line.signature)
    assert note.write_note(signed.text, [line]) == SPEC_NOTE


def test_the_note_of_go_with_two_signers() -> None:
    signed = note.read_note(GO_NOTE)
    assert [line.name for line in signed.signatures] == ["PeterNeumann", "EnochRoot"]
    for vkey in GO_VKEYS:
        name, kind, public = note.read_vkey(vkey)
        assert kind == note.ED25519
        assert note.vkey(name, public) == vkey
        assert is_signed_by(signed, name, PublicKey(public))
    assert not is_signed_by(signed, "EnochRoot", PublicKey(public[::-1]))
    assert note.write_note(signed.text, list(signed.signatures)) == GO_NOTE


def test_a_changed_text_is_not_signed() -> None:
    changed = note.read_note(GO_NOTE.replace(b"don't", b"do"))
    for vkey in GO_VKEYS:
        name, _, public = note.read_vkey(vkey)
        assert not is_signed_by(changed, name, PublicKey(public))


def test_a_bad_line_of_a_known_key_spoils_the_note() -> None:
    """As the specification recommends; an unknown key's line never does."""
    name, _, public = note.read_vkey(SPEC_VKEY)
    good = note.read_note(SPEC_NOTE)
    bad = NoteSignature(name, good.signatures[0].key_id, bytes(64))
    strange = NoteSignature("example.com/bar", good.signatures[0].key_id, bytes(64))
    other_id = NoteSignature(name, b"\0\0\0\0", bytes(64))
    key = PublicKey(public)
    first = good.signatures[0]
    for lines in ((first, bad), (bad, first), (bad,), (strange,), (other_id,)):
        assert not is_signed_by(SignedNote(good.text, lines), name, key)
    for lines in ((first, strange, other_id), (first, first)):
        assert is_signed_by(SignedNote(good.text, lines), name, key)


def test_the_text_may_hold_empty_lines_and_what_looks_like_signatures() -> None:
    text = b"\n\na\n\n\xe2\x80\x94 example.com/foo AAAA\n\nb\n\n\n"
    lines = [NoteSignature("k", b"1234", b"\0")]
    assert note.read_note(note.write_note(text, lines)) == SignedNote(
        text, tuple(lines)
    )
    assert note.write_note(text, lines) == text + "\n— k MTIzNAA=\n".encode()


def test_key_ids_depend_on_name_type_and_key() -> None:
    key = bytes(32)
    ids = {
        note.note_key_id(name, public, kind=kind)
        for name in ("a", "b")
        for public in (key, key[1:])
        for kind in (0x01, 0x04, 0x06)
    }
    assert len(ids) == 12


def raw_vkey(name: str, raw: bytes) -> str:
    body = base64.b64encode(raw).decode()
    return f"{name}+{note.note_key_id(name, raw[1:], kind=raw[0]).hex()}+{body}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "++",
        "example.com/foo",
        "example.com/foo+530d903a",
        SPEC_VKEY + "\n",
        " " + SPEC_VKEY,
        SPEC_VKEY[:-1],
        SPEC_VKEY[:-4],
        SPEC_VKEY.replace("foo", "bar"),
        SPEC_VKEY.replace("530d903a", "530d903b"),
        SPEC_VKEY.replace("530d903a", "530D903A"),
        SPEC_VKEY.replace("530d903a", ""),
        SPEC_VKEY.replace("AekyeRrm", "AekyeRrn"),
        SPEC_VKEY.replace("AekyeRrm", "AukyeRrm"),
        SPEC_VKEY.replace("AekyeRrm", "é"),
        SPEC_VKEY.replace("example", "\ud800"),
        raw_vkey("", b"\x01" + bytes(32)),
        raw_vkey("a b", b"\x01" + bytes(32)),
        raw_vkey("a\u2003b", b"\x01" + bytes(32)),
        raw_vkey("a\nb", b"\x01" + bytes(32)),
        raw_vkey("a", b"\x01"),
        "a+e3b0c442+",
    ],
    ids=ascii,
)
def test_other_texts_are_no_verifier_keys(text: str) -> None:
    with pytest.raises(MalformedError):
        note.read_vkey(text)


def test_every_part_of_a_verifier_key_is_no_verifier_key() -> None:
    whole = range(len(SPEC_VKEY) + 1)
    for start in whole:
        for end in range(start, len(SPEC_VKEY) + 1):
            if (start, end) != (0, len(SPEC_VKEY)):
                with pytest.raises(MalformedError):
                    note.read_vkey(SPEC_VKEY[start:end])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no signature block"),
        (b"\n", "no signature block"),
        (b"\n\n", "no signature block"),
        (b"text\n", "no signature block"),
        (b"text\n\n", "no signature block"),
        (SPEC_NOTE[:-1], "no signature block"),
        (SPEC_NOTE + b"\n", "no signature block"),
        (SPEC_NOTE.replace(b"\n\n", b"\n"), "no signature block"),
        (SPEC_NOTE + b"more\n", "signature line"),
        (SPEC_NOTE.replace("—".encode(), b"-"), "signature line"),
        (SPEC_NOTE.replace("—".encode(), "–".encode()), "signature line"),
        (SPEC_NOTE.replace("— ".encode(), "—".encode()), "signature line"),
        (SPEC_NOTE.replace("— ".encode(), "—  ".encode()), "signature line"),
        (SPEC_NOTE.replace("— ".encode(), " — ".encode()), "signature line"),
        (SPEC_NOTE.replace(b"example.com/foo ", b""), "signature line"),
        (SPEC_NOTE.replace(b"com/foo", b"com+foo"), "signature line"),
        (SPEC_NOTE.replace(b"com/foo", "com\u3000foo".encode()), "signature line"),
        (SPEC_NOTE.replace(b"foo Uw2Q", b"foo  Uw2Q"), "not base64"),
        (SPEC_NOTE.replace(b"aQM=", b"aQN="), "not base64"),
        (SPEC_NOTE.replace(b"aQM=", b"aQM"), "not base64"),
        (SPEC_NOTE.replace(b"aQM=", b"aQM= "), "not base64"),
        (SPEC_NOTE.replace(b"Uw2Q", b"Uw-_"), "not base64"),
        ("a\n\n— k MTIzNA==\n".encode(), "too short"),
        ("a\n\n— k \n".encode(), "too short"),
        (b"\xff" + SPEC_NOTE, "not UTF-8"),
        (SPEC_NOTE.replace(b"an", b"\xed\xa0\x80"), "not UTF-8"),
        (SPEC_NOTE.replace(b" is", b"\tis"), "control"),
        (SPEC_NOTE.replace(b" is", b"\0is"), "control"),
        (SPEC_NOTE.replace(b" is", b"\x1fis"), "control"),
        (SPEC_NOTE.replace(b" is", b"\x1b[2Jis"), "control"),
        (SPEC_NOTE.replace(b"\n", b"\r\n"), "control"),
        (b"a\n" * (1 << 19) + SPEC_NOTE, "too long"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_other_bytes_are_no_notes(data: bytes, reason: str) -> None:
    with pytest.raises(MalformedError, match=reason):
        note.read_note(data)


def test_the_number_of_signatures_is_bounded() -> None:
    line = NoteSignature("k", b"1234", bytes(64))
    assert len(note.read_note(note.write_note(b"a\n", [line] * 64)).signatures) == 64
    signed = note.write_note(b"a\n", [line])
    _, _, tail = signed.partition(b"\n\n")
    with pytest.raises(MalformedError, match="too many"):
        note.read_note(b"a\n\n" + tail * 65)
    with pytest.raises(MalformedError, match="too many"):
        note.write_note(b"a\n", [line] * 65)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"no newline", NoteSignature("k", b"1234", b"s")),
        (b"", NoteSignature("k", b"1234", b"s")),
        (b"a\r\n", NoteSignature("k", b"1234", b"s")),
        (b"\xff\n", NoteSignature("k", b"1234", b"s")),
        (b"a\n", NoteSignature("", b"1234", b"s")),
        (b"a\n", NoteSignature("a b", b"1234", b"s")),
        (b"a\n", NoteSignature("a+b", b"1234", b"s")),
        (b"a\n", NoteSignature("k x\n— l", b"1234", b"s")),
        (b"a\n", NoteSignature("\ud800", b"1234", b"s")),
        (b"a\n", NoteSignature("k", b"123", b"s")),
        (b"a\n", NoteSignature("k", b"12345", b"s")),
        (b"a\n", NoteSignature("k", b"1234", b"")),
    ],
)
def test_what_would_not_read_back_is_not_written(
    text: bytes, line: NoteSignature
) -> None:
    with pytest.raises(MalformedError):
        note.write_note(text, [line])


def test_a_note_without_signatures_is_not_written() -> None:
    with pytest.raises(MalformedError):
        note.write_note(b"a\n", [])
