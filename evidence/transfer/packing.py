"""Writing a package: the disclosed part or the whole case, and what proves it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from evidence.case import (
    EXHIBITS,
    IDENTITIES,
    MANIFEST,
    PRIVATE,
    QUARANTINE,
    SETTINGS,
    Case,
    CaseWriter,
    open_case,
    unreadable,
)
from evidence.checking import check_case
from evidence.consent_errors import DisclosureUnfinishedError
from evidence.countersigned import countersigned
from evidence.disclosing import Prepared, write_folder
from evidence.enclosing import continued_file
from evidence.hashing import Digest
from evidence.identity import Identity
from evidence.retention.register import register_of
from evidence.tool import tool_facts
from evidence.transfer import guide
from evidence.transfer.alongside import (
    PROOFS,
    acquired_of,
    copy_report,
    earlier_proofs,
)
from evidence.transfer.bag import DATA, hash_payload, list_files, write_bag
from evidence.transfer.sides import make_side
from evidence.transfer.transmission import (
    NAME,
    file_items,
    party,
    restated,
)
from evidence.transfer.words import CUSTODY, PACKED
from evidence.transfer_errors import PackageUnfinishedError
from evidence.vault.keyring import FOLDER as KEYS
from manifests import durable, ledger
from manifests.canonical import Json
from manifests.durable import TEMPORARY_PREFIX
from manifests.entries import Entry, EntryType
from manifests.errors import CustodyError
from manifests.transfer import TransferProof, write_transfer
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Axis, Status

if TYPE_CHECKING:
    from evidence.envelope.sealed import Sealed

OFFER = "offer.json"
UNFINISHED = "data.part"
CUSTODY_FILES = (
    "RECEIPT.txt",
    "VERIFY.txt",
    "checkpoint.note",
    OFFER,
    "recipient.identity.json",
    "request.txt",
    "sender.identity.json",
    NAME,
    "verify.sh",
)
Progress = Callable[[int], None]
_WHOLE = (MANIFEST, PRIVATE, EXHIBITS, IDENTITIES, QUARANTINE, KEYS, "reports")
_BLOCK = 1 << 20
_SOUND = (Axis.COMPLETE, Axis.INTACT, Axis.CONSISTENT, Axis.SIGNED)


@dataclass(frozen=True, slots=True)
class Packed:
    """A package that is written and has no name yet.

    Attributes:
        identity: SHA-256 (hex) of its tag manifest.
        files: path below the package to digest, of what is handed over.
    """

    identity: str
    files: dict[str, Digest]


def write_package(
    case: Case,
    entry: Entry,
    prepared: Sequence[Prepared],
    *,
    part: Path,
    sender: Identity,
    recipient: Identity,
    report: Path | None = None,
    progress: Progress | None = None,
) -> Packed:
    """Write the package of an offer into the folder `part`; durable.

    What an interrupted try left there (`evidence.transfer.continuing` has looked at
    it) is hashed, and only the rest is copied.

    Args:
        entry: the offer, as recorded; a checkpoint covers it by now.
        prepared: what is given of each exhibit; none for the whole case.
        report: the report the offer names; None for that of an interrupted try.

    Raises:
        PackageUnfinishedError: not written wholly; the offer's entry stays.
    """
    try:
        if prepared:
            unfinished = part / UNFINISHED
            if not unfinished.is_dir():
                durable.make_folder(unfinished)
            write_folder(
                case, list(prepared), entry, part=unfinished, target=part / DATA
            )
        else:
            _copy_case(case, part / DATA)
        files = hash_payload(part, progress=progress)
        _write_custody(case, entry, files, part, sender, recipient)
        _write_alongside(case, entry, prepared, part / CUSTODY, report)
        identity = write_bag(part, files, _info(case, entry, sender))
        durable.sync_folder(part)
    except DisclosureUnfinishedError as error:
        reason = str(error.facts["reason"])
        raise PackageUnfinishedError(entry=entry.seq, reason=reason) from error
    except (OSError, CustodyError) as error:
        what = error.what if isinstance(error, CustodyError) else error.strerror
        reason = (what or type(error).__name__).rstrip(".")
        raise PackageUnfinishedError(entry=entry.seq, reason=reason) from error
    return Packed(identity, files)


def _info(case: Case, entry: Entry, sender: Identity) -> list[tuple[str, str]]:
    tool = tool_facts()
    return [
        ("Source-Organization", sender.organisation or sender.name),
        ("External-Identifier", f"{case.settings.origin} {entry.facts['number']}"),
        ("Bagging-Date", entry.time[:10]),
        ("Bag-Software-Agent", f"{tool['name']} {tool['version']}"),
        ("External-Description", "Evidence handed over; see custody/VERIFY.txt"),
    ]


def _write_custody(
    case: Case,
    entry: Entry,
    files: dict[str, Digest],
    part: Path,
    sender: Identity,
    recipient: Identity,
) -> None:
    side = make_side(case, entry)
    folder = part / CUSTODY
    if not folder.is_dir():
        durable.make_folder(folder)
    facts, sealed = entry.facts, case.sealed(entry)
    contact = sealed.get("contact")
    to = party(recipient, contact if isinstance(contact, str) else "")
    parties = {"sender": party(sender), "recipient": to}
    manifest = restated(facts, {**sealed, **parties}, {"files": file_items(files)})
    head = countersigned(case, f"entry {entry.seq}", side.head.size)
    contents = {
        NAME: manifest,
        OFFER: write_transfer(TransferProof(side)),
        "RECEIPT.txt": guide.RECEIPT.encode(),
        "VERIFY.txt": guide.VERIFY.encode(),
        "checkpoint.note": head.merged(),
        "recipient.identity.json": recipient.to_bytes(),
        "request.txt": side.request,
        "sender.identity.json": sender.to_bytes(),
        "verify.sh": guide.SCRIPT.encode(),
    }
    for name in CUSTODY_FILES:
        durable.write_new(folder / name, contents[name])


def _write_alongside(
    case: Case,
    entry: Entry,
    prepared: Sequence[Prepared],
    folder: Path,
    report: Path | None,
) -> None:
    """Write a report, and older proofs; a whole case has its own."""
    acquired = acquired_of(case, [item.portion.exhibit for item in prepared])
    proofs = earlier_proofs(case, acquired, make_side(case, entry).head.size)
    if proofs and not (folder / PROOFS).is_dir():
        durable.make_folder(folder / PROOFS)
    for name, data in proofs.items():
        durable.write_new(folder / name, data)
    wanted = entry.facts.get("report")
    if isinstance(wanted, str):
        copy_report(report, folder, wanted)


def size_of(prepared: Sequence[Prepared]) -> int:
    """Return the bytes of the payloads that are given."""
    return sum(p.expected.payload_bytes for p in prepared if p.portion.payload)


# -- the whole case ----------------------------------------------------------------


def whole_exhibits(case: Case) -> tuple[str, ...]:
    """Return the numbers of all exhibits that were not erased, in order."""
    register = register_of(case)
    return tuple(name for name in register.exhibits if register.erased(name) is None)


def whole_size(case: Case) -> int:
    """Return about how many bytes a copy of the whole case takes.

    Raises:
        PackageUnpackableError: a file of it cannot go into a package.
        CaseUnreadableError: it cannot be read.
    """
    try:
        return sum((case.path / path).stat().st_size for path in own_files(case))
    except OSError as error:
        raise unreadable("A file", error) from error


def own_files(case: Case) -> list[str]:
    """Return what of a case folder goes with the whole case, as relative paths.

    Raises:
        PackageUnpackableError: something cannot go into a package.
    """
    found = [SETTINGS]
    for name in _WHOLE:
        if (case.path / name).is_dir():
            found += [f"{name}/{path}" for path in list_files(case.path / name)]
    return [
        path
        for path in found
        if not path.rpartition("/")[2].startswith(TEMPORARY_PREFIX)
    ]


def _copy_case(case: Case, target: Path) -> None:
    """Copy a case as it is, and verify the copy; the case is only read."""
    made = {target}
    _make_folder(target)
    for name in own_files(case):
        folder = (target / name).parent
        for missing in reversed([folder, *folder.parents]):
            if target in missing.parents and missing not in made:
                _make_folder(missing)
                made.add(missing)
        _copy_file(case.path / name, target / name)
    for folder in made:
        durable.sync_folder(folder)
    verdict = check_case(open_case(target), anchors=Anchors()).verdict
    for axis in _SOUND:
        if verdict.axes[axis].status is Status.FAIL:
            raise OSError(5, f"the copy does not verify ({axis.value})")


def _make_folder(path: Path) -> None:
    if not path.is_dir():
        durable.make_folder(path)


def _copy_file(source: Path, target: Path) -> None:
    """Copy a file; what is there already, up to where it differs, is not written."""
    with ledger.open_plain(source) as stream, continued_file(target) as copy:
        _skip_equal(stream, copy)
        copy.truncate()
        shutil.copyfileobj(stream, copy, _BLOCK)
        copy.flush()
        os.fsync(copy.fileno())


def _skip_equal(stream: BinaryIO, copy: BinaryIO) -> None:
    """Move both to the first block in which the copy is not what the source is."""
    while True:
        place = copy.tell()
        there = copy.read(_BLOCK)
        if not there or stream.read(len(there)) != there:
            copy.seek(place)
            stream.seek(place)
            return


def record_packed(
    writer: CaseWriter, offer: Entry, packed: Packed, sealed: Sealed | None = None
) -> Entry:
    """Keep what names the package, and the list of its files (sealed).

    Args:
        sealed: the one encrypted file it travels as.

    Raises:
        StorageFailedError: it was not recorded; the package gets no name.
    """
    facts: dict[str, Json] = {
        "bytes": sum(digest.bytes for digest in packed.files.values()),
        "files": len(packed.files),
        "kind": PACKED,
        "offer": {
            "entry": offer.leaf.hex(),
            "log": writer.case.settings.origin,
            "seq": offer.seq,
        },
        "package": packed.identity,
        "transfer": offer.facts["number"],
        **(sealed.facts() if sealed else {}),
    }
    more = sealed.sealed() if sealed else {}
    return writer.record(
        EntryType.ANNOTATE,
        facts=facts,
        private={"files": file_items(packed.files), **more},
        exhibits=offer.exhibits,
    )
