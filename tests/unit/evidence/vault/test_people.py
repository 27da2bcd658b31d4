"""Age identities of people whose key is in a file, elsewhere, or on a token."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.identity import Identity, IdentityStore
from evidence.key_errors import KeyUnusableError, WrongPassphraseError
from evidence.keyfile import FileSigner, new_signer
from evidence.signers.uri import FileUri, TokenUri
from evidence.vault import agekeys, people
from evidence.vault_errors import AgeIdentityError, RecipientRefusedError
from manifests import durable
from tests.few import slow

CREATED = "2026-01-01T00:00:00.000000Z"


class Token:
    """Signs, and gives no secret away."""

    post_quantum = None

    def __init__(self) -> None:
        self._signer = new_signer()
        self.public = self._signer.public

    def sign(self, message: bytes) -> bytes:
        return self._signer.sign(message)


def never(_name: str) -> str:
    raise AssertionError("nobody is to be asked")


def new(store: IdentityStore, passphrase: str | None = None) -> Identity:
    made = {"role": "examiner", "organisation": "", "created": CREATED}
    return store.create("Tess", passphrase=passphrase, **made)


def test_a_key_in_a_file_brings_its_recipient(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path / "home")
    identity = new(store)
    again = Identity.from_bytes(identity.to_bytes())
    (secret,) = people.age_identities(store, identity, never)
    assert people.holder(again).recipient == agekeys.recipient_of(secret)


def test_a_description_from_before_gets_one(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path / "home")
    identity = new(store)
    old = replace(identity, recipient="", recipient_proof="")
    durable.replace_file(store.folder(identity) / "identity.json", old.to_bytes())
    with pytest.raises(RecipientRefusedError):
        people.holder(store.find("Tess"))
    signer = store.signer(old, never)
    assert people.own_recipient(store, old, signer) == people.holder(identity)
    people.make_recipient(store, old, signer, never)
    assert people.holder(store.find("Tess")) == people.holder(identity)


def test_a_key_kept_elsewhere_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(new_signer().to_pem(None))
    path.chmod(0o600)
    store = IdentityStore(tmp_path / "home")
    made = {"role": "examiner", "organisation": "", "created": CREATED}
    identity = store.adopt("Tess", uri=FileUri(path), ask=never, **made)
    (secret,) = people.age_identities(store, identity, never)
    assert people.holder(identity).recipient == agekeys.recipient_of(secret)
    with pytest.raises(KeyUnusableError):
        people.change_passphrase(store, identity, old=never, new=never)


@slow
def test_a_key_on_a_token_gets_an_age_file_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, token = IdentityStore(tmp_path / "home"), Token()
    identity = new(store)
    there = store.folder(identity)
    identity = Identity("Toni", "examiner", "", CREATED, token.public)
    shutil.move(there, store.folder(identity))
    (store.folder(identity) / "identity.json").write_bytes(identity.to_bytes())
    on_token = TokenUri.__new__(TokenUri)
    monkeypatch.setattr(IdentityStore, "key_uri", lambda *_: on_token)
    with pytest.raises(AgeIdentityError):
        people.age_identities(store, identity, never)
    made = people.make_recipient(store, identity, token, lambda _: "first")
    assert people.holder(made).recipient == made.recipient
    (secret,) = people.age_identities(store, made, lambda _: "first")
    assert agekeys.recipient_of(secret) == made.recipient
    people.change_passphrase(store, made, old=lambda _: "first", new=lambda _: "second")
    assert people.age_identities(store, made, lambda _: "second") == [secret]
    with pytest.raises(AgeIdentityError):
        people.age_identities(store, made, lambda _: "first")


def test_a_new_passphrase_opens_the_same_key(tmp_path: Path) -> None:
    store = IdentityStore(tmp_path / "home")
    identity = new(store, "first")
    people.change_passphrase(
        store, identity, old=lambda _: "first", new=lambda _: "second"
    )
    assert isinstance(store.signer(identity, lambda _: "second"), FileSigner)
    with pytest.raises(WrongPassphraseError):
        store.signer(identity, lambda _: "first")
    pem = store.private_path(identity)
    words = ["openssl", "pkey", "-in", str(pem), "-passin", "pass:second", "-noout"]
    if shutil.which("openssl"):
        subprocess.run(words, check=True, capture_output=True)


def test_production_derives_keys_slowly() -> None:
    """No setting makes the age file of a token's owner cheap to guess."""
    data = agekeys.protected(agekeys.new_identity(), "x", "secret")
    stanza = data.split(b"\n")[1].split(b" ")
    assert stanza[1] == b"scrypt"
    assert int(stanza[3]) >= 12  # log2 of scrypt's N; pyrage aims at a second
