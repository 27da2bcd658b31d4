"""Identities whose private key is kept elsewhere."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from evidence.identity import Identity, IdentityStore
from evidence.key_errors import (
    IdentityExistsError,
    IdentityRefusedError,
    KeyUnusableError,
    KeyUriRefusedError,
)
from evidence.signers.uri import FileUri
from manifests.postquantum import is_available
from tests.softhsm import new_key, openssl


def never(_: str) -> str:
    raise AssertionError("nothing is encrypted here")


def adopt(store: IdentityStore, pem: Path, name: str = "Rossi") -> Identity:
    return store.adopt(
        name,
        role="examiner",
        organisation="Lab",
        created="2026-01-01T00:00:00.000000Z",
        uri=FileUri(pem),
        ask=never,
    )


def test_the_key_stays_where_it_is(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path / "home")
    pem = new_key(tmp_path, "k", "ed25519")
    identity = adopt(store, pem)
    der = openssl("pkey", "-in", pem, "-pubout", "-outform", "DER")
    assert identity.public.spki == der
    assert (identity.post_quantum is not None) == is_available()
    folder = store.folder(identity)
    assert sorted(p.name for p in folder.iterdir()) == ["identity.json", "signer.json"]
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    value = json.loads((folder / "signer.json").read_bytes())
    assert value == {"format": "custody-signer-1", "uri": f"file:{pem}"}
    assert store.key_uri(store.find("rossi")) == FileUri(pem)
    signer = store.signer(identity, never)
    assert identity.public.is_signed(b"m", signer.sign(b"m"))


def test_one_key_is_one_identity(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path / "home")
    pem = new_key(tmp_path, "k", "ed25519")
    adopt(store, pem)
    for name in ("Rossi", "Bianchi"):
        with pytest.raises(IdentityExistsError, match="Rossi"):
            adopt(store, pem, name)
    with pytest.raises(IdentityRefusedError):
        adopt(store, new_key(tmp_path, "o", "ed25519"), "\n")
    assert len(store.list()) == 1


def test_another_key_in_its_place_is_noticed(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path / "home")
    pem = new_key(tmp_path, "k", "ed25519")
    identity = adopt(store, pem)
    new_key(tmp_path, "k", "ed25519")
    with pytest.raises(KeyUnusableError, match="not the key"):
        store.signer(identity, never)
    pem.unlink()
    with pytest.raises(KeyUnusableError, match="No such file"):
        store.signer(identity, never)


def test_no_failed_adoption_leaves_anything(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path / "home")
    for kind in ("p256", "rsa3072"):
        with pytest.raises(KeyUnusableError):
            adopt(store, new_key(tmp_path, kind, kind))
    assert not (tmp_path / "home").exists()


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes")
def test_a_signer_file_others_may_write_is_refused(tmp_path: Path) -> None:
    """Whoever writes it chooses the library that is loaded."""
    store = IdentityStore(tmp_path / "home")
    identity = adopt(store, new_key(tmp_path, "k", "ed25519"))
    place = store.folder(identity) / "signer.json"
    for mode in (0o660, 0o602, 0o644):
        place.chmod(mode)
        with pytest.raises(KeyUnusableError, match="open to other users"):
            store.signer(identity, never)


def test_a_damaged_signer_file_is_said_to_be_so(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path / "home")
    identity = adopt(store, new_key(tmp_path, "k", "ed25519"))
    place = store.folder(identity) / "signer.json"
    good = place.read_bytes()
    for data in (b"", b"{}", b"[]", b'{"uri":1}', good.replace(b"-1", b"-2"), b"\xff"):
        place.write_bytes(data)
        with pytest.raises(KeyUnusableError, match="damaged"):
            store.key_uri(identity)
    place.write_bytes(good.replace(b"file:", b"http:"))
    with pytest.raises(KeyUriRefusedError):
        store.key_uri(identity)
    place.write_bytes(good)
    (store.folder(identity) / "private.pem").write_bytes(b"")
    with pytest.raises(KeyUnusableError, match="both"):
        store.signer(identity, never)
