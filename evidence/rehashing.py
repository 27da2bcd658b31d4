"""Renewing digests before SHA-256 ages (RFC 4998 5.3): a list, and an entry for it.

All that is evidence is checked as `custody verify` checks it, and hashed by SHA-512 in
the same read. The list is durable before the entry that names it; a list without its
entry is a leftover, which the next opening sets aside.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256, sha512
from pathlib import Path

from evidence.case import Case, CaseWriter, unreadable
from evidence.checking import Progress, check_case
from evidence.errors import RehashRefusedError
from evidence.second import FOLDER, prefixes
from evidence.signals import held
from manifests import durable, ledger
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError, RecordUnclearError
from manifests.verifying.judge import Anchors
from manifests.verifying.rehashed import (
    KIND,
    MAX_LIST_BYTES,
    PREFIX,
    read_lines,
    token_owner,
)
from manifests.verifying.verdict import Finding, Verdict

SUFFIX = ".sha512"
_MAX_LISTED_LINES = 2  # findings told in a refusal


@dataclass(frozen=True, slots=True)
class Rehashed:
    """A renewal of digests.

    Attributes:
        list: the list's file name; sha512: of the list, hex.
        files, bytes: listed, without the log; entries: the list covers.
    """

    list: str
    sha512: str
    files: int
    bytes: int
    entries: int

    @classmethod
    def of(cls, entry: Entry) -> Rehashed:
        """Return what an entry just made says."""
        facts = entry.facts
        return cls(
            str(facts["list"]),
            str(facts["sha512"]),
            int(str(facts["files"])),
            int(str(facts["bytes"])),
            entry.seq,
        )


def rehash(writer: CaseWriter, *, progress: Progress | None = None) -> Rehashed:
    """Check the case, write the list of its SHA-512 digests, and record it.

    Raises:
        RehashRefusedError: the case does not verify, or cannot be listed.
        StorageFailedError: it was not recorded; the list is gone again.
        RecordUnclearError: the next opening decides.
    """
    case, size = writer.case, writer.log.size
    checked = check_case(case, anchors=Anchors(), progress=progress, second=True)
    _refuse(checked.verdict)
    if checked.log.size != size:
        raise RehashRefusedError(reason="the manifest changed while it was read")
    found = {n: d for n, d in checked.seen.sha512.items() if not n.startswith(PREFIX)}
    if not all(found.values()):
        name = next(name for name, digest in found.items() if not digest)
        raise RehashRefusedError(reason=f"{name} cannot be read")
    try:
        data = _list(prefixes(case, [size])[size], found)
        total = sum((case.path / name).lstat().st_size for name in found)
    except OSError as error:
        raise unreadable(ledger.ENTRIES, error) from error
    facts: dict[str, Json] = {
        "algorithm": "sha512",
        "bytes": total,
        "entries": size,
        "files": len(found),
        "kind": KIND,
        "list": f"{size:010d}{SUFFIX}",
        "sha256": sha256(data).hexdigest(),
        "sha512": sha512(data).hexdigest(),
    }
    return Rehashed.of(_commit(writer, data, facts))


def _refuse(verdict: Verdict) -> None:
    """Raise unless nothing fails: a second digest of what is wrong would vouch for it.

    Raises:
        RehashRefusedError: something fails.
    """
    failing = [finding for finding in verdict.findings if finding.fails]
    if failing:
        told = ", ".join(_told(finding) for finding in failing[:_MAX_LISTED_LINES])
        more = len(failing) - _MAX_LISTED_LINES
        rest = f" and {more} more" if more > 0 else ""
        raise RehashRefusedError(reason=f"{told}{rest}")


def _told(finding: Finding) -> str:
    return f"{finding.code.value} ({finding.subject})"


def _list(prefix: str, found: Mapping[str, str]) -> bytes:
    """Return the bytes of a list, read back before anybody stores them."""
    lines = [f"{prefix}  {PREFIX}\n"]
    lines += [f"{digest}  {name}\n" for name, digest in sorted(found.items())]
    data = "".join(lines).encode("ascii", "replace")
    if len(data) > MAX_LIST_BYTES:
        raise RehashRefusedError(reason="it has more files than a list can name")
    try:
        again = dict(read_lines(data.splitlines(keepends=True)))
    except MalformedError as error:
        raise RehashRefusedError(reason=str(error.facts["reason"])) from error
    if again != {PREFIX: prefix, **found}:
        raise RehashRefusedError(reason="its files have names that a list cannot hold")
    return data


def _commit(writer: CaseWriter, data: bytes, facts: Mapping[str, Json]) -> Entry:
    case, system = writer.case, writer.log.system
    folder = case.path / FOLDER
    path = folder / str(facts["list"])
    with held():
        if not folder.is_dir():
            durable.make_folder(folder, system=system)
        durable.write_new(path, data, system=system)
        try:
            return writer.record(EntryType.RENEW, facts=facts)
        except RecordUnclearError:
            raise
        except BaseException:
            with contextlib.suppress(OSError):  # else the next opening sets it aside
                system.unlink(str(path))
            raise


def newest_unstamped(case: Case, entries: int) -> Iterator[str]:
    """Yield the name of the newest list, if no time stamp stands over it.

    Args:
        entries: of the manifest; a list with a higher number is a leftover.
    """
    folder = case.path / FOLDER
    if not folder.is_dir():
        return
    names = sorted(path.name for path in folder.iterdir())
    lists = [n for n in names if Path(n).suffix == SUFFIX and n[:10].isdigit()]
    owned = [name for name in lists if int(name[:10]) < entries]
    if owned and int(owned[-1][:10]) not in {token_owner(name) for name in names}:
        yield owned[-1]
