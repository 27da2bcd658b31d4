"""Looking at a case's files so that the verifying core can judge them.

Nothing is written. Links are not followed: a payload replaced by a symbolic link is
reported, never hashed. Everything is looked at in one run, whatever is found first.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256, sha512
from pathlib import Path

from evidence.case import (
    EXHIBITS,
    KEYS,
    PRIVATE,
    Case,
    unreadable,
)
from evidence.errors import CaseUnreadableError
from evidence.examining import jobs, read_all
from evidence.hashing import hash_file
from evidence.held import HeldLog
from evidence.inventory import scan_twice
from evidence.locating import damaged_members
from evidence.recovery import describe
from evidence.second import SecondDigests
from evidence.surroundings import QUARANTINES, look_around
from evidence.unsealing import MAX_PRIVATE_BYTES
from manifests import ledger
from manifests.errors import CustodyError
from manifests.merkle import leaf_hash
from manifests.note import MAX_NOTE_BYTES
from manifests.verifying.checkpoints import is_companion
from manifests.verifying.encrypted import key_files
from manifests.verifying.expected import ExpectedExhibit
from manifests.verifying.heads import MAX_COMPANION_BYTES, Head
from manifests.verifying.judge import Anchors, Seen, SeenFile, SeenInventory, judge
from manifests.verifying.log import LogReader
from manifests.verifying.reading import LogReading
from manifests.verifying.verdict import Finding, Verdict

_MAX_UNLISTED = 1000
_SETTLE_SECONDS = 0.3
_MAX_NAME = 255  # bytes

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict, the reading of the log it rests on, and what was seen."""

    verdict: Verdict
    log: LogReading
    seen: Seen


def check_case(
    case: Case,
    *,
    anchors: Anchors,
    outside: tuple[tuple[str, bytes], ...] = (),
    ca_roots: tuple[bytes, ...] = (),
    decrypt: bool = False,
    progress: Progress | None = None,
    second: bool = False,
    held: HeldLog | None = None,
) -> Checked:
    """Verify a case as it is now.

    Args:
        outside: (name, bytes) of checkpoints kept outside the case.
        ca_roots: trusted CA certificates, DER, for signatures beside checkpoints.
        decrypt: check what is inside of encrypted files, too, with `case.keys`.
        progress: called with the number of payload bytes looked at so far.
        second: hash all that is evidence by SHA-512 as well, whether listed or not.
        held: keeps the entries this verdict is about.

    Raises:
        LockedError: `decrypt` was asked for and no key can be opened.
        CaseUnreadableError: the manifest itself cannot be read.
        NewerFormatError: it was written by a newer version.
    """
    log = read_log(case, outside, held)
    looker = _Looker.of(case, log, progress, second=second)
    if look_around(case, log, looker.second.allowed())[0]:
        # Readers do not block writers: what looks unlisted may be an act that is
        # just being committed. Look once more before saying so.
        time.sleep(_SETTLE_SECONDS)
        log = read_log(case, outside, held)
        looker = _Looker.of(case, log, progress, second=second)
    seen = replace(looker.look(), certified=_certified(log, ca_roots))
    if decrypt:
        from evidence.vault.plaintext import check_plaintext

        seen = replace(seen, opened=check_plaintext(case, log, progress))
    return Checked(judge(log, seen, anchors), log, seen)


def _certified(log: LogReading, ca_roots: tuple[bytes, ...]) -> tuple[Finding, ...]:
    """Judge the CAdES signatures beside checkpoints, each once."""
    own: dict[str, tuple[Head, bytes]] = {}
    for head in sorted(log.heads, key=lambda head: head.outside):
        for name, data in head.cades:
            own.setdefault(name, (head, data))
    if not own:
        return ()
    from evidence.cadescheck import check_cades  # heavy: only where there is one

    found: list[Finding] = []
    for name, (head, data) in sorted(own.items()):
        found += check_cades(data, head.note, ca_roots, name=name)
    return tuple(found)


