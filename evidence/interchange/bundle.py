"""A folder for a court: report, exhibits given, public record, and how to check it.

What goes out is a disclosure: recorded before a byte is outside. Everything is written
into a folder whose name ends in ``.part``, which gets its name last; when anything
fails, nothing of it is left.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path

from evidence.case import MANIFEST, SETTINGS, Case, Settings, unreadable
from evidence.disclosing import Prepared, write_folder
from evidence.errors import OutputExistsError
from evidence.handcheck import shipped
from evidence.interchange.bundle_index import Bundle, Tab, index_page
from evidence.interchange.bundle_pages import pages_of
from evidence.interchange_errors import BundleRefusedError, BundleUnfinishedError
from evidence.report.issued import issued_as
from manifests import canonical, durable, ledger
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import CustodyError

MARK = "court-bundle.json"
FORMAT = "custody-court-bundle-1"
SUMS = "SHA256SUMS"
REPORT = "report.pdf"
EVIDENCE = "evidence"
RECORD = "record"
CHECK = "check.sh"
_TEXTS = ("VERIFY.txt", "verify.sh")
_MAX_REPORT = 1 << 30
_BLOCK = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
_ROOT = "court-bundle"  # folder in the zip, whatever the file is called


@dataclass(frozen=True, slots=True)
class Made:
    """A bundle as it was written.

    Attributes:
        identity: SHA-256 of its `SUMS`, hex: the number that names it.
        files: number of files.
    """

    identity: str
    files: int


def check_report(path: Path) -> None:
    """Refuse what is no PDF, before anything is recorded.

    Raises:
        BundleRefusedError: it is none, or too large, or cannot be read.
    """
    try:
        with ledger.open_plain(path) as stream:
            begins = stream.read(5)
        size = path.stat().st_size
    except OSError as error:
        raise BundleRefusedError(reason="the report cannot be read") from error
    if begins != b"%PDF-" or size > _MAX_REPORT:
        raise BundleRefusedError(reason="the report is no PDF, or longer than 1 GiB")


def bytes_beside(case: Case, report: Path) -> int:
    """Return how much a bundle needs for the report and the record, about.

    Raises:
        CaseUnreadableError: they cannot be looked at.
    """
    files = [report, case.manifest / ledger.ENTRIES]
    try:
        files += (case.manifest / ledger.CHECKPOINTS).iterdir()
        return sum(path.stat().st_size for path in files)
    except OSError as error:
        raise unreadable("The manifest", error) from error


def is_zip(target: Path) -> bool:
    """Tell whether a bundle of this name is packed into one file."""
    return target.suffix.lower() == ".zip"


@contextlib.contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """Make the folder to write into; whatever is left of it in the end is removed.

    Raises:
        OutputExistsError: there is something at `target`, or its unfinished folder.
        StorageFailedError: it cannot be made.
    """
    part = target.with_name(target.name + ".part")
    for path in (target, part):
        if os.path.lexists(path):
            raise OutputExistsError(path=str(path))
    durable.make_folder(part)
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_bundle(
    case: Case,
    prepared: Sequence[Prepared],
    entry: Entry,
    *,
    report: Path,
    part: Path,
    target: Path,
) -> Made:
    """Write a bundle into `part` and call it `target`, a folder or a zip, when whole.

    Args:
        entry: what `evidence.disclosing.record` returned; a checkpoint covers it.

    Raises:
        BundleUnfinishedError: it was not written; the entry stays.
        OutputExistsError: something came to be at `target`.
    """
    try:
        inside = part / EVIDENCE
        evidence = part / f"{EVIDENCE}.part"
        evidence.mkdir(mode=0o700)
        write_folder(case, list(prepared), entry, part=evidence, target=inside)
        _write_record(case, part / RECORD)
        _copy(report, part / REPORT)
        bundle = _bundle(case, prepared, entry, part)
        _write(part / "index.html", index_page(bundle))
        _write(part / MARK, _mark(bundle))
        for name in _TEXTS:
            _write(part / name, _text(name))
        made = _write_sums(part)
        durable.sync_folder(part)
        _name(part, target)
    except OutputExistsError:
        raise
    except (OSError, CustodyError) as error:
        what = error.what if isinstance(error, CustodyError) else error.strerror
        reason = (what or type(error).__name__).rstrip(".")
        raise BundleUnfinishedError(entry=entry.seq, reason=reason) from error
    return made


def _text(name: str) -> bytes:
    folder = resources.files("evidence.interchange").joinpath("texts")
    return folder.joinpath(name).read_bytes()


def _write_record(case: Case, folder: Path) -> None:
    """Copy the public part of the record, laid out as a case is."""
    inner = folder / MANIFEST / ledger.CHECKPOINTS
    inner.mkdir(mode=0o700, parents=True)
    settings = Settings(case.settings.origin, case.settings.profile)
    _write(folder / SETTINGS, settings.to_text().encode("utf-8"))
    _write(folder / CHECK, shipped("verify.sh"))
    for path in sorted((case.manifest / ledger.CHECKPOINTS).iterdir()):
        if not path.name.startswith(durable.TEMPORARY_PREFIX):
            _copy(path, inner / path.name)
    # After the checkpoints: a writer may append meanwhile, and then the log is longer.
    _copy(case.manifest / ledger.ENTRIES, folder / MANIFEST / ledger.ENTRIES)


def _write(path: Path, data: bytes) -> None:
    durable.write_new(path, data)


def _copy(source: Path, target: Path) -> None:
    """Copy a regular file; no link is followed."""
    try:
        stream = ledger.open_plain(source)
    except OSError as error:
        raise unreadable(source.name, error) from error
    with stream, target.open("xb") as copy:
        os.fchmod(copy.fileno(), 0o600)
        shutil.copyfileobj(stream, copy, _BLOCK)
        copy.flush()
        os.fsync(copy.fileno())


def _bundle(
    case: Case, prepared: Sequence[Prepared], entry: Entry, part: Path
) -> Bundle:
    digest = _sha256(part / REPORT)
    count, pages = pages_of(part / REPORT, [p.portion.exhibit for p in prepared])
    acquired = {e.exhibits[0]: e for e in case.entries() if e.type == EntryType.ACQUIRE}
    tabs = [
        Tab(
            number,
            item.expected,
            acquired[item.portion.exhibit],
            tuple(sorted(p.name for p in _files(part, item))),
            pages.get(item.portion.exhibit, ()),
        )
        for number, item in enumerate(prepared, 2)
    ]
    head = max(p.name for p in (part / RECORD / MANIFEST / ledger.CHECKPOINTS).iterdir()
               if p.name.endswith(".note"))  # fmt: skip
    return Bundle(
        case.settings.origin,
        entry,
        tuple(tabs),
        digest,
        count,
        issued_as(case, digest),
        int(head[:10]),
    )


def _files(part: Path, item: Prepared) -> Iterator[Path]:
    return (part / EVIDENCE).glob(f"{item.portion.exhibit}.*")


def _mark(bundle: Bundle) -> bytes:
    exhibits: list[Json] = [tab.expected.id for tab in bundle.tabs]
    value: dict[str, Json] = {
        "entries": bundle.size,
        "entry": {"leaf": bundle.entry.leaf.hex(), "seq": bundle.entry.seq},
        "exhibits": exhibits,
        "format": FORMAT,
        "log": bundle.origin,
        "report": bundle.report_sha256,
    }
    return canonical.encode(value, what="a court bundle") + b"\n"


def _write_sums(part: Path) -> Made:
    lines = [
        f"{_sha256(path)}  {path.relative_to(part).as_posix()}\n"
        for path in _regular(part)
    ]
    data = "".join(lines).encode("ascii")
    _write(part / SUMS, data)
    return Made(sha256(data).hexdigest(), len(lines) + 1)


def _regular(folder: Path) -> list[Path]:
    """Return the files below a folder, sorted by their names inside it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(files, key=lambda path: path.relative_to(folder).as_posix())


def _sha256(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _name(part: Path, target: Path) -> None:
    if os.path.lexists(target):
        raise OutputExistsError(path=str(target))
    if not is_zip(target):
        durable.move_folder(part, target)
        return
    packed = part.with_name(part.name + ".zip")
    try:
        _zip(part, packed)
        durable.sync_file(packed)
        if os.path.lexists(target):
            raise OutputExistsError(path=str(target))
        packed.rename(target)
        durable.sync_folder(target.parent)
    finally:
        packed.unlink(missing_ok=True)


def _zip(folder: Path, target: Path) -> None:
    """Pack a folder; the same files always give the same bytes."""
    with target.open("xb") as stream, zipfile.ZipFile(stream, "w") as archive:
        os.fchmod(stream.fileno(), 0o600)
        for path in _regular(folder):
            name = f"{_ROOT}/{path.relative_to(folder).as_posix()}"
            item = zipfile.ZipInfo(name, _EPOCH)
            item.create_system = 3
            item.external_attr = 0o100600 << 16
            item.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(item, "w") as packed:
                shutil.copyfileobj(source, packed, _BLOCK)
