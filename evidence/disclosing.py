"""Giving a part of a case to one recipient: recorded first, then written.

The order matters: the entry says what is given and is durable before a byte is
outside (`record`); a failure afterwards leaves an entry for something that did not
happen, never the other way round. What the folder holds: `manifests.disclosure`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from evidence.case import Case, CaseWriter
from evidence.consent_errors import DisclosureUnfinishedError, PayloadEncryptedError
from evidence.enclosing import (
    Enclosure,
    Recipient,
    copy_recorded,
    enclose_key,
    enclose_records,
    private_file,
    recipient_for,
    write_enclosure,
)
from evidence.errors import (
    ExhibitUnknownError,
    OutputBusyError,
    OutputExistsError,
    ProofImpossibleError,
    RecordUnknownError,
)
from evidence.grounds import Basis
from evidence.proving import inventory_lines, make_proofs
from evidence.retention.absence import refuse_erased
from manifests import durable
from manifests.canonical import Json
from manifests.disclosure import (
    NAME,
    Disclosure,
    inventory_name,
    payload_name,
    proof_name,
    records_name,
    write_disclosure,
    write_record,
)
from manifests.entries import Entry, EntryType
from manifests.errors import CustodyError, ProofTooLargeError
from manifests.lock import FolderHold
from manifests.merkle import (
    Frontier,
    inclusion_proof,
    inclusion_proofs,
    leaf_hash,
    tree_root,
)
from manifests.proof import Placed
from manifests.verifying.expected import ExpectedExhibit, expected_exhibit

PART = ".part"  # ends the name of a folder that is not whole yet
MAX_CHOSEN = 100_000


@dataclass(frozen=True, slots=True)
class Portion:
    """What is given of one exhibit.

    Attributes:
        records: lines of its inventory, from 1; None for all.
        payload: its payload, too; only together with all records.
    """

    exhibit: str
    records: tuple[int, ...] | None = None
    payload: bool = True


@dataclass(frozen=True, slots=True)
class Prepared:
    """A portion looked at: it is there, and its inventory is the recorded one.

    Attributes:
        count: records given; root: RFC 6962 root over their leaf hashes, hex.
        paths: of chosen records, index from 0 to inclusion proof.
        enclosure: what is encrypted to the recipient; None when nothing is.
    """

    portion: Portion
    expected: ExpectedExhibit
    count: int
    root: str
    paths: Mapping[int, tuple[bytes, ...]]
    enclosure: Enclosure | None = None

    def facts(self) -> dict[str, Json]:
        """What the entry says of it."""
        told: dict[str, Json] = {
            "exhibit": self.portion.exhibit,
            "payload": self.portion.payload,
            "records": self.count,
            "root": self.root,
            "withheld": self.expected.inventory_records - self.count,
        }
        if self.enclosure is not None:
            return told | self.enclosure.told.facts()
        return told | ({"in_clear": True} if self.expected.encrypted else {})


def prepare(
    case: Case,
    portions: Iterable[Portion],
    *,
    to: Recipient | None = None,
    in_clear: bool = False,
) -> list[Prepared]:
    """Look at what is to be given; nothing is written.

    Args:
        to: names the age recipient for whom encrypted exhibits are made.
        in_clear: records of encrypted exhibits go in plaintext, as somebody decided.

    Raises:
        ExhibitUnknownError, RecordUnknownError: no such thing.
        ExhibitErasedError: it was erased.
        RecipientMissingError, RecipientRefusedError: an exhibit is encrypted and there
            is nobody to encrypt it to.
        PayloadEncryptedError: an encrypted payload was to go in clear.
        LockedError, NotARecipientError, ...: who gives cannot open it.
        ProofImpossibleError: an inventory is not the recorded one.
        ProofTooLargeError: more single records than a disclosure takes.
    """
    wanted = {portion.exhibit: portion for portion in portions}
    found: dict[str, ExpectedExhibit] = {}
    for entry in case.entries():
        name = entry.exhibits[0] if entry.exhibits else ""
        if entry.type == EntryType.ACQUIRE and name in wanted:
            found.setdefault(name, expected_exhibit(entry))
    for name, portion in wanted.items():
        if name not in found:
            raise ExhibitUnknownError(exhibit=name)
        if found[name].encrypted:
            refuse_erased(case, name)
        if in_clear and found[name].encrypted and portion.payload:
            raise PayloadEncryptedError(exhibit=name)
    return [
        _prepare(case, wanted[name], found[name])
        if in_clear or not found[name].encrypted
        else _enclosed(case, wanted[name], found[name], recipient_for(name, to))
        for name in sorted(wanted)
    ]


def _enclosed(
    case: Case, portion: Portion, expected: ExpectedExhibit, recipient: str
) -> Prepared:
    """Prepare an encrypted exhibit for its recipient.

    Without the payload all records go as chosen ones: with the key they could read a
    payload which nobody meant to give.
    """
    if portion.payload:
        item = _prepare(case, portion, expected)
        return replace(item, enclosure=enclose_key(case, expected.id, recipient))
    if portion.records is None:
        count = expected.inventory_records
        if count > MAX_CHOSEN:
            raise ProofTooLargeError(reason=f"more than {MAX_CHOSEN} records")
        portion = replace(portion, records=tuple(range(1, count + 1)))
    item = _prepare(case, portion, expected)
    enclosure = enclose_records(_chosen(case, item), recipient)
    return replace(item, enclosure=enclosure)


def _prepare(case: Case, portion: Portion, expected: ExpectedExhibit) -> Prepared:
    promised = (expected.inventory_records, expected.inventory_root)
    if portion.records is None:
        frontier = Frontier()
        for line in inventory_lines(case, portion.exhibit):
            frontier.append(leaf_hash(line))
        count, root = frontier.size, frontier.root().hex()
        _check_inventory(portion, (count, root), promised)
        return Prepared(portion, expected, count, root, {})
    chosen = sorted({number - 1 for number in portion.records})
    if len(chosen) > MAX_CHOSEN:
        raise ProofTooLargeError(reason=f"more than {MAX_CHOSEN} records")
    if not chosen or chosen[0] < 0 or chosen[-1] >= expected.inventory_records:
        wrong = [i + 1 for i in chosen if not 0 <= i < expected.inventory_records]
        raise RecordUnknownError(exhibit=portion.exhibit, record=min(wrong, default=0))
    leaves = [leaf_hash(line) for line in inventory_lines(case, portion.exhibit)]
    _check_inventory(portion, (len(leaves), tree_root(leaves).hex()), promised)
    root = tree_root(leaves[index] for index in chosen).hex()
    paths = inclusion_proofs(leaves, chosen)
    return Prepared(portion, expected, len(chosen), root, paths)


def _check_inventory(
    portion: Portion, found: tuple[int, str], promised: tuple[int, str]
) -> None:
    if found != promised:
        reason = "its inventory is not the recorded one"
        raise ProofImpossibleError(exhibit=portion.exhibit, reason=reason)


def record(
    writer: CaseWriter,
    prepared: list[Prepared],
    *,
    recipient: str,
    purpose: str,
    basis: Basis,
    note: str,
    encrypted_to: str = "",
) -> Entry:
    """Record that `prepared` goes to `recipient`; the commit point of the act.

    Args:
        encrypted_to: the age recipient, if there is one; sealed.
    """
    exhibits: list[Json] = [item.facts() for item in prepared]
    facts: dict[str, Json] = {
        "exhibits": exhibits,
        "purpose": purpose,
        "recipient": recipient,
        **basis.facts(),
    }
    told: dict[str, Json] = {"encrypted_to": encrypted_to} if encrypted_to else {}
    return writer.record(
        EntryType.DISCLOSE,
        facts=facts,
        private={"note": note, **told, **basis.sealed()},
        exhibits=tuple(item.portion.exhibit for item in prepared),
        authority=basis.ground,
    )


@contextlib.contextmanager
def folder_for(target: Path) -> Iterator[Path]:
    """Make the folder to write into; it is taken away again while it is empty.

    Raises:
        OutputExistsError: there is something at `target`, or its unfinished folder.
        StorageFailedError: it cannot be made.
    """
    part = target.with_name(target.name + PART)
    for path in (target, part):
        if os.path.lexists(path):
            raise OutputExistsError(path=str(path))
    try:
        part.mkdir(mode=0o700)
    except OSError as error:
        durable.storage_failure(error, target.name)
    with holding(part):
        try:
            yield part
        finally:
            with contextlib.suppress(OSError):  # not empty, or finished
                part.rmdir()


@contextlib.contextmanager
def holding(part: Path) -> Iterator[None]:
    """Hold an unfinished folder while this process writes into it.

    Raises:
        OutputBusyError: another process writes into it.
        StorageFailedError: it cannot be opened.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(FolderHold(part))
        except BlockingIOError as error:
            raise OutputBusyError(path=str(part)) from error
        except OSError as error:
            durable.storage_failure(error, part.name)
        yield