def read_log(
    case: Case,
    outside: tuple[tuple[str, bytes], ...] = (),
    held: HeldLog | None = None,
) -> LogReading:
    """Read the manifest and its checkpoints as they are now, and nothing else.

    Args:
        held: keeps the entries that were read.

    Raises:
        CaseUnreadableError, NewerFormatError: they cannot be read.
    """
    reader = LogReader(case.settings.origin)
    folder = case.manifest / ledger.CHECKPOINTS
    try:
        for path in _sorted(folder):
            if is_companion(path.name):
                plain = not _problem(path)
                data = _read_bounded(path, MAX_COMPANION_BYTES + 1) if plain else b""
                reader.notes.companion(path.name, data)
        for path in sorted(folder.glob("*.note")):
            plain = not _problem(path)
            data = _read_bounded(path, MAX_NOTE_BYTES + 1) if plain else b""
            reader.checkpoint(path.name, data)
        for name, data in outside:
            reader.checkpoint(name, data, outside=True)
        problem = _problem(case.manifest / ledger.ENTRIES)
        if problem:
            raise CaseUnreadableError(what=ledger.ENTRIES, reason=problem)
        lines = ledger.read_lines(case.manifest / ledger.ENTRIES)
        kept = lines if held is None else held.reading(lines)
        read_all(reader, kept, processes=jobs())
    except OSError as error:
        raise unreadable("The manifest", error) from error
    return reader.finish()


