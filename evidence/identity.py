"""Identities: signing keys of people and organisations, in a folder of their own.

``$CUSTODY_HOME`` (default: the platform's user data folder) holds
``identities/<key id>/`` with ``identity.json`` (public description, canonical JSON)
and either ``private.pem`` or, when the private key is kept elsewhere (on a token, a
stick), ``signer.json`` with the URI of the key. A name never becomes a path. Folders
are mode 0700, files 0600.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from evidence.errors import CaseUnreadableError
from evidence.key_errors import (
    IdentityExistsError,
    IdentityRefusedError,
    IdentityUnknownError,
    IdentityUnnamedError,
    KeyUnusableError,
    NoIdentityError,
)
from evidence.keyfile import is_encrypted, load_signer, new_signer
from manifests import canonical, durable
from manifests.canonical import Json
from manifests.errors import MalformedError
from manifests.keys import KeyId, PostQuantumKey, PublicKey, Signer

if TYPE_CHECKING:
    from evidence.signers.uri import KeyUri

PUBLIC_NAME = "identity.json"
PRIVATE_NAME = "private.pem"
SIGNER_NAME = "signer.json"
_SIGNER_FORMAT = "custody-signer-1"
_PROBE = b"custody: does this key sign, and is this its public key?\n"
_MAX_DESCRIPTION = 16_384
_MAX_TEXT = 200
_ROLE = re.compile(r"[a-z]{2,20}(-[a-z]{1,20})?")

AskPassphrase = Callable[[str], str]


def check_role(role: str) -> None:
    """Refuse a role that could be a name: it stands in every entry.

    Raises:
        IdentityRefusedError: it is not one word in small letters.
    """
    if not _ROLE.fullmatch(role):
        reason = "the role is not one word in small letters"
        raise IdentityRefusedError(reason=reason)


def home_folder() -> Path:
    """Return the folder that holds identities (it may not exist yet)."""
    chosen = os.environ.get("CUSTODY_HOME")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":  # pragma: no cover - exercised on Windows only
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData/Local")
    elif sys.platform == "darwin":  # pragma: no cover - exercised on macOS only
        base = str(Path.home() / "Library/Application Support")
    else:
        base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local/share")
    return Path(base) / "evidence-custody"


@dataclass(frozen=True, slots=True)
class Identity:
    """The public description of a key.

    Attributes:
        name: as the person or organisation is known.
        role: examiner, custodian, prosecutor, caseworker, ... (ISO/IEC 27037 roles).
        organisation: "" when none.
        created: UTC, RFC 3339.
        post_quantum: the ML-DSA-44 key that signs checkpoints beside it, if any.
        recipient: the person's age recipient, "" without one; recipient_proof: base64
            of the key's signature that says so (`evidence.vault.people.holder`).
    """

    name: str
    role: str
    organisation: str
    created: str
    public: PublicKey
    post_quantum: PostQuantumKey | None = None
    recipient: str = ""
    recipient_proof: str = ""

    @property
    def key(self) -> KeyId:
        """Key id, 64 hex digits."""
        return self.public.id

    def acting_as(self, role: str) -> Identity:
        """Return the same identity in another role, for one act.

        Raises:
            IdentityRefusedError: the role is not one word in small letters.
        """
        check_role(role)
        return replace(self, role=role)

    def to_bytes(self) -> bytes:
        """Canonical JSON of the description, with a newline: what is exported."""
        return canonical.encode(self.fields(), what="an identity") + b"\n"

    def fields(self) -> dict[str, Json]:
        """The description as JSON members."""
        fields: dict[str, Json] = {
            "created": self.created,
            "format": "custody-identity-1",
            "key": self.key,
            "name": self.name,
            "organisation": self.organisation,
            "public": self.public.text,
            "role": self.role,
        }
        if self.post_quantum is not None:
            fields["post_quantum"] = self.post_quantum.text
        if self.recipient:
            fields["recipient"] = self.recipient
            fields["recipient_proof"] = self.recipient_proof
        return fields

    @classmethod
    def from_bytes(cls, data: bytes) -> Identity:
        """Read an exported description.

        Raises:
            MalformedError: not its form, the key id is not that of the key, or no
                signature by that key would be accepted.
        """
        value = canonical.decode_object(
            data.rstrip(b"\n"), what="an identity", max_bytes=_MAX_DESCRIPTION
        )
        texts = {name: value.get(name) for name in _FIELDS}
        if not all(isinstance(text, str) for text in texts.values()):
            raise MalformedError(what="an identity", reason="a member is missing")
        found = {name: str(text) for name, text in texts.items()}
        public = PublicKey.from_text(found["public"])
        public.require_binding()
        if found["format"] != "custody-identity-1" or found["key"] != public.id:
            raise MalformedError(what="an identity", reason="key and key id disagree")
        return cls(
            name=found["name"],
            role=found["role"],
            organisation=found["organisation"],
            created=found["created"],
            public=public,
            post_quantum=_post_quantum(value.get("post_quantum")),
            recipient=str(value.get("recipient") or ""),
            recipient_proof=str(value.get("recipient_proof") or ""),
        )


def _post_quantum(text: Json) -> PostQuantumKey | None:
    return PostQuantumKey.from_text(text) if isinstance(text, str) else None


_FIELDS = ("created", "format", "key", "name", "organisation", "public", "role")


@dataclass(frozen=True, slots=True)
class IdentityStore:
    """The identities of the person at this machine."""

    home: Path

    @property
    def _folder(self) -> Path:
        return self.home / "identities"

    def list(self) -> list[Identity]:
        """Return all identities, by name.

        Raises:
            MalformedError: a description is damaged.
            CaseUnreadableError: the folder cannot be read.
        """
        try:
            folders = sorted(p for p in self._folder.iterdir() if p.is_dir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CaseUnreadableError(
                what="the key folder", reason=str(error)
            ) from error
        found = [self._read(f) for f in folders if (f / PUBLIC_NAME).exists()]
        return sorted(found, key=lambda identity: (identity.name, identity.key))

    def _read(self, folder: Path) -> Identity:
        return Identity.from_bytes((folder / PUBLIC_NAME).read_bytes())

    def find(self, wanted: str | None) -> Identity:
        """Return the identity `wanted` names, or the only one when None.

        Args:
            wanted: a name (case ignored) or the beginning of a key id (8 digits up).

        Raises:
            NoIdentityError: there is none at all.
            IdentityUnnamedError: there are several, and None was given.
            IdentityUnknownError: not exactly one answers.
        """
        identities = self.list()
        if not identities:
            raise NoIdentityError
        if wanted is None:
            if len(identities) > 1:
                raise IdentityUnnamedError(count=len(identities))
            return identities[0]
        folded = wanted.casefold()
        matches = [i for i in identities if i.name.casefold() == folded]
        if not matches and len(folded) >= 8:
            matches = [i for i in identities if i.key.startswith(folded)]
        if len(matches) != 1:
            raise IdentityUnknownError(name=wanted, count=len(matches))
        return matches[0]

    def create(
        self,
        name: str,
        *,
        role: str,
        organisation: str,
        created: str,
        passphrase: str | None,
    ) -> Identity:
        """Make a key and store it; encrypted unless `passphrase` is None.

        Raises:
            IdentityExistsError: the name is taken.
            IdentityRefusedError: a text is empty, too long or unprintable.
            StorageFailedError: it could not be stored.
        """
        self.check_new(name, role=role, organisation=organisation)
        signer = new_signer()
        identity = _describe(name, role, organisation, created, signer)
        self._store(identity, PRIVATE_NAME, signer.to_pem(passphrase))
        return identity

    def adopt(
        self,
        name: str,
        *,
        role: str,
        organisation: str,
        created: str,
        uri: KeyUri,
        ask: AskPassphrase,
    ) -> Identity:
        """Make an identity of a key that exists elsewhere and stays there.

        The key signs once, so that it is known to be the one its token shows.

        Raises:
            As `create`; KeyProblemError: the key does not open or sign.
        """
        from evidence.signers.opening import open_signer

        self.check_new(name, role=role, organisation=organisation)
        signer = open_signer(uri, ask, name=name)
        if not signer.public.is_signed(_PROBE, signer.sign(_PROBE)):
            reason = "what it signed does not verify with its public key"
            raise KeyUnusableError(name=name, reason=reason)
        identity = _describe(name, role, organisation, created, signer)
        value: dict[str, Json] = {"format": _SIGNER_FORMAT, "uri": uri.text}
        data = canonical.encode(value, what="a key URI") + b"\n"
        self._store(identity, SIGNER_NAME, data)
        return identity

    def check_new(self, name: str, *, role: str, organisation: str) -> None:
        """Refuse what `create` and `adopt` would, before anybody types a secret.

        Raises:
            IdentityExistsError, IdentityRefusedError: as `create`.
        """
        if not name.strip():
            raise IdentityRefusedError(reason="the name is empty")
        check_role(role)
        for text in (name, organisation):
            if len(text) > _MAX_TEXT or not text.isprintable():
                raise IdentityRefusedError(reason="a text is too long or unprintable")
        if any(i.name.casefold() == name.casefold() for i in self.list()):
            raise IdentityExistsError(name=name)

    def _store(self, identity: Identity, name: str, secret: bytes) -> None:
        description = identity.to_bytes()  # refuses undecodable text before a write
        for other in self.list():
            if other.key == identity.key:
                raise IdentityExistsError(name=other.name)
        folder = self.folder(identity)
        for path in (self.home, self._folder):
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                durable.make_folder(path)
        durable.make_folder(folder)
        durable.write_new(folder / name, secret)
        durable.write_new(folder / PUBLIC_NAME, description)

    def folder(self, identity: Identity) -> Path:
        """Return the folder of one identity."""
        return self._folder / identity.key

    def private_path(self, identity: Identity) -> Path:
        """Return where the private key is, when it is in the identity's folder."""
        return self.folder(identity) / PRIVATE_NAME

    def is_encrypted(self, identity: Identity) -> bool:
        """Tell whether the private key in the identity's folder needs a passphrase."""
        return is_encrypted(self._read_secret(identity, PRIVATE_NAME))

    def key_uri(self, identity: Identity) -> KeyUri | None:
        """Return where the private key is kept; None when in the identity's folder.

        Raises:
            KeyUnusableError, KeyUriRefusedError: that cannot be told.
        """
        from evidence.signers.uri import parse_uri

        folder = self.folder(identity)
        if not os.path.lexists(folder / SIGNER_NAME):
            return None
        if os.path.lexists(folder / PRIVATE_NAME):
            reason = f"both {PRIVATE_NAME} and {SIGNER_NAME} are there"
            raise KeyUnusableError(name=identity.name, reason=reason)
        data = self._read_secret(identity, SIGNER_NAME)
        try:
            value = canonical.decode_object(
                data.rstrip(b"\n"), what="a key URI", max_bytes=_MAX_DESCRIPTION
            )
        except MalformedError as error:
            reason = f"its {SIGNER_NAME} is damaged"
            raise KeyUnusableError(name=identity.name, reason=reason) from error
        uri = value.get("uri")
        if value.get("format") != _SIGNER_FORMAT or not isinstance(uri, str):
            reason = f"its {SIGNER_NAME} is damaged"
            raise KeyUnusableError(name=identity.name, reason=reason)
        return parse_uri(uri)

    def signer(self, identity: Identity, ask: AskPassphrase) -> Signer:
        """Open the identity's private key; `ask` is called for a passphrase or PIN.

        Raises:
            KeyProblemError: it does not open: WrongPassphraseError, WrongPinError,
                TokenMissingError, KeyUnusableError, ...
        """
        signer = self._open(identity, ask)
        if signer.public != identity.public:
            reason = "it is not the key the description names"
            raise KeyUnusableError(name=identity.name, reason=reason)
        return signer

    def _open(self, identity: Identity, ask: AskPassphrase) -> Signer:
        uri = self.key_uri(identity)
        if uri is not None:
            from evidence.signers.opening import open_signer

            return open_signer(uri, ask, name=identity.name)
        pem = self._read_secret(identity, PRIVATE_NAME)
        passphrase = ask(identity.name) if is_encrypted(pem) else None
        return load_signer(pem, passphrase, name=identity.name)

    def _read_secret(self, identity: Identity, name: str) -> bytes:
        """Read a file that nobody else may read or replace."""
        path = self.folder(identity) / name
        try:
            mode = path.stat().st_mode
            if os.name != "nt" and stat.S_IMODE(mode) & 0o077:
                reason = "its file is open to other users (chmod 600 it)"
                raise KeyUnusableError(name=identity.name, reason=reason)
            return path.read_bytes()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else "unreadable"
            raise KeyUnusableError(name=identity.name, reason=reason) from error


def _describe(
    name: str, role: str, organisation: str, created: str, signer: Signer
) -> Identity:
    from evidence.vault.people import with_recipient

    beside = signer.post_quantum
    post_quantum = beside.public if beside is not None else None
    public = signer.public
    found = Identity(name, role, organisation, created, public, post_quantum)
    return with_recipient(found, signer)