def write_folder(
    case: Case, prepared: list[Prepared], entry: Entry, *, part: Path, target: Path
) -> None:
    """Write what the recipient gets into `part`, and call it `target` when whole.

    Args:
        entry: what `record` returned; a checkpoint covers it by now.

    Raises:
        DisclosureUnfinishedError: not written wholly; the entry stays.
    """
    try:
        size = _newest(case, entry)
        leaves = [e.leaf for e in case.entries()][:size]
        act = Placed(entry.line, entry.seq, tuple(inclusion_proof(leaves, entry.seq)))
        names = tuple(item.portion.exhibit for item in prepared)
        proofs = make_proofs(case, names, at=size)
        for item in prepared:
            _write_exhibit(case, item, part, proofs[item.portion.exhibit].data)
        durable.write_new(part / NAME, write_disclosure(Disclosure(act, names)))
        durable.sync_folder(part)
        durable.move_folder(part, target)
    except (OSError, CustodyError) as error:
        what = error.what if isinstance(error, CustodyError) else error.strerror
        reason = (what or type(error).__name__).rstrip(".")
        raise DisclosureUnfinishedError(entry=entry.seq, reason=reason) from error


def _newest(case: Case, entry: Entry) -> int:
    """Return the size of the newest checkpoint, which covers `entry`."""
    sizes = [int(p.stem) for p in (case.manifest / "checkpoints").glob("*.note")]
    size = max(sizes, default=0)
    if size <= entry.seq:
        exhibit = entry.exhibits[0]
        reason = "no checkpoint covers the disclosure"
        raise ProofImpossibleError(exhibit=exhibit, reason=reason)
    return size


