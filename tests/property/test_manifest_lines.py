"""Laws of sealed records, entry lines, notes and checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests import canonical, checkpoint, entries, note, sealing
from manifests.entries import Act, Clock, Entry, EntryType
from manifests.errors import MalformedError
from manifests.keys import PublicKey
from manifests.note import NoteSignature, SignedNote
from manifests.verifying.verdict import Axis
from tests.vectors.signer import SeedSigner

SIGNER = SeedSigner(sha256(b"a key of these tests").digest())
KEY = SIGNER.public
ORIGIN = "case.example/1"
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
NAMES = st.text(st.characters(max_codepoint=0x7F), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = st.dictionaries(NAMES, VALUES, max_size=4)
ACTS = st.builds(
    Act,
    st.sampled_from(EntryType),
    TEXT,
    FIELDS,
    exhibits=st.lists(TEXT, max_size=3).map(tuple),
    authority=st.none() | TEXT,
    private=st.none() | st.binary(min_size=32, max_size=32),
)
CLOCK = Clock("2026-03-01T09:30:00.000000Z", 1500, "unknown", None)


@given(FIELDS, st.binary(min_size=16, max_size=16))
@settings(max_examples=100, deadline=None)
def test_sealed_records_round_trip(fields: dict[str, Any], salt: bytes) -> None:
    fields.pop("salt", None)
    line = sealing.seal(fields, salt=salt)
    assert sealing.unseal(line) == {**fields, "salt": salt.hex()}
    assert sealing.commitment(line) == sha256(b"\0" + line).digest()
    other = bytes([salt[0] ^ 1]) + salt[1:]
    assert sealing.commitment(sealing.seal(fields, salt=other)) != sealing.commitment(
        line
    )


def write(act: Act, seq: int = 0) -> bytes:
    return entries.write_entry(
        act, CLOCK, origin=ORIGIN, seq=seq, prev=entries.NO_PREVIOUS, signer=SIGNER
    )


def is_signed_entry(line: bytes) -> bool:
    """What a verifier with one known key asks of a line."""
    entry = entries.read_entry(line)
    message = entries.pre_authentication_encoding(entries.body_bytes(line))
    return any(
        key == KEY.id and KEY.is_signed(message, s) for key, s in entry.signatures
    )


@given(ACTS, st.integers(0, 2**53 - 1))
@settings(max_examples=80, deadline=None)
def test_entries_round_trip(act: Act, seq: int) -> None:
    line = write(act, seq)
    assert is_signed_entry(line)
    entry = entries.read_entry(line)
    assert (entry.seq, entry.type, entry.facts) == (seq, act.type, act.facts)
    assert (entry.exhibits, entry.private) == (act.exhibits, act.private)
    assert (entry.body["authority"], entry.body["role"]) == (act.authority, act.role)


PLAIN = st.text("abc019 _-{}[]:,", max_size=8)
LOOSE_FACTS = st.dictionaries(
    st.sampled_from(["a", "b", "B", "a b", "9", "", "{", "é"]) | st.sampled_from(Axis),
    st.recursive(
        st.none()
        | st.booleans()
        | st.sampled_from([0, -1, 2**53 - 1, 2**53, -(2**53)])
        | st.sampled_from(EntryType)
        | PLAIN
        | TEXT,
        lambda inner: (
            st.lists(inner, max_size=3).map(tuple)
            | st.lists(inner, max_size=3)
            | st.dictionaries(PLAIN, inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)
LOOSE_ACTS = st.builds(
    Act,
    st.sampled_from(EntryType),
    PLAIN,
    LOOSE_FACTS,
    exhibits=st.lists(PLAIN | st.sampled_from(EntryType), max_size=2).map(tuple),
    private=st.none() | st.binary(min_size=31, max_size=33),
)


@given(LOOSE_ACTS)
@settings(max_examples=150, deadline=None)
def test_what_is_signed_is_what_a_reader_reads(act: Act) -> None:
    """The writer does not read plain lines again; it must say what reading would."""
    try:
        made = sign(act)
    except MalformedError:
        return
    read = entries.read_entry(made.line)
    assert repr(made) == repr(read)


@pytest.mark.parametrize("text", ["x", "é", "\n"])
@pytest.mark.parametrize("facts", [28, 29, 30, 31, 32])
def test_too_deep_for_a_reader_is_too_deep_for_the_writer(
    facts: int, text: str
) -> None:
    """`facts` stands two levels deep in a line of at most 32."""
    value: Any = text
    for _ in range(facts - 1):
        value = [value]
    act = Act(EntryType.ANNOTATE, "examiner", {"value": value})
    if facts <= canonical.MAX_DEPTH - 2:
        assert entries.read_entry(sign(act).line).facts == {"value": value}
    else:
        with pytest.raises(MalformedError, match="nested deeper"):
            sign(act)


@pytest.mark.parametrize("text", ["x", "é", "\n"])
def test_as_long_as_a_line_may_be(text: str) -> None:
    act = Act(EntryType.ANNOTATE, "examiner", {"t": text, "x": ""})
    room = entries.MAX_LINE_BYTES - len(sign(act).line)
    longest = Act(EntryType.ANNOTATE, "examiner", {"t": text, "x": "x" * room})
    assert len(sign(longest).line) == entries.MAX_LINE_BYTES
    longer = Act(EntryType.ANNOTATE, "examiner", {"t": text, "x": "x" * (room + 1)})
    with pytest.raises(MalformedError):
        sign(longer)


def sign(act: Act) -> Entry:
    return entries.sign_entry(
        act, CLOCK, origin=ORIGIN, seq=7, prev="ab" * 32, signer=SIGNER
    )


def holds(check: Callable[[bytes], bool], data: bytes) -> bool:
    """Whether `check` passes; `MalformedError` is the only way to refuse."""
    try:
        return check(data)
    except MalformedError:
        return False


def flips(data: bytes) -> list[bytes]:
    """Every text that differs from `data` in one bit."""
    return [
        data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
        for at in range(len(data))
        for bit in range(8)
    ]


def test_every_flipped_bit_of_a_signed_line_is_found() -> None:
    facts = {"text": "Ž\n", "signatures": ["x"]}
    line = write(Act(EntryType.ANNOTATE, "examiner", facts, private=bytes(32)))
    assert is_signed_entry(line)
    assert [bad for bad in flips(line) if holds(is_signed_entry, bad)] == []


@given(ACTS, st.data())
@settings(max_examples=100, deadline=None)
def test_a_changed_byte_of_a_signed_line_is_found(act: Act, data: Any) -> None:
    line = write(act)
    at = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(at, min(at + 3, len(line))))
    changed = line[:at] + data.draw(st.binary(max_size=3)) + line[end:]
    assert holds(is_signed_entry, changed) == (changed == line)


@given(ACTS, ACTS)
@settings(max_examples=100, deadline=None)
def test_a_signature_fits_one_body_only(act: Act, other: Act) -> None:
    line, second = write(act), write(other, 1)
    mixed = line.replace(entries.body_bytes(line), entries.body_bytes(second), 1)
    assert not holds(is_signed_entry, mixed)


LINES = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=("Cs",)), max_size=20
)
NOTE_TEXTS = st.lists(LINES, min_size=1, max_size=5).map(
    lambda lines: "".join(f"{line}\n" for line in lines).encode()
)
NOTE_NAMES = st.text(
    st.characters(
        min_codepoint=0x21, exclude_categories=("Cs", "Zs", "Zl", "Zp", "Cc")
    ).filter(lambda char: char != "+" and not char.isspace()),
    min_size=1,
    max_size=12,
)
SIGNATURES = st.builds(
    NoteSignature,
    NOTE_NAMES,
    st.binary(min_size=4, max_size=4),
    st.binary(min_size=1, max_size=70),
)


@given(NOTE_TEXTS, st.lists(SIGNATURES, min_size=1, max_size=5))
@settings(max_examples=80, deadline=None)
def test_notes_round_trip(text: bytes, signatures: list[NoteSignature]) -> None:
    data = note.write_note(text, signatures)
    assert note.read_note(data) == SignedNote(text, tuple(signatures))
    assert data.startswith(text + b"\n")


@given(NOTE_NAMES, st.binary(min_size=1, max_size=40), st.integers(0, 255))
@settings(max_examples=100, deadline=None)
def test_verifier_keys_round_trip(name: str, public: bytes, kind: int) -> None:
    text = note.vkey(name, public, kind=kind)
    assert note.read_vkey(text) == (name, kind, public)


def is_signed_head(data: bytes) -> bool:
    signed = note.read_note(data)
    checkpoint.read_checkpoint(signed.text)
    return checkpoint.is_signed_by(signed, ORIGIN, KEY)


def test_every_flipped_bit_of_a_checkpoint_is_found() -> None:
    head = checkpoint.Checkpoint(ORIGIN, 42, sha256(b"root").digest(), ("Ž",))
    data = checkpoint.sign_checkpoint(head, SIGNER)
    assert is_signed_head(data)
    assert [bad for bad in flips(data) if holds(is_signed_head, bad)] == []


@given(
    NOTE_NAMES,
    st.integers(0, 10**15 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(LINES.filter(bool), max_size=3).map(tuple),
)
@settings(max_examples=80, deadline=None)
def test_checkpoints_round_trip(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    head = checkpoint.Checkpoint(origin, size, root, extensions)
    signed = note.read_note(checkpoint.sign_checkpoint(head, SIGNER))
    assert checkpoint.read_checkpoint(signed.text) == head
    assert checkpoint.is_signed_by(signed, origin, KEY)


@given(st.integers(0, 255), st.data())
@settings(max_examples=80, deadline=None)
def test_a_changed_byte_of_a_checkpoint_is_found(size: int, data: Any) -> None:
    head = checkpoint.Checkpoint(ORIGIN, size, bytes(32))
    whole = checkpoint.sign_checkpoint(head, SIGNER)
    at = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(at, min(at + 3, len(whole))))
    changed = whole[:at] + data.draw(st.binary(max_size=3)) + whole[end:]
    assert holds(is_signed_head, changed) == (changed == whole)


READERS: list[Callable[[bytes], object]] = [
    entries.read_entry,
    sealing.unseal,
    note.read_note,
    checkpoint.read_checkpoint,
    lambda data: note.read_vkey(data.decode("utf-8", "surrogateescape")),
    lambda data: PublicKey.from_text(data.decode("utf-8", "surrogateescape")),
]
SEEDS = [
    write(Act(EntryType.CASE_OPEN, "custodian", {})),
    sealing.seal({"a": 1}, salt=bytes(16)),
    checkpoint.sign_checkpoint(checkpoint.Checkpoint(ORIGIN, 1, bytes(32)), SIGNER),
    checkpoint.Checkpoint(ORIGIN, 1, bytes(32)).text,
    note.vkey(ORIGIN, KEY.raw).encode(),
    KEY.text.encode(),
]


@pytest.mark.parametrize("number", range(len(READERS)))
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_readers_refuse_with_one_error_only(number: int, data: Any) -> None:
    """Bytes of any kind, and bytes close to a good text."""
    seed = data.draw(st.sampled_from([b"", SEEDS[number]]))
    at = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(at, len(seed)))
    put = data.draw(st.binary(max_size=20) | st.text(max_size=5).map(utf8))
    holds(lambda raw: READERS[number](raw) is not None, seed[:at] + put + seed[end:])


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
