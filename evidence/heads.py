"""What this person's machine has vouched for: the newest head of every log it knows.

``$CUSTODY_HOME/heads/<SHA-256 of the origin, hex>.note`` is the checkpoint note last
signed or cosigned here. It lies outside the case, so it notices a case that was put
back to an older state or written anew. It only moves forward, except when a person says
that the case was restored (`accept`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evidence.witness_errors import HeadsUnreadableError
from manifests import durable
from manifests.checkpoint import Checkpoint, read_checkpoint
from manifests.durable import SYSTEM, System
from manifests.errors import MalformedError
from manifests.note import MAX_NOTE_BYTES, read_note

FOLDER = "heads"


@dataclass(frozen=True, slots=True)
class Memory:
    """The heads remembered below `home`."""

    home: Path
    system: System = SYSTEM

    def path(self, origin: str) -> Path:
        """Where the head of a log is remembered; the origin never becomes a path."""
        name = sha256(origin.encode("utf-8")).hexdigest()
        return self.home / FOLDER / f"{name}.note"

    def note(self, origin: str) -> bytes | None:
        """Return the remembered checkpoint note, None without one.

        Raises:
            HeadsUnreadableError: there is one, and it cannot be used.
        """
        path = self.path(origin)
        try:
            with path.open("rb") as stream:
                data = stream.read(MAX_NOTE_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else "unreadable"
            raise HeadsUnreadableError(path=str(path), reason=reason) from error
        _read(data, origin, path)
        return data

    def known(self, origin: str) -> tuple[Checkpoint, ...]:
        """Return the remembered head as `evidence.case.writing` takes it.

        Raises:
            HeadsUnreadableError: there is one, and it cannot be used.
        """
        data = self.note(origin)
        return () if data is None else (_read(data, origin, self.path(origin)),)

    def remember(self, origin: str, note: bytes) -> None:
        """Keep a head just vouched for, unless a longer one is known already.

        Raises:
            HeadsUnreadableError, StorageFailedError: it could not be kept.
        """
        head = _read(note, origin, self.path(origin))
        if any(known.size >= head.size for known in self.known(origin)):
            return
        self.accept(origin, note)

    def accept(self, origin: str, note: bytes) -> None:
        """Keep a head whatever was known before: a person said so.

        Raises:
            StorageFailedError: it could not be kept.
        """
        folder = self.home / FOLDER
        try:
            if not self.home.exists():
                self.home.parent.mkdir(parents=True, exist_ok=True)
                durable.make_folder(self.home, system=self.system)
            if not folder.exists():
                durable.make_folder(folder, system=self.system)
        except OSError as error:
            durable.storage_failure(error, FOLDER)
        durable.replace_file(self.path(origin), note, system=self.system)


def _read(data: bytes, origin: str, path: Path) -> Checkpoint:
    try:
        head = read_checkpoint(read_note(data).text)
    except MalformedError as error:
        reason = error.what.rstrip(".")
        raise HeadsUnreadableError(path=str(path), reason=reason) from error
    if head.origin != origin:
        reason = "it is of another log"
        raise HeadsUnreadableError(path=str(path), reason=reason)
    return head
