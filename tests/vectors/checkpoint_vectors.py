"""Checkpoint notes, one fault each; used by generate.py."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from hashlib import sha256

from building import (
    CUSTODIAN,
    EMPTY_ROOT,
    ORIGIN,
    STRANGER,
    Key,
    Vector,
    flipped,
    larger_scalar,
    unused_bits,
)

# RFC 6962 sample leaves, as in the Certificate Transparency tests
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")
ROOT_7 = "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"


def head(
    *, size: str = "7", root: str = "", origin: str = ORIGIN, more: str = ""
) -> bytes:
    root = root or base64.b64encode(bytes.fromhex(ROOT_7)).decode()
    return f"{origin}\n{size}\n{root}\n{more}".encode()


def note_line(key: Key, text: bytes, name: str = ORIGIN) -> bytes:
    blob = base64.b64encode(key.note_id(name) + key.sign(text)).decode()
    return f"— {name} {blob}\n".encode()


def note(text: bytes, lines: bytes | None = None) -> bytes:
    return text + b"\n" + (note_line(CUSTODIAN, text) if lines is None else lines)


HEAD = head()
HEAD_LINE = note_line(CUSTODIAN, HEAD)


def blob_line(blob: bytes, name: str = ORIGIN) -> bytes:
    return f"— {name} {base64.b64encode(blob).decode()}\n".encode()


def notes_ok() -> Iterator[tuple[str, str, bytes]]:
    stranger = note_line(STRANGER, HEAD, "witness.example/w1")
    strange = blob_line(b"\xff\xff\xff\xff" + bytes(2420), "witness.example/pq")
    hollow = base64.b64encode(bytes.fromhex(EMPTY_ROOT)).decode()
    yield "plain", "Seven leaves.", note(HEAD)
    yield "empty", "The empty log.", note(head(size="0", root=hollow))
    yield "extension", "With an extension line.", note(head(more="kept as it is\n"))
    yield "witness-first", "A stranger's line first.", note(HEAD, stranger + HEAD_LINE)
    yield "other-algorithm", "A long unknown line.", note(HEAD, HEAD_LINE + strange)
    yield "64-lines", "As many lines as allowed.", note(HEAD, HEAD_LINE + stranger * 63)


def notes_malformed_block() -> Iterator[tuple[str, str, str, bytes]]:
    good, tail = note(HEAD), HEAD_LINE.decode()
    stranger = note_line(STRANGER, HEAD, "witness.example/w1")
    block, form = "no-signature-block", "signature-line"
    text = tail.rsplit(" ", 1)[1].strip()
    bits = tail.replace(text, unused_bits(text, 1))
    yield "no-blank", block, "No blank line.", HEAD + HEAD_LINE
    yield "no-signature", block, "Only the text.", HEAD
    yield "blank-only", block, "A blank line, no signature.", HEAD + b"\n"
    yield "cut", block, "The last newline is missing.", good[:-1]
    yield "blank-after", block, "A blank line at the end.", good + b"\n"
    yield "crlf", "control-character", "Windows lines.", good.replace(b"\n", b"\r\n")
    yield "tab", "control-character", "A tab.", note(head(origin="a\tb"), HEAD_LINE)
    yield "latin-1", "not-utf8", "Latin-1.", note(HEAD.replace(b"v", b"\xe9", 1))
    yield "hyphen", form, "A hyphen for the dash.", good.replace("—".encode(), b"-")
    two = note(HEAD, tail.replace("— ", "—  ").encode())
    yield "two-spaces", form, "Two spaces after the dash.", two
    yield "no-name", form, "No key name.", note(HEAD, f"— {text}\n".encode())
    named = HEAD_LINE.replace(b"case-1", b"case+1")
    yield "plus-name", form, "A plus in the name.", note(HEAD, named)
    wide = HEAD_LINE.replace(b"case-1", "case\u00a01".encode())
    yield "space-name", form, "A no-break space in the name.", note(HEAD, wide)
    word = note(HEAD, f"— {ORIGIN} ****\n".encode())
    yield "b64-word", "base64", "Not base64.", word
    yield "b64-bits", "base64", "Unused bits are set.", note(HEAD, bits.encode())
    yield "b64-after", "base64", "Text after.", note(HEAD, HEAD_LINE[:-1] + b" x\n")
    short = note(HEAD, blob_line(CUSTODIAN.note_id(ORIGIN)))
    yield "no-bytes", form, "A key id without signature.", short
    many = note(HEAD, HEAD_LINE + stranger * 64)
    yield "65-lines", "too-many-signatures", "65 signatures.", many


def notes_malformed_head() -> Iterator[tuple[str, str, str, bytes]]:
    lines = HEAD.splitlines(keepends=True)
    short = base64.b64encode(bytes(31)).decode()
    root = lines[2].decode().strip()
    yield "no-root", "lines", "The root line is missing.", note(lines[0] + lines[1])
    yield "no-origin", "lines", "The origin is empty.", note(b"\n" + HEAD[23:])
    blank = note(head(more="a\n\nb\n"))
    yield "blank-extension", "lines", "A blank extension line.", blank
    for name, size in (
        ("zero-before", "07"),
        ("plus", "+7"),
        ("minus", "-7"),
        ("hex", "0x7"),
        ("space", " 7"),
        ("underscore", "1_000"),
        ("arabic", "٧"),
        ("superscript", "²"),
        ("float", "7.0"),
        ("16-digits", "9007199254740992"),
    ):
        comment = "Not a size as prescribed."
        yield f"size-{name}", "size", comment, note(head(size=size))
    yield "root-short", "root", "31 bytes.", note(head(root=short))
    yield "root-hex", "root", "Hex, not base64.", note(head(root=ROOT_7))
    bits = note(head(root=unused_bits(root, 1)))
    yield "root-bits", "root", "Unused bits are set.", bits


def notes_bad() -> Iterator[tuple[str, str, str, bytes]]:
    mine, sig = CUSTODIAN.note_id(ORIGIN), CUSTODIAN.sign(HEAD)
    larger = head(size="8")
    spoiled = HEAD_LINE + blob_line(mine + flipped(sig, 9))
    fault = "signature"
    yield "bad-signature-size", fault, "Another size.", note(larger, HEAD_LINE)
    other = head(root=base64.b64encode(bytes(32)).decode())
    yield "bad-signature-root", fault, "Another root.", note(other, HEAD_LINE)
    bit = note(HEAD, blob_line(mine + flipped(sig, 9)))
    yield "bad-signature-bit", fault, "One bit differs.", bit
    twin = note(HEAD, blob_line(mine + larger_scalar(sig)))
    yield "bad-signature-malleated", fault, "S + group order.", twin
    short = note(HEAD, blob_line(mine + sig[:60]))
    yield "bad-signature-short", fault, "60 bytes.", short
    yield "bad-signature-second", fault, "A bad line beside.", note(HEAD, spoiled)
    cut = note(HEAD, blob_line(mine + CUSTODIAN.sign(HEAD[:-1])))
    yield "bad-signature-newline", fault, "Signed without the last newline.", cut
    unknown = "unknown-key"
    elsewhere = note(HEAD, note_line(STRANGER, HEAD))
    yield "unknown-key-id", unknown, "The name, another id.", elsewhere
    renamed = note(HEAD, blob_line(mine + sig, "vectors.example/case-2"))
    yield "unknown-key-name", unknown, "The id, another name.", renamed
    foreign = note(head(origin="vectors.example/case-2"))
    yield "wrong-origin-other", "origin", "The head of another log.", foreign
    yield "wrong-root-other", "root", "Not over these leaves.", note(other)
    yield "wrong-root-size", "root", "Not of these leaves' number.", note(larger)


def checkpoint_vectors() -> Iterator[Vector]:
    leaves = [sha256(b"\0" + bytes.fromhex(leaf)).hexdigest() for leaf in LEAVES]
    known = (("origin", ORIGIN), ("key", CUSTODIAN.vkey(ORIGIN)))
    full = (*known, *(("leaf", leaf) for leaf in leaves))
    for name, comment, data in notes_ok():
        extra = known if name == "empty" else full
        yield Vector(f"checkpoint-ok-{name}", "none", comment, data, extra)
    for group in (notes_malformed_block, notes_malformed_head):
        for name, fault, comment, data in group():
            yield Vector(f"checkpoint-malformed-{name}", fault, comment, data, full)
    for name, fault, comment, data in notes_bad():
        yield Vector(f"checkpoint-{name}", fault, comment, data, full)
