"""Being a witness: what was cosigned, for whom, and when not to cosign any more.

``$CUSTODY_HOME/witness/<SHA-256 of the origin, hex>/state.json`` holds, for one log,
the keys a person accepted for it and the newest checkpoint cosigned, with these
cosignatures. It is replaced as a whole, and is durable before a cosignature leaves this
module: a witness that forgot would countersign two histories. ``refused/`` keeps the
notes of forks beside what had been cosigned then. ``witness/names.json`` keeps the one
name each key witnesses under.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from evidence.clock import utc_text
from evidence.witness_errors import (
    WitnessBusyError,
    WitnessClockError,
    WitnessForkError,
    WitnessKeyRefusedError,
    WitnessLogSignatureError,
    WitnessLogUnknownError,
    WitnessProofMissingError,
    WitnessRollbackError,
    WitnessStateError,
)
from evidence.witness_state import MAX_STATE, State, read_file
from manifests import canonical, durable
from manifests.canonical import Json
from manifests.checkpoint import (
    Checkpoint,
    is_signed_by,
    signature_id,
)
from manifests.cosignature import Cosigner, cosign
from manifests.durable import SYSTEM, System
from manifests.errors import CaseLockedError, MalformedError
from manifests.keys import Algorithm, PublicKey, Signer
from manifests.lock import WriterLock
from manifests.merkle import ProofError, verify_consistency
from manifests.note import NoteSignature, is_name, write_note
from manifests.witnessing import Request

FOLDER = "witness"
STATE = "state.json"
NAMES = "names.json"
REFUSED = "refused"
CLOCK_TOLERANCE = 300  # seconds a clock may have been set back
_MAX_LOG_LINES = 16  # signature lines of the log kept with its checkpoint
_MAX_REFUSED = 1000  # notes kept of one log
_NAME = re.compile(r"[a-z0-9.\-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~\-]+)*")

Confirm = Callable[[str, PublicKey], bool]


def default_name(key: PublicKey) -> str:
    """Return the name a key witnesses under when its holder chose none."""
    return f"witness.custody.invalid/{key.id[:16]}"


@dataclass(frozen=True, slots=True)
class Cosigned:
    """Cosignatures that may leave: the lines, over which head, from which one on.

    Attributes:
        note: the checkpoint with the log's signature and these lines.
        before: size cosigned before; 0 for none.
    """

    lines: tuple[NoteSignature, ...]
    head: Checkpoint
    note: bytes
    time: int
    before: int


def _present() -> int:
    return int(time.time())


@dataclass(frozen=True, slots=True)
class WitnessDesk:
    """The witness work of one person: all below ``home/witness``.

    Attributes:
        clock: POSIX time now, the witness's own.
    """

    home: Path
    system: System = SYSTEM
    clock: Callable[[], int] = _present

    @property
    def folder(self) -> Path:
        """Where everything is."""
        return self.home / FOLDER

    def path(self, origin: str) -> Path:
        """Folder of one log; the origin never becomes a path."""
        return self.folder / sha256(origin.encode("utf-8")).hexdigest()

    def state(self, origin: str) -> State | None:
        """Return what is remembered of a log, None before the first time.

        Raises:
            WitnessStateError: there is something, and it cannot be used.
        """
        path = self.path(origin) / STATE
        data = read_file(path, MAX_STATE)
        if data is None:
            return None
        try:
            state = State.from_bytes(data)
        except MalformedError as error:
            reason = error.what.rstrip(".")
            raise WitnessStateError(path=str(path), reason=reason) from error
        if state.origin != origin:
            reason = "it is of another log"
            raise WitnessStateError(path=str(path), reason=reason)
        return state

    def cosign(
        self,
        request: Request,
        signer: Signer,
        *,
        name: str,
        accepted: Sequence[PublicKey] = (),
        confirm: Confirm = lambda _origin, _key: False,
    ) -> Cosigned:
        """Judge a request and cosign its checkpoint; durable before it returns.

        Args:
            name: the witness's name in notes.
            accepted: keys the user gave for this log, now.
            confirm: asked about a key from the request when none is known.

        Raises:
            WitnessBusyError, WitnessStateError, StorageFailedError: nothing leaves.
            WitnessLogUnknownError, WitnessLogSignatureError: whose log is it?
            WitnessRollbackError, WitnessForkError: not what was cosigned before.
            WitnessProofMissingError: the request does not reach back far enough.
            WitnessClockError: the clock was set back.
            WitnessKeyRefusedError: the key or its name cannot witness.
        """
        if signer.public.algorithm is not Algorithm.ED25519:
            raise WitnessKeyRefusedError(reason="its key is not Ed25519")
        with self._locked():
            self._fix_name(signer.public, name)
            return self._cosign(request, signer, name, accepted, confirm)

    def fix_name(self, key: PublicKey, wanted: str | None) -> str:
        """Choose the name a key witnesses under, for good; return it.

        Raises:
            WitnessKeyRefusedError, WitnessBusyError: it was not chosen.
        """
        name = self.name_of(key, wanted)
        with self._locked():
            self._fix_name(key, name)
        return name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._make_folders()
        try:
            with WriterLock(self.folder / ".lock"):
                yield
        except CaseLockedError as error:
            raise WitnessBusyError(owner=error.facts["owner"]) from error

    def name_of(self, key: PublicKey, wanted: str | None) -> str:
        """Return the name a key witnesses under.

        Raises:
            WitnessKeyRefusedError: no name for a witness, or not the one used before.
        """
        used = self._names().get(key.id)
        name = wanted or used or default_name(key)
        if not _NAME.fullmatch(name) or not is_name(name) or len(name) > 200:
            reason = "its name is not a host and path without a scheme"
            raise WitnessKeyRefusedError(reason=reason)
        if used not in (None, name):
            raise WitnessKeyRefusedError(reason=f"it witnessed as {used} before")
        return name

    def _cosign(
        self,
        request: Request,
        signer: Signer,
        name: str,
        accepted: Sequence[PublicKey],
        confirm: Confirm,
    ) -> Cosigned:
        origin = request.head.origin
        state = self.state(origin) or State(origin)
        state = _admit(state, request, accepted, confirm)
        self._compare(state, request)
        moment = self._moment(state)
        lines = cosign(
            request.signed.text, request.head, name=name, time=moment, signer=signer
        )
        self._check_own(lines, request, signer, name)
        log_lines = _log_lines(state, request)
        note = write_note(request.signed.text, [*log_lines, *lines])
        before = state.head
        self._store(replace(state, note=note, time=moment))
        size = before.size if before is not None else 0
        return Cosigned(tuple(lines), request.head, note, moment, size)

    def _compare(self, state: State, request: Request) -> None:
        """Refuse what does not extend the newest checkpoint cosigned."""
        known, head = state.head, request.head
        if known is None:
            return
        if head.size < known.size:
            raise WitnessRollbackError(size=head.size, known=known.size)
        if head.size == known.size:
            if head.root != known.root:
                reason = "another history of the same length was cosigned here before"
                self._refuse(state, request, reason)
            return
        proof = request.proofs.get(known.size)
        if proof is None:
            raise WitnessProofMissingError(known=known.size)
        try:
            verify_consistency(known.size, head.size, proof, known.root, head.root)
        except ProofError:
            reason = f"its proof does not show that the first {known.size} entries are "
            self._refuse(state, request, reason + "those cosigned here before")

    def _refuse(self, state: State, request: Request, reason: str) -> None:
        """Keep a signed checkpoint that contradicts, and what it contradicts."""
        folder = self.path(state.origin) / REFUSED
        name = f"{request.head.size:010d}-{sha256(request.note).hexdigest()[:16]}"
        kept = folder / f"{name}.note"
        if not folder.exists():
            durable.make_folder(folder, system=self.system)
        if len(list(folder.iterdir())) >= 2 * _MAX_REFUSED:
            raise WitnessForkError(reason=reason, kept="nothing: the folder is full")
        for path, note in ((kept, request.note), (_beside(kept), state.note)):
            if not path.exists():
                durable.write_new(path, note, system=self.system)
        raise WitnessForkError(reason=reason, kept=str(kept))

    def _moment(self, state: State) -> int:
        """Return the time to state: the clock's, and never before the last one."""
        now = self.clock()
        if now < state.time - CLOCK_TOLERANCE:
            texts = {"now": _text(now), "last": _text(state.time)}
            raise WitnessClockError(**texts)
        return max(now, state.time, 1)

    def _check_own(
        self, lines: list[NoteSignature], request: Request, signer: Signer, name: str
    ) -> None:
        """Never let out a cosignature that does not verify (a token that failed)."""
        beside = signer.post_quantum.public if signer.post_quantum else None
        for key, line in zip((signer.public, beside), lines, strict=False):
            cosigner = Cosigner(name, key) if key is not None else None
            text, head = request.signed.text, request.head
            if cosigner is None or cosigner.time_of(line, text, head) < 0:
                reason = "it made a signature that does not verify"
                raise WitnessKeyRefusedError(reason=reason)

    def _store(self, state: State) -> None:
        folder = self.path(state.origin)
        if not folder.exists():
            durable.make_folder(folder, system=self.system)
        durable.replace_file(folder / STATE, state.to_bytes(), system=self.system)

    def _make_folders(self) -> None:
        try:
            self.home.parent.mkdir(parents=True, exist_ok=True)
            for path in (self.home, self.folder):
                if not path.exists():
                    durable.make_folder(path, system=self.system)
        except OSError as error:
            durable.storage_failure(error, FOLDER)

    def _names(self) -> dict[str, str]:
        path = self.folder / NAMES
        data = read_file(path, MAX_STATE)
        if data is None:
            return {}
        try:
            found = canonical.decode_object(data.removesuffix(b"\n"), what="the names")
        except MalformedError as error:
            reason = error.what.rstrip(".")
            raise WitnessStateError(path=str(path), reason=reason) from error
        return {key: str(name) for key, name in found.items()}

    def _fix_name(self, key: PublicKey, name: str) -> None:
        """Remember a chosen name: one key never cosigns under two (C2SP)."""
        self.name_of(key, name)
        names: dict[str, Json] = {**self._names()}
        if key.id not in names:
            names[key.id] = name
            data = canonical.encode(names, what="the names") + b"\n"
            durable.replace_file(self.folder / NAMES, data, system=self.system)


