"""Time stamps that are still to be had: what waits, and what became of asking.

A request waits in ``manifest/pending/NNNNNNNNNN.<authority>.json`` until its answer
stands beside the checkpoint, or beside the list of second digests; it may travel as a
``.tsq`` file by hand. Waiting requests are no evidence: a case without them verifies
the same.
"""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from evidence.addresses import StampAuthority, is_authority_name
from evidence.case import LOCK, Case
from evidence.clock import utc_text
from evidence.errors import OutputExistsError
from evidence.network import post
from evidence.network_errors import (
    NetworkError,
    NetworkRefusedError,
    StampAnswerError,
    StampRefusedError,
)
from evidence.plain import read_plain
from evidence.timestamping import (
    NO_ROOTS,
    SECONDS,
    Post,
    ask_authority,
    check_answer,
    new_request,
)
from manifests import canonical, durable, ledger
from manifests.errors import MalformedError
from manifests.lock import WriterLock
from manifests.note import MAX_NOTE_BYTES
from manifests.verifying.der import DerError
from manifests.verifying.heads import TOKEN
from manifests.verifying.rehashed import MAX_LIST_BYTES
from manifests.verifying.timestamps import TokenVerdict, judge_token
from manifests.verifying.tokens import (
    MAX_TOKEN_BYTES,
    read_answer,
    read_request,
    read_token,
)
from manifests.verifying.verdict import Code

BY_HAND = "by-hand"  # name of an authority whose token was brought, not asked for
_MAX_PENDING_BYTES = 8192
_LIST = ".sha512"


