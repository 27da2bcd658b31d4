"""What a recipient needs to check a case without this tool (ADR 0015).

``verify.sh`` checks a case with a POSIX shell, openssl, sha256sum, xxd, base64 and jq;
``VERIFY.txt`` says on one page what that proves, and how to do it by hand. Both travel
apart from the case: who could alter the case must not be able to alter its check.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path

from evidence.case import SETTINGS
from evidence.errors import FolderNotEmptyError, OutputForbiddenError
from evidence.identity import Identity
from manifests import durable
from manifests.errors import MalformedError

NAMES = ("VERIFY.txt", "verify.sh")
_MAX_IDENTITY_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class KitFile:
    """A file of a kit: its name and the SHA-256 (hex) of its bytes."""

    name: str
    sha256: str


def shipped(name: str) -> bytes:
    """Return the bytes of one of `NAMES` as this release ships them."""
    return resources.files("evidence.handcheck").joinpath(name).read_bytes()


def write_kit(folder: Path, identities: Sequence[Path] = ()) -> list[KitFile]:
    """Write the kit into a new or empty folder; return what was written.

    Args:
        identities: files with public identities to put beside it, each under its key
            id. Nothing else of the sender's goes into the kit.

    Raises:
        FolderNotEmptyError: something is in the folder.
        OutputForbiddenError: the folder would be inside a case.
        MalformedError: a file is no public identity.
        StorageFailedError: the system refused.
    """
    files = {name: shipped(name) for name in NAMES}
    for path in identities:
        with path.open("rb") as stream:
            data = stream.read(_MAX_IDENTITY_BYTES + 1)
        if len(data) > _MAX_IDENTITY_BYTES:
            raise MalformedError(what="an identity", reason="it is too long")
        files[f"{Identity.from_bytes(data).key}.json"] = data
    if any((parent / SETTINGS).exists() for parent in folder.resolve().parents):
        raise OutputForbiddenError(path=str(folder))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmptyError(path=str(folder))
    if not folder.exists():
        durable.make_folder(folder)
    for name, data in files.items():
        durable.write_new(folder / name, data)
    return [KitFile(name, sha256(data).hexdigest()) for name, data in files.items()]
