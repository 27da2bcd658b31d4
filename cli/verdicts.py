"""How a verdict is shown, whatever was verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cli import output

if TYPE_CHECKING:
    from manifests.verifying.verdict import Verdict

_MARKS = {"pass": "PASS", "fail": "FAIL", "not checked": "not checked"}
_MAX_SHOWN = 50


def print_verdict(
    verdict: Verdict, facts: Sequence[tuple[str, str]], *, counted: str = "Payloads"
) -> None:
    """Print a verdict for a person; `facts` say what was verified.

    Args:
        counted: what the verdict's counts are of.
    """
    output.title("Verdict")
    output.fields(facts)
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
    if counts:
        output.say(f"{counted}: {counts}.")
    output.title("This verdict does not establish")
    for line in verdict.not_established:
        output.say(f"- {line}")


def print_verdict_json(verdict: Verdict, facts: Mapping[str, object]) -> None:
    """Print a verdict as one object; `facts` follow origin, entries and root."""
    output.emit_json(
        "verify",
        {
            "origin": verdict.origin,
            "entries": verdict.size,
            "root": verdict.root,
            **facts,
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