class Outcome(StrEnum):
    """What became of asking one authority."""

    STAMPED = "stamped"
    ALREADY = "already stamped"
    PENDING = "pending"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Stamping:
    """One checkpoint and one authority, and what became of it.

    Attributes:
        detail: why, when there is no stamp (may hold words from outside; escape it).
        file: name of the stored token; time: when it says it was made, RFC 3339.
    """

    checkpoint: str
    authority: str
    outcome: Outcome
    detail: str = ""
    file: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that waits for its answer: the content of a file in ``pending``.

    Attributes:
        checkpoint: file name of what is to be stamped: a note, or a list.
    """

    checkpoint: str
    authority: StampAuthority
    request: bytes
    reason: Outcome = Outcome.PENDING
    detail: str = ""
    attempts: int = 0
    last_attempt: str = ""

    @property
    def stem(self) -> str:
        """Common beginning of the names of its request, token and waiting file."""
        return f"{self.checkpoint.removesuffix('.note')}.{self.authority.name}"

    def to_bytes(self) -> bytes:
        """Canonical JSON and a newline."""
        value: dict[str, canonical.Json] = {
            "attempts": self.attempts,
            "authority": self.authority.name,
            "checkpoint": self.checkpoint,
            "detail": self.detail,
            "last_attempt": self.last_attempt or None,
            "reason": self.reason.value,
            "request": base64.b64encode(self.request).decode("ascii"),
            "url": self.authority.url,
        }
        return canonical.encode(value) + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> Pending:
        """Read a waiting file called `name`.

        Raises:
            MalformedError, NetworkRefusedError: not its form.
        """
        what = "a waiting time-stamp request"
        value = canonical.decode(data.removesuffix(b"\n"))
        if not isinstance(value, dict):
            raise MalformedError(what=what, reason="it is no object")
        texts = {k: v for k, v in value.items() if isinstance(v, str)}
        try:
            request = canonical.base64_bytes(texts["request"])
            read_request(request)
            url = texts["url"]
            authority = (
                StampAuthority.checked(texts["authority"], url)
                if url
                else StampAuthority(texts["authority"], "")
            )
            attempts = value["attempts"]
            found = cls(
                checkpoint=texts["checkpoint"],
                authority=authority,
                request=request,
                reason=Outcome(texts["reason"]),
                detail=texts["detail"],
                attempts=attempts if isinstance(attempts, int) else 0,
                last_attempt=texts.get("last_attempt", ""),
            )
        except (KeyError, ValueError) as error:
            raise MalformedError(what=what, reason="a member is not right") from error
        if not is_authority_name(authority.name) or f"{found.stem}.json" != name:
            raise MalformedError(what=what, reason="its name is not its content's")
        return found


class Queue:
    """The checkpoints of a case and the requests that wait; asks nobody by itself."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._folder = case.manifest / ledger.PENDING
        self._checkpoints = case.manifest / ledger.CHECKPOINTS
        self._lists = case.manifest / ledger.RENEWALS

    def note(self, checkpoint: str) -> bytes:
        """Return the exact bytes of a checkpoint note, or of a list.

        Raises:
            CaseUnreadableError: it is not there or cannot be read.
        """
        if checkpoint.endswith(_LIST):
            return read_plain(self._lists / checkpoint, MAX_LIST_BYTES)
        return read_plain(self._checkpoints / checkpoint, MAX_NOTE_BYTES)

    def token(self, stem: str) -> Path:
        """Return where the token of a request belongs."""
        folder = self._lists if f"{_LIST}." in stem else self._checkpoints
        return folder / f"{stem}{TOKEN}"

    def waiting(self) -> list[Pending]:
        """Return the waiting requests, oldest checkpoint first.

        Raises:
            CaseUnreadableError, MalformedError: one cannot be read.
        """
        found = []
        if self._folder.is_dir():
            for path in sorted(self._folder.glob("*.json")):
                data = read_plain(path, _MAX_PENDING_BYTES)
                found.append(Pending.from_bytes(data, path.name))
        return found

    def add(
        self, checkpoint: str, authorities: Iterable[StampAuthority]
    ) -> list[Stamping]:
        """Make a request per authority for `checkpoint`, where none waits yet.

        Returns:
            those that have their token already.
        """
        note, known = self.note(checkpoint), {p.stem: p for p in self.waiting()}
        done: list[Stamping] = []
        for authority in authorities:
            strong = checkpoint.endswith(_LIST)
            fresh = Pending(checkpoint, authority, new_request(note, strong=strong))
            path = self.token(fresh.stem)
            if path.exists():
                words = (checkpoint, authority.name, Outcome.ALREADY)
                done.append(Stamping(*words, file=path.name))
            elif fresh.stem not in known:
                self.keep(fresh)
            elif known[fresh.stem].authority != authority and authority.url:
                self.keep(replace(known[fresh.stem], authority=authority))
        return done

    def keep(self, pending: Pending) -> None:
        """Store a waiting request, in place of an earlier state of it."""
        with WriterLock(self._case.path / LOCK):
            if not os.path.lexists(self._folder):
                durable.make_folder(self._folder)
            path = self._folder / f"{pending.stem}.json"
            if os.name == "nt":  # pragma: no cover - rename replaces elsewhere
                path.unlink(missing_ok=True)
            durable.write_new(path, pending.to_bytes())

    def drop(self, pending: Pending) -> None:
        """Forget a waiting request."""
        with contextlib.suppress(FileNotFoundError):
            (self._folder / f"{pending.stem}.json").unlink()

    def store(
        self, checkpoint: str, name: str, answer: bytes, verdict: TokenVerdict
    ) -> Stamping:
        """Store a checked answer beside its checkpoint; its request waits no longer.

        Raises:
            OutputExistsError: another token of that name is there; it stays.
        """
        stem = f"{checkpoint.removesuffix('.note')}.{name}"
        path = self.token(stem)
        time = utc_text(verdict.gen_time) if verdict.gen_time else ""
        with WriterLock(self._case.path / LOCK):
            if os.path.lexists(path):
                if read_plain(path, MAX_TOKEN_BYTES) != answer:
                    raise OutputExistsError(path=path.name)
                return Stamping(checkpoint, name, Outcome.ALREADY, file=path.name)
            durable.write_new(path, answer)
            with contextlib.suppress(FileNotFoundError):
                (self._folder / f"{stem}.json").unlink()
        return Stamping(checkpoint, name, Outcome.STAMPED, file=path.name, time=time)

    def export(self, folder: Path) -> list[Path]:
        """Write every waiting request as a ``.tsq`` file into `folder`.

        Raises:
            OutputExistsError: a file of that name with other bytes is there.
            StorageFailedError: it could not be written.
        """
        written = []
        for pending in self.waiting():
            path = folder / f"{pending.stem}.tsq"
            try:
                with path.open("xb") as stream:
                    stream.write(pending.request)
            except FileExistsError as error:
                if not path.is_file() or path.read_bytes() != pending.request:
                    raise OutputExistsError(path=str(path)) from error
            except OSError as error:
                durable.storage_failure(error, str(path))
            written.append(path)
        return written

    def take(self, answer: bytes, *, name: str = BY_HAND) -> Stamping:
        """Store a token that came by hand; its imprint tells which checkpoint's it is.

        Args:
            name: of the authority, when no waiting request tells.

        Raises:
            StampRefusedError, StampAnswerError: it is not fit to be stored.
        """
        try:
            read = read_answer(answer)
            token = read_token(read.token) if read.token else None
        except DerError as error:
            reason = f"it is not a well-formed time stamp ({error})"
            raise StampAnswerError(name="the file", reason=reason) from error
        if token is not None:
            for pending in self.waiting():
                _, imprint, nonce = read_request(pending.request)
                if (imprint, nonce) == (token.imprint, token.nonce):
                    return self._take(
                        pending.checkpoint, pending.authority.name, answer
                    )
            stamped = [
                *sorted(self._checkpoints.glob("*.note")),
                *sorted(self._lists.glob(f"*{_LIST}")),
            ]
            for path in stamped:
                verdict = judge_token(answer, self.note(path.name), NO_ROOTS)
                if verdict.code is not Code.TIMESTAMP_OTHER_BYTES:
                    return self._take(path.name, name, answer)
        elif read.status not in (0, 1):
            check_answer(answer, b"", name="that wrote the file")
        reason = "it is over no checkpoint and no list of this case"
        raise StampAnswerError(name="the file", reason=reason)

    def _take(self, checkpoint: str, name: str, answer: bytes) -> Stamping:
        verdict = check_answer(answer, self.note(checkpoint), name=name)
        return self.store(checkpoint, name, answer, verdict)


