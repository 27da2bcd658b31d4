"""Packing a package's folder into one encrypted file, and opening such a file.

The open package lies in a folder of its own beside the case, on the same disk, with
mode 0700, and is removed; it is never written to the medium that travels.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_der_private_key,
    load_pem_private_key,
)

from evidence.case import Case, unreadable
from evidence.copying import PayloadSink, Written
from evidence.envelope.cms import MAX_CONTENT, EnvelopeReader, EnvelopeWriter, is_cms
from evidence.envelope.parts import (
    ENDING,
    SplitSink,
    join,
    list_beside,
    list_path,
    name_parts,
    part_path,
    unfinished,
)
from evidence.envelope.recipients import PrivateKey
from evidence.envelope.rooms import open_room
from evidence.envelope.tarball import extract, tar_size, write_tar
from evidence.envelope_errors import (
    EnvelopeAlteredError,
    EnvelopeCutError,
    EnvelopeKeyError,
    EnvelopeMalformedError,
    EnvelopeTooLargeError,
    EnvelopeUnfinishedError,
)
from evidence.errors import OutputExistsError
from evidence.system import REAL, SystemCalls
from evidence.vault.keyring import Opener, locked
from manifests import durable
from manifests.canonical import Json
from manifests.errors import CustodyError, MalformedError

if TYPE_CHECKING:
    from evidence.vault.encrypting import Encryption

PART = ".part"
_AGE = b"age-encryption.org/v1"
_PIECE = 1 << 20
_MAX_KEY_FILE = 1 << 16


@dataclass(frozen=True, slots=True)
class To:
    """To whom a package is encrypted: certificates, or an age recipient."""

    certificates: tuple[x509.Certificate, ...] = ()
    recipient: str = ""

    @property
    def form(self) -> str:
        """``cms`` or ``age``."""
        return "cms" if self.certificates else "age"

    def travels(self, split: int) -> dict[str, Json]:
        """What an offer's sealed record keeps of it, to be gone on with."""
        pems = [one.public_bytes(Encoding.PEM) for one in self.certificates]
        return {
            "certificates": [pem.decode("ascii") for pem in pems],
            "form": self.form,
            "split": split,
        }


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted file that is written and has no name yet."""

    to: To
    bytes: int
    sha256: str
    parts: tuple[Written, ...] = ()  # none when it is one file

    def facts(self) -> dict[str, Json]:
        """What an entry says of it; certificates by their digest alone."""
        told: dict[str, Json] = {
            "bytes": self.bytes,
            "form": self.to.form,
            "sha256": self.sha256,
        }
        if self.to.certificates:
            told["certificates"] = [
                sha256(one.public_bytes(Encoding.DER)).hexdigest()
                for one in self.to.certificates
            ]
        if self.parts:
            told["parts"] = [part.sha256 for part in self.parts]
        return {"envelope": told}

    def sealed(self) -> dict[str, Json]:
        """The certificates themselves: they name people."""
        pems = [one.public_bytes(Encoding.PEM) for one in self.to.certificates]
        return {"certificates": [pem.decode("ascii") for pem in pems]} if pems else {}


@contextlib.contextmanager
def room_for(target: Path, case: Case) -> Iterator[Path]:
    """Give a room beside the case for a package whose one file becomes `target`.

    Raises:
        OutputExistsError: there is something at `target`, or its unfinished file.
        StorageFailedError: the room cannot be made.
    """
    first = part_path(target, 1)
    own = (target, list_path(target), first)
    for path in (*own, *(unfinished(one) for one in (target, first))):
        if os.path.lexists(path):
            raise OutputExistsError(path=str(path))
    with open_room(case.path, case.settings.origin) as room:
        yield room


def check_size(to: To, size: int) -> None:
    """Refuse what cannot become one CMS file, before it is recorded.

    Args:
        size: bytes of the payloads, or of the whole case.

    Raises:
        EnvelopeTooLargeError: AES-GCM holds 64 GiB under one key.
    """
    if to.certificates and size > MAX_CONTENT:
        raise EnvelopeTooLargeError(bytes=size)


def seal(
    folder: Path,
    target: Path,
    to: To,
    *,
    entry: int,
    split: int = 0,
    system: SystemCalls = REAL,
) -> Sealed:
    """Write the files of `folder`, encrypted, to ``target.part``; durable.

    Args:
        entry: of the offer, for errors.
        split: most bytes of one part; 0 for one file.

    Raises:
        EnvelopeTooLargeError: for one CMS file.
        EnvelopeUnfinishedError: the disk is full, the medium went away, ...; what was
            written is removed.
    """
    size = tar_size(folder)
    if to.certificates and size > MAX_CONTENT:
        raise EnvelopeTooLargeError(bytes=size)
    sink: PayloadSink | SplitSink | None = None
    try:
        sink = _sink(target, split, system)
        written = _write(folder, sink, to)
    except (OSError, ValueError, CustodyError) as error:
        _give_up(sink, error)
        what = error.what if isinstance(error, CustodyError) else str(error)
        if isinstance(error, OSError) and error.strerror:
            what = error.strerror
        raise EnvelopeUnfinishedError(entry=entry, reason=what.rstrip(".")) from error
    except BaseException as error:
        _give_up(sink, error)
        raise
    parts = tuple(sink.parts) if isinstance(sink, SplitSink) else ()
    return Sealed(to, written.bytes, written.sha256, parts)


def _sink(target: Path, split: int, system: SystemCalls) -> PayloadSink | SplitSink:
    if split:
        return SplitSink(target, split, system=system)
    return PayloadSink(target.with_name(target.name + PART), system=system)


def _write(folder: Path, sink: PayloadSink | SplitSink, to: To) -> Written:
    if to.certificates:
        envelope = EnvelopeWriter(sink, list(to.certificates))
        write_tar(folder, envelope)
        envelope.finish()
        return sink.finish()
    from evidence.vault.encrypting import Encryption

    encryption = Encryption(to.recipient, sink)
    try:
        write_tar(folder, _Fed(encryption))
        return encryption.finish()
    except BaseException:
        encryption.stop()
        raise


class _Fed:
    """An encryption as something to write to."""

    def __init__(self, encryption: Encryption) -> None:
        self._encryption = encryption

    def write(self, data: bytes) -> None:
        self._encryption.feed(data)


def _give_up(sink: PayloadSink | SplitSink | None, error: BaseException) -> None:
    try:
        if sink is not None:
            sink.abort()
    except (OSError, CustodyError) as second:  # a medium that is gone
        error.add_note(f"The unfinished file could not be removed: {second}")


def finish(target: Path, sealed: Sealed) -> None:
    """Give a sealed package, or its parts, the name they are to have; durable.

    Raises:
        StorageFailedError: the disk refused.
    """
    if sealed.parts:
        whole = Written(sealed.bytes, sealed.sha256)
        name_parts(target, list(sealed.parts), whole)
    else:
        give_name(target)


def give_name(target: Path) -> None:
    """Call a finished file what it is to be called; durable.

    Raises:
        StorageFailedError: the disk refused.
    """
    try:
        target.with_name(target.name + PART).rename(target)
    except OSError as error:
        durable.storage_failure(error, target.name)
    durable.sync_folder(target.absolute().parent)


# -- opening -------------------------------------------------------------------------


def read_key(path: Path, passphrase: bytes | None) -> PrivateKey:
    """Return the private key of a certificate from a PEM or DER file.

    Raises:
        EnvelopeKeyError: none that decrypts; ``needs a passphrase`` is its reason when
            the file is protected and none was given.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_KEY_FILE + 1)
    except OSError as error:
        raise unreadable(path.name, error) from error
    load = load_pem_private_key if b"-----BEGIN" in data else load_der_private_key
    try:
        key = load(data, passphrase)
    except TypeError as error:
        reason = "its key file needs a passphrase" if passphrase is None else "no key"
        raise EnvelopeKeyError(reason=reason) from error
    except ValueError as error:
        raise EnvelopeKeyError(reason="its key file cannot be read") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise EnvelopeKeyError(reason="a key that only signs")
    return key


