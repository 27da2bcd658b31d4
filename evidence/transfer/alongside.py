"""What stands in a package beside offer and content: older proofs, and a report.

An offer's own checkpoint is minutes old and nobody outside has signed it yet. What
outsiders did sign earlier - time stamps, countersignatures - goes along as proofs of
the exhibits over those checkpoints, so that the receiver holds them, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from evidence.case import Case, unreadable
from evidence.hashing import hash_file
from evidence.proving import make_proofs
from evidence.report.issued import issued_as
from evidence.transfer.bag import Difference, Looked
from evidence.transfer.words import CUSTODY
from evidence.transfer_errors import TransferReportError
from evidence.vault.keyring import FOLDER as KEYS
from manifests import durable, ledger
from manifests.entries import Entry, EntryType
from manifests.errors import CustodyError, MalformedError
from manifests.proof import MAX_PROOF_BYTES, SUFFIX, read_proof
from manifests.verifying.checkpoints import is_companion
from manifests.verifying.heads import COSIGNATURES, TOKEN
from manifests.verifying.judge import Anchors
from manifests.verifying.proof_verdict import judge
from manifests.verifying.proofs import ProofReading, read
from manifests.verifying.verdict import Axis, AxisVerdict, Status

REPORT = "report.pdf"
PROOFS = "proofs"
MAX_REPORT = 1 << 30
MOST_EARLIER = 2  # of one exhibit: with a time stamp, with a countersignature
_NAME = re.compile(
    rf"{CUSTODY}/{PROOFS}/(EX-[0-9]{{4,}})\.([0-9]{{10}}){re.escape(SUFFIX)}", re.ASCII
)
_OUTSIDE = (Axis.TIMESTAMPED, Axis.WITNESSED)
_BEST = (Status.PASS, Status.FAIL, Status.NOT_CHECKED)
_WORST = (Status.FAIL, Status.NOT_CHECKED, Status.PASS)


def earlier_name(exhibit: str, size: int) -> str:
    """Return the path of an older proof of an exhibit, below ``custody/``."""
    return f"{PROOFS}/{exhibit}.{size:010d}{SUFFIX}"


def is_earlier(path: str) -> bool:
    """Tell whether a path in a package is that of an older proof."""
    return _NAME.fullmatch(path) is not None


# -- writing -----------------------------------------------------------------------


def earlier_proofs(
    case: Case, acquired: Mapping[str, int], below: int
) -> dict[str, bytes]:
    """Return proofs of exhibits over older checkpoints that somebody outside signed.

    Of each exhibit: over the newest one with a time stamp, and over the newest one
    with a countersignature, where they are two.

    Args:
        acquired: exhibit to the number of the entry that acquired it.
        below: size of the offer's checkpoint.

    Returns:
        Path below ``custody/`` to a proof file (proof-v1).

    Raises:
        ProofImpossibleError, ...: as `evidence.proving.make_proofs`.
    """
    wanted: dict[int, list[str]] = {}
    for suffix in (TOKEN, COSIGNATURES):
        sizes = _sizes(case, suffix, below)
        for exhibit, seq in acquired.items():
            size = next((size for size in sizes if size > seq), None)
            if size is not None and exhibit not in wanted.setdefault(size, []):
                wanted[size].append(exhibit)
    return {
        earlier_name(exhibit, size): made.data
        for size, exhibits in wanted.items()
        if exhibits
        for exhibit, made in make_proofs(case, exhibits, at=size).items()
    }


def _sizes(case: Case, suffix: str, below: int) -> list[int]:
    """Return the sizes of older checkpoints with such a file beside, newest first."""
    folder = case.manifest / ledger.CHECKPOINTS
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise unreadable(ledger.CHECKPOINTS, error) from error
    found = {
        int(name[:10])
        for name in names
        if name.endswith(suffix) and is_companion(name) and name[:10].isdecimal()
    }
    return sorted((size for size in found if size < below), reverse=True)


def check_report(case: Case, path: Path, *, sealed: bool) -> str:
    """Return the SHA-256 (hex) of a report that may go along.

    Args:
        sealed: the package is encrypted as a whole.

    Raises:
        TransferReportError: it was not issued in this case, or would lie open beside
            what is encrypted.
        CaseUnreadableError: it cannot be read.
    """
    try:
        digest = hash_file(path.resolve()).sha256
    except OSError as error:
        raise unreadable(path.name, error) from error
    if issued_as(case, digest) is None:
        reason = "the manifest of this case names no issued report with these bytes"
        raise TransferReportError(reason=reason)
    if (case.path / KEYS).is_dir() and not sealed:
        reason = "the case is encrypted, and in this package it would lie open"
        raise TransferReportError(reason=reason)
    return digest


def check_report_again(offer: Entry, given: Path | None, part: Path) -> None:
    """Refuse to go on with an offer without the very report it names.

    Args:
        given: the file that was named now; part: the unfinished package.

    Raises:
        TransferReportError: it is missing or another one.
        CaseUnreadableError: it cannot be read.
    """
    wanted, kept = offer.facts.get("report"), part / CUSTODY / REPORT
    if wanted is None:
        if given is not None:
            raise TransferReportError(reason="the offer names none")
        return
    path = given or kept
    if given is None and not kept.is_file():
        raise TransferReportError(reason="its file has to be named again (--report)")
    try:
        digest = hash_file(path.resolve()).sha256
    except OSError as error:
        raise unreadable(path.name, error) from error
    if digest != wanted:
        raise TransferReportError(reason="it is not the report that was offered")


def copy_report(source: Path | None, folder: Path, digest: str) -> None:
    """Copy the report an offer names into a package's ``custody/``; durable.

    Args:
        source: None to rely on what an interrupted try left there.

    Raises:
        TransferReportError: there is no such file, or it is not that report.
        OSError, CustodyError: it cannot be read or written.
    """
    target = folder / REPORT
    if target.is_file():
        if hash_file(target).sha256 == digest:
            return
        target.unlink()
    if source is None:
        raise TransferReportError(reason="its file has to be named again")
    with ledger.open_plain(source.resolve()) as stream:
        data = stream.read(MAX_REPORT + 1)
    if sha256(data).hexdigest() != digest:
        raise TransferReportError(reason="it is not the report that was offered")
    durable.write_new(target, data)


# -- reading -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alongside:
    """What was found beside offer and content.

    Attributes:
        differences: what is not as it should be.
        outside: what the older proofs say of every exhibit at once; {} without any.
    """

    differences: tuple[Difference, ...] = ()
    outside: Mapping[Axis, AxisVerdict] = field(default_factory=dict)


def look_alongside(
    folder: Path,
    looked: Looked,
    offer: Entry,
    acquired: Mapping[str, ProofReading],
    anchors: Anchors,
) -> Alongside:
    """Judge the older proofs and the report of a package.

    Args:
        acquired: what the content proves of each exhibit.

    Raises:
        CaseUnreadableError: a file cannot be read.
    """
    differences = list(_wrong_report(looked, offer))
    said: dict[str, list[Mapping[Axis, AxisVerdict]]] = {e: [] for e in acquired}
    seen = dict.fromkeys(acquired, 0)
    for path in sorted(looked.listed):
        found = _NAME.fullmatch(path)
        if found is None or path not in looked.sizes:
            continue
        exhibit, size = found[1], int(found[2])
        if seen.get(exhibit, MOST_EARLIER) >= MOST_EARLIER:
            # Not read: each costs the signatures and time stamps in it.
            text = "no offer carries so many older proofs, or of exhibits not given"
            differences.append(Difference("new", path, text))
            continue
        seen[exhibit] += 1
        try:
            axes, problems = _judge(folder / path, acquired[exhibit], size, anchors)
        except CustodyError as error:
            axes, problems = {}, [error.what.rstrip(".")]
        differences += [Difference("modified", path, text) for text in problems]
        if not problems:
            said[exhibit].append(axes)
    outside = {axis: _of_all(axis, list(said.values())) for axis in _OUTSIDE}
    told = {axis: verdict for axis, verdict in outside.items() if verdict is not None}
    return Alongside(tuple(differences), told)


def _wrong_report(looked: Looked, offer: Entry) -> Iterator[Difference]:
    path = f"{CUSTODY}/{REPORT}"
    wanted, listed = offer.facts.get("report"), looked.listed.get(path)
    if wanted is None and listed is not None:
        yield Difference("new", path, "the offer names no report")
    elif wanted is not None and (listed is None or listed[0] != wanted):
        yield Difference("modified", path, "it is not the report the offer names")


def _judge(
    path: Path, given: ProofReading, size: int, anchors: Anchors
) -> tuple[Mapping[Axis, AxisVerdict], list[str]]:
    """Judge one older proof; texts say why it does not hold."""
    try:
        with ledger.open_plain(path) as stream:
            data = stream.read(MAX_PROOF_BYTES + 1)
    except OSError as error:
        raise unreadable(path.name, error) from error
    try:
        reading = read(read_proof(data))
    except MalformedError as error:
        return {}, [error.what.rstrip(".")]
    if reading.leaf != given.leaf:
        return {}, ["it proves another entry than that of the exhibit given"]
    if not reading.head.size == size < given.head.size:
        return {}, ["its checkpoint is not the older one its name says"]
    verdict = judge(reading, None, anchors)
    problems = [f"{f.code.value}: {f.text}" for f in verdict.findings if f.fails]
    return verdict.axes, problems


def _of_all(
    axis: Axis, said: Sequence[Sequence[Mapping[Axis, AxisVerdict]]]
) -> AxisVerdict | None:
    """Return what holds of every exhibit; None where one has no older proof."""
    best: list[AxisVerdict] = []
    for proofs in said:
        found = [axes[axis] for axes in proofs]
        if not found:
            return None
        best.append(min(found, key=lambda one: _BEST.index(one.status)))
    if not best:
        return None
    worst = min(best, key=lambda one: _WORST.index(one.status))
    text = f"Of an older checkpoint that covers each exhibit: {worst.explanation}"
    return AxisVerdict(worst.status, text)


def acquired_of(case: Case, names: Sequence[str]) -> dict[str, int]:
    """Return which entry acquired each exhibit."""
    wanted = set(names)
    return {
        entry.exhibits[0]: entry.seq
        for entry in case.entries()
        if entry.type == EntryType.ACQUIRE and wanted.intersection(entry.exhibits)
    }
