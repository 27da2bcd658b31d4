"""`custody verify`: the verdict on a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, session_options

if TYPE_CHECKING:
    from evidence.checking import Checked
    from manifests.verifying.judge import Anchors
    from manifests.verifying.verdict import Axis

_PATH = click.Path(path_type=Path, exists=True, dir_okay=False)
_MARKS = {"pass": "PASS", "fail": "FAIL", "not checked": "not checked"}
_MAX_SHOWN = 50


@click.command(name="verify")
@click.argument(
    "folder", metavar="[CASE]", required=False, type=click.Path(path_type=Path)
)
@click.option(
    "--trust",
    "trusted",
    type=_PATH,
    multiple=True,
    help="Public identity you hold to be genuine (repeatable).",
)
@click.option(
    "--checkpoint",
    "checkpoints",
    type=_PATH,
    multiple=True,
    help="Checkpoint kept outside the case (repeatable).",
)
@click.option(
    "--require",
    metavar="AXES",
    default="",
    help="Axes that must pass, e.g. trusted,timestamped,witnessed.",
)
@session_options
@click.pass_obj
def command(
    session: Session,
    folder: Path | None,
    trusted: tuple[Path, ...],
    checkpoints: tuple[Path, ...],
    require: str,
) -> int:
    """Verify a case on several axes and say what was not checked.

    Nothing is written, no key and no network is needed. All findings of one run are
    shown.

    \b
    EXIT STATUS
      0   no axis failed (and all required ones passed)
      10  intact   11  complete   12  consistent
      20  signed   21  trusted    22  timestamped   23  witnessed
    """
    from evidence.checking import check_case

    required = _axes(require)
    if folder is not None:
        session.case = folder
    opened = session.open_case()
    meter = output.Meter("verifying", on=not session.quiet and not session.as_json)
    try:
        checked = check_case(
            opened,
            anchors=_anchors(session, trusted),
            outside=tuple((p.name, p.read_bytes()[: 1 << 20]) for p in checkpoints),
            progress=meter,
        )
    finally:
        meter.close()
    (_print_json if session.as_json else _print)(checked)
    return checked.verdict.exit_code(required)


def _axes(text: str) -> frozenset[Axis]:
    from manifests.verifying.verdict import Axis

    names = [name.strip() for name in text.split(",") if name.strip()]
    try:
        return frozenset(Axis(name) for name in names)
    except ValueError as error:
        known = ", ".join(axis.value for axis in Axis)
        raise click.UsageError(f"--require knows these axes: {known}.") from error


def _anchors(session: Session, trusted: tuple[Path, ...]) -> Anchors:
    """Trust comes from the verifier's side: files given now, and the own key store."""
    from evidence.identity import Identity
    from manifests.verifying.judge import Anchors

    given = [Identity.from_bytes(path.read_bytes()[: 1 << 16]) for path in trusted]
    known = [] if trusted else session.store().list()
    return Anchors(
        frozenset(identity.key for identity in given),
        frozenset(identity.key for identity in known),
    )


def _print_json(checked: Checked) -> None:
    verdict = checked.verdict
    output.emit_json(
        "verify",
        {
            "origin": verdict.origin,
            "entries": verdict.size,
            "root": verdict.root,
            "exhibits": len(checked.log.exhibits),
            "axes": {
                axis.value: {"status": result.status.value, "why": result.explanation}
                for axis, result in verdict.axes.items()
            },
            "counts": verdict.counts,
            "findings": [
                {
                    "axis": finding.axis.value,
                    "code": finding.code.value,
                    "subject": finding.subject,
                    "text": finding.text,
                    "fails": finding.fails,
                }
                for finding in verdict.findings
            ],
            "not_established": verdict.not_established,
        },
    )


def _print(checked: Checked) -> None:
    verdict = checked.verdict
    output.title("Verdict")
    output.fields(
        [
            ("log origin", verdict.origin),
            ("entries", str(verdict.size)),
            ("root", verdict.root),
            ("exhibits", str(len(checked.log.exhibits))),
        ]
    )
    rows = [
        [axis.value, _MARKS[result.status.value], result.explanation]
        for axis, result in verdict.axes.items()
    ]
    output.table(["axis", "status", "why"], rows)
    if verdict.findings:
        output.title("Findings")
        found = [[f.code.value, f.subject, f.text] for f in verdict.findings]
        output.table(["code", "subject", "what"], found[:_MAX_SHOWN])
        if len(found) > _MAX_SHOWN:
            output.say(f"... and {len(found) - _MAX_SHOWN} more; see --json.")
    counts = ", ".join(f"{word} {number}" for word, number in verdict.counts.items())
    output.say(f"Payloads: {counts}.")
    output.title("This verdict does not establish")
    for line in verdict.not_established:
        output.say(f"- {line}")