def _beside(path: Path) -> Path:
    return path.with_suffix(".known")


def _text(moment: int) -> str:
    return utc_text(datetime.fromtimestamp(moment, UTC))


def _admit(
    state: State, request: Request, accepted: Sequence[PublicKey], confirm: Confirm
) -> State:
    """Return the state with the log's keys; refuse a log nobody vouches for."""
    origin = request.head.origin
    keys = list(state.keys)
    given = [k for k in accepted if is_signed_by(request.signed, origin, k)]
    keys += [key for key in given if key not in keys]
    if not keys and accepted:
        raise WitnessLogSignatureError(origin=origin)
    if not keys:
        signed = [k for k in request.keys if is_signed_by(request.signed, origin, k)]
        if not signed or not confirm(origin, signed[0]):
            raise WitnessLogUnknownError(origin=origin)
        keys = signed[:1]
    if not any(is_signed_by(request.signed, origin, key) for key in keys):
        raise WitnessLogSignatureError(origin=origin)
    return replace(state, keys=tuple(keys))


def _log_lines(state: State, request: Request) -> list[NoteSignature]:
    """Return the log's own lines, those of accepted keys first; no other is kept."""
    origin, signed = request.head.origin, request.signed
    holding = [key for key in state.keys if is_signed_by(signed, origin, key)]
    ids = {signature_id(origin, key) for key in holding}
    own = [line for line in signed.signatures if line.name == origin]
    own.sort(key=lambda line: line.key_id not in ids)
    return own[:_MAX_LOG_LINES]