def form_of(path: Path) -> str:
    """Return ``cms``, ``age``, or "" for a file that is neither.

    Raises:
        CaseUnreadableError: it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(64)
    except OSError as error:
        raise unreadable(path.name, error) from error
    if head.startswith(_AGE):
        return "age"
    return "cms" if is_cms(head) else ""


def unseal(
    path: Path, folder: Path, *, key: PrivateKey | None = None, opener: Opener = locked
) -> None:
    """Check the whole file, then write what it holds into the empty `folder`.

    Nothing is written before the file was authenticated to its end.

    Raises:
        EnvelopeKeyError: another key's; EnvelopeCutError, EnvelopeAlteredError,
        EnvelopeMalformedError: not what was sent; CaseUnreadableError: the medium;
        StorageFailedError: the disk.
    """
    path = list_beside(path)
    if path.name.endswith(ENDING):
        joined = folder.with_name(folder.name + ".joined")
        try:
            join(path, joined)
            unseal(joined, folder, key=key, opener=opener)
        finally:
            joined.unlink(missing_ok=True)
        return
    form = form_of(path)
    if not form:
        raise EnvelopeMalformedError(reason="it is neither CMS nor age")
    try:
        with path.open("rb") as stream:
            if form == "age":
                _unseal_age(stream, folder, opener)
                return
            if key is None:
                raise EnvelopeKeyError(reason="none: see --certificate-key")
            reader = EnvelopeReader(stream, key)
            reader.check()
            extract(reader.content(), folder)
    except OSError as error:
        raise unreadable(path.name, error) from error


def _unseal_age(stream: IO[bytes], folder: Path, opener: Opener) -> None:
    from evidence.vault.agefile import NoKeyError, PayloadReader, open_file

    name, identities = opener()
    fd = os.dup(stream.fileno())
    reader: PayloadReader | None = None
    try:
        for identity in identities:
            try:
                reader = PayloadReader(fd, open_file(fd, identity))
                break
            except NoKeyError:
                continue
        if reader is None:
            raise EnvelopeKeyError(reason=name)
        for _ in _pieces(reader):
            pass
        reader.seek(0)
        extract(_pieces(reader), folder)
    except MalformedError as error:
        reason = str(error.facts.get("reason"))
        if "cut off" in reason or "its end is missing" in reason:
            raise EnvelopeCutError from error
        raise EnvelopeAlteredError from error
    finally:
        if reader is not None:
            reader.close()
        else:
            os.close(fd)


def _pieces(reader: object) -> Iterator[bytes]:
    stream = cast("IO[bytes]", reader)
    while piece := stream.read(_PIECE):
        yield piece
