from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from evidence.identity import Identity, IdentityStore
from evidence.key_errors import (
    IdentityExistsError,
    IdentityUnknownError,
    KeyUnusableError,
    NoIdentityError,
    WrongPassphraseError,
)
from manifests.errors import CustodyError, MalformedError

CREATED = "2026-01-01T00:00:00.000000Z"


def make(store: IdentityStore, name: str, passphrase: str | None = None) -> Identity:
    return store.create(
        name,
        role="examiner",
        organisation="Lab",
        created=CREATED,
        passphrase=passphrase,
    )


def test_files_are_private_and_names_are_not_paths(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path / "home")
    identity = make(store, "../../evil name/é", "secret words")
    files = sorted(p for p in (tmp_path / "home").rglob("*") if p.is_file())
    assert [p.name for p in files] == ["identity.json", "private.pem"]
    assert files[0].parent.name == identity.key
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700
    assert not (tmp_path / "evil name").exists()
    assert b"secret words" not in b"".join(p.read_bytes() for p in files)


def test_find_by_name_key_or_alone(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path)
    with pytest.raises(NoIdentityError):
        store.find(None)
    rossi = make(store, "Det. A. Rossi")
    assert store.find(None) == rossi
    bianchi = make(store, "Bianchi")
    with pytest.raises(IdentityUnknownError):
        store.find(None)
    assert store.find("det. a. ROSSI") == rossi
    assert store.find(bianchi.key[:12]) == bianchi
    with pytest.raises(IdentityUnknownError):
        store.find("nobody")
    with pytest.raises(IdentityUnknownError):
        store.find(bianchi.key[:4])  # too short to be meant


def test_names_are_unique(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path)
    make(store, "Rossi")
    with pytest.raises(IdentityExistsError):
        make(store, "ROSSI")


@pytest.mark.parametrize("name", ["", "  ", "a\x1b[31mb", "x" * 300, "a\nb"])
def test_odd_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CustodyError):
        make(IdentityStore(tmp_path), name)


def test_signer_needs_the_right_passphrase(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path)
    identity = make(store, "Rossi", "right words")
    with pytest.raises(WrongPassphraseError):
        store.signer(identity, lambda _: "wrong words")
    assert store.signer(identity, lambda _: "right words").public == identity.public


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_a_key_open_to_others_is_refused(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path)
    identity = make(store, "Rossi")
    (tmp_path / "identities" / identity.key / "private.pem").chmod(0o644)
    with pytest.raises(KeyUnusableError):
        store.signer(identity, lambda _: "")


def test_a_swapped_key_is_noticed(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path)
    first, second = make(store, "First"), make(store, "Second")
    folder = tmp_path / "identities"
    other = (folder / second.key / "private.pem").read_bytes()
    (folder / first.key / "private.pem").write_bytes(other)
    with pytest.raises(KeyUnusableError):
        store.signer(first, lambda _: "")


def test_export_round_trip_and_refusals(tmp_path: Path) -> None:
    identity = make(IdentityStore(tmp_path), "Əli Şükürov")
    data = identity.to_bytes()
    assert Identity.from_bytes(data) == identity
    other = make(IdentityStore(tmp_path), "Other")
    for bad in (
        b"",
        b"{}",
        data.replace(b'"examiner"', b"7"),
        data.replace(identity.key.encode(), other.key.encode()),
        data + b"x",
        b"[" * 100,
    ):
        with pytest.raises(MalformedError):
            Identity.from_bytes(bad)
