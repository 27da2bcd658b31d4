"""`custody lint`: identifiers of people in what is about to leave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from evidence.case import Case
    from evidence.lint.findings import Finding, Result

_SHOWN = 200  # findings listed in words; --json has all


@click.command(name="lint")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--allow",
    multiple=True,
    metavar="FINDING",
    help="Let this finding stand (F-...); may be given again. Needs --reason.",
)
@click.option("--reason", help="Why findings may stand; recorded, sealed.")
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session,
    paths: tuple[Path, ...],
    allow: tuple[str, ...],
    reason: str | None,
) -> int:
    """Look for people's identifiers in files, folders, packages, PDFs, or the case.

    Looked for are the names, phones, addresses, positions, numbers and devices of the
    case's register of persons, its participants, places and machines, and those of
    this machine: in text, metadata, attachments, archives and names, also
    transliterated, spaced or wrapped. Without PATH, what is public of the case itself.
    A finding names whose identifier it is and where, never the identifier.

    \b
    EXIT STATUS
      0 none found; 34 found; 3 none found, but not everything could be searched
    """
    from evidence.lint.gathering import gather
    from evidence.lint.leaving import allowed_findings
    from evidence.lint.linting import Search

    if bool(allow) != bool(reason and reason.strip()):
        raise click.UsageError("Give --allow and --reason together.")
    case = _case(session, paths)
    wanted = paths or (case.path,)
    _check(wanted)
    gathered = gather(case)
    search = Search(gathered.identifiers, allowed_findings(case))
    result = search.paths(wanted)
    result.problems += gathered.problems
    if allow and reason:
        _allow(session, case, result, set(allow), reason)
    _tell(session, result, len(gathered.identifiers))
    return result.exit_code


def _case(session: Session, paths: tuple[Path, ...]) -> Case:
    """Open the case whose people are meant: a PATH that is one, if no other is."""
    from evidence.case import SETTINGS, open_case

    if session.case is None and not (session.case_path() / SETTINGS).is_file():
        for path in paths:
            if (path / SETTINGS).is_file():
                return open_case(path)
    return session.open_case()


def _check(paths: tuple[Path, ...]) -> None:
    from evidence.errors import SourceMissingError

    for number, path in enumerate(paths, 1):
        try:
            path.lstat()
        except OSError as error:
            # The path may hold a name: it is told by its number.
            raise SourceMissingError(path=f"PATH number {number}") from error


def _allow(
    session: Session, case: Case, result: Result, wanted: set[str], reason: str
) -> None:
    from dataclasses import replace

    from evidence.lint.leaving import let_through
    from evidence.people_errors import FindingUnknownError

    chosen = [finding for finding in result.findings if finding.id in wanted]
    missing = wanted - {finding.id for finding in chosen}
    if missing:
        shown = min(missing)
        known = shown.startswith("F-") and shown[2:].isalnum() and len(shown) == 18
        raise FindingUnknownError(finding=shown if known else "of that form")
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        let_through(writer, chosen, reason)
    result.findings = [
        replace(finding, allowed=finding.allowed or finding.id in wanted)
        for finding in result.findings
    ]


def _tell(session: Session, result: Result, sought: int) -> None:
    if session.as_json:
        output.emit_json("lint", _value(result, sought))
        return
    for finding in result.findings[:_SHOWN]:
        times = f", {finding.count} times" if finding.count > 1 else ""
        output.say(
            f"{_word(finding)}  {finding.id}  {finding.subject()}: "
            f"{finding.where()}{times}"
        )
    if len(result.findings) > _SHOWN:
        output.say(f"... and {len(result.findings) - _SHOWN:,} more (see --json).")
    for unread in result.unread:
        output.say(f"NOT READ  {unread.where()}")
    for problem in result.problems:
        output.say(f"NOT LOOKED FOR  {problem}")
    for limit in sorted(result.limits):
        output.say(f"Limit: {limit}")
    output.say(
        f"{result.files} file(s) searched for {sought} identifier(s): "
        f"{len(result.blocking)} found, {len(result.unread)} not read."
    )


def _word(finding: Finding) -> str:
    if finding.allowed:
        return "allowed "
    return "doubtful" if finding.doubtful else "FOUND   "


def _value(result: Result, sought: int) -> dict[str, object]:
    return {
        "files": result.files,
        "identifiers": sought,
        "findings": [
            {
                "id": f.id,
                "kind": f.kind,
                "of": f.of,
                "number": f.number,
                "file": f.file,
                "place": f.place,
                "offset": f.offset,
                "count": f.count,
                "doubtful": f.doubtful,
                "allowed": f.allowed,
            }
            for f in result.findings
        ],
        "unread": [
            {"file": u.file, "place": u.place, "reason": u.reason}
            for u in result.unread
        ],
        "not_looked_for": result.problems,
        "limits": sorted(result.limits),
        "blocks": bool(result.exit_code),
    }
