"""What a witness remembers of one log, as a file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from evidence.witness_errors import WitnessStateError
from manifests import canonical
from manifests.canonical import Json
from manifests.checkpoint import Checkpoint, read_checkpoint
from manifests.errors import MalformedError
from manifests.keys import PublicKey
from manifests.note import read_note

MAX_STATE = 1 << 21  # bytes
_FORM = "custody-witness-1"


@dataclass(frozen=True, slots=True)
class State:
    """What a witness remembers of one log.

    Attributes:
        keys: log keys a person accepted.
        note: the newest checkpoint cosigned, with these cosignatures; b"" before.
        time: POSIX time of these cosignatures; 0 before.
    """

    origin: str
    keys: tuple[PublicKey, ...] = ()
    note: bytes = b""
    time: int = 0

    @property
    def head(self) -> Checkpoint | None:
        """The newest checkpoint cosigned."""
        return read_checkpoint(read_note(self.note).text) if self.note else None

    def to_bytes(self) -> bytes:
        """The state file."""
        keys: list[Json] = [key.text for key in self.keys]
        fields: dict[str, Json] = {
            "format": _FORM,
            "keys": keys,
            "note": self.note.decode("utf-8"),
            "origin": self.origin,
            "time": self.time,
        }
        return canonical.encode(fields, what="a witness's state") + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> State:
        """Read a state file.

        Raises:
            MalformedError: not its form.
        """
        what = "a witness's state"
        text = data.removesuffix(b"\n")
        value = canonical.decode_object(text, what=what, max_bytes=MAX_STATE)
        keys, note, origin = (value.get(name) for name in ("keys", "note", "origin"))
        moment = value.get("time")
        if value.get("format") != _FORM or not isinstance(keys, list):
            raise MalformedError(what=what, reason="it has not its form")
        if not isinstance(note, str) or not isinstance(origin, str):
            raise MalformedError(what=what, reason="it has not its form")
        if not isinstance(moment, int) or isinstance(moment, bool) or moment < 0:
            raise MalformedError(what=what, reason="it holds no time")
        public = tuple(PublicKey.from_text(str(key)) for key in keys)
        state = cls(origin, public, note.encode("utf-8"), moment)
        head = state.head
        if head is not None and head.origin != origin:
            raise MalformedError(what=what, reason="its note is of another log")
        return state


def read_file(path: Path, limit: int) -> bytes | None:
    """Return at most `limit` and one bytes of a file; None when it is not there.

    Raises:
        WitnessStateError: it is there and cannot be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "unreadable"
        raise WitnessStateError(path=str(path), reason=reason) from error