def _sorted(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _read_bounded(path: Path, limit: int) -> bytes:
    with path.open("rb") as stream:
        return stream.read(limit)


def _problem(path: Path) -> str:
    """Return why `path` is not a plain file, "" when it is one.

    Raises:
        FileNotFoundError: there is nothing.
    """
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return "it is a symbolic link"
    return "" if stat.S_ISREG(mode) else "it is not a regular file"


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else type(error).__name__


def _is_name(name: str) -> bool:
    """Tell whether `name` is one file's name, short enough to exist."""
    plain = name not in ("", ".", "..") and not set("/\0") & set(name)
    return plain and len(name.encode("utf-8", "surrogatepass")) <= _MAX_NAME


@dataclass(slots=True)
class _Looker:
    """Collects what is there; one instance a verification."""

    case: Case
    log: LogReading
    progress: Progress | None
    second: SecondDigests
    done: int = 0
    payloads: dict[str, SeenFile] = field(default_factory=dict)
    inventories: dict[str, SeenInventory] = field(default_factory=dict)
    members: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def of(
        cls, case: Case, log: LogReading, progress: Progress | None, *, second: bool
    ) -> _Looker:
        return cls(case, log, progress, SecondDigests(case, log, everything=second))

    def look(self) -> Seen:
        allowed = self.second.allowed()
        unlisted, leftovers = look_around(self.case, self.log, allowed)
        self.second.read_lists()
        for exhibit in self.log.exhibits.values():
            self._payload(exhibit)
            self._inventory(exhibit)
            self._locate(exhibit)
        private, errors = self._private()
        try:
            self.second.finish()
        except OSError as error:
            raise unreadable(ledger.ENTRIES, error) from error
        return Seen(
            payloads=self.payloads,
            inventories=self.inventories,
            private=private,
            private_errors=errors,
            unlisted=tuple(unlisted[:_MAX_UNLISTED]),
            leftovers=tuple(leftovers),
            members=tuple(self.members),
            reports=self._reports(),
            quarantine=self._quarantine(),
            lists=self.second.lists,
            sha512=self.second.found,
            keys=self._key_files(),
        )

    def _key_files(self) -> frozenset[str]:
        """Return which of the expected files in ``keys/`` are there."""
        folder = self.case.path / KEYS
        return frozenset(n for n in key_files(self.log) if (folder / n).is_file())

    def _step(self, base: int) -> Progress | None:
        progress = self.progress
        if progress is None:
            return None
        return lambda count: progress(base + count)

    def _payload(self, exhibit: ExpectedExhibit) -> None:
        path = self.case.exhibit_folder(exhibit.id) / exhibit.payload_name
        name = f"{EXHIBITS}/{exhibit.id}/{exhibit.payload_name}"
        try:
            problem = _problem(path)
            if problem:
                self.payloads[exhibit.id] = SeenFile(error=problem)
                return
            digest = hash_file(
                path,
                progress=self._step(self.done),
                second=self.second.wants(name),
            )
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            self.payloads[exhibit.id] = SeenFile(error=_reason(error))
        except CustodyError as error:
            self.payloads[exhibit.id] = SeenFile(error=str(error.facts.get("reason")))
        else:
            self.payloads[exhibit.id] = SeenFile(digest.bytes, digest.sha256)
            self.second.take(name, digest.sha512)
        self.done += exhibit.payload_bytes

    def _inventory(self, exhibit: ExpectedExhibit) -> None:
        path = self.case.exhibit_folder(exhibit.id) / exhibit.inventory_name
        name = f"{EXHIBITS}/{exhibit.id}/{exhibit.inventory_name}"
        seen, own = SeenInventory(), ""
        try:
            problem = _problem(path)
            if not problem:
                wanted = self.second.wants(name)
                seen, own = _seen_inventory(path, exhibit, second=wanted)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            problem = _reason(error)
        self.second.take(name, own)
        self.inventories[exhibit.id] = replace(seen, error=problem)

    def _locate(self, exhibit: ExpectedExhibit) -> None:
        """Say which members of a damaged, packed payload are damaged."""
        seen = self.payloads.get(exhibit.id)
        inventory = self.inventories.get(exhibit.id)
        if seen is None or seen.error or exhibit.payload_name != "payload.tar":
            return
        if seen.sha256 == exhibit.payload_sha256 or inventory is None:
            return
        if inventory.root != exhibit.inventory_root:
            return  # an altered inventory locates nothing
        folder = self.case.exhibit_folder(exhibit.id)
        found = damaged_members(
            folder / exhibit.payload_name, folder / exhibit.inventory_name
        )
        self.members += [(exhibit.id, word, text) for word, text in found]

    def _private(self) -> tuple[dict[int, bytes], dict[int, str]]:
        found: dict[int, bytes] = {}
        errors: dict[int, str] = {}
        for seq in self.log.private:
            file = self.log.private_files.get(seq)
            path = self.case.private_path(seq, encrypted=file is not None)
            try:
                problem = _problem(path)
                if problem:
                    errors[seq] = problem
                    continue
                data = _read_bounded(path, MAX_PRIVATE_BYTES + 1)
                found[seq] = leaf_hash(data) if file is None else sha256(data).digest()
                name = f"{PRIVATE}/{path.name}"
                if self.second.wants(name):
                    self.second.take(name, sha512(data).hexdigest())
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                errors[seq] = _reason(error)
        return found, errors

    def _reports(self) -> dict[str, str]:
        """Digest every issued report that is still in its place."""
        found: dict[str, str] = {}
        for name in self.log.reports:
            if not _is_name(name):
                continue  # not a name this tool writes: nothing is looked at
            path = self.case.path / "reports" / name
            try:
                found[name] = "" if _problem(path) else hash_file(path).sha256
            except FileNotFoundError:
                continue
            except (OSError, CustodyError):
                found[name] = ""
        return found

    def _quarantine(self) -> dict[str, str]:
        """Digest what recoveries set aside, as they did."""
        found: dict[str, str] = {}
        for name in self.log.quarantined:
            folder, _, base = name.rpartition("/")
            if folder not in QUARANTINES or not _is_name(base):
                continue  # not a name this tool writes: nothing is looked at
            try:
                found[name] = describe(self.case.path, self.case.path / name).text()
            except FileNotFoundError:
                continue
            except (OSError, CustodyError):
                found[name] = ""
        return found


def _seen_inventory(
    path: Path, exhibit: ExpectedExhibit, *, second: bool
) -> tuple[SeenInventory, str]:
    """Return what an inventory is now, and its SHA-512 if that is wanted.

    Raises:
        OSError: it cannot be read.
    """
    if not exhibit.encrypted:
        records, root, own = scan_twice(path, second=second)
        return SeenInventory(records, root), own
    digest = hash_file(path, second=second)
    return SeenInventory(bytes=digest.bytes, sha256=digest.sha256), digest.sha512
