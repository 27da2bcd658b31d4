"""Acquiring: plan, read, copy, record - the same for every source (DESIGN 6).

1. A staging folder inside the case takes the payload, hashed while it is copied.
2. A parser, in a process of its own, reads the copy; what it finds goes to the
   inventory. It cannot stop or spoil the copy.
3. Payload and inventory become durable and move into place as the next exhibit.
4. One `acquire` entry commits the act; before it, nothing happened.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from evidence import clock
from evidence.case import CaseWriter
from evidence.copying import PayloadSink, Written
from evidence.datatimes import Dating
from evidence.errors import (
    PayloadTouchedError,
    SourceInsideCaseError,
    SourceMissingError,
)
from evidence.grounds import NO_BASIS, Basis, Claim, doubted, ground_of, is_dated
from evidence.inventory import ENCRYPTED_NAME, Inventory, InventoryWriter
from evidence.inventory import NAME as INVENTORY_NAME
from evidence.odd_names import oddities
from evidence.outcome import Account, Outcome, ParseOutcome, is_complete
from evidence.parsing.base import Fields, Job, Json, Record, Summary
from evidence.parsing.sandbox import parse
from evidence.reading import Progress, Stop
from evidence.scope import Scope, Touch
from evidence.tool import tool_facts
from evidence.vault.writing import FreshKey, fresh_key
from manifests import canonical, durable
from manifests.errors import CustodyError, MalformedError

PAYLOAD = "payload"
PAYLOAD_TAR = "payload.tar"
DOCUMENT = "document"  # kind of what a record of the case rests on
_MAX_PUBLIC = 8192  # bytes of parser facts an entry takes
_MAX_LIMITS = 200  # sentences kept in the sealed record


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked to acquire as one exhibit.

    Attributes:
        kind: chat, screenshot, disk, files or document.
        sources: paths as given.
        category: data category of Regulation (EU) 2023/1543 Art. 3(9)-(12).
        description: the examiner's words; sealed.
        authority: number of the legal ground, e.g. AU-0001; None to have it found.
        options: for the parser, and kept in the sealed record.
        command: the command line, sealed (it holds paths).
        override: reason to acquire although no ground covers it, sealed; "" for none.
        documents: number of the record of the case a document belongs to, e.g.
            AU-0001; "" for evidence.
        lineage: the exhibit of another log this one is a copy of; {} for none.
    """

    kind: str
    sources: tuple[Path, ...]
    category: str = "content"
    description: str = ""
    authority: str | None = None
    options: Mapping[str, Json] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    override: str = ""
    documents: str = ""
    lineage: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Acquired:
    """A committed acquisition.

    Attributes:
        basis: the legal ground it stands on, with overrides and doubts.
    """

    exhibit: str
    seq: int
    facts: Mapping[str, Json]
    complete: bool
    limits: tuple[str, ...]
    basis: Basis = NO_BASIS


@dataclass(slots=True)
class Work:
    """One acquisition under way: where it writes and what it has found."""

    request: Request
    staging: Path
    inventory: InventoryWriter
    exclude: Path
    progress: Progress | None = None
    stop: Stop | None = None
    account: Account = field(default_factory=Counter)
    odd: Counter[str] = field(default_factory=Counter)
    payload_name: str = PAYLOAD
    key: FreshKey | None = None
    parsed: Summary | None = None
    parser: str = ""
    dating: Dating | None = None  # where the ground is limited to a time

    def sink(self, name: str) -> PayloadSink:
        """Open the payload to write."""
        if self.key is None:
            self.payload_name = name
            return PayloadSink(self.staging / name, what=f"the {name}")
        from evidence.vault.encrypting import EncryptedSink

        self.payload_name = name + ".age"
        path = self.staging / self.payload_name
        return EncryptedSink(path, self.key.recipient, what=f"the {name}")

    @property
    def payload(self) -> Path:
        """The payload being written."""
        return self.staging / self.payload_name

    def emit(self, fields: Fields) -> None:
        """Add one record to the inventory."""
        self.odd.update(oddities(fields))
        if self.dating is not None:
            self.dating.take(fields)
        self.inventory.add(fields)

    def run_parser(self, name: str, job: Job) -> None:
        """Parse the copy; its records go to the inventory."""
        self.parser = name
        if self.key is not None:
            job = replace(job, sealed=self.key.reading(self.payload))
        before = _state(self.payload)
        for item in parse(name, job):
            if isinstance(item, Record):
                self.emit(item.fields)
            elif isinstance(item, Summary):
                self.finish_parse(item)
        if _state(self.payload) != before:
            raise PayloadTouchedError(parser=name)

    def finish_parse(self, summary: Summary) -> None:
        """Take a parser's summary, refusing facts an entry cannot hold."""
        try:
            size = len(canonical.encode(dict(summary.public)))
        except MalformedError:
            size = _MAX_PUBLIC + 1
        if size > _MAX_PUBLIC:
            limit = "The parser's own facts were refused: odd or too long."
            summary = Summary(ParseOutcome.FAILED, {}, (*summary.limits, limit))
        self.parsed = summary
        self.account.update(summary.left_out)


