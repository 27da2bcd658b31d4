"""A report's public figures worked out again from the log it carries.

The log is put into an empty folder, as the manifest of a case of which nothing else is
left, and the report is composed from that with the options it names. What does not
need a sealed record or a payload must come out the same. The rest is stated by the
issuer; what it is, is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from evidence.case import FOLDERS, MANIFEST, Case, unreadable
from evidence.report.attaching import derived
from evidence.report.matching import Matching
from evidence.report.numbering import report_number
from evidence.report.options import withheld
from evidence.report.stated import stated
from evidence.report.variants import STANDARD, VARIANTS
from evidence.report.versions import libraries
from evidence.second import FOLDER as RENEWALS
from evidence.settings import Settings
from evidence.tool import DISTRIBUTION
from manifests import ledger
from manifests.errors import CustodyError
from manifests.verifying.checkpoints import is_companion
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Axis, Code, Finding

if TYPE_CHECKING:
    from evidence.report.attachments import Attachment
    from evidence.report.extras import LongList
    from evidence.report.model import Report
    from evidence.report.recorded import Recorded

_NOTE = re.compile(r"\d{10}\.note", re.ASCII)
_LIST = re.compile(r"\d{10}\.[a-z0-9.-]{1,60}", re.ASCII)
_MAX_TOLD = 50
_SUMMED_NAMES = "not-acquired"  # a list of names, which the log does not hold


@dataclass(frozen=True, slots=True)
class Refigured:
    """What came of it.

    Attributes:
        compared: how many figures and texts were compared.
        stated: what cannot be worked out from the log, in words.
    """

    findings: tuple[Finding, ...]
    compared: int
    stated: tuple[str, ...]


@contextmanager
def embedded_case(
    origin: str, profile: str, files: Mapping[str, bytes]
) -> Iterator[Case]:
    """Yield a case of which only the log and its checkpoints are left.

    Args:
        files: attachments by name; those that belong to no manifest are passed over.

    Raises:
        CaseUnreadableError: the folder could not be written.
    """
    try:
        with TemporaryDirectory(prefix="custody-") as folder:
            path = Path(folder)
            for name in (*FOLDERS, RENEWALS):
                (path / name).mkdir(parents=True, exist_ok=True)
            manifest = path / MANIFEST
            (manifest / ledger.CHECKPOINTS).mkdir(parents=True)
            for name, data in files.items():
                place = _place(path, manifest, name)
                if place is not None:
                    place.write_bytes(data)
            yield Case(path, Settings(origin, profile))
    except OSError as error:
        raise unreadable("The log the report carries", error) from error


def _place(path: Path, manifest: Path, name: str) -> Path | None:
    if name == ledger.ENTRIES:
        return manifest / name
    if _NOTE.fullmatch(name) or is_companion(name):
        return manifest / ledger.CHECKPOINTS / name
    if _LIST.fullmatch(name) and ".." not in name:
        return path / RENEWALS / name
    return None


def refigure(case: Case, recorded: Recorded, files: Mapping[str, bytes]) -> Refigured:
    """Compose the report again from the public log alone, and compare.

    Args:
        files: attachments by name.
    """
    try:
        told, again, lists = _composed(case, recorded)
    except CustodyError as error:
        return _unchecked(error.what)
    except Exception as error:  # noqa: BLE001 - options of hostile input
        return _unchecked(f"What it was asked to show is odd ({type(error).__name__}).")
    matching = Matching(recorded.options, told, again)
    matching.run()
    for one in lists:
        if one.name != f"{_SUMMED_NAMES}.csv" and one.name in files:
            matching.compare_list(files[one.name], one)
    found = [*matching.findings, *_listed(recorded), *_derived(case, recorded, files)]
    words = {s.words for m in matching.stated if (s := stated(recorded.options, m))}
    return Refigured(tuple(found[:_MAX_TOLD]), matching.compared, tuple(sorted(words)))


def _unchecked(reason: str) -> Refigured:
    text = f"Its figures cannot be worked out from the log: {reason}"
    finding = Finding(Axis.CONSISTENT, Code.FIGURES_UNCHECKED, "report.json", text)
    return Refigured((finding,), 0, ())


def _composed(
    case: Case, recorded: Recorded
) -> tuple[Report, Report, tuple[Attachment, ...]]:
    """Return the report told and the one composed again, and its lists in full."""
    from evidence.report.compose import compose
    from evidence.report.summing import summed

    told, options = recorded.report, recorded.options
    # Names of sources and pictures are in inventories and payloads, not in the log.
    plain = replace(options, sources=False, thumbnails=())
    again = compose(case, plain, anchors=Anchors())
    lists: tuple[Attachment, ...] = ()
    if told.extras.lists:
        again, lists = summed(again)  # long lists are files beside the report
    if options.sources:
        kept = [one for one in told.extras.lists if one.name != _SUMMED_NAMES]
        told = replace(told, extras=replace(told.extras, lists=_undigested(kept)))
    else:
        lists_told = _undigested(told.extras.lists)
        told = replace(told, extras=replace(told.extras, lists=lists_told))
    found = _undigested(again.extras.lists)
    again = replace(
        again,
        report_id=_number(recorded),
        tool=told.tool,
        withheld=withheld(options),
        extras=replace(again.extras, lists=found),
    )
    return told, again, lists


def _undigested(lists: Iterable[LongList]) -> tuple[LongList, ...]:
    """Return summaries of lists without digests, which depend on names of persons."""
    return tuple(replace(one, sha256="") for one in lists)


def _listed(recorded: Recorded) -> Iterator[Finding]:
    """Compare the digests printed of long lists with those of the files attached."""
    digests = {one.name: one.sha256 for one in recorded.attachments}
    for one in recorded.report.extras.lists:
        if digests.get(one.file) != one.sha256:
            text = "The digest printed of this list is not that of the file attached."
            yield Finding(Axis.CONSISTENT, Code.FIGURE_WRONG, one.name, text)


def _derived(
    case: Case, recorded: Recorded, files: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Make the files that only say the log again, and compare.

    Another version of the tool may word them otherwise: then it is a remark.
    """
    same = recorded.libraries == libraries()
    text = "It is not what the log gives"
    text += "." if same else ", or was made by another version: compare it by hand."
    code = Code.FIGURE_WRONG if same else Code.FIGURES_UNCHECKED
    for one in derived(case, recorded.report):
        if one.name in files and files[one.name] != one.content:
            yield Finding(Axis.CONSISTENT, code, one.name, text, fails=same)


