"""The age identities of the people at this machine, and passphrases of their keys."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from evidence.identity import PRIVATE_NAME, PUBLIC_NAME, Identity, IdentityStore
from evidence.key_errors import KeyUnusableError
from evidence.keyfile import FileSigner, load_signer
from evidence.signers.uri import FileUri
from evidence.vault import agekeys
from evidence.vault.agekeys import FILE_NAME
from evidence.vault.holders import CUSTODIAN, Holder, check_recipient
from evidence.vault_errors import AgeIdentityError, RecipientRefusedError
from manifests import canonical, durable
from manifests.keys import Signer

AskPassphrase = Callable[[str], str]


def described(identity: Identity, signer: Signer, recipient: str) -> Identity:
    """Return the public description with a recipient, signed by its key."""
    proof = signer.sign(agekeys.binding(identity.key, recipient))
    return replace(
        identity, recipient=recipient, recipient_proof=agekeys.encoded(proof)
    )


def with_recipient(identity: Identity, signer: Signer) -> Identity:
    """Return the description with the recipient of a key in a file, else as it is."""
    if not isinstance(signer, FileSigner):
        return identity
    return described(identity, signer, agekeys.recipient_of(signer.age_identity))


def holder(identity: Identity) -> Holder:
    """Return the custodian a public description names.

    Raises:
        RecipientRefusedError: it names no recipient, or its key did not sign it.
    """
    if not identity.recipient:
        reason = (
            f"the description of {identity.name} names none; let them run "
            "'custody identity recipient' and export it again"
        )
        raise RecipientRefusedError(reason=reason)
    recipient = check_recipient(identity.recipient)
    message = agekeys.binding(identity.key, recipient)
    try:
        proof = canonical.base64_bytes(identity.recipient_proof)
    except ValueError:
        proof = b""
    if not identity.public.is_signed(message, proof):
        reason = f"the key of {identity.name} did not sign it: somebody exchanged it"
        raise RecipientRefusedError(reason=reason)
    return Holder(recipient, CUSTODIAN, identity.key)


def own_recipient(store: IdentityStore, identity: Identity, signer: Signer) -> Holder:
    """Return the custodian of one's own key, whose description may be an older one.

    Raises:
        RecipientRefusedError: the key is on a token and has no age identity yet.
    """
    if isinstance(signer, FileSigner):
        recipient = agekeys.recipient_of(signer.age_identity)
        return Holder(recipient, CUSTODIAN, identity.key)
    return holder(store.find(identity.key))


def is_on_token(store: IdentityStore, identity: Identity) -> bool:
    """Tell whether the private key is where nothing can be derived from it.

    Raises:
        KeyUnusableError, KeyUriRefusedError: that cannot be told.
    """
    uri = store.key_uri(identity)
    return uri is not None and not isinstance(uri, FileUri)


def age_identities(
    store: IdentityStore, identity: Identity, ask: AskPassphrase
) -> list[str]:
    """Return the age identities of a person; `ask` is called for the passphrase.

    Raises:
        KeyProblemError: they cannot be had.
    """
    if not is_on_token(store, identity):
        signer = store.signer(identity, ask)
        assert isinstance(signer, FileSigner)  # noqa: S101 - a key in a file is one
        return [signer.age_identity]
    path = store.folder(identity) / FILE_NAME
    if not path.is_file():
        reason = "its key is on a token; run 'custody identity recipient' once"
        raise AgeIdentityError(name=identity.name, reason=reason)
    return agekeys.read_identity_file(path, ask(identity.name))


def make_recipient(
    store: IdentityStore, identity: Identity, signer: Signer, new: AskPassphrase
) -> Identity:
    """Give an identity a recipient, if it has none; return its description.

    Args:
        new: asked for a new passphrase when the key is on a token.

    Raises:
        StorageFailedError: it could not be stored.
    """
    if identity.recipient:
        return identity
    folder = store.folder(identity)
    if isinstance(signer, FileSigner):
        recipient = agekeys.recipient_of(signer.age_identity)
    else:
        secret = agekeys.new_identity()
        recipient = agekeys.recipient_of(secret)
        comment = "custody: age identity of a key on a token"
        data = agekeys.protected(secret, comment, new(identity.name))
        durable.replace_file(folder / FILE_NAME, data)
    made = described(identity, signer, recipient)
    durable.replace_file(folder / PUBLIC_NAME, made.to_bytes())
    return made


def change_passphrase(
    store: IdentityStore, identity: Identity, *, old: AskPassphrase, new: AskPassphrase
) -> None:
    """Encrypt the private key in an identity's folder with another passphrase.

    Copies of the old file still open with the old passphrase. The new file is read back
    before it takes the place of the old one; a power cut leaves one of the two.

    Raises:
        KeyUnusableError: the key is not in the folder.
        WrongPassphraseError: the old passphrase is not right.
        StorageFailedError: it could not be stored; the old one holds.
    """
    if is_on_token(store, identity):
        _change_age_file(store.folder(identity) / FILE_NAME, identity, old, new)
        return
    if store.key_uri(identity) is not None:
        reason = "its private key is in a file elsewhere; encrypt that one anew"
        raise KeyUnusableError(name=identity.name, reason=reason)
    signer = store.signer(identity, old)
    assert isinstance(signer, FileSigner)  # noqa: S101 - a key in a file is one
    passphrase = new(identity.name)
    pem = signer.to_pem(passphrase)
    again = load_signer(pem, passphrase, name=identity.name)
    if again.public != identity.public:
        raise KeyUnusableError(name=identity.name, reason="it does not read back")
    durable.replace_file(store.folder(identity) / PRIVATE_NAME, pem)


def _change_age_file(
    path: Path, identity: Identity, old: AskPassphrase, new: AskPassphrase
) -> None:
    if not os.path.lexists(path):
        reason = "its private key is on a token; change the PIN with the token's tool"
        raise KeyUnusableError(name=identity.name, reason=reason)
    found = agekeys.read_identity_file(path, old(identity.name))
    comment = "custody: age identity of a key on a token"
    durable.replace_file(path, agekeys.protected(found[0], comment, new(identity.name)))
