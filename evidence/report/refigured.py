"""A report's public figures worked out again from the log it carries.

The log is put into an empty folder, as the manifest of a case of which nothing else is
left, and the report is composed from that with the options it names. What does not
need a sealed record or a payload must come out the same. The rest is stated by the
issuer; what it is, is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from evidence.case import FOLDERS, MANIFEST, Case, unreadable
from evidence.second import FOLDER as RENEWALS
from evidence.settings import Settings
from manifests import ledger
from manifests.errors import CustodyError
from manifests.verifying.checkpoints import is_companion
from manifests.verifying.judge import Anchors
from manifests.verifying.verdict import Axis, Code, Finding

if TYPE_CHECKING:
    from evidence.report.options import Options
    from evidence.report.recorded import Recorded

_NOTE = re.compile(r"\d{10}\.note", re.ASCII)
_LIST = re.compile(r"\d{10}\.[a-z0-9.-]{1,60}", re.ASCII)
_MAX_TOLD = 50
# May rest on a sealed record, on payloads, or on what the issuer knew: by type, field.
_STATED: Mapping[str, frozenset[str]] = {
    "Report": frozenset(
        {
            "report_id", "tool", "case_id", "title", "synthetic", "classification",
            "issuer", "supersedes", "axes", "findings", "level", "not_established",
            "checks", "corrections", "attachments", "extras", "withheld",
        }
    ),
    "Person": frozenset({"name", "organisation", "role"}),
    "Exhibit": frozenset({"description", "examiner"}),
    "Event": frozenset({"actor"}),
    "Statement": frozenset({"author", "text", "remark"}),
    "LabelLine": frozenset({"author"}),
    "CaseworkLine": frozenset({"author", "texts"}),
    "AccessLine": frozenset({"who"}),
    "HandOver": frozenset({"party"}),
}  # fmt: skip
# Said by the verifying core itself, or worked out from the file elsewhere.
_TOLD_ELSEWHERE = frozenset(
    {"Report.attachments", "Report.axes", "Report.findings", "Report.not_established"}
)
_WORDS = {
    "Report.report_id": "the report's number",
    "Report.tool": "the version of the tool",
    "Report.case_id": "the reference of the proceedings",
    "Report.title": "the title of the case",
    "Report.level": "the level reached when it was made",
    "Report.issuer": "who issued it",
    "Report.classification": "the classification",
    "Report.checks": "comparisons with laws",
    "Report.conditions": "the words of conditions",
    "Report.corrections": "who was told of corrections",
    "Report.casework": "decisions and the matrix",
    "Report.not_acquired": "what was not acquired, by name",
    "Person.name": "names of persons",
    "Person.organisation": "organisations",
    "Person.role": "roles of persons",
    "Exhibit.description": "descriptions of exhibits",
    "Exhibit.examiner": "who examined",
    "Exhibit.source": "sources of exhibits",
    "Authority.reference": "references of authorities",
    "Authority.issued_by": "who issued authorities",
    "Event.actor": "who acted, by name",
    "Statement.author": "who stated facts",
    "Statement.text": "words of facts and assessments",
    "Statement.remark": "remarks on facts",
}
_WITH_SOURCES: Mapping[str, frozenset[str]] = {
    "Report": frozenset({"not_acquired", "conditions"}),
    "Exhibit": frozenset({"source"}),
    "Authority": frozenset({"reference", "issued_by"}),
}
_WITH_DECISIONS: Mapping[str, frozenset[str]] = {"Report": frozenset({"casework"})}


def may_be_stated(options: Options, kind: str, field: str) -> bool:
    """Tell whether a member may rest on what the public log does not hold."""
    tables = [_STATED]
    if options.sources:
        tables.append(_WITH_SOURCES)
    if options.decisions or options.matrix:
        tables.append(_WITH_DECISIONS)
    return any(field in table.get(kind, ()) for table in tables)


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


def refigure(case: Case, recorded: Recorded) -> Refigured:
    """Compose the report again from the public log alone, and compare."""
    from evidence.report.compose import compose
    from evidence.report.summing import summed

    try:
        # Names of sources and pictures are in inventories and payloads, not in the log.
        options = replace(recorded.options, sources=False, thumbnails=())
        again = compose(case, options, anchors=Anchors())
    except CustodyError as error:
        text = f"Its figures cannot be worked out from the log: {error.what}"
        finding = Finding(Axis.CONSISTENT, Code.FIGURES_UNCHECKED, "report.json", text)
        return Refigured((finding,), 0, ())
    if len(again.events) != len(recorded.report.events):
        again = summed(again)[0]  # long lists are files beside the report
    comparison = _Comparison(recorded.options)
    comparison.compare(recorded.report, again, "")
    return Refigured(
        tuple(comparison.findings[:_MAX_TOLD]),
        comparison.compared,
        tuple(sorted(_WORDS.get(name, name) for name in comparison.stated)),
    )


class _Comparison:
    """Walks two models side by side."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.findings: list[Finding] = []
        self.compared = 0
        self.stated: set[str] = set()

    def compare(self, told: object, found: object, where: str) -> None:
        """Compare two values of one place."""
        if is_dataclass(told) and type(told) is type(found):
            kind = type(told).__name__
            for field in fields(told):
                place = f"{where}.{field.name}" if where else field.name
                mine, other = getattr(told, field.name), getattr(found, field.name)
                if mine != other and may_be_stated(self._options, kind, field.name):
                    self.stated |= {f"{kind}.{field.name}"} - _TOLD_ELSEWHERE
                else:
                    self.compare(mine, other, place)
        elif isinstance(told, tuple) and isinstance(found, tuple):
            if len(told) != len(found):
                self._differ(where, f"{len(told)} lines", f"{len(found)}")
            for number, (one, other) in enumerate(zip(told, found, strict=False)):
                self.compare(one, other, f"{where}[{number}]")
        else:
            self.compared += 1
            if told != found:
                self._differ(where, _short(told), _short(found))

    def _differ(self, where: str, told: str, found: str) -> None:
        text = f"The report says {told}; the log it carries says {found}."
        finding = Finding(Axis.CONSISTENT, Code.FIGURE_WRONG, where, text)
        self.findings.append(finding)


def _short(value: object) -> str:
    text = " ".join(str(value).split())
    return f"'{text[:120]}...'" if len(text) > 120 else f"'{text}'"
