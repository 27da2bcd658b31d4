"""What level of signature and time a report's record reached, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from manifests.checkpoint import PostQuantum
from manifests.keys import Algorithm
from manifests.verifying.verdict import Axis

if TYPE_CHECKING:
    from evidence.checking import Checked
    from evidence.report.options import Options
    from manifests.entries import Entry

_SCHEMES = {Algorithm.ED25519: "Ed25519", Algorithm.P256: "ECDSA P-256"}
_UNSIGNED = "This report itself is not electronically signed."
_TO_BE_SIGNED = (
    "This report is made to be signed with a PAdES signature of level {level}; whether "
    "it was, by whom, and what was reached is shown by the reader's program and by "
    "'custody verify', not by this page."
)
_NOT_QUALIFIED = (
    "That any of these signatures is a qualified electronic signature or seal in the "
    "sense of Regulation (EU) No 910/2014 is not established; those made with keys in "
    "files are not."
)


def level(checked: Checked, options: Options) -> str:
    """Say what level of signature, time and countersignature was really reached."""
    log, axes = checked.log, checked.verdict.axes
    used = {warrant.key.algorithm for warrant in log.warrants}
    schemes = " and ".join(_SCHEMES[a] for a in Algorithm if a in used) or "no known"
    held = log.post_quantum.get(PostQuantum.HOLDS, 0)
    beside = f" {held} checkpoint(s) carry an ML-DSA-44 signature, too." if held else ""
    own = _TO_BE_SIGNED.format(level=options.pades) if options.pades else _UNSIGNED
    return (
        f"Entries and checkpoints are signed with {schemes} keys held by the persons "
        f"named.{beside} Time stamps: {axes[Axis.TIMESTAMPED].explanation} "
        f"Countersignatures: {axes[Axis.WITNESSED].explanation} {own} {_NOT_QUALIFIED}"
    )


def given_time(options: Options, entries: list[Entry]) -> tuple[str, ...]:
    """Say that the printed time of verification is nobody's clock."""
    if not options.time_given:
        return ()
    text = (
        f"When this verification was made: the time printed, {options.rendered_at}, "
        "was given by the person who made the report, not read from a clock."
    )
    # The first 19 characters are date and time to the second in both forms.
    later = sum(entry.time[:19] > options.rendered_at[:19] for entry in entries)
    if later:
        text += f" It cannot be right: {later} of the entries covered are later."
    return (text,)
