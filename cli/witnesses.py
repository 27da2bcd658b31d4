"""Keys of witnesses and logs as users give them: verifier keys or identity files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.session import Session

if TYPE_CHECKING:
    from evidence.identity import Identity
    from manifests.keys import PublicKey
    from manifests.verifying.witnesses import Witness

_MAX_FILE = 1 << 16

witness_option = click.option(
    "--witness",
    "given",
    metavar="VKEY|FILE",
    multiple=True,
    help="Key of a witness: a verifier key, a file of them, or a public identity.",
)


def given_witnesses(texts: Sequence[str]) -> list[Witness]:
    """Return the witnesses the user named.

    Raises:
        MalformedError: neither a verifier key nor an identity.
    """
    from manifests.cosignature import Cosigner
    from manifests.keys import PublicKey
    from manifests.verifying.witnesses import Witness

    found: list[Witness] = []
    for text in texts:
        data = _content(text)
        if data is not None and data.lstrip().startswith(b"{"):
            found += of_identity(_identity(data))
            continue
        vkeys = [text] if data is None else data.decode("utf-8", "replace").split()
        cosigners = [Cosigner.from_vkey(vkey) for vkey in vkeys]
        for cosigner in cosigners:
            if isinstance(cosigner.key, PublicKey):
                cosigner.key.require_binding()
        found += [Witness(c.name, c.key, c.name) for c in cosigners]
    return found


def of_identity(identity: Identity) -> list[Witness]:
    """Return the keys of an identity as one witness, whatever its name in notes."""
    from manifests.keys import Algorithm
    from manifests.verifying.witnesses import Witness

    found: list[Witness] = []
    if identity.public.algorithm is Algorithm.ED25519:
        found.append(Witness(identity.name, identity.public))
    if identity.post_quantum is not None:
        found.append(Witness(identity.name, identity.post_quantum))
    return found


def known_witnesses(
    session: Session, texts: Sequence[str], trusted: Sequence[Identity] = ()
) -> tuple[Witness, ...]:
    """Return every key the user knows from outside: given now, trusted, or own."""
    found = given_witnesses(texts)
    for identity in (*trusted, *session.trusted(), *session.store().list()):
        found += of_identity(identity)
    return tuple(dict.fromkeys(found))


def log_key(text: str) -> PublicKey:
    """Return the log key a user gave: a verifier key (type 0x01) or an identity.

    Raises:
        MalformedError: neither.
    """
    from manifests import note
    from manifests.errors import MalformedError
    from manifests.keys import PublicKey

    data = _content(text)
    if data is not None and data.lstrip().startswith(b"{"):
        return _identity(data).public
    vkey = text if data is None else data.decode("utf-8", "replace").strip()
    _, kind, raw = note.read_vkey(vkey)
    if kind != note.ED25519:
        raise MalformedError(what="a verifier key", reason="it is no log's")
    key = PublicKey(raw)
    key.require_binding()
    return key


def _content(text: str) -> bytes | None:
    """Return the bytes of the file `text` names, None when it names none."""
    path = Path(text)
    try:
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            return stream.read(_MAX_FILE + 1)
    except OSError as error:
        if "+" in text:
            return None  # a long verifier key is no file's name
        raise click.UsageError(f"{text} cannot be read.") from error


def _identity(data: bytes) -> Identity:
    from evidence.identity import Identity

    return Identity.from_bytes(data)
