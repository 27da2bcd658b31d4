"""What came with a hand-over becomes exhibits of the receiver's case.

Payload and inventory are taken byte for byte, so that payload digest and inventory root
are those of the origin; the acquire entry names where it comes from (`lineage`). What
did not match is not taken. The package's own proofs become one more exhibit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from evidence.acquire import DOCUMENT, Request, Work, acquire
from evidence.case import Case, CaseWriter, unreadable
from evidence.copying import PayloadSink, Written
from evidence.enclosed import ReceivedKeys
from evidence.methods import take_files
from evidence.outcome import Outcome
from evidence.parsing.base import Fields
from evidence.sources.files import pack_one
from evidence.transfer.bag import ALGORITHMS, DATA, manifest_name
from evidence.transfer.opening import Opened
from evidence.transfer_errors import PackageMalformedError
from evidence.vault.keyring import Opener, locked
from manifests import disclosure as form
from manifests import ledger
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.merkle import Frontier, leaf_hash
from manifests.proof import MAX_PROOF_BYTES, read_proof
from manifests.sealing import MAX_RECORD_BYTES
from manifests.verifying.expected import AGE, ExpectedExhibit, expected_exhibit

_BLOCK = 1 << 20
KINDS = ("chat", "screenshot", "disk", "files", "document")


@dataclass(frozen=True, slots=True)
class Item:
    """One exhibit of the origin, as it came.

    Attributes:
        entry: its acquire entry; payload: the file that holds its bytes.
        files: all files of the package it is taken from.
        inventory: opens its inventory as it was there; None when only a part, or no
            payload, was given.
        decrypted: opens the plaintext of what is encrypted; None for what is not.
    """

    entry: Entry
    payload: Path
    files: tuple[Path, ...]
    inventory: Callable[[], BinaryIO] | None = None
    decrypted: Callable[[], BinaryIO] | None = None

    @property
    def expected(self) -> ExpectedExhibit:
        """What the origin promised."""
        return expected_exhibit(self.entry)

    def lineage(self, log: str) -> dict[str, Json]:
        """Where it comes from, as the new acquire entry names it."""
        return {
            "entry": self.entry.leaf.hex(),
            "exhibit": self.expected.id,
            "log": log,
            "seq": self.entry.seq,
            "whole": self.inventory is not None,
        }


def items(opened: Opened, opener: Opener = locked) -> list[Item]:
    """Return what can be taken: everything that is as the origin recorded it.

    Args:
        opener: gives the age identities of who takes it, where it is encrypted.
    """
    keys = ReceivedKeys(opened.path / DATA, opener)
    bad = {one.path for one in opened.looked.differences}
    data = opened.path / DATA
    found: list[Item] = []
    content = opened.content
    if content is None:
        return []
    if isinstance(content, tuple):
        case = content[0].opened(opener)
        entries = (e for e in case.entries() if e.type == EntryType.ACQUIRE)
        found += [_of_case(case, entry) for entry in entries]
    else:
        for exhibit, seen in content.exhibits.items():
            found += _disclosed(data, exhibit, seen.reading.exhibit, opened, keys)
    doubted = _doubted(opened)
    return [
        item
        for item in found
        if _is_good(item, opened.path, bad) and item.expected.id not in doubted
    ]


def _doubted(opened: Opened) -> set[str]:
    """Return the exhibits of which the verdict says that something is wrong."""
    findings = opened.verdict.findings if opened.verdict else ()
    return {f.subject.partition(".")[0] for f in findings if f.fails}


def _of_case(case: Case, entry: Entry) -> Item:
    expected = expected_exhibit(entry)
    folder = case.exhibit_folder(expected.id)
    payload = folder / expected.payload_name
    keys = case.keys
    return Item(
        entry,
        payload,
        (payload, folder / expected.inventory_name),
        partial(case.open_inventory, expected.id),
        partial(keys.stream, payload, expected.id)
        if keys is not None and expected.encrypted
        else None,
    )


def _disclosed(
    data: Path,
    exhibit: str,
    expected: ExpectedExhibit,
    opened: Opened,
    keys: ReceivedKeys,
) -> list[Item]:
    with ledger.open_plain(data / form.proof_name(exhibit)) as stream:
        entry = read_proof(stream.read(MAX_PROOF_BYTES + 1)).entry
    payload = data / form.payload_name(exhibit, expected.payload_name)
    whole, chosen = form.inventory_name(exhibit), form.records_name(exhibit)
    present = opened.looked.sizes

    def there(*names: str) -> bool:
        return all(f"{DATA}/{name}" in present for name in names)

    sealed, key = whole + AGE, form.key_name(exhibit)
    if expected.encrypted and there(payload.name, sealed, key):
        files = (payload, data / sealed, data / key)
        opens = partial(keys.of_exhibit, sealed, exhibit)
        plain = partial(keys.of_exhibit, payload.name, exhibit)
        return [Item(entry, payload, files, opens, plain)]
    if expected.encrypted and there(chosen + AGE):
        path = data / (chosen + AGE)
        plain = partial(keys.for_reader, path.name)
        return [Item(entry, path, (path,), decrypted=plain)]
    if there(payload.name, whole) and not expected.encrypted:
        opens = partial(ledger.open_plain, data / whole)
        return [Item(entry, payload, (payload, data / whole), opens)]
    for name in (whole, chosen):
        if there(name):
            return [Item(entry, data / name, (data / name,))]
    return []


def _is_good(item: Item, folder: Path, bad: set[str]) -> bool:
    names = {path.relative_to(folder).as_posix() for path in item.files}
    return not names & bad


def taken_before(entries: Iterable[Entry]) -> dict[str, str]:
    """Return origin entries (leaf hash, hex) to exhibits taken from them before.

    An import that was interrupted goes on with what is missing.
    """
    found: dict[str, str] = {}
    for entry in entries:
        lineage = entry.facts.get("lineage")
        if entry.type == EntryType.ACQUIRE and isinstance(lineage, dict):
            leaf = lineage.get("entry")
            if isinstance(leaf, str) and lineage.get("whole") is True:
                found.setdefault(leaf, entry.exhibits[0])
    return found


def take_item(
    writer: CaseWriter, item: Item, *, log: str, authority: str | None, override: str
) -> str:
    """Take one exhibit into the case; return its number there.

    Raises:
        As `evidence.acquire.acquire`.
    """
    kind = str(item.entry.facts.get("kind"))
    request = Request(
        kind=kind if kind in KINDS else "files",
        sources=(),  # where the package lay says nothing of where it comes from
        category=str(item.entry.facts.get("category") or "content"),
        description=f"handed over from {log}, {item.expected.id}",
        authority=authority,
        override=override,
        lineage=item.lineage(log),
    )
    return acquire(writer, request, lambda work: _copy(work, item)).exhibit


def _copy(work: Work, item: Item) -> Written:
    name = item.expected.payload_name.removesuffix(AGE) if item.inventory else "payload"
    fields: Fields = {"outcome": Outcome.ACQUIRED.value}
    with work.sink(name) as sink:
        if item.decrypted is None:
            fields = pack_one(
                item.payload, sink, progress=work.progress, stop=work.stop
            )
        else:
            _decrypt(item.decrypted, sink)
        written = sink.finish()
    work.account[Outcome(str(fields["outcome"]))] += 1
    expected = item.expected
    promised = (expected.payload_bytes, expected.payload_sha256)
    plain = item.inventory is not None and item.decrypted is None
    if plain and promised != (written.bytes, written.sha256):
        raise _changed(expected.id)
    if item.inventory is None:
        told: Fields = {"kind": "file", "outcome": fields["outcome"]}
        work.emit({**told, "bytes": written.bytes, "sha256": written.sha256})
        return written
    frontier = Frontier()
    try:
        with item.inventory() as stream:
            while line := stream.readline(MAX_RECORD_BYTES + 2):
                frontier.append(leaf_hash(line.removesuffix(b"\n")))
                work.inventory.copy(line.removesuffix(b"\n"))
    except OSError as error:
        raise unreadable("An inventory", error) from error
    if frontier.root().hex() != expected.inventory_root:
        raise _changed(expected.id)
    return written


def _decrypt(opening: Callable[[], BinaryIO], sink: PayloadSink) -> None:
    """Copy a plaintext; every byte of it is authenticated before it is given."""
    try:
        with opening() as stream:
            while block := stream.read(_BLOCK):
                sink.write(block)
    except OSError as error:
        raise unreadable("An encrypted payload", error) from error


def _changed(exhibit: str) -> PackageMalformedError:
    return PackageMalformedError(reason=f"{exhibit} changed while it was read")


def take_proofs(writer: CaseWriter, opened: Opened, number: str) -> str:
    """Take the package's own proofs into the case, as a document.

    Raises:
        As `evidence.acquire.acquire`.
    """
    bad = {one.path for one in opened.looked.differences}
    names = [manifest_name(algorithm, tag=True) for algorithm in ALGORITHMS]
    # Only what is listed, and as listed: nobody else's files are carried along.
    names += [n for n in sorted(opened.looked.listed) if n not in bad and _proves(n)]
    sources = [opened.path / name for name in names]
    request = Request(
        kind=DOCUMENT,
        sources=tuple(sources),
        description="the proofs that came with a hand-over",
        documents=number,
    )
    return acquire(writer, request, take_files).exhibit


def _proves(name: str) -> bool:
    """Tell whether a file of a package proves something, and is no content."""
    disclosed = name == f"{DATA}/{form.NAME}" or name.endswith(".tlog-proof")
    return disclosed or not name.startswith(f"{DATA}/")