def _state(path: Path) -> tuple[int, int, int, int]:
    """What changes when a file is written to (the change time cannot be set)."""
    try:
        status = path.lstat()
    except OSError:
        return 0, 0, 0, 0  # gone: unlike any file that was there
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


Method = Callable[[Work], Written]


def acquire(
    writer: CaseWriter,
    request: Request,
    method: Method,
    *,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Acquired:
    """Acquire `request` into the next exhibit with `method`, all or nothing.

    Raises:
        SourceMissingError, SourceUnreadableError, ...: nothing was recorded.
        GroundRefusedError, ...: as `evidence.grounds.ground_of`; nothing was recorded.
        StorageFailedError: nothing was recorded; the staged copy was removed.
    """
    _check_sources(request, writer.case.path)
    started = clock.now().time
    basis = _basis(writer, request, started)
    staging = writer.staging_path()
    inventory: InventoryWriter | None = None
    try:
        durable.make_folder(staging, system=writer.log.system)
        key = fresh_key() if writer.vault is not None else None
        inventory = _inventory(staging, key)
        work = Work(request, staging, inventory, writer.case.path, progress, stop)
        work.key = key
        if request.kind != DOCUMENT and is_dated(writer, basis):
            work.dating = Dating(request.kind)
        written = method(work)
        finished = work.inventory.finish()
        _write_protect(work)
        basis = _look_again(writer, work, basis, started)
        facts = {**_facts(work, written, finished, started), **basis.facts()}
        exhibit, entry = writer.commit_exhibit(
            staging,
            facts=facts,
            private={**_private(work), **_plain(written), **basis.sealed()},
            authority=basis.ground,
            key=key,
        )
    except BaseException as error:
        _discard(staging, inventory, error)
        raise
    limits = work.parsed.limits if work.parsed else ()
    return Acquired(exhibit, entry.seq, facts, bool(facts["complete"]), limits, basis)


def _scope(request: Request, at: str, span: tuple[str, str] = ("", "")) -> Scope:
    return Scope(
        Touch.COLLECT,
        at,
        categories=(request.category,),
        data_from=span[0],
        data_to=span[1],
    )


def _basis(writer: CaseWriter, request: Request, at: str) -> Basis:
    """Find the legal ground, before anything is read."""
    if request.kind == DOCUMENT:
        # The paper on which a ground stands is part of the record, not evidence.
        return Basis(request.authority)
    claim = Claim(request.authority or "", request.override)
    return ground_of(writer, _scope(request, at), claim)


def _look_again(writer: CaseWriter, work: Work, basis: Basis, at: str) -> Basis:
    """Ask the ground once more, now that the data's times are known."""
    if work.dating is None:
        return basis
    work.dating.finish()
    return doubted(writer, basis, _scope(work.request, at, work.dating.span))


def _inventory(staging: Path, key: FreshKey | None) -> InventoryWriter:
    if key is None:
        return InventoryWriter(staging / INVENTORY_NAME)
    return InventoryWriter(staging / ENCRYPTED_NAME, recipient=key.recipient)


def _plain(written: Written) -> dict[str, Json]:
    """Of an encrypted payload, what is inside: who knows a digest can test guesses."""
    if written.cipher is None:
        return {}
    return {"payload": {"bytes": written.bytes, "sha256": written.sha256}}


def _check_sources(request: Request, case: Path) -> None:
    inside = _real(case)
    for source in request.sources:
        try:
            source.lstat()
        except OSError as error:
            raise SourceMissingError(path=str(source)) from error
        resolved = _real(source)
        if resolved == inside or inside in resolved.parents:
            raise SourceInsideCaseError(path=str(source))


def _real(path: Path) -> Path:
    """Return `path` without links; unlike `Path.resolve`, bears links in a circle."""
    return Path(os.path.realpath(path))


def _write_protect(work: Work) -> None:
    """Guard against accidents; whoever owns the files can undo it."""
    try:
        inventory = ENCRYPTED_NAME if work.key is not None else INVENTORY_NAME
        for name in (work.payload_name, inventory):
            (work.staging / name).chmod(0o400)
    except OSError as error:
        durable.storage_failure(error, "the exhibit")


def _discard(
    staging: Path, inventory: InventoryWriter | None, error: BaseException
) -> None:
    """Remove the staged copy of an act that failed; a recovery finds what stays."""
    if inventory is not None:
        # A full disk refuses what is still in the buffer: it goes with the folder.
        with contextlib.suppress(CustodyError):
            inventory.close()
    try:
        if staging.exists():
            shutil.rmtree(staging)
    except OSError as second:
        error.add_note(f"The staged copy could not be removed: {second}")


def _facts(
    work: Work, written: Written, inventory: Inventory, started: str
) -> dict[str, Json]:
    """Return the public facts of the acquire entry."""
    if work.inventory.refused:
        work.account[Outcome.REFUSED] += work.inventory.refused
    outcomes: dict[str, Json] = {o.value: n for o, n in work.account.items() if n}
    complete = is_complete(work.account) and _parse_is_whole(work.parsed)
    parsed: Json = None
    if work.parsed is not None:
        parsed = {
            "outcome": work.parsed.outcome.value,
            "parser": work.parser,
            "public": dict(work.parsed.public),
        }
    stored = written.cipher or written
    recipient: dict[str, Json] = {}
    if work.key is not None:
        recipient = {"recipient": work.key.recipient}
    return {
        **recipient,
        "category": work.request.category,
        "complete": complete,
        "ended": clock.now().time,
        "inventory": inventory.facts(),
        "kind": work.request.kind,
        "outcomes": outcomes,
        "parse": parsed,
        "payload": {
            "bytes": stored.bytes,
            "name": work.payload_name,
            "sha256": stored.sha256,
        },
        "started": started,
        "tool": tool_facts(),
        **_dated(work),
        **({"odd_names": dict(work.odd)} if work.odd else {}),
        **({"documents": work.request.documents} if work.request.documents else {}),
        **({"lineage": dict(work.request.lineage)} if work.request.lineage else {}),
    }


def _dated(work: Work) -> dict[str, Json]:
    if work.dating is None:
        return {}
    whole = work.parsed is None or work.parsed.outcome is ParseOutcome.PARSED
    return {"data_range": work.dating.facts(whole=whole)}


def _parse_is_whole(parsed: Summary | None) -> bool:
    broken = (ParseOutcome.FAILED, ParseOutcome.PARTIAL)
    return parsed is None or parsed.outcome not in broken


def _private(work: Work) -> dict[str, Json]:
    """Return the sealed part: places, people and machines."""
    request = work.request
    return {
        "command": [readable(part) for part in request.command],
        "description": readable(request.description),
        "host": socket.gethostname(),
        "limits": list(work.parsed.limits[:_MAX_LIMITS]) if work.parsed else [],
        "options": {k: _readable_value(v) for k, v in request.options.items()},
        "sources": [readable(str(p.absolute())) for p in request.sources],
        "user": _user(),
    }


def readable(text: str) -> str:
    """Return `text` with undecodable bytes spelled out (``\\xff``)."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _readable_value(value: Json) -> Json:
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, list):
        return [_readable_value(member) for member in value]
    return value


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