def _number(recorded: Recorded) -> str:
    """Return the number the report must have by what it says of itself."""
    report = recorded.report
    return report_number(
        recorded.options,
        origin=report.origin,
        size=report.size,
        root=report.root,
        tool=report.tool.removeprefix(f"{DISTRIBUTION} "),
        axes={one.axis: one.status for one in report.axes},
        findings=[(one.code, one.subject) for one in report.findings],
    )


def own_figures(recorded: Recorded) -> list[Finding]:
    """Compare what a report without a log says with what it was asked to show."""
    report, options = recorded.report, recorded.options
    told: list[tuple[str, object, object]] = [
        ("rendered_at", report.rendered_at, options.rendered_at),
        ("language", report.language, options.language),
        ("contact", report.extras.contact, options.contact),
    ]
    variant = VARIANTS.get(options.variant, STANDARD)
    told.append(("variant", report.extras.variant, variant.line))
    if not variant.chosen:
        told += [
            ("classification", report.classification, options.classification),
            ("issuer", report.issuer, options.issuer),
            ("withheld", report.withheld, withheld(options)),
        ]
        if "findings" not in variant.hidden or not report.findings:
            told.append(("report_id", report.report_id, _number(recorded)))
    text = "It is not what the report was asked to show."
    return [
        Finding(Axis.CONSISTENT, Code.FIGURE_WRONG, name, text)
        for name, mine, other in told
        if mine != other
    ]