def _write_exhibit(case: Case, item: Prepared, part: Path, proof: bytes) -> None:
    exhibit, portion = item.portion.exhibit, item.portion
    durable.write_new(part / proof_name(exhibit), proof)
    if portion.payload:
        _copy_payload(case, item, part)
    if item.enclosure is not None:
        write_enclosure(case, item.expected, item.enclosure, part)
        return
    if portion.records is None:
        name, lines = inventory_name(exhibit), inventory_lines(case, exhibit)
    else:
        name, lines = records_name(exhibit), _chosen(case, item)
    (part / name).unlink(missing_ok=True)  # of an interrupted try
    with private_file(part / name) as stream:
        for line in lines:
            stream.write(line + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def _chosen(case: Case, item: Prepared) -> Iterator[bytes]:
    for index, line in enumerate(inventory_lines(case, item.portion.exhibit)):
        if index in item.paths:
            yield write_record(Placed(line, index, item.paths[index]))


def _copy_payload(case: Case, item: Prepared, part: Path) -> None:
    expected = item.expected
    copy_recorded(
        case.exhibit_folder(expected.id) / expected.payload_name,
        part / payload_name(expected.id, expected.payload_name),
        (expected.payload_bytes, expected.payload_sha256),
        exhibit=expected.id,
        what="payload",
    )


def check_space(
    prepared: list[Prepared],
    folder: Path,
    case: Case,
    *,
    beside: int = 0,
    copies: int = 1,
) -> None:
    """Refuse a disclosure that cannot fit, before it is recorded.

    Args:
        beside: bytes that are written beside it; copies: how often all of it stands
            on the disk at one time.

    Raises:
        StorageFailedError: the disk has not room for it.
    """
    needed = beside
    for item in prepared:
        needed += item.enclosure.size if item.enclosure else 0
        folder_of = case.exhibit_folder(item.portion.exhibit)
        inventory = folder_of / item.expected.inventory_name
        with contextlib.suppress(OSError):
            needed += inventory.stat().st_size
        if item.portion.payload:
            needed += item.expected.payload_bytes
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        durable.storage_failure(error, folder.name)
    if free < needed * copies:
        durable.storage_failure(OSError(28, "no space left"), folder.name)