def ask_waiting(
    queue: Queue, *, timeout: float = SECONDS, ask: Post = post
) -> Iterator[Stamping]:
    """Ask for every waiting request once; yield what became of each.

    What fails stays waiting, with the reason; nothing is raised for one authority.
    """
    for pending in queue.waiting():
        if queue.token(pending.stem).exists():  # stored just before an interruption
            queue.drop(pending)
            yield _kept(pending, Outcome.ALREADY, "")
            continue
        if not pending.authority.url:
            detail = "it has no address: send the request by hand (--requests DIR)"
            yield _kept(pending, Outcome.PENDING, detail)
            continue
        note = queue.note(pending.checkpoint)
        try:
            name = pending.authority.name
            answer = ask_authority(
                pending.authority, pending.request, timeout=timeout, ask=ask
            )
            verdict = check_answer(answer, note, name=name, request=pending.request)
        except (StampRefusedError, StampAnswerError, NetworkRefusedError) as error:
            outcome = Outcome.REFUSED
            detail = str(error.facts["reason"])
        except NetworkError as error:
            outcome, detail = Outcome.UNAVAILABLE, str(error.facts["reason"])
        else:
            yield queue.store(pending.checkpoint, name, answer, verdict)
            continue
        now = utc_text(datetime.now(UTC))
        tried = replace(
            pending,
            reason=outcome,
            detail=detail[:500],
            attempts=pending.attempts + 1,
            last_attempt=now,
        )
        queue.keep(tried)
        yield _kept(tried, outcome, detail)


def _kept(pending: Pending, outcome: Outcome, detail: str) -> Stamping:
    return Stamping(pending.checkpoint, pending.authority.name, outcome, detail)
