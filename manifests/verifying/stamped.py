"""The axis `timestamped`: what the tokens beside the checkpoints prove together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from manifests.entries import Entry
from manifests.verifying.certificates import StampRoots
from manifests.verifying.heads import Head
from manifests.verifying.timestamps import TokenVerdict, judge_token
from manifests.verifying.verdict import Axis, AxisVerdict, Code, Finding, Status

CLOCK_TOLERANCE = timedelta(minutes=5)
RENEWAL_KIND = "timestamps"
_NEVER = datetime.max.replace(tzinfo=UTC)
# A token that is wrong in itself fails; one that only does not count is a remark.
_FAILING = frozenset(
    {Code.TIMESTAMP_MALFORMED, Code.TIMESTAMP_OTHER_BYTES, Code.TIMESTAMP_SIGNATURE}
)


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A token with its place: file name, digest (hex), head and verdict."""

    name: str
    digest: str
    head: Head
    verdict: TokenVerdict

    @property
    def proves(self) -> bool:
        """It holds, and so does the checkpoint it is over."""
        return self.verdict.holds and self.head.holds


def judge_timestamps(
    heads: Sequence[Head],
    entries: int,
    roots: StampRoots,
    *,
    renewals: Sequence[Entry] = (),
    now: datetime | None = None,
) -> tuple[list[Finding], AxisVerdict]:
    """Judge every token of a case, or of a proof.

    Tokens are judged against the case's own note files: a copy of a checkpoint kept
    outside may carry other signatures and so have other bytes.

    Args:
        heads: the checkpoints with what stands beside them; entries: how many the log
            (or the proof's checkpoint) has.
        renewals: `renew` entries, in order.
        roots: the verifier's; with none, what is wrong is still found.
        now: the verifier's present time, to tell which tokens have aged.
    """
    stamps = [
        _Stamp(name, sha256(data).hexdigest(), head, verdict)
        for head in heads
        if not head.outside
        for name, data in head.tokens
        for verdict in (judge_token(data, head.note, roots, now=now),)
    ]
    findings = [*_problems(stamps, roots), *_clocks(stamps), *_aged(stamps, renewals)]
    return findings, _axis(stamps, findings, entries, roots)


def _problems(stamps: list[_Stamp], roots: StampRoots) -> Iterator[Finding]:
    for stamp in stamps:
        code, text = stamp.verdict.code, stamp.verdict.text
        if code is None or (code is Code.TIMESTAMP_UNTRUSTED and not roots.roots):
            continue  # without a root none is trusted: the axis says so once
        fails = code in _FAILING
        yield Finding(Axis.TIMESTAMPED, code, stamp.name, text, fails=fails)


def _clocks(stamps: list[_Stamp]) -> Iterator[Finding]:
    """Tell when an entry's own time is after the time stamp over it."""
    for stamp in stamps:
        latest = stamp.verdict.latest
        if not stamp.proves or latest is None:
            continue
        claimed = _moment(stamp.head.last_time)
        if claimed is not None and claimed > latest + CLOCK_TOLERANCE:
            text = (
                f"An entry it covers states {stamp.head.last_time}, but existed by "
                f"{_shown(latest)}: its clock was wrong, or was set."
            )
            code = Code.TIME_AFTER_STAMP
            yield Finding(Axis.TIMESTAMPED, code, stamp.name, text, fails=False)


def _aged(stamps: list[_Stamp], renewals: Sequence[Entry]) -> Iterator[Finding]:
    """Tell which aged tokens no later one maintains (RFC 4998 5.2)."""
    maintained: set[int] = set()
    order = sorted(range(len(stamps)), key=lambda n: stamps[n].head.size, reverse=True)
    for number in order:  # later heads first: what maintains must itself be maintained
        stamp = stamps[number]
        if not stamp.proves:
            continue
        fresh = [s for n, s in enumerate(stamps) if n in maintained]
        if not stamp.verdict.aged or _is_renewed(stamp, fresh, renewals):
            maintained.add(number)
    for number, stamp in enumerate(stamps):
        if stamp.proves and number not in maintained and stamp.verdict.not_after:
            text = (
                f"Its authority's certificate ended on "
                f"{_shown(stamp.verdict.not_after)} and it was not renewed before: "
                "'custody seal --renew' while the certificates of all tokens are valid."
            )
            code = Code.TIMESTAMP_AGED
            yield Finding(Axis.TIMESTAMPED, code, stamp.name, text, fails=False)


def _is_renewed(stamp: _Stamp, later: list[_Stamp], renewals: Sequence[Entry]) -> bool:
    """Tell whether a token in `later` vouches in time for an entry that covers it."""
    end = stamp.verdict.not_after
    covering = [entry.seq for entry in renewals if _covers(entry, stamp)]
    return end is not None and any(
        other.verdict.latest is not None
        and other.verdict.latest <= end
        and other.head.size > seq
        for other in later
        for seq in covering
    )


def _covers(entry: Entry, stamp: _Stamp) -> bool:
    """Tell whether a `renew` entry names exactly this token over this note."""
    facts = entry.facts
    covers = facts.get("covers")
    if facts.get("kind") != RENEWAL_KIND or facts.get("algorithm") != "sha256":
        return False
    note = sha256(stamp.head.note).hexdigest()
    for item in covers if isinstance(covers, list) else ():
        if not isinstance(item, dict) or item.get("checkpoint") != stamp.head.name:
            continue
        tokens = item.get("tokens")
        named = {"name": stamp.name, "sha256": stamp.digest}
        if item.get("note") == note and isinstance(tokens, list) and named in tokens:
            return True
    return False


def _axis(
    stamps: list[_Stamp], findings: list[Finding], entries: int, roots: StampRoots
) -> AxisVerdict:
    failures = sum(finding.fails for finding in findings)
    if failures:
        text = f"{_counted(failures, 'finding')}; see below."
        return AxisVerdict(Status.FAIL, text)
    proving = [stamp for stamp in stamps if stamp.proves]
    if proving:
        return AxisVerdict(Status.PASS, _passed(proving, len(findings), entries))
    if not stamps:
        text = "No checkpoint carries a time stamp of an outside authority."
    elif not roots.roots:
        text = (
            f"{_counted(len(stamps), 'time stamp')} found, but no authority's root was "
            "given (--tsa-root), so none is trusted."
        )
    else:
        text = f"Of {_counted(len(stamps), 'time stamp')} none counts: see the remarks."
    return AxisVerdict(Status.NOT_CHECKED, text)


def _passed(proving: list[_Stamp], remarks: int, entries: int) -> str:
    """Say up to where the log is stamped, when and by whom."""
    size = max(stamp.head.size for stamp in proving)
    newest = [stamp for stamp in proving if stamp.head.size == size]
    best = min(newest, key=lambda stamp: stamp.verdict.latest or _NEVER)
    verdict = best.verdict
    moment = _shown(verdict.gen_time) if verdict.gen_time else "an unknown time"
    within = f" (to {verdict.accuracy.total_seconds():g} s)" if verdict.accuracy else ""
    text = (
        f"The first {size} of {_counted(entries, 'entry', 'entries')} existed by "
        f"{moment}{within}, according to {verdict.authority}. "
        f"{_counted(len(proving), 'time stamp holds', 'time stamps hold')}."
    )
    if any(stamp.verdict.claims_qualified for stamp in newest):
        text += " It claims to be an EU qualified one; the EU trusted list tells."
    if remarks:
        text += f" {_counted(remarks, 'remark')}; see below."
    return text


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
