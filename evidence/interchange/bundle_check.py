"""Checking a court bundle: its list, the disclosure in it, and the record, in one."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.case import SETTINGS, open_case, unreadable
from evidence.checking import read_log
from evidence.disclosed import CheckedDisclosure, check_disclosure
from evidence.hashing import hash_file
from evidence.interchange.bundle import EVIDENCE, FORMAT, MARK, RECORD, SUMS
from evidence.plain import read_plain
from evidence.vault.keyring import Opener
from manifests import canonical, ledger
from manifests.errors import CustodyError, MalformedError
from manifests.verifying.judge import Anchors
from manifests.verifying.tally import failing
from manifests.verifying.verdict import Axis, AxisVerdict, Code, Finding, Verdict

Progress = Callable[[int], None]
_MAX_SUMS = 64 << 20
_MAX_FILES = 200_000
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._/-]{0,250})")
_WHAT = "a court bundle"
# What a record without exhibits and sealed records still shows.
_RECORD_AXES = (Axis.CONSISTENT, Axis.SIGNED)


@dataclass(frozen=True, slots=True)
class CheckedBundle:
    """The verdict on a bundle and what it rests on.

    Attributes:
        identity: SHA-256 of its list, hex.
        entries: of the record in it.
    """

    verdict: Verdict
    identity: str
    entries: int
    disclosure: CheckedDisclosure


def is_bundle(path: Path) -> bool:
    """Tell whether a path is a folder that means to be a court bundle, and no case."""
    return path.is_dir() and (path / MARK).is_file() and not (path / SETTINGS).exists()


def check_bundle(
    path: Path,
    *,
    anchors: Anchors,
    opener: Opener | None = None,
    progress: Progress | None = None,
) -> CheckedBundle:
    """Verify a court bundle.

    Args:
        opener: opens what is encrypted to whoever verifies; else it stays closed.

    Raises:
        CaseUnreadableError: a part of it cannot be read.
        MalformedError, NewerFormatError: it is not well formed.
    """
    _check_mark(path)
    listed, identity = _listed(path)
    findings = list(_compare(path, listed, progress))
    given = check_disclosure(path / EVIDENCE, anchors=anchors, opener=opener)
    findings += given.verdict.findings
    record = open_case(path / RECORD)
    log = read_log(record)
    findings += [f for f in log.findings if f.axis in _RECORD_AXES]
    findings += _same_record(path, given)
    unique = tuple(dict.fromkeys(findings))
    axes: dict[Axis, AxisVerdict] = {
        axis: failing(axis, unique) or given.verdict.axes[axis] for axis in Axis
    }
    verdict = Verdict(
        origin=given.verdict.origin,
        size=given.verdict.size,
        root=given.verdict.root,
        axes=axes,
        findings=unique,
        counts={"listed": len(listed)},
        not_established=given.verdict.not_established,
    )
    return CheckedBundle(verdict, identity, log.size, given)


def _check_mark(path: Path) -> None:
    value = canonical.decode_object(
        read_plain(path / MARK, 1 << 20).removesuffix(b"\n"),
        what=_WHAT,
        max_bytes=1 << 20,
    )
    if value.get("format") != FORMAT:
        raise MalformedError(what=_WHAT, reason="it is of another form")


def _listed(path: Path) -> tuple[dict[str, str], str]:
    from hashlib import sha256

    data = read_plain(path / SUMS, _MAX_SUMS)
    found: dict[str, str] = {}
    for line in data.decode("ascii", "replace").splitlines():
        match = _LINE.fullmatch(line)
        parts = match[2].split("/") if match else [".."]
        if match is None or ".." in parts or "." in parts or match[2] in found:
            raise MalformedError(what=SUMS, reason="a line is not of its form")
        found[match[2]] = match[1]
        if len(found) > _MAX_FILES:
            raise MalformedError(what=SUMS, reason="it names too many files")
    return found, sha256(data).hexdigest()


def _compare(
    path: Path, listed: Mapping[str, str], progress: Progress | None
) -> Iterator[Finding]:
    """Yield what differs from the list: changed, missing, added, links."""
    left = dict(listed)
    for name, regular in _names(path):
        digest = left.pop(name, None)
        if name == SUMS and regular:
            continue
        if digest is None:
            text = "It is not on the list." if regular else "It is no regular file."
            yield Finding(Axis.COMPLETE, Code.PACKAGE_NEW, name, text)
        elif not regular:
            text = "It is no regular file."
            yield Finding(Axis.INTACT, Code.UNREADABLE, name, text)
        else:
            yield from _hashed(path / name, name, digest, progress)
    for name in left:
        text = "It is on the list and not there."
        yield Finding(Axis.COMPLETE, Code.PACKAGE_MISSING, name, text)


def _hashed(
    path: Path, name: str, digest: str, progress: Progress | None
) -> Iterator[Finding]:
    try:
        found = hash_file(path, progress=progress).sha256
    except (OSError, CustodyError):
        text = "It cannot be read."
        yield Finding(Axis.INTACT, Code.UNREADABLE, name, text)
        return
    if found != digest:
        text = "Its SHA-256 is not the listed one."
        yield Finding(Axis.INTACT, Code.PACKAGE_MODIFIED, name, text)


def _names(folder: Path, below: str = "") -> Iterator[tuple[str, bool]]:
    """Yield every name below a folder but folders', and whether it is a file."""
    if below.count("/") > 8:
        raise MalformedError(what=_WHAT, reason="folders stand too deep in it")
    try:
        with os.scandir(folder / below) as items:
            found = sorted(items, key=lambda item: item.name)
        for item in found:
            mode = item.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                yield from _names(folder, f"{below}{item.name}/")
            else:
                yield f"{below}{item.name}", stat.S_ISREG(mode)
    except OSError as error:
        raise unreadable(below or folder.name, error) from error


def _same_record(path: Path, given: CheckedDisclosure) -> Iterator[Finding]:
    """The disclosure must stand in the very record that lies beside it."""
    act = given.disclosure.act
    try:
        lines = ledger.read_lines(path / RECORD / "manifest" / ledger.ENTRIES)
        own = next((n for n, line in enumerate(lines) if line[:-1] == act.line), None)
    except OSError as error:
        raise unreadable(ledger.ENTRIES, error) from error
    if own != act.index:
        text = "The record beside it does not hold the entry of this disclosure."
        yield Finding(Axis.CONSISTENT, Code.NOT_INCLUDED, MARK, text)
