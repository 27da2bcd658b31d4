"""Reading age files at any place, held against pyrage and the age tool."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.vault import bech32
from evidence.vault.agefile import (
    CHUNK_BYTES,
    NoKeyError,
    PayloadReader,
    open_file,
    read_header,
)
from evidence.vault.agekeys import derived_identity, new_identity, recipient_of
from evidence.vault.encrypting import EncryptedSink
from manifests.errors import MalformedError, NoSpaceError

AGE = shutil.which("age")
# The example of the age specification (C2SP age.md): an identity and its recipient.
IDENTITY = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
RECIPIENT = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
SIZES = (0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 7)


def test_the_keys_of_the_published_example_belong_together() -> None:
    assert recipient_of(IDENTITY) == RECIPIENT
    assert bech32.decode(IDENTITY, "age-secret-key-") == b"\x42" * 32


@given(st.binary(max_size=60))
def test_bech32_gives_back_what_went_in(data: bytes) -> None:
    text = bech32.encode("age", data)
    assert bech32.decode(text, "age") == data
    assert bech32.decode(text.upper(), "age") == data


@given(st.integers(0, 61), st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7lb1"))
def test_bech32_refuses_any_other_letter(at: int, letter: str) -> None:
    changed = RECIPIENT[:at] + letter + RECIPIENT[at + 1 :]
    if changed != RECIPIENT:
        with pytest.raises(MalformedError):
            bech32.decode(changed, "age")


def test_derived_identities_differ_from_the_seed_and_stay_the_same() -> None:
    # HKDF-SHA-256 of 00..1f, no salt, info "custody age X25519 v1", by openssl kdf.
    words = ["openssl", "kdf", "-keylen", "32", "-kdfopt", "digest:SHA256"]
    words += ["-kdfopt", f"hexkey:{bytes(range(32)).hex()}"]
    words += ["-kdfopt", "info:custody age X25519 v1", "HKDF"]
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here")
    out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    secret = bytes.fromhex(out.strip().replace(":", ""))
    found = derived_identity(bytes(range(32)))
    assert bech32.decode(found, "age-secret-key-") == secret


def reader(path: Path, identity: str) -> PayloadReader:
    fd = os.open(path, os.O_RDONLY)
    return PayloadReader(fd, open_file(fd, identity))


@pytest.mark.parametrize("size", SIZES)
def test_what_pyrage_encrypts_is_read_at_every_place(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    identity = new_identity()
    others = [new_identity() for _ in range(3)]
    to = [
        pyrage.x25519.Recipient.from_str(recipient_of(i)) for i in [*others, identity]
    ]
    (tmp_path / "f").write_bytes(pyrage.encrypt(data, to))
    with reader(tmp_path / "f", identity) as stream:
        assert stream.size == size
        assert stream.read() == data
        for offset in (0, 1, size // 2, size - 1, size, size + 9):
            at = max(offset, 0)
            assert stream.pread(CHUNK_BYTES + 3, at) == data[at : at + CHUNK_BYTES + 3]


@pytest.mark.parametrize("size", [*SIZES, 9 << 20])
def test_the_sink_writes_what_age_and_pyrage_decrypt(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    identity = new_identity()
    with EncryptedSink(tmp_path / "f", recipient_of(identity)) as sink:
        sink.write(data)
        written = sink.finish()
    stored = (tmp_path / "f").read_bytes()
    key = pyrage.x25519.Identity.from_str(identity)
    assert pyrage.decrypt(stored, [key]) == data
    assert written.bytes == size
    assert written.cipher is not None
    assert written.cipher.bytes == len(stored)
    if AGE is None:
        pytest.skip("the age tool is not here (apt-get install age)")
    (tmp_path / "key").write_text(identity + "\n")
    words = [AGE, "-d", "-i", str(tmp_path / "key"), str(tmp_path / "f")]
    assert subprocess.run(words, capture_output=True, check=True).stdout == data


def test_cuts_and_changed_bytes_are_refused(tmp_path: Path) -> None:
    identity = new_identity()
    key = pyrage.x25519.Recipient.from_str(recipient_of(identity))
    good = pyrage.encrypt(b"x" * 100, [key])
    path = tmp_path / "f"
    for cut in range(0, len(good), 2):
        path.write_bytes(good[:cut])
        with pytest.raises((MalformedError, NoKeyError)):
            reader(path, identity).read()
    for at in range(0, len(good), 3):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises((MalformedError, NoKeyError)):
            reader(path, identity).read()
    path.write_bytes(good + b"y")
    with pytest.raises(MalformedError):
        reader(path, identity)


def test_whole_chunks_cannot_be_cut_off_or_exchanged(tmp_path: Path) -> None:
    identity = new_identity()
    key = pyrage.x25519.Recipient.from_str(recipient_of(identity))
    good = pyrage.encrypt(bytes(3 * CHUNK_BYTES), [key])
    path, stored = tmp_path / "f", CHUNK_BYTES + 16
    path.write_bytes(good[:-stored])
    with pytest.raises(MalformedError):
        reader(path, identity)
    start = len(good) - 3 * stored
    first, second = good[start : start + stored], good[start + stored : -stored]
    path.write_bytes(good[:start] + second + first + good[-stored:])
    with pytest.raises(MalformedError):
        reader(path, identity).read()


def test_a_reader_that_could_not_be_made_closes_nothing(tmp_path: Path) -> None:
    import gc

    identity = new_identity()
    key = pyrage.x25519.Recipient.from_str(recipient_of(identity))
    good = pyrage.encrypt(b"x" * 100, [key])
    (tmp_path / "f").write_bytes(good[:-1])
    fd = os.open(tmp_path / "f", os.O_RDONLY)
    with pytest.raises(MalformedError):
        PayloadReader(fd, open_file(fd, identity))
    gc.collect()
    os.fstat(fd)  # still ours: it could be another file's number by now
    os.close(fd)


def test_another_identity_opens_nothing(tmp_path: Path) -> None:
    key = pyrage.x25519.Recipient.from_str(RECIPIENT)
    (tmp_path / "f").write_bytes(pyrage.encrypt(b"x", [key]))
    with pytest.raises(NoKeyError):
        reader(tmp_path / "f", new_identity())


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_odd_headers_are_refused_and_never_crash(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read_header(b"age-encryption.org/v1\n" + data.replace(b"--- ", b""))


def test_a_full_disk_stops_the_sink_and_leaves_nothing(tmp_path: Path) -> None:
    from dataclasses import replace

    from evidence.system import REAL

    def full(_fd: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    system = replace(REAL, write=full)
    path = tmp_path / "f"
    with (
        pytest.raises(NoSpaceError),
        EncryptedSink(path, RECIPIENT, system=system) as sink,
    ):
        for _ in range(40):
            sink.write(bytes(1 << 20))
        sink.finish()
    assert not path.exists()
